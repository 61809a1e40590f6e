package eventstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Cluster is several servers in this process that keep one log together: for tests, demonstrations and trying what
// happens when one of them goes.
type Cluster struct {
	logger *slog.Logger
	opts   []*server.Options

	mu    sync.Mutex
	nodes []*Server // nil where stopped
}

// StartCluster starts n servers, each in a folder of its own below dir, joined over loopback with free ports.
func StartCluster(dir string, n int, logger *slog.Logger) (*Cluster, error) {
	if n < 1 {
		return nil, errors.New("starting a cluster: it needs at least one node")
	}
	ports, err := freePorts(n)
	if err != nil {
		return nil, fmt.Errorf("starting a cluster: %w", err)
	}
	routes := make([]*url.URL, n)
	for i, port := range ports {
		routes[i] = &url.URL{Scheme: "nats", Host: fmt.Sprintf("127.0.0.1:%d", port)}
	}
	c := &Cluster{logger: logger, nodes: make([]*Server, n)}
	password := rand.Text()
	for i, port := range ports {
		opts, err := ServerConfig{Dir: filepath.Join(dir, fmt.Sprintf("node-%d", i)), Password: password}.options()
		if err != nil {
			return nil, fmt.Errorf("starting a cluster: %w", err)
		}
		opts.ServerName = fmt.Sprintf("node-%d", i)
		opts.Cluster = server.ClusterOpts{Name: "ledger", Host: "127.0.0.1", Port: port}
		opts.Routes = routes
		c.opts = append(c.opts, opts)
	}
	return c, c.startAll()
}

// startAll starts the nodes at once: none serves before most are there.
func (c *Cluster) startAll() error {
	errs := make([]error, len(c.opts))
	var wait sync.WaitGroup
	for i := range c.opts {
		wait.Go(func() { errs[i] = c.RestartNode(i) })
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		c.Shutdown()
		return fmt.Errorf("starting a cluster: %w", err)
	}
	return nil
}

// freePorts asks the system for ports nobody uses: the routes must be known before the first node starts.
func freePorts(n int) ([]int, error) {
	ports := make([]int, n)
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

// Connect opens a connection over loopback that knows all nodes and changes over when its node goes.
func (c *Cluster) Connect(opts ...nats.Option) (*nats.Conn, error) {
	base := []nats.Option{
		nats.UserInfo(c.opts[0].Username, c.opts[0].Password), nats.MaxReconnects(-1), nats.ReconnectWait(firstPause),
	}
	nc, err := nats.Connect(strings.Join(c.ClientURLs(), ","), append(base, opts...)...)
	if err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	return nc, nil
}

// ClientURLs are where clients connect, without user and password: the running nodes', in the nodes' order.
func (c *Cluster) ClientURLs() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var urls []string
	for _, s := range c.nodes {
		if s != nil {
			urls = append(urls, s.ClientURL())
		}
	}
	return urls
}

// Username and Password let a client in.
func (c *Cluster) Username() string { return c.opts[0].Username }

// Password is the password that lets a client in.
func (c *Cluster) Password() string { return c.opts[0].Password }

// Leader is the number of the running node that leads a stream, or -1 while none does.
func (c *Cluster) Leader(stream string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, s := range c.nodes {
		if s != nil && s.server().JetStreamIsStreamLeader(server.DEFAULT_GLOBAL_ACCOUNT, stream) {
			return i
		}
	}
	return -1
}

// StepDown asks a stream's leader to hand over to another node.
func (c *Cluster) StepDown(ctx context.Context, stream string) error {
	nc, err := c.Connect()
	if err != nil {
		return err
	}
	defer nc.Close()
	l := &Log{nc: nc, cfg: Config{Stream: stream}}
	var answer struct {
		Error *jetstream.APIError `json:"error"`
	}
	if err := l.ask(ctx, "STREAM.LEADER.STEPDOWN."+stream, nil, &answer); err != nil {
		return fmt.Errorf("asking the leader of %s to step down: %w", stream, err)
	}
	if answer.Error != nil {
		return fmt.Errorf("asking the leader of %s to step down: %w", stream, answer.Error)
	}
	return nil
}

// StopNode stops node i, if it runs. The others go on as long as they are the most.
func (c *Cluster) StopNode(i int) {
	c.mu.Lock()
	s := c.nodes[i]
	c.nodes[i] = nil
	c.mu.Unlock()
	if s != nil {
		s.Shutdown()
	}
}

// RestartNode starts node i on its folder, if it does not run. Its clients find it on the port it had.
func (c *Cluster) RestartNode(i int) error {
	c.mu.Lock()
	running := c.nodes[i] != nil
	c.mu.Unlock()
	if running {
		return nil
	}
	opts := c.opts[i].Clone()
	s, err := startNode(opts, nil, c.logger)
	if err != nil {
		return fmt.Errorf("starting node %d: %w", i, err)
	}
	if addr, ok := s.server().Addr().(*net.TCPAddr); ok {
		c.opts[i].Port = addr.Port
	}
	c.mu.Lock()
	c.nodes[i] = s
	c.mu.Unlock()
	return nil
}

// Shutdown stops every node.
func (c *Cluster) Shutdown() {
	for i := range c.nodes {
		c.StopNode(i)
	}
}
