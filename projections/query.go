package projections

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/domain"
)

// Errors of questions.
var (
	// ErrNotFound says that there is no such thing in the ledger, as far as it is projected.
	ErrNotFound = errors.New("there is no such thing in the ledger")
	// ErrUnavailable says that the tables cannot be asked just now: their database does not answer. Ask again later.
	ErrUnavailable = errors.New("the tables cannot be asked just now")
	// ErrNotYet says that a question asks for a position or a moment that is not projected yet.
	ErrNotYet = errors.New("not projected yet")
	// ErrCursor says that a cursor is not one that this question gave.
	ErrCursor = errors.New("the cursor is not one of this list: begin the list anew")
	// ErrPresentOnly says that a list is kept as it is now, and cannot be answered for a past moment.
	ErrPresentOnly error = presentOnly{}
)

type presentOnly struct{}

// Error implements error, in English.
func (e presentOnly) Error() string { return e.Message().EN }

// Message is what to ask instead.
func (presentOnly) Message() domain.Text {
	return domain.Text{ZH: "此清单只有现状，没有过去的时点：请去掉 as_of 与 on，或查当时的经过或分录",
		EN: "this list is kept as it is now: ask without as_of and on, or ask for the history or the journal as of then"}
}

type leastKey struct{}

// AtLeast is a context for questions of tables that hold a position, as somebody was told: where they do not hold it any more, for the database has
// fallen back to an older copy, they are answered by [ErrUnavailable] until they do.
func AtLeast(ctx context.Context, seq uint64) context.Context {
	return context.WithValue(ctx, leastKey{}, seq)
}

// LeastOf is the position of [AtLeast]; 0: none.
func LeastOf(ctx context.Context) uint64 {
	seq, _ := ctx.Value(leastKey{}).(uint64)
	return seq
}

// AsOf is a moment of the recording clock: what the ledger knew then. The zero AsOf is now.
type AsOf struct {
	Seq  uint64    // after this event
	Time time.Time // after everything recorded up to this moment
}

// IsZero reports whether it is now.
func (a AsOf) IsZero() bool { return a.Seq == 0 && a.Time.IsZero() }

// Reached is why a moment cannot be asked for, where events up to a position are held: an answer would not stay the same. Nil: it can.
func (a AsOf) Reached(held uint64, now time.Time) error {
	switch {
	case a.Seq > held:
		return fmt.Errorf("position %d: events are held up to %d: %w", a.Seq, held, ErrNotYet)
	case a.Time.After(now):
		return fmt.Errorf("%s lies in the future: %w", a.Time.Format(time.RFC3339), ErrNotYet)
	}
	return nil
}

// ParseAsOf reads "seq:1234", a date (the end of that day in Asia/Shanghai) or an RFC 3339 time; "" is now.
func ParseAsOf(text string) (AsOf, error) {
	if text == "" {
		return AsOf{}, nil
	}
	if number, ok := strings.CutPrefix(text, "seq:"); ok {
		seq, err := strconv.ParseUint(number, 10, 63)
		if err != nil || seq == 0 {
			return AsOf{}, wrongMoment(text)
		}
		return AsOf{Seq: seq}, nil
	}
	if day, err := domain.ParseDate(text); err == nil && day.Year() >= 1970 {
		return AsOf{Time: day.Time(domain.Shanghai).AddDate(0, 0, 1).Add(-time.Nanosecond)}, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return AsOf{}, wrongMoment(text)
	}
	if at.Year() < 1970 {
		return AsOf{}, wrongMoment(text)
	}
	return AsOf{Time: at.UTC()}, nil
}

func wrongMoment(text string) error {
	return &FilterError{Name: "as_of", Value: text, Reason: noMoment}
}

// MaxLimit bounds every list; DefaultLimit is what a query of no limit gets.
const (
	DefaultLimit = 100
	MaxLimit     = 5000
)

