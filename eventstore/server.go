package eventstore

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Errors of a server of one's own that a caller branches on.
var (
	// ErrLocked says that another process runs a server on the same folder.
	ErrLocked = errors.New("another server runs on this folder")
	// ErrStoreFailed says that the server's store could not write, and writes nothing more until it is started again.
	ErrStoreFailed = errors.New("the store of the log could not write")
)

const (
	// DefaultMaxPayload is the largest event a server of this package takes, headers included, unless told otherwise.
	DefaultMaxPayload = 8 << 20

	readyTimeout = 30 * time.Second
	// reconnectWait is how long a connection inside this process waits before it tries again: nobody is burdened by it.
	reconnectWait = 100 * time.Millisecond
)

// ServerConfig says how to run a server inside this process.
type ServerConfig struct {
	Dir        string       // where the log lies; made when missing, locked while the server runs
	Listen     *string      // address to listen on: nil is 127.0.0.1 with a free port, "" is none (in this process only)
	Username   string       // empty: "ledger"
	Password   string       // empty: a random one; Server.Password tells it
	MaxPayload int32        // bytes of one event; 0: DefaultMaxPayload
	MaxBatch   int          // events of one atomic batch; 0: the server's 1,000
	MaxStore   int64        // bytes the logs may take; 0: what the disk has
	SyncLater  bool         // an event is acknowledged before it is on the disk: only to fill a folder that nobody relies on yet, and that is synced then
	Logger     *slog.Logger // nil: silent
	// Look is asked before the files are opened, each time, when nobody else can be writing to them: an error keeps them as they are,
	// and is why the server does not start. See [Look]. nil: nobody looks.
	Look func(dir string) error
}

// Server is a NATS server with JetStream inside this process, which writes every event to the disk before it
// acknowledges it. It listens on loopback only, or not at all, and lets in nobody without the password.
type Server struct {
	opts   *server.Options
	look   func(dir string) error
	logger *slog.Logger
	lock   *os.File

	mu sync.Mutex
	ns *server.Server // the present one
}

// StartServer starts a server on a folder, and returns when it serves. ErrLocked: another process has the folder.
func StartServer(cfg ServerConfig) (*Server, error) {
	opts, err := cfg.options()
	if err != nil {
		return nil, fmt.Errorf("starting a server: %w", err)
	}
	s, err := startNode(opts, cfg.Look, cfg.Logger)
	if err != nil {
		return nil, fmt.Errorf("starting a server on %s: %w", cfg.Dir, err)
	}
	return s, nil
}

func (cfg ServerConfig) options() (*server.Options, error) {
	if cfg.Dir == "" {
		return nil, errors.New("name the folder the log lies in")
	}
	opts := &server.Options{
		ServerName:         "ledger",
		StoreDir:           cfg.Dir,
		JetStream:          true,
		JetStreamMaxMemory: 256 << 20, // consumers only: no stream lies in memory
		JetStreamMaxStore:  cfg.MaxStore,
		SyncAlways:         !cfg.SyncLater,
		MaxPayload:         cfg.MaxPayload,
		MaxPending:         256 << 20,
		NoSigs:             true,
		Username:           cfg.Username,
		Password:           cfg.Password,
		JetStreamLimits:    server.JSLimitOpts{MaxBatchSize: cfg.MaxBatch},
	}
	if opts.JetStreamMaxStore == 0 {
		opts.JetStreamMaxStore = 1 << 60 // the disk is the limit
	}
	if opts.MaxPayload == 0 {
		opts.MaxPayload = DefaultMaxPayload
	}
	if opts.Username == "" {
		opts.Username = "ledger"
	}
	if opts.Password == "" {
		opts.Password = rand.Text()
	}
	return opts, listenOn(opts, cfg.Listen)
}

// listenOn sets where a server listens, and refuses what others could reach.
func listenOn(opts *server.Options, listen *string) error {
	if listen == nil {
		opts.Host, opts.Port = "127.0.0.1", server.RANDOM_PORT
		return nil
	}
	if *listen == "" {
		opts.DontListen = true
		return nil
	}
	host, port, err := net.SplitHostPort(*listen)
	if err != nil {
		return fmt.Errorf("the address to listen on: %w", err)
	}
	ip := net.ParseIP(host)
	if host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("the address to listen on, %q, is not a loopback address; put a NATS server with TLS where others must reach it", *listen)
	}
	if opts.Port, err = strconv.Atoi(port); err != nil {
		return fmt.Errorf("the port to listen on: %w", err)
	}
	if opts.Host = host; opts.Port == 0 {
		opts.Port = server.RANDOM_PORT
	}
	return nil
}

// startNode starts one server by its options, and returns when it serves clients.
func startNode(opts *server.Options, look func(string) error, logger *slog.Logger) (*Server, error) {
	lock, err := lockFolder(opts.StoreDir)
	if err != nil {
		return nil, err
	}
	s := &Server{opts: opts, look: look, logger: logger, lock: lock}
	if s.ns, err = s.run(opts.Clone()); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return s, nil
}

