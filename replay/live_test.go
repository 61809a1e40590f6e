package replay

import (
	"testing"
	"time"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/demo"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/internal/prooftest"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/ledger"
)

// A log that a real ledger wrote, refusals on their own stream: judged without a finding, and decided again as it was.
func TestALiveLedgerIsVerified(t *testing.T) {
	server, err := eventstore.StartServer(eventstore.ServerConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Shutdown()
	nc, err := server.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	policy := scribe.Changning(t)
	cfg := ledger.Config{Fund: policy.Fund, Now: func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, domain.Shanghai) }}
	l, err := ledger.Open(t.Context(), nc, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := scribe.Publish(policy).(*domain.PublishPolicy)
	p.Hash = "sha256:00"
	orders := []ledger.Order{{Command: p}}
	for step := range demo.Changning(policy, scribe.Day("2025-06-30")) {
		orders = append(orders, ledger.Order{Command: step.Command})
	}
	refused := 0
	for _, r := range l.DoAll(t.Context(), orders) {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		if r.Refusal != nil {
			refused++
		}
	}
	r, err := audit.Verify(t.Context(), audit.Evidence{Fund: policy.Fund, Log: l.Log()}, audit.Options{})
	if err != nil || !r.Sound || r.Counts[audit.Error] > 0 || r.Events != uint64(len(orders)-refused) {
		t.Fatalf("%d events of %d orders, %d refused, %v: %v", r.Events, len(orders), refused, r.Findings[:min(3, len(r.Findings))], err)
	}
	stream, err := ledger.OpenRefusals(t.Context(), nc, cfg, true)
	if err != nil {
		t.Fatal(err)
	}
	w, err := DecideAgain(t.Context(), l.Log(), RefusalLog{cfg.Fund, stream}, nil, domain.Date{})
	if err != nil || w.ChangeCount != 0 || w.Decisions != len(orders) || refused == 0 {
		t.Errorf("%d decisions of %d, %d refused, %d changed: %v", w.Decisions, len(orders), refused, w.ChangeCount, err)
	}
	tree := prooftest.TreeOf(t, l.Log())
	if uint64(tree.Size()) != r.Events || tree.Root() != r.Root {
		t.Errorf("the tree has %d leaves and another root", tree.Size())
	}
}
