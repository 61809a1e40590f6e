package postgres

import (
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

// money reads a NUMERIC of two decimals, exactly.
type money domain.Money

// ScanNumeric implements [pgtype.NumericScanner].
func (m *money) ScanNumeric(n pgtype.Numeric) error {
	if !n.Valid || n.NaN || n.InfinityModifier != pgtype.Finite {
		return errors.New("a NUMERIC that is no amount")
	}
	fen, exp := n.Int, n.Exp+2
	switch {
	case exp > 0:
		fen = new(big.Int).Mul(fen, pow10(exp))
	case exp < 0:
		var rest big.Int
		fen, _ = new(big.Int).QuoRem(fen, pow10(-exp), &rest)
		if rest.Sign() != 0 {
			return errors.New("a NUMERIC of more than two decimals")
		}
	}
	if !fen.IsInt64() {
		return fmt.Errorf("an amount of %s hundredths is too large", fen)
	}
	*m = money(domain.Fen(fen.Int64()))
	return nil
}

func pow10(n int32) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// ceiling reads a NUMERIC that may be NULL: none stated.
type ceiling domain.Ceiling

// ScanNumeric implements [pgtype.NumericScanner].
func (c *ceiling) ScanNumeric(n pgtype.Numeric) error {
	*c = ceiling{}
	if !n.Valid {
		return nil
	}
	c.Stated = true
	return (*money)(&c.Amount).ScanNumeric(n)
}

// date reads a DATE, NULL as no date.
type date domain.Date

// ScanDate implements [pgtype.DateScanner].
func (d *date) ScanDate(v pgtype.Date) error {
	*d = date{}
	if !v.Valid {
		return nil
	}
	*d = date(domain.DateIn(v.Time, time.UTC))
	return nil
}

// share reads a NUMERIC that may be NULL.
type share decimal.NullDecimal

// ScanNumeric implements [pgtype.NumericScanner].
func (s *share) ScanNumeric(n pgtype.Numeric) error {
	*s = share{}
	if n.Valid && !n.NaN && n.InfinityModifier == pgtype.Finite {
		*s = share{Decimal: decimal.NewFromBigInt(n.Int, n.Exp), Valid: true}
	}
	return nil
}