// Limit is a list's length within its bounds.
func Limit(asked int) int {
	if asked <= 0 {
		return DefaultLimit
	}
	return min(asked, MaxLimit)
}

// Page is a part of a list, in the list's order.
type Page[T any] struct {
	Rows []T
	Next string // the cursor of the next part; "": this was the last
	Seq  uint64 // the position that it answers for
}

// Status says how an amount stands against its cap.
type Status string

// The statuses, from the worst.
const (
	Over            Status = "over"              // beyond what stands, exceptions included; after a reversed recovery, beyond what is to be held
	OverByException Status = "over_by_exception" // beyond the cap, within its exceptions
	Full            Status = "full"              // nothing left
	Near            Status = "near"              // from 90 %
	OK              Status = "ok"
)

// TotalsRow is an enterprise's line of a clause and a support year, its fields in the order of the design's columns.
type TotalsRow struct {
	Enterprise      domain.EnterpriseID `json:"enterprise"`
	EnterpriseName  string              `json:"enterprise_name"`
	Clause          domain.ClauseID     `json:"clause"`
	SupportYear     domain.SupportYear  `json:"support_year"`
	Applications    int64               `json:"applications"`
	Requested       domain.Money        `json:"requested"`
	Approved        domain.Money        `json:"approved"`
	Paid            domain.Money        `json:"paid"`
	Returned        domain.Money        `json:"returned"`
	ClawbackOrdered domain.Money        `json:"clawback_ordered"`
	ClawbackWaived  domain.Money        `json:"clawback_waived"`
	RecoveredError  domain.Money        `json:"recovered_error"`
	RecoveredBreach domain.Money        `json:"recovered_breach"`
	NetPaid         domain.Money        `json:"net_paid"`
	AnnualLimit     domain.Ceiling      `json:"annual_limit"` // null: no cap is stated
	Exceptions      domain.Money        `json:"exceptions"`
	Use             domain.Money        `json:"use"`
	Headroom        domain.Ceiling      `json:"headroom"`
	Utilisation     decimal.NullDecimal `json:"utilisation"` // four places; null: no limit, or a limit of nought
	Status          Status              `json:"status"`
	OverBy          domain.Money        `json:"over_by"`         // the sum of what its accounts are over
	ReceivedBeyond  domain.Money        `json:"received_beyond"` // what came in beyond what went out
	WrittenOff      domain.Money        `json:"written_off"`     // of what was ordered back: it did not come back
}

// Nearest is the account lines with the least left, the least first; those without a cap come last.
type Nearest struct {
	Rows []AccountRow
	All  int    // of how many
	Seq  uint64 // the position that it answers for
}

// AccountRow is one account in one support year, its fields in the order of the design's columns. Of a cap in total, use
// is that of the year, headroom and status those of all years together.
type AccountRow struct {
	Clause      domain.ClauseID    `json:"clause"`
	SubjectKind domain.SubjectKind `json:"subject_kind"`
	Subject     string             `json:"subject"`
	SupportYear domain.SupportYear `json:"support_year"`
	Cap         domain.Ceiling     `json:"cap"`
	Exceptions  domain.Money       `json:"exceptions"`
	Committed   domain.Money       `json:"committed"`
	Paid        domain.Money       `json:"paid"`
	NetPaid     domain.Money       `json:"net_paid"`
	Use         domain.Money       `json:"use"`
	Headroom    domain.Ceiling     `json:"headroom"`
	Status      Status             `json:"status"`
	OverBy      domain.Money       `json:"over_by"`

	ReceivedBeyond domain.Money `json:"received_beyond"` // what came in beyond what went out
	CarriedUse     domain.Money `json:"carried_use"`     // what the subject used under clauses that this one carries: it counts against the cap too
	JoinedUse      domain.Money `json:"joined_use"`      // what those use that the subject counts as one with: it counts against the cap too, and their exceptions are among the exceptions
}
