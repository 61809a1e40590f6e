package pages

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"rsc.io/qr"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/web"
)

// shownFindings is how many findings a page shows; the exports hold all.
const shownFindings = 200

type auditBody struct {
	offers
	Whole      bool          // the viewer may take the log as a whole
	Report     *audit.Report // nil: nothing was verified yet
	Badge      audit.Badge
	Verifiers  []string
	Severity   string
	Severities []audit.Severity
	Findings   []audit.Finding
	More       int
	Chosen     *audit.Finding
	Case       *audit.Case // of the chosen finding, where one of its cases is chosen
	ChosenID   domain.FindingID
	MoreCases  int // of the chosen finding, beyond those that a report lists
	MayVerify  bool
}

func (p *Pages) audit(w http.ResponseWriter, r *http.Request) error {
	return p.showAudit(w, r, nil)
}

func (p *Pages) showAudit(w http.ResponseWriter, r *http.Request, answer *said) error {
	proof, err := p.proof()
	if err != nil {
		return err
	}
	pg, err := p.enter(r, "/audit")
	if err != nil {
		return err
	}
	b := auditBody{Badge: proof.Badge(), Verifiers: proof.Verifiers, Severity: r.URL.Query().Get("severity"), Severities: []audit.Severity{audit.Error, audit.Warning, audit.Notice},
		MayVerify: pg.Viewer.Has(domain.Auditor, domain.Admin), Whole: p.server.ReadsAll(r.Context()) == nil}
	if b.Severity != "" && !slices.Contains(b.Severities, audit.Severity(b.Severity)) {
		return invalid("severity", b.Severity)
	}
	if report, err := proof.Report(); err == nil {
		b.Report = &report
		for _, f := range report.Findings {
			if b.Severity == "" || string(f.Severity) == b.Severity {
				b.Findings = append(b.Findings, f)
			}
		}
		b.More = max(len(b.Findings)-shownFindings, 0)
		b.Findings = b.Findings[:len(b.Findings)-b.More]
		if err := p.choose(r, pg, &b, report.Findings); err != nil {
			return err
		}
	}
	pg.Export = &url.URL{Path: "/v1/verification", RawQuery: "table=findings"}
	return auditSheet.write(p, w, b.answer(pg, answer, r.PostForm), pg, b)
}

// choose shows the finding that the address names, or the case of one, with the form to dispose of it.
func (p *Pages) choose(r *http.Request, pg *page, b *auditBody, findings []audit.Finding) error {
	id := r.PathValue("id")
	if id == "" {
		return nil
	}
	for i := range findings {
		f := &findings[i]
		k := slices.IndexFunc(f.Cases, func(c audit.Case) bool { return string(c.ID) == id })
		if string(f.ID) == id {
			b.Chosen, b.Case = f, nil
			break
		}
		if k >= 0 {
			b.Chosen, b.Case = f, &f.Cases[k]
		}
	}
	if b.Chosen == nil {
		return projections.ErrNotFound
	}
	b.ChosenID, b.MoreCases = domain.FindingID(id), max(b.Chosen.CaseCount-max(len(b.Chosen.Cases), 1), 0)
	return p.server.View(r.Context(), func(s *domain.State, _ uint64) {
		dispose := asks(s.Policy(), "dispose_finding", "disposition", "comment").tried(func(h domain.Head) domain.Command {
			return &domain.DisposeFinding{Head: h, Finding: domain.FindingID(id), Disposition: domain.FindingExplained, Comment: "-"}
		})
		b.Forms, b.Absent = judge(s, pg.Viewer, p.today(), []draft{dispose})
	})
}

// dispose records what an auditor makes of a finding.
func (p *Pages) dispose(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	answer, err := p.giveNext(w, r, map[string]string{"finding": id}, func(domain.Command) string { return "/audit" }, "dispose_finding")
	if err != nil || answer == nil {
		return err
	}
	return p.showAudit(w, r, answer)
}

// verifyNow verifies and goes back to the page, which shows the report.
func (p *Pages) verifyNow(w http.ResponseWriter, r *http.Request) error {
	proof, err := p.proof()
	if err != nil {
		return err
	}
	if v, _ := web.ViewerOf(r); !v.Has(domain.Auditor, domain.Admin) {
		return &web.Problem{Type: "urn:fundledger:problem:route_not_allowed", Status: http.StatusForbidden, Code: "route_not_allowed",
			Message: &domain.Text{ZH: "只有审计与管理员可以立即核验；核验本来就在后台不断进行。", EN: "Only an auditor or an admin verifies at once; the ledger is verified again and again in any case."}}
	}
	if _, err := proof.Verify(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, "/audit", http.StatusSeeOther)
	return nil
}

