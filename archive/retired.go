package archive

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/wire"
)

// Refusals that were retired lie in a file of JSON lines: the first is a [RetiredHead], each other a record, with its exact bytes. The link of
// the last, which the stream of refusals holds, proves every byte of them but the moments at which they were stored.

// ErrRetired says that a file does not hold the refusals that it says.
var ErrRetired = errors.New("not the refusals that were retired")

const retiredFormat = "fundledger-refusals-1"

// RetiredHead is the first line of a file of retired refusals.
type RetiredHead struct {
	Format string        `json:"format"`
	Fund   domain.FundID `json:"fund"`
	First  uint64        `json:"first"`
	Last   uint64        `json:"last"`
	Begin  wire.Link     `json:"begin"` // of all before the first
}

// retiredLine is a record in such a file: in its JSON, or in base64 where it is none.
type retiredLine struct {
	Seq      uint64         `json:"seq"`
	Recorded time.Time      `json:"recorded"`
	Subject  string         `json:"subject"`
	Refused  jsontext.Value `json:"refused,omitempty"`
	Bytes    string         `json:"base64,omitempty"`
}

// RefusalStream is the stream of refusals, as it is read.
type RefusalStream interface {
	Scan(ctx context.Context, from, to uint64, subjects []string, fn func([]eventstore.Record) error) error
}

// WriteRetired writes the refusals of a stretch of the stream to a file, and returns the link of the last.
func WriteRetired(ctx context.Context, w io.Writer, head RetiredHead, log RefusalStream) (end wire.Link, err error) {
	head.Format = retiredFormat
	out := bufio.NewWriterSize(w, 1<<20)
	if err := line(out, head); err != nil {
		return end, err
	}
	next, link := head.First, head.Begin
	err = log.Scan(ctx, head.First, head.Last, nil, func(records []eventstore.Record) error {
		for _, r := range records {
			if r.Seq != next {
				return fmt.Errorf("%w: the refusal %d is gone; find out why first (fundledger verify)", ErrRetired, next)
			}
			if said, err := wire.DecodeRefused(r.Data); err == nil && said.Before != (wire.Link{}) && said.Before != link {
				return fmt.Errorf("%w: the refusal %d does not link to those before it; find out why first (fundledger verify)", ErrRetired, r.Seq)
			}
			link, next = link.Then(r.Seq, r.Subject, r.Data), r.Seq+1
			if err := line(out, lineOfRetired(r)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && next != head.Last+1 {
		err = fmt.Errorf("%w: they end at %d, not at %d", ErrRetired, next-1, head.Last)
	}
	return link, errors.Join(err, out.Flush())
}

func lineOfRetired(r eventstore.Record) retiredLine {
	l := retiredLine{Seq: r.Seq, Recorded: r.Time, Subject: r.Subject}
	if again, err := json.Marshal(jsontext.Value(r.Data)); err == nil && bytes.Equal(again, r.Data) {
		l.Refused = r.Data
	} else {
		l.Bytes = base64.StdEncoding.EncodeToString(r.Data)
	}
	return l
}

// ReadRetired reads a file of retired refusals, and returns its head and the link of its last record.
func ReadRetired(r io.Reader) (head RetiredHead, end wire.Link, err error) {
	in := bufio.NewReaderSize(r, 1<<20)
	next := uint64(0)
	for first := true; ; first = false {
		text, err := in.ReadBytes('\n')
		if len(text) == 0 && errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return head, end, fmt.Errorf("%w: a line is cut: %w", ErrRetired, err)
		}
		if first {
			if err := json.Unmarshal(text, &head, json.RejectUnknownMembers(true)); err != nil || head.Format != retiredFormat {
				return head, end, fmt.Errorf("%w: it does not begin as one", ErrRetired)
			}
			next, end = head.First, head.Begin
			continue
		}
		var l retiredLine
		if err := json.Unmarshal(text, &l, json.RejectUnknownMembers(true)); err != nil {
			return head, end, fmt.Errorf("%w: behind %d: %w", ErrRetired, next-1, err)
		}
		data := []byte(l.Refused)
		if l.Bytes != "" {
			if data, err = base64.StdEncoding.DecodeString(l.Bytes); err != nil {
				return head, end, fmt.Errorf("%w: %d: %w", ErrRetired, l.Seq, err)
			}
		}
		if l.Seq != next {
			return head, end, fmt.Errorf("%w: %d stands where %d should", ErrRetired, l.Seq, next)
		}
		end, next = end.Then(l.Seq, l.Subject, data), next+1
	}
	if next == 0 || next != head.Last+1 {
		return head, end, fmt.Errorf("%w: it ends at %d, not at %d", ErrRetired, max(next, 1)-1, head.Last)
	}
	return head, end, nil
}
