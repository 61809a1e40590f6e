package migrations

import (
	"io/fs"
	"regexp"
	"strconv"
	"testing"
)

// neverUsed is a number that no release had.
const neverUsed = 6

// Two changes that were made beside each other may have taken the same number; then no database can be brought up to date. Each number stands
// once, and none is left out: the next file is the one after the last.
func TestEveryMigrationHasTheNextNumber(t *testing.T) {
	files, err := fs.Glob(Files, "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	named := regexp.MustCompile(`^(\d{5})_[a-z_]+\.sql$`)
	next := 1
	for _, file := range files { // sorted by name, and so by number
		parts := named.FindStringSubmatch(file)
		if parts == nil {
			t.Fatalf("%s is not called like 00001_what_it_does.sql", file)
		}
		if next == neverUsed {
			next++
		}
		if n, err := strconv.Atoi(parts[1]); err != nil || n != next {
			t.Fatalf("%s stands where the number %05d is due: what lands later takes the number after the last", file, next)
		}
		next++
	}
}
