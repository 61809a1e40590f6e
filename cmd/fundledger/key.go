package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/whole"
)

type keyCmd struct {
	CheckpointKey string `help:"The file of the key that signs checkpoints. Left out: that of the data folder. / 检查点签名密钥的文件；缺省为数据目录中的" placeholder:"FILE" env:"FUNDLEDGER_CHECKPOINT_KEY"`
	Public        string `help:"Write its verifier key into this file, for a witness. Earlier ones in it stay, for what they signed. / 把验证公钥写入此文件，供见证者使用；文件中先前的公钥保留" type:"path" placeholder:"FILE"`
}

// Run makes the key that signs checkpoints, where there is none, and prints its verifier key: a witness needs it before the service starts.
func (c *keyCmd) Run(ctx context.Context, s *Settings) error {
	in := &infrastructure{dir: s.Data, fund: domain.FundID(s.Fund)}
	if in.fund == "" {
		in.fund = defaultFund
		if kept, err := os.ReadFile(filepath.Join(in.dir, fundFile)); err == nil {
			in.fund = domain.FundID(strings.TrimSpace(string(kept)))
		}
	}
	key, _, err := s.signingKey(ctx, in, Proving{CheckpointKey: c.CheckpointKey}.keyPath(in))
	if err != nil {
		return err
	}
	if err := publish(c.Public, key.Verifier); err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.stdout, key.Verifier)
	return err
}

// publish puts a verifier key at the end of a file, unless it is in it; "": nowhere.
func publish(path, verifier string) error {
	if path == "" {
		return nil
	}
	kept, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("publishing the verifier key: %w", err)
	}
	for line := range strings.Lines(string(kept)) {
		if strings.TrimSpace(line) == verifier {
			return nil
		}
	}
	if kept = bytes.TrimSpace(kept); len(kept) > 0 {
		kept = append(kept, '\n')
	}
	if err := whole.Replace(path, 0o644, whole.Text(append(kept, verifier+"\n"...))); err != nil {
		return fmt.Errorf("publishing the verifier key: %w", err)
	}
	return nil
}

// verifierKeys are keys as they were given: each a key, or @FILE for those in a file, one a line. A variable holds one text only, so one text
// may have several, with a space between them; no key and no name of one has any.
func verifierKeys(given ...string) ([]string, error) {
	var keys []string
	for _, text := range given {
		list := strings.Fields(text)
		if file, ok := strings.CutPrefix(text, "@"); ok && present(file) {
			list = []string{text} // its name may have spaces
		}
		for _, one := range list {
			file, ok := strings.CutPrefix(one, "@")
			if !ok {
				keys = append(keys, one)
				continue
			}
			content, err := os.ReadFile(file)
			if err != nil {
				return nil, fmt.Errorf("reading verifier keys: %w", err)
			}
			inside := strings.Fields(string(content))
			if len(inside) == 0 {
				return nil, fmt.Errorf("there is no verifier key in %s", file)
			}
			keys = append(keys, inside...)
		}
	}
	return keys, nil
}
