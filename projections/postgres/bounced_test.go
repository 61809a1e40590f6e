package postgres_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
)

// bounced is a history in which money comes back and bounces; amounts are in millions.
type bounced struct {
	*projtest.Author
	t *testing.T
}

func (f *bounced) give(c domain.Command) {
	f.t.Helper()
	if r := f.Do(c); r != nil {
		f.t.Fatalf("%s: %v %v", c.Name(), r, r.Figures)
	}
}

func (f *bounced) treasurer() domain.Head { return f.Head("qian", domain.Treasurer, "finance") }
func (f *bounced) approver() domain.Head  { return f.Head("wang", domain.Approver, "commerce") }
func (f *bounced) last() uint64           { return uint64(len(f.Records())) }

func million(n int64) domain.Money { return domain.Yuan(n * 1_000_000) }

func millions(n int64) []domain.Instalment {
	return []domain.Instalment{{SupportYear: 2025, Amount: million(n)}}
}

func (f *bounced) amend(c domain.ClauseID, n int64) {
	f.t.Helper()
	f.give(&domain.AmendClause{Head: f.Head("root", domain.Admin, ""), Clause: c, EffectiveOn: f.Today(), Cap: domain.NewCap{Ceiling: domain.Stated(million(n)), Given: true}, Document: "修订"})
}

func (f *bounced) granted(e domain.EnterpriseID, c domain.ClauseID, n int64) domain.ApplicationID {
	return f.Granted(e, c, "P", millions(n)...)
}

func (f *bounced) paid(p domain.PayoutID, a domain.ApplicationID, n int64) {
	f.t.Helper()
	f.give(&domain.MakePayout{Head: f.treasurer(), Payout: p, Application: a, SupportYear: 2025, Amount: million(n), Voucher: "V" + string(p)})
}

// back lets so much of a payout come back under each name.
func (f *bounced) back(p domain.PayoutID, n int64, names ...domain.RecoveryID) {
	f.t.Helper()
	c := domain.ClawbackID("C" + string(p))
	f.give(&domain.OrderClawback{Head: f.treasurer(), Clawback: c, Payout: p, Amount: million(n * int64(len(names))), Cause: domain.CauseError, Reason: "多付"})
	for _, id := range names {
		f.give(&domain.ReceiveRecovery{Head: f.treasurer(), Recovery: id, Clawback: c, Amount: million(n)})
	}
}

func (f *bounced) bounces(id domain.RecoveryID) {
	f.t.Helper()
	f.give(&domain.ReverseRecovery{Head: f.treasurer(), Recovery: id, Reason: "退票"})
}

func (f *bounced) released(a domain.ApplicationID, n int64) {
	f.t.Helper()
	f.give(&domain.ReleaseApproval{Head: f.approver(), Application: a, SupportYear: 2025, Amount: million(n), Reason: "结余"})
}

func (f *bounced) moved(a domain.ApplicationID, to domain.EnterpriseID) {
	f.t.Helper()
	f.give(&domain.MoveApplication{Head: f.Head("zhou", domain.Approver, "commerce"), Application: a, Enterprise: to, Document: "文"})
}

