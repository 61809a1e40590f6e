package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
)

// FilesBucket is the object store that keeps the contents of a fund's attachments.
func FilesBucket(fund domain.FundID) string {
	return "FILES_" + strings.TrimPrefix(StreamName(fund), "FUND_")
}

// filesPatience is how long the store of files may take to be there: who may not make it gets no answer.
const filesPatience = 15 * time.Second

// OpenFiles opens the store of a fund's attachments, and makes it where there is none. readOnly: [eventstore.ErrNoStream] where there is none.
func OpenFiles(ctx context.Context, nc *nats.Conn, fund domain.FundID, replicas int, readOnly bool, logger *slog.Logger) (*eventstore.Files, error) {
	opening, cancel := context.WithTimeout(ctx, filesPatience)
	defer cancel()
	files, err := eventstore.OpenFiles(opening, nc, FilesBucket(fund), eventstore.Config{Replicas: replicas, ReadOnly: readOnly, Logger: logger})
	if err != nil && opening.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w (is the stream %s there, and may the service's NATS user use it? Earlier releases had none: "+
			"run deploy/nats/streams.sh again, and load deploy/nats/accounts.conf before)", err, eventstore.FilesStream(FilesBucket(fund)))
	}
	if err != nil && !errors.Is(err, eventstore.ErrNoStream) {
		return nil, fmt.Errorf("opening the store of attachments: %w", err)
	}
	return files, err
}
