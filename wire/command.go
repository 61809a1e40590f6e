package wire

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
)

// MaxCommandBytes bounds one command: a policy of a thousand clauses fits, a file that is not commands does not.
const MaxCommandBytes = 4 << 20

// DecodeCommand reads one command. What cannot be read is refused with the field at fault.
func DecodeCommand(text []byte) (domain.Command, *domain.Refusal) {
	if len(text) > MaxCommandBytes {
		return nil, malformed(domain.ReasonTooLong, "use", len(text), "limit", MaxCommandBytes)
	}
	if first := bytes.TrimLeft(text, " \t\r\n"); len(first) > 0 && first[0] != '{' {
		return nil, malformed(domain.ReasonObject)
	}
	var outer struct {
		Command string         `json:"command"`
		Fields  jsontext.Value `json:",embed"`
	}
	if err := json.Unmarshal(text, &outer); err != nil {
		return nil, unreadable("", err)
	}
	command, refusal := blank(outer.Command)
	if refusal != nil {
		return nil, refusal
	}
	if len(outer.Fields) > 0 {
		if err := json.Unmarshal(outer.Fields, command, json.RejectUnknownMembers(true)); err != nil {
			return nil, unreadable(outer.Command, err)
		}
	}
	if publish, ok := command.(*domain.PublishPolicy); ok {
		if r := sealPolicy(publish); r != nil {
			return nil, r
		}
	}
	return command, nil
}

// sealPolicy puts the content hash into a command that publishes a policy, or checks the one it came with.
func sealPolicy(c *domain.PublishPolicy) *domain.Refusal {
	c.Policy = c.Policy.Prefixed()
	hash, err := PolicyHash(&c.Policy)
	if err != nil {
		return malformed(domain.ReasonUnreadableInput, "detail", err)
	}
	if c.Hash != "" && c.Hash != hash {
		return domain.NewRefusal(domain.CodeFieldInvalid, "field", "hash", "value", c.Hash, "reason", domain.ReasonHash, "hash", hash)
	}
	c.Hash = hash
	return nil
}

// CommandID is the id that a text gives itself, if it can be made out: for reports on lines that cannot be read.
func CommandID(text []byte) string {
	var head struct {
		ID string `json:"id"`
	}
	if len(text) > MaxCommandBytes || json.Unmarshal(text, &head, jsontext.AllowDuplicateNames(true)) != nil {
		return ""
	}
	return head.ID
}

// unreadable says in a refusal why a text is not a command.
func unreadable(command string, err error) *domain.Refusal {
	var semantic *json.SemanticError
	field := ""
	if errors.As(err, &semantic) {
		field = strings.ReplaceAll(strings.TrimPrefix(string(semantic.JSONPointer), "/"), "/", ".")
	}
	if r := unreadText(field, err); r != nil {
		return r
	}
	if errors.Is(err, json.ErrUnknownName) {
		return domain.NewRefusal(domain.CodeFieldUnknown, "command", command, "field", field)
	}
	if semantic != nil && field != "" {
		reason, expected := kindReason(semantic)
		return domain.NewRefusal(domain.CodeFieldInvalid, "field", field, "value", string(semantic.JSONValue), "reason", reason, "expected", expected)
	}
	return notJSON(err)
}

func malformed(reason domain.Reason, figures ...any) *domain.Refusal {
	return domain.NewRefusal(domain.CodeCommandMalformed, append([]any{"reason", reason}, figures...)...)
}

// kindReason says what a member should have been. An amount that is a JSON number is the commonest fault.
func kindReason(e *json.SemanticError) (reason domain.Reason, expected string) {
	if e.GoType != nil && (strings.HasSuffix(e.GoType.String(), "Money") || strings.HasSuffix(e.GoType.String(), "Ceiling") || strings.HasSuffix(e.GoType.String(), "NewCap")) {
		return domain.ReasonAmountText, ""
	}
	if e.GoType != nil {
		return domain.ReasonType, kindName(e)
	}
	return domain.ReasonType, "object"
}

func kindName(e *json.SemanticError) string {
	switch e.GoType.Kind().String() {
	case "string":
		return "string"
	case "uint16", "int":
		return "number"
	case "bool":
		return "bool"
	case "slice":
		return "list"
	}
	return "object"
}

