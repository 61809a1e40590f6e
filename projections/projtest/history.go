package projtest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// Stream is the name of the log that histories are of.
const Stream = "FUND_projtest"

// Author writes a history, command by command.
type Author struct {
	state   *domain.State
	random  *rand.Rand
	start   time.Time
	step    time.Duration
	late    int // of a hundred commands, so many are dated before they are recorded
	records []eventstore.Record
	drafts  []eventstore.Draft

	commands    int
	enterprises []domain.EnterpriseID
	cases       []*file
	next        map[string]int
}

// file is an application on its way.
type file struct {
	id      domain.ApplicationID
	parts   []domain.Instalment
	stage   int
	payouts []domain.PayoutID
	claws   []domain.ClawbackID
}

// History is a valid history of at least n events.
func History(seed uint64, n int) []eventstore.Record {
	a := NewAuthor(seed, n)
	for len(a.records) < n {
		a.Act()
	}
	return a.records
}

// NewAuthor begins a history that is meant to have about n events by the end of the policy's term.
func NewAuthor(seed uint64, n int) *Author { return under(Policy(), seed, n) }

// owing is [Policy] where debtors are offset.
func owing() domain.Policy {
	p := Policy()
	p.ClawbackDueDays, p.Debtors = 5, domain.DebtorOffset
	p.LateInterest = []domain.InterestRate{{From: domain.DateOf(2025, 1, 1), Rate: domain.Yuan(3), Method: domain.SimpleInterest, Basis: domain.Actual365}}
	return p
}

// under begins a history under a policy.
func under(p domain.Policy, seed uint64, n int) *Author {
	term := 700 * 24 * time.Hour
	a := &Author{state: domain.NewState(), random: rand.New(rand.NewPCG(seed, 2)), start: time.Date(2025, 1, 1, 4, 0, 0, 0, time.UTC),
		step: term / time.Duration(n+1000), next: map[string]int{}}
	a.do(&domain.PublishPolicy{Head: a.head("root", domain.Admin, ""), Policy: p, Hash: "sha256:0"})
	for range 3 {
		a.register()
	}
	return a
}

// Records is the history so far.
func (a *Author) Records() []eventstore.Record { return a.records }

// Drafts is the history so far, ready to be appended to a log.
func (a *Author) Drafts() []eventstore.Draft { return a.drafts }

// State is the fund after the history.
func (a *Author) State() *domain.State { return a.state }

// Now is the time of recording of the next event.
func (a *Author) Now() time.Time { return a.start.Add(time.Duration(len(a.records)) * a.step) }

// Today is the date of [Author.Now] in Asia/Shanghai.
func (a *Author) Today() domain.Date { return domain.DateIn(a.Now(), domain.Shanghai) }

func (a *Author) head(person string, role domain.Role, department domain.DepartmentID) domain.Head {
	a.commands++
	date := a.Today()
	if a.late > 0 && a.chance(a.late) {
		date = domain.DateIn(a.Now().AddDate(0, 0, -a.random.IntN(120)), domain.Shanghai)
	}
	return domain.Head{ID: domain.CommandID(fmt.Sprintf("c-%d", a.commands)), Date: date,
		Actor: domain.Actor{ID: domain.PersonID(person), Role: role, Department: department}}
}

// Head is the head of a command of the caller's own, given today.
func (a *Author) Head(person string, role domain.Role, department domain.DepartmentID) domain.Head {
	return a.head(person, role, department)
}

// Do decides a command of the caller's own and adds its events; a refusal adds nothing.
func (a *Author) Do(c domain.Command) *domain.Refusal { return a.do(c) }

// do decides a command and adds its events; a refusal adds nothing.
func (a *Author) do(c domain.Command) *domain.Refusal {
	decision, refusal := domain.Decide(a.state, c, a.Today())
	if refusal != nil {
		return refusal
	}
	hash, err := wire.HashCommand(c)
	if err != nil {
		panic(err)
	}
	drafts, err := wire.Drafts(Fund, c, hash, decision, wire.Origin{}, a.Now())
	if err != nil {
		panic(err)
	}
	head := c.Given()
	for i, e := range decision.Events {
		domain.Apply(a.state, e, domain.Deed{Actor: head.Actor, Date: head.Date})
		d := drafts[i]
		a.records = append(a.records, eventstore.Record{Seq: uint64(len(a.records)) + 1, Time: a.Now(), Subject: d.Subject, Header: d.Envelope.Header(), Data: d.Data})
		a.drafts = append(a.drafts, d)
	}
	return nil
}

