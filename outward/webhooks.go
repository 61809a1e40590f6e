package outward

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
)

// Config says whose webhooks they are, and how patient one is with whom is told.
type Config struct {
	Fund  domain.FundID
	Log   *eventstore.Log
	Users *accounts.Users
	// Notices are those that an event caused, in their order, once they are known: it waits for that. nil: there are none.
	Notices func(ctx context.Context, seq uint64) ([]projections.NoticeRow, error)

	// Expiring is what there is to tell of policies' ends, by the clock that the fund goes by. nil: nothing ever.
	Expiring func(ctx context.Context) ([]projections.ExpiryNotice, error)
	Watch    time.Duration // between two looks at that; 0: a minute

	Sound   func() error  // an error while the log is not what was taken in: then nothing is told. nil: it is
	Timeout time.Duration // of one delivery; 0: 10 s
	Pause   time.Duration // before the second try, doubled before each further one up to [MaxPause]; 0: 1 s
	Now     func() time.Time
	Logger  *slog.Logger // nil: silent
	Metrics *Metrics     // nil: none
}

const (
	// DefaultTimeout and DefaultPause are what a [Config] has that says nothing.
	DefaultTimeout, DefaultPause = 10 * time.Second, time.Second
	// MaxPause is the longest between two tries.
	MaxPause = 5 * time.Minute
)

// Webhooks are a fund's webhooks: what was told, what was not, and, once started, the telling itself. It is safe for concurrent use.
type Webhooks struct {
	cfg    Config
	shelf  *eventstore.Shelf
	client *http.Client
}

// New makes the webhooks of a fund; nothing is told before [Webhooks.Start].
func New(cfg Config) *Webhooks {
	cfg.Timeout, cfg.Pause = cmp.Or(cfg.Timeout, DefaultTimeout), cmp.Or(cfg.Pause, DefaultPause)
	cfg.Watch = cmp.Or(cfg.Watch, time.Minute)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Webhooks{cfg: cfg, shelf: cfg.Users.Shelf(), client: client(cfg.Timeout)}
}

// owned is a webhook and whose it is.
type owned struct {
	user domain.PersonID
	accounts.Webhook
}

func (o owned) String() string { return string(o.user) + "/" + o.Name }

// bookmarkPrefix begins the names of webhooks' places on the log; the webhook's own follows.
const bookmarkPrefix = "webhook-"

func (w *Webhooks) bookmark(of owned) *eventstore.Bookmark {
	return w.cfg.Log.Bookmark(bookmarkPrefix+of.ID, of.From)
}

// all are the webhooks of all users, by user and name.
func (w *Webhooks) all() (list []owned) {
	for _, user := range w.cfg.Users.List() {
		for _, hook := range user.Webhooks {
			list = append(list, owned{user.ID, hook})
		}
	}
	slices.SortFunc(list, func(a, b owned) int { return cmp.Or(cmp.Compare(a.user, b.user), cmp.Compare(a.Name, b.Name)) })
	return list
}

// Row is a webhook and where it stands.
type Row struct {
	User        domain.PersonID `json:"user"`
	Webhook     string          `json:"webhook"`
	URL         string          `json:"url"`
	Events      []string        `json:"events"` // empty: everything
	Created     time.Time       `json:"created"`
	Position    uint64          `json:"position"`    // everything up to it was told
	Behind      uint64          `json:"behind"`      // events that it was not told of yet
	Undelivered int             `json:"undelivered"` // in its poison queue
	Trouble     string          `json:"trouble,omitzero"`
	Since       time.Time       `json:"trouble_since,omitzero"`
}

// trouble is why a webhook does not go on, as the shelf keeps it for all instances.
type trouble struct {
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// Rows are all webhooks with where they stand, by user and name.
func (w *Webhooks) Rows(ctx context.Context) ([]Row, error) {
	rows := []Row{}
	for _, hook := range w.all() {
		row := Row{User: hook.user, Webhook: hook.Name, URL: hook.URL, Events: append([]string{}, hook.Events...), Created: hook.Created}
		standing, err := w.standing(ctx, hook)
		if err != nil {
			return nil, err
		}
		row.Position, row.Behind = standing.Position, standing.Behind
		if row.Undelivered, err = w.waiting(ctx, hook); err != nil {
			return nil, err
		}
		var held trouble
		if err := w.read(ctx, troubleName(hook), &held); err == nil {
			row.Trouble, row.Since = held.Reason, held.Since
		} else if !errors.Is(err, eventstore.ErrNotFound) {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// standing is where a webhook is; one that nobody told anything yet is at its beginning.
func (w *Webhooks) standing(ctx context.Context, hook owned) (eventstore.Standing, error) {
	standing, err := w.bookmark(hook).Standing(ctx)
	if errors.Is(err, eventstore.ErrNotFound) {
		return eventstore.Standing{Position: hook.From - 1}, nil
	}
	return standing, err
}

// waiting is how much lies in a webhook's poison queue.
func (w *Webhooks) waiting(ctx context.Context, hook owned) (int, error) {
	names, err := w.shelf.Names(ctx, queueName(hook))
	return len(names), err
}

// sound is why nothing is to be told at this moment: the log contradicts what is known of it.
func (w *Webhooks) sound() error {
	if w.cfg.Sound == nil {
		return nil
	}
	return w.cfg.Sound()
}

// From is the position of the first event that a new webhook is told of: a number up to the next event's, or that for "now".
func (w *Webhooks) From(ctx context.Context, text string) (uint64, error) {
	last, err := w.cfg.Log.Last(ctx)
	if text == "now" || err != nil {
		return last + 1, err
	}
	from, err := strconv.ParseUint(text, 10, 64)
	if err != nil || from == 0 || from > last+1 {
		return 0, fmt.Errorf("%w: %.50q is no position to begin at: write a number from 1 to %d, or now", accounts.ErrWebhook, text, last+1)
	}
	return from, nil
}

func (w *Webhooks) read(ctx context.Context, name string, v any) error {
	text, _, err := w.shelf.Get(ctx, name)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}

func (w *Webhooks) put(ctx context.Context, name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return w.shelf.Put(ctx, name, text, 0)
}

func troubleName(hook owned) string { return "trouble." + hook.ID }

// find finds a user's webhook.
func (w *Webhooks) find(user domain.PersonID, name string) (owned, error) {
	hook, err := w.cfg.Users.Webhook(user, name)
	return owned{user, hook}, err
}

// Ping tells a webhook that it is one, and returns why it does not hear.
func (w *Webhooks) Ping(ctx context.Context, user domain.PersonID, name string) error {
	hook, err := w.find(user, name)
	if err != nil {
		return err
	}
	what, err := ofPing(w.cfg.Fund, "ping-"+uuid.NewString(), w.cfg.Now())
	if err != nil {
		return err
	}
	return w.send(ctx, hook, what)
}

// send delivers once, signed by the webhook's keys as they are now.
func (w *Webhooks) send(ctx context.Context, hook owned, what told) error {
	keys, err := w.cfg.Users.WebhookKeys(ctx, hook.Webhook)
	if err != nil {
		return err
	}
	began := time.Now()
	err = post(ctx, w.client, hook.URL, what, keys, w.cfg.Now())
	w.cfg.Metrics.delivered(hook.String(), err, time.Since(began))
	return err
}

// idOf is the webhook's id in a bookmark's name.
func idOf(bookmark string) string { return strings.TrimPrefix(bookmark, bookmarkPrefix) }
