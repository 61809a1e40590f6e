package accounts_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
)

// Instances that begin at once seal under one key: a number is sealed alike by all, however it is written, and opened by all. What is no
// number, what was changed, and what is of another fund, opens nowhere.
func TestANumberIsSealedAlikeByAllAndOpenedByNoOther(t *testing.T) {
	s := server(t)
	const n = 4
	sealed, hands := make([]domain.AccountNumber, n), make([]accounts.Hand, n)
	for i := range hands {
		hands[i] = instance(t, connection(t, s), time.Now, "x")
	}
	var all sync.WaitGroup
	for i, written := range []domain.AccountNumber{"6222 0212-3456 7890", "6222021234567890", "６２２２０２１２３４５６７８９０", "62220212 34567890"} {
		all.Go(func() {
			var err error
			if sealed[i], err = hands[i].Sealer().Seal(t.Context(), written); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for i, hand := range hands {
		if sealed[i] != sealed[0] || strings.Contains(string(sealed[i]), "62220212") || sealed[i].Tail() != "7890" {
			t.Errorf("%d sealed %s, the first %s", i, sealed[i], sealed[0])
		}
		if got := must(hand.Sealer().Open(t.Context(), sealed[0]))(t); got != "6222021234567890" {
			t.Errorf("%d opens %s", i, got)
		}
		if again := must(hand.Sealer().Seal(t.Context(), sealed[0]))(t); again != sealed[0] {
			t.Errorf("sealed twice it is %s", again)
		}
	}
	sealer := hands[0].Sealer()
	if other := must(sealer.Seal(t.Context(), "6222021234567891"))(t); other == sealed[0] {
		t.Error("two numbers are sealed alike")
	}
	tail, text, _ := sealed[0].Parts()
	elsewhere := must(accounts.Open(t.Context(), connection(t, s), accounts.Config{Fund: "elsewhere"}))(t)
	defer elsewhere.Close()
	for name, wrong := range map[string]domain.AccountNumber{"another end": domain.SealedNumber("7891", text), "cut short": domain.SealedNumber(tail, text[:len(text)-4]),
		"no text": domain.SealedNumber(tail, "!"), "another fund's": must(elsewhere.Sealer().Seal(t.Context(), "6222021234567890"))(t), "no number": "622202123456789!", "too short": "622202"} {
		if got := must(sealer.Seal(t.Context(), wrong))(t); got != accounts.UnreadableNumber {
			t.Errorf("%s is sealed as %s", name, got)
		}
		if got, err := sealer.Open(t.Context(), wrong); err == nil {
			t.Errorf("%s opens as %s", name, got)
		}
	}
}

// The key goes where the users go, so that a ledger that was restored elsewhere can be read; a ledger that has sealed under another keeps its own.
func TestTheKeyOfNumbersGoesWithTheUsers(t *testing.T) {
	from, to, busy := instance(t, connection(t, server(t)), time.Now, "x"), instance(t, connection(t, server(t)), time.Now, "x"), instance(t, connection(t, server(t)), time.Now, "x")
	check(t, from.Add(accounts.User{ID: "li", Grants: clerk}, right))
	if text := string(must(from.Write(t.Context()))(t)); strings.Contains(text, "payee_key") || !strings.Contains(text, `"version": 2`) {
		t.Errorf("without a key the file is %s", text)
	}
	sealed := must(from.Sealer().Seal(t.Context(), "6222021234567890"))(t)
	path := filepath.Join(t.TempDir(), "users.json")
	check(t, os.WriteFile(path, must(from.Write(t.Context()))(t), 0o600))
	if _, err := to.Sealer().Open(t.Context(), sealed); err == nil {
		t.Error("it opens without the key")
	}
	if n := must(to.TakeOver(path))(t); n != 1 {
		t.Errorf("%d users came", n)
	}
	if got := must(to.Sealer().Open(t.Context(), sealed))(t); got != "6222021234567890" {
		t.Errorf("elsewhere it opens as %s", got)
	}
	late := instance(t, connection(t, server(t)), time.Now, "x")
	check(t, late.Add(accounts.User{ID: "wu", Grants: clerk}, right))
	if _, err := late.TakeOverFirst(path); !errors.Is(err, accounts.ErrLeft) {
		t.Errorf("a file that lies there: %v", err)
	}
	if _, err := late.Sealer().Open(t.Context(), sealed); err == nil {
		t.Error("a file that was left brought its key")
	}
	own := must(busy.Sealer().Seal(t.Context(), "6222021234567890"))(t)
	if _, err := busy.TakeOver(path); !errors.Is(err, accounts.ErrSealKey) {
		t.Errorf("a second key: %v", err)
	}
	if got := must(busy.Sealer().Open(t.Context(), own))(t); got != "6222021234567890" || own == sealed {
		t.Errorf("its own opens as %s", got)
	}
}

// The key is changed while instances run. What was sealed stays readable by all of them, what is sealed from then on is by the new key alone, and the retired one
// opens none of it. Who changes it at once with another changes it once; one who fails in the middle changed nothing.
func TestTheKeyOfNumbersIsChanged(t *testing.T) {
	s := server(t)
	one, two := instance(t, connection(t, s), time.Now, "x"), instance(t, connection(t, s), time.Now, "x")
	const number = domain.AccountNumber("6222021234567890")
	before := must(one.Sealer().Seal(t.Context(), number))(t)
	if got := must(two.Sealer().Open(t.Context(), before))(t); got != string(number) { // it has read the key
		t.Fatal(got)
	}
	check(t, one.Add(accounts.User{ID: "li", Grants: clerk}, right))
	retired := filepath.Join(t.TempDir(), "users.json") // with the key as it was
	check(t, os.WriteFile(retired, must(one.Write(t.Context()))(t), 0o600))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := one.Sealer().Rotate(gone); err == nil {
		t.Error("the key was changed by somebody who was gone")
	}
	if same := must(two.Sealer().Seal(t.Context(), number))(t); same != before {
		t.Error("a change that failed changed the key")
	}
	var all sync.WaitGroup
	var changed atomic.Int32
	for _, hand := range []accounts.Hand{one, two} {
		all.Go(func() {
			if _, err := hand.Sealer().Rotate(t.Context()); err == nil {
				changed.Add(1)
			}
		})
	}
	all.Wait()
	if changed.Load() == 0 {
		t.Fatal("nobody changed the key")
	}
	after := must(two.Sealer().Seal(t.Context(), number))(t)
	if after == before || after != must(one.Sealer().Seal(t.Context(), number))(t) {
		t.Errorf("instances seal as %s, before %s", after, before)
	}
	third := instance(t, connection(t, s), time.Now, "x")
	for i, hand := range []accounts.Hand{one, two, third} {
		for _, sealed := range []domain.AccountNumber{before, after} {
			if got := must(hand.Sealer().Open(t.Context(), sealed))(t); got != string(number) {
				t.Errorf("%d opens %s as %s", i, sealed, got)
			}
			if again := must(hand.Sealer().Seal(t.Context(), sealed))(t); again != sealed {
				t.Errorf("%d seals a sealed number as %s", i, again)
			}
		}
	}
	thief := instance(t, connection(t, server(t)), time.Now, "x")
	if _, err := thief.TakeOver(retired); err != nil {
		t.Fatal(err)
	}
	if got, err := thief.Sealer().Open(t.Context(), after); err == nil {
		t.Errorf("the retired key opens what is sealed by the new one: %s", got)
	}
	if got := must(thief.Sealer().Open(t.Context(), before))(t); got != string(number) {
		t.Errorf("the retired key opens what it sealed as %s", got)
	}
	newer := filepath.Join(t.TempDir(), "users.json")
	check(t, os.WriteFile(newer, must(two.Write(t.Context()))(t), 0o600))
	if _, err := thief.TakeOver(newer); err != nil { // a ledger that has the retired key takes the one that follows it
		t.Error(err)
	}
	if got := must(thief.Sealer().Open(t.Context(), after))(t); got != string(number) {
		t.Errorf("with the new key it opens as %s", got)
	}
}
