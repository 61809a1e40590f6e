package intake

import (
	"bytes"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
)

// Reject is a line that was refused, as the rejects file keeps it. A rejects file can be imported: each line asks its command again.
type Reject struct {
	Line    int            `json:"line"`
	ID      string         `json:"id"` // of the command; empty where it cannot be made out
	Code    string         `json:"code"`
	Rule    string         `json:"rule"`
	Message domain.Text    `json:"message"`
	Figures domain.Figures `json:"figures"`
	Asked   jsontext.Value `json:"asked,omitzero"` // the command; none where it cannot be made out, or holds a personal identity number
}

// Rejected is a line's reject, for a refusal of its own or of the ledger. Where a cell is at fault the message names it.
func Rejected(l Line, r *domain.Refusal) Reject {
	message := r.Message()
	if cell := r.Figures["cell"]; cell != "" {
		message.ZH += "（单元格 " + cell + "）"
		message.EN += " (cell " + cell + ")"
	}
	figures := r.Figures
	if figures == nil {
		figures = domain.Figures{}
	}
	reject := Reject{Line: l.Number, ID: l.ID, Code: r.Code, Rule: r.Rule, Message: message, Figures: figures}
	if l.Command != nil && r.Code != domain.CodePersonalID {
		reject.Asked = jsontext.Value(l.Text)
	}
	return reject
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

// askedAgain is the command that a line of a rejects file asks again; nil where the line is none, or keeps no command.
func askedAgain(text []byte) []byte {
	if !bytes.Contains(text, []byte(`"asked"`)) {
		return nil
	}
	var r Reject
	if json.Unmarshal(text, &r, json.RejectUnknownMembers(true)) != nil || r.Code == "" {
		return nil
	}
	return r.Asked
}
