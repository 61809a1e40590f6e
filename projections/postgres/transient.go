package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// isTransient tells whether a database error passes by itself: a broken connection, a restart, a deadlock, a full disk
// that somebody will empty.
func isTransient(err error) bool {
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		switch answer.Code {
		case "40001", "40P01", "55P03", "25006", "25P03": // serialisation, deadlock, lock not available, a standby that is being promoted, held still in the midst of work
			return true
		}
		for _, class := range []string{"08", "53", "57", "58"} { // connection, resources, operator intervention, system
			if strings.HasPrefix(answer.Code, class) {
				return true
			}
		}
		return false
	}
	var refused *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &refused) || errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, context.DeadlineExceeded) || pgconn.SafeToRetry(err)
}
