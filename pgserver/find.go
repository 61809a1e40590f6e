package pgserver

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// packaged are the places where distributions keep the servers that they do not put on the PATH.
var packaged = []string{
	"/usr/lib/postgresql/*/bin",            // Debian, Ubuntu
	"/usr/pgsql-*/bin",                     // PGDG on Red Hat
	"/usr/local/pgsql/bin",                 // from source
	"/opt/homebrew/opt/postgresql@*/bin",   // macOS
	"/usr/local/opt/postgresql@*/bin",      // macOS on Intel
	"/Applications/Postgres.app/*/*/*/bin", // macOS
}

// Find gives the folder of the machine's PostgreSQL server: the one that PG_BINDIR names, the one on the PATH, or
// the highest version installed by the system's packages. ErrNoBinaries when there is none.
func Find(ctx context.Context) (string, error) {
	return findVersion(ctx, "")
}

// findVersion finds binaries of one major version, or of any when it is empty.
func findVersion(ctx context.Context, major string) (string, error) {
	if named := os.Getenv("PG_BINDIR"); named != "" {
		return named, checkNamed(ctx, named, major)
	}
	found := candidates()
	for _, dir := range found {
		if major == "" || majorOf(ctx, dir) == major {
			return dir, nil
		}
	}
	if major != "" && len(found) > 0 {
		return "", fmt.Errorf("the folder was made by PostgreSQL %s and the machine has only %s: install postgresql-%s, "+
			"or move the folder away and rebuild the projections from the log: %w", major, strings.Join(found, ", "), major, ErrNoBinaries)
	}
	return "", fmt.Errorf("%w: install PostgreSQL (Debian and Ubuntu: apt-get install postgresql), or name the folder of its "+
		"binaries in PG_BINDIR, or give the URL of a running server", ErrNoBinaries)
}

func checkNamed(ctx context.Context, named, major string) error {
	if !isBindir(named) {
		return fmt.Errorf("PG_BINDIR is %s, which holds no postgres and initdb: %w", named, ErrNoBinaries)
	}
	if have := majorOf(ctx, named); major != "" && have != major {
		return fmt.Errorf("PG_BINDIR has PostgreSQL %s and the folder was made by %s: name the binaries of that version: %w",
			have, major, ErrNoBinaries)
	}
	return nil
}

func candidates() []string {
	var found []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if resolved, err := filepath.EvalSymlinks(path); err == nil {
			found = append(found, filepath.Dir(resolved))
		}
	}
	for _, pattern := range packaged {
		dirs, _ := filepath.Glob(pattern) // the only error is a bad pattern
		slices.SortFunc(dirs, func(a, b string) int { return cmp.Compare(numberIn(b), numberIn(a)) })
		found = append(found, dirs...)
	}
	return slices.DeleteFunc(found, func(dir string) bool { return !isBindir(dir) })
}

var digits = regexp.MustCompile(`\d+(\.\d+)?`)

// numberIn orders versions as numbers, 9.6 before 15: the last number of the path is the version.
func numberIn(path string) float64 {
	all := digits.FindAllString(path, -1)
	if len(all) == 0 {
		return 0
	}
	number, err := strconv.ParseFloat(all[len(all)-1], 64)
	if err != nil {
		return 0
	}
	return number
}

func isBindir(dir string) bool {
	for _, name := range []string{"postgres", "initdb"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			return false
		}
	}
	return true
}

var versionOf = regexp.MustCompile(`\d+`)

// majorOf asks the binaries: "postgres (PostgreSQL) 15.14 (Debian …)". Versions before 10 are not supported.
func majorOf(ctx context.Context, dir string) string {
	output, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return ""
	}
	return versionOf.FindString(string(output))
}