// Example 19, in what people read: after a bounced recovery account, totals and overview are over by what the finding and the refusal of
// the next payout say, as of every moment since, and not as of one before; released, it is over no more.
func TestExample19ABouncedRecoveryIsOverInEveryFigure(t *testing.T) {
	f := &bounced{projtest.NewAuthor(1, 60), t}
	f.amend("3", 20)
	first := f.granted("E-1", "3", 20)
	f.paid("P1", first, 20)
	f.back("P1", 5, "R1", "R2")
	f.amend("3", 15)
	second := f.granted("E-1", "3", 5)
	before := f.last()
	f.bounces("R1")
	bounced := f.last()
	refused := f.Do(&domain.MakePayout{Head: f.treasurer(), Payout: "P2", Application: second, SupportYear: 2025, Amount: domain.Fen(1), Voucher: "V2"})
	if refused == nil || refused.Code != domain.CodeAccountOverCap || refused.Figures["over_by"] != "5000000.00" {
		t.Fatalf("the next payout: %v", refused)
	}
	f.released(second, 2)
	part := f.last()
	f.released(second, 3)
	url := migrated(t)
	project(t, url, f.Records())
	q := ask(t, url, f.Now())
	for _, c := range []struct {
		at     uint64
		over   int64
		status projections.Status
	}{{before, 0, projections.Full}, {bounced, 5_000_000, projections.Over}, {part, 3_000_000, projections.Over}, {f.last(), 0, projections.Full}} {
		asked := projections.Ask{AsOf: projections.AsOf{Seq: c.at}}
		accounts := every(t, q, projections.Accounts, asked)
		totals := every(t, q, projections.Totals, asked)
		overview, err := q.Overview(t.Context(), projections.OverviewQuery{AsOf: projections.AsOf{Seq: c.at}})
		if err != nil {
			t.Fatal(err)
		}
		if len(accounts) != 1 || accounts[0].OverBy != domain.Yuan(c.over) || accounts[0].Status != c.status || !accounts[0].Headroom.Amount.IsZero() {
			t.Errorf("the account at %d: %+v", c.at, accounts)
		}
		if len(totals) != 1 || totals[0].OverBy != domain.Yuan(c.over) || totals[0].Status != c.status {
			t.Errorf("the totals at %d: %+v", c.at, totals)
		}
		if (overview.Over.Count == 1) != (c.over > 0) || overview.Over.Sum != domain.Yuan(c.over) {
			t.Errorf("the overview at %d: %+v", c.at, overview.Over)
		}
		if view, _ := projtest.StateAt(f.Records(), c.at).Account(domain.Account{Clause: "3", Subject: domain.Subject{Kind: domain.SubjectProject, ID: "P"}}, 2025, f.Today()); view.OverBy() != domain.Yuan(c.over) {
			t.Errorf("the state at %d is over by %s", c.at, view.OverBy())
		}
	}
}

// One application may hold an account by decisions under several versions of the clause: what it was supplemented by under a lower cap is held to that cap,
// until a release has taken it back, now and as of any moment.
func TestABouncedRecoveryIsHeldToEveryVersionThatAnApplicationHoldsBy(t *testing.T) {
	f := &bounced{projtest.NewAuthor(1, 60), t}
	f.amend("3", 20)
	id := f.granted("E-1", "3", 20)
	f.paid("P1", id, 20)
	f.back("P1", 5, "R1", "R2")
	f.amend("3", 15)
	f.give(&domain.AmendApplication{Head: f.approver(), Application: id, Requested: millions(25), Reason: "扩容", Document: "文"})
	f.give(&domain.RecordReview{Head: f.Head("rao", domain.Reviewer, "commerce"), Application: id, Opinion: domain.Support, Comment: "同意"})
	f.give(&domain.SupplementApproval{Head: f.Head("zhou", domain.Approver, "commerce"), Application: id, Instalments: millions(5), Reason: "扩容"})
	f.bounces("R1")
	bounced := f.last()
	f.released(id, 5)
	url := migrated(t)
	project(t, url, f.Records())
	q := ask(t, url, f.Now())
	for at, over := range map[uint64]int64{bounced: 5_000_000, f.last(): 0} {
		view, _ := projtest.StateAt(f.Records(), at).Account(domain.Account{Clause: "3", Subject: domain.Subject{Kind: domain.SubjectProject, ID: "P"}}, 2025, f.Today())
		rows := every(t, q, projections.Accounts, projections.Ask{AsOf: projections.AsOf{Seq: at}})
		if len(rows) != 1 || rows[0].OverBy != view.OverBy() || view.OverBy() != domain.Yuan(over) {
			t.Errorf("at %d the state is over by %s, the rows are %+v, not %d", at, view.OverBy(), rows, over)
		}
	}
}

