package postgres

import (
	"context"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/fundledger/fundledger/eventstore"
)

// maxTraces is how many traces one transaction is told to: catching up would otherwise send as many spans as there were commands.
const maxTraces = 100

// traceOf notes in which trace an event was decided, beside those that were noted.
func (p *Projector) traceOf(parents []string, r eventstore.Record) []string {
	if p.cfg.Tracer == nil || len(parents) == maxTraces {
		return parents
	}
	if parent := r.Header.Get(eventstore.HeaderTrace); parent != "" && !slices.Contains(parents, parent) {
		parents = append(parents, parent)
	}
	return parents
}

// trace tells the traces whose events a transaction has taken in that they are in the tables.
func (p *Projector) trace(ctx context.Context, b *prepared, began time.Time) {
	for _, parent := range b.parents {
		_, span := p.cfg.Tracer.Tracer("fundledger/projections").Start(
			propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": parent}), "project",
			trace.WithSpanKind(trace.SpanKindConsumer), trace.WithTimestamp(began),
			trace.WithAttributes(attribute.Int64("fundledger.first_seq", int64(b.First)), attribute.Int64("fundledger.last_seq", int64(b.Last))))
		span.End()
	}
}
