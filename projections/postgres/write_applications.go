package postgres

import (
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/projections"
)

func applicationEffects(b *projections.Batch) ([]effect, error) {
	fresh := newRows(copyApplicationsSQL)
	var changed applicationColumns
	for _, a := range b.Applications.Order {
		var err error
		if a.Fresh {
			err = addApplication(fresh, a)
		} else {
			err = changed.add(a)
		}
		if err != nil {
			return nil, err
		}
	}
	c := &changed
	return []effect{fresh, changing(changeApplicationsSQL, len(c.ids), c.ids, c.enterprises, c.clauses, c.vias, c.kinds, c.subjects, c.projects, c.titles,
		c.attachments, c.states, c.suspended, c.renewed, c.submittedOn, c.steps, c.approvedOn, c.departments, c.versions, c.requested, c.approved, c.paid,
		c.returned, c.replaced, c.seqs)}, nil
}

func attachmentsOf(a *projections.ApplicationChange) ([]byte, error) {
	if len(a.Filed.Attachments) == 0 {
		return []byte("[]"), nil
	}
	data, err := json.Marshal(a.Filed.Attachments)
	if err != nil {
		return nil, fmt.Errorf("writing the attachments of application %s: %w", a.ID, err)
	}
	return data, nil
}

func addApplication(out *rows, a *projections.ApplicationChange) error {
	attachments, err := attachmentsOf(a)
	if err != nil {
		return err
	}
	charge := a.Charge
	out.next()
	out.text(string(a.ID))
	out.text(string(charge.Enterprise))
	out.text(string(charge.Clause))
	out.optional(string(charge.Via))
	out.text(string(charge.Subject.Kind))
	out.text(charge.Subject.ID)
	out.optional(*a.Project)
	out.text(a.Title)
	out.bytes(attachments)
	out.text(string(a.State))
	out.bool(a.Suspended != nil && *a.Suspended)
	out.date(a.SubmittedOn)
	out.date(a.LastStepOn)
	out.date(a.ApprovedOn)
	out.optional(string(a.Department))
	out.int32(a.ClauseVersion)
	out.money(a.Requested)
	out.money(a.Approved)
	out.money(a.Paid)
	out.money(a.Returned)
	out.optional(string(a.Replaces))
	out.int64(int64(a.FirstSeq))
	out.int64(int64(a.LastSeq))
	return nil
}

// applicationColumns are changes of applications, column by column; what is nil stays.
type applicationColumns struct {
	ids                                                                        []string
	enterprises, clauses, vias, kinds, subjects, projects, titles, attachments []*string
	states                                                                     []*string
	suspended                                                                  []*bool
	renewed                                                                    []bool
	submittedOn, steps, approvedOn, departments, replaced                      []*string
	versions                                                                   []*int32
	requested, approved, paid, returned, seqs                                  []int64
}

func (c *applicationColumns) add(a *projections.ApplicationChange) error {
	if err := c.file(a); err != nil {
		return err
	}
	var version *int32
	if v := int32(a.ClauseVersion); v != 0 {
		version = &v
	}
	c.ids, c.states, c.suspended = append(c.ids, string(a.ID)), append(c.states, optional(a.State)), append(c.suspended, a.Suspended)
	c.renewed, c.submittedOn, c.replaced = append(c.renewed, a.Renewed), append(c.submittedOn, day(a.SubmittedOn)), append(c.replaced, optional(a.Replaces))
	c.steps, c.approvedOn = append(c.steps, day(a.LastStepOn)), append(c.approvedOn, day(a.ApprovedOn))
	c.departments, c.versions = append(c.departments, optional(a.Department)), append(c.versions, version)
	c.requested, c.approved = append(c.requested, a.Requested.Fen()), append(c.approved, a.Approved.Fen())
	c.paid, c.returned, c.seqs = append(c.paid, a.Paid.Fen()), append(c.returned, a.Returned.Fen()), append(c.seqs, int64(a.LastSeq))
	return nil
}

// file adds what an application is called, what its submission says and where it is charged, as far as that changed.
func (c *applicationColumns) file(a *projections.ApplicationChange) error {
	var firm, clause, via, kind, subject, attachments *string
	if a.Filed != nil {
		data, err := attachmentsOf(a)
		if err != nil {
			return err
		}
		text := string(data)
		attachments = &text
	}
	if charge := a.Charge; charge != nil {
		firm, clause, via = optional(charge.Enterprise), optional(charge.Clause), optional(charge.Via)
		kind, subject = optional(charge.Subject.Kind), optional(charge.Subject.ID)
	}
	c.enterprises = append(c.enterprises, firm)
	c.clauses, c.vias, c.kinds = append(c.clauses, clause), append(c.vias, via), append(c.kinds, kind)
	c.subjects, c.projects = append(c.subjects, subject), append(c.projects, a.Project)
	c.titles, c.attachments = append(c.titles, optional(a.Title)), append(c.attachments, attachments)
	return nil
}

// instalmentEffects makes the instalments of new applications, and adds to the others, or makes them: an approval may name a
// year that was not applied for.
func instalmentEffects(b *projections.Batch) []effect {
	fresh := newRows(copyInstalmentsSQL)
	var ids []string
	var years []int16
	var requested, approved, paid []int64
	for _, i := range b.Instalments.Order {
		if i.Fresh {
			fresh.next()
			fresh.text(string(i.Application))
			fresh.int16(int(i.Year))
			fresh.money(i.Requested)
			fresh.money(i.Approved)
			fresh.money(i.Paid)
			continue
		}
		ids, years = append(ids, string(i.Application)), append(years, int16(i.Year))
		requested, approved, paid = append(requested, i.Requested.Fen()), append(approved, i.Approved.Fen()), append(paid, i.Paid.Fen())
	}
	added := changing(addToInstalmentsSQL, len(ids), ids, years, requested, approved, paid)
	added.makes = true
	return []effect{fresh, added}
}
