package proof_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/proof"
)

// A notary whose tree does not come, for the database is away, ends when it is told to, with what it had signed: witnesses are asked when the tree is
// there, and are not waited for.
func TestANotaryEndsThoughItsTreeDoesNotCome(t *testing.T) {
	o := newOffice(t, 150)
	asked := make(chan struct{}, 100)
	n := o.mustOpen(func(c *proof.NotaryConfig) {
		c.Tree, c.Witnesses = keptTree(t, o.log.Records), []string{"http://127.0.0.1:1"}
		c.Tree.WaitFor = func(ctx context.Context, _ uint64) error {
			asked <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		}
	})
	<-asked
	ended := make(chan struct{})
	go func() { n.Close(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(4 * time.Second):
		t.Fatal("it does not end")
	}
	if signedBy(n) != 150 {
		t.Errorf("%d events are signed", signedBy(n))
	}
}

// behind is a log whose leader has just changed: the first questions find it ending early.
type behind struct {
	*scribe.Stream
	asked atomic.Int64
}

func (b *behind) Last(ctx context.Context) (uint64, error) {
	end, err := b.Stream.Last(ctx)
	if b.asked.Add(1) < 3 {
		end -= 50
	}
	return end, err
}

func TestALeaderOfTheLogThatIsAMomentBehindIsNoAlarm(t *testing.T) {
	o := newOffice(t, 150)
	n := o.mustOpen()
	scribe.Until(t, "it is signed", func() bool { return signedBy(n) == 150 })
	n.Close()
	another, err := o.open(func(c *proof.NotaryConfig) { c.Log = &behind{Stream: o.log} })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := another.Issue(t.Context()); err != nil {
		t.Error(err)
	}
}