type statementBody struct {
	Report    *audit.Report
	Note      string
	Verifiers []string
	Code      *picture // of the signed note
	Fund      domain.FundID
	Policy    domain.Text
}

// picture is a QR code: a path of squares, one unit a square.
type picture struct {
	Size int
	Path string
}

// draw makes the QR code of a text; nil where the text is too long for one.
func draw(text string) *picture {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return nil
	}
	var b bytes.Buffer
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				b.WriteString("M" + strconv.Itoa(x+4) + " " + strconv.Itoa(y+4) + "h1v1h-1z")
			}
		}
	}
	return &picture{Size: code.Size + 8, Path: b.String()}
}

// statement is what an auditor signs: what was verified, up to which checkpoint, and the checkpoint itself.
func (p *Pages) statement(w http.ResponseWriter, r *http.Request) error {
	proof, err := p.proof()
	if err != nil {
		return err
	}
	pg, err := p.begin(r, "/audit", domain.Text{ZH: "核验说明书", EN: "Statement of verification"})
	if err != nil {
		return err
	}
	latest, err := proof.Latest(r.Context())
	if err != nil {
		return err
	}
	b := statementBody{Note: string(latest.Note), Verifiers: proof.Verifiers, Code: draw(string(latest.Note)), Fund: p.server.Fund()}
	if report, err := proof.Report(); err == nil {
		b.Report = &report
	}
	policy, err := p.policy(r.Context())
	if err != nil {
		return err
	}
	if policy != nil {
		b.Policy = policy.Title
	}
	return statementSheet.write(p, w, http.StatusOK, pg, b)
}

type checkpointsBody struct {
	Whole     bool // the viewer may take the log as a whole
	List      []proof.Signed
	Verifiers []string
	Years     []domain.SupportYear
	Clauses   []domain.Clause
	Inclusion *proof.Inclusion
	Growth    *proof.Consistency
	Signed    bool // both ends of the growth are signed, and it was checked against them
	Event     string
	From, To  string
}

// checkpoints lists the signed checkpoints, and proves what is asked.
func (p *Pages) checkpoints(w http.ResponseWriter, r *http.Request) error {
	proof, err := p.proof()
	if err != nil {
		return err
	}
	pg, err := p.begin(r, "/audit", domain.Text{ZH: "检查点与证明", EN: "Checkpoints and proofs"})
	if err != nil {
		return err
	}
	before, err := position(r, "before")
	if err != nil {
		return err
	}
	b := checkpointsBody{Whole: p.server.ReadsAll(r.Context()) == nil, Verifiers: proof.Verifiers, Event: r.URL.Query().Get("event"), From: r.URL.Query().Get("from"), To: r.URL.Query().Get("to")}
	if b.List, err = proof.Checkpoints(r.Context(), before, pageRows); err != nil {
		return err
	}
	policy, err := p.policy(r.Context())
	if err != nil {
		return err
	}
	if policy != nil {
		b.Years, b.Clauses = years(policy), policy.Clauses
	}
	if err := p.prove(r, proof, &b); err != nil {
		return err
	}
	return checkpointsSheet.write(p, w, http.StatusOK, pg, b)
}

// prove makes and checks the proofs that the address asks for.
func (p *Pages) prove(r *http.Request, proof *web.Proof, b *checkpointsBody) error {
	seq, err := position(r, "event")
	if err != nil {
		return err
	}
	if seq > 0 {
		inclusion, under, err := proof.Inclusion(r.Context(), seq, 0)
		if err != nil {
			return err
		}
		if err := inclusion.Check(under.Root); err != nil {
			return err
		}
		b.Inclusion = &inclusion
	}
	from, err := position(r, "from")
	if err != nil {
		return err
	}
	to, err := position(r, "to")
	if err != nil || from == 0 {
		return err
	}
	growth, err := proof.Consistency(r.Context(), from, to)
	if err != nil {
		return err
	}
	b.Growth = &growth
	// It proves something between two signed checkpoints only: of other sizes nobody has said what their root is.
	earlier, err := proof.Checkpoint(r.Context(), growth.From)
	if err != nil {
		return nil // the path is shown, and not called a proof
	}
	later, err := proof.Checkpoint(r.Context(), growth.To)
	if err != nil {
		return nil
	}
	b.Signed = true
	return growth.Check(earlier.Root, later.Root)
}
