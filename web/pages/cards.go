package pages

import (
	"bytes"
	"strconv"
)

// fewHeads is up to how many columns a table fits a phone as it is.
const fewHeads = 2

// labelled writes into each cell of a page's tables what stands over it: on a phone a row is a card, and its values stand under their names. So a
// template says a head once, and no template is written for phones. Sheets of paper stay tables, and so do tables that compare two states.
func labelled(page []byte) []byte {
	if bytes.Contains(page, []byte(`<article class="paper`)) {
		return page
	}
	var out bytes.Buffer
	out.Grow(len(page) + len(page)/8)
	for {
		begin := bytes.Index(page, []byte("<table"))
		if begin < 0 {
			break
		}
		length := bytes.Index(page[begin:], []byte("</table>"))
		if length < 0 {
			break
		}
		out.Write(page[:begin])
		labelTable(&out, page[begin:begin+length])
		page = page[begin+length:]
	}
	out.Write(page)
	return out.Bytes()
}

// labelTable writes a table up to its end, as cards where it has a row of heads and more of them than a phone is wide.
func labelTable(out *bytes.Buffer, table []byte) {
	tag, rest := upTo(table, ">")
	head, body := upTo(rest, "</thead>")
	heads := headsIn(head)
	if len(body) == 0 || len(heads) <= fewHeads || bytes.Count(head, []byte("<tr")) != 1 || bytes.Contains(tag, []byte(`"diff"`)) || bytes.Contains(tag, []byte(`"states"`)) {
		out.Write(table)
		return
	}
	out.WriteString(`<table class="cards`)
	if _, class, classed := bytes.Cut(tag, []byte(` class="`)); classed {
		out.WriteByte(' ')
		out.Write(class)
	} else {
		out.WriteByte('"')
		out.Write(tag[len("<table"):])
	}
	out.Write(head)
	column := 0
	for {
		at := bytes.IndexByte(body, '<')
		if at < 0 {
			break
		}
		out.Write(body[:at])
		body = body[at:]
		switch {
		case bytes.HasPrefix(body, []byte("<tr")):
			column = 0
		case isCell(body):
			cell, _ := upTo(body, ">")
			span := spanOf(cell)
			out.Write(cell[:len("<td")])
			if span == 1 && column < len(heads) && len(heads[column]) > 0 {
				out.WriteString(` data-label="`)
				out.Write(heads[column])
				out.WriteByte('"')
			}
			out.Write(cell[len("<td"):])
			column += span
			if body = body[len(cell):]; len(bytes.TrimSpace(body[:max(bytes.IndexByte(body, '<'), 0)])) == 0 {
				body = bytes.TrimLeft(body, " \n") // what is empty is told from what is not by a style sheet
			}
			continue
		}
		out.WriteByte('<')
		body = body[1:]
	}
	out.Write(body)
}

// isCell reports whether a text begins with the tag of a cell.
func isCell(text []byte) bool {
	return (bytes.HasPrefix(text, []byte("<td")) || bytes.HasPrefix(text, []byte("<th"))) && len(text) > 3 && (text[3] == '>' || text[3] == ' ' || text[3] == '\n')
}

// headsIn are the texts of a row of heads, each for every column that it spans.
func headsIn(row []byte) (heads [][]byte) {
	for {
		begin := bytes.Index(row, []byte("<th"))
		if begin < 0 {
			return heads
		}
		row = row[begin:]
		tag, inner := upTo(row, ">")
		if !isCell(row) {
			row = inner
			continue
		}
		text, rest := upTo(inner, "</th>")
		text = textOf(bytes.TrimSuffix(text, []byte("</th>")))
		for range spanOf(tag) {
			heads = append(heads, text)
		}
		row = rest
	}
}

// textOf is what a piece of a page says, as an attribute takes it.
func textOf(html []byte) []byte {
	var text []byte
	inside := false
	for _, c := range html {
		switch {
		case c == '<':
			inside = true
		case c == '>' && inside:
			inside = false
		case c == '"' && !inside:
			text = append(text, "&#34;"...)
		case !inside:
			text = append(text, c)
		}
	}
	return bytes.Join(bytes.Fields(text), []byte(" "))
}

// spanOf is how many columns a cell spans.
func spanOf(tag []byte) int {
	_, rest, spans := bytes.Cut(tag, []byte(`colspan="`))
	if !spans {
		return 1
	}
	number, _, _ := bytes.Cut(rest, []byte(`"`))
	n, err := strconv.Atoi(string(number))
	if err != nil || n < 1 || n > 100 {
		return 1
	}
	return n
}

// upTo parts a text behind the first of an end; without one, all is before it.
func upTo(text []byte, end string) (before, after []byte) {
	if i := bytes.Index(text, []byte(end)); i >= 0 {
		return text[:i+len(end)], text[i+len(end):]
	}
	return text, nil
}
