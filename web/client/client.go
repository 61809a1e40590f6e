// Package client asks a fundledger service over HTTP: commands one by one or as a stream, and lists.
//
// A command may be given again whenever its outcome is not known: its id makes it one and the same. So a lost connection and an
// answer 503 are tried again here, a few times, for as long as the context lasts.
package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

// Client asks one service. It is safe for concurrent use.
type Client struct {
	base  string
	token string
	lang  string
	http  *http.Client
}

// Problem is an answer that says no and is not a refusal of the rules.
type Problem struct {
	Status int
	Code   string // stable: programs branch on it
	Title  string // in the client's language
	Detail string
}

// Error is the problem in the client's language, with its code.
func (p *Problem) Error() string { return p.Detail + " (" + p.Code + ")" }

const (
	attempts  = 4
	maxAnswer = 64 << 20
)

// New makes a client of the service at an address such as "https://ledger.example", with an API token. lang is "zh" or "en";
// a nil transport is Go's own.
func New(base, token, lang string, transport http.RoundTripper) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%q is no address of a service: write it like https://ledger.example", base)
	}
	return &Client{base: strings.TrimSuffix(base, "/"), token: token, lang: lang, http: &http.Client{Transport: transport}}, nil
}

// Do gives a command and waits until its outcome is durable. A refusal of the rules is a [*domain.Refusal], any other no a
// [*Problem]. The actor's role and department choose among the token's grants; its id may be empty.
func (c *Client) Do(ctx context.Context, command domain.Command) (ledger.Outcome, error) {
	var outcome ledger.Outcome
	text, err := wire.EncodeCommand(command)
	if err != nil {
		return outcome, err
	}
	for attempt := 1; ; attempt++ {
		wait, err := c.try(ctx, text, &outcome)
		if err == nil || wait == 0 || attempt == attempts {
			return outcome, err
		}
		select {
		case <-ctx.Done():
			return outcome, errors.Join(err, ctx.Err())
		case <-time.After(wait):
		}
	}
}

// try gives a command once. A wait above 0 says that it may be given again.
func (c *Client) try(ctx context.Context, text []byte, outcome *ledger.Outcome) (wait time.Duration, err error) {
	response, err := c.send(ctx, http.MethodPost, "/v1/commands", "application/json", bytes.NewReader(text))
	if err != nil {
		return 200 * time.Millisecond, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		err := problemOf(response)
		if response.StatusCode == http.StatusServiceUnavailable || response.StatusCode == http.StatusTooManyRequests {
			seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
			return time.Duration(min(max(seconds, 1), 10)) * time.Second, err
		}
		return 0, err
	}
	if err := json.UnmarshalRead(io.LimitReader(response.Body, maxAnswer), outcome); err != nil {
		return 200 * time.Millisecond, fmt.Errorf("reading the outcome: %w", err)
	}
	return 0, nil
}

// KeepFile puts the content of an attachment, of a SHA-256 in hex, before a command names it.
func (c *Client) KeepFile(ctx context.Context, content []byte, hash string) error {
	response, err := c.send(ctx, http.MethodPost, "/v1/files?sha256="+hash, "application/octet-stream", bytes.NewReader(content))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return problemOf(response)
	}
	return nil
}

func (c *Client) send(ctx context.Context, method, path, kind string, body io.Reader) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.lang != "" {
		request.Header.Set("Accept-Language", c.lang)
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", c.base, err)
	}
	return response, nil
}

// problemOf reads why an answer says no.
// ChangePassword lets a user choose another password at a service: it signs in with the present one, and out again.
func ChangePassword(ctx context.Context, base, user, present, next, lang string) error {
	c, err := New(base, "", lang, nil)
	if err != nil {
		return err
	}
	if c.http.Jar, err = cookiejar.New(nil); err != nil {
		return err
	}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	form := url.Values{"name": {user}, "password": {present}, "next": {"/v1/me"}}
	response, err := c.send(ctx, http.MethodPost, "/login", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusSeeOther {
		return &Problem{Status: response.StatusCode, Code: "login_failed", Title: response.Status,
			Detail: domain.Text{ZH: "未能登录：用户名或密码不对，或失败次数过多", EN: "could not sign in: the name or the password is wrong, or there were too many attempts"}.In(lang)}
	}
	text, err := json.Marshal(map[string]string{"present": present, "next": next})
	if err != nil {
		return err
	}
	response, err = c.send(ctx, http.MethodPost, "/v1/me/password", "application/json", bytes.NewReader(text))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return problemOf(response)
	}
	out, err := c.send(ctx, http.MethodPost, "/logout", "", nil)
	if err != nil {
		return err
	}
	return out.Body.Close()
}

