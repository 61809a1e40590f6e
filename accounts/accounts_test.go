package accounts_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/nats-io/nats-server/v2/server.init.0.func1"))
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// server is a NATS of the test's own.
func server(t *testing.T) *eventstore.Server {
	s := must(eventstore.StartServer(eventstore.ServerConfig{Dir: t.TempDir(), Listen: new(string)}))(t)
	t.Cleanup(s.Shutdown)
	return s
}

func connection(t *testing.T, s *eventstore.Server) *nats.Conn {
	nc := must(s.Connect())(t)
	t.Cleanup(nc.Close)
	return nc
}

// instance is the accounts as one process of several has them.
func instance(t *testing.T, nc *nats.Conn, now func() time.Time, by string) accounts.Hand {
	t.Helper()
	u := must(accounts.Open(t.Context(), nc, accounts.Config{Fund: "test", Now: now}))(t)
	t.Cleanup(u.Close)
	return u.Hand(by, accounts.CommandLine)
}

var clerk = []accounts.Grant{{Role: domain.Clerk, Department: "investment"}}

const right = "correct horse battery"

// Two processes on one log are one: what one changes, the other one acts on; and no secret lies on the log.
func TestEveryProcessKnowsEveryChange(t *testing.T) {
	s := server(t)
	clock := time.Now()
	one, other := instance(t, connection(t, s), func() time.Time { return clock }, "root"), instance(t, connection(t, s), nil, "zhang")
	if err := one.Add(accounts.User{ID: "li.na", Grants: clerk}, "short"); !errors.Is(err, accounts.ErrPassword) {
		t.Errorf("a short password: %v", err)
	}
	for _, name := range []string{"", "a b", "a\nb", "../x", strings.Repeat("x", 200)} {
		if err := other.Add(accounts.User{ID: domain.PersonID(name), Grants: clerk}, ""); err == nil {
			t.Errorf("%q is taken as a name", name)
		}
	}
	check(t, one.Add(accounts.User{ID: "li.na", Name: "李娜", Grants: clerk}, right))
	if err := other.Add(accounts.User{ID: "LI.na", Grants: clerk}, right); !errors.Is(err, accounts.ErrUserExists) {
		t.Errorf("the same name twice: %v", err)
	}
	if _, err := other.CheckPassword(t.Context(), "li.na", right); err != nil {
		t.Errorf("the right password: %v", err)
	}
	for _, attempt := range [][2]string{{"li.na", right[1:]}, {"nobody", right}} {
		if _, err := other.CheckPassword(t.Context(), domain.PersonID(attempt[0]), attempt[1]); !errors.Is(err, accounts.ErrWrongPassword) {
			t.Errorf("%v: %v", attempt, err)
		}
	}
	token := must(one.CreateToken("li.na", accounts.Token{Name: "ci", Expires: clock.Add(time.Hour)}))(t)
	if user, of, ok := other.CheckToken(t.Context(), token); !ok || user.ID != "li.na" || of.Name != "ci" {
		t.Error("a token that another process has just made is not known")
	}
	clock = clock.Add(2 * time.Hour)
	if _, _, ok := one.CheckToken(t.Context(), token); ok {
		t.Error("an expired token is taken")
	}
	clock = clock.Add(-2 * time.Hour)
	check(t, other.RevokeToken("li.na", "ci"))
	check(t, one.CatchUp(t.Context()))
	if _, _, ok := one.CheckToken(t.Context(), token); ok {
		t.Error("a revoked token is taken")
	}

	before, _ := one.Find("li.na")
	must(other.ChangePassword(t.Context(), "li.na", right, "another horse battery"))(t)
	check(t, one.CatchUp(t.Context()))
	if _, ok := one.Since(t.Context(), "li.na", before.Epoch); ok {
		t.Error("a session outlives a change of password")
	}
	if _, err := one.CheckPassword(t.Context(), "li.na", right); !errors.Is(err, accounts.ErrWrongPassword) {
		t.Errorf("the old password: %v", err)
	}
	if _, err := one.ChangePassword(t.Context(), "li.na", right, "yet another horse"); !errors.Is(err, accounts.ErrWrongPassword) {
		t.Errorf("a change by who does not know the present one: %v", err)
	}

	log := must(eventstore.Open(t.Context(), connection(t, s), eventstore.Config{Stream: "ACCOUNTS_test", ReadOnly: true}))(t)
	check(t, log.Read(t.Context(), 1, 0, func(records []eventstore.Record) error {
		for _, r := range records {
			if strings.Contains(string(r.Data), "argon2id") || strings.Contains(string(r.Data), token[20:]) {
				t.Errorf("a secret lies on the log for ever: %s", r.Data)
			}
		}
		return nil
	}))
	hashes := 0
	for _, name := range must(one.Shelf().Names(t.Context(), "credential."))(t) {
		if _, _, err := one.Shelf().Get(t.Context(), "credential."+name); err == nil {
			hashes++
		}
	}
	if hashes != 1 {
		t.Errorf("%d hashes are kept for one password", hashes)
	}
	check(t, one.Remove("li.na"))
	check(t, other.CatchUp(t.Context()))
	if _, ok := other.Find("li.na"); ok || other.Knows("LI.NA") {
		t.Error("who was removed is there")
	}
}

