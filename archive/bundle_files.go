package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// bundleWithFiles is the format of a bundle that has the contents of attachments, as far as they are kept.
const bundleWithFiles = "fundledger-bundle-4"

// submits reports whether a record is of an event that may name files.
func submits(r eventstore.Record) bool {
	return strings.Join(r.Header["ce-type"], "") == wire.EventType(domain.ApplicationSubmitted{}.Name())
}

// writeAttachments writes the contents that the events name. One that is not kept is left out: who verifies the bundle is told.
func (b *packer) writeAttachments(ctx context.Context) error {
	if b.packing.Files == nil {
		return nil
	}
	for _, hash := range b.named.Sorted() {
		content, err := b.packing.Files.Get(ctx, hash)
		if errors.Is(err, eventstore.ErrNotFound) || errors.Is(err, eventstore.ErrDamaged) {
			continue
		}
		if err != nil {
			return err
		}
		if err := b.file(folderAttachments+hash, func(w io.Writer) error { _, err := io.Copy(w, bytes.NewReader(content)); return err }); err != nil {
			return err
		}
	}
	return nil
}

// names are the files of the bundle, in their order.
func (b *Bundle) names() (list []string) {
	for _, name := range bundleFiles {
		switch {
		case name == folderAttachments:
			list = append(list, b.attached...)
		case b.files[name] != nil:
			list = append(list, name)
		}
	}
	return list
}

// attachments holds the contents in the bundle against the events: each is named by one, and is what its name says.
func (v *bundleCheck) attachments(ctx context.Context) error {
	named := audit.Named{}
	err := v.bundle.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			if !submits(r) {
				continue
			}
			e, err := wire.Decode(r)
			if err != nil {
				return err
			}
			named.Take(r.Seq, e.Event)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range v.bundle.attached {
		hash := strings.TrimPrefix(name, folderAttachments)
		if _, known := named[hash]; !known {
			return fmt.Errorf("no event of it names the content %s: %w", domain.Clip(hash, 80), errBundle)
		}
		content, err := v.bundle.files[name].Open()
		if err != nil {
			return fmt.Errorf("%w: reading %s: %w", errBundle, name, err)
		}
		digest := sha256.New()
		_, err = io.Copy(digest, io.LimitReader(content, maxSmallFile))
		content.Close()
		if err != nil {
			return fmt.Errorf("%w: reading %s: %w", errBundle, name, err)
		}
		if hex.EncodeToString(digest.Sum(nil)) != hash {
			return fmt.Errorf("the content %s is another: %w", hash, errBundle)
		}
		delete(named, hash)
	}
	v.report.Attachments, v.report.Missing = len(v.bundle.attached), named.Sorted()
	return nil
}

func (v *bundleCheck) attachmentsDetail() domain.Text {
	kept, missing := v.report.Attachments, len(v.report.Missing)
	if missing == 0 {
		return domain.Text{ZH: fmt.Sprintf("事件所注明的 %d 份内容都在其中，与哈希一致", kept), EN: fmt.Sprintf("all %d contents that its events name are there, and are what their hashes say", kept)}
	}
	return domain.Text{ZH: fmt.Sprintf("其中有 %d 份，与哈希一致；缺 %d 份，第一份：%s", kept, missing, v.report.Missing[0]),
		EN: fmt.Sprintf("%d are there and are what their hashes say; %d are missing, the first: %s", kept, missing, v.report.Missing[0])}
}
