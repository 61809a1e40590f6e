package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/outward"
)

// Config is what a server is made of. Ledger, Queries, Projector and Users are needed; they stay the caller's to close,
// after [Server.Close].
type Config struct {
	Fund      domain.FundID
	Ledger    *ledger.Ledger
	Queries   Queries
	Projector Projector
	Users     *accounts.Users

	Files        *eventstore.Files    // contents of attachments; nil: none are kept, and none handed out
	Proof        *Proof               // nil: what asks for proof is answered 503
	Webhooks     *outward.Webhooks    // nil: nobody is told
	Pages        Pages                // nil: the API and a plain sign-in page
	NATS         *nats.Conn           // nil: no commands come over NATS
	NATSCommands bool                 // commands are answered on [CommandSubject] too
	Registry     *prometheus.Registry // nil: a new one
	OpenMetrics  bool                 // /metrics needs no sign-in: for a scraper on a network of its own
	OpenTiles    bool                 // /checkpoint and the tiles of hashes need no sign-in: for public tools that watch the log; they tell nothing of what happened
	OIDC         *OIDCConfig          // nil: users sign in by password only
	Secure       bool                 // cookies go over TLS only; set it behind a proxy that speaks TLS
	TrustProxy   bool                 // the client's address is the last of X-Forwarded-For: behind one proxy only
	Tracer       trace.TracerProvider // nil: no traces are made
	Now          func() time.Time     // nil: time.Now
	SampleClock  bool                 // Now is a sample's, ahead of today: every page says so
	Logger       *slog.Logger         // nil: silent

	SessionFor  time.Duration // after which a session ends in any case; 0: 12 h
	Patience    time.Duration // how long min_seq waits; 0: 5 s
	Stall       time.Duration // a client that neither reads nor writes for so long is let go; 0: 30 s
	QuestionFor time.Duration // the longest a page of a list may take; 0: 30 s
	Rate        float64       // requests a second of one signed-in client; 0: 1,000, below 0: any number
	PublicRate  float64       // requests a second of one address without sign-in; 0: 20, below 0: any number
	MaxStreams  int           // live connections at once; 0: 500

	FileBytes int64 // of an attachment; 0: 20 MiB
	Payer     Payer // the account that the treasury pays from; none: vouchers leave it open

	Heavy          Queries       // answers what reads much, by connections of its own; nil: Queries
	HeavyReads     int           // exports, replays, explanations that run at once; 0: 4
	HeavyReadsEach int           // of one person; 0: 2
	HeavyReadsOpen int           // of one person, waiting ones included; 0: 8
	HeavyFor       time.Duration // the longest that one may take; 0: 15 min
	ExportRows     int64         // of one export; 0: 10 million
	ExportBytes    int64         // of one export; 0: 4 GiB
}

const (
	sessionCookie  = "fundledger_session"
	maxHeaderBytes = 32 << 10
	maxFormBytes   = 1 << 20
	sessionIdle    = time.Hour

	heavyWait = 30 * time.Second // the longest that what reads much waits for its first turn

	// SmallQuestions is how many pages of lists are asked for at once; the connections of Queries should be some more.
	SmallQuestions  = 12
	smallEach       = 4  // of one person
	smallOpen       = 64 // of one person, waiting ones included
	sessionLifetime = 12 * time.Hour
)

// WithDefaults is the configuration with what it leaves out.
func (c Config) WithDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Registry == nil {
		c.Registry = prometheus.NewRegistry()
	}
	c.SessionFor = orElse(c.SessionFor, sessionLifetime)
	c.Patience = orElse(c.Patience, 5*time.Second)
	c.Stall = orElse(c.Stall, 30*time.Second)
	c.QuestionFor = orElse(c.QuestionFor, 30*time.Second)
	c.Rate = orElse(c.Rate, 1000)
	c.PublicRate = orElse(c.PublicRate, 20)
	c.MaxStreams = orElse(c.MaxStreams, 500)
	c.FileBytes = min(orElse(c.FileBytes, defaultFileBytes), eventstore.MaxFileBytes)
	c.HeavyReads = orElse(c.HeavyReads, 4)
	c.HeavyReadsEach = orElse(c.HeavyReadsEach, 2)
	c.HeavyReadsOpen = orElse(c.HeavyReadsOpen, 8)
	c.HeavyFor = orElse(c.HeavyFor, 15*time.Minute)
	c.ExportRows = orElse(c.ExportRows, 10_000_000)
	c.ExportBytes = orElse(c.ExportBytes, 4<<30)
	if c.Heavy == nil {
		c.Heavy = c.Queries
	}
	return c
}

