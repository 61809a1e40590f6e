package deploy

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// stubs are programs that only note what they were called with, in the order in which they were.
func stubs(t *testing.T, bodies map[string]string) (path string, called func() string) {
	t.Helper()
	dir, notes := t.TempDir(), filepath.Join(t.TempDir(), "called")
	for name, body := range bodies {
		text := "#!/bin/sh\necho \"" + name + " $*\" >> " + notes + "\n" + body + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir + ":" + os.Getenv("PATH"), func() string {
		text, _ := os.ReadFile(notes)
		_ = os.Remove(notes)
		return string(text)
	}
}

// dpkg's calls of the package's scripts, on a machine with systemd and on one without: what each of them does to the service, its user and its folder.
func TestTheScriptsDoWhatDpkgAsks(t *testing.T) {
	root := t.TempDir()
	systemd, folder := filepath.Join(root, "run/systemd/system"), filepath.Join(root, "var/lib/fundledger")
	path, called := stubs(t, map[string]string{"systemctl": "", "adduser": "", "getent": `[ -e "$HAVE_USER" ]`, "install": `mkdir -p "` + folder + `"`})
	run := func(script string, args ...string) string {
		t.Helper()
		text, err := os.ReadFile(filepath.Join("systemd", script))
		if err != nil {
			t.Fatal(err)
		}
		there := strings.NewReplacer("/run/systemd/system", systemd, "/var/lib/fundledger", folder).Replace(string(text))
		c := exec.Command("sh", append([]string{"-c", there, script}, args...)...)
		c.Env = []string{"PATH=" + path, "HAVE_USER=" + filepath.Join(root, "user")}
		said, err := c.CombinedOutput()
		if err != nil {
			t.Errorf("%s %v: %v\n%s", script, args, err, said)
		}
		return called() + string(said)
	}
	const user, made, reload = "adduser --system --group", "install --directory --owner fundledger --group fundledger --mode 0700", "systemctl daemon-reload\n"
	for _, step := range []struct {
		when   string
		before func() error
		script string
		args   []string
		does   []string
		not    []string
	}{
		{"installed without systemd", nil, "postinstall.sh", []string{"configure", ""}, []string{user, made}, []string{"systemctl"}},
		{"installed", func() error { return os.MkdirAll(systemd, 0o755) }, "postinstall.sh", []string{"configure", ""},
			[]string{user, made, reload + "systemctl try-restart fundledger.service\n"}, []string{"systemctl start", "enable"}},
		{"upgraded", func() error { return os.WriteFile(filepath.Join(root, "user"), nil, 0o644) }, "preremove.sh", []string{"upgrade", "2.0"}, nil, []string{"systemctl"}},
		{"upgraded, behind", nil, "postinstall.sh", []string{"configure", "1.0"}, []string{made, "try-restart"}, []string{user}},
		{"an upgrade that failed", nil, "postinstall.sh", []string{"abort-upgrade", "2.0"}, nil, []string{"systemctl", "install"}},
		{"removed", nil, "preremove.sh", []string{"remove"}, []string{"systemctl disable --now fundledger.service\n"}, nil},
		{"removed, behind", nil, "postremove.sh", []string{"remove"}, []string{reload}, []string{"rm -r"}},
		{"purged", nil, "postremove.sh", []string{"purge"}, []string{reload, "is kept"}, nil},
		{"removed without systemd", func() error { return os.Remove(systemd) }, "preremove.sh", []string{"remove"}, nil, []string{"systemctl"}},
	} {
		if step.before != nil {
			if err := step.before(); err != nil {
				t.Fatal(err)
			}
		}
		did := run(step.script, step.args...)
		for _, want := range step.does {
			if !strings.Contains(did, want) {
				t.Errorf("%s: not %q, but\n%s", step.when, want, did)
			}
		}
		for _, no := range step.not {
			if strings.Contains(did, no) {
				t.Errorf("%s: %q\n%s", step.when, no, did)
			}
		}
		if _, err := os.Stat(folder); err != nil {
			t.Errorf("%s: the ledger's folder: %v", step.when, err)
		}
	}
}

// Every image of a registry gets the digest that docker names, once, and a new one in its place; where one has none nothing is written.
func TestImagesArePinnedByTheirDigests(t *testing.T) {
	digest := func(c string) string { return "sha256:" + strings.Repeat(c, 64) }
	dir := t.TempDir()
	files := []string{filepath.Join(dir, "Dockerfile"), filepath.Join(dir, "docker-compose.yml")}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join("..", filepath.Base(file)))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	read := func() (text string) {
		for _, file := range files {
			part, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text += string(part)
		}
		return text
	}
	pin := func(body string) error {
		path, _ := stubs(t, map[string]string{"docker": body})
		c := exec.Command("bash", append([]string{filepath.Join("..", "tools", "pin.sh")}, files...)...)
		c.Env = []string{"PATH=" + path}
		return c.Run()
	}
	plain := read()
	for name, body := range map[string]string{"a registry that is away": "exit 1", "no digest": "echo latest", "one that has none": `case "$*" in *postgres*) exit 1;; esac; echo ` + digest("a")} {
		if err := pin(body); err == nil || read() != plain {
			t.Errorf("%s: %v, and the files are changed: %v", name, err, read() != plain)
		}
	}
	images := regexp.MustCompile(`(?m)^(?:FROM|\s*image:)\s+(\S+)`)
	for _, c := range []string{"a", "b"} {
		if err := pin("echo " + digest(c)); err != nil {
			t.Fatal(err)
		}
		now := read()
		for _, m := range images.FindAllStringSubmatch(now, -1) {
			name, pinned, _ := strings.Cut(m[1], "@")
			if want := digest(c); strings.HasPrefix(name, "fundledger:") == (pinned == want) || !strings.Contains(plain, " "+name) {
				t.Errorf("%s", m[1])
			}
		}
		if strings.ReplaceAll(now, "@"+digest(c), "") != plain {
			t.Error("more than digests was written")
		}
	}
}
