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

// Example 19, in what people read: after a bounced recovery account, totals and overview are over by what the finding and the refusal of
// the next payout say, as of every moment since, and not as of one before; released, it is over no more.
func TestExample19ABouncedRecoveryIsOverInEveryFigure(t *testing.T) {
	a := projtest.NewAuthor(1, 60)
	give := func(c domain.Command) {
		t.Helper()
		if r := a.Do(c); r != nil {
			t.Fatalf("%s: %v", c.Name(), r)
		}
	}
	treasurer := func() domain.Head { return a.Head("qian", domain.Treasurer, "finance") }
	amend := func(yuan int64) {
		give(&domain.AmendClause{Head: a.Head("root", domain.Admin, ""), Clause: "3", EffectiveOn: a.Today(),
			Cap: domain.NewCap{Ceiling: domain.Stated(domain.Yuan(yuan)), Given: true}, Document: "修订"})
	}
	in := func(yuan int64) domain.Instalment {
		return domain.Instalment{SupportYear: 2025, Amount: domain.Yuan(yuan)}
	}
	last := func() uint64 { return uint64(len(a.Records())) }
	amend(20_000_000)
	first := a.Granted("E-1", "3", "P", in(20_000_000))
	give(&domain.MakePayout{Head: treasurer(), Payout: "P1", Application: first, SupportYear: 2025, Amount: domain.Yuan(20_000_000), Voucher: "V1"})
	give(&domain.OrderClawback{Head: treasurer(), Clawback: "C", Payout: "P1", Amount: domain.Yuan(10_000_000), Cause: domain.CauseError, Reason: "多付"})
	for _, id := range []domain.RecoveryID{"R1", "R2"} {
		give(&domain.ReceiveRecovery{Head: treasurer(), Recovery: id, Clawback: "C", Amount: domain.Yuan(5_000_000)})
	}
	amend(15_000_000)
	second := a.Granted("E-1", "3", "P", in(5_000_000))
	before := last()
	give(&domain.ReverseRecovery{Head: treasurer(), Recovery: "R1", Reason: "退票"})
	bounced := last()
	refused := a.Do(&domain.MakePayout{Head: treasurer(), Payout: "P2", Application: second, SupportYear: 2025, Amount: domain.Fen(1), Voucher: "V2"})
	if refused == nil || refused.Code != domain.CodeAccountOverCap || refused.Figures["over_by"] != "5000000.00" {
		t.Fatalf("the next payout: %v", refused)
	}
	give(&domain.ReleaseApproval{Head: a.Head("wang", domain.Approver, "commerce"), Application: second, SupportYear: 2025, Amount: domain.Yuan(2_000_000), Reason: "结余"})
	part := last()
	give(&domain.ReleaseApproval{Head: a.Head("wang", domain.Approver, "commerce"), Application: second, SupportYear: 2025, Amount: domain.Yuan(3_000_000), Reason: "结余"})
	url := migrated(t)
	project(t, url, a.Records())
	q := ask(t, url, a.Now())
	for _, c := range []struct {
		at     uint64
		over   int64
		status projections.Status
	}{{before, 0, projections.Full}, {bounced, 5_000_000, projections.Over}, {part, 3_000_000, projections.Over}, {last(), 0, projections.Full}} {
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
		if view, _ := projtest.StateAt(a.Records(), c.at).Account(domain.Account{Clause: "3", Subject: domain.Subject{Kind: domain.SubjectProject, ID: "P"}}, 2025, a.Today()); view.OverBy() != domain.Yuan(c.over) {
			t.Errorf("the state at %d is over by %s", c.at, view.OverBy())
		}
	}
}

// One application may hold an account by decisions under several versions of the clause: what it was supplemented by under a lower cap is held to that cap,
// until a release has taken it back, now and as of any moment.
func TestABouncedRecoveryIsHeldToEveryVersionThatAnApplicationHoldsBy(t *testing.T) {
	a := projtest.NewAuthor(1, 60)
	give := func(c domain.Command) {
		t.Helper()
		if r := a.Do(c); r != nil {
			t.Fatalf("%s: %v", c.Name(), r)
		}
	}
	treasurer := func() domain.Head { return a.Head("qian", domain.Treasurer, "finance") }
	approver := func() domain.Head { return a.Head("wang", domain.Approver, "commerce") }
	amend := func(yuan int64) {
		give(&domain.AmendClause{Head: a.Head("root", domain.Admin, ""), Clause: "3", EffectiveOn: a.Today(),
			Cap: domain.NewCap{Ceiling: domain.Stated(domain.Yuan(yuan)), Given: true}, Document: "修订"})
	}
	in := func(yuan int64) []domain.Instalment {
		return []domain.Instalment{{SupportYear: 2025, Amount: domain.Yuan(yuan)}}
	}
	amend(20_000_000)
	id := a.Granted("E-1", "3", "P", in(20_000_000)...)
	give(&domain.MakePayout{Head: treasurer(), Payout: "P1", Application: id, SupportYear: 2025, Amount: domain.Yuan(20_000_000), Voucher: "V1"})
	give(&domain.OrderClawback{Head: treasurer(), Clawback: "C", Payout: "P1", Amount: domain.Yuan(10_000_000), Cause: domain.CauseError, Reason: "多付"})
	for _, r := range []domain.RecoveryID{"R1", "R2"} {
		give(&domain.ReceiveRecovery{Head: treasurer(), Recovery: r, Clawback: "C", Amount: domain.Yuan(5_000_000)})
	}
	amend(15_000_000)
	give(&domain.AmendApplication{Head: approver(), Application: id, Requested: in(25_000_000), Reason: "扩容", Document: "文"})
	give(&domain.RecordReview{Head: a.Head("rao", domain.Reviewer, "commerce"), Application: id, Opinion: domain.Support, Comment: "同意"})
	give(&domain.SupplementApproval{Head: a.Head("zhou", domain.Approver, "commerce"), Application: id, Instalments: in(5_000_000), Reason: "扩容"})
	give(&domain.ReverseRecovery{Head: treasurer(), Recovery: "R1", Reason: "退票"})
	bounced := uint64(len(a.Records()))
	give(&domain.ReleaseApproval{Head: approver(), Application: id, SupportYear: 2025, Amount: domain.Yuan(5_000_000), Reason: "结余"})
	url := migrated(t)
	project(t, url, a.Records())
	q := ask(t, url, a.Now())
	for at, over := range map[uint64]int64{bounced: 5_000_000, uint64(len(a.Records())): 0} {
		view, _ := projtest.StateAt(a.Records(), at).Account(domain.Account{Clause: "3", Subject: domain.Subject{Kind: domain.SubjectProject, ID: "P"}}, 2025, a.Today())
		rows := every(t, q, projections.Accounts, projections.Ask{AsOf: projections.AsOf{Seq: at}})
		if len(rows) != 1 || rows[0].OverBy != view.OverBy() || view.OverBy() != domain.Yuan(over) {
			t.Errorf("at %d the state is over by %s, the rows are %+v, not %d", at, view.OverBy(), rows, over)
		}
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
