package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/whole"
)

// Errors of keeping users, for those who branch on them.
var (
	ErrNoUser     = errors.New("there is no such user")
	ErrUserExists = errors.New("there is a user of that name already")
	ErrNoToken    = errors.New("the user has no token of that name")
	ErrOIDCTaken  = errors.New("another user signs in with that account of the organisation")
)

// User is a person who may sign in.
type User struct {
	ID       domain.PersonID `json:"id"`
	Name     string          `json:"name,omitzero"` // as people read it
	Grants   []Grant         `json:"grants"`
	Password string          `json:"password,omitzero"` // its hash; empty: no sign-in by password
	OIDC     string          `json:"oidc,omitzero"`     // the subject at the organisation's sign-in; empty: no sign-in there
	Changed  time.Time       `json:"changed"`           // when grants or password were; older sessions end
	Tokens   []Token         `json:"tokens,omitempty"`
}

// Token is an API token, without its secret.
type Token struct {
	Name    string    `json:"name"` // unique for its user
	ID      string    `json:"id"`   // the part of the token that finds it
	Hash    string    `json:"hash"` // SHA-256 of the secret, which is 256 random bits, in hex
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
}

// usersFile is what the file holds.
type usersFile struct {
	Version int    `json:"version"` // 1
	Users   []User `json:"users"`
}

// Users are the people of a file. Changes by others, such as the command line beside a running service, are seen at the
// next question. It is safe for concurrent use, by processes too.
type Users struct {
	path   string
	now    func() time.Time
	logger *slog.Logger

	mu     sync.RWMutex
	stamp  fs.FileInfo
	byID   map[domain.PersonID]*User
	byOIDC map[string]*User
	tokens map[string]tokenOf
}

type tokenOf struct {
	user  *User
	token Token
}

// OpenUsers reads a file of users; one that is missing has none. Nil for now is time.Now, for logger silence.
func OpenUsers(path string, now func() time.Time, logger *slog.Logger) (*Users, error) {
	if now == nil {
		now = time.Now
	}
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	u := &Users{path: path, now: now, logger: logger}
	return u, u.reload()
}

// reload reads the file when it is another than was read.
func (u *Users) reload() error {
	stamp, err := os.Stat(u.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the users: %w", err)
	}
	u.mu.RLock()
	same := u.byID != nil && sameFile(stamp, u.stamp)
	u.mu.RUnlock()
	if same {
		return nil
	}
	file, err := readUsers(u.path)
	u.mu.Lock()
	defer u.mu.Unlock()
	if err != nil {
		if u.byID != nil {
			u.stamp = stamp // said once; who could sign in before still can
		}
		return err
	}
	u.take(file, stamp)
	return nil
}

func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// take makes a file's users the known ones. It needs the lock.
func (u *Users) take(file usersFile, stamp fs.FileInfo) {
	u.stamp = stamp
	u.byID, u.byOIDC, u.tokens = map[domain.PersonID]*User{}, map[string]*User{}, map[string]tokenOf{}
	for i := range file.Users {
		user := &file.Users[i]
		u.byID[user.ID] = user
		switch _, taken := u.byOIDC[user.OIDC]; {
		case user.OIDC == "":
		case taken: // by hand, past the check of change: then it is nobody's
			u.byOIDC[user.OIDC] = nil
			u.logger.Error("two users have one account of the organisation: nobody signs in with it", "account", user.OIDC)
		default:
			u.byOIDC[user.OIDC] = user
		}
		for _, t := range user.Tokens {
			u.tokens[t.ID] = tokenOf{user, t}
		}
	}
}

func readUsers(path string) (usersFile, error) {
	file := usersFile{Version: 1}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return file, nil
	}
	if err != nil {
		return file, fmt.Errorf("reading the users: %w", err)
	}
	if err := json.Unmarshal(text, &file, json.RejectUnknownMembers(true)); err != nil {
		return file, fmt.Errorf("reading the users in %s: %w (mend it, or put its last copy back)", path, err)
	}
	if file.Version != 1 {
		return file, fmt.Errorf("the users in %s are of version %d: use a newer fundledger", path, file.Version)
	}
	return file, nil
}

// look reads the file again where it changed; a file that cannot be read leaves those who were known.
func (u *Users) look() {
	if err := u.reload(); err != nil {
		u.logger.Error("the users could not be read again; those known before stay", "error", err)
	}
}

// Find finds a user.
func (u *Users) Find(id domain.PersonID) (User, bool) {
	u.look()
	u.mu.RLock()
	defer u.mu.RUnlock()
	user, ok := u.byID[id]
	if !ok {
		return User{}, false
	}
	return *user, true
}

