package web_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// What a review for fair competition looks at is listed with a place for its legal basis: conditions of place, who is named, exceptions, how support is spread.
func TestAReviewForFairCompetition(t *testing.T) {
	h := open(t, proving(t))
	h.play()
	admin, auditor, analyst := h.token("ad", "admin"), h.token("au", "auditor"), h.token("an", "analyst")
	today := domain.DateIn(now, domain.Shanghai).String()
	local := fmt.Sprintf(`{"command":"amend_policy","id":"local","date":%q,"effective_on":%q,"document":"D","clause":"4","conditions":[{"any":[{"fact":"place","period":"day","is":"==","value":"310105"},`+
		`{"not":{"fact":"street","period":"day","is":"in","values":["huayang","xinhua"]}},{"fact":"revenue","period":"year-1","is":">=","value":"1.00"}]}]}`, today, today)
	h.ask("POST", "/v1/commands", admin, local).want(t, http.StatusOK)
	if err := h.projector.WaitFor(t.Context(), h.position()); err != nil {
		t.Fatal(err)
	}
	review := func(token string, where ...projections.Condition) map[string]projections.FairnessRow {
		rows := map[string]projections.FairnessRow{}
		for row, err := range projections.Fairness.Every(t.Context(), h.remote(token), projections.Ask{Where: where}) {
			if err != nil {
				t.Fatal(err)
			}
			rows[string(row.Item)] = row
		}
		return rows
	}
	rows := review(auditor)
	kinds := map[projections.Matter]int{}
	for _, row := range rows {
		kinds[row.Matter]++
		if row.Message == "" || row.LegalBasis != "" {
			t.Errorf("%+v", row)
		}
	}
	if kinds[projections.LocalCondition] < 2 || kinds[projections.GrantedExcept] == 0 || kinds[projections.SingleOperator] == 0 || kinds[projections.Concentrated] < 10 {
		t.Fatalf("%v", kinds)
	}
	whole := rows["concentration:all"]
	if whole.Recipients < 10 || whole.TopTenShare == "" || whole.HHI == "" || whole.TopTen.Amount.More(whole.Amount.Amount) {
		t.Errorf("%+v", whole)
	}
	for item, row := range review(auditor, projections.ByMatter.Is(string(projections.LocalCondition)), projections.ByClause.Is("4")) {
		if row.Matter != projections.LocalCondition || row.Clause != "4" {
			t.Errorf("%s: %+v", item, row)
		}
	}
	basis := fmt.Sprintf(`{"command":"dispose_finding","id":"basis","date":%q,"finding":"local_condition:4:condition-1","disposition":"explained","comment":"《公平竞争审查条例》第十二条"}`, today)
	h.ask("POST", "/v1/commands", auditor, basis).want(t, http.StatusOK)
	if row := review(auditor)["local_condition:4:condition-1"]; row.LegalBasis != "《公平竞争审查条例》第十二条" || row.BasisSeq == 0 {
		t.Errorf("%+v", row)
	}
	for _, row := range review(analyst) {
		if row.Matter == projections.Concentrated && row.Recipients < projections.FewestEnterprises {
			t.Errorf("an analyst is told how %d enterprises share: %+v", row.Recipients, row)
		}
	}
	h.ask("GET", "/v1/fair_competition?format=csv", auditor, "").want(t, http.StatusOK)
	h.ask("GET", "/v1/fair_competition?review_matter=nothing", auditor, "").want(t, http.StatusBadRequest)
}
