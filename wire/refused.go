package wire

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
)

// Source is the CloudEvents source of a fund's events.
func Source(fund domain.FundID) string { return "/funds/" + url.PathEscape(string(fund)) }

// MaxKeptCommand is how many bytes of a refused command are kept whole. Of a longer one its digest is kept, and what identifies it.
const MaxKeptCommand = 16 << 10

// Refused is a refusal as its own stream keeps it: who asked what, when, and why not.
type Refused struct {
	At       time.Time      `json:"at"`              // of the decision, UTC
	Before   Link           `json:"before,omitzero"` // of all records before it; earlier releases wrote none
	Position uint64         `json:"position"`        // of the log that it was decided on
	Command  jsontext.Value `json:"command"`         // with a digest: its name, id, date and actor only
	Digest   *Digest        `json:"digest,omitempty"`
	Refusal  domain.Refusal `json:"refusal"`
	Message  domain.Text    `json:"message"`
	// What the command was about (see [domain.About]), as far as the ledger knew.
	Application domain.ApplicationID `json:"application,omitzero"`
	Enterprise  domain.EnterpriseID  `json:"enterprise,omitzero"`
	Account     domain.Account       `json:"account,omitzero"`
	ImportedBy  domain.PersonID      `json:"imported_by,omitzero"`
	// Retired are the beginnings of the stream that were taken away so far, the earliest first: of a record that is no refusal, and says
	// that one more was.
	Retired []Retired `json:"retired,omitempty"`
}

// Digest stands for a command that is too long to be kept whole: for its canonical form.
type Digest struct {
	SHA256 string `json:"sha256"` // in hex, as events carry it
	Bytes  int    `json:"bytes"`
}

// Retired is a stretch of refusals that was taken away, and what its file holds.
type Retired struct {
	First  uint64    `json:"first"`
	Last   uint64    `json:"last"`
	Begin  Link      `json:"begin"` // of all before the first
	End    Link      `json:"end"`   // of all up to the last
	Until  time.Time `json:"until"` // what was recorded before
	File   string    `json:"file"`  // its name, for people
	SHA256 string    `json:"sha256"`
	Bytes  int64     `json:"bytes"`
}

// Of reports whether a refusal belongs to an application's case: its command was about the application, or about no
// application and the account that this one is charged on, as an exception is.
func (r Refused) Of(id domain.ApplicationID, charged domain.Account) bool {
	return r.Application == id || r.Application == "" && charged.Subject.ID != "" && r.Account == charged
}

// IsCommand reports whether it is the refusal of a command, and not a note on what was not kept or is kept elsewhere.
func (r Refused) IsCommand() bool {
	return r.Refusal.Code != domain.CodeRefusalsNotKept && r.Refusal.Code != domain.CodeRefusalsRetired
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

// Link stands for a record of the stream of refusals and all before it: each record says the link of those before it, so none can be
// changed, taken out or put in without all behind it saying otherwise. The zero Link is of no record.
type Link [sha256.Size]byte

const linkFormat = "fundledger refusal 1\n"

// Then is the link with one record more. The moment at which the server stored it is not in it: who writes the record does not know it.
func (l Link) Then(seq uint64, subject string, data []byte) Link {
	h := sha256.New()
	h.Write([]byte(linkFormat))
	h.Write(l[:])
	h.Write(binary.BigEndian.AppendUint64(nil, seq))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(subject))))
	h.Write([]byte(subject))
	h.Write(data)
	return Link(h.Sum(nil))
}

// String is the link in hex.
func (l Link) String() string { return hex.EncodeToString(l[:]) }

// MarshalText writes a link.
func (l Link) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads a link.
func (l *Link) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(l)) {
		return fmt.Errorf("%q is no link", domain.Clip(string(text), 80))
	}
	_, err := hex.Decode(l[:], text)
	return err
}