func (a *Author) id(kind string) string {
	a.next[kind]++
	return fmt.Sprintf("%s-%d", kind, a.next[kind])
}

func (a *Author) chance(percent int) bool { return a.random.IntN(100) < percent }

func pick[T any](a *Author, list []T) T { return list[a.random.IntN(len(list))] }

func (a *Author) amount(upTo int64) domain.Money { return domain.Fen(1 + a.random.Int64N(upTo*100)) }

var (
	cities = []string{"上海", "长宁", "虹桥", "天山", "新泾", "华阳"}
	trades = []string{"人工智能", "航空服务", "时尚设计", "法律咨询", "绿色能源", "数据科技"}
)

func (a *Author) register() {
	id := domain.EnterpriseID(a.id("E"))
	name := pick(a, cities) + pick(a, trades) + fmt.Sprintf("第%d有限公司", len(a.enterprises)+1)
	a.do(&domain.RegisterEnterprise{Head: a.head("chen", domain.Clerk, ""), Enterprise: id, Title: name, Industry: "ai"})
	a.enterprises = append(a.enterprises, id)
}

// Act does one thing that may happen in a fund. It may be refused, and then nothing happens.
func (a *Author) Act() {
	switch n := a.random.IntN(1000); {
	case n < 12 || len(a.cases) == 0 && n < 500:
		a.register()
	case n < 180 || len(a.cases) == 0:
		a.submit()
	case n < 200:
		a.raise()
	case n < 215:
		a.bookOutside()
	case n < 222:
		a.oddities()
	default:
		a.forward(a.random.IntN(len(a.cases)))
	}
}

func (a *Author) submit() {
	c := &domain.SubmitApplication{Head: a.head("chen", domain.Clerk, ""), Application: domain.ApplicationID(a.id("A")), Enterprise: pick(a, a.enterprises),
		Clause: pick(a, []domain.ClauseID{"1", "2", "3", "4", "5", "6", "7"}), Title: "申请"}
	a.fillIn(c)
	if a.do(c) == nil {
		a.cases = append(a.cases, &file{id: c.Application, parts: c.Requested})
	}
}

// fillIn adds what the clause asks for, and amounts.
func (a *Author) fillIn(c *domain.SubmitApplication) {
	for i := range len(a.cases) % 3 { // no matter of chance: histories stay as they were but for this
		name := fmt.Sprintf("材料 %d.pdf", i)
		c.Attachments = append(c.Attachments, domain.Attachment{Name: name, SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(c.Enterprise+domain.EnterpriseID(name))))})
	}
	project := fmt.Sprintf("P-%s-%d", c.Enterprise, a.random.IntN(3))
	if a.chance(5) {
		project = "P-shared"
	}
	switch c.Clause {
	case "2", "3":
		c.Project = project
	case "4":
		c.Award = "W-" + project
	case "7":
		c.RefersTo = pick(a, []domain.ClauseID{"1", "2"})
		c.Project = project
	}
	c.Requested = []domain.Instalment{{SupportYear: pick(a, []domain.SupportYear{2025, 2026}), Amount: a.amount(2_000_000)}}
	if a.chance(30) {
		c.Requested = []domain.Instalment{{SupportYear: 2025, Amount: a.amount(1_500_000)}, {SupportYear: 2026, Amount: a.amount(1_500_000)}}
	}
}

// forward takes an application one step further.
func (a *Author) forward(i int) {
	f := a.cases[i]
	switch f.stage {
	case 0:
		a.receive(f)
	case 1:
		if a.do(&domain.RecordReview{Head: a.head("rao", domain.Reviewer, "commerce"), Application: f.id, Opinion: domain.Support, Comment: "同意"}) == nil {
			f.stage++
		}
	case 2:
		a.decide(f)
	default:
		a.pay(f)
		f.stage++
	}
	if f.stage > 10 {
		a.cases[i] = a.cases[len(a.cases)-1]
		a.cases = a.cases[:len(a.cases)-1]
	}
}

