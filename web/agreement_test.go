package web_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/words"
)

// cells are the rows of an answer, by column.
type cells []map[string]string

// told reads a list as a format has it, by a reader that is not ours where the format is somebody else's.
func (h *house) told(token, list, as, asOf string) cells {
	h.t.Helper()
	a := h.ask("GET", "/v1/"+list+"?limit=5000&format="+as+asOf, token, "")
	if a.status != 200 {
		h.t.Fatalf("%s as %s: %d %.300s", list, as, a.status, a.body)
	}
	switch as {
	case "json":
		var page struct{ Rows []map[string]any }
		if err := json.Unmarshal(a.body, &page, json.MatchCaseInsensitiveNames(true)); err != nil {
			h.t.Fatal(err)
		}
		rows := make(cells, len(page.Rows))
		for i, row := range page.Rows {
			rows[i] = map[string]string{}
			for name, value := range row {
				if rows[i][name] = fmt.Sprint(value); value == nil {
					rows[i][name] = ""
				}
			}
		}
		return rows
	case "csv":
		return headed(must(csv.NewReader(bytes.NewReader(bytes.TrimPrefix(a.body, []byte("\ufeff")))).ReadAll())(h.t))
	case "xlsx":
		f := must(excelize.OpenReader(bytes.NewReader(a.body)))(h.t)
		defer f.Close()
		table := must(f.GetRows(f.GetSheetList()[0], excelize.Options{RawCellValue: true}))(h.t)
		for i, c := range words.ListTable(projections.ListOf(list), nil).Columns { // a workbook's headings are for people
			table[0][i] = c.Name
		}
		return headed(table)
	}
	return ofParquet(h.t, a.body)
}

// headed are the rows of a table below its heading. A row may end before its last columns.
func headed(table [][]string) cells {
	var rows cells
	for _, row := range table[1:] {
		of := map[string]string{}
		for i, name := range table[0] {
			if i < len(row) {
				of[name] = row[i]
			}
		}
		rows = append(rows, of)
	}
	return rows
}

// logical is what a column's values mean; nil where its type says all.
func logical(f parquet.Field) any {
	if t := f.Type().LogicalType(); t != nil {
		return t.Value
	}
	return nil
}

func ofParquet(t testing.TB, data []byte) (list cells) {
	t.Helper()
	f := must(parquet.OpenFile(bytes.NewReader(data), int64(len(data))))(t)
	for _, group := range f.RowGroups() {
		rows, batch := group.Rows(), make([]parquet.Row, 100)
		for {
			n, err := rows.ReadRows(batch)
			for _, row := range batch[:n] {
				of := map[string]string{}
				for i, v := range row {
					name, text := f.Schema().Columns()[i][0], v.String()
					if v.IsNull() {
						text = ""
					} else if d, ok := logical(f.Schema().Fields()[i]).(*format.DecimalType); ok {
						text = decimal.New(v.Int64(), -d.Scale).String()
					}
					of[name] = text
				}
				list = append(list, of)
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// said are rows as people read them, codes in words.
func (c cells) said() (list cells) {
	for _, row := range c {
		of := map[string]string{}
		for name, text := range row {
			of[name] = words.Said(name, text, "zh", nil)
		}
		list = append(list, of)
	}
	return list
}

// of are some columns of a row, amounts as amounts.
func (c cells) of(columns ...string) (list []string) {
	for _, row := range c {
		var texts []string
		for _, name := range columns {
			text := row[name]
			if d, err := decimal.NewFromString(text); err == nil && strings.Contains("headroom over_by received_beyond outstanding", name) {
				text = d.StringFixed(2)
			}
			texts = append(texts, text)
		}
		list = append(list, strings.Join(texts, " | "))
	}
	return list
}

// The API's JSON, its CSV and the files that people download say of a random history what the state that decides says: what is left of
// every account, what it is over by, what is outstanding of every clawback; now and as of two moments. Totals are the same in each.
func TestAnswersAndFilesAgreeWithTheStateThatDecides(t *testing.T) {
	author := projtest.Late(77, 500)
	h := empty(t, projtest.Fund)
	drafts, appended := author.Drafts(), uint64(0)
	for len(drafts) > 0 {
		n := min(len(drafts), 500)
		for n < len(drafts) && drafts[n].Envelope.Header().Get("ce-commandindex") != "0" {
			n++
		}
		appended = must(h.ledger.Log().Append(t.Context(), appended, drafts[:n]))(t)
		drafts = drafts[n:]
	}
	if err := h.projector.WaitFor(t.Context(), appended); err != nil {
		t.Fatal(err)
	}
	token := h.token("an", "analyst")
	over, beyond, open := 0, 0, 0
	for _, seq := range []uint64{appended / 2, appended * 2 / 3, 0} {
		asOf, upTo := "", appended
		if seq > 0 {
			asOf, upTo = fmt.Sprintf("&as_of=seq:%d", seq), seq
		}
		day := domain.DateOf(2026, 12, 31) // whatever is dated, and the caps of that day
		asOf += "&on=2026-12-31"
		state := projtest.StateAt(author.Records(), upTo)
		accounts := h.told(token, "accounts", "json", asOf)
		for _, row := range accounts {
			var year domain.SupportYear
			fmt.Sscan(row["support_year"], &year)
			account := domain.Account{Clause: domain.ClauseID(row["clause"]), Subject: domain.Subject{Kind: domain.SubjectKind(row["subject_kind"]), ID: row["subject"]}}
			view, _ := state.Account(account, year, day)
			if row["headroom"] != view.Headroom().String() || row["over_by"] != view.OverBy().String() {
				t.Errorf("at %d: %v, and the state has %s left and is over by %s", upTo, row, view.Headroom(), view.OverBy())
			}
			if view.OverBy().Positive() {
				over++
			}
			if row["received_beyond"] != "0.00" {
				beyond++
			}
		}
		clawbacks := h.told(token, "clawbacks", "json", asOf)
		for _, row := range clawbacks {
			view, _ := state.Clawback(domain.ClawbackID(row["clawback"]))
			if row["outstanding"] != view.Outstanding.String() {
				t.Errorf("at %d: %v, and the state has %s outstanding", upTo, row, view.Outstanding)
			}
			if view.Outstanding.Positive() {
				open++
			}
		}
		totals := h.told(token, "totals", "json", asOf)
		for _, as := range []string{"csv", "xlsx", "parquet"} {
			for list, c := range map[string]struct {
				json    cells
				columns []string
			}{
				"accounts":  {accounts, []string{"clause", "subject_kind", "subject", "support_year", "headroom", "over_by", "received_beyond", "status"}},
				"totals":    {totals, []string{"enterprise", "clause", "support_year", "headroom", "over_by", "received_beyond", "status"}},
				"clawbacks": {clawbacks, []string{"clawback", "outstanding"}},
			} {
				if as == "xlsx" { // which people read
					c.json = c.json.said()
				}
				want, got := c.json.of(c.columns...), h.told(token, list, as, asOf).of(c.columns...)
				if fmt.Sprint(want) != fmt.Sprint(got) || len(want) < 3 {
					t.Errorf("%s at %d as %s:\n%s\nand as JSON:\n%s", list, upTo, as, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		}
	}
	if over == 0 || beyond == 0 || open == 0 {
		t.Errorf("%d accounts are over, %d have money beyond, %d clawbacks are open: nothing was compared", over, beyond, open)
	}
}
