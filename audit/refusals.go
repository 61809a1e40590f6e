package audit

import (
	"context"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// Refusals is the stream on which refusals are kept.
type Refusals interface {
	// Scan hands over the records of some subjects that are there, oldest first; of none named, all.
	Scan(ctx context.Context, from, to uint64, subjects []string, fn func([]eventstore.Record) error) error
}

// refusalCheck holds the stream of refusals to the links that its records say of each other.
type refusalCheck struct {
	retired []wire.Retired // as the latest record of a retirement says
	link    wire.Link      // of all records so far
	linked  bool           // a record has said one: none behind it is of an earlier release
	known   bool           // that it is so: behind what is missing, the next record that says one tells
	next    uint64         // the position that comes; 0: none came yet
	count   int
	last    uint64
	faults  []Finding
}

// checkRefusals holds the refusals to their chain. Earlier releases wrote no links: what they kept is under the first that was written since.
func checkRefusals(ctx context.Context, fund domain.FundID, log Refusals) (*refusalCheck, error) {
	c := &refusalCheck{}
	retirements := []string{wire.RefusedPrefix(fund) + domain.CodeRefusalsRetired + ".>"}
	err := log.Scan(ctx, 1, 0, retirements, func(records []eventstore.Record) error {
		for _, r := range records {
			if said, err := wire.DecodeRefused(r.Data); err == nil && len(said.Retired) > 0 {
				c.retired = said.Retired
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading what refusals were retired: %w", err)
	}
	err = log.Scan(ctx, 1, 0, nil, func(records []eventstore.Record) error {
		for _, r := range records {
			c.take(r)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the refusals: %w", err)
	}
	return c, nil
}

func (c *refusalCheck) take(r eventstore.Record) {
	said, err := wire.DecodeRefused(r.Data)
	if c.next == 0 {
		c.begin(r.Seq)
	} else if r.Seq != c.next {
		c.fault(codeRefusalsGone, r.Seq, "from", number(c.next), "until", number(r.Seq-1))
		c.known = false
	}
	switch {
	case err != nil:
		c.fault(codeRefusalsChanged, r.Seq, "seq", number(r.Seq))
	case said.Before == (wire.Link{}) && c.linked:
		c.fault(codeRefusalsChanged, r.Seq, "seq", number(r.Seq))
	case said.Before == (wire.Link{}):
	case c.known && said.Before != c.link:
		c.fault(codeRefusalsChanged, r.Seq, "seq", number(r.Seq))
		c.link, c.linked = said.Before, true
	default:
		c.link, c.known, c.linked = said.Before, true, true
	}
	c.link = c.link.Then(r.Seq, r.Subject, r.Data)
	c.count++
	c.last, c.next = r.Seq, r.Seq+1
}

// begin finds what the first record that is there stands on: nothing, or what was retired before it.
func (c *refusalCheck) begin(first uint64) {
	c.known = first == 1
	i := slices.IndexFunc(c.retired, func(r wire.Retired) bool { return r.Last+1 == first })
	switch {
	case i >= 0:
		c.link, c.known = c.retired[i].End, true
	case first > 1:
		c.fault(codeRefusalsGone, first, "from", "1", "until", number(first-1))
	}
}

func (c *refusalCheck) fault(code string, seq uint64, figures ...string) {
	if len(c.faults) < maxRefusalFaults {
		c.faults = append(c.faults, found(code, "refusal "+number(seq), nil, figures...))
	}
}

// maxRefusalFaults is how many faults of the refusals are listed.
const maxRefusalFaults = 100

func (v *verification) refusalsChecked(ctx context.Context) error {
	if v.evidence.Refusals == nil {
		return nil
	}
	c, err := checkRefusals(ctx, v.evidence.Fund, v.evidence.Refusals)
	if err != nil {
		return err
	}
	v.findings = append(v.findings, c.faults...)
	retired := uint64(0)
	if n := len(c.retired); n > 0 {
		retired = c.retired[n-1].Last
	}
	link := "–"
	if c.count > 0 {
		link = c.link.String()
	}
	v.check("refusals", passed(len(c.faults) == 0), domain.Text{ZH: "被拒指令", EN: "refusals"}, "留存 %d 条，已移出 %d 条，逐条相连至第 %d 条（%s）：%d 处不符",
		"%d are kept and %d retired, linked one to the next up to %d (%s): %d faults", c.count, retired, c.last, link, len(c.faults))
	return nil
}