func (a *Author) receive(f *file) {
	switch {
	case a.chance(8):
		a.do(&domain.ReturnApplication{Head: a.head("chen", domain.Clerk, ""), Application: f.id, Reason: "补正"})
		again := &domain.SubmitApplication{Head: a.head("chen", domain.Clerk, ""), Application: f.id, Clause: pick(a, []domain.ClauseID{"1", "2", "3"}), Title: "再次申请"}
		view, _ := a.state.Application(f.id)
		again.Enterprise = view.Charge.Enterprise
		a.fillIn(again)
		if a.do(again) == nil {
			f.parts = again.Requested
		}
	case a.chance(4):
		a.do(&domain.WithdrawApplication{Head: a.head("chen", domain.Clerk, ""), Application: f.id})
		f.stage = 11
	default:
		if a.do(&domain.AcceptApplication{Head: a.head("ai", domain.Clerk, ""), Application: f.id}) == nil {
			f.stage++
		}
	}
}

func (a *Author) decide(f *file) {
	if a.chance(6) {
		a.do(&domain.RejectApplication{Head: a.head("wang", domain.Approver, "commerce"), Application: f.id, Reason: "不符合条件"})
		f.stage = 11
		return
	}
	parts := append([]domain.Instalment(nil), f.parts...)
	if a.chance(30) {
		parts[0].Amount = domain.Fen(1 + parts[0].Amount.Fen()/2)
	}
	if a.do(&domain.ApproveApplication{Head: a.head("wang", domain.Approver, "commerce"), Application: f.id, Instalments: parts, Reason: "符合条件"}) == nil {
		f.parts, f.stage = parts, 3
	} else {
		f.stage = 11
	}
}

// pay does what happens to an approved application.
func (a *Author) pay(f *file) {
	part := pick(a, f.parts)
	share := domain.Fen(1 + part.Amount.Fen()/int64(2+a.random.IntN(3)))
	treasurer := a.head("qian", domain.Treasurer, "finance")
	switch n := a.random.IntN(100); {
	case n < 55 || len(f.payouts) == 0 && n < 90:
		id := domain.PayoutID(a.id("Z"))
		if a.do(&domain.MakePayout{Head: treasurer, Payout: id, Application: f.id, SupportYear: part.SupportYear, Amount: share, Voucher: "V-" + string(id)}) == nil {
			f.payouts = append(f.payouts, id)
		}
	case n < 60 && len(f.payouts) > 0:
		a.do(&domain.ReturnPayout{Head: treasurer, Payout: pick(a, f.payouts), Amount: share, Reason: "账号有误"})
	case n < 72 && len(f.payouts) > 0:
		a.claw(f, share, treasurer)
	case n < 84 && len(f.claws) > 0:
		a.comeBack(f, share)
	case n < 88:
		a.do(&domain.ReduceApproval{Head: a.head("wang", domain.Approver, "commerce"), Application: f.id, SupportYear: part.SupportYear, Amount: share, Reason: "核减"})
	case n < 92:
		a.do(&domain.ReleaseApproval{Head: a.head("wang", domain.Approver, "commerce"), Application: f.id, SupportYear: part.SupportYear, Amount: share, Reason: "结余"})
	case n < 96:
		a.do(&domain.BookPayout{Head: treasurer, Payout: domain.PayoutID(a.id("Z")), Application: f.id, SupportYear: part.SupportYear, Amount: share})
	default:
		a.do(&domain.SuspendApplication{Head: a.head("wang", domain.Approver, "commerce"), Application: f.id, Reason: "核查"})
		a.do(&domain.ResumeApplication{Head: a.head("wang", domain.Approver, "commerce"), Application: f.id})
	}
}

func (a *Author) comeBack(f *file, share domain.Money) {
	claw := pick(a, f.claws)
	id := domain.RecoveryID(a.id("R"))
	if a.state.Policy().Debtors == domain.DebtorOffset && len(a.records) > 1500 && a.next["B"]%3 == 1 {
		a.settle(f, claw, share)
	}
	switch n := a.random.IntN(10); {
	case n < 2:
		a.do(&domain.WaiveClawback{Head: a.head("gu", domain.Authority, "government"), Clawback: claw, Amount: domain.Fen(1 + share.Fen()/3), Document: "长府〔2025〕1号"})
	case n < 9:
		a.do(&domain.ReceiveRecovery{Head: a.head("qian", domain.Treasurer, "finance"), Recovery: id, Clawback: claw,
			Amount: domain.Fen(1 + share.Fen()/2), Interest: domain.Fen(a.random.Int64N(500))})
	default:
		undone := domain.RecoveryID(fmt.Sprintf("R-%d", 1+a.random.IntN(a.next["R"])))
		for _, p := range f.payouts {
			if of, _ := a.state.Payout(p); of.KeptBack.Positive() {
				undone = domain.RecoveryID(p)
			}
		}
		a.do(&domain.ReverseRecovery{Head: a.head("qian", domain.Treasurer, "finance"), Recovery: undone, Reason: "误记"})
	}
}

