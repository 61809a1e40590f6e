package pgserver

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func fakeBinaries(t *testing.T, dir, version string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"postgres", "initdb"} {
		script := "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + "'\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// onlyPackaged makes the machine one whose PostgreSQLs are those of the pattern.
func onlyPackaged(t *testing.T, pattern string) {
	t.Helper()
	t.Setenv("PG_BINDIR", "")
	t.Setenv("PATH", "/nonexistent")
	before := packaged
	packaged = []string{pattern}
	t.Cleanup(func() { packaged = before })
}

func TestTheHighestPackagedVersionIsTaken(t *testing.T) {
	root := t.TempDir()
	for _, version := range []string{"9.6", "15", "17", "16"} {
		fakeBinaries(t, filepath.Join(root, version, "bin"), version+".1")
	}
	if err := os.MkdirAll(filepath.Join(root, "18", "bin"), 0o755); err != nil { // a client-only package
		t.Fatal(err)
	}
	onlyPackaged(t, filepath.Join(root, "*", "bin"))
	for _, c := range []struct{ major, want string }{{"", "17"}, {"15", "15"}} {
		got, err := findVersion(t.Context(), c.major)
		if want := filepath.Join(root, c.want, "bin"); err != nil || got != want {
			t.Errorf("for version %q: %s, %v, want %s", c.major, got, err, want)
		}
	}
	if _, err := findVersion(t.Context(), "14"); !errors.Is(err, ErrNoBinaries) {
		t.Errorf("for a version that is not there: %v, want ErrNoBinaries", err)
	}
}

func TestPathComesBeforePackagesAndPgBindirBeforeAll(t *testing.T) {
	root := t.TempDir()
	onlyPackaged(t, fakeBinaries(t, filepath.Join(root, "package"), "17.1"))
	inPath := fakeBinaries(t, filepath.Join(root, "path"), "15.1")
	t.Setenv("PATH", inPath)
	if got, err := Find(t.Context()); err != nil || got != inPath {
		t.Errorf("%s, %v, want %s", got, err, inPath)
	}
	named := fakeBinaries(t, filepath.Join(root, "named"), "16.1")
	t.Setenv("PG_BINDIR", named)
	if got, err := Find(t.Context()); err != nil || got != named {
		t.Errorf("%s, %v, want %s", got, err, named)
	}
	t.Setenv("PG_BINDIR", root)
	if _, err := Find(t.Context()); !errors.Is(err, ErrNoBinaries) {
		t.Errorf("a PG_BINDIR without binaries: %v, want ErrNoBinaries", err)
	}
}

func TestWithoutBinariesTheErrorSaysWhatToInstall(t *testing.T) {
	onlyPackaged(t, "/nonexistent/*")
	_, err := Start(t.Context(), Config{Dir: t.TempDir()})
	if !errors.Is(err, ErrNoBinaries) {
		t.Errorf("%v, want ErrNoBinaries", err)
	}
}

func TestVersionsAreOrderedAsNumbers(t *testing.T) {
	paths := []string{"/usr/lib/postgresql/9.6/bin", "/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/9.10/bin"}
	slices.SortFunc(paths, func(a, b string) int { return int(numberIn(b)*100 - numberIn(a)*100) })
	if paths[0] != "/usr/lib/postgresql/15/bin" {
		t.Errorf("%v: 15 should be first", paths)
	}
}

func TestDebianAndItsKinAreRecognised(t *testing.T) {
	for content, want := range map[string]bool{
		"ID=debian\n":                               true,
		"NAME=\"Ubuntu\"\nID=ubuntu\n":              true,
		"ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n": true,
		"ID=fedora\n":                               false,
		"ID=alpine\nNAME=debian\n":                  false,
	} {
		path := filepath.Join(t.TempDir(), "os-release")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := isDebian(path); got != want {
			t.Errorf("%q: %v, want %v", content, got, want)
		}
	}
	if isDebian("/nonexistent") {
		t.Error("a machine without os-release is taken for Debian")
	}
}

func TestSocketPathsFitOrMoveToAShortFolder(t *testing.T) {
	short := "/srv/fundledger/pg"
	if got := socketDir(short); got != short {
		t.Errorf("%s, want the folder itself", got)
	}
	for _, dir := range []string{"/srv/" + string(slices.Repeat([]byte("x"), 100)), "/srv/a,b", `/srv/a"b`, "/srv/blank "} {
		got := socketDir(dir)
		if got == dir || len(got) > 60 || got != socketDir(dir) {
			t.Errorf("for %q: %s, want a short folder, always the same", dir, got)
		}
	}
}

// repository serves the archive in testdata, scripts by the names of PostgreSQL's programs, as a Maven repository does.
func repository(t *testing.T, corrupt bool) *httptest.Server {
	t.Helper()
	archive, err := os.ReadFile("testdata/binaries.txz")
	if err != nil {
		t.Fatal(err)
	}
	var jar bytes.Buffer
	packed := zip.NewWriter(&jar)
	entry, err := packed.Create("postgres-any.txz")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := entry.Write(archive); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(jar.Bytes())
	if corrupt {
		sum[0]++
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".sha256") {
			w.Write([]byte(hex.EncodeToString(sum[:])))
			return
		}
		w.Write(jar.Bytes())
	}))
	t.Cleanup(func() { server.Close(); http.DefaultClient.CloseIdleConnections() })
	return server
}

func TestFetchedBinariesAreKept(t *testing.T) {
	cache := t.TempDir()
	server := repository(t, false)
	cfg := Config{Repository: server.URL, Logger: slog.New(slog.DiscardHandler)}
	bindir, err := fetch(t.Context(), cfg, cache)
	if err != nil {
		t.Fatal(err)
	}
	if version := majorOf(t.Context(), bindir); version != "16" {
		t.Errorf("the fetched binaries say version %q, want 16", version)
	}
	server.Close()
	if again, err := fetch(t.Context(), cfg, cache); err != nil || again != bindir {
		t.Errorf("the second time without a network: %s, %v", again, err)
	}
}

func TestACorruptArchiveIsNotUsed(t *testing.T) {
	cfg := Config{Repository: repository(t, true).URL, Logger: slog.New(slog.DiscardHandler)}
	_, err := fetch(t.Context(), cfg, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("%v, want an error about the checksum", err)
	}
}
