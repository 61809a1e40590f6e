package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/projections"
)

var (
	insertPolicySQL       = statement("insert_policy")
	insertClauseSQL       = statement("insert_clause")
	copyVersionsSQL       = statement("copy_clause_versions")
	copyCapsSQL           = statement("copy_clause_caps")
	versionsOfSQL         = statement("clause_versions_of")
	insertEnterprisesSQL  = statement("insert_enterprises")
	changeEnterprisesSQL  = statement("change_enterprises")
	insertCarriedSQL      = statement("insert_carried")
	insertJoinedSQL       = written("insert_joined", false)
	insertPartedSQL       = written("insert_parted", false)
	copyPartiesSQL        = statement("copy_event_parties")
	insertAmendmentSQL    = statement("insert_amendment")
	copyNamesSQL          = statement("copy_enterprise_names")
	copyApplicationsSQL   = statement("copy_applications")
	changeApplicationsSQL = statement("change_applications")
	addToInstalmentsSQL   = statement("add_to_instalments")
	copyInstalmentsSQL    = statement("copy_instalments")
)

// optional is a text's pointer for a parameter, nil for "".
func optional[T ~string](s T) *string {
	if s == "" {
		return nil
	}
	text := string(s)
	return &text
}

// day is a date for a parameter, nil for none.
func day(d domain.Date) *string { return optional(d.String()) }

// writePolicies writes what is published and what is amended of it, in the order of the log.
func writePolicies(ctx context.Context, tx pgx.Tx, b *projections.Batch) error {
	amended := b.Amended
	for i := range b.Policies {
		for len(amended) > 0 && amended[0].Seq < b.Policies[i].Seq {
			if err := writePolicyAmendment(ctx, tx, amended[0]); err != nil {
				return err
			}
			amended = amended[1:]
		}
		if err := writePolicy(ctx, tx, &b.Policies[i]); err != nil {
			return err
		}
	}
	for _, a := range amended {
		if err := writePolicyAmendment(ctx, tx, a); err != nil {
			return err
		}
	}
	return nil
}

// writeJoined writes which subjects count as one, in the order of the log.
func writeJoined(ctx context.Context, tx pgx.Tx, b *projections.Batch) error {
	for _, j := range b.Joined {
		if j.Parted != nil {
			if _, err := tx.Exec(ctx, insertPartedSQL, string(j.Kind), j.Parted, int64(j.Seq), j.Date.String()); err != nil {
				return err
			}
			continue
		}
		if _, err := tx.Exec(ctx, insertJoinedSQL, string(j.Kind), j.A, j.B, int64(j.Seq), j.Date.String()); err != nil {
			return err
		}
	}
	return nil
}

func writePolicy(ctx context.Context, tx pgx.Tx, row *projections.PolicyRow) error {
	p := &row.Policy
	if _, err := tx.Exec(ctx, insertPolicySQL, string(p.PolicyID()), string(p.Fund), int64(row.Seq), row.Date.String(), p.Title.ZH, p.Title.EN,
		p.IssuedOn.String(), p.Term.From.String(), p.Term.To.String(), p.Currency, row.Hash, string(row.Data)); err != nil {
		return err
	}
	for _, c := range p.Clauses {
		first := projections.Amendment{Seq: row.Seq, Date: row.Date, Clause: c.ID,
			ClauseVersion: domain.ClauseVersion{Version: 1, Cap: c.Cap.Amount, EffectiveOn: p.Term.From}}
		if err := writeClause(ctx, tx, c, p.PolicyID(), first); err != nil {
			return err
		}
	}
	return nil
}