func problemOf(response *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("the service answers %s, and breaks off: %w", response.Status, err)
	}
	var p struct {
		Status  int            `json:"status"`
		Code    string         `json:"code"`
		Title   string         `json:"title"`
		Detail  string         `json:"detail"`
		Rule    string         `json:"rule"`
		Figures domain.Figures `json:"figures"`
		Message domain.Text    `json:"message"`
	}
	if err := json.Unmarshal(text, &p); err != nil || p.Code == "" {
		return fmt.Errorf("the service answers %s: %.200s", response.Status, text)
	}
	if p.Rule != "" {
		refusal := domain.Refusal{Code: p.Code, Rule: p.Rule, Figures: p.Figures}
		return refusal.Told(p.Message)
	}
	return &Problem{Status: p.Status, Code: p.Code, Title: p.Title, Detail: p.Detail}
}

// Line is the answer to one command of a batch.
type Line struct {
	Line     int              `json:"line"` // from 1
	Status   int              `json:"status"`
	ID       domain.CommandID `json:"id"`
	FirstSeq uint64           `json:"first_seq"`
	LastSeq  uint64           `json:"last_seq"`
	Repeated bool             `json:"repeated"`
	Before   bool             `json:"refused_before"` // an import was refused it before, and it was not decided again
	Code     string           `json:"code"`
	Rule     string           `json:"rule"`
	Message  *domain.Text     `json:"message"`
	Figures  domain.Figures   `json:"figures"`
}

// Actors says whose names a batch is given in.
type Actors string

// Whose names there are.
const (
	Mine  Actors = "mine"  // the token's user
	Lines Actors = "lines" // each command's own actor: an import, for admins
)

// Result is the answer as the ledger gives it, an error that is no refusal as a [*Problem] in "zh" or "en".
func (l Line) Result(lang string) ledger.Result {
	switch {
	case l.Rule != "":
		refusal := &domain.Refusal{Code: l.Code, Rule: l.Rule, Figures: l.Figures}
		if l.Message != nil {
			refusal = refusal.Told(*l.Message)
		}
		return ledger.Result{Refusal: refusal, Before: l.Before}
	case l.Status != http.StatusOK:
		p := &Problem{Status: l.Status, Code: l.Code}
		if l.Message != nil {
			p.Detail = l.Message.In(lang)
		}
		return ledger.Result{Err: p}
	}
	return ledger.Result{Outcome: ledger.Outcome{CommandID: l.ID, FirstSeq: l.FirstSeq, LastSeq: l.LastSeq, Repeated: l.Repeated}}
}

// Batched says how a batch is given.
type Batched struct {
	Actors Actors // "": Mine
	DryRun bool   // decided on a copy in memory, nothing booked; with Lines only
	// RetryRefused asks again what an import was refused before; with Lines only.
	RetryRefused bool
	// Formerly is the id that an earlier release gave the row that a command is of, "" where there is none: what is on the log under it is not booked
	// again. It is asked of each command before the next one is read; nil: of none. With Lines only.
	Formerly func(domain.Command) domain.CommandID
}

// Batch gives commands in their order and yields one answer each, while more are sent: commands is read in a goroutine of its
// own, which has ended when the answers have. A sequence that ends with an error has commands without an answer: give the
// batch again, what is booked is not booked twice.
func (c *Client) Batch(ctx context.Context, commands iter.Seq[domain.Command], how Batched) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		in, out := io.Pipe()
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			out.CloseWithError(write(out, commands, how.Formerly)) // nil is the end
		}()
		defer func() { _ = in.Close(); <-sent }()
		q := url.Values{}
		set(q, "actors", string(how.Actors), how.Actors != "")
		set(q, "dry_run", "true", how.DryRun)
		set(q, "retry_refused", "true", how.RetryRefused)
		response, err := c.send(ctx, http.MethodPost, "/v1/commands/batch?"+q.Encode(), "application/x-ndjson", in)
		if err != nil {
			yield(Line{}, err)
			return
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			yield(Line{}, problemOf(response))
			return
		}
		answers := jsontext.NewDecoder(response.Body)
		for {
			var l Line
			err := json.UnmarshalDecode(answers, &l)
			if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				return
			}
			if err != nil {
				yield(Line{}, fmt.Errorf("reading the batch's answers: %w", err))
				return
			}
			if !yield(l, nil) {
				return
			}
		}
	}
}

