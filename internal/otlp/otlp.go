// Package otlp sends spans to an OpenTelemetry collector: OTLP over HTTP, in its JSON, one request for many spans.
//
// OpenTelemetry's own exporter links gRPC, its gateway and the generated protocol, some seventy packages and several megabytes of
// program; this is what it would be used for.
package otlp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
)

// Exporter is a [trace.SpanExporter]. Spans that the collector does not take are gone: traces are for looking at, and wait for nobody.
type Exporter struct {
	url    string
	client *http.Client
	logger *slog.Logger
	failed atomic.Bool
}

// New is an exporter to the collector at an address, such as http://127.0.0.1:4318.
func New(endpoint string, logger *slog.Logger) *Exporter {
	return &Exporter{url: strings.TrimSuffix(endpoint, "/") + "/v1/traces", client: &http.Client{Timeout: 10 * time.Second}, logger: logger}
}

// ExportSpans sends spans. That it does not work is logged once, until it works again.
func (e *Exporter) ExportSpans(ctx context.Context, spans []trace.ReadOnlySpan) error {
	err := e.send(ctx, spans)
	if failed := err != nil; e.failed.Swap(failed) != failed && failed {
		e.logger.Warn("traces are not taken; they are given up until they are", "collector", redacted(e.url), "error", err)
	}
	return nil // it is said, in our words
}

// redacted is an address without the password that it may carry.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "…"
	}
	return u.Redacted()
}

// Shutdown ends the connections.
func (e *Exporter) Shutdown(context.Context) error {
	e.client.CloseIdleConnections()
	return nil
}

func (e *Exporter) send(ctx context.Context, spans []trace.ReadOnlySpan) error {
	body, err := json.Marshal(requestOf(spans))
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := e.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16)); err != nil {
		return err
	}
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("the collector answers %s", response.Status)
	}
	return nil
}

// What follows is ExportTraceServiceRequest of opentelemetry-proto, as its JSON encoding has it: ids in hexadecimal, 64-bit numbers as
// strings, enums as numbers.
type (
	request struct {
		ResourceSpans []resourceSpans `json:"resourceSpans"`
	}
	resourceSpans struct {
		Resource   attributes   `json:"resource"`
		ScopeSpans []scopeSpans `json:"scopeSpans"`
	}
	scopeSpans struct {
		Scope scope  `json:"scope"`
		Spans []span `json:"spans"`
	}
	scope struct {
		Name string `json:"name"`
	}
	attributes struct {
		Attributes []keyValue `json:"attributes"`
	}
	keyValue struct {
		Key   string         `json:"key"`
		Value map[string]any `json:"value"`
	}
	span struct {
		TraceID      string `json:"traceId"`
		SpanID       string `json:"spanId"`
		ParentSpanID string `json:"parentSpanId,omitempty"`
		Name         string `json:"name"`
		Kind         int    `json:"kind"`
		Start        string `json:"startTimeUnixNano"`
		End          string `json:"endTimeUnixNano"`
		attributes
		Status status `json:"status"`
	}
	status struct {
		Code    int    `json:"code,omitempty"`
		Message string `json:"message,omitempty"`
	}
)

// requestOf is one resource, for a process is one, with its spans by the package that made them.
func requestOf(spans []trace.ReadOnlySpan) request {
	if len(spans) == 0 {
		return request{}
	}
	var scopes []scopeSpans
	at := map[string]int{}
	for _, s := range spans {
		name := s.InstrumentationScope().Name
		i, known := at[name]
		if !known {
			i, at[name] = len(scopes), len(scopes)
			scopes = append(scopes, scopeSpans{Scope: scope{name}})
		}
		scopes[i].Spans = append(scopes[i].Spans, spanOf(s))
	}
	return request{[]resourceSpans{{attributesOf(spans[0].Resource().Attributes()), scopes}}}
}

func spanOf(s trace.ReadOnlySpan) span {
	one := span{TraceID: s.SpanContext().TraceID().String(), SpanID: s.SpanContext().SpanID().String(), Name: s.Name(), Kind: int(s.SpanKind()),
		Start: nanoseconds(s.StartTime()), End: nanoseconds(s.EndTime()), attributes: attributesOf(s.Attributes())}
	if s.Parent().SpanID().IsValid() {
		one.ParentSpanID = s.Parent().SpanID().String()
	}
	switch s.Status().Code { // the protocol counts otherwise than the library
	case codes.Ok:
		one.Status.Code = 1
	case codes.Error:
		one.Status = status{2, s.Status().Description}
	}
	return one
}

func nanoseconds(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }

func attributesOf(list []attribute.KeyValue) attributes {
	made := attributes{Attributes: []keyValue{}}
	for _, kv := range list {
		value := map[string]any{}
		switch kv.Value.Type() {
		case attribute.BOOL:
			value["boolValue"] = kv.Value.AsBool()
		case attribute.INT64:
			value["intValue"] = strconv.FormatInt(kv.Value.AsInt64(), 10)
		default:
			value["stringValue"] = kv.Value.String()
		}
		made.Attributes = append(made.Attributes, keyValue{string(kv.Key), value})
	}
	return made
}
