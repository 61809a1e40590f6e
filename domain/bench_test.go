package domain

import (
	"fmt"
	"runtime"
	"testing"
)

// BenchmarkDecideApply decides and applies the life of applications: submitted, accepted, reviewed, approved, paid; alone,
// and as the ledger does, recording what may have to be undone. One operation is one command; the target is 500,000 a
// second.
func BenchmarkDecideApply(b *testing.B) {
	st := given(b)
	var commands []Command
	for i := range 20_000 {
		commands = append(commands, life(st, i)...)
	}
	b.Run("final", func(b *testing.B) { decideAndApply(b, commands, func(*State, int) {}) })
	b.Run("recorded", func(b *testing.B) {
		decideAndApply(b, commands, func(s *State, n int) {
			if upTo := s.Mark(); n%64 == 63 { // a group of commands is durable
				s.Keep(upTo)
			}
		})
	})
}

func decideAndApply(b *testing.B, commands []Command, mark func(*State, int)) {
	today, n := day("2025-03-01"), 0
	var s *State
	b.ReportAllocs()
	for b.Loop() {
		if n%len(commands) == 0 {
			b.StopTimer()
			s = given(b).state
			b.StartTimer()
		}
		c := commands[n%len(commands)]
		d, r := Decide(s, c, today)
		if r != nil {
			b.Fatal(r)
		}
		h := c.Given()
		for _, e := range d.Events {
			Apply(s, e, Deed{Actor: h.Actor, Date: h.Date})
		}
		mark(s, n)
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "commands/s")
}

// life is all that happens to the i-th application, with the persons who make it happen.
func life(st *story, i int) []Command {
	id := ApplicationID(fmt.Sprintf("A%07d", i))
	parts := []Instalment{in(2025, "1000.00")}
	commands := []Command{submit(id, aiFirm, "6", fmt.Sprintf("P%07d", i/4), parts...), accept(id), review(id), approve(id, parts...),
		pay(PayoutID("M"+id), id, 2025, "1000.00")}
	for k, c := range commands {
		by(c, []Actor{person(Clerk, "reform"), person(Clerk, "reform"), person(Reviewer, "reform"), person(Approver, "reform"), person(Treasurer, "finance")}[k])
		st.head(c)
	}
	return commands
}

// BenchmarkStateMemory reports the bytes that an account line takes: 100,000 lines, one of each account. The target is
// 400 bytes; names are counted, as they are kept nowhere else.
func BenchmarkStateMemory(b *testing.B) {
	const lines = 100_000
	for b.Loop() {
		before := heap()
		s := NewState()
		for i := range lines {
			a := Account{"1.2a", Subject{SubjectProject, fmt.Sprintf("P-%012d", i)}}
			s.charge(a, 2025, func(u *usage) { u.committed = u.committed.Add(Yuan(1)) })
		}
		b.ReportMetric(float64(heap()-before)/lines, "B/line")
		runtime.KeepAlive(s)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
