package archive

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/proof"
)

// SumStatement publishes the totals of a ledger at a position: what the checkpoint of that size covers comes to these sums. Its text is
//
//	fundledger/changning-2024/sums
//	6302
//	<root of the checkpoint's tree, base64>
//	enterprise <root by enterprise, base64>
//	clause <…>
//	year <…>
//	lines 885
//	applications 1200
//	requested 123456.00
//	… one line for each kind of posting …
//
// each line ended by a newline. Signed with the log's key it is a note; its first line is no checkpoint's, so that neither
// passes for the other.
type SumStatement struct {
	Origin   string                 `json:"origin"` // of the log
	Position uint64                 `json:"position"`
	Log      tlog.Hash              `json:"root"` // of the log's tree of that size
	Roots    map[SumOrder]tlog.Hash `json:"sum_roots"`
	Columns  SumColumns             `json:"columns"`
}

const sumsSuffix = "/sums"

// stateSums is the statement of a ledger's lines at a checkpoint.
func stateSums(c proof.Checkpoint, lines []sumLine) (SumStatement, error) {
	s := SumStatement{Origin: c.Origin, Position: c.Size, Log: c.Root, Roots: map[SumOrder]tlog.Hash{}}
	for _, o := range sumOrders {
		t, err := buildSums(o, lines)
		if err != nil {
			return s, err
		}
		s.Roots[o], s.Columns = t.Root().Hash, t.Root().Columns
	}
	return s, nil
}

// Root is the root of the tree of an order.
func (s SumStatement) Root(o SumOrder) sumNode { return sumNode{Hash: s.Roots[o], Columns: s.Columns} }

// text is the statement as it is signed.
func (s SumStatement) text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s%s\n%d\n%s\n", s.Origin, sumsSuffix, s.Position, s.Log.String())
	for _, o := range sumOrders {
		fmt.Fprintf(&b, "%s %s\n", o, s.Roots[o].String())
	}
	fmt.Fprintf(&b, "lines %d\napplications %d\n", s.Columns.Lines, s.Columns.Applications)
	for _, k := range kindsSummed {
		fmt.Fprintf(&b, "%s %s\n", k, s.Columns.of(k))
	}
	return b.Bytes()
}

// sign writes the statement as a note signed with the log's key, and others.
func (s SumStatement) sign(log note.Signer, others ...note.Signer) ([]byte, error) {
	if log.Name() != s.Origin {
		return nil, fmt.Errorf("signing the sums of %q with the key of %q: %w", s.Origin, log.Name(), proof.ErrCheckpoint)
	}
	signed, err := note.Sign(&note.Note{Text: string(s.text())}, append([]note.Signer{log}, others...)...)
	if err != nil {
		return nil, fmt.Errorf("signing the sums at event %d: %w", s.Position, err)
	}
	return signed, nil
}

// openSums reads a statement of the sums of a log. signed tells whether a key of the log that is trusted signed it; one that bears
// signatures of which none is, is an error.
func openSums(t proof.Trust, origin string, text []byte) (s SumStatement, signed bool, err error) {
	if len(text) > proof.MaxNoteBytes {
		return s, false, fmt.Errorf("a statement of %d bytes: %w", len(text), ErrSums)
	}
	body := string(text)
	if strings.Contains(body, "\n\n") {
		if body, err = t.OpenStatement(origin, text); err != nil {
			return s, false, fmt.Errorf("the statement of sums: %w", err)
		}
		signed = true
	}
	if s, err = parseSums(body); err != nil {
		return s, false, err
	}
	if s.Origin != origin {
		return s, false, fmt.Errorf("the statement of sums is of %q, not of %q: %w", s.Origin, origin, ErrSums)
	}
	return s, signed, nil
}

// parseSums reads a statement's text in its one spelling.
func parseSums(text string) (SumStatement, error) {
	s := SumStatement{Roots: map[SumOrder]tlog.Hash{}}
	bad := fmt.Errorf("a statement of sums that is not spelled as one: %w", ErrSums)
	lines := strings.Split(text, "\n")
	if len(lines) != 3+len(sumOrders)+2+sumKinds+1 {
		return s, bad
	}
	s.Origin = strings.TrimSuffix(lines[0], sumsSuffix)
	s.Position, _ = strconv.ParseUint(lines[1], 10, 63)
	s.Log = decodedHash(lines[2])
	value := func(i int) string { _, v, _ := strings.Cut(lines[i], " "); return v }
	at := 3
	for _, o := range sumOrders {
		s.Roots[o] = decodedHash(value(at))
		at++
	}
	s.Columns.Lines, _ = strconv.ParseUint(value(at), 10, 63)
	s.Columns.Applications, _ = strconv.ParseUint(value(at+1), 10, 63)
	for i := range s.Columns.Fen {
		var b domain.Balance
		if err := b.UnmarshalText([]byte(value(at + 2 + i))); err != nil || b.Less(domain.NoMoney) {
			return s, bad
		}
		s.Columns.Fen[i] = uint64(b.Fen())
	}
	if string(s.text()) != text {
		return s, bad
	}
	return s, nil
}

// decodedHash is a hash in base64; none where it is not.
func decodedHash(text string) (h tlog.Hash) {
	if raw, err := base64.StdEncoding.Strict().DecodeString(text); err == nil && len(raw) == len(h) {
		h = tlog.Hash(raw)
	}
	return h
}