func (u *Users) findOIDC(subject string) (User, bool) {
	u.look()
	u.mu.RLock()
	defer u.mu.RUnlock()
	user := u.byOIDC[subject]
	if user == nil {
		return User{}, false
	}
	return *user, true
}

// Knows reports whether a person is a user, however the name is spelled.
func (u *Users) Knows(id domain.PersonID) bool {
	if _, ok := u.Find(id); ok {
		return true
	}
	key := domain.Key(id)
	return slices.ContainsFunc(u.List(), func(user User) bool { return domain.Key(user.ID) == key })
}

// KnownActor holds an import to the users of a ledger in use.
func (u *Users) KnownActor(c domain.Command) func(*domain.State, uint64) error {
	return func(state *domain.State, _ uint64) error {
		if r := state.CheckImported(c, u.Knows); r != nil {
			return r
		}
		return nil
	}
}

// List lists all users, by id.
func (u *Users) List() []User {
	u.look()
	u.mu.RLock()
	defer u.mu.RUnlock()
	list := make([]User, 0, len(u.byID))
	for _, user := range u.byID {
		list = append(list, *user)
	}
	slices.SortFunc(list, func(a, b User) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return list
}

// CheckPassword finds the user whose name and password these are. It takes as long when there is no such user.
func (u *Users) CheckPassword(id domain.PersonID, password string) (User, bool) {
	user, ok := u.Find(id)
	hash := user.Password
	if !ok || hash == "" {
		hash, ok = nobodysHash(), false
	}
	fits, err := passwordFits(hash, password)
	if err != nil {
		u.logger.Error("a user's password cannot be checked: set another with \"user passwd\"", "user", id, "error", err)
	}
	return user, ok && fits
}

var nobodysHash = sync.OnceValue(nobody)

// CheckToken finds the user whose token this is, and its name.
func (u *Users) CheckToken(text string) (User, string, bool) {
	id, secret, ok := strings.Cut(strings.TrimPrefix(text, tokenPrefix), "_")
	if !ok || !strings.HasPrefix(text, tokenPrefix) {
		return User{}, "", false
	}
	u.look()
	u.mu.RLock()
	found, ok := u.tokens[id]
	u.mu.RUnlock()
	if !ok || subtle.ConstantTimeCompare([]byte(found.token.Hash), []byte(hashToken(secret))) != 1 || !u.now().Before(found.token.Expires) {
		return User{}, "", false
	}
	return *found.user, found.token.Name, true
}

const tokenPrefix = "flt_"

func hashToken(secret string) string {
	digest := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(digest[:])
}

// Add adds a user with a password; "" for one who signs in by the organisation's account or by tokens only.
func (u *Users) Add(user User, password string) error {
	return u.AddAll([]User{user}, []string{password})
}

// AddAll adds users, all or none.
func (u *Users) AddAll(users []User, passwords []string) error {
	for i := range users {
		if err := users[i].check(); err != nil {
			return err
		}
		users[i].Changed = u.now().UTC()
		if passwords[i] == "" {
			continue
		}
		hash, err := HashPassword(passwords[i])
		if err != nil {
			return fmt.Errorf("adding %s: %w", users[i].ID, err)
		}
		users[i].Password = hash
	}
	return u.change(func(file *usersFile) error {
		for _, user := range users {
			alike := func(known User) bool { return domain.Key(known.ID) == domain.Key(user.ID) } // `li` and `LI` are one person
			if slices.ContainsFunc(file.Users, alike) {
				return fmt.Errorf("adding %s: %w", user.ID, ErrUserExists)
			}
			file.Users = append(file.Users, user)
		}
		return nil
	})
}

func (user User) check() error {
	if err := checkName("user", string(user.ID)); err != nil {
		return err
	}
	if err := checkSubject(user.OIDC); err != nil {
		return err
	}
	if len(user.Grants) == 0 {
		return fmt.Errorf("the user %s needs at least one role: write role@department", user.ID)
	}
	for _, g := range user.Grants {
		if _, err := ParseGrant(g.String()); err != nil {
			return err
		}
	}
	return nil
}

// checkName bounds the names of users and tokens: letters of any script and digits, with . - _ @ between them.
func checkName(what, name string) error {
	ok := name != "" && len(name) <= 100 && utf8.ValidString(name)
	for _, r := range name {
		ok = ok && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(".-_@", r))
	}
	if !ok {
		return fmt.Errorf("%.100q cannot be a %s's name: use up to 100 bytes of letters, digits and . - _ @", name, what)
	}
	return nil
}

// Remove removes a user, with sessions and tokens. What they did stays on the log.
func (u *Users) Remove(id domain.PersonID) error {
	return u.edit(id, func(file *usersFile, i int) error {
		file.Users = slices.Delete(file.Users, i, i+1)
		return nil
	})
}

