package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
)

// Config says whose accounts they are.
type Config struct {
	Fund     domain.FundID
	Replicas int              // copies that the server keeps; 0: 1
	Now      func() time.Time // nil: time.Now
	Logger   *slog.Logger     // nil: silent
}

const (
	// openPatience is how long the streams may take to be there: who may not create them gets no answer.
	openPatience = 30 * time.Second
	// askPatience is how long somebody who asks waits for the log's end, changePatience how long a change may take.
	askPatience, changePatience = 2 * time.Second, 15 * time.Second
)

// Users are the people of a fund, as the accounts' log has them, in every process alike. It is safe for concurrent use.
type Users struct {
	cfg     Config
	log     *eventstore.Log
	shelf   *eventstore.Shelf
	sealer  *Sealer
	token   string        // of the fund, in names and subjects
	longest time.Duration // of a new token's time
	cancel  context.CancelFunc
	ended   sync.WaitGroup

	sure    atomic.Int64 // when everything that was changed anywhere was last known here; in nanoseconds, as [time.Time.UnixNano]
	asking  sync.Mutex
	doubted time.Time // when who asked last was not told in time

	doubt    atomic.Pointer[error] // how the log contradicts what was taken in; nil: it does not
	halted   chan struct{}         // closed when that stands
	contrary error                 // and how

	mu       sync.RWMutex
	people   people
	position uint64
	last     *eventstore.Record // at the position; nil: there is none
	moved    chan struct{}      // closed when position moves
}

// OpenShelf opens the fund's shelf alone: for whoever needs no users.
func OpenShelf(ctx context.Context, nc *nats.Conn, cfg Config, readOnly bool) (*eventstore.Shelf, error) {
	token := tokenOfFund(cfg.Fund)
	return eventstore.OpenShelf(ctx, nc, eventstore.Config{Stream: "KEPT_" + token, Subjects: []string{"kept." + token + ".>"},
		Replicas: cfg.Replicas, ReadOnly: readOnly, Logger: cfg.Logger})
}

// OpenLog opens the log of a fund's accounts alone.
func OpenLog(ctx context.Context, nc *nats.Conn, cfg Config) (*eventstore.Log, error) {
	token := tokenOfFund(cfg.Fund)
	return eventstore.Open(ctx, nc, eventstore.Config{Stream: StreamPrefix + token, Subjects: []string{"accounts." + token + ".>"},
		Replicas: cfg.Replicas, Logger: cfg.Logger})
}

// StreamPrefix begins the name of the stream that holds a fund's accounts.
const StreamPrefix = "ACCOUNTS_"

func tokenOfFund(fund domain.FundID) string {
	return strings.TrimPrefix(ledger.StreamName(fund), "FUND_")
}

// Open reads the accounts of a fund and follows them. Close ends it.
func Open(ctx context.Context, nc *nats.Conn, cfg Config) (*Users, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	u := &Users{cfg: cfg, token: tokenOfFund(cfg.Fund), longest: LongestToken, people: nobodyYet(), moved: make(chan struct{}), halted: make(chan struct{})}
	opening, cancel := context.WithTimeout(ctx, openPatience)
	defer cancel()
	var err error
	if u.log, err = OpenLog(opening, nc, cfg); err == nil {
		u.shelf, err = OpenShelf(opening, nc, cfg, false)
	}
	if err != nil && opening.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w (are the streams ACCOUNTS_%[2]s and KEPT_%[2]s there, and may the service's NATS user use them? "+
			"deploy/nats/streams.sh creates them, deploy/nats/accounts.conf permits them)", err, u.token)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the accounts: %w", err)
	}
	if err := u.log.Read(ctx, 1, 0, u.take); err != nil {
		return nil, fmt.Errorf("reading the accounts: %w", err)
	}
	u.sealer = NewSealer(cfg.Fund, func(context.Context) (*eventstore.Shelf, error) { return u.shelf, nil })
	u.sure.Store(time.Now().UnixNano())
	u.run(ctx)
	return u, nil
}

