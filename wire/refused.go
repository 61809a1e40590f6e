package wire

import (
	"fmt"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
)

// Source is the CloudEvents source of a fund's events.
func Source(fund domain.FundID) string { return "/funds/" + url.PathEscape(string(fund)) }

// Refused is a refusal as its own stream keeps it: who asked what, when, and why not.
type Refused struct {
	At       time.Time      `json:"at"`       // of the decision, UTC
	Position uint64         `json:"position"` // of the log that it was decided on
	Command  jsontext.Value `json:"command"`
	Refusal  domain.Refusal `json:"refusal"`
	Message  domain.Text    `json:"message"`
	// What the command was about (see [domain.About]), as far as the ledger knew.
	Application domain.ApplicationID `json:"application,omitzero"`
	Enterprise  domain.EnterpriseID  `json:"enterprise,omitzero"`
	Account     domain.Account       `json:"account,omitzero"`
	ImportedBy  domain.PersonID      `json:"imported_by,omitzero"`
}

// Of reports whether a refusal belongs to an application's case: its command was about the application, or about no
// application and the account that this one is charged on, as an exception is.
func (r Refused) Of(id domain.ApplicationID, charged domain.Account) bool {
	return r.Application == id || r.Application == "" && charged.Subject.ID != "" && r.Account == charged
}

// EncodeRefused writes a refusal for its stream.
func EncodeRefused(r Refused) ([]byte, error) {
	data, err := json.Marshal(r, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("writing a refusal: %w", err)
	}
	return data, nil
}

// DecodeRefused reads a refusal from its stream.
func DecodeRefused(data []byte) (Refused, error) {
	var r Refused
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("reading a refusal: %w", err)
	}
	return r, nil
}
