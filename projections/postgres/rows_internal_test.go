package postgres

import (
	"errors"
	"io"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fundledger/fundledger/projections"
)

// cutOff is the answer of a database that goes away before it says which columns there are: the error comes at the end.
type cutOff struct {
	pgx.Rows
	err error
}

func (c *cutOff) FieldDescriptions() []pgconn.FieldDescription { return nil }
func (c *cutOff) Close()                                       { c.err = io.ErrUnexpectedEOF }
func (c *cutOff) Err() error                                   { return c.err }

func TestAnAnswerThatIsCutOffIsTheDatabasesFault(t *testing.T) {
	_, err := byName[projections.MonthRow](&cutOff{})
	if !errors.Is(err, io.ErrUnexpectedEOF) || !errors.Is(unanswered(t.Context(), err), projections.ErrUnavailable) {
		t.Errorf("it is called the statement's fault: %v", err)
	}
}
