package accounts

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
)

// Webhook is an address that is told of what happens in the fund. It belongs to a user, as a token does: whoever is no user any more has nobody
// told. Its secret lies on the shelf.
type Webhook struct {
	Name    string    `json:"name"`             // unique for its user
	ID      string    `json:"id,omitzero"`      // names its place on the log, and what was not delivered
	URL     string    `json:"url,omitzero"`     //
	Events  []string  `json:"events,omitempty"` // patterns of what it is told of, such as payout_made and notice.*; none: everything
	From    uint64    `json:"from,omitzero"`    // the position of the first event that it is told of
	Secret  string    `json:"secret,omitzero"`  // where the secret lies
	Former  string    `json:"former,omitzero"`  // where the one before lies, for as long as it signs too
	Created time.Time `json:"created,omitzero"` //
}

// Wants reports whether it is told of what has a name: an event's, such as payout_made, or notice.* and the kind of one.
func (w Webhook) Wants(name string) bool {
	return len(w.Events) == 0 || slices.ContainsFunc(w.Events, func(pattern string) bool { return matches(pattern, name) })
}

func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

const (
	maxWebhooks = 20 // of one user
	hookSecrets = "webhook."
	// SecretPrefix begins a webhook's secret, as Standard Webhooks writes it; base64 of the key follows.
	SecretPrefix = "whsec_"
	// formerFor is how long the secret before signs too.
	formerFor = 24 * time.Hour
)

