package tabular

import (
	"fmt"
	"io"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/snappy"
	"github.com/shopspring/decimal"
)

const (
	batchRows       = 256      // rows handed over at once
	rowGroupRows    = 64 << 10 // rows held in memory, encoded, until they are written
	dictionaryBytes = 1 << 20  // of distinct texts in a column of a row group; past it they are written plainly
	decimalWidth    = 18       // digits of a decimal held in 64 bits
)

var decimalBound = decimal.New(1, decimalWidth)

// orderedGroup is a parquet.Group that keeps the order of its columns.
type orderedGroup struct {
	parquet.Group
	fields []parquet.Field
}

func (g orderedGroup) Fields() []parquet.Field { return g.fields }

type parquetWriter struct {
	out     *parquet.GenericWriter[any]
	columns []Column
	rows    []parquet.Row
}

func newParquet(out io.Writer, t Table) *parquetWriter {
	group := parquet.Group{}
	for _, c := range t.Columns {
		group[c.Name] = parquet.Optional(c.Kind.parquet())
	}
	root := orderedGroup{Group: group}
	byName := map[string]parquet.Field{}
	for _, f := range group.Fields() {
		byName[f.Name()] = f
	}
	for _, c := range t.Columns {
		root.fields = append(root.fields, byName[c.Name])
	}
	options := []parquet.WriterOption{
		parquet.NewSchema(t.Name, root),
		parquet.Compression(&snappy.Codec{}),
		parquet.MaxRowsPerRowGroup(rowGroupRows),
		parquet.DictionaryMaxBytes(dictionaryBytes),
		parquet.CreatedBy("fundledger", "1", ""),
	}
	for _, m := range t.Meta {
		options = append(options, parquet.KeyValueMetadata(m.Name, m.Value))
	}
	return &parquetWriter{out: parquet.NewGenericWriter[any](out, options...), columns: t.Columns}
}

// parquet is the type of a column of this kind.
func (k Kind) parquet() parquet.Node {
	switch k {
	case Money:
		return parquet.Decimal(2, decimalWidth, parquet.Int64Type)
	case Ratio:
		return parquet.Decimal(4, decimalWidth, parquet.Int64Type)
	case Integer:
		return parquet.Int(64)
	case Date:
		return parquet.Date()
	case Time:
		return parquet.Timestamp(parquet.Microsecond)
	case Bool:
		return parquet.Leaf(parquet.BooleanType)
	}
	return parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
}

func (w *parquetWriter) row(cells []cell) error {
	row := w.next()
	for i, c := range cells {
		value, err := c.parquet()
		if err != nil {
			return fmt.Errorf("column %s: %w", w.columns[i].Name, err)
		}
		defined := 0
		if c.set {
			defined = 1
		}
		row = append(row, value.Level(0, defined, i))
	}
	w.rows[len(w.rows)-1] = row
	if len(w.rows) < batchRows {
		return nil
	}
	return w.flush()
}

// next is an empty row at the end of the batch, in memory used before where there is some.
func (w *parquetWriter) next() parquet.Row {
	if len(w.rows) < cap(w.rows) {
		w.rows = w.rows[:len(w.rows)+1]
	} else {
		w.rows = append(w.rows, make(parquet.Row, 0, len(w.columns)))
	}
	return w.rows[len(w.rows)-1][:0]
}

func (w *parquetWriter) flush() error {
	_, err := w.out.WriteRows(w.rows)
	w.rows = w.rows[:0]
	return err
}

func (w *parquetWriter) finish(sum Summary) error {
	if err := w.flush(); err != nil {
		return err
	}
	w.out.SetKeyValueMetadata("control.rows", strconv.FormatInt(sum.Rows, 10))
	for _, c := range w.columns {
		if total, ok := c.total(sum); ok {
			w.out.SetKeyValueMetadata("control.total."+c.Name, total)
		}
	}
	return w.out.Close()
}

// abandon leaves the file without its footer: nothing opens it.
func (w *parquetWriter) abandon(error) {}

func (c cell) parquet() (parquet.Value, error) {
	if !c.set {
		return parquet.NullValue(), nil
	}
	switch c.kind {
	case Money:
		return parquetDecimal(c.dec, 2)
	case Ratio:
		return parquetDecimal(c.dec, 4)
	case Integer:
		return parquet.Int64Value(c.integer), nil
	case Date:
		return parquet.Int32Value(int32(c.time.Unix() / 86400)), nil
	case Time:
		return parquet.Int64Value(c.time.UnixMicro()), nil
	case Bool:
		return parquet.BooleanValue(c.truth), nil
	}
	return parquet.ByteArrayValue([]byte(c.text)), nil
}

// parquetDecimal is a decimal as a whole number of its last place.
func parquetDecimal(d decimal.Decimal, places int32) (parquet.Value, error) {
	if n, ok := scaled(d, places); ok {
		return parquet.Int64Value(n), nil
	}
	n := d.Round(places).Shift(places)
	if n.Abs().GreaterThanOrEqual(decimalBound) {
		return parquet.NullValue(), fmt.Errorf("%s has more than %d digits: use csv or json", d, decimalWidth)
	}
	return parquet.Int64Value(n.IntPart()), nil
}