// A token ends: none is made without an end, with one that is over, or with one that nobody lives to see.
func TestATokenEnds(t *testing.T) {
	clock := time.Now()
	h := instance(t, connection(t, server(t)), func() time.Time { return clock }, "root")
	check(t, h.Add(accounts.User{ID: "li.na", Grants: clerk}, right))
	for name, end := range map[string]time.Time{"none": {}, "now": clock, "a moment too late": clock.Add(accounts.LongestToken + time.Nanosecond),
		"year 9999": time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), "beyond all years": time.Unix(1<<60, 0)} {
		if _, err := h.CreateToken("li.na", accounts.Token{Name: "ci", Expires: end}); !errors.Is(err, accounts.ErrPeriod) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(h.CreateToken("li.na", accounts.Token{Name: "year", Expires: clock.Add(accounts.LongestToken)}))(t)
	h.BoundTokens(time.Hour)
	if _, err := h.CreateToken("li.na", accounts.Token{Name: "day", Expires: clock.Add(24 * time.Hour)}); !errors.Is(err, accounts.ErrPeriod) {
		t.Errorf("beyond what was set: %v", err)
	}
}

// Who gives somebody another password ends what was made with the old one: sessions and, unless they are to be kept, tokens, in every process.
func TestAResetPasswordEndsTokens(t *testing.T) {
	s := server(t)
	one, other := instance(t, connection(t, s), nil, "root"), instance(t, connection(t, s), nil, "zhang")
	check(t, one.Add(accounts.User{ID: "li.na", Grants: clerk}, right))
	for _, keep := range []bool{true, false} {
		token := must(one.CreateToken("li.na", accounts.Token{Name: fmt.Sprint("ci-", keep), Expires: time.Now().Add(time.Hour)}))(t)
		before, _ := one.Find("li.na")
		password := must(other.ResetPassword("li.na", keep))(t)
		check(t, one.CatchUp(t.Context()))
		if _, _, ok := one.CheckToken(t.Context(), token); ok != keep {
			t.Errorf("kept: %v, and the token is good: %v", keep, ok)
		}
		if _, ok := one.Since(t.Context(), "li.na", before.Epoch); ok {
			t.Error("a session goes on")
		}
		if user, err := one.CheckPassword(t.Context(), "li.na", password); err != nil || !user.First {
			t.Errorf("the new password: %v, %+v", err, user)
		}
		if list, _, err := one.Trail(t.Context(), "li.na", 0, 1); err != nil || strings.Contains(list[0].Detail.EN, "tokens were revoked") == keep {
			t.Errorf("the trail says %+v, %v", list, err)
		}
	}
	if li, _ := other.Find("li.na"); len(li.Tokens) > 0 {
		t.Errorf("there are %d tokens", len(li.Tokens))
	}
}

