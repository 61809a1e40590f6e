package outward

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// told is one thing that a webhook is told: a CloudEvent.
type told struct {
	ID    string // of the delivery: ASCII without dots, for it stands in a header and is signed between dots
	Name  string // what webhooks ask for it by, such as payout_made
	Seq   uint64 // of the event that it is, or that caused it
	Trace string // the trace that it was decided in
	Body  []byte // the whole event in JSON
}

// refused says that a receiver does not take what it was sent. It is not unreachable: another event may be welcome.
type refused struct {
	status int
	said   string // the beginning of its answer
}

func (r *refused) Error() string {
	text := "it answered " + strconv.Itoa(r.status) + " " + http.StatusText(r.status)
	if r.said != "" {
		text += ": " + r.said
	}
	return text
}

// away says that a receiver cannot be reached, or asks to be left alone for a while.
type away struct {
	cause error
	after time.Duration // it asked for so much; 0: it did not say
}

func (a *away) Error() string { return a.cause.Error() }

func (a *away) Unwrap() error { return a.cause }

// passing are the answers that say nothing of the event: too early, too many, or not the receiver's own.
var passing = []int{http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable,
	http.StatusGatewayTimeout}

const (
	saidBytes = 300       // of an answer that is no success, kept as the reason
	longest   = time.Hour // that a receiver can ask to be left alone
)

// client makes the client that deliveries go out by. It follows no redirection: where it led to, nobody has agreed to.
func client(timeout time.Duration) *http.Client {
	by := http.DefaultTransport.(*http.Transport).Clone()
	by.MaxResponseHeaderBytes = 64 << 10
	return &http.Client{Transport: by, Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// post delivers once.
func post(ctx context.Context, by *http.Client, to string, what told, keys [][]byte, now time.Time) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(what.Body))
	if err != nil {
		return err
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	for name, value := range map[string]string{"Content-Type": "application/cloudevents+json; charset=utf-8", "User-Agent": "fundledger",
		"webhook-id": what.ID, "webhook-timestamp": stamp, "webhook-signature": signature(keys, what.ID, stamp, what.Body)} {
		request.Header.Set(name, value)
	}
	if what.Trace != "" {
		request.Header.Set("traceparent", what.Trace)
	}
	answer, err := by.Do(request)
	if err != nil {
		var asked *url.Error // it says the address again, where a secret may stand
		if errors.As(err, &asked) {
			err = asked.Err
		}
		return &away{cause: errors.New(plain(err.Error()))}
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, saidBytes))
	if answer.StatusCode/100 == 2 {
		return nil // whatever became of the rest of the answer
	}
	no := &refused{answer.StatusCode, plain(string(said))}
	if err == nil && !slices.Contains(passing, answer.StatusCode) {
		return no
	}
	after := time.Duration(0)
	given := answer.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(given); err == nil {
		after = time.Duration(min(max(seconds, 0), int(longest/time.Second))) * time.Second
	} else if at, err := http.ParseTime(given); err == nil {
		after = min(max(at.Sub(now), 0), longest)
	}
	return &away{errors.New(no.Error()), after}
}

// plain is the beginning of a text, as it can be shown anywhere: a terminal obeys control characters.
func plain(text string) string {
	text = text[:min(len(text), saidBytes)]
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "�"))
	return strings.TrimSpace(text)
}

// signature is what Standard Webhooks signs a delivery with, by every key.
func signature(keys [][]byte, id, stamp string, body []byte) string {
	all := make([]string, len(keys))
	for i, key := range keys {
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%s.", id, stamp)
		mac.Write(body)
		all[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(all, " ")
}
