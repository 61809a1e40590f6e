package postgres

import (
	"fmt"
	"regexp"
	"strings"
	"text/template"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

// Statements of questions are files of sql/. {name} in one is a parameter. What is in double braces is written out here, for the present and
// for the past, so that both are one source: the sums that are kept answer for the present, the journal for every other moment. One
// statement cannot do both as fast: a sum that is kept can be indexed and needs no reading of postings, and a statement that may need them
// is planned with them.
//
//	{{if .Past}}            what only the past, or only the present, needs
//	{{if .Some}}            what is needed only where few enterprises are asked for
//	{{part "caps"}}         another file
//	{{upto "seq" "day"}}    what was recorded up to the position, and dated up to the day where one is given
//	{{name "p.enterprise"}} an enterprise's name, as it was then; {{names "p.enterprise"}} is joined for it
//	{{named "p.enterprise"}} the same without a join, for the present too
//	{{columns "payouts"}}   the columns of a list's rows
//	[enterprise? … ?]       what is there only where the parameter has a value: a condition that says itself that it may have none
//	                        is not planned as the look-up along an index that it is
//	{{scopes "clause" "via" "departments"}} the budgets that money counts against; {{budget "kind"}} whether a scope is of a budget
//	{{ending "p" "day"}}    the last day of a policy as it stands on a day, and the event and the document that it rests on
//	{{together "o"}}        whether the two that a row o of joined_subjects joins are one still; with a second text, as far as that says
//	{{within}}              for how many days before and behind a policy's last one its end is told
//	{{withheld "sensitive" "value" "''"}} a value that analysts do not see in their views where it is sensitive; who asks for a list is told by the service
//	{{recorded "seq"}}      what was recorded between the days of a list that asks for them
//	{{measures}}            the measures of statistics, each with the kinds of posting that it is made of, and what one of each adds
//	{{promises}}            the CTEs of what is promised of stages, and of how reviews count
//	{{promised "clause" "stage" "day"}} the working days that are promised of a stage on a day, of the CTE promises; {{workflow "clause" "day"}} how reviews count then
//	{{reviewedFrom "x"}}    whether an event begins a review anew; {{counts "x" "support"}} whether it is a review that counts
//	{{workdays "from" "to"}} the CTE of days, whether each is worked, and how many were up to it; {{held "application" "from" "to"}} how many of them it was suspended
//	{{month}}, {{quarter}}, {{budgetYear}} what statistics group a posting j by
//	{{status "use" "cap" "exceptions" "over" "full"}} how use stands against its room, the one place that says so

// query is a statement whose parameters have names.
type query struct {
	sql   string
	names []string
}

// variants are a question about the present, and about the past.
type variants struct{ present, past query }

// question is the statement of a file, for the present and the past.
func question(name string) variants {
	return variants{present: compose(written(name, false)), past: compose(written(name, true))}
}

func (v variants) of(m moment) query {
	if m.past {
		return v.past
	}
	return v.present
}

// written is a file's text for the present or the past.
func written(name string, past bool) string { return writtenOf(name, past, false) }

// writtenOf is the same, of the enterprises that a parameter names where only some are asked for.
func writtenOf(name string, past, some bool) string {
	upto := func(seq, day string) string {
		if !past {
			return "true"
		}
		return fmt.Sprintf("%s <= {at_seq}::bigint AND ({on_day}::date IS NULL OR %s <= {on_day}::date)", seq, day)
	}
	functions := template.FuncMap{
		"part":     func(name string) string { return strings.TrimRight(writtenOf(name, past, some), "\n") },
		"columns":  func(name string) string { return columnsOf(projections.ListOf(name)) },
		"upto":     upto,
		"ending":   func(policy, day string) string { return endingOf(policy, day, upto("m.seq", "m.decided_on")) },
		"recorded": recordedOf,
		"withheld": func(sensitive, value, instead string) string {
			return "CASE WHEN " + sensitive + " AND {whole}::boolean IS NOT TRUE THEN " + instead + " ELSE " + value + " END"
		},
		"within": func() int { return domain.ExpiresWithin },
		"name": func(enterprise string) string {
			if !past {
				return "e.name"
			}
			return nameThen(enterprise)
		},
		"named":    nameThen,
		"status":   statusOf,
		"scopes":   scopesOf,
		"measures": measuresSQL, "counted": countedSQL, "groupings": groupingsOf, "groupingSets": groupingSetsOf,
		"caliper": func() int { return projections.DefaultCaliper },
		"fewest":  func() int { return projections.FewestEnterprises },
		// What statistics group a posting j by.
		"promises": func() string { return promisesOf(upto("m.seq", "m.decided_on")) },
		"promised": promisedOf, "workflow": workflowOf, "reviewedFrom": reviewedFrom, "counts": countsAsReview, "workdays": workdaysOf,
		"held": func(application, from, to string) string {
			return heldOf(application, from, to, upto("e.seq", "e.business_date"))
		},
		"month":      func() string { return "to_char(j.business_date, 'YYYY-MM')" },
		"quarter":    func() string { return `to_char(j.business_date, 'YYYY-"Q"Q')` },
		"budgetYear": func() string { return "coalesce(j.budget_year, extract(year FROM j.business_date)::smallint)" },
		"budget": func(kind string) string {
			return kind + " IN ('" + strings.Join(codeNames(domain.ScopeCodes), "', '") + "')"
		},
		"together": func(pair string, known ...string) string {
			return togetherOf(pair, append(known, upto("x.seq", "x.business_date"))[0])
		},
		"names": func(enterprise string) string {
			if !past {
				return "LEFT JOIN enterprises e ON e.id = " + enterprise
			}
			return ""
		},
	}
	text, err := template.New(name).Funcs(functions).Parse(statement(name))
	if err != nil {
		panic(fmt.Sprintf("postgres: %v", err))
	}
	var b strings.Builder
	if err := text.Execute(&b, struct{ Past, Some bool }{past, some}); err != nil {
		panic(fmt.Sprintf("postgres: %v", err))
	}
	return b.String()
}

// togetherOf is whether two subjects that an event joined count as one still, as far as it is known.
func togetherOf(pair, known string) string {
	return strings.ReplaceAll("NOT {o}.parted AND NOT EXISTS (SELECT FROM joined_subjects x WHERE x.subject_kind = {o}.subject_kind AND x.subject = {o}.subject"+
		" AND x.other = {o}.other AND x.parted AND x.seq > {o}.seq AND "+known+")", "{o}", pair)
}

// nameThen is an enterprise's name as it was recorded last up to the position, of those that it had by the day where one is given; before
// it had any, the first that was recorded.
func nameThen(enterprise string) string {
	const by = "({on_day}::date IS NULL OR n.from_day <= {on_day}::date)"
	return "(SELECT n.name FROM enterprise_names n WHERE n.enterprise = " + enterprise + " AND n.seq <= {at_seq}::bigint ORDER BY " + by +
		" DESC, CASE WHEN " + by + " THEN n.seq ELSE -n.seq END DESC LIMIT 1)"
}

// endingOf is the last day of a policy on a day: that of the amendment in force, or as it was published.
func endingOf(policy, day, known string) string {
	return strings.NewReplacer("{policy}", policy, "{day}", day, "{known}", known).Replace(
		"SELECT coalesce(m.term_to, {policy}.term_to) AS last_day, coalesce(m.seq, {policy}.published) AS seq, coalesce(m.document, '') AS document FROM (SELECT) one " +
			"LEFT JOIN LATERAL (SELECT m.term_to, m.seq, m.document FROM policy_amendments m WHERE m.policy = {policy}.id AND m.term_to IS NOT NULL " +
			"AND m.effective_on <= {day} AND {known} ORDER BY m.effective_on DESC, m.seq DESC LIMIT 1) m ON true")
}

// recordedOf is that a position lies between the days of recording that are asked for, which are found as positions.
func recordedOf(seq string) string {
	day := func(days string) string {
		return "coalesce((SELECT d.seq FROM events d WHERE d.moment_ns >= (extract(epoch FROM (" + days + ")::timestamp AT TIME ZONE 'Asia/Shanghai') * 1e9)::bigint " +
			"ORDER BY d.moment_ns, d.seq LIMIT 1), 9223372036854775807)"
	}
	return "({since}::text IS NULL OR " + seq + " >= " + day("{since}::text::date") + ") AND ({until}::text IS NULL OR " + seq + " < " + day("{until}::text::date + 1") + ")"
}

// statusOf is how use stands against cap and exceptions. Who adds accounts up says otherwise than by use when they are over or full.
func statusOf(use, cap, exceptions, over, full string) string {
	return strings.NewReplacer("{use}", use, "{cap}", cap, "{exceptions}", exceptions, "{over}", over, "{full}", full).Replace(
		"CASE WHEN {cap} IS NULL THEN 'ok' WHEN {over} THEN 'over' WHEN {use} > {cap} AND {use} <= {cap} + {exceptions} THEN 'over_by_exception' " +
			"WHEN {use} > 0 AND {full} THEN 'full' WHEN {use} > 0 AND {use} >= ({cap} + {exceptions}) * 0.9 THEN 'near' ELSE 'ok' END")
}

// scopesOf are the budgets that money counts against, as [domain.BudgetsOf] has them, of columns and an array of departments.
func scopesOf(clause, via, departments string) string {
	return strings.NewReplacer("{clauses}", "unnest(ARRAY["+clause+", "+via+"]) of_clause", "{departments}", "unnest("+departments+") of_department").Replace(
		"(SELECT 'fund' AS scope_kind, '' AS scope, '' AS clause UNION ALL SELECT 'clause', of_clause, of_clause FROM {clauses} WHERE of_clause IS NOT NULL " +
			"UNION ALL SELECT 'department', of_department, '' FROM {departments} WHERE of_department IS NOT NULL " +
			"UNION ALL SELECT 'clause_department', of_department, of_clause FROM {departments}, {clauses} WHERE of_clause IS NOT NULL AND of_department IS NOT NULL)")
}

func codeNames(codes []domain.Code) (names []string) {
	for _, c := range codes {
		names = append(names, c.Name)
	}
	return names
}

// compose numbers the parameters of a text.
func compose(text string) query {
	var q query
	places := map[string]string{}
	q.sql = replaced(text, func(name string) string {
		if places[name] == "" {
			q.names = append(q.names, name)
			places[name] = fmt.Sprintf("$%d", len(q.names))
		}
		return places[name]
	})
	return q
}

var dependent = regexp.MustCompile(`(?s)\[(\w+)\? (.*?) \?\]`)

// given is a text with the parts that depend on a parameter, where it has a value, and without the others.
func given(text string, values map[string]any) string {
	return dependent.ReplaceAllStringFunc(text, func(part string) string {
		m := dependent.FindStringSubmatch(part)
		if values[m[1]] == nil {
			return ""
		}
		return m[2]
	})
}

// replaced is a text with something else for each {name}.
func replaced(text string, with func(name string) string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, rest, _ := strings.Cut(after, "}")
		b.WriteString(with(name))
		text = rest
	}
}

// args are the parameters in the statement's order; a name that is not given is NULL.
func (q query) args(values map[string]any) []any {
	list := make([]any, len(q.names))
	for i, name := range q.names {
		list[i] = values[name]
	}
	return list
}
