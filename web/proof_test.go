package web_test

import (
	"context"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/web"
)

// proving gives a house what proves its ledger: a notary, a watch, and the events that bear on a question.
func proving(t testing.TB, change ...func(*proof.NotaryConfig)) func(*web.Config) {
	return func(cfg *web.Config) {
		t.Helper()
		dir := t.TempDir()
		key, _, err := proof.OpenKey(filepath.Join(dir, "key"), proof.Origin(fund))
		if err != nil {
			t.Fatal(err)
		}
		log := cfg.Ledger.Log()
		store := proof.Folder(filepath.Join(dir, "checkpoints"))
		notarising := proof.NotaryConfig{Fund: fund, Key: key, Log: log, Store: store, Every: 500}
		for _, c := range change {
			c(&notarising)
		}
		notary := must(proof.OpenNotary(t.Context(), notarising))(t)
		t.Cleanup(notary.Close)
		refusals := must(ledger.OpenRefusals(t.Context(), cfg.NATS, ledger.Config{Fund: fund}, true))(t)
		p := &web.Proof{Fund: fund, Log: log, Refusals: replay.RefusalLog{Fund: fund, Stream: refusals}, Tree: notary.Tree(), Store: store, Trust: notary.Trust(),
			Verifiers: []string{notary.Verifier()}, Notary: notary, Concerned: cfg.Queries.(*postgres.Queries).Concerned, Paid: cfg.Queries.(*postgres.Queries).Paid,
			Payments: web.UpToDate(log, cfg.Projector, cfg.Queries.(*postgres.Queries).Payments)}
		p.Watch = audit.StartWatch(audit.WatchConfig{Fund: fund, Log: log, Last: log.Last, Store: store, Trust: p.Trust, Tree: p.Tree, Pause: time.Hour})
		t.Cleanup(p.Watch.Close)
		cfg.Proof = p
	}
}

// prove brings checkpoint and verification to the log's end.
func (h *house) prove() proof.Signed {
	h.t.Helper()
	p := h.web.Proof()
	last := must(h.ledger.Log().Last(h.t.Context()))(h.t)
	if err := p.Tree.WaitFor(h.t.Context(), last); err != nil {
		h.t.Fatal(err)
	}
	var signed proof.Signed
	for signed.Size < last { // the notary reads beside the tree
		signed = must(p.Notary.Issue(h.t.Context()))(h.t)
	}
	for p.Badge().Upto < last {
		must(p.Verify(h.t.Context()))(h.t)
	}
	return signed
}

func (h *house) checkpoint() string {
	h.t.Helper()
	return strconv.FormatUint(must(h.web.Proof().Latest(context.Background()))(h.t).Size, 10)
}

// decision is the sequence of some payout.
func (h *house) decision(token string) string {
	h.t.Helper()
	v := decode(h.t.(*testing.T), h.ask("GET", "/v1/journal?kind=paid&limit=1", token, "").want(h.t, 200).body)
	return strconv.FormatInt(int64(v["rows"].([]any)[0].(map[string]any)["seq"].(float64)), 10)
}