func write(out io.Writer, commands iter.Seq[domain.Command], formerly func(domain.Command) domain.CommandID) error {
	for command := range commands {
		var former domain.CommandID
		if formerly != nil {
			former = formerly(command)
		}
		text, err := wire.EncodeLine(command, former)
		if err != nil {
			return err
		}
		if _, err := out.Write(append(text, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// Page implements [projections.Keeper], and so a list of the service is asked as one beside the tables is: projections.Totals.Every(ctx, c, ask).
func (c *Client) Page(ctx context.Context, l *projections.List, ask projections.Ask) (projections.Page[any], error) {
	var p projections.Page[any]
	if _, err := l.Values(ask); err != nil {
		return p, err
	}
	q, address := url.Values{"limit": {strconv.Itoa(projections.Limit(ask.Limit))}}, l.Address
	for _, w := range ask.Where {
		if of := l.Of(); of != nil && of.Name == w.Name {
			address = strings.Replace(address, "{id}", url.PathEscape(w.Value), 1)
		} else {
			set(q, w.Name, w.Value, w.Value != "")
		}
	}
	set(q, "on", ask.On.String(), !ask.On.IsZero())
	set(q, "as_of", "seq:"+strconv.FormatUint(ask.AsOf.Seq, 10), ask.AsOf.Seq != 0)
	set(q, "as_of", ask.AsOf.Time.Format(time.RFC3339Nano), !ask.AsOf.Time.IsZero())
	set(q, "sort", ask.Sort, ask.Sort != "")
	set(q, "cursor", ask.Cursor, ask.Cursor != "")
	answer := struct {
		Seq  uint64         `json:"seq"`
		Next string         `json:"next"`
		Rows jsontext.Value `json:"rows"`
	}{}
	err := c.get(ctx, address+"?"+q.Encode(), &answer)
	var none *Problem
	if l.Of() != nil && errors.As(err, &none) && none.Status == http.StatusNotFound {
		return p, nil // no rows, as the tables answer: whether there is what the address names is another question
	}
	if err != nil {
		return p, err
	}
	rows := reflect.New(reflect.SliceOf(l.Row))
	if err := json.Unmarshal(answer.Rows, rows.Interface(), inOneCell); err != nil {
		return p, fmt.Errorf("reading the answer of %s: %w", address, err)
	}
	p.Seq, p.Next = answer.Seq, answer.Next
	for _, row := range rows.Elem().Seq2() {
		p.Rows = append(p.Rows, row.Interface())
	}
	return p, nil
}

// inOneCell reads the columns that have several values in one cell.
var inOneCell = json.WithUnmarshalers(json.JoinUnmarshalers(several[domain.DepartmentID](), several[domain.IndustryID]()))

func several[T ~string]() *json.Unmarshalers {
	return json.UnmarshalFromFunc(func(from *jsontext.Decoder, into *[]T) error {
		var cell string
		if err := json.UnmarshalDecode(from, &cell); err != nil || cell == "" {
			return err
		}
		for part := range strings.SplitSeq(cell, projections.ListSign) {
			*into = append(*into, T(part))
		}
		return nil
	})
}

func set(q url.Values, name, value string, is bool) {
	if is {
		q.Set(name, value)
	}
}

// Policy is the policy that is in force there, as its event tells; nil where there is none.
func (c *Client) Policy(ctx context.Context) (*domain.Policy, error) {
	made := map[uint64]domain.Event{}
	for _, kind := range []func() domain.Event{func() domain.Event { return &domain.PolicyPublished{} }, func() domain.Event { return &domain.PolicyAmended{} }} {
		p, err := projections.Events.Page(ctx, c, projections.Ask{Where: []projections.Condition{projections.ByEventType.Is(kind().Name())}, Limit: projections.MaxLimit})
		if err != nil {
			return nil, err
		}
		for _, row := range p.Rows {
			event := kind()
			if err := json.Unmarshal([]byte(row.Data), event); err != nil {
				return nil, fmt.Errorf("reading the policy: %w", err)
			}
			made[row.Seq] = event
		}
	}
	var events []domain.Event
	for _, seq := range slices.Sorted(maps.Keys(made)) {
		events = append(events, made[seq])
	}
	return domain.PolicyMade(events), nil
}

func (c *Client) get(ctx context.Context, path string, answer any) error {
	response, err := c.send(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return problemOf(response)
	}
	if err := json.UnmarshalRead(io.LimitReader(response.Body, maxAnswer), answer); err != nil {
		return fmt.Errorf("reading the answer of %s: %w", path, err)
	}
	return nil
}
