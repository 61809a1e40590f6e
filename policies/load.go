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

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

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
	tree, err := Decode(r, name, &p, unstated)
	if fault := (*Error)(nil); errors.As(err, &fault) {
		return p, []*Error{fault}, nil
	}
	if err != nil {
		return p, nil, err
	}
	var faults []*Error
	for i, c := range p.Clauses {
		faults = append(faults, tree.amountless(fmt.Sprintf("/clauses/%d", i), c)...)
	}
	p = p.Prefixed()
	for _, f := range p.Faults() {
		faults = append(faults, tree.Fault(pointerOf(f.Path), f.Reason))
	}
	return p, inOrder(faults), nil
}

// CheckClause reads a clause that is added to a policy, written as a policy's file has it: its keys, or a list of it alone. The faults are those that
// [Check] finds in such a file.
func CheckClause(r io.Reader, name string, to domain.Policy) (domain.Clause, []*Error, error) {
	clause, tree, at, err := readClause(r, name)
	if fault := (*Error)(nil); errors.As(err, &fault) {
		return clause, []*Error{fault}, nil
	}
	if err != nil {
		return clause, nil, err
	}
	faults := tree.amountless(at, clause)
	place := pointerOf(fmt.Sprintf("clauses[%d]", len(to.Clauses)))
	to.Clauses = append(slices.Clone(to.Clauses), clause)
	for _, f := range to.Faults() {
		if below, its := strings.CutPrefix(pointerOf(f.Path), place); its {
			faults = append(faults, tree.Fault(at+below, f.Reason))
		}
	}
	return clause, inOrder(faults), nil
}

// CheckConditions reads the conditions of a clause of a policy, written as its file has them: a list. The faults are those that [Check] finds in such a file;
// facts are those that are added with them.
func CheckConditions(r io.Reader, name string, to domain.Policy, clause domain.ClauseID, facts []domain.Fact) ([]domain.Condition, []*Error, error) {
	list := []domain.Condition{}
	i := slices.IndexFunc(to.Clauses, func(c domain.Clause) bool { return c.ID == clause })
	to.Clauses, to.Facts = slices.Clone(to.Clauses), append(slices.Clip(to.Facts), facts...)
	faults, err := checkPart(r, name, &list, fmt.Sprintf("clauses[%d].conditions", i), func() []*domain.PolicyError {
		if i >= 0 {
			to.Clauses[i].Conditions = list
		}
		return to.Faults()
	})
	return list, faults, err
}

// CheckFacts reads facts that are added to a policy, written as its file has them: a list. The faults are those that [Check] finds in such a file.
func CheckFacts(r io.Reader, name string, to domain.Policy) ([]domain.Fact, []*Error, error) {
	var list []domain.Fact
	before := len(to.Facts)
	faults, err := checkPart(r, name, &list, "facts", func() []*domain.PolicyError {
		to.Facts = append(slices.Clip(to.Facts), list...)
		faults := to.Faults()
		for _, f := range faults { // the list begins behind those that there are
			var at int
			if n, _ := fmt.Sscanf(f.Path, "facts[%d]", &at); n == 1 {
				f.Path = fmt.Sprintf("facts[%d]", at-before) + f.Path[strings.IndexByte(f.Path, ']')+1:]
			}
		}
		return faults
	})
	return list, faults, err
}

// CheckIndicators reads the indicators of a clause of a policy, written as its file has them: a list. The faults are those that [Check] finds in such a file;
// facts are those that are added with them.
func CheckIndicators(r io.Reader, name string, to domain.Policy, facts []domain.Fact) ([]domain.Indicator, []*Error, error) {
	list := []domain.Indicator{}
	to.Facts = append(slices.Clip(to.Facts), facts...)
	faults, err := checkPart(r, name, &list, "indicators", func() []*domain.PolicyError {
		to.Indicators = list
		return to.Faults()
	})
	return list, faults, err
}

// checkPart reads a list that is a part of a policy, and finds what is wrong below its place.
func checkPart(r io.Reader, name string, into any, place string, check func() []*domain.PolicyError) (faults []*Error, err error) {
	tree, err := Decode(r, name, into, nil)
	if fault := (*Error)(nil); errors.As(err, &fault) {
		return []*Error{fault}, nil
	}
	if err != nil {
		return nil, err
	}
	for _, f := range check() {
		if below, its := strings.CutPrefix(pointerOf(f.Path), pointerOf(place)); its {
			faults = append(faults, tree.Fault(below, f.Reason))
		}
	}
	return inOrder(faults), nil
}

// readClause reads a clause, and says where in the file it stands.
func readClause(r io.Reader, name string) (clause domain.Clause, tree *Tree, at string, err error) {
	var text jsontext.Value
	if tree, err = Decode(r, name, &text, unstated); err != nil {
		return clause, nil, "", err
	}
	list := make([]domain.Clause, 1)
	into := any(&list[0])
	if text.Kind() == '[' {
		at, into = "/0", &list
	}
	if err := json.Unmarshal(text, into, json.RejectUnknownMembers(true)); err != nil {
		return clause, nil, "", tree.mistyped(err)
	}
	if len(list) != 1 {
		return clause, nil, "", tree.Fault("/1", say("一次增设一个条款", "one clause is added at a time"))
	}
	return list[0], tree, at, nil
}

// unstated reports whether null may stand somewhere: no amount is stated.
func unstated(pointer string) bool { return strings.HasSuffix(pointer, "/cap/amount") }

// amountless is the fault of a clause whose cap says no amount, not even that none is stated.
func (t *Tree) amountless(at string, c domain.Clause) []*Error {
	if !c.HasAccounts() || t.Has(at+"/cap/amount") {
		return nil
	}
	return []*Error{t.Fault(at+"/cap", say("须写明额度 amount；未列明金额的写 null", "the cap's amount is needed; where none is stated, write null"))}
}

// inOrder are faults in the order of the file's lines.
func inOrder(faults []*Error) []*Error {
	slices.SortStableFunc(faults, func(a, b *Error) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	return faults
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