// SetPassword gives a user another password; their sessions end.
func (u *Users) SetPassword(id domain.PersonID, password string) error {
	hash, err := HashPassword(password)
	if err != nil {
		return err
	}
	return u.edit(id, func(file *usersFile, i int) error {
		file.Users[i].Password, file.Users[i].Changed = hash, u.now().UTC()
		return nil
	})
}

// SetOIDC says with which account of the organisation a user signs in, "" for none; their sessions end.
func (u *Users) SetOIDC(id domain.PersonID, subject string) error {
	if err := checkSubject(subject); err != nil {
		return err
	}
	return u.edit(id, func(file *usersFile, i int) error {
		file.Users[i].OIDC, file.Users[i].Changed = subject, u.now().UTC()
		return nil
	})
}

// checkSubject bounds what a provider may call somebody (255 bytes of ASCII by its specification; some take more).
func checkSubject(subject string) error {
	if len(subject) > 500 || !utf8.ValidString(subject) || strings.ContainsFunc(subject, unicode.IsControl) || strings.TrimSpace(subject) != subject {
		return fmt.Errorf("%.100q cannot be an account of the organisation: use up to 500 bytes, without white space around it", subject)
	}
	return nil
}

// SetGrants gives a user other roles; their sessions end, their tokens have the new roles.
func (u *Users) SetGrants(id domain.PersonID, grants []Grant) error {
	if err := (User{ID: id, Grants: grants}).check(); err != nil {
		return err
	}
	return u.edit(id, func(file *usersFile, i int) error {
		file.Users[i].Grants, file.Users[i].Changed = slices.Clone(grants), u.now().UTC()
		return nil
	})
}

// CreateToken makes an API token of a user and returns it: it is not kept and cannot be shown again.
func (u *Users) CreateToken(id domain.PersonID, name string, expires time.Time) (string, error) {
	if err := checkName("token", name); err != nil {
		return "", err
	}
	if !expires.After(u.now()) {
		return "", fmt.Errorf("the token %s would have expired at %s already: choose a later end", name, expires.Format(time.RFC3339))
	}
	token := Token{Name: name, ID: strings.ToLower(rand.Text()[:12]), Created: u.now().UTC(), Expires: expires.UTC()}
	secret := strings.ToLower(rand.Text() + rand.Text())
	token.Hash = hashToken(secret)
	err := u.edit(id, func(file *usersFile, i int) error {
		user := &file.Users[i]
		if slices.ContainsFunc(user.Tokens, func(t Token) bool { return t.Name == name }) {
			return fmt.Errorf("%s has a token %s already: revoke it, or choose another name", id, name)
		}
		user.Tokens = append(slices.Clone(user.Tokens), token)
		return nil
	})
	return tokenPrefix + token.ID + "_" + secret, err
}

// RevokeToken ends a user's token of a name.
func (u *Users) RevokeToken(id domain.PersonID, name string) error {
	return u.edit(id, func(file *usersFile, i int) error {
		user := &file.Users[i]
		at := slices.IndexFunc(user.Tokens, func(t Token) bool { return t.Name == name })
		if at < 0 {
			return fmt.Errorf("%s, %s: %w", id, name, ErrNoToken)
		}
		user.Tokens = slices.Delete(slices.Clone(user.Tokens), at, at+1)
		return nil
	})
}

func (u *Users) edit(id domain.PersonID, change func(file *usersFile, i int) error) error {
	return u.change(func(file *usersFile) error {
		i := at(file, id)
		if i < 0 {
			return fmt.Errorf("%s: %w", id, ErrNoUser)
		}
		return change(file, i)
	})
}

func at(file *usersFile, id domain.PersonID) int {
	return slices.IndexFunc(file.Users, func(user User) bool { return user.ID == id })
}

// change reads the file, changes it and writes it whole, while no other process does.
func (u *Users) change(how func(*usersFile) error) error {
	lock, err := os.OpenFile(u.path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("changing the users: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("changing the users: %w", err)
	}
	file, err := readUsers(u.path)
	if err != nil {
		return err
	}
	if err := how(&file); err != nil {
		return err
	}
	accounts := map[string]domain.PersonID{}
	for _, user := range file.Users {
		if other, taken := accounts[user.OIDC]; taken && user.OIDC != "" {
			return fmt.Errorf("%s and %s, %s: %w", other, user.ID, user.OIDC, ErrOIDCTaken)
		}
		accounts[user.OIDC] = user.ID
	}
	text, err := json.Marshal(file, jsontext.WithIndent("  "), json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("changing the users: %w", err)
	}
	if err := whole.Replace(u.path, 0o600, whole.Text(append(text, '\n'))); err != nil {
		return err
	}
	return u.reload()
}
