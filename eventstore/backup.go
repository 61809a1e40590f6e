package eventstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/nats-io/nats.go"
)

// StreamCopy is what belongs to a stream's copy besides its bytes, as JetStream gives it and takes it again.
type StreamCopy struct {
	Stream string          `json:"stream"`
	Config json.RawMessage `json:"config"`
	State  json.RawMessage `json:"state"`
}

// copyStall is how long a copy may stand still before it is given up.
const copyStall = 30 * time.Second

// Copy writes a stream as it is, with every message's sequence and time, as JetStream's snapshot has it (API
// $JS.API.STREAM.SNAPSHOT). It may be written to meanwhile. A stream that is not there is [ErrNoStream].
func Copy(ctx context.Context, nc *nats.Conn, stream string, out io.Writer) (StreamCopy, error) {
	c := StreamCopy{Stream: stream}
	inbox := nc.NewRespInbox()
	parts, err := nc.SubscribeSync(inbox)
	if err != nil {
		return c, fmt.Errorf("copying stream %s: %w", stream, err)
	}
	defer func() { _ = parts.Unsubscribe() }()
	if err := parts.SetPendingLimits(-1, -1); err != nil { // the server sends no more ahead than its window
		return c, fmt.Errorf("copying stream %s: %w", stream, err)
	}
	answer := struct {
		copyAnswer
		Config json.RawMessage `json:"config"`
		State  json.RawMessage `json:"state"`
	}{}
	ask := map[string]any{"deliver_subject": inbox, "no_consumers": true, "jsck": true}
	if err := askCopy(ctx, nc, "$JS.API.STREAM.SNAPSHOT."+stream, ask, &answer, &answer.copyAnswer); err != nil {
		return c, fmt.Errorf("copying stream %s: %w", stream, err)
	}
	c.Config, c.State = answer.Config, answer.State
	for {
		part, err := nextPart(ctx, parts)
		if err != nil {
			return c, fmt.Errorf("copying stream %s: %w", stream, err)
		}
		if len(part.Data) == 0 {
			if status := part.Header.Get("Status"); status != "" && status != "204" {
				return c, fmt.Errorf("copying stream %s: the server broke it off: %s %s", stream, status, part.Header.Get("Description"))
			}
			return c, nil
		}
		if _, err := out.Write(part.Data); err != nil {
			return c, fmt.Errorf("copying stream %s: %w", stream, err)
		}
		if part.Reply != "" {
			if err := part.Respond(nil); err != nil {
				return c, fmt.Errorf("copying stream %s: %w", stream, err)
			}
		}
	}
}

func nextPart(ctx context.Context, parts *nats.Subscription) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, copyStall)
	defer cancel()
	return parts.NextMsgWithContext(ctx)
}

// copyAnswer is what JetStream's answers have in common.
type copyAnswer struct {
	Error *struct {
		Code        int    `json:"code"`
		ErrCode     int    `json:"err_code"`
		Description string `json:"description"`
	} `json:"error"`
}

const streamNotFound = 10059 // JetStream's code

func askCopy(ctx context.Context, nc *nats.Conn, subject string, ask, answer any, common *copyAnswer) error {
	text, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, copyStall)
	defer cancel()
	m, err := nc.RequestWithContext(ctx, subject, text)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(m.Data, answer); err != nil {
		return fmt.Errorf("reading the server's answer: %w", err)
	}
	switch e := common.Error; {
	case e == nil:
		return nil
	case e.ErrCode == streamNotFound:
		return ErrNoStream
	default:
		return errors.New(e.Description)
	}
}

const restoreChunk = 128 << 10

// Restore makes a stream from its copy, as it was: every message with its sequence and time. There must be none of its name. replicas
// is how many copies of it the servers keep from now on. Where it fails, the servers keep nothing of it.
func Restore(ctx context.Context, nc *nats.Conn, c StreamCopy, replicas int, in io.Reader) error {
	var config map[string]json.RawMessage
	if err := json.Unmarshal(c.Config, &config); err != nil {
		return fmt.Errorf("restoring stream %s: reading its settings: %w", c.Stream, err)
	}
	config["num_replicas"] = json.RawMessage(fmt.Sprint(replicas))
	var answer struct {
		copyAnswer
		DeliverSubject string `json:"deliver_subject"`
	}
	if err := askCopy(ctx, nc, "$JS.API.STREAM.RESTORE."+c.Stream, map[string]any{"config": config, "state": c.State}, &answer, &answer.copyAnswer); err != nil {
		return fmt.Errorf("restoring stream %s: %w", c.Stream, err)
	}
	chunk := make([]byte, restoreChunk)
	for {
		n, err := io.ReadFull(in, chunk)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("restoring stream %s: reading its copy: %w", c.Stream, err) // the server gives up by itself
		}
		last := n == 0 // an empty part says that it was all
		if err := sendPart(ctx, nc, answer.DeliverSubject, chunk[:n]); err != nil {
			return fmt.Errorf("restoring stream %s: %w", c.Stream, err)
		}
		if last {
			return nil
		}
	}
}

func sendPart(ctx context.Context, nc *nats.Conn, subject string, part []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 10*copyStall) // the last one waits until the stream is indexed
	defer cancel()
	m, err := nc.RequestWithContext(ctx, subject, part)
	if err != nil {
		return err
	}
	if len(m.Data) == 0 {
		return nil
	}
	var answer copyAnswer
	if err := json.Unmarshal(m.Data, &answer); err != nil {
		return fmt.Errorf("reading the server's answer: %w", err)
	}
	if answer.Error != nil {
		return errors.New(answer.Error.Description)
	}
	return nil
}