// writeClause writes a clause with its first version.
func writeClause(ctx context.Context, tx pgx.Tx, c domain.Clause, policy domain.PolicyID, first projections.Amendment) error {
	if _, err := tx.Exec(ctx, insertClauseSQL, string(c.ID), c.Name.ZH, c.Name.EN, c.Source, texts(c.Departments), texts(c.Industries),
		texts(c.RefersTo), optional(c.Cap.Subject), optional(c.Cap.Period), c.StrongerSupport, string(policy), int64(first.Seq)); err != nil {
		return err
	}
	if c.Continues.Use == domain.Carried {
		if _, err := tx.Exec(ctx, insertCarriedSQL, string(c.ID), string(c.Continues.Clause), int64(first.Seq)); err != nil {
			return err
		}
	}
	versions, caps := newRows(copyVersionsSQL), newRows(copyCapsSQL)
	addVersion(versions, first)
	addCaps(caps, c.ID, first.Seq, []domain.ClauseVersion{first.ClauseVersion})
	if err := versions.run(ctx, tx); err != nil {
		return err
	}
	return caps.run(ctx, tx)
}

func writePolicyAmendment(ctx context.Context, tx pgx.Tx, a projections.PolicyAmendment) error {
	var acceptance *bool
	if a.Workflow != nil {
		acceptance = &a.Workflow.Acceptance
	}
	var added domain.ClauseID
	if c := a.AddClause; c != nil {
		added = c.ID
		first := projections.Amendment{Seq: a.Seq, Date: a.Date, Clause: c.ID,
			ClauseVersion: domain.ClauseVersion{Version: 1, Cap: c.Cap.Amount, EffectiveOn: a.EffectiveOn}}
		if err := writeClause(ctx, tx, *c, a.Policy, first); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, insertAmendmentSQL, int64(a.Seq), string(a.Policy), a.Date.String(), a.EffectiveOn.String(), a.Document, day(a.TermTo),
		optional(a.Clause), optionalTexts(a.Departments), optionalTexts(a.Industries), a.Close, acceptance, optional(added))
	return err
}

// optionalTexts is a list for a parameter, nil for none.
func optionalTexts[T ~string](list []T) []string {
	if list == nil {
		return nil
	}
	return texts(list)
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, item := range list {
		out[i] = string(item)
	}
	return out
}

func addVersion(out *rows, a projections.Amendment) {
	out.next()
	out.text(string(a.Clause))
	out.int32(a.Version)
	out.ceiling(a.Cap)
	out.date(a.EffectiveOn)
	out.bool(a.Retroactive)
	out.text(a.Document)
	out.int64(int64(a.Seq))
	out.date(a.Date)
}

// addCaps writes down what the versions known at a position say from each day on which something changes. The first row
// is for all days before.
func addCaps(out *rows, clause domain.ClauseID, seq uint64, versions []domain.ClauseVersion) {
	days := []domain.Date{domain.DateOf(1900, 1, 1)}
	for _, v := range versions {
		days = append(days, v.EffectiveOn)
	}
	slices.SortFunc(days, compareDates)
	for _, from := range slices.Compact(days) {
		out.next()
		out.text(string(clause))
		out.int64(int64(seq))
		out.date(from)
		out.ceiling(domain.VersionOn(versions, from).Cap)
		out.ceiling(domain.StandingCap(versions, from))
	}
}

func compareDates(a, b domain.Date) int {
	switch {
	case a.Before(b):
		return -1
	case a.After(b):
		return 1
	}
	return 0
}

// writeAmendments adds versions of clauses, one by one: they are rare, and each is judged with those before it.
func writeAmendments(ctx context.Context, tx pgx.Tx, b *projections.Batch) error {
	for _, a := range b.Amendments {
		versions, caps := newRows(copyVersionsSQL), newRows(copyCapsSQL)
		addVersion(versions, a)
		if err := versions.run(ctx, tx); err != nil {
			return err
		}
		found, err := tx.Query(ctx, versionsOfSQL, string(a.Clause))
		if err != nil {
			return err
		}
		known, err := pgx.CollectRows(found, scanVersion)
		if err != nil {
			return err
		}
		addCaps(caps, a.Clause, a.Seq, known)
		if err := caps.run(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func scanVersion(row pgx.CollectableRow) (v domain.ClauseVersion, err error) {
	var limit ceiling
	var effective date
	err = row.Scan(&v.Version, &limit, &effective, &v.Retroactive, &v.Document)
	v.Cap, v.EffectiveOn = domain.Ceiling(limit), domain.Date(effective)
	return v, err
}