// check holds a webhook's name, address and patterns to what they may be. known are the names of all that may be told of. plain lets events travel
// without TLS to another machine.
func (w Webhook) check(known []string, plain bool) error {
	if err := checkName("webhook", w.Name); err != nil {
		return err
	}
	to, err := url.Parse(w.URL)
	switch {
	case err != nil:
		return fmt.Errorf("%w: the address: %w", ErrWebhook, err)
	case len(w.URL) > 2000 || to.Host == "" || to.Hostname() == "" || to.Scheme != "https" && to.Scheme != "http":
		return fmt.Errorf("%w: %.200q is no address: write https://host/path", ErrWebhook, w.URL)
	case to.User != nil || to.Fragment != "":
		return fmt.Errorf("%w: the address is seen by whoever sees accounts: it has no user, password or fragment; deliveries are signed instead", ErrWebhook)
	case to.Scheme == "http" && !plain && !loopback(to.Hostname()):
		return fmt.Errorf("%w: %s is without TLS, and everybody on the way would read what it is told: write https, or allow it expressly", ErrWebhook, w.URL)
	}
	if len(w.Events) > 100 {
		return fmt.Errorf("%w: %d patterns are more than 100", ErrWebhook, len(w.Events))
	}
	for _, pattern := range w.Events {
		if !slices.ContainsFunc(known, func(name string) bool { return matches(pattern, name) }) {
			return fmt.Errorf("%w: %.100q is nothing that it could be told of: %s", ErrWebhook, pattern, strings.Join(known, ", "))
		}
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// AddWebhook gives a user a webhook and returns its secret: it cannot be shown again. known and plain are as [Webhook.check] says.
func (h Hand) AddWebhook(id domain.PersonID, w Webhook, known []string, plain bool) (secret string, err error) {
	if err := w.check(known, plain); err != nil {
		return "", err
	}
	w.ID, w.Created, w.Former = randomName(), h.cfg.Now().UTC(), ""
	if secret, w.Secret, err = h.newSecret(); err != nil {
		return "", err
	}
	err = h.edit(id, func(_ *people, user *User) (Change, error) {
		if _, ok := user.webhook(w.Name); ok {
			return Change{}, fmt.Errorf("%s, %s: %w", id, w.Name, ErrWebhookExists)
		}
		if len(user.Webhooks) >= maxWebhooks {
			return Change{}, fmt.Errorf("%s has %d webhooks: remove those that nobody needs: %w", id, maxWebhooks, ErrWebhookExists)
		}
		return Change{Kind: HookAdded, Webhook: &w}, nil
	})
	if err != nil && !perhaps(err) {
		h.drop(hookSecrets + w.Secret)
	}
	return secret, err
}

// RekeyWebhook gives a webhook another secret and returns it. The one before signs too for a day, so that who is told can change over.
func (h Hand) RekeyWebhook(id domain.PersonID, name string) (secret string, err error) {
	secret, where, err := h.newSecret()
	if err != nil {
		return "", err
	}
	var was, before string
	err = h.edit(id, func(_ *people, user *User) (Change, error) {
		w, ok := user.webhook(name)
		if !ok {
			return Change{}, fmt.Errorf("%s, %s: %w", id, name, ErrNoWebhook)
		}
		was, before = w.Secret, w.Former
		w.Secret, w.Former = where, was
		return Change{Kind: HookRekeyed, Webhook: &w}, nil
	})
	switch {
	case perhaps(err):
	case err != nil:
		h.drop(hookSecrets + where)
	default:
		h.drop(hookSecrets + before)
		h.endLater(hookSecrets + was)
	}
	return secret, err
}

// RemoveWebhook ends a webhook, with its secret.
func (h Hand) RemoveWebhook(id domain.PersonID, name string) error {
	var was Webhook
	err := h.edit(id, func(_ *people, user *User) (Change, error) {
		var ok bool
		if was, ok = user.webhook(name); !ok {
			return Change{}, fmt.Errorf("%s, %s: %w", id, name, ErrNoWebhook)
		}
		return Change{Kind: HookRemoved, Webhook: &Webhook{Name: was.Name, URL: was.URL}}, nil
	})
	if err == nil {
		h.drop(hookSecrets+was.Secret, hookSecrets+was.Former)
	}
	return err
}

func (user User) webhook(name string) (Webhook, bool) {
	i := slices.IndexFunc(user.Webhooks, func(w Webhook) bool { return w.Name == name })
	if i < 0 {
		return Webhook{}, false
	}
	return user.Webhooks[i], true
}

// newSecret puts a new secret on the shelf, before the event that names it.
func (h Hand) newSecret() (secret, where string, err error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	secret, where = SecretPrefix+base64.StdEncoding.EncodeToString(key), randomName()
	ctx, cancel := context.WithTimeout(context.Background(), changePatience)
	defer cancel()
	if err := h.shelf.Put(ctx, hookSecrets+where, []byte(secret), 0); err != nil {
		return "", "", fmt.Errorf("%w: %w", ErrAway, err)
	}
	return secret, where, nil
}

// endLater lets a secret go by itself.
func (h Hand) endLater(name string) {
	ctx, cancel := context.WithTimeout(context.Background(), askPatience)
	defer cancel()
	text, _, err := h.shelf.Get(ctx, name)
	if err == nil {
		err = h.shelf.Put(ctx, name, text, formerFor)
	}
	if err != nil {
		h.cfg.Logger.Warn("a webhook's former secret signs until the next one is made", "error", err)
	}
}

// Webhook finds a webhook of a user: whoever is no user has none.
func (u *Users) Webhook(id domain.PersonID, name string) (Webhook, error) {
	user, ok := u.Find(id)
	if !ok {
		return Webhook{}, fmt.Errorf("%s: %w", id, ErrNoUser)
	}
	w, ok := user.webhook(name)
	if !ok {
		return Webhook{}, fmt.Errorf("%s, %s: %w", id, name, ErrNoWebhook)
	}
	return w, nil
}

// WebhookKeys are the keys that a webhook's deliveries are signed with: the present one, and for a while the one before.
func (u *Users) WebhookKeys(ctx context.Context, w Webhook) (keys [][]byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	for _, where := range []string{w.Secret, w.Former} {
		if where == "" {
			continue
		}
		text, _, err := u.shelf.Get(ctx, hookSecrets+where)
		if errors.Is(err, eventstore.ErrNotFound) && where == w.Former {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrAway, err)
		}
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(text), SecretPrefix))
		if err != nil {
			return nil, fmt.Errorf("reading the secret of %s: %w", w.Name, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}
