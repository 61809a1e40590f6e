package postgres_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/audit/office"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/projtest"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

// packed is what a pack calls a column that the list of the same name calls otherwise.
var packed = map[string]map[string]string{
	"clawbacks":      {"ordered": "clawback_ordered", "waived": "clawback_waived"},
	"appropriations": {"paid": "budget_paid"},
}

// A pack is made of the log alone and a list of tables, by rows of their own; where both have a column, both say the same of everything, after a
// transfer too, which charges an application to another clause than the one that it was filed under, and after a year was closed, opened again and closed.
func TestAPackSaysWhatTheListsSay(t *testing.T) {
	author := projtest.Late(37, 1500)
	_, differences, differ := author.State().Differences(2025)
	today := func(person string, role domain.Role, office domain.DepartmentID) domain.Head {
		h := author.Head(person, role, office) // which may be of an earlier day
		h.Date = author.Today()
		return h
	}
	for _, command := range []domain.Command{
		&domain.SubmitApplication{Head: author.Head("chen", domain.Clerk, ""), Application: "A-moved", Enterprise: "E-1", Clause: "1", Title: "申请",
			Requested: []domain.Instalment{{SupportYear: 2026, Amount: domain.Yuan(10)}}},
		&domain.TransferApplication{Head: author.Head("chen", domain.Clerk, "science"), Application: "A-moved", Clause: "5", Document: "长府〔2026〕1号"},
		&domain.CloseBudgetYear{Head: today("qian", domain.Treasurer, "finance"), Year: 2025, Document: "封 1 号", Differences: differences, DifferenceAmount: differ},
		&domain.ReopenBudgetYear{Head: today("zhao", domain.Authority, "government"), Year: 2025, Document: "启 1 号", Reason: "漏记"},
		&domain.CloseBudgetYear{Head: today("qian", domain.Treasurer, "finance"), Year: 2025, Document: "封 2 号", Differences: differences, DifferenceAmount: differ},
	} {
		if refusal := author.Do(command); refusal != nil {
			t.Fatal(refusal)
		}
	}
	records := author.Records()
	url, now := migrated(t), records[len(records)-1].Time.Add(time.Hour)
	project(t, url, records)
	q := ask(t, url, now)
	var pack bytes.Buffer
	if _, err := office.WritePack(t.Context(), &pack, office.PackSource{Fund: projtest.Fund, Log: projtest.NewLog(records), Now: now}); err != nil {
		t.Fatal(err)
	}
	files, err := zip.NewReader(bytes.NewReader(pack.Bytes()), int64(pack.Len()))
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, l := range projections.Lists() {
		file, err := files.Open(l.Name + ".csv")
		if err != nil || l.Kept != projections.InTables || l == projections.Findings.List { // whose name a pack has for what a verification finds
			continue
		}
		var list bytes.Buffer
		if _, err := tabular.Write(&list, tabular.CSV, words.ListTable(l, l.Every(t.Context(), q, projections.Ask{Limit: projections.MaxLimit})), tabular.Options{Lang: "en"}); err != nil {
			t.Fatal(err)
		}
		want := byKey(t, l, csv.NewReader(&list), nil)
		got := byKey(t, l, csv.NewReader(file), packed[l.Name])
		if len(want) == 0 || len(want) != len(got) {
			t.Errorf("%s: %d rows in the list, %d in the pack", l.Name, len(want), len(got))
		}
		for _, key := range slices.Sorted(maps.Keys(want)) {
			for column, value := range want[key] {
				if column == "event_type" { // a pack has called it as the log does since its first release
					value = "fundledger." + value
				}
				if told, has := got[key][column]; has && told != value {
					t.Errorf("%s %s: %s is %q in the list, %q in the pack", l.Name, key, column, value, told)
				} else if has {
					compared++
				}
			}
		}
	}
	if compared < 20_000 {
		t.Errorf("%d cells were compared", compared)
	}
}

// byKey are the rows of a table by the columns of a list's key, each by its columns. What is nought to the list is empty in a pack.
func byKey(t *testing.T, l *projections.List, table *csv.Reader, called map[string]string) map[string]map[string]string {
	t.Helper()
	lines, err := table.ReadAll()
	if err != nil || len(lines) == 0 {
		t.Fatalf("%s: %v", l.Name, err)
	}
	lines[0][0] = strings.TrimPrefix(lines[0][0], "\ufeff")
	named := map[string]string{}
	for column, as := range called {
		named[as] = column
	}
	rows := map[string]map[string]string{}
	for _, cells := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			if as := named[name]; as != "" {
				name = as
			}
			if cells[i] == "0" {
				cells[i] = ""
			}
			row[name] = cells[i]
		}
		var key []string
		for _, column := range l.Key {
			key = append(key, row[column])
		}
		rows[strings.Join(key, " ")] = row
	}
	return rows
}
