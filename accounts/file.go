package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
)

// File is the users with the hashes of their passwords, and the key of account numbers where there is one: what the first releases kept users in, and what carries them to another ledger. It is a
// secret as a whole.
type File struct {
	Version  int        `json:"version"` // 1, as the first releases wrote it; 2, with scopes and deputies; 3, with a key
	Users    []FileUser `json:"users"`
	PayeeKey []byte     `json:"payee_key,omitzero"` // that the numbers of bank accounts on the ledger are sealed under ([Sealer])
}

// FileUser is a user with the hash of the password.
type FileUser struct {
	User
	Password string `json:"password,omitzero"`
	Changed  any    `json:"changed,omitzero"` // of version 1
}

const fileVersion = 3

// Write writes the users as a [File].
func (u *Users) Write(ctx context.Context) ([]byte, error) {
	if err := u.CatchUp(ctx); err != nil {
		return nil, err
	}
	key, _, err := u.sealKey(ctx)
	if err != nil {
		return nil, err
	}
	file := File{Version: fileVersion, Users: []FileUser{}, PayeeKey: key}
	if key == nil {
		file.Version-- // it can be read by a release that knows no key
	}
	for _, user := range u.List() {
		hash, err := u.credential(ctx, user)
		if err != nil {
			return nil, err
		}
		user.Credential, user.Webhooks = "", nil // another ledger does not tell whom this one tells
		file.Users = append(file.Users, FileUser{User: user, Password: hash})
	}
	text, err := json.Marshal(file, jsontext.WithIndent("  "), json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("writing the users: %w", err)
	}
	return append(text, '\n'), nil
}

// readFile reads a [File].
func readFile(path string) (File, string, error) {
	var file File
	text, err := os.ReadFile(path)
	if err != nil {
		return file, "", fmt.Errorf("reading the users: %w", err)
	}
	if err := json.Unmarshal(text, &file, json.RejectUnknownMembers(true)); err != nil {
		return file, "", fmt.Errorf("reading the users in %s: %w (mend it, or put its last copy back)", path, err)
	}
	if file.Version < 1 || file.Version > fileVersion {
		return file, "", fmt.Errorf("the users in %s are of version %d: use a newer fundledger", path, file.Version)
	}
	digest := sha256.Sum256(text)
	return file, hex.EncodeToString(digest[:]), nil
}

// TakeOver takes the users of a [File] over, once: their passwords and tokens stay good. Whoever was a user here before stays as they are, or away.
// It returns how many came. A file that is not there brings nobody.
func (h Hand) TakeOver(path string) (int, error) { return h.takeOver(path, false) }

// TakeOverFirst is [Hand.TakeOver] without being asked, and only where nobody was ever a user: later a file of the data folder would make whoever
// can write there an administrator. [ErrLeft]: one lies there and was left.
func (h Hand) TakeOverFirst(path string) (int, error) { return h.takeOver(path, true) }

// ErrLeft says that a file of users was not taken over, for there are users already.
var ErrLeft = errors.New("there are users already: take the file over with \"user import\", or remove it")

func (h Hand) takeOver(path string, first bool) (int, error) {
	file, digest, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	h.mu.RLock()
	known := h.people.takeover[digest]
	h.mu.RUnlock()
	if known {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), changePatience)
	defer cancel()
	if err := h.mayTakeSealKey(ctx, file.PayeeKey); err != nil {
		return 0, fmt.Errorf("taking over %s: %w", path, err)
	}
	users := make([]User, len(file.Users))
	subjects := map[string]int{}
	for _, one := range file.Users {
		subjects[one.OIDC]++
	}
	for i, one := range file.Users {
		users[i] = one.User
		users[i].Credential = ""                      // of the ledger where the file was made; its password is beside
		users[i].Webhooks = nil                       // so are whom that ledger tells
		if one.OIDC != "" && subjects[one.OIDC] > 1 { // by hand, past every check: then it is nobody's
			h.cfg.Logger.Error("two users have one account of the organisation: nobody signs in with it", "account", one.OIDC)
			users[i].OIDC = ""
		}
		if err := users[i].check(); err != nil {
			return 0, fmt.Errorf("taking over %s: %w", path, err)
		}
		if one.Password == "" {
			continue
		}
		// The name is the digest's, so that two instances that take the same file over put the same hash there.
		name := sha256.Sum256([]byte(digest + "\x00" + string(one.ID)))
		users[i].Credential = hex.EncodeToString(name[:13])
		if err := h.shelf.Put(ctx, credentials+users[i].Credential, []byte(one.Password), 0); err != nil {
			return 0, fmt.Errorf("%w: %w", ErrAway, err)
		}
	}
	came := 0
	_, err = h.change(func(p *people) (Change, error) {
		c := Change{Kind: TakenOver, File: digest}
		if p.takeover[digest] {
			return c, errTaken
		}
		if first && len(p.ever) > 0 {
			return c, ErrLeft
		}
		for _, user := range users {
			if !p.ever[domain.Key(user.ID)] {
				c.Users = append(c.Users, user)
			}
		}
		came = len(c.Users)
		return c, p.free(c.Users)
	})
	if errors.Is(err, errTaken) {
		return 0, nil
	}
	if err == nil { // not before: a file that is left brings no key either
		err = h.takeSealKey(ctx, file.PayeeKey)
	}
	if err != nil {
		return 0, fmt.Errorf("taking over %s: %w", path, err)
	}
	return came, nil
}

var errTaken = errors.New("it was taken over")
