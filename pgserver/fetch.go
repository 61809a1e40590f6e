package pgserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// binaries finds what the cluster needs, and provides it when the configuration lets it.
func binaries(ctx context.Context, cfg Config, major string) (string, error) {
	bindir, err := findVersion(ctx, major)
	if err == nil || !errors.Is(err, ErrNoBinaries) || os.Getenv("PG_BINDIR") != "" {
		return bindir, err
	}
	if cfg.Install && os.Geteuid() == 0 && isDebian("/etc/os-release") {
		if err := aptInstall(ctx, cfg); err != nil {
			return "", err
		}
		return findVersion(ctx, major)
	}
	cache, cacheErr := cacheDir()
	if cacheErr != nil {
		return "", errors.Join(err, cacheErr)
	}
	if !cfg.Download && !isBindir(fetchedIn(cache)) { // what was fetched once is the machine's
		return "", err
	}
	fetched, fetchErr := fetch(ctx, cfg, cache)
	if fetchErr != nil {
		return "", fmt.Errorf("%w; %w", err, fetchErr)
	}
	if have := majorOf(ctx, fetched); major != "" && have != major {
		return "", fmt.Errorf("%w; what can be fetched is version %s", err, have)
	}
	return fetched, nil
}

// isDebian reads ID and ID_LIKE of os-release.
func isDebian(osRelease string) bool {
	content, err := os.ReadFile(osRelease)
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(content)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if key != "ID" && key != "ID_LIKE" {
			continue
		}
		for _, name := range strings.Fields(strings.Trim(value, `"`)) {
			if name == "debian" || name == "ubuntu" {
				return true
			}
		}
	}
	return false
}

func aptInstall(ctx context.Context, cfg Config) error {
	for _, args := range [][]string{{"update"}, {"install", "--yes", "--no-install-recommends", "postgresql"}} {
		cfg.Logger.Info("running apt-get " + strings.Join(args, " "))
		cmd := exec.Command("apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		var output bytes.Buffer
		cmd.Stdout, cmd.Stderr = &output, &output
		if err := run(ctx, cmd); err != nil {
			return fmt.Errorf("apt-get %s: %w:\n%s", strings.Join(args, " "), err, bytes.TrimSpace(output.Bytes()))
		}
	}
	return nil
}

// fetchedVersion is the PostgreSQL that is fetched: the one the compose file runs.
const fetchedVersion = embeddedpostgres.V16

func fetchedIn(cache string) string {
	return filepath.Join(cache, "postgresql-"+string(fetchedVersion), "bin")
}

// fetch keeps binaries from a Maven repository in the cache folder. The library that knows such a repository's layout only
// fetches on its way to starting a server of its own, so one is started in a scratch folder and stopped. As root that
// start fails, after the binaries were unpacked; what counts is whether they are there.
func fetch(ctx context.Context, cfg Config, cache string) (bindir string, err error) {
	bindir = fetchedIn(cache)
	if isBindir(bindir) {
		return bindir, nil
	}
	home := filepath.Dir(bindir)
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("making the cache folder for PostgreSQL: %w", err)
	}
	cfg.Logger.Info("fetching PostgreSQL " + string(fetchedVersion) + ", once")
	scratch, err := os.MkdirTemp(cache, "fetch-")
	if err != nil {
		return "", fmt.Errorf("fetching PostgreSQL: %w", err)
	}
	unpacked := make(chan error, 1)
	go func() { // the library takes no context: a cancelled fetch ends with its download
		defer os.RemoveAll(scratch)
		err := unpack(cfg.Repository, scratch)
		if isBindir(filepath.Join(scratch, "home", "bin")) {
			err = os.Rename(filepath.Join(scratch, "home"), home)
		}
		unpacked <- err
	}()
	select {
	case err = <-unpacked:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil && !isBindir(bindir) {
		return "", fmt.Errorf("fetching PostgreSQL: %w", err)
	}
	return bindir, nil
}

func unpack(repository, scratch string) error {
	freePort, err := unusedPort()
	if err != nil {
		return err
	}
	config := embeddedpostgres.DefaultConfig().Version(fetchedVersion).Port(freePort).
		BinariesPath(filepath.Join(scratch, "home")).CachePath(filepath.Join(scratch, "archive")).
		RuntimePath(filepath.Join(scratch, "run")).Logger(&bytes.Buffer{})
	if repository != "" {
		config = config.BinaryRepositoryURL(repository)
	}
	server := embeddedpostgres.NewDatabase(config)
	if err := server.Start(); err != nil {
		return err
	}
	return server.Stop()
}

func unusedPort() (uint32, error) {
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		return 0, fmt.Errorf("finding a free port: %w", err)
	}
	number := listener.Addr().(*net.TCPAddr).Port
	return uint32(number), listener.Close()
}

// cacheDir is the user's, or for root one that the server's user can reach.
func cacheDir() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/cache/fundledger", nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding a cache folder for PostgreSQL: %w", err)
	}
	return filepath.Join(cache, "fundledger"), nil
}
