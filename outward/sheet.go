package outward

import (
	"strings"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/words"
)

var everything = domain.Text{ZH: "全部", EN: "everything"}

// Wanted is what a webhook is told of, for people.
func (r Row) Wanted() domain.Text {
	if len(r.Events) == 0 {
		return everything
	}
	text := strings.Join(r.Events, ", ")
	return domain.Text{ZH: text, EN: text}
}

// Sheet is webhooks as rows.
func Sheet(rows []Row) words.Sheet {
	t := words.Sheet{Name: "webhooks", Title: domain.Text{ZH: "推送", EN: "Webhooks"},
		Columns: words.Named("user", "webhook", "url", "told_of", "position", "behind", "undelivered", "trouble", "trouble_since")}
	t.Columns[8].Kind = tabular.Text
	for _, r := range rows {
		t.Rows = append(t.Rows, words.Row(r.User, r.Webhook, r.URL, r.Wanted(), r.Position, r.Behind, r.Undelivered, r.Trouble, shanghai(r.Since)))
	}
	return t
}

// UndeliveredSheet is a poison queue as rows.
func UndeliveredSheet(list []Undelivered) words.Sheet {
	t := words.Sheet{Name: "undelivered", Title: domain.Text{ZH: "未送达的推送", EN: "What was not delivered"},
		Columns: words.Named("delivery", "told_of", "seq", "tried_at", "trouble")}
	t.Columns[3].Kind = tabular.Text
	for _, u := range list {
		t.Rows = append(t.Rows, words.Row(u.ID, u.Event, u.Seq, shanghai(u.At), u.Reason))
	}
	return t
}

// shanghai is a moment by Shanghai's clock, to the second.
func shanghai(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(domain.Shanghai).Format(time.DateTime)
}
