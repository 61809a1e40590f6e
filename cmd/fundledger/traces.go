package main

import (
	"context"
	"net/url"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/otlp"
)

// traced says whether traces are made, and where they go.
type traced struct {
	Endpoint string  `name:"otlp-endpoint" help:"Where traces go: an OpenTelemetry collector that takes OTLP over HTTP, such as http://127.0.0.1:4318. Left out: none are made. / 链路追踪的收集地址：以 HTTP 接收 OTLP 的 OpenTelemetry 收集器，如 http://127.0.0.1:4318；缺省为不追踪" env:"OTEL_EXPORTER_OTLP_ENDPOINT" placeholder:"URL"`
	Ratio    float64 `name:"trace-ratio" help:"Which part of the requests that come without a trace begins one, from 0 to 1; a request that comes with one says so itself. / 未带追踪的请求中开始追踪的比例，0 至 1" default:"1" env:"FUNDLEDGER_TRACE_RATIO" placeholder:"N"`
}

// wrong reports whether the settings make no sense.
func (c traced) wrong() bool {
	at, err := url.Parse(c.Endpoint)
	return c.Endpoint != "" && (err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https") || !(c.Ratio >= 0 && c.Ratio <= 1)
}

// start makes what spans are begun by; nil where none are. end sends what is left.
func (c traced) start(fund domain.FundID, s *Settings) (by trace.TracerProvider, end func()) {
	if c.Endpoint == "" {
		return nil, func() {}
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(otlp.New(c.Endpoint, s.logger), sdk.WithBatchTimeout(2*time.Second)),
		sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(c.Ratio))),
		sdk.WithResource(resource.NewSchemaless(attribute.String("service.name", "fundledger"), attribute.String("service.version", built().Version),
			attribute.String("fundledger.fund", string(fund)))))
	return provider, func() {
		ending, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := provider.Shutdown(ending); err != nil {
			s.logger.Warn("the last traces were not sent", "error", err)
		}
	}
}