// notJSON refuses a text by the reason of a JSON error, without the library's own preface.
func notJSON(err error) *domain.Refusal {
	text := err.Error()
	if _, rest, found := strings.Cut(text, "jsontext: "); found {
		text = rest
	}
	if strings.Contains(text, "unexpected EOF") {
		return malformed(domain.ReasonCutShort)
	}
	return malformed(domain.ReasonJSON, "detail", text)
}

// EncodeCommand writes a command in its canonical form.
func EncodeCommand(c domain.Command) ([]byte, error) {
	fields, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("writing the command %s: %w", c.Name(), err)
	}
	var b bytes.Buffer
	b.Grow(len(fields) + len(c.Name()) + 16)
	b.WriteString(`{"command":"`)
	b.WriteString(c.Name())
	b.WriteString(`",`)
	b.Write(fields[1:])
	return b.Bytes(), nil
}

// formerlyFirst begins a line of an import that says under which id an earlier release booked the same row of a file.
const formerlyFirst = `{"formerly":`

// EncodeLine writes a command as a line of an import: with the id that an earlier release gave the same row of a file, where there is one.
func EncodeLine(c domain.Command, formerly domain.CommandID) ([]byte, error) {
	text, err := EncodeCommand(c)
	if err != nil || formerly == "" {
		return text, err
	}
	id, err := json.Marshal(formerly)
	if err != nil {
		return nil, fmt.Errorf("writing the id %q: %w", formerly, err)
	}
	return slices.Concat([]byte(formerlyFirst), id, []byte(","), text[1:]), nil
}

// CutFormerly takes the id of an earlier release off a line of an import; a line that does not begin with one is as it stands.
func CutFormerly(line []byte) (domain.CommandID, []byte) {
	rest, has := bytes.CutPrefix(bytes.TrimSpace(line), []byte(formerlyFirst))
	if !has {
		return "", line
	}
	d := jsontext.NewDecoder(bytes.NewReader(rest))
	id, err := d.ReadToken()
	if err != nil || id.Kind() != '"' {
		return "", line
	}
	formerly := domain.CommandID(id.String())
	rest, more := bytes.CutPrefix(bytes.TrimSpace(rest[d.InputOffset():]), []byte(","))
	if !more {
		return "", line
	}
	return formerly, append([]byte("{"), rest...)
}

const (
	// maxPlainCommand bounds a command that is no policy: the longest honest one is far below.
	maxPlainCommand = 512 << 10
	// maxCommandText bounds each text of such a command. The rules allow half of it, and say which field.
	maxCommandText = 8 << 10
)

// TooLong refuses a command that is longer than any honest one, or has such a text, before anybody reads it through; nil: it is not. text
// is its canonical form.
func TooLong(c domain.Command, text []byte) *domain.Refusal {
	if _, policy := c.(*domain.PublishPolicy); policy || len(text) <= maxCommandText {
		return nil
	}
	if len(text) > maxPlainCommand {
		return domain.NewRefusal(domain.CodeCommandTooLarge, "value", len(text), "limit", maxPlainCommand)
	}
	for d := jsontext.NewDecoder(bytes.NewReader(text)); ; {
		token, err := d.ReadToken()
		if err != nil {
			return nil
		}
		if token.Kind() == '"' && len(token.String()) > maxCommandText {
			return domain.NewRefusal(domain.CodeFieldInvalid, "field", d.StackPointer().LastToken(), "reason", domain.ReasonText)
		}
	}
}

// HashCommand is the SHA-256 of a command's canonical form, in hex.
func HashCommand(c domain.Command) (string, error) {
	text, err := EncodeCommand(c)
	if err != nil {
		return "", err
	}
	return HashText(text), nil
}

// HashText is the SHA-256 of a command's canonical form, where it is at hand.
func HashText(text []byte) string {
	digest := sha256.Sum256(text)
	return hex.EncodeToString(digest[:])
}

// PolicyHash is the content hash of a policy: "sha256:" and the digest of its JSON as the event carries it. Anyone can
// take it again from the event's data.
func PolicyHash(p *domain.Policy) (string, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("writing the policy %s: %w", p.Fund, err)
	}
	digest := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(digest[:]), nil
}
