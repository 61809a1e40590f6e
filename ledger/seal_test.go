package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
)

// A number that nobody has sealed is on no stream: where it cannot be sealed the command is not booked, and its refusal does not hold it either.
func TestNoStreamHoldsANumberThatCanBeRead(t *testing.T) {
	const number = "6222021234567890"
	_, nc := server(t)
	sealing := func(n domain.AccountNumber, err error) func(context.Context, domain.AccountNumber) (domain.AccountNumber, error) {
		return func(context.Context, domain.AccountNumber) (domain.AccountNumber, error) { return n, err }
	}
	for i, c := range []struct {
		seal    func(context.Context, domain.AccountNumber) (domain.AccountNumber, error)
		refused bool
		fails   bool
	}{{nil, true, false}, {sealing("***", nil), true, false}, {sealing("", errors.New("the key is away")), false, true}, {sealing(domain.SealedNumber("7890", "x"), nil), false, false}} {
		cfg := Config{Fund: domain.FundID(fmt.Sprint("seal", i)), Seal: c.seal}
		l, err := Open(t.Context(), nc, cfg)
		if err != nil {
			t.Fatal(err)
		}
		policy := testPolicy()
		policy.Fund = cfg.Fund
		record := &domain.RecordPayeeAccount{Head: head("a", domain.Clerk), Enterprise: "e", Holder: "企业", Account: number, Bank: "b"}
		r := l.DoAll(t.Context(), []Order{{Command: &domain.PublishPolicy{Head: head("publish", domain.Admin), Policy: policy}}, register("r", "e"), {Command: record}})[2]
		switch {
		case c.fails != (r.Err != nil):
			t.Errorf("%d: %v", i, r.Err)
		case c.refused:
			mustRefuse(t, r, domain.CodeFieldInvalid)
			if strings.Contains(fmt.Sprint(r.Refusal.Figures, r.Refusal.Message()), number) {
				t.Errorf("%d: the refusal tells it: %v", i, r.Refusal.Figures)
			}
		}
		log := l.Log()
		l.Close() // what was refused is kept
		refusals, err := OpenRefusals(t.Context(), nc, cfg, true)
		if err != nil {
			t.Fatal(err)
		}
		kept := 0
		for _, stream := range []*eventstore.Log{log, refusals} {
			err := stream.Read(t.Context(), 1, 0, func(records []eventstore.Record) error {
				for _, one := range records {
					kept++
					if strings.Contains(fmt.Sprint(one.Header, string(one.Data)), number) {
						t.Errorf("%d: it stands on %s: %s", i, one.Subject, one.Data)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if want := map[bool]int{false: 3, true: 2}[c.fails]; kept != want {
			t.Errorf("%d: %d records were looked at, not %d", i, kept, want)
		}
	}
}
