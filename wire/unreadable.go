package wire

import (
	"fmt"

	"github.com/fundledger/fundledger/domain"
)

// CodeUnreadable is the code of a message on the log that is no event of this ledger, or none that it can digest.
const CodeUnreadable = "event_unreadable"

// Unreadable says which message on the log is no event: only somebody with the log's password can have published it, past the rules. What
// lies before it stands; nothing is decided, projected or signed behind it.
type Unreadable struct {
	Seq   uint64
	Cause error
}

func (e *Unreadable) Error() string { return e.Message().EN }

// Unwrap is why it cannot be read.
func (e *Unreadable) Unwrap() error { return e.Cause }

// Message says it to people.
func (e *Unreadable) Message() domain.Text {
	cause := domain.Clip(e.Cause.Error(), 400)
	return domain.Text{
		ZH: fmt.Sprintf("%s：日志第 %d 号消息不是本台账的事件（%s）。此前的内容有效，其后不再记账；处理办法见 docs/malformed-event.md", CodeUnreadable, e.Seq, cause),
		EN: fmt.Sprintf("%s: message %d of the log is no event of this ledger (%s); what lies before it stands, and nothing is booked behind it: see docs/malformed-event.md",
			CodeUnreadable, e.Seq, cause),
	}
}

// Guard makes of a panic over an event that the rules did not make an [Unreadable] of its sequence: it is called deferred.
func Guard(seq uint64, err *error) {
	if fault := recover(); fault != nil {
		*err = &Unreadable{Seq: seq, Cause: fmt.Errorf("it does not fit what came before it: %v", fault)}
	}
}
