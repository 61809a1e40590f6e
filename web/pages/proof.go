package pages

import (
	"net/http"
	"strconv"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

// proofPages are the pages of what proves the ledger, and of what it is asked besides: replays, explanations, what-ifs.
func (p *Pages) proofPages() map[string]func(http.ResponseWriter, *http.Request) error {
	return map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /applications/{id}/replay": p.replayApplication, "GET /enterprises/{id}/replay": p.replayEnterprise,
		"GET /explain": p.explain, "GET /receipts/{seq}": p.receipt,
		"GET /audit": p.audit, "POST /audit": p.verifyNow, "GET /audit/findings/{id}": p.audit, "POST /audit/findings/{id}": p.dispose, "GET /audit/statement": p.statement, "GET /checkpoints": p.checkpoints, "GET /checkpoints/{size}": p.checkpoint,
		"GET /simulate": p.simulate, "POST /simulate": p.simulate, "POST /simulate/export": p.simulateExport,
		"GET /what-if": p.whatIf, "GET /what-if/export": p.whatIfExport,
	}
}

// proof is what proves the ledger, or says that nothing does here.
func (p *Pages) proof() (*web.Proof, error) {
	if proof := p.server.Proof(); proof != nil {
		return proof, nil
	}
	return nil, &web.Problem{Type: "urn:fundledger:problem:proof_unavailable", Status: http.StatusServiceUnavailable, Code: "proof_unavailable",
		Message: &domain.Text{ZH: "此服务未启用核验与检查点。", EN: "This service neither verifies nor signs its log."}}
}

// badge is how the last verification ended; nil where nothing is verified.
func (p *Pages) badge() *audit.Badge {
	proof := p.server.Proof()
	if proof == nil || proof.Watch == nil {
		return nil
	}
	b := proof.Badge()
	return &b
}

// position reads a number of the address; none is 0.
func position(r *http.Request, name string) (uint64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, invalid(name, text)
	}
	return n, nil
}
