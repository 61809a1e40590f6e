package ledger

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/fundledger/fundledger/domain"
)

// trace begins a span under the one that ctx carries, and has the command's events name it. Without one, or where it is not kept, there is
// none: nobody pays for what nobody looks at.
func (p *pending) trace(ctx context.Context) {
	asker := trace.SpanFromContext(ctx)
	if !asker.IsRecording() {
		return
	}
	command := p.order.Command
	id := clipped(command.Given().ID)
	if domain.HoldsPersonalID(string(id)) {
		id = "…"
	}
	_, p.span = asker.TracerProvider().Tracer("fundledger/ledger").Start(ctx, "book "+command.Name(),
		trace.WithAttributes(attribute.String("fundledger.command", command.Name()), attribute.String("fundledger.command_id", string(id))))
	is := p.span.SpanContext()
	p.order.Origin.TraceParent = "00-" + is.TraceID().String() + "-" + is.SpanID().String() + "-" + is.TraceFlags().String()
}

// traced ends the span with what became of the command.
func (p *pending) traced(r Result) {
	switch {
	case r.Err != nil:
		p.span.SetStatus(codes.Error, r.Err.Error())
	case r.Refusal != nil:
		p.span.SetAttributes(attribute.String("fundledger.refused", r.Refusal.Code))
	default:
		p.span.SetAttributes(attribute.Int64("fundledger.first_seq", int64(r.Outcome.FirstSeq)), attribute.Int64("fundledger.last_seq", int64(r.Outcome.LastSeq)),
			attribute.Bool("fundledger.repeated", r.Outcome.Repeated))
	}
	p.span.End()
}
