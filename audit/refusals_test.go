package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// refusedLog is a stream of refusals in memory.
type refusedLog []eventstore.Record

func (l refusedLog) Scan(_ context.Context, from, _ uint64, subjects []string, fn func([]eventstore.Record) error) error {
	var found []eventstore.Record
	for _, r := range l {
		if r.Seq >= from && (len(subjects) == 0 || strings.HasPrefix(r.Subject, strings.TrimSuffix(subjects[0], ">"))) {
			found = append(found, r)
		}
	}
	return fn(found)
}

// chainOf is a stream of so many refusals, the first of them as an earlier release kept them.
func chainOf(t *testing.T, n, unlinked int) refusedLog {
	t.Helper()
	var log refusedLog
	var link wire.Link
	for i := range n {
		r := wire.Refused{Position: uint64(i), Command: fmt.Appendf(nil, `{"id":"c-%d"}`, i), Refusal: domain.Refusal{Code: domain.CodeCapExceeded}}
		if i >= unlinked {
			r.Before = link
		}
		data, err := wire.EncodeRefused(r)
		if err != nil {
			t.Fatal(err)
		}
		one := eventstore.Record{Seq: uint64(i + 1), Subject: r.Subject("f"), Data: data}
		log = append(log, one)
		link = link.Then(one.Seq, one.Subject, one.Data)
	}
	return log
}

// retire takes the first records of a stream away, and notes it behind the last.
func (l refusedLog) retire(t *testing.T, upto uint64, before ...wire.Retired) (refusedLog, wire.Retired) {
	t.Helper()
	var end, all wire.Link
	for _, r := range l {
		if said, err := wire.DecodeRefused(r.Data); err == nil && said.Before != (wire.Link{}) {
			all = said.Before
		}
		if all = all.Then(r.Seq, r.Subject, r.Data); r.Seq == upto {
			end = all
		}
	}
	done := wire.Retired{First: l[0].Seq, Last: upto, End: end}
	note := wire.Refused{Before: all, Command: []byte("{}"), Refusal: domain.Refusal{Code: domain.CodeRefusalsRetired}, Retired: append(before, done)}
	data, err := wire.EncodeRefused(note)
	if err != nil {
		t.Fatal(err)
	}
	rest := slices.DeleteFunc(slices.Clone(l), func(r eventstore.Record) bool { return r.Seq <= upto })
	return append(rest, eventstore.Record{Seq: l[len(l)-1].Seq + 1, Subject: note.Subject("f"), Data: data}), done
}

func TestWhatHappensToRefusalsIsFound(t *testing.T) {
	clone := func(l refusedLog) refusedLog {
		l = slices.Clone(l)
		for i := range l {
			l[i].Data = slices.Clone(l[i].Data)
		}
		return l
	}
	whole := chainOf(t, 20, 5)
	retired, first := chainOf(t, 20, 0).retire(t, 7)
	twice, _ := retired.retire(t, 12, first)
	old, _ := chainOf(t, 20, 20).retire(t, 7) // all of it kept by an earlier release
	none := func(refusedLog) refusedLog { return nil }
	for name, c := range map[string]struct {
		log    refusedLog
		change func(refusedLog) refusedLog
		want   []string
	}{
		"nothing was refused":                    {nil, none, nil},
		"nothing happened":                       {whole, clone, nil},
		"an earlier release alone":               {chainOf(t, 9, 9), clone, nil},
		"retired":                                {retired, clone, nil},
		"retired twice":                          {twice, clone, nil},
		"retired, of an earlier release":         {old, clone, nil},
		"retired and not taken away":             {append(chainOf(t, 7, 0), retired...), clone, nil},
		"a byte of one that an old release kept": {whole, func(l refusedLog) refusedLog { l[2].Data[20] ^= 1; return l }, []string{codeRefusalsChanged}},
		"a figure": {whole, func(l refusedLog) refusedLog {
			l[9].Data = []byte(strings.Replace(string(l[9].Data), "c-9", "c-8", 1))
			return l
		}, []string{codeRefusalsChanged}},
		"a subject":   {whole, func(l refusedLog) refusedLog { l[9].Subject += "x"; return l }, []string{codeRefusalsChanged}},
		"one is gone": {whole, func(l refusedLog) refusedLog { return slices.Delete(l, 9, 10) }, []string{codeRefusalsGone}},
		"one is gone, and the others moved up": {whole, func(l refusedLog) refusedLog {
			l = slices.Delete(l, 9, 10)
			for i := 9; i < len(l); i++ {
				l[i].Seq--
			}
			return l
		}, []string{codeRefusalsChanged}},
		"two changed places": {whole, func(l refusedLog) refusedLog {
			l[9].Data, l[10].Data = l[10].Data, l[9].Data
			return l
		}, []string{codeRefusalsChanged}},
		"the last is another that says no link": {whole, func(l refusedLog) refusedLog { l[19].Data = chainOf(t, 20, 20)[19].Data; return l }, []string{codeRefusalsChanged}},
		"the beginning is gone":                 {whole, func(l refusedLog) refusedLog { return l[3:] }, []string{codeRefusalsGone}},
		"more is gone than was retired":         {retired, func(l refusedLog) refusedLog { return l[1:] }, []string{codeRefusalsGone}},
		"what stands behind is rewritten":       {old, func(l refusedLog) refusedLog { l[0].Data[20] ^= 1; return l }, []string{codeRefusalsChanged}},
		"the note says another end": {retired, func(l refusedLog) refusedLog {
			n := len(l) - 1
			l[n].Data = []byte(strings.Replace(string(l[n].Data), first.End.String(), wire.Link{1}.String(), 1))
			return l
		}, []string{codeRefusalsChanged}},
	} {
		check, err := checkRefusals(t.Context(), "f", c.change(clone(c.log)))
		if err != nil {
			t.Fatal(err)
		}
		var codes []string
		for _, f := range check.faults {
			if codes = append(codes, f.Code); f.Severity != Error {
				t.Errorf("%s: %+v", name, f)
			}
		}
		slices.Sort(codes)
		if codes = slices.Compact(codes); !slices.Equal(codes, c.want) {
			t.Errorf("%s: %v, want %v", name, codes, c.want)
		}
	}
}
