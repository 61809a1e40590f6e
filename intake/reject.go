package intake

import (
	"fmt"
	"io"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
)

// Reject is a line that was refused, as the rejects file keeps it.
type Reject struct {
	Line    int            `json:"line"`
	ID      string         `json:"id"` // of the command; empty where it cannot be made out
	Code    string         `json:"code"`
	Rule    string         `json:"rule"`
	Message domain.Text    `json:"message"`
	Figures domain.Figures `json:"figures"`
}

// Rejected is a line's reject, for a refusal of its own or of the ledger. Where a cell is at fault the message names it.
func Rejected(l Line, r *domain.Refusal) Reject {
	message := r.Message()
	if cell := r.Figures["cell"]; cell != "" {
		message.ZH += "(单元格 " + cell + ")"
		message.EN += " (cell " + cell + ")"
	}
	figures := r.Figures
	if figures == nil {
		figures = domain.Figures{}
	}
	return Reject{Line: l.Number, ID: l.ID, Code: r.Code, Rule: r.Rule, Message: message, Figures: figures}
}

// WriteReject writes a reject as one JSON line.
func WriteReject(w io.Writer, r Reject) error {
	text, err := json.Marshal(r, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("writing the reject of line %d: %w", r.Line, err)
	}
	if _, err := w.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("writing the reject of line %d: %w", r.Line, err)
	}
	return nil
}
