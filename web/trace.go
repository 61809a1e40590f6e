package web

import (
	"context"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	status "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// traced begins a request's span, in the trace that its client has begun or in a new one; ended ends it. Without traces, and for what
// machines ask all the time to see whether the service lives, it does nothing.
func (s *Server) traced(r *http.Request) (with *http.Request, ended func(rec *recorder)) {
	if s.cfg.Tracer == nil || probe(r.URL.Path) || strings.HasPrefix(r.URL.Path, "/static/") {
		return r, func(*recorder) {}
	}
	ctx, span := s.span(r.Context(), "request", r.Header.Get("Traceparent"))
	return r.WithContext(ctx), func(rec *recorder) {
		if _, path := splitPattern(rec.pattern); path != "" { // the path itself may be anything
			span.SetName(r.Method + " " + path)
			span.SetAttributes(attribute.String("http.request.method", r.Method), attribute.String("http.route", path))
		}
		span.SetAttributes(attribute.Int("http.response.status_code", rec.status))
		if rec.status >= 500 {
			span.SetStatus(status.Error, "")
		}
		span.End()
	}
}

// span begins a span of who asks from outside.
func (s *Server) span(ctx context.Context, name, parent string) (context.Context, trace.Span) {
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": parent})
	return s.cfg.Tracer.Tracer("fundledger/web").Start(ctx, name, trace.WithSpanKind(trace.SpanKindServer))
}