// settle writes a part of a clawback off, or offsets it against what is unpaid.
func (a *Author) settle(f *file, claw domain.ClawbackID, share domain.Money) {
	if len(a.records)%3 == 0 {
		a.do(&domain.WriteOff{Head: a.head("gu", domain.Authority, "government"), Clawback: claw, Amount: domain.Fen(1 + share.Fen()/5), Reason: "企业已注销", Document: "长府〔2025〕7号"})
		return
	}
	a.do(&domain.OffsetRecovery{Head: a.head("qian", domain.Treasurer, "finance"), Recovery: domain.RecoveryID(a.id("K")), Clawback: claw, Application: f.id,
		SupportYear: f.parts[0].SupportYear, Amount: domain.Fen(1 + share.Fen()/7), Interest: domain.Fen(3), Reason: "商定抵扣"})
}

// claw orders that a payout be paid back: on no day, by a day, or in two parts.
func (a *Author) claw(f *file, share domain.Money, treasurer domain.Head) {
	id := domain.ClawbackID(a.id("B"))
	c := &domain.OrderClawback{Head: treasurer, Clawback: id, Payout: pick(a, f.payouts), Amount: share,
		Cause: pick(a, []domain.Cause{domain.CauseError, domain.CauseBreach}), Reason: "核查"}
	later := func(days int) domain.Date {
		return domain.DateIn(treasurer.Date.Time(time.UTC).AddDate(0, 0, days), time.UTC)
	}
	if a.next["B"]%3 == 1 {
		c.DueOn = later(20)
	}
	if a.do(c) != nil {
		return
	}
	f.claws = append(f.claws, id)
	if a.next["B"]%3 == 2 && share.Fen() > 1 {
		first := domain.Fen(share.Fen() / 2)
		a.do(&domain.ScheduleRecovery{Head: a.head("qian", domain.Treasurer, "finance"), Clawback: id, Reason: "分期",
			Instalments: []domain.Repayment{{DueOn: later(10), Amount: first}, {DueOn: later(60), Amount: share.Sub(first)}}})
	}
}

// raise grants and revokes exceptions.
func (a *Author) raise() {
	if a.next["X"] > 0 && a.chance(30) {
		a.do(&domain.RevokeException{Head: a.head("gu", domain.Authority, "government"), Amount: a.amount(100_000), Document: "撤销",
			Exception: domain.ExceptionID(fmt.Sprintf("X-%d", 1+a.random.IntN(a.next["X"])))})
		return
	}
	c := &domain.GrantException{Head: a.head("gu", domain.Authority, "government"), Exception: domain.ExceptionID(a.id("X")),
		Clause: pick(a, []domain.ClauseID{"1", "2", "4", "6"}), Amount: a.amount(3_000_000), Document: "长府〔2025〕2号"}
	e := pick(a, a.enterprises)
	switch c.Clause {
	case "1", "6":
		c.Subject = string(e)
	case "2":
		c.Subject = fmt.Sprintf("P-%s-%d", e, a.random.IntN(3))
	case "4":
		c.Subject = fmt.Sprintf("W-P-%s-%d", e, a.random.IntN(3))
	}
	if c.Clause == "1" || c.Clause == "2" {
		c.SupportYear = pick(a, []domain.SupportYear{2025, 2026})
	}
	a.do(c)
}

