package deploy

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// What the package is made of is there, and its unit starts what the package brings, on the settings that it brings.
func TestThePackageHoldsWhatItsUnitNames(t *testing.T) {
	text, err := os.ReadFile("nfpm.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var pack struct {
		Contents []struct{ Src, Dst, Type string }
		Scripts  map[string]string
	}
	if err := yaml.Unmarshal(text, &pack); err != nil {
		t.Fatal(err)
	}
	brought := map[string]string{}
	for _, c := range pack.Contents {
		brought[c.Dst] = c.Src
		if strings.HasPrefix(c.Src, "bin/") {
			continue // built by "make deb"
		}
		if found, err := filepath.Glob(filepath.Join("..", c.Src)); err != nil || len(found) == 0 {
			t.Errorf("%s is not there: %v", c.Src, err)
		}
		if c.Type == "tree" { // nfpm gives its folders the mode of its files
			t.Errorf("nobody but root could look into %s", c.Dst)
		}
	}
	for when, script := range pack.Scripts {
		if said, err := exec.Command("sh", "-n", filepath.Join("..", script)).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", when, err, said)
		}
	}
	unit, err := os.ReadFile("systemd/fundledger.service")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/usr/bin/fundledger", "/etc/fundledger/fundledger.yml"} {
		if brought[path] == "" || !bytes.Contains(unit, []byte(path)) {
			t.Errorf("%s is not in the package, or not in the unit", path)
		}
	}
	installs, err := os.ReadFile("systemd/postinstall.sh")
	if err != nil {
		t.Fatal(err)
	}
	if folder := "/var/lib/fundledger"; !bytes.Contains(unit, []byte("FUNDLEDGER_DATA="+folder+" ")) || !bytes.Contains(installs, []byte("0700 "+folder+"\n")) {
		t.Errorf("a policy is published before the unit starts: the package makes %s, the unit's folder", folder)
	}
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for path, made := range map[string]string{"/usr/share/man/man1/": "man --lang en --out bin/deb/man/en", "/usr/share/man/zh_CN/man1/": "man --lang zh --out bin/deb/man/zh",
		"/usr/share/bash-completion/completions/fundledger": "completion $$shell > bin/deb/completion/$$shell", "/usr/share/zsh/vendor-completions/_fundledger": "in bash zsh fish",
		"/usr/share/fish/vendor_completions.d/fundledger.fish": "in bash zsh fish"} {
		if brought[path] == "" || !bytes.Contains(makefile, []byte(made)) {
			t.Errorf("%s is not in the package, or \"make deb\" does not make it", path)
		}
	}
	if brought["/usr/lib/systemd/system/fundledger.service"] != "deploy/systemd/fundledger.service" {
		t.Error("the unit is not in the package")
	}
}

// systemd itself reads the unit.
func TestSystemdTakesTheUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Fatal("systemd-analyze is not there to read the unit (bash tools/deps.sh installs it): ", err)
	}
	unit, err := os.ReadFile("systemd/fundledger.service")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change [2]string
		wrong  bool
	}{
		"as it is":         {},
		"a misspelt word":  {[2]string{"ProtectSystem=", "ProtectSistem="}, true},
		"a value too many": {[2]string{"PrivateTmp=yes", "PrivateTmp=perhaps"}, true},
	} {
		path := filepath.Join(t.TempDir(), "fundledger.service")
		text := strings.ReplaceAll(string(unit), "/usr/bin/fundledger", "/bin/true") // which has to be there
		if c.change[0] != "" {
			text = strings.Replace(text, c.change[0], c.change[1], 1)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		said, err := exec.Command(analyze, "verify", path).CombinedOutput()
		if complained := err != nil || strings.Contains(string(said), "fundledger.service:"); complained != c.wrong {
			t.Errorf("%s: %v\n%s", name, err, said)
		}
	}
}
