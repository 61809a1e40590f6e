package audit

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/scribe"
)

// bareIDs finds ids that people know by other names: in Chinese no code of ours is a word, in English those are none that are spelt as
// no word is, and departments and industries are told by their names. persons are spelt as they sign in.
func bareIDs(p *domain.Policy, told domain.Text, persons []string) (found []string) {
	var codes, ids []string
	for _, v := range domain.Verbs {
		codes = append(codes, v.Name, v.Event().Name())
	}
	for _, list := range [][]domain.Code{domain.RoleCodes, domain.StateCodes, domain.OpinionCodes, domain.CauseCodes, domain.SubjectCodes, domain.PeriodCodes,
		domain.ScheduleCodes, domain.DispositionCodes, domain.DutyCodes} {
		for _, c := range list {
			codes = append(codes, c.Name)
		}
	}
	for code := range catalogue {
		codes = append(codes, code)
	}
	for _, d := range p.Departments {
		ids = append(ids, string(d.ID))
	}
	for _, i := range p.Industries {
		ids = append(ids, string(i.ID))
	}
	for _, c := range p.Clauses { // whose names have words that are ids of others
		told.ZH, told.EN = strings.ReplaceAll(told.ZH, c.Name.ZH, ""), strings.ReplaceAll(told.EN, c.Name.EN, "")
	}
	word := regexp.MustCompile(`[A-Za-z0-9][A-Za-z0-9_.-]*[A-Za-z0-9]|[A-Za-z]`)
	for _, w := range word.FindAllString(told.ZH, -1) {
		if !slices.Contains(persons, w) && (slices.Contains(codes, w) || slices.Contains(ids, w)) {
			found = append(found, w)
		}
	}
	for _, w := range word.FindAllString(told.EN, -1) {
		if !slices.Contains(persons, w) && (slices.Contains(codes, w) && strings.ContainsAny(w, "_") || slices.Contains(ids, w)) {
			found = append(found, w)
		}
	}
	return found
}

// personsIn are the figures that are persons.
func personsIn(figures domain.Figures) (persons []string) {
	for _, name := range []string{"person", "persons", "importer", "actor"} {
		persons = append(persons, strings.Split(figures[name], ", ")...)
	}
	return persons
}

// What a finding says of departments, industries, verbs, roles and kinds, it says by their names: of the sample's findings and of one of
// every kind, in both languages.
func TestFindingsAreToldByNames(t *testing.T) {
	judged := 0
	judge := func(t *testing.T, p *domain.Policy, list []Finding) {
		t.Helper()
		for _, f := range list {
			persons := personsIn(f.Figures)
			for _, c := range f.Cases {
				persons = append(persons, personsIn(c.Figures)...)
			}
			if kind, who, _ := strings.Cut(f.Subject, " "); kind == "person" {
				persons = append(persons, who)
			}
			texts := []domain.Text{f.Explanation, f.About}
			if f.Code == CodeDiffers { // which tells parts of the event as they lie on the log
				texts = []domain.Text{{ZH: f.About.ZH}}
			}
			for _, c := range f.Cases {
				texts = append(texts, c.Detail, c.About)
			}
			for _, told := range texts {
				judged++
				if found := bareIDs(p, told, persons); found != nil {
					t.Errorf("%s says %q: %q / %q", f.Code, found, told.ZH, told.EN)
				}
			}
		}
	}
	sample := scribe.TwoYears()
	judge(t, sample.State.Policy(), judgedFindings(t, sample.Records))
	for code, history := range kindCases {
		t.Run(code, func(t *testing.T) {
			p := newPlay(t)
			history(p)
			r, err := Verify(t.Context(), Evidence{Log: p.Records}, Options{Now: time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)})
			if err != nil {
				t.Fatal(err)
			}
			judge(t, p.State.Policy(), r.Findings)
		})
	}
	if judged < 300 {
		t.Errorf("only %d texts were judged", judged)
	}
}

// So do the sample's refusals, as they were told and as they are told again.
func TestRefusalsOfTheSampleAreToldByNames(t *testing.T) {
	sample := scribe.TwoYears()
	policy := sample.State.Policy()
	if len(sample.Refused) < 20 {
		t.Fatalf("the sample has %d refusals", len(sample.Refused))
	}
	for _, r := range sample.Refused {
		persons := personsIn(r.Refusal.Figures)
		for _, told := range []domain.Text{r.Message, r.Refusal.Retold(r.Message, policy)} {
			if found := bareIDs(policy, told, persons); found != nil {
				t.Errorf("%s says %q: %q / %q", r.Refusal.Code, found, told.ZH, told.EN)
			}
		}
	}
}

// The judge is judged by sentences with an id.
func TestABareIDIsSeen(t *testing.T) {
	p := scribe.TwoYears().State.Policy()
	for _, bare := range []domain.Text{{ZH: "部门 commerce 不可", EN: "no"}, {ZH: "不", EN: "the department commerce may not"}, {ZH: "make_payout 被拒", EN: "no"},
		{ZH: "不", EN: "make_payout was refused"}, {ZH: "产业（ai）不在", EN: "no"}, {ZH: "不", EN: "of smart-internet"}, {ZH: "角色 approver", EN: "no"}} {
		if len(bareIDs(p, bare, nil)) != 1 {
			t.Errorf("%v has a bare id, and it is not seen", bare)
		}
	}
	if found := bareIDs(p, domain.Text{ZH: "区商务委（V-ai-1）", EN: "Commerce Commission, approved by V-ai-1"}, nil); found != nil {
		t.Errorf("%v are no ids", found)
	}
}