func (u *Users) run(ctx context.Context) {
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	u.cancel = stop
	u.ended.Go(func() { u.follow(following) })
	u.ended.Go(func() { u.makeSure(following) })
	u.ended.Go(func() { u.watch(following, stop) })
}

// watched is the accounts' log, and what is known of it here.
func (u *Users) watched() ledger.Watched {
	return ledger.Watched{Log: u.log, Known: func() *eventstore.Record {
		u.mu.RLock()
		defer u.mu.RUnlock()
		return u.last
	}, Doubt: func(err error) {
		if err == nil {
			u.doubt.Store(nil)
			return
		}
		u.doubt.Store(&err)
		u.cfg.Logger.Warn("the accounts' log contradicts what was taken in; looking again", "error", err)
	}}
}

// watch holds the log against what is known of it. One that is another is followed no more: whom it has and takes away is nobody's word.
func (u *Users) watch(ctx context.Context, stop func()) {
	err := u.watched().Watch(ctx)
	if err == nil {
		return
	}
	u.contrary = fmt.Errorf("%w: %w", ErrContradicted, err)
	u.doubt.Store(&u.contrary)
	close(u.halted)
	u.cfg.Logger.Error("ALARM: the accounts' log is not the one that was taken in; nothing of it is believed any more", "error", err)
	stop()
}

// Halted is closed when the accounts' log contradicts what was taken in, and does not cease to: it was rolled back, replaced, cut or set otherwise.
// Nothing is changed any more then, nobody signs in by a password, and who is known stays known. [Users.Err] says how.
func (u *Users) Halted() <-chan struct{} { return u.halted }

// Err is why the accounts have halted; nil: they have not.
func (u *Users) Err() error {
	select {
	case <-u.halted:
		return u.contrary
	default:
		return nil
	}
}

// inDoubt is how the log contradicted what was taken in when it was looked at last; nil: it did not.
func (u *Users) inDoubt() error {
	if why := u.doubt.Load(); why != nil {
		return *why
	}
	return nil
}

// makeSure asks again and again whether everything is known here.
func (u *Users) makeSure(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = u.CatchUp(ctx) // where it matters it is asked again
		}
	}
}

// staleAfter is how long what is known here is believed without having been asked for: changes are known everywhere within seconds.
const staleAfter = 5 * time.Second

// freshen catches up where nobody was sure of the accounts for longer than that: this process was held still, and believes what was true then. While
// the log does not answer, those who are known are good.
func (u *Users) freshen(ctx context.Context) {
	fresh := func() bool { return time.Duration(time.Now().UnixNano()-u.sure.Load()).Abs() < staleAfter }
	if fresh() || u.shelf.Away() {
		return
	}
	u.asking.Lock()
	defer u.asking.Unlock()
	if fresh() || time.Since(u.doubted) < staleAfter {
		return
	}
	if u.CatchUp(ctx) != nil {
		u.doubted = time.Now()
	}
}

// Close ends the following.
func (u *Users) Close() {
	u.cancel()
	u.ended.Wait()
}

// Shelf is where what the instances of a service share lies, besides the accounts.
func (u *Users) Shelf() *eventstore.Shelf { return u.shelf }

