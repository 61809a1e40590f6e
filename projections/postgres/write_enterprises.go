package postgres

import (
	"strings"
	"unicode"

	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/words"
)

// enterpriseColumns are changes of enterprises, column by column.
type enterpriseColumns struct {
	ids                  []string
	names                []*string
	industries           []string
	restricted, admitted []*bool
	registered           []*string
	seqs                 []int64
	initials, searches   []*string
}

func (c *enterpriseColumns) add(e *projections.EnterpriseChange) {
	c.ids, c.names, c.industries = append(c.ids, string(e.ID)), append(c.names, optional(e.Name)), append(c.industries, string(e.Industry))
	c.restricted, c.admitted = append(c.restricted, e.Restricted), append(c.admitted, e.Admitted)
	c.registered, c.seqs = append(c.registered, day(e.RegisteredOn)), append(c.seqs, int64(e.LastSeq))
	if e.Name == "" {
		c.initials, c.searches = append(c.initials, nil), append(c.searches, nil)
		return
	}
	initials, search := words.Initials(e.Name), vectorOf(e.Name)
	c.initials, c.searches = append(c.initials, &initials), append(c.searches, &search)
}

func enterpriseEffects(b *projections.Batch) []effect {
	var fresh, changed enterpriseColumns
	var firsts []int64
	began := map[string]int64{}
	names := newRows(copyNamesSQL)
	for _, n := range b.Names {
		if _, again := began[string(n.Enterprise)]; !again {
			began[string(n.Enterprise)] = int64(n.Seq)
		}
		names.next()
		names.text(string(n.Enterprise))
		names.int64(int64(n.Seq))
		names.date(n.Date)
		names.text(n.Name)
	}
	parties := newRows(copyPartiesSQL)
	for _, y := range b.Parties {
		parties.next()
		parties.text(string(y.Enterprise))
		parties.int64(int64(y.Seq))
		parties.text(y.Type)
	}
	for _, e := range b.Enterprises.Order {
		if e.Fresh {
			fresh.add(e)
			firsts = append(firsts, began[string(e.ID)])
		} else {
			changed.add(e)
		}
	}
	return []effect{
		changing(insertEnterprisesSQL, len(fresh.ids), fresh.ids, fresh.names, fresh.industries, fresh.restricted, fresh.admitted,
			fresh.registered, firsts, fresh.seqs, fresh.initials, fresh.searches),
		changing(changeEnterprisesSQL, len(changed.ids), changed.ids, changed.names, changed.initials, changed.searches,
			changed.restricted, changed.admitted, changed.seqs, changed.industries),
		names,
		parties,
	}
}

// pairsOf are a text's pairs of neighbouring letters or digits, in lower case; a text of one is found by itself.
func pairsOf(text string) []string {
	var pairs []string
	var before rune
	single := true
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			before = 0
			continue
		}
		r = unicode.ToLower(r)
		if before != 0 {
			pairs, single = append(pairs, string([]rune{before, r})), false
		}
		before = r
	}
	if single && before != 0 {
		pairs = append(pairs, string(before))
	}
	return pairs
}

// vectorOf is the tsvector of a name's pairs, as text.
func vectorOf(name string) string {
	var b strings.Builder
	for _, pair := range pairsOf(name) {
		b.WriteByte('\'')
		b.WriteString(pair) // letters and digits: nothing to escape
		b.WriteString("' ")
	}
	return b.String()
}
