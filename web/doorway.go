package web

import (
	_ "embed"
	"html/template"
	"log/slog"
	"net/http"
	"sync/atomic"

	"github.com/fundledger/fundledger/domain"
)

// Doorway answers while a service starts: that it lives, that it is not ready, and how far it has come. A log of a million events takes a while to be
// read; whoever asks meanwhile is told so, and is not turned away by a port that nobody listens on. Open lets everybody through.
type Doorway struct {
	site        atomic.Pointer[http.Handler]
	secure      bool
	done, total atomic.Uint64
}

//go:embed starting.html
var startingHTML string

var startingPage = template.Must(template.New("starting").Parse(startingHTML))

// NewDoorway is closed yet. The server that will stand behind it is made of the same configuration.
func NewDoorway(c Config) *Doorway { return &Doorway{secure: c.Secure} }

// HTTP is the server to be served: one for who comes early, and for who comes later.
func (d *Doorway) HTTP(logger *slog.Logger) *http.Server { return httpServer(d, logger) }

// Progress says how much of the log is read.
func (d *Doorway) Progress(done, total uint64) {
	d.done.Store(done)
	d.total.Store(total)
}

// Open lets requests through to the server.
func (d *Doorway) Open(s *Server) {
	handler := http.Handler(s.handler)
	d.site.Store(&handler)
}

// percent never says 100: there is something to do behind the log's end.
func (d *Doorway) percent() uint64 {
	return min(99, d.done.Load()*100/max(1, d.total.Load()))
}

func (d *Doorway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if site := d.site.Load(); site != nil {
		(*site).ServeHTTP(w, r)
		return
	}
	for name, value := range securityHeaders {
		w.Header().Set(name, value)
	}
	if d.secure {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
	}
	w.Header().Set("Vary", "Accept, Accept-Language, Cookie")
	p := problem(http.StatusServiceUnavailable, "starting", "percent", d.percent()).after(2)
	switch {
	case r.URL.Path == "/livez" || r.URL.Path == "/healthz":
		_ = writePlain(w, http.StatusOK, "ok\n")
	case r.URL.Path == "/readyz":
		_ = writePlain(w, p.Status, "not ready: "+p.Code+": "+p.In(langOf(r)).Detail+"\n")
	case wantsHTML(r):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(p.Status)
		lang := langOf(r)
		_ = startingPage.Execute(w, struct {
			Lang, Title, Detail string
			Again               bool
		}{map[string]string{"zh": "zh-CN", "en": "en"}[lang], domain.Text{ZH: "正在启动", EN: "Starting"}.In(lang), p.In(lang).Detail, r.Method == http.MethodGet})
	default:
		writeProblem(w, r, p)
	}
}
