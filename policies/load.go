package policies

import (
	"bytes"
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
	var p domain.Policy
	tree, err := Decode(r, name, &p, func(pointer string) bool { return strings.HasSuffix(pointer, "/cap/amount") })
	if err != nil {
		return domain.Policy{}, err
	}
	for i, c := range p.Clauses {
		limit := fmt.Sprintf("/clauses/%d/cap", i)
		if c.HasAccounts() && !tree.Has(limit+"/amount") {
			return domain.Policy{}, tree.Fault(limit, say("须写明额度 amount；未列明金额的写 null", "the cap's amount is needed; where none is stated, write null"))
		}
	}
	if err := p.Validate(); err != nil {
		var fault *domain.PolicyError
		if errors.As(err, &fault) {
			return domain.Policy{}, tree.Fault(pointerOf(fault.Path), domain.Text{ZH: "内容有误：" + fault.Reason, EN: fault.Reason})
		}
		return domain.Policy{}, err
	}
	return p, nil
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