// bookOutside books facts that no approval covers.
func (a *Author) bookOutside() {
	e := pick(a, a.enterprises)
	treasurer := a.head("qian", domain.Treasurer, "finance")
	if a.chance(30) {
		a.do(&domain.BookRecovery{Head: treasurer, Recovery: domain.RecoveryID(a.id("R")), Payout: domain.PayoutID(fmt.Sprintf("Z-%d", 1+a.random.IntN(a.next["Z"]+1))),
			Amount: domain.Fen(1 + a.random.Int64N(1000)), Cause: domain.CauseError})
		return
	}
	a.do(&domain.BookPayout{Head: treasurer, Payout: domain.PayoutID(a.id("Z")), Enterprise: e, Clause: "3", Project: fmt.Sprintf("P-%s-%d", e, a.random.IntN(3)),
		SupportYear: 2025, Amount: a.amount(1_500_000)})
}

// oddities are what happens seldom.
func (a *Author) oddities() {
	e := pick(a, a.enterprises)
	switch a.random.IntN(8) {
	case 0:
		a.do(&domain.RenameEnterprise{Head: a.head("chen", domain.Clerk, ""), Enterprise: e, Title: pick(a, cities) + "更名" + a.id("name")})
	case 1:
		a.do(&domain.RestrictCredit{Head: a.head("qian", domain.Treasurer, "finance"), Enterprise: e, Reason: "失信"})
	case 2:
		a.do(&domain.RestoreCredit{Head: a.head("qian", domain.Treasurer, "finance"), Enterprise: e, Reason: "修复"})
	case 3:
		a.do(&domain.AdmitBeneficiary{Head: a.head("gu", domain.Authority, "government"), Enterprise: e, Document: "纪要"})
	case 4:
		a.do(&domain.AmendClause{Head: a.head("root", domain.Admin, ""), Clause: pick(a, []domain.ClauseID{"1", "2", "3", "4"}), EffectiveOn: a.Today(),
			Cap: domain.NewCap{Ceiling: domain.Stated(domain.Yuan(2_000_000 + a.random.Int64N(9)*1_000_000)), Given: true}, Retroactive: a.chance(50), Document: "修订"})
	case 5:
		a.do(&domain.SetAppropriation{Head: a.head("qian", domain.Treasurer, "finance"), BudgetYear: 2025 + a.random.IntN(2),
			Clause: pick(a, []domain.ClauseID{"1", "2", "3"}), Amount: domain.Yuan(900_000_000_000 + a.random.Int64N(1000)), Document: "预算"})
	case 6:
		a.do(&domain.RecordTreasuryPayment{Head: a.head("qian", domain.Treasurer, "finance"), Statement: "国库 2025", Line: 1 + a.random.IntN(50),
			Voucher: fmt.Sprintf("V-%d", a.random.IntN(99)), Amount: domain.Yuan(1 + a.random.Int64N(1000)), Payee: "甲公司"})
	default:
		a.do(&domain.DisposeFinding{Head: a.head("shen", domain.Auditor, ""), Finding: domain.FindingID(fmt.Sprintf("F-%d", a.random.IntN(20))),
			Disposition: domain.FindingExplained, Comment: "已说明"})
	}
}

// Log is a finished history that can be followed.
type Log struct {
	Records []eventstore.Record
	Chunk   int // records handed over at once, and the rest of a command; 0: 2000
}

// NewLog is a log of a finished history.
func NewLog(records []eventstore.Record) *Log { return &Log{Records: records} }

// Follow hands over the history from a position on, then waits for ctx to end.
func (l *Log) Follow(ctx context.Context, from uint64, fn func([]eventstore.Record) error) error {
	chunk := l.Chunk
	if chunk <= 0 {
		chunk = 2000
	}
	for at := int(from) - 1; at < len(l.Records); {
		if err := ctx.Err(); err != nil {
			return err
		}
		end := min(at+chunk, len(l.Records))
		for end < len(l.Records) && l.Records[end].Header.Get("ce-commandindex") != "0" {
			end++
		}
		if err := fn(l.Records[at:end]); err != nil {
			return err
		}
		at = end
	}
	<-ctx.Done()
	return ctx.Err()
}

// Require is an error when the history ends before a position.
func (l *Log) Require(_ context.Context, position uint64) error {
	if position > uint64(len(l.Records)) {
		return fmt.Errorf("the history ends at %d, before %d", len(l.Records), position)
	}
	return nil
}

// Read hands over the events from one position to another.
func (l *Log) Read(ctx context.Context, from, to uint64, fn func([]eventstore.Record) error) error {
	return eventstore.Records(l.Records).Read(ctx, from, to, fn)
}
