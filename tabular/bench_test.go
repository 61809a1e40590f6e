package tabular

import (
	"fmt"
	"io"
	"iter"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// many are rows as the totals have them: 20 columns, of which 12 are amounts.
func many(rows int) Table {
	t := Table{Name: "totals", Columns: []Column{
		{Name: "enterprise"}, {Name: "enterprise_name"}, {Name: "clause"}, {Name: "status"},
		{Name: "support_year", Kind: Integer}, {Name: "applications", Kind: Integer, Total: true}, {Name: "utilisation", Kind: Ratio}, {Name: "paid_on", Kind: Date},
	}}
	for i := range 12 {
		t.Columns = append(t.Columns, Column{Name: fmt.Sprintf("amount_%d", i), Kind: Money, Total: i < 6})
	}
	t.Rows = manyRows(rows)
	return t
}

func manyRows(rows int) iter.Seq2[Row, error] {
	day := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	return func(yield func(Row, error) bool) {
		row := make(Row, 20)
		for n := range rows {
			copy(row, Row{fmt.Sprintf("9131010%011d", n), fmt.Sprintf("上海长宁第%d科技有限公司", n), "1.1a", "ok", 2025 + n%2, 3, decimal.New(int64(n%10000), -4), day.AddDate(0, 0, n%365)})
			for i := 8; i < 20; i++ {
				row[i] = decimal.New(int64(n*i)*12345, -2)
			}
			if n%7 == 0 {
				row[15] = nil
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

func BenchmarkWrite100kRows(b *testing.B) {
	const rows = 100_000
	b.Run("rows alone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for range manyRows(rows) {
			}
		}
	})
	for _, format := range formats {
		b.Run(string(format), func(b *testing.B) {
			table, size := many(rows), new(counter)
			b.ReportAllocs()
			for b.Loop() {
				*size = 0
				if _, err := Write(size, format, table, Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(*size)/1e6, "MB")
		})
	}
}

// BenchmarkWriteAMillionRows tells the most memory that was live at any hundred thousandth row. Its collections cost it time.
func BenchmarkWriteAMillionRows(b *testing.B) {
	for _, format := range []Format{CSV, JSON, NDJSON, Parquet, XLSX} {
		b.Run(string(format), func(b *testing.B) {
			var live uint64
			table := many(0)
			table.Rows = func(yield func(Row, error) bool) {
				n := 0
				for row, err := range manyRows(1_000_000) {
					if n++; n%100_000 == 0 {
						live = max(live, liveHeap())
					}
					if !yield(row, err) {
						return
					}
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Write(io.Discard, format, table, Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(live)/1e6, "live-MB")
		})
	}
}

// liveHeap is the memory in use once what is not has been collected.
func liveHeap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// heldAt tells the memory in use when a writer has written so many rows.
func heldAt(t *testing.T, format Format, rows int) uint64 {
	t.Helper()
	var held uint64
	table := many(rows)
	table.Rows = func(yield func(Row, error) bool) {
		for row, err := range manyRows(rows) {
			if !yield(row, err) {
				return
			}
		}
		held = liveHeap()
	}
	if _, err := Write(io.Discard, format, table, Options{}); err != nil {
		t.Fatal(err)
	}
	return held
}

func TestMemoryDoesNotGrowWithTheRows(t *testing.T) {
	for _, format := range formats {
		few := 2 * measuredRows
		if format == Parquet {
			few = rowGroupRows + batchRows // every buffer has been full once
		}
		first, then := heldAt(t, format, few), heldAt(t, format, 3*few)
		if then > 2*first+4<<20 { // what grew with the rows would be thrice as much; what a pool holds is a matter of when
			t.Errorf("%s holds %d MB after %d rows, %d MB after %d", format, first>>20, few, then>>20, 3*few)
		}
		t.Logf("%s: %d MB, then %d MB", format, first>>20, then>>20)
	}
}

func TestAnySheetHoldsWhatExcelHolds(t *testing.T) {
	table := Table{Name: "t", Columns: []Column{{Name: "n", Kind: Integer}}, Rows: func(yield func(Row, error) bool) {
		row := Row{1}
		for range sheetRows + 1 {
			if !yield(row, nil) {
				return
			}
		}
	}}
	_, texts := parts(t, written(t, XLSX, table, Options{}))
	for name, want := range map[string]string{"sheet1": `<autoFilter ref="A1:A1048576"/>`, "sheet2": `<autoFilter ref="A1:A2"/>`} {
		text := texts["xl/worksheets/"+name+".xml"]
		if tail := text[max(0, len(text)-600):]; !strings.Contains(tail, want) {
			t.Errorf("%s ends in %s", name, tail)
		}
	}
}