// Changes of many at once are judged one after the other: of one name there is one user, of one account of the organisation too.
func TestTwoProcessesNeverGrantAgainstEachOther(t *testing.T) {
	s := server(t)
	hands := []accounts.Hand{instance(t, connection(t, s), nil, "a"), instance(t, connection(t, s), nil, "b")}
	var won sync.Map
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			name := fmt.Sprint("user-", i/2)
			err := hands[i%2].Add(accounts.User{ID: domain.PersonID(name), OIDC: "account-" + fmt.Sprint(i/4), Grants: clerk}, "")
			if err == nil {
				if _, twice := won.LoadOrStore(i/4, i); twice {
					t.Errorf("the account %d is two users'", i/4)
				}
			} else if !errors.Is(err, accounts.ErrUserExists) && !errors.Is(err, accounts.ErrOIDCTaken) {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	check(t, hands[0].CatchUp(t.Context()))
	if n := len(hands[0].List()); n != 5 {
		t.Errorf("%d users of 5 accounts", n)
	}
}

// A session that was ended changes nothing more, wherever it was ended and however far its request had come; one that goes on does so with its own
// change, and is over with the next.
func TestASessionThatIsOverChangesNothing(t *testing.T) {
	s := server(t)
	one, other := instance(t, connection(t, s), nil, "li.na"), instance(t, connection(t, s), nil, "root")
	check(t, one.Add(accounts.User{ID: "li.na", Grants: clerk}, right))
	check(t, one.Add(accounts.User{ID: "wu", Grants: clerk}, ""))
	user, _ := one.Find("li.na")
	stolen := one
	stolen.Epoch = user.Epoch
	soon := time.Now().Add(time.Hour)
	check(t, stolen.Appoint("li.na", accounts.Deputy{Person: "wu", Grant: clerk[0], From: time.Now(), Until: soon})) // it is good until then
	epoch := must(stolen.SignOut("li.na"))(t)
	must(other.SignOut("li.na"))(t)
	check(t, one.CatchUp(t.Context()))
	if _, ok := one.Since(t.Context(), "li.na", epoch); ok {
		t.Error("a session that went on outlives the next sign-out")
	}
	for _, c := range []struct {
		how string
		end func() error
	}{
		{"another password", func() error { return other.SetPassword("li.na", right, false) }},
		{"signed out", func() error { _, err := other.SignOut("li.na"); return err }},
		{"demoted", func() error { return other.SetGrants("li.na", clerk) }},
		{"removed", func() error { return other.Remove("li.na") }},
	} {
		check(t, one.CatchUp(t.Context()))
		user, _ = one.Find("li.na")
		stolen.Epoch = user.Epoch
		check(t, c.end())
		tryStolen(t, stolen, soon, c.how)
	}
}

// tryStolen asks for all that a session may change.
func tryStolen(t *testing.T, stolen accounts.Hand, soon time.Time, when string) {
	t.Helper()
	_, signOut := stolen.SignOut("li.na")
	_, token := stolen.CreateToken("li.na", accounts.Token{Name: "ci", Expires: soon})
	for what, err := range map[string]error{"signs out": signOut, "makes a token": token,
		"sets a password": stolen.SetPassword("li.na", "another horse battery", false),
		"dismisses":       stolen.Dismiss("li.na", "wu", clerk[0]),
		"appoints":        stolen.Appoint("li.na", accounts.Deputy{Person: "wu", Grant: clerk[0], From: time.Now(), Until: soon})} {
		if !errors.Is(err, accounts.ErrSessionOver) {
			t.Errorf("%s: the session that is over %s: %v", when, what, err)
		}
	}
}

// version1 is a file as the first releases kept users in; its password is "correct horse battery".
func version1(t *testing.T, of accounts.Hand, path string) string {
	t.Helper()
	check(t, of.Add(accounts.User{ID: "made", Grants: clerk}, right))
	text := string(must(of.Write(t.Context()))(t))
	_, after, _ := strings.Cut(text, `"password": "`)
	hash, _, _ := strings.Cut(after, `"`)
	check(t, os.WriteFile(path, fmt.Appendf(nil, `{"version":1,"users":[
		{"id":"li.na","name":"李娜","grants":[{"role":"clerk","department":"investment"}],"password":%q,"changed":"2026-01-01T00:00:00Z",
		 "tokens":[{"name":"ci","id":"abcdefabcdef","hash":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","created":"2026-01-01T00:00:00Z","expires":"2999-01-01T00:00:00Z"}]},
		{"id":"a","oidc":"x","grants":[{"role":"clerk"}],"changed":"2026-01-01T00:00:00Z"},
		{"id":"b","oidc":"x","grants":[{"role":"admin"}],"changed":"2026-01-01T00:00:00Z"}]}`, hash), 0o600))
	return "flt_abcdefabcdef_test"
}

// Users of a file come over once, with passwords and tokens, whoever finds the file first; who was removed meanwhile does not come back.
func TestTheUsersOfAFileComeOverOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.json")
	token := version1(t, instance(t, connection(t, server(t)), nil, "elsewhere"), path)
	s := server(t)
	one, other := instance(t, connection(t, s), nil, "one"), instance(t, connection(t, s), nil, "other")
	var came [2]int
	var wait sync.WaitGroup
	for i, hand := range []accounts.Hand{one, other} {
		wait.Go(func() {
			var err error
			if came[i], err = hand.TakeOver(path); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if came[0]+came[1] != 3 {
		t.Errorf("%v came of 3", came)
	}
	if _, err := other.CheckPassword(t.Context(), "li.na", right); err != nil {
		t.Errorf("a password that came over: %v", err)
	}
	if user, _, ok := one.CheckToken(t.Context(), token); !ok || user.ID != "li.na" || user.First {
		t.Errorf("a token that came over: %+v", user)
	}
	if user, ok := one.FindOIDC(t.Context(), "x"); ok {
		t.Errorf("an account that two had by hand is %s's", user.ID)
	}
	check(t, one.Remove("li.na"))
	if n := must(other.TakeOver(path))(t); n != 0 {
		t.Errorf("%d came again", n)
	}
	check(t, os.WriteFile(path, append(must(os.ReadFile(path))(t), '\n'), 0o600)) // touched: another file, and the same people
	if n := must(other.TakeOver(path))(t); n != 0 {
		t.Errorf("%d came back", n)
	}
	if n, err := one.TakeOverFirst(path); n != 0 || !errors.Is(err, accounts.ErrLeft) && err != nil {
		t.Errorf("%d came unasked: %v", n, err)
	}
	check(t, os.WriteFile(path, []byte(`{"version":1,"users":[{"id":"li2","grants":[{"role":"admin"}]}]}`), 0o600))
	if n, err := one.TakeOverFirst(path); n != 0 || !errors.Is(err, accounts.ErrLeft) {
		t.Errorf("whoever can write the data folder makes %d administrators: %v", n, err)
	}
	check(t, os.WriteFile(path, []byte(`{"version":1,"users":[`), 0o600))
	if _, err := one.TakeOver(path); err == nil {
		t.Error("a damaged file is taken for none")
	}
}

// What was written on one ledger is taken over by another: scopes and deputies too.
func TestUsersAreCarriedToAnotherLedger(t *testing.T) {
	from, to := instance(t, connection(t, server(t)), nil, "from"), instance(t, connection(t, server(t)), nil, "to")
	check(t, from.Add(accounts.User{ID: "li.na", Grants: clerk, First: true}, right))
	check(t, from.Add(accounts.User{ID: "wu", Grants: clerk}, ""))
	token := must(from.CreateToken("li.na", accounts.Token{Name: "ci", Expires: time.Now().Add(time.Hour), ReadOnly: true}))(t)
	check(t, from.Appoint("li.na", accounts.Deputy{Person: "wu", Grant: clerk[0], From: time.Now(), Until: time.Now().Add(time.Hour)}))
	path := filepath.Join(t.TempDir(), "users.json")
	check(t, os.WriteFile(path, must(from.Write(t.Context()))(t), 0o600))
	if n := must(to.TakeOver(path))(t); n != 2 {
		t.Fatalf("%d came of 2", n)
	}
	if user, err := to.CheckPassword(t.Context(), "li.na", right); err != nil || !user.First {
		t.Errorf("%+v, %v", user, err)
	}
	if _, of, ok := to.CheckToken(t.Context(), token); !ok || !of.ReadOnly {
		t.Errorf("%+v", of)
	}
	wu, _ := to.Find("wu")
	if grants := to.Grants(wu); len(grants) != 2 || grants[1].String() != "clerk@investment for li.na" {
		t.Errorf("%v", grants)
	}
}

// A deputy acts within their time and within what the other one holds at that moment, and nobody stands in for an admin.
func TestADeputyHasAnEnd(t *testing.T) {
	clock := time.Now()
	h := instance(t, connection(t, server(t)), func() time.Time { return clock }, "root")
	admin := accounts.Grant{Role: domain.Admin}
	check(t, h.Add(accounts.User{ID: "li.na", Grants: append(slices.Clone(clerk), admin)}, ""))
	check(t, h.Add(accounts.User{ID: "wu", Grants: clerk}, ""))
	held := func() int {
		wu, _ := h.Find("wu")
		return len(h.Grants(wu))
	}
	day := 24 * time.Hour
	for name, d := range map[string]accounts.Deputy{
		"an admin's": {Person: "wu", Grant: admin, From: clock, Until: clock.Add(day)}, "one's own": {Person: "li.na", Grant: clerk[0], From: clock, Until: clock.Add(day)},
		"a stranger": {Person: "x", Grant: clerk[0], From: clock, Until: clock.Add(day)}, "what is not held": {Person: "wu", Grant: accounts.Grant{Role: domain.Approver}, From: clock, Until: clock.Add(day)},
		"for ever": {Person: "wu", Grant: clerk[0], From: clock, Until: clock.Add(9999 * day)}, "over already": {Person: "wu", Grant: clerk[0], From: clock.Add(-2 * day), Until: clock.Add(-day)},
		"a deputy's": {Person: "wu", Grant: accounts.Grant{Role: domain.Clerk, Department: "investment", For: "li.na"}, From: clock, Until: clock.Add(day)},
	} {
		if err := h.Appoint("li.na", d); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	check(t, h.Appoint("li.na", accounts.Deputy{Person: "wu", Grant: clerk[0], From: clock.Add(day), Until: clock.Add(2 * day)}))
	for _, step := range []struct{ later, want int }{{0, 1}, {1, 2}, {2, 1}} {
		if clock = clock.Add(time.Duration(min(step.later, 1)) * day); held() != step.want {
			t.Errorf("after %d days: %d grants, not %d", step.later, held(), step.want)
		}
	}
	check(t, h.Appoint("li.na", accounts.Deputy{Person: "wu", Grant: clerk[0], From: clock, Until: clock.Add(day)}))
	check(t, h.SetGrants("li.na", []accounts.Grant{admin}))
	if held() != 1 {
		t.Error("a deputy holds what the other one does not any more")
	}
	check(t, h.SetGrants("li.na", clerk))
	check(t, h.Remove("wu"))
	check(t, h.Add(accounts.User{ID: "wu", Grants: clerk}, "")) // another person of that name
	if held() != 1 {
		t.Error("a deputy's name is inherited")
	}
}

// Who granted what to whom, when, by which means: newest first, page by page, and nothing of it is lost.
func TestTheTrailTellsWhoDidWhat(t *testing.T) {
	h := instance(t, connection(t, server(t)), nil, "zhang@host")
	check(t, h.Add(accounts.User{ID: "li.na", Grants: clerk}, right))
	check(t, h.SetGrants("li.na", []accounts.Grant{{Role: domain.Approver, Department: "science"}}))
	own := h.Users.Hand("li.na", accounts.Web)
	must(own.ChangePassword(t.Context(), "li.na", right, "another horse battery"))(t)
	must(own.CreateToken("li.na", accounts.Token{Name: "ci", Expires: time.Now().Add(time.Hour), ReadOnly: true}))(t)
	must(own.SignOut("li.na"))(t)
	check(t, h.Add(accounts.User{ID: "wu", Grants: clerk}, ""))
	check(t, h.Remove("li.na"))
	var told []string
	for before := uint64(0); ; {
		list, next, err := h.Trail(t.Context(), "li.na", before, 2)
		check(t, err)
		for _, e := range list {
			told = append(told, fmt.Sprintf("%s %s %s %s", e.By, e.Means, e.Kind, e.Detail.EN))
		}
		if before = next; next == 0 {
			break
		}
	}
	want := []string{"zhang@host command_line removed ", "li.na web signed_out ", "li.na web token_created ci, read-only, until", "li.na web password_set ",
		"zhang@host command_line granted approver@science", "zhang@host command_line added clerk@investment"}
	if !slices.EqualFunc(told, want, strings.HasPrefix) {
		t.Errorf("%s", strings.Join(told, "\n"))
	}
}

// An instance that was held still for minutes, while a token was revoked and a person removed, lets neither in when it goes on.
func TestWhoWasRemovedWhileAnInstanceWasHeldStillStaysOut(t *testing.T) {
	s := server(t)
	one, still := instance(t, connection(t, s), nil, "root"), instance(t, connection(t, s), nil, "root")
	check(t, one.Add(accounts.User{ID: "li.na", Grants: clerk}, ""))
	check(t, one.Add(accounts.User{ID: "wu", Grants: clerk}, ""))
	token := must(one.CreateToken("li.na", accounts.Token{Name: "ci", Expires: time.Now().Add(time.Hour)}))(t)
	if _, _, ok := still.CheckToken(t.Context(), token); !ok {
		t.Fatal("the token is not known")
	}
	wu, _ := still.Find("wu")
	for name, letIn := range map[string]func() bool{
		"a token":   func() bool { _, _, ok := still.CheckToken(t.Context(), token); return ok },
		"a session": func() bool { _, ok := still.Since(t.Context(), "wu", wu.Epoch); return ok },
	} {
		wake := still.HoldStill(t.Context(), 10*time.Minute)
		if name == "a token" {
			check(t, one.RevokeToken("li.na", "ci"))
		} else {
			check(t, one.Remove("wu"))
		}
		wake()
		if letIn() {
			t.Errorf("%s that ended is let in", name)
		}
	}
}
