package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/scribe"
	"github.com/fundledger/fundledger/projections"
)

// A file is found by its hash under every application that names it, in a submission that was replaced, too; and as of a position before, not yet.
func TestAttachmentsAreFoundByTheirContent(t *testing.T) {
	s := scribe.New(t)
	a, b := strings.Repeat("a", 64), strings.Repeat("b", 64)
	const firm = "914403001922038216"
	who := func(day, id string, role domain.Role) domain.Head {
		return domain.Head{ID: domain.CommandID(id), Date: scribe.Day(day), Actor: domain.Actor{ID: domain.PersonID("p-" + string(role)), Role: role, Department: "commerce"}}
	}
	submit := func(day, id string, application domain.ApplicationID, files ...domain.Attachment) domain.Command {
		return &domain.SubmitApplication{Head: who(day, id, domain.Clerk), Application: application, Enterprise: firm, Clause: "4", Project: "P-" + string(application), Title: "题", Attachments: files,
			Requested: []domain.Instalment{{SupportYear: 2025, Amount: domain.Yuan(100)}}}
	}
	for _, c := range []domain.Command{scribe.Publish(scribe.Changning(t)),
		&domain.RegisterEnterprise{Head: who("2025-01-05", "c1", domain.Clerk), Enterprise: firm, Title: "企业", Industry: "ai"},
		submit("2025-02-01", "c2", "A-1", domain.Attachment{Name: "申请表.pdf", SHA256: a}, domain.Attachment{Name: "又一份.pdf", SHA256: a}),
		submit("2025-02-01", "c3", "A-2"),
		&domain.ReturnApplication{Head: who("2025-02-02", "c4", domain.Clerk), Application: "A-1", Reason: "缺件"},
		submit("2025-02-03", "c5", "A-1", domain.Attachment{Name: "新.pdf", SHA256: b}),
		submit("2025-02-03", "c6", "A-3", domain.Attachment{Name: "同.pdf", SHA256: b})} {
		if r := s.Give(c); r != nil {
			t.Fatal(c.Name(), r)
		}
	}
	url := migrated(t)
	project(t, url, s.Records)
	q := ask(t, url, s.Records[len(s.Records)-1].Time.Add(time.Hour))
	for sha, want := range map[string][]string{"": {"A-1 1 申请表.pdf aa", "A-1 2 又一份.pdf aa", "A-1 1 新.pdf bb", "A-3 1 同.pdf bb"},
		a: {"A-1 1 申请表.pdf aa", "A-1 2 又一份.pdf aa"}, b: {"A-1 1 新.pdf bb", "A-3 1 同.pdf bb"}, "aa": nil} {
		var got []string
		for _, r := range every(t, q, projections.Attachments, projections.Where(projections.BySHA256.Is(sha))) {
			got = append(got, fmt.Sprint(r.Application, " ", r.FileNo, " ", r.FileName, " ", r.SHA256[:2]))
		}
		if !slices.Equal(got, want) {
			t.Errorf("of %q: %q, want %q", sha, got, want)
		}
	}
	past := projections.Where(projections.BySHA256.Is(b))
	past.AsOf = projections.AsOf{Seq: 5}
	if rows := every(t, q, projections.Attachments, past); len(rows) != 0 {
		t.Errorf("known before they were: %v", rows)
	}
}
