package audit

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/proof"
	"github.com/fundledger/fundledger/wire"
)

// Drill is a change that was tried on a copy, and what caught it.
type Drill struct {
	Name   string      `json:"name"`
	Title  domain.Text `json:"title"`
	Caught bool        `json:"caught"`
	By     []string    `json:"by"` // the checks that failed
	First  *Finding    `json:"first"`
	Missed []string    `json:"missed,omitempty"` // of several forgeries of a table, those that were not found
}

// TamperDrill changes an event, and what is kept about it, in ways that a forger might, each on a copy in memory, and verifies each
// copy; then it forges a cell of every column of every projected table in a copy, deletes, adds and exchanges rows, and compares each
// with the log. Nothing that is kept is touched. The evidence should be sound, with a checkpoint beyond the event.
func TamperDrill(ctx context.Context, e Evidence, seq uint64) ([]Drill, error) {
	var drills []Drill
	proven := e
	proven.Rows = nil // the log and its tree are proven without the tables
	for _, t := range tamperings {
		copied, ok := t.change(proven, seq)
		if !ok {
			continue
		}
		r, err := Verify(ctx, copied, Options{})
		if err != nil {
			return nil, fmt.Errorf("tamper drill, %s: %w", t.name, err)
		}
		d := Drill{Name: t.name, Title: t.title, Caught: !r.Sound}
		for _, c := range r.Checks {
			if c.Result == Failed {
				d.By = append(d.By, c.Name)
			}
		}
		if len(r.Findings) > 0 && r.Findings[0].Severity == Error {
			d.First = &r.Findings[0]
		}
		drills = append(drills, d)
	}
	forged, err := forgeTables(ctx, e)
	if err != nil {
		return nil, fmt.Errorf("tamper drill on the tables: %w", err)
	}
	return append(drills, forged...), nil
}

// forgeTables folds the log again, and forges a copy of the tables in every way there is.
func forgeTables(ctx context.Context, e Evidence) ([]Drill, error) {
	if e.Rows == nil {
		return nil, nil
	}
	refold, err := e.Rows.Refold(ctx)
	if err != nil {
		return nil, err
	}
	defer refold.Close()
	err = e.Log.Read(ctx, 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			entry, err := wire.Decode(r)
			if err == nil {
				err = refold.Take(ctx, entry, r)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	forgeries, err := refold.Forge(ctx)
	if err != nil {
		return nil, err
	}
	var drills []Drill
	for _, f := range forgeries {
		drills = append(drills, tableDrill(f))
	}
	return drills, nil
}

// tableDrill is what was forged of one table. It is caught when all of it was.
func tableDrill(f projections.Forgery) Drill {
	tried, missed := strings.Join(f.Tried, ", "), strings.Join(f.Missed, ", ")
	d := Drill{Name: "table " + f.Table, Caught: missed == "", Missed: f.Missed,
		Title: domain.Text{ZH: "伪造投影表 " + f.Table + "：" + tried, EN: "table " + f.Table + " forged: " + tried}}
	if f.First != nil {
		first := cellFinding(f.Table, *f.First)
		d.By, d.First = []string{"projections"}, &first
	}
	return d
}

// tampering is a way to change evidence; ok is false where there is nothing of that kind to change.
type tampering struct {
	name   string
	title  domain.Text
	change func(e Evidence, seq uint64) (copied Evidence, ok bool)
}

// onRecord changes the record of a sequence, and hands over one, none or several in its place.
func onRecord(change func(eventstore.Record) []eventstore.Record) func(Evidence, uint64) (Evidence, bool) {
	return func(e Evidence, seq uint64) (Evidence, bool) {
		e.Log = tamperedLog{e.Log, seq, change}
		return e, true
	}
}

var tamperings = []tampering{
	{"data", domain.Text{ZH: "改动事件内容的一个字节", EN: "a byte of an event's data"}, onRecord(func(r eventstore.Record) []eventstore.Record {
		r.Data = bytes.Clone(r.Data)
		r.Data[len(r.Data)/2] ^= 1
		return []eventstore.Record{r}
	})},
	{"actor", domain.Text{ZH: "换掉经办人", EN: "another actor"}, onRecord(func(r eventstore.Record) []eventstore.Record {
		r.Header = maps.Clone(r.Header)
		r.Header["ce-actor"] = []string{"somebody-else"}
		return []eventstore.Record{r}
	})},
	{"time", domain.Text{ZH: "改动入账时间一纳秒", EN: "a nanosecond of the time of recording"}, onRecord(func(r eventstore.Record) []eventstore.Record {
		r.Time = r.Time.Add(time.Nanosecond)
		return []eventstore.Record{r}
	})},
	{"dropped", domain.Text{ZH: "删去一个事件", EN: "an event dropped"}, onRecord(func(eventstore.Record) []eventstore.Record { return nil })},
	{"doubled", domain.Text{ZH: "插入一个事件", EN: "an event inserted"}, onRecord(func(r eventstore.Record) []eventstore.Record { return []eventstore.Record{r, r} })},
	{"cut", domain.Text{ZH: "截断日志", EN: "the log cut"}, func(e Evidence, seq uint64) (Evidence, bool) {
		e.Log = cutLog{e.Log, seq}
		return e, true
	}},
	{"checkpoint", domain.Text{ZH: "改动检查点的一个字节", EN: "a byte of a checkpoint"}, func(e Evidence, _ uint64) (Evidence, bool) {
		if len(e.Checkpoints) == 0 {
			return e, false
		}
		e.Checkpoints = slices.Clone(e.Checkpoints)
		last := len(e.Checkpoints) - 1
		e.Checkpoints[last] = bytes.Clone(e.Checkpoints[last])
		e.Checkpoints[last][len(e.Checkpoints[last])/2] ^= 1
		return e, true
	}},
	{"leaf", domain.Text{ZH: "改动所存的一个叶子", EN: "a kept leaf"}, func(e Evidence, seq uint64) (Evidence, bool) {
		kept := e.Hashes
		e.Hashes = tamperedHashes{kept, int64(seq - 1)}
		return e, kept != nil
	}},
}

// tamperedLog is a log in which one record is changed.
type tamperedLog struct {
	proof.Log
	seq    uint64
	change func(eventstore.Record) []eventstore.Record
}

func (l tamperedLog) Read(ctx context.Context, from, to uint64, fn func([]eventstore.Record) error) error {
	return l.Log.Read(ctx, from, to, func(records []eventstore.Record) error {
		i := slices.IndexFunc(records, func(r eventstore.Record) bool { return r.Seq == l.seq })
		if i < 0 {
			return fn(records)
		}
		return fn(slices.Concat(records[:i], l.change(records[i]), records[i+1:]))
	})
}

// cutLog is a log that ends before a sequence.
type cutLog struct {
	proof.Log
	seq uint64
}

func (l cutLog) Read(ctx context.Context, from, _ uint64, fn func([]eventstore.Record) error) error {
	if l.seq <= from {
		return nil
	}
	return l.Log.Read(ctx, from, l.seq-1, fn)
}

// tamperedHashes is a kept tree in which one leaf is changed.
type tamperedHashes struct {
	proof.Hashes
	index int64
}

func (h tamperedHashes) Leaves(ctx context.Context, from, to int64) ([]tlog.Hash, error) {
	list, err := h.Hashes.Leaves(ctx, from, to)
	if err == nil && h.index >= from && h.index < to {
		list = slices.Clone(list)
		list[h.index-from][0] ^= 1
	}
	return list, err
}
