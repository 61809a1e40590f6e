package outward

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/wire"
)

const (
	// NoticePrefix stands before a notice's kind in what webhooks ask for it by.
	NoticePrefix = "notice."
	pingName     = "ping"
)

// Names are all that a webhook can be told of: the events' names, and the notices' kinds behind [NoticePrefix].
func Names() []string {
	names := make([]string, 0, len(domain.Events))
	for _, maker := range domain.Events {
		names = append(names, maker().Name())
	}
	slices.Sort(names)
	for _, kind := range projections.ByNotice.Choices {
		names = append(names, NoticePrefix+kind)
	}
	return names
}

// meaning is what a webhook is to be told of a record: the event, and what it caused.
func (w *Webhooks) meaning(ctx context.Context, hook owned, r eventstore.Record) (list []told, err error) {
	what, err := ofEvent(r)
	if err != nil {
		return nil, err
	}
	if hook.Wants(what.Name) {
		list = append(list, what)
	}
	if w.cfg.Notices == nil || !wantsNotices(hook.Webhook) {
		return list, nil
	}
	notices, err := w.cfg.Notices(ctx, r.Seq)
	if err != nil {
		return nil, err
	}
	for _, notice := range notices {
		if !hook.Wants(NoticePrefix + string(notice.Notice)) {
			continue
		}
		what, err := ofNotice(w.cfg.Fund, r, notice)
		if err != nil {
			return nil, err
		}
		list = append(list, what)
	}
	return list, nil
}

// wantsNotices reports whether a webhook may want any: else they are not asked for.
func wantsNotices(hook accounts.Webhook) bool {
	return len(hook.Events) == 0 || slices.ContainsFunc(hook.Events, func(pattern string) bool {
		return strings.HasPrefix(pattern, NoticePrefix) || strings.ContainsAny(pattern, "*?[")
	})
}

// ofEvent is what a webhook is told of an event: the attributes that it has on the log, its place there, and its data as they were written.
func ofEvent(r eventstore.Record) (told, error) {
	entry, err := wire.Decode(r)
	if err != nil {
		return told{}, err
	}
	attributes, err := r.Attributes()
	if err != nil {
		return told{}, err
	}
	leaf := eventstore.LeafHash(r)
	attributes["sequence"] = strconv.FormatUint(r.Seq, 10)
	attributes["leafhash"] = base64.StdEncoding.EncodeToString(leaf[:])
	data := r.Data
	if domain.Sensitive(entry.Event) {
		data = []byte(`{"withheld":true}`) // who hears it need not be one who may read it
	}
	body, err := structured(attributes, data)
	return told{ID: fmt.Sprintf("event-%d", r.Seq), Name: entry.Event.Name(), Seq: r.Seq, Trace: entry.Envelope.TraceParent, Body: body}, err
}

// ofNotice is what it is told of a notice that an event caused: the row that the API has of it.
func ofNotice(fund domain.FundID, r eventstore.Record, notice projections.NoticeRow) (told, error) {
	data, err := json.Marshal(notice)
	if err != nil {
		return told{}, fmt.Errorf("writing a notice of event %d: %w", r.Seq, err)
	}
	name := NoticePrefix + string(notice.Notice)
	id := fmt.Sprintf("notice-%d-%d", r.Seq, notice.Place)
	body, err := structured(map[string]string{"specversion": "1.0", "id": id, "source": wire.Source(fund), "type": wire.EventType(name),
		"time": r.Time.UTC().Format(time.RFC3339Nano), "datacontenttype": "application/json", "sequence": strconv.FormatUint(r.Seq, 10)}, data)
	return told{ID: id, Name: name, Seq: r.Seq, Trace: r.Header.Get("ce-traceparent"), Body: body}, err
}

// ofPing is what it is told to see whether it hears.
func ofPing(fund domain.FundID, id string, now time.Time) (told, error) {
	body, err := structured(map[string]string{"specversion": "1.0", "id": id, "source": wire.Source(fund), "type": wire.EventType(pingName),
		"time": now.UTC().Format(time.RFC3339Nano), "datacontenttype": "application/json"}, []byte("{}"))
	return told{ID: id, Name: pingName, Body: body}, err
}

// structured is a CloudEvent in the JSON event format: its attributes in the order of their names, and its data.
func structured(attributes map[string]string, data []byte) ([]byte, error) {
	var b strings.Builder
	b.WriteString("{")
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		value, err := jsontext.AppendQuote(nil, attributes[name])
		if err != nil {
			return nil, fmt.Errorf("writing the attribute %s: %w", name, err)
		}
		fmt.Fprintf(&b, "%q:%s,", name, value)
	}
	fmt.Fprintf(&b, `"data":%s}`, data)
	return []byte(b.String()), nil
}