// What an application holds on an account after it moved to another enterprise, or to another clause before its approval, is held to the version that
// governs it there: on another account that of the move, on the same account that of the decision, as if nothing had moved.
func TestABouncedRecoveryIsHeldToWhatAMovedApplicationHoldsBy(t *testing.T) {
	for what, c := range map[string]struct {
		on      domain.Account
		happens func(f *bounced)
		over    []int64 // after the bounce, and in the end
	}{
		"to another account": {domain.Account{Clause: "1", Subject: domain.Subject{Kind: domain.SubjectEnterprise, ID: "E-2"}}, func(f *bounced) {
			f.amend("1", 20)
			moving, there := f.granted("E-1", "1", 12), f.granted("E-2", "1", 9)
			f.paid("P1", moving, 4)
			f.paid("P2", there, 9)
			f.back("P2", 6, "R")
			f.amend("1", 15)
			f.moved(moving, "E-2")
			f.bounces("R")
			f.released(moving, 8)
		}, []int64{2, 0}},
		"on the same account": {domain.Account{Clause: "3", Subject: domain.Subject{Kind: domain.SubjectProject, ID: "P"}}, func(f *bounced) {
			f.amend("3", 20)
			moving := f.granted("E-1", "3", 15)
			f.paid("P1", moving, 10)
			f.back("P1", 3, "R1", "R")
			f.amend("3", 12)
			other := f.granted("E-1", "3", 3)
			f.moved(moving, "E-2")
			f.bounces("R1")
			f.bounces("R")
			f.released(other, 3)
		}, []int64{6, 0}},
		"from an account on which what was paid came back and went out again": {domain.Account{Clause: "1", Subject: domain.Subject{Kind: domain.SubjectEnterprise, ID: "E-1"}}, func(f *bounced) {
			f.amend("1", 20)
			moving, paid := f.granted("E-1", "1", 12), f.granted("E-1", "1", 8)
			f.paid("P1", moving, 4)
			f.paid("P2", paid, 8)
			f.back("P2", 8, "R")
			f.amend("1", 10)
			f.moved(moving, "E-2")
			other := f.granted("E-1", "1", 3)
			f.give(&domain.ReturnPayout{Head: f.treasurer(), Payout: "P1", Amount: million(2), Reason: "账号有误"})
			f.give(&domain.ReverseReturn{Head: f.treasurer(), Payout: "P1", Amount: million(2), Reason: "误记"})
			f.bounces("R")
			f.released(other, 3)
		}, []int64{5, 0}},
		"transferred to another clause before its approval": {domain.Account{Clause: "1", Subject: domain.Subject{Kind: domain.SubjectEnterprise, ID: "E-1"}}, func(f *bounced) {
			f.amend("1", 20)
			paid := f.granted("E-1", "1", 12)
			f.paid("P1", paid, 12)
			f.back("P1", 6, "R")
			f.give(&domain.SubmitApplication{Head: f.Head("chen", domain.Clerk, ""), Application: "T", Enterprise: "E-1", Clause: "5", Title: "申请", Requested: millions(7)})
			f.amend("1", 15)
			clerk := f.Head("chen", domain.Clerk, "commerce")
			f.give(&domain.TransferApplication{Head: clerk, Application: "T", Clause: "1", Document: "文"})
			f.give(&domain.AcceptApplication{Head: f.Head("ai", domain.Clerk, ""), Application: "T"})
			f.give(&domain.RecordReview{Head: f.Head("rao", domain.Reviewer, "commerce"), Application: "T", Opinion: domain.Support, Comment: "同意"})
			f.give(&domain.ApproveApplication{Head: f.approver(), Application: "T", Instalments: millions(7), Reason: "符合条件"})
			f.bounces("R")
			f.released("T", 7)
		}, []int64{4, 0}},
	} {
		t.Run(what, func(t *testing.T) {
			f := &bounced{projtest.NewAuthor(1, 60), t}
			c.happens(f)
			url := migrated(t)
			project(t, url, f.Records())
			q := ask(t, url, f.Now())
			for i, at := range []uint64{f.last() - 1, f.last()} {
				view, _ := projtest.StateAt(f.Records(), at).Account(c.on, 2025, f.Today())
				rows := every(t, q, projections.Accounts, projections.Ask{AsOf: projections.AsOf{Seq: at}})
				rows = slices.DeleteFunc(rows, func(r projections.AccountRow) bool { return r.Clause != c.on.Clause || r.Subject != c.on.Subject.ID })
				if len(rows) != 1 || rows[0].OverBy != view.OverBy() || view.OverBy() != million(c.over[i]) {
					t.Errorf("at %d the state is over by %s, the rows are %+v, not %d million", at, view.OverBy(), rows, c.over[i])
				}
			}
		})
	}
}

