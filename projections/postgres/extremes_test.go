package postgres_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/projections/postgres"
	"github.com/fundledger/fundledger/projections/projtest"
)

// noise is a text of so many bytes that no index can compress: letters of three bytes, drawn at random.
func noise(random *rand.Rand, bytes int) string {
	var b strings.Builder
	for b.Len()+3 <= bytes {
		b.WriteRune(rune(0x4e00 + random.IntN(0x5000)))
	}
	return b.String()
}

// Whatever Decide accepts, the tables hold: amounts at the bound of one and of sums, and texts at the bound of their length.
func TestWhateverIsAcceptedIsProjectedAndRebuilt(t *testing.T) {
	for seed := range uint64(3) {
		random := rand.New(rand.NewPCG(seed, 1))
		author := projtest.NewAuthor(seed, 900)
		const largest = 99_999_999_999_999
		amounts := []domain.Money{domain.Fen(1), domain.Fen(largest), domain.Fen(largest), domain.Fen(largest - 1), domain.Yuan(1)}
		refused := map[string]int{}
		give := func(c domain.Command) {
			if r := author.Do(c); r != nil {
				refused[r.Code]++
			}
		}
		for i := range 120 {
			author.Act()
			amount, year := amounts[random.IntN(len(amounts))], domain.SupportYear(2024+random.IntN(4))
			clerk, treasurer := author.Head("x", domain.Clerk, "commerce"), author.Head("y", domain.Treasurer, "finance")
			firm := domain.EnterpriseID(noise(random, 190))
			clause := domain.ClauseID(fmt.Sprint(1 + random.IntN(4)))
			give(&domain.RegisterEnterprise{Head: clerk, Enterprise: firm, Title: noise(random, 480+random.IntN(40)), Industry: "ai"})
			give(&domain.BookPayout{Head: treasurer, Payout: domain.PayoutID(noise(random, 200)), Enterprise: firm, Clause: clause, Project: noise(random, 200),
				SupportYear: year, Amount: amount, Voucher: noise(random, 4000)})
			treasurer.ID += "r"
			give(&domain.BookRecovery{Head: treasurer, Recovery: domain.RecoveryID(noise(random, 200)), Enterprise: firm, Clause: clause,
				Project: noise(random, 200), SupportYear: year, Amount: amount, Cause: domain.CauseError})
			give(&domain.SetAppropriation{Head: author.Head("y", domain.Treasurer, "finance"), BudgetYear: 1900 + random.IntN(1100), Clause: clause,
				Amount: []domain.Money{domain.NoMoney, amount}[i%2], Document: noise(random, 4000)})
			give(&domain.SubmitApplication{Head: author.Head("x", domain.Clerk, "commerce"), Application: domain.ApplicationID(noise(random, 200)),
				Enterprise: firm, Clause: clause, Project: noise(random, 200), Title: noise(random, 4000),
				Requested: []domain.Instalment{{SupportYear: 2025, Amount: amount}}})
			give(&domain.AmendClause{Head: author.Head("z", domain.Admin, ""), Clause: clause, Cap: domain.NewCap{Given: true, Ceiling: domain.Stated(
				[]domain.Money{domain.NoMoney, domain.Fen(largest)}[random.IntN(2)])}, EffectiveOn: author.Today(), Document: noise(random, 4000)})
		}
		if refused[domain.CodeAmountTooLarge] == 0 {
			t.Errorf("seed %d never came to the bound of sums: %v", seed, refused)
		}
		records, url := author.Records(), migrated(t)
		project(t, url, records)
		q := ask(t, url, records[len(records)-1].Time.Add(time.Hour))
		if len(every(t, q, projections.Totals, projections.Ask{})) == 0 || len(every(t, q, projections.Accounts, projections.Ask{})) == 0 {
			t.Errorf("seed %d: no totals, or no accounts", seed)
		}
		differences, err := postgres.Compare(t.Context(), postgres.Config{URL: url, Source: projtest.NewLog(records), Log: testLog})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range differences {
			if d.Differs() {
				t.Errorf("seed %d: %+v", seed, d)
			}
		}
	}
}
