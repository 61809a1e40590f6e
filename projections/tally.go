package projections

import (
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

// Tally is the journal as statistics add it up: its postings in their order, packed into 24 bytes each. No table of sums would be much shorter, for hardly two
// postings agree in enterprise, clause, years, day, department and kind; so what is kept short is the way through them. Whatever is taken in stays as it is:
// a [TallySum] may be added up while more is taken in.
type Tally struct {
	seq          uint64 // taken in up to here
	names        dictionary
	enterprises  dictionary
	applications dictionary
	lines        []tallyLine // by their ids, which begin at 1
	postings     []tallyPosting
	seqs         []uint64 // of the postings
	decisions    []tallyDecision
	spans        map[string][][]tallySpan // by the column that they are grouped by, and the enterprise
}

type tallyLine struct {
	enterprise, clause, subjectKind uint32
	year                            uint16
}

type tallyPosting struct {
	amount            int64
	line, application uint32
	day               int32
	budgetYear        uint16
	kind              uint8
	count             int8
}

// tallyDecision says which department approved an application from then on, or that none did any more.
type tallyDecision struct {
	seq         uint64
	application uint32
	department  uint32
	day         int32
}

type tallySpan struct {
	from, until int32
	value       uint32
}

// dictionary numbers texts; the empty text is 0.
type dictionary struct {
	codes map[string]uint32
	texts []string
}

func newDictionary() dictionary {
	return dictionary{codes: map[string]uint32{"": 0}, texts: []string{""}}
}

func (d *dictionary) code(text []byte) uint32 {
	if code, known := d.codes[string(text)]; known {
		return code
	}
	code, kept := uint32(len(d.texts)), string(text)
	d.codes[kept], d.texts = code, append(d.texts, kept)
	return code
}

// NewTally is a tally of no postings.
func NewTally() *Tally {
	return &Tally{names: newDictionary(), enterprises: newDictionary(), applications: newDictionary(), lines: make([]tallyLine, 1), spans: map[string][][]tallySpan{}}
}

// Seq is the position up to which the journal is taken in.
func (t *Tally) Seq() uint64 { return t.seq }

// Lines is how many lines are known: the ids of the next begin behind.
func (t *Tally) Lines() int64 { return int64(len(t.lines) - 1) }

// AddLine takes the next line in.
func (t *Tally) AddLine(enterprise, clause, subjectKind []byte, year int16) {
	t.lines = append(t.lines, tallyLine{t.enterprises.code(enterprise), t.names.code(clause), t.names.code(subjectKind), uint16(year)})
}

// TallyPosting is a posting as it is taken in. A day is counted from any first one, the same for all.
type TallyPosting struct {
	Seq         uint64
	Line        int64
	Kind        Kind
	Count       int16
	Amount      int64 // in hundredths
	Day         int32
	BudgetYear  int16 // that of its business date where it has none
	Application []byte
}

// Add takes the next posting in; its line is known.
func (t *Tally) Add(p TallyPosting) {
	t.seqs = append(t.seqs, p.Seq)
	t.postings = append(t.postings, tallyPosting{p.Amount, uint32(p.Line), t.applications.code(p.Application), p.Day, uint16(p.BudgetYear), uint8(p.Kind), int8(p.Count)})
}

// Decide says which department approved an application, from an event on; of one that was submitted again none did.
func (t *Tally) Decide(seq uint64, application, department []byte, day int32) {
	t.decisions = append(t.decisions, tallyDecision{seq, t.applications.code(application), t.names.code(department), day})
}

// Cut forgets the last event's postings, of which there may be more, and takes the tally to end before it.
func (t *Tally) Cut() {
	n := len(t.seqs)
	if n == 0 || t.seqs[n-1] <= t.seq {
		return
	}
	for last := t.seqs[n-1]; n > 0 && t.seqs[n-1] == last; n-- {
	}
	t.seqs, t.postings = t.seqs[:n:n], t.postings[:n:n]
	if n > 0 {
		t.seq = max(t.seq, t.seqs[n-1])
	}
}

// Taken says that all is taken in up to a position.
func (t *Tally) Taken(seq uint64) { t.seq = seq }

// TallySpan is what an enterprise is from one day up to another.
type TallySpan struct {
	Enterprise, Value []byte
	From, Until       int32
}

// spansOf puts what some enterprises are in the place of what was said of them before.
func (t *Tally) spansOf(before [][]tallySpan, enterprises []string, list []TallySpan) [][]tallySpan {
	after := slices.Clone(before)
	of := func(code uint32) *[]tallySpan {
		for int(code) >= len(after) {
			after = append(after, nil)
		}
		return &after[code]
	}
	for _, e := range enterprises {
		*of(t.enterprises.code([]byte(e))) = nil
	}
	for _, s := range list {
		one := of(t.enterprises.code(s.Enterprise))
		*one = append(slices.Clip(*one), tallySpan{s.From, s.Until, t.names.code(s.Value)})
	}
	return after
}

// Keep keeps what enterprises are by a column; with enterprises, only theirs is another than before.
func (t *Tally) Keep(column string, enterprises []string, list []TallySpan) {
	before := t.spans[column]
	if enterprises == nil {
		before = nil
	}
	kept := maps.Clone(t.spans)
	kept[column] = t.spansOf(before, enterprises, list)
	t.spans = kept
}

// TallyAsk is what is to be added up.
type TallyAsk struct {
	Upto     uint64 // postings up to here
	On       *int32 // those of this day and before; nil: all
	Measure  Measure
	By       []string               // the columns to group by
	Where    map[string]string      // the group that is left of a column
	Only     string                 // enterprise; "": all
	Policies map[string]string      // by clause
	Spans    map[string][]TallySpan // what enterprises were then, by the column; of others what is kept
}

// TallySum is an ask that is ready to be added up, while others take more in.
type TallySum struct {
	ask       TallyAsk
	names     []string
	lines     []tallyLine
	postings  []tallyPosting
	decisions []tallyDecision
	spans     map[string][][]tallySpan
	policies  []uint32 // by the clause's number
	cases     int
	unknown   uint32
	only      uint32
	where     map[string]uint32
	nothing   bool // nobody has what it is narrowed to
}

// Ask makes an ask ready.
func (t *Tally) Ask(a TallyAsk) *TallySum {
	n := sort.Search(len(t.seqs), func(i int) bool { return t.seqs[i] > a.Upto })
	decided := sort.Search(len(t.decisions), func(i int) bool { return t.decisions[i].seq > a.Upto })
	s := &TallySum{ask: a, lines: t.lines, postings: t.postings[:n], decisions: t.decisions[:decided], spans: t.spans, cases: len(t.applications.texts),
		unknown: t.names.code([]byte(Unknown)), where: map[string]uint32{}}
	if len(a.Spans) > 0 {
		s.spans = maps.Clone(t.spans)
		for column, list := range a.Spans {
			s.spans[column] = t.spansOf(nil, nil, list)
		}
	}
	for clause, policy := range a.Policies {
		code := int(t.names.code([]byte(clause)))
		s.policies = append(s.policies, make([]uint32, max(0, code+1-len(s.policies)))...)
		s.policies[code] = t.names.code([]byte(policy))
	}
	for column, group := range a.Where {
		code, known := t.groupCode(column, group)
		s.where[column], s.nothing = code, s.nothing || !known
	}
	if a.Only != "" {
		code, known := t.enterprises.codes[a.Only]
		s.only, s.nothing = code, s.nothing || !known
	}
	s.names = t.names.texts
	return s
}

// groupCode is the number of a column's group, as [TallySum.column] tells it.
func (t *Tally) groupCode(column, group string) (uint32, bool) {
	switch column {
	case "support_year", "budget_year":
		n, err := strconv.ParseUint(group, 10, 16)
		return uint32(n), err == nil
	case "quarter", "month":
		part, begin := 12, "-"
		if column == "quarter" {
			part, begin = 4, "-Q"
		}
		year, rest, found := strings.Cut(group, begin)
		y, err := strconv.Atoi(year)
		n, bad := strconv.Atoi(rest)
		return uint32(y*part + n - 1), found && err == nil && bad == nil && group == periodText(column, uint32(y*part+n-1))
	}
	code, known := t.names.codes[group]
	return code, known
}

// periodText is a month or a quarter as it is written.
func periodText(column string, code uint32) string {
	if column == "quarter" {
		return fmt.Sprintf("%04d-Q%d", code/4, code%4+1)
	}
	return fmt.Sprintf("%04d-%02d", code/12, code%12+1)
}

// dayOne is the day that the days of a tally are counted from: those of PostgreSQL, whose infinities are the least and the largest.
var dayOne = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// DayNumber is a date as a tally counts days.
func DayNumber(d domain.Date) int32 { return int32(d.Time(time.UTC).Sub(dayOne) / (24 * time.Hour)) }

// monthOf is the month of a day, counted from the year 0.
func monthOf(day int32) uint32 {
	// The days are counted from the first of March of the year 0, by which leap days come last.
	z := int64(day) + 730425
	era := z / 146097
	of := z - era*146097
	year := (of - of/1460 + of/36524 - of/146096) / 365
	nth := of - (365*year + year/4 - year/100)
	m := (5*nth+2)/153 + 2 // 0: January
	return uint32((era*400+year)*12 + m)
}

// column tells the group of a posting, by a number.
func (s *TallySum) column(name string) func(*tallyPosting, *tallyLine) uint32 {
	orUnknown := func(code uint32) uint32 {
		if code == 0 {
			return s.unknown
		}
		return code
	}
	switch name {
	case "policy":
		return func(_ *tallyPosting, l *tallyLine) uint32 {
			if int(l.clause) < len(s.policies) {
				return s.policies[l.clause]
			}
			return 0
		}
	case "clause":
		return func(_ *tallyPosting, l *tallyLine) uint32 { return l.clause }
	case "subject_kind":
		return func(_ *tallyPosting, l *tallyLine) uint32 { return l.subjectKind }
	case "support_year":
		return func(_ *tallyPosting, l *tallyLine) uint32 { return uint32(l.year) }
	case "budget_year":
		return func(p *tallyPosting, _ *tallyLine) uint32 { return uint32(p.budgetYear) }
	case "month":
		return func(p *tallyPosting, _ *tallyLine) uint32 { return monthOf(p.day) }
	case "quarter":
		return func(p *tallyPosting, _ *tallyLine) uint32 { return monthOf(p.day) / 3 }
	case "department":
		of := make([]uint32, s.cases)
		for _, d := range s.decisions {
			if s.ask.On == nil || d.day <= *s.ask.On {
				of[d.application] = d.department
			}
		}
		return func(p *tallyPosting, _ *tallyLine) uint32 { return orUnknown(of[p.application]) }
	}
	spans := s.spans[name]
	return func(p *tallyPosting, l *tallyLine) uint32 {
		if int(l.enterprise) < len(spans) {
			for _, one := range spans[l.enterprise] {
				if p.day >= one.from && p.day < one.until {
					return orUnknown(one.value)
				}
			}
		}
		return s.unknown
	}
}

// tallied is what a group comes to so far, and who has a part in it, a bit for each.
type tallied struct {
	amount, count int64
	enterprises   []uint64
}

// Rows adds up. Their order is any.
func (s *TallySum) Rows() []StatisticsRow {
	if s.nothing {
		return nil
	}
	var weights [kinds]int64
	var ofMeasure [kinds]bool
	for _, k := range Kinds() {
		weights[k] = s.ask.Measure.Weight(k)
		ofMeasure[k] = weights[k] != 0
	}
	type narrowed struct {
		of    func(*tallyPosting, *tallyLine) uint32
		group uint32
	}
	var where []narrowed
	for column, group := range s.where {
		where = append(where, narrowed{s.column(column), group})
	}
	var by []func(*tallyPosting, *tallyLine) uint32
	for _, column := range s.ask.By {
		by = append(by, s.column(column))
	}
	groups, last, lastKey := map[uint64]*tallied{}, (*tallied)(nil), uint64(0)
next:
	for i := range s.postings {
		p := &s.postings[i]
		if !ofMeasure[p.kind] || s.ask.On != nil && p.day > *s.ask.On {
			continue
		}
		l := &s.lines[p.line]
		if s.only != 0 && l.enterprise != s.only {
			continue
		}
		for _, n := range where {
			if n.of(p, l) != n.group {
				continue next
			}
		}
		var key uint64
		for _, of := range by {
			key = key<<groupBits | uint64(of(p, l))
		}
		if last == nil || key != lastKey {
			if last = groups[key]; last == nil {
				last = &tallied{}
				groups[key] = last
			}
			lastKey = key
		}
		last.add(weights[p.kind]*p.amount, int64(p.count), l.enterprise)
	}
	var rows []StatisticsRow
	for key, g := range groups {
		rows = append(rows, s.row(key, g))
	}
	return rows
}

// groupBits is how many bits a group's number has in the key of several.
const groupBits = 64 / MostGroupings

func (g *tallied) add(amount, count int64, enterprise uint32) {
	g.amount, g.count = g.amount+amount, g.count+count
	if enterprise == 0 {
		return
	}
	at := int(enterprise / 64)
	if at >= len(g.enterprises) {
		g.enterprises = append(g.enterprises, make([]uint64, at+1-len(g.enterprises))...)
	}
	g.enterprises[at] |= 1 << (enterprise % 64)
}

func (s *TallySum) row(key uint64, g *tallied) StatisticsRow {
	var enterprises int64
	for _, some := range g.enterprises {
		enterprises += int64(bits.OnesCount64(some))
	}
	r := StatisticsRow{Measure: s.ask.Measure.Name, Applications: &g.count, Enterprises: &enterprises}
	if s.ask.Measure.Counts == "" {
		r.Amount = decimal.NewNullDecimal(domain.Fen(g.amount).Decimal())
	}
	for _, column := range slices.Backward(s.ask.By) {
		code := uint32(key & (1<<groupBits - 1))
		key >>= groupBits
		switch column {
		case "policy":
			r.Policy = domain.PolicyID(s.names[code])
		case "clause":
			r.Clause = domain.ClauseID(s.names[code])
		case "department":
			r.Department = domain.DepartmentID(s.names[code])
		case "industry":
			r.Industry = domain.IndustryID(s.names[code])
		case "enterprise_size":
			r.Size = s.names[code]
		case "street":
			r.Street = s.names[code]
		case "subject_kind":
			r.SubjectKind = domain.SubjectKind(s.names[code])
		case "support_year":
			r.SupportYear = domain.SupportYear(code)
		case "budget_year":
			r.BudgetYear = domain.SupportYear(code)
		case "quarter":
			r.Quarter = periodText(column, code)
		case "month":
			r.Month = periodText(column, code)
		}
	}
	return r
}
