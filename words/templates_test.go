package words

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What a template says by itself is what the dictionary has no word for: a column's name stands there once, and a page says it
// by the column.
func TestTemplatesDoNotRepeatTheDictionary(t *testing.T) {
	said := regexp.MustCompile(`\bt "([^"]*)"\s+"([^"]*)"`)
	found := 0
	err := filepath.WalkDir("../web/pages/templates", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range said.FindAllStringSubmatch(string(text), -1) {
			found++
			for name, c := range columns {
				if c.Title.ZH == m[1] && strings.EqualFold(c.Title.EN, m[2]) {
					t.Errorf("%s says %q itself: write {{heading %q}}, or {{term %q}} in a sentence", filepath.Base(path), m[2], name, name)
				}
			}
		}
		return nil
	})
	if err != nil || found < 500 {
		t.Errorf("%d texts of templates were read, %v", found, err)
	}
}