// run looks at the files, starts a server on them and waits until it serves.
func (s *Server) run(opts *server.Options) (*server.Server, error) {
	if s.look != nil {
		if err := s.look(opts.StoreDir); err != nil {
			return nil, err
		}
	}
	ns, err := server.NewServer(opts)
	if err != nil {
		return nil, err
	}
	if s.logger != nil {
		ns.SetLoggerV2(serverLog{s.logger}, false, false, false)
	}
	ns.Start()
	if !ns.ReadyForConnections(readyTimeout) && !opts.DontListen || !ns.JetStreamEnabled() {
		ns.Shutdown()
		ns.WaitForShutdown()
		return nil, fmt.Errorf("the server did not come up within %s; its log says why", readyTimeout)
	}
	return ns, nil
}

func (s *Server) server() *server.Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ns
}

// Failed is why the server's store writes nothing any more, such as a disk that was full; nil: it writes. It stays so, whatever
// becomes of the disk, until [Server.Restart].
func (s *Server) Failed() error {
	ns := s.server()
	if !ns.JetStreamEnabled() {
		return fmt.Errorf("%w: the server has given it up", ErrStoreFailed)
	}
	for _, e := range ns.Healthz(&server.HealthzOptions{Details: true}).Errors {
		if strings.Contains(e.Error, "write error") {
			return fmt.Errorf("%w: %s", ErrStoreFailed, e.Error)
		}
	}
	return nil
}

// Restart starts the server again on its folder, which stays locked, and at its address: connections come back to it by themselves.
// Where it cannot be started, nothing serves until another Restart.
func (s *Server) Restart() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	opts := s.opts.Clone()
	if address, ok := s.ns.Addr().(*net.TCPAddr); ok {
		s.opts.Port, opts.Port = address.Port, address.Port
	}
	s.ns.Shutdown()
	s.ns.WaitForShutdown()
	ns, err := s.run(opts)
	if err != nil {
		return fmt.Errorf("starting the server on %s again: %w", opts.StoreDir, err)
	}
	s.ns = ns
	return nil
}

// InProcessConn is a connection to the present server, for [nats.InProcessServer].
func (s *Server) InProcessConn() (net.Conn, error) { return s.server().InProcessConn() }

// lockFolder keeps a second server off the folder: two of them on one log would ruin it. The lock goes with the process.
func lockFolder(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%w; stop it, or connect to it", ErrLocked), f.Close())
	}
	return f, nil
}

// Connect opens a connection inside this process, past the network. It keeps trying for ever when it is broken.
func (s *Server) Connect(opts ...nats.Option) (*nats.Conn, error) {
	base := []nats.Option{nats.InProcessServer(s), nats.UserInfo(s.Username(), s.Password()), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait)}
	nc, err := nats.Connect("", append(base, opts...)...)
	if err != nil {
		return nil, fmt.Errorf("connecting to the server in this process: %w", err)
	}
	return nc, nil
}

// ClientURL is where other processes of this machine connect, without user and password; "" when it does not listen.
func (s *Server) ClientURL() string {
	ns := s.server()
	if ns.Addr() == nil {
		return ""
	}
	return ns.ClientURL()
}

// Username and Password let a client in.
func (s *Server) Username() string { return s.opts.Username }

// Password is the password that lets a client in.
func (s *Server) Password() string { return s.opts.Password }

// Shutdown stops the server and returns when the folder is free. What was acknowledged is on the disk already.
func (s *Server) Shutdown() {
	ns := s.server()
	ns.Shutdown()
	ns.WaitForShutdown()
	if s.lock != nil {
		// Closing frees the lock; there is nothing to lose in the file.
		_ = s.lock.Close()
		s.lock = nil
	}
}

// serverLog carries the server's log lines to slog.
type serverLog struct{ to *slog.Logger }

func (l serverLog) Noticef(format string, v ...any) { l.to.Debug(line(format, v)) }

// Warnf leaves out one warning: the only password is random, made for this process, and in no file of the server's.
func (l serverLog) Warnf(format string, v ...any) {
	if text := line(format, v); !strings.Contains(text, "Plaintext passwords detected") {
		l.to.Warn(text)
	}
}
func (l serverLog) Fatalf(format string, v ...any) { l.to.Error(line(format, v)) }
func (l serverLog) Errorf(format string, v ...any) { l.to.Error(line(format, v)) }
func (l serverLog) Debugf(format string, v ...any) { l.to.Debug(line(format, v)) }
func (l serverLog) Tracef(format string, v ...any) { l.to.Debug(line(format, v)) }

func line(format string, v []any) string {
	return "nats: " + strings.TrimSpace(fmt.Sprintf(format, v...))
}
