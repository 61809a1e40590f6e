package policies

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/domain"
)

//go:embed *.yaml
var shipped embed.FS

// Load reads a policy. name stands for the file in errors, which are of type [*Error] unless reading itself fails.
func Load(r io.Reader, name string) (domain.Policy, error) {
	p, faults, err := Check(r, name)
	switch {
	case err != nil:
		return domain.Policy{}, err
	case len(faults) > 0:
		return domain.Policy{}, faults[0]
	}
	return p, nil
}

// Check reads a policy and says all that is wrong in it, in the order of the file's lines: the first thing that cannot be read at all, or else one
// fault of each part. The error says that the file itself could not be read.
func Check(r io.Reader, name string) (domain.Policy, []*Error, error) {
	var p domain.Policy
	tree, err := Decode(r, name, &p, func(pointer string) bool { return strings.HasSuffix(pointer, "/cap/amount") })
	if fault := (*Error)(nil); errors.As(err, &fault) {
		return p, []*Error{fault}, nil
	}
	if err != nil {
		return p, nil, err
	}
	var faults []*Error
	for i, c := range p.Clauses {
		limit := fmt.Sprintf("/clauses/%d/cap", i)
		if c.HasAccounts() && !tree.Has(limit+"/amount") {
			faults = append(faults, tree.Fault(limit, say("须写明额度 amount；未列明金额的写 null", "the cap's amount is needed; where none is stated, write null")))
		}
	}
	p = p.Prefixed()
	for _, f := range p.Faults() {
		faults = append(faults, tree.Fault(pointerOf(f.Path), domain.Text{ZH: "内容有误：" + f.Reason, EN: f.Reason}))
	}
	slices.SortStableFunc(faults, func(a, b *Error) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	return p, faults, nil
}

// File reads a policy from a file.
func File(path string) (domain.Policy, error) {
	f, err := os.Open(path)
	if err != nil {
		return domain.Policy{}, fmt.Errorf("opening the policy: %w", err)
	}
	defer f.Close()
	return Load(f, path)
}

// Named reads a shipped policy by its name, such as "changning-2024".
func Named(name string) (domain.Policy, error) {
	if !slices.Contains(Names(), name) {
		return domain.Policy{}, fmt.Errorf("no policy named %q is shipped; there are: %s", name, strings.Join(Names(), ", "))
	}
	text, err := shipped.ReadFile(name + ".yaml")
	if err != nil {
		return domain.Policy{}, fmt.Errorf("reading the shipped policy %s: %w", name, err)
	}
	return Load(bytes.NewReader(text), name+".yaml")
}

// Names lists the shipped policies, in the order of the alphabet.
func Names() []string {
	entries, err := shipped.ReadDir(".")
	if err != nil {
		panic("policies: the embedded files cannot be listed: " + err.Error())
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	slices.Sort(names)
	return names
}
