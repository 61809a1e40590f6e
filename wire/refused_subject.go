package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
)

// A refusal lies under refused.<fund>.<code>.<enterprise>.<application>.<account>.<way>, so that who asks about one case reads only what
// concerns it: the stream finds records by their subjects. What a command was not about is "%"; the account stands there only where the
// command was about no application; way is "imported" or "given". Earlier releases wrote refused.<fund>.<code>.

// RefusedPrefix is what the subjects of a fund's refusals begin with.
func RefusedPrefix(fund domain.FundID) string {
	return "refused." + eventstore.Token(string(fund)) + "."
}

// Subject is where a refusal of a fund is kept.
func (r Refused) Subject(fund domain.FundID) string {
	account := ""
	if r.Application == "" && r.Account.Subject.ID != "" {
		account = accountToken(r.Account)
	}
	way := "given"
	if r.ImportedBy != "" {
		way = "imported"
	}
	return RefusedPrefix(fund) + strings.Join([]string{r.Refusal.Code, caseToken(string(r.Enterprise)), caseToken(string(r.Application)), caseToken(account), way}, ".")
}

// caseToken is a token of bounded length: a longer one is its digest, under a name that no encoding yields.
func caseToken(text string) string {
	const most = 120
	token := eventstore.Token(text)
	if len(token) <= most {
		return token
	}
	digest := sha256.Sum256([]byte(text))
	return "%_" + hex.EncodeToString(digest[:16])
}

func accountToken(a domain.Account) string {
	digest := sha256.Sum256([]byte(string(a.Clause) + "\x00" + string(a.Subject.Kind) + "\x00" + a.Subject.ID))
	return hex.EncodeToString(digest[:12])
}

// Case is whose refusals are asked for. The zero Case is of all.
type Case struct {
	Application domain.ApplicationID
	Accounts    []domain.Account // that the application was ever charged on; nil: any, where it is not known
	Enterprise  domain.EnterpriseID
	Imported    bool // only what imports were refused
}

// Subjects are where the refusals of a case lie, and those that earlier releases kept, which may be of any case; nil: anywhere.
func (c Case) Subjects(fund domain.FundID) []string {
	prefix := RefusedPrefix(fund)
	earlier := prefix + "*"
	switch {
	case c.Application != "":
		list := []string{earlier, prefix + "*.*." + caseToken(string(c.Application)) + ".>"}
		if c.Accounts == nil {
			return append(list, prefix+"*.*.%.>")
		}
		for _, a := range c.Accounts {
			list = append(list, prefix+"*.*.%."+accountToken(a)+".>")
		}
		return list
	case c.Enterprise != "":
		return []string{earlier, prefix + "*." + caseToken(string(c.Enterprise)) + ".>"}
	case c.Imported:
		return []string{earlier, prefix + "*.*.*.*.imported"}
	}
	return nil
}
