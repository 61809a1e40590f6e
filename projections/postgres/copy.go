package postgres

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fundledger/fundledger/domain"
)

// rows are rows of one table in PostgreSQL's binary COPY format, written straight from what the fold made: no value is
// boxed, and an amount becomes a NUMERIC without passing through text.
type rows struct {
	statement string // COPY … FROM STDIN (FORMAT binary)
	columns   int
	buf       []byte
	n         int64
	row       int // columns written of the present row

	more func() bool // writes a row, and reports whether there was one; nil: all are written
	sent int         // bytes of buf that are read
	done bool        // the end is in buf
	err  error       // a value that its column cannot hold; the first counts
}

var copyHeader = append([]byte("PGCOPY\n\xff\r\n\x00"), 0, 0, 0, 0, 0, 0, 0, 0)

// newRows are no rows for a COPY statement, whose columns are counted in its text.
func newRows(statement string) *rows {
	open, end := bytes.IndexByte([]byte(statement), '('), bytes.IndexByte([]byte(statement), ')')
	columns := bytes.Count([]byte(statement[open:end]), []byte{','}) + 1
	return &rows{statement: statement, columns: columns, buf: append([]byte(nil), copyHeader...), row: columns}
}

// next begins a row.
func (r *rows) next() {
	r.complete()
	r.buf = binary.BigEndian.AppendUint16(r.buf, uint16(r.columns))
	r.n, r.row = r.n+1, 0
}

func (r *rows) size(n int) {
	r.buf = binary.BigEndian.AppendUint32(r.buf, uint32(n))
	r.row++
}

func (r *rows) null() { r.size(-1) }

func (r *rows) int64(v int64) {
	r.size(8)
	r.buf = binary.BigEndian.AppendUint64(r.buf, uint64(v))
}

func (r *rows) int32(v int) {
	r.fits(v, math.MinInt32, math.MaxInt32)
	r.size(4)
	r.buf = binary.BigEndian.AppendUint32(r.buf, uint32(v))
}

// fits notes a number that would not be kept as it is: no event that was decided has one, a forged one may.
func (r *rows) fits(v, least, most int) {
	if (v < least || v > most) && r.err == nil {
		r.err = fmt.Errorf("%d is not from %d to %d: %s", v, least, most, r.statement)
	}
}

func (r *rows) int16(v int) {
	r.fits(v, math.MinInt16, math.MaxInt16)
	r.size(2)
	r.buf = binary.BigEndian.AppendUint16(r.buf, uint16(v))
}

func (r *rows) bool(v bool) {
	r.size(1)
	if v {
		r.buf = append(r.buf, 1)
	} else {
		r.buf = append(r.buf, 0)
	}
}

func (r *rows) text(s string) {
	r.size(len(s))
	r.buf = append(r.buf, s...)
}

// optional is a text, or NULL for "".
func (r *rows) optional(s string) {
	if s == "" {
		r.null()
		return
	}
	r.text(s)
}

// optionalSeq writes a position, or NULL for none.
func (r *rows) optionalSeq(seq uint64) {
	if seq == 0 {
		r.null()
		return
	}
	r.int64(int64(seq))
}

func (r *rows) bytes(b []byte) {
	r.size(len(b))
	r.buf = append(r.buf, b...)
}

var dateEpoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// date is a date, or NULL for none.
func (r *rows) date(d domain.Date) {
	if d.IsZero() {
		r.null()
		return
	}
	r.int32(int(d.Time(time.UTC).Sub(dateEpoch) / (24 * time.Hour)))
}

// money is a NUMERIC with two decimals: its digits to the base of 10,000.
func (r *rows) money(m domain.Money) {
	fen, sign := m.Fen(), uint16(0)
	if fen < 0 {
		fen, sign = -fen, 0x4000
	}
	var digits [6]uint16
	first := len(digits) - 1
	digits[first] = uint16(fen%100) * 100
	for whole := fen / 100; whole > 0; whole /= 10000 {
		first--
		digits[first] = uint16(whole % 10000)
	}
	used := digits[first:]
	r.size(8 + 2*len(used))
	r.buf = binary.BigEndian.AppendUint16(r.buf, uint16(len(used)))
	r.buf = binary.BigEndian.AppendUint16(r.buf, uint16(int16(len(used)-2)))
	r.buf = binary.BigEndian.AppendUint16(r.buf, sign)
	r.buf = binary.BigEndian.AppendUint16(r.buf, 2)
	for _, d := range used {
		r.buf = binary.BigEndian.AppendUint16(r.buf, d)
	}
}

// ceiling is an amount, or NULL where none is stated.
func (r *rows) ceiling(c domain.Ceiling) {
	if !c.Stated {
		r.null()
		return
	}
	r.money(c.Amount)
}

// stream is rows that are written while they are sent, so that this program and the server work at the same time.
func stream[T any](statement string, list []T, write func(*rows, *T)) *rows {
	r := newRows(statement)
	next := 0
	r.more = func() bool {
		if next == len(list) {
			return false
		}
		r.next()
		write(r, &list[next])
		next++
		return true
	}
	return r
}

// pieceBytes is about how much is written at once: what the connection sends in a message.
const pieceBytes = 60 << 10

// reader reads the rows: a stream once, others again and again. A connection that breaks may go on reading for a while, so
// what can be sent again has a reader of its own each time.
func (r *rows) reader() io.Reader {
	if r.more != nil {
		return r
	}
	if !r.done {
		r.write()
	}
	return bytes.NewReader(r.buf)
}

// Read implements [io.Reader] for a stream: the COPY data, header and trailer included.
func (r *rows) Read(p []byte) (int, error) {
	if r.sent == len(r.buf) && !r.done {
		r.buf, r.sent = r.buf[:0], 0
		r.write()
	}
	if r.err != nil {
		return 0, r.err
	}
	if r.sent == len(r.buf) {
		return 0, io.EOF
	}
	n := copy(p, r.buf[r.sent:])
	r.sent += n
	return n, nil
}

// write fills the buffer with more rows, or the end.
func (r *rows) write() {
	for r.more != nil && len(r.buf) < pieceBytes {
		if !r.more() {
			r.more = nil
		}
	}
	if r.more != nil {
		return
	}
	r.complete()
	r.buf = binary.BigEndian.AppendUint16(r.buf, 0xffff)
	r.done = true
}

// complete panics when a row was left unfinished.
func (r *rows) complete() {
	if r.row != r.columns {
		panic(fmt.Sprintf("postgres: a row of %d columns was given %d: %s", r.columns, r.row, r.statement))
	}
}

// run copies the rows into their table, where there are any. Rows that are not a stream can be sent again.
func (r *rows) run(ctx context.Context, tx pgx.Tx) error {
	if r.n == 0 && r.more == nil {
		return nil
	}
	if r.err != nil {
		return r.err
	}
	tag, err := tx.Conn().PgConn().CopyFrom(ctx, r.reader(), r.statement)
	if r.err != nil {
		return r.err
	}
	if err != nil {
		return err
	}
	if tag.RowsAffected() != r.n {
		return fmt.Errorf("%d rows of %d were written: %s", tag.RowsAffected(), r.n, r.statement)
	}
	return nil
}