// follow takes in what comes, by this process and by others, behind what was taken in: a log that is another and longer has something to come too.
func (u *Users) follow(ctx context.Context) {
	watched := u.watched()
	for ctx.Err() == nil {
		err := u.log.Follow(ctx, u.at()+1, func(records []eventstore.Record) error {
			if err := watched.Look(ctx); err != nil {
				return err
			}
			return u.take(records)
		})
		if ctx.Err() == nil {
			u.cfg.Logger.Error("the accounts cannot be followed; those known stay", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

func (u *Users) take(records []eventstore.Record) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	for i, r := range records {
		if r.Seq <= u.position {
			continue
		}
		if c, err := decode(r); err != nil {
			u.cfg.Logger.Error("an event of the accounts cannot be read, and is passed over", "event", r.Seq, "error", err)
		} else {
			u.people.take(c, r.Seq, u.cfg.Logger)
		}
		u.position, u.last = r.Seq, &records[i]
	}
	close(u.moved)
	u.moved = make(chan struct{})
	return nil
}

func decode(r eventstore.Record) (c Change, err error) {
	if err = json.Unmarshal(r.Data, &c); err != nil {
		return c, err
	}
	token, deputy := c.Kind == TokenMade || c.Kind == TokenEnded, c.Kind == DeputyNamed || c.Kind == DeputyEnded
	hook := c.Kind == HookAdded || c.Kind == HookRekeyed || c.Kind == HookRemoved
	if token && c.Token == nil || deputy && c.Deputy == nil || hook && c.Webhook == nil {
		return c, errors.New("it does not say what it is about")
	}
	return c, nil
}

func (u *Users) at() uint64 {
	u.mu.RLock()
	defer u.mu.RUnlock()
	return u.position
}

// reach waits until the accounts are taken in up to a position.
func (u *Users) reach(ctx context.Context, seq uint64) error {
	for {
		u.mu.RLock()
		position, moved := u.position, u.moved
		u.mu.RUnlock()
		if position >= seq {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrAway, ctx.Err())
		}
	}
}

// Changed is closed when something more has been taken in.
func (u *Users) Changed() <-chan struct{} {
	u.mu.RLock()
	defer u.mu.RUnlock()
	return u.moved
}

// CatchUp waits until everything that was changed anywhere is known here, for as long as somebody waits.
func (u *Users) CatchUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	if u.shelf.Away() {
		return ErrAway
	}
	if err := u.inDoubt(); err != nil {
		return err
	}
	asked := time.Now()
	last, err := u.log.Last(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	if err := u.reach(ctx, last); err != nil {
		return err
	}
	u.sure.Store(asked.UnixNano())
	return nil
}

// Find finds a user.
func (u *Users) Find(id domain.PersonID) (User, bool) {
	u.mu.RLock()
	defer u.mu.RUnlock()
	user, ok := u.people.byID[id]
	if !ok {
		return User{}, false
	}
	return *user, true
}

// Since finds a user whose session was begun at an epoch. Where that lies beyond what is known here, it is waited for: another instance began it
// a moment ago.
func (u *Users) Since(ctx context.Context, id domain.PersonID, epoch uint64) (User, bool) {
	u.freshen(ctx)
	if epoch > u.at() {
		waiting, cancel := context.WithTimeout(ctx, askPatience)
		_ = u.reach(waiting, epoch) // what is not known by then counts as over
		cancel()
	}
	user, ok := u.Find(id)
	return user, ok && user.Epoch == epoch
}

// FindOIDC finds who signs in with an account of the organisation.
func (u *Users) FindOIDC(ctx context.Context, subject string) (User, bool) {
	_ = u.CatchUp(ctx) // those who are known are let in
	u.mu.RLock()
	defer u.mu.RUnlock()
	user := u.people.byOIDC[subject]
	if user == nil {
		return User{}, false
	}
	return *user, true
}

// Grants are what a user may be at this moment, in others' places too.
func (u *Users) Grants(user User) []Grant {
	u.mu.RLock()
	defer u.mu.RUnlock()
	return u.people.grants(&user, u.cfg.Now())
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
	u.mu.RLock()
	defer u.mu.RUnlock()
	list := make([]User, 0, len(u.people.byID))
	for _, user := range u.people.byID {
		list = append(list, *user)
	}
	slices.SortFunc(list, func(a, b User) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return list
}

// CheckPassword finds the user whose name and password these are: else [ErrWrongPassword], after as long when there is no such user, or [ErrAway].
func (u *Users) CheckPassword(ctx context.Context, id domain.PersonID, password string) (User, error) {
	if err := u.CatchUp(ctx); err != nil {
		return User{}, err
	}
	user, _ := u.Find(id)
	if user.Credential == "" {
		user.Credential = "nobody" // asked for all the same: how long it takes tells nobody who is a user
	}
	hash, err := u.credential(ctx, user)
	if err != nil {
		return User{}, err
	}
	known := hash != ""
	if !known {
		hash = nobodysHash()
	}
	fits, err := passwordFits(hash, password)
	if err != nil {
		u.cfg.Logger.Error("a user's password cannot be checked: set another with \"user passwd\"", "user", id, "error", err)
	}
	if !known || !fits {
		return User{}, ErrWrongPassword
	}
	return user, nil
}

var nobodysHash = sync.OnceValue(nobody)

const credentials = "credential."

// credential is the hash of a user's password; "" for one who has none.
func (u *Users) credential(ctx context.Context, user User) (string, error) {
	if user.Credential == "" {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	hash, _, err := u.shelf.Get(ctx, credentials+user.Credential)
	if errors.Is(err, eventstore.ErrNotFound) { // another one was set in this moment
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrAway, err)
	}
	return string(hash), nil
}

// Mark is a text that only who has a user's password's hash can make: what was marked is known again until the password is another.
func (u *Users) Mark(ctx context.Context, user User, what string) string {
	hash, err := u.credential(ctx, user)
	if err != nil || hash == "" {
		return ""
	}
	return mark(hash, what)
}

// CheckToken finds the user whose token this is, and the token.
func (u *Users) CheckToken(ctx context.Context, text string) (User, Token, bool) {
	id, secret, ok := strings.Cut(strings.TrimPrefix(text, tokenPrefix), "_")
	if !ok || !strings.HasPrefix(text, tokenPrefix) {
		return User{}, Token{}, false
	}
	u.freshen(ctx)
	user, token, ok := u.tokenOf(id)
	if !ok { // another instance may have made it a moment ago
		_ = u.CatchUp(ctx) // those that are known are good
		user, token, ok = u.tokenOf(id)
	}
	if !ok || subtle.ConstantTimeCompare([]byte(token.Hash), []byte(hashToken(secret))) != 1 || !u.cfg.Now().Before(token.Expires) {
		return User{}, Token{}, false
	}
	return user, token, true
}

// HasToken reports whether the token's name is known here already; whether it is good [Users.CheckToken] says.
func (u *Users) HasToken(text string) bool {
	id, _, _ := strings.Cut(strings.TrimPrefix(text, tokenPrefix), "_")
	_, _, ok := u.tokenOf(id)
	return ok
}

func (u *Users) tokenOf(id string) (User, Token, bool) {
	u.mu.RLock()
	defer u.mu.RUnlock()
	found, ok := u.people.tokens[id]
	if !ok {
		return User{}, Token{}, false
	}
	return *u.people.byID[found.user], found.token, true
}

const tokenPrefix = "flt_"

func hashToken(secret string) string {
	digest := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(digest[:])
}

// Trail lists changes, the newest first: those before a position, 0 for all, at most so many, of one person where one is named. next is where
// the next page begins; 0: there is none.
func (u *Users) Trail(ctx context.Context, person domain.PersonID, before uint64, limit int) (list []Entry, next uint64, err error) {
	if err := u.CatchUp(ctx); err != nil {
		return nil, 0, err
	}
	end := u.at()
	if before > 0 {
		end = min(end, before-1)
	}
	list = []Entry{}
	for end > 0 && len(list) < limit {
		from := end - min(end, trailRead) + 1
		var part []Entry
		err := u.log.Read(ctx, from, end, func(records []eventstore.Record) error {
			for _, r := range records {
				if c, err := decode(r); err == nil {
					part = append(part, c.entries(r.Seq, r.Time)...)
				}
			}
			return nil
		})
		if err != nil {
			return nil, 0, fmt.Errorf("reading the accounts' log: %w", err)
		}
		slices.Reverse(part)
		for _, e := range part {
			if person != "" && e.Person != person && e.By != string(person) {
				continue
			}
			if len(list) >= limit && e.Seq != list[len(list)-1].Seq { // an event is never cut in two
				return list, list[len(list)-1].Seq, nil
			}
			list = append(list, e)
		}
		end = from - 1
	}
	return list, 0, nil
}

const trailRead = 500 // events that a page of the trail reads at once

// randomName is a name that nobody guesses or meets twice.
func randomName() string { return strings.ToLower(rand.Text()) }