func orElse[T comparable](value, otherwise T) T {
	var none T
	if value == none {
		return otherwise
	}
	return value
}

// Server answers HTTP for one fund. It is safe for concurrent use.
type Server struct {
	rehearsing chan struct{} // one at a time
	cfg        Config
	sessions   *scs.SessionManager
	limits     *limits
	logins     *logins
	metrics    *metrics
	spec       []byte // /openapi.json
	docs       []byte // /docs, in Chinese
	docsEN     []byte
	oidc       *oidcSignIn  // nil: there is none
	nats       *natsService // nil: commands come over HTTP only
	watch      *watch
	handler    http.Handler
	streams    *streams
	heavy      *shares // of what reads much
	small      *shares // of what is asked besides, so that nobody holds every connection
	files      *shares // of files that come or go
	jobs       *jobs
	pasts      *Pasts
	ctx        context.Context
	cancel     context.CancelFunc
	once       sync.Once
}

// New makes a server. Close ends what it started.
func New(cfg Config) (*Server, error) {
	if cfg.Ledger == nil || cfg.Queries == nil || cfg.Projector == nil || cfg.Users == nil {
		return nil, errors.New("a web server needs Ledger, Queries, Projector and Users")
	}
	cfg = cfg.WithDefaults()
	s := &Server{cfg: cfg, limits: newLimits(cfg.Now), logins: newLogins(cfg.Now, cfg.Users.Shelf(), cfg.Logger), streams: newStreams(cfg.MaxStreams), pasts: NewPasts(), rehearsing: make(chan struct{}, 1),
		heavy: newShares(cfg.HeavyReads, cfg.HeavyReadsEach, cfg.HeavyReadsOpen, heavyWait, "heavy_busy"),
		small: newShares(SmallQuestions, smallEach, smallOpen, cfg.QuestionFor, "questions_busy"),
		files: newShares(filesAtOnce, filesEach, filesOpen, filesWait, "files_busy")}
	if cfg.Proof != nil {
		cfg.Proof.share(s.heavy, cfg.HeavyFor)
	}
	var err error
	if err := s.describe(); err != nil {
		return nil, err
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.watch = s.startWatch(s.ctx)
	if s.metrics, err = newMetrics(cfg.Registry, s); err != nil {
		s.cancel()
		return nil, err
	}
	s.jobs = newJobs(s.ctx)
	s.sessions = s.newSessions()
	if cfg.NATS != nil && cfg.NATSCommands {
		if s.nats, err = s.serveNATS(cfg.NATS); err != nil {
			s.Close()
			return nil, err
		}
	}
	if cfg.OIDC != nil {
		if s.oidc, err = newOIDC(s.ctx, *cfg.OIDC, cfg.Now); err != nil {
			s.Close()
			return nil, err
		}
	}
	s.handler = s.wrapped(s.routed())
	return s, nil
}

// Handler answers every route.
func (s *Server) Handler() http.Handler { return s.handler }

// HTTP is a server for [Server.Handler] with its bounds set. What takes long (batches, exports, live connections) moves
// its own deadlines on while its client keeps up.
func (s *Server) HTTP() *http.Server { return httpServer(s.handler, s.cfg.Logger) }

func httpServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug)}
}

// Close ends live connections and what runs beside requests. Call it before http.Server.Shutdown, which would wait for them.
func (s *Server) Close() {
	s.once.Do(func() {
		s.cancel()
		<-s.watch.done
		if s.nats != nil {
			s.nats.close()
		}
		s.jobs.close()
		if pages, ok := s.cfg.Pages.(io.Closer); ok {
			if err := pages.Close(); err != nil {
				s.cfg.Logger.Error("closing the pages", "error", err)
			}
		}
	})
}