// The state that decides and the tables that people read say the same of every account of a random history, now and as of any moment, and
// some of them are over because a recovery bounced.
func TestTheStateAndTheTablesAgreeOnEveryAccount(t *testing.T) {
	records := projtest.LateHistory(77, 900)
	url := migrated(t)
	project(t, url, records, func(c *postgres.Config) { c.MaxBatch = 50 })
	now := records[len(records)-1].Time.Add(time.Hour)
	q := ask(t, url, now)
	over, bounced := 0, 0
	for _, seq := range []uint64{uint64(len(records)) / 3, uint64(len(records)) * 2 / 3, uint64(len(records))} {
		asked, day := projections.Ask{AsOf: projections.AsOf{Seq: seq}}, domain.DateIn(records[seq-1].Time, domain.Shanghai)
		if seq == uint64(len(records)) {
			asked, day = projections.Ask{}, domain.DateIn(now, domain.Shanghai)
		}
		s := projtest.StateAt(records, seq)
		for _, row := range every(t, q, projections.Accounts, asked) {
			view, known := s.Account(domain.Account{Clause: row.Clause, Subject: domain.Subject{Kind: row.SubjectKind, ID: row.Subject}}, row.SupportYear, day)
			if !known || row.Headroom != view.Headroom() || row.OverBy != view.OverBy() || row.Exceptions != view.Exceptions || row.Cap != view.Cap {
				t.Errorf("at %d: the tables say %+v, the state %+v, over by %s", seq, row, view, view.OverBy())
			}
			if row.OverBy.Positive() {
				over++
			}
			if standing := domain.StandingCap(s.Versions(row.Clause), day); view.Standing != standing {
				bounced++
			}
		}
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	s, day := projtest.StateAt(records, uint64(len(records))), domain.DateIn(time.Now(), domain.Shanghai) // a view is of now
	texts := func(sql string) []string {
		seen, err := collect(t, conn, sql)
		if err != nil {
			t.Fatal(err)
		}
		return seen
	}
	var accounts, clawbacks []string
	for _, row := range every(t, q, projections.Accounts, projections.Ask{On: day}) {
		view, _ := s.Account(domain.Account{Clause: row.Clause, Subject: domain.Subject{Kind: row.SubjectKind, ID: row.Subject}}, row.SupportYear, day)
		accounts = append(accounts, fmt.Sprintf("(%s,%s,%s,%d,%s,%s,%s)", row.Clause, row.SubjectKind, row.Subject, row.SupportYear, view.Headroom(), view.OverBy(), row.ReceivedBeyond))
	}
	if diff := cmp.Diff(accounts, texts("SELECT (v::text) FROM (SELECT clause, subject_kind, subject, support_year, headroom, over_by, received_beyond FROM analyst.v_accounts) v")); diff != "" {
		t.Errorf("v_accounts (-state +seen):\n%s", diff)
	}
	for _, row := range every(t, q, projections.Clawbacks, projections.Ask{}) {
		view, _ := s.Clawback(row.Clawback)
		clawbacks = append(clawbacks, fmt.Sprintf("(%s,%s)", row.Clawback, view.Outstanding))
	}
	slices.Sort(clawbacks)
	seen := texts("SELECT (v::text) FROM (SELECT clawback, outstanding FROM analyst.v_clawbacks) v")
	slices.Sort(seen)
	if diff := cmp.Diff(clawbacks, seen); diff != "" || len(clawbacks) < 5 {
		t.Errorf("v_clawbacks of %d (-state +seen):\n%s", len(clawbacks), diff)
	}
	if over < 10 || bounced == 0 {
		t.Errorf("%d accounts are over, %d stand under less than the standing cap: nothing was compared", over, bounced)
	}
}
