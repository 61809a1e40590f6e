package main

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/fundledger/fundledger/pgserver"
)

// composed runs services of docker-compose.yml as processes, with the commands and the environment that stand there: only folders and
// addresses are the test's.
type composed struct {
	t        *testing.T
	Services map[string]struct {
		Command     []string
		Environment map[string]string
		Volumes     []string
		HealthCheck map[string]any `yaml:"healthcheck"`
	}
	env     map[string]string // what .env sets
	volumes map[string]string // folders by the volumes' names
	network *strings.Replacer
}

func compose(t *testing.T) *composed {
	t.Helper()
	c := &composed{t: t, volumes: map[string]string{}}
	if err := yaml.Unmarshal(readFile(t, "../../docker-compose.yml"), c); err != nil {
		t.Fatal(err)
	}
	c.env = map[string]string{"FUNDLEDGER_FUND": "elsewhere-2025"}
	for _, found := range regexp.MustCompile(`(?m)^(\w+_PASSWORD)=$`).FindAllSubmatch(readFile(t, "../../deploy/example.env"), -1) {
		c.env[string(found[1])] = "of-" + string(found[1])
	}
	c.env["NATS_SERVICE_PASSWORD"] = clusterPasswords["fundledger"]
	return c
}

var variable = regexp.MustCompile(`\$\{(\w+)(?::([-?])([^}]*))?\}`)

// of is a text of the file with its variables, in the folders and at the addresses of this test.
func (c *composed) of(service, text string) string {
	text = variable.ReplaceAllStringFunc(text, func(found string) string {
		part := variable.FindStringSubmatch(found)
		if value, set := c.env[part[1]]; set || part[2] == "?" {
			return value
		}
		return part[3]
	})
	for _, volume := range c.Services[service].Volumes {
		part := strings.Split(volume, ":")
		if c.volumes[part[0]] == "" {
			c.volumes[part[0]] = c.t.TempDir()
		}
		if path := strings.TrimPrefix(text, "@"); path == part[1] || strings.HasPrefix(path, part[1]+"/") {
			text = strings.Replace(text, part[1], c.volumes[part[0]], 1)
		}
	}
	return c.network.Replace(text)
}

// process is a service's command, or another one in its container.
func (c *composed) process(service string, args ...string) *exec.Cmd {
	c.t.Helper()
	if len(args) == 0 {
		args = slices.Clone(c.Services[service].Command)
	}
	for i, arg := range args {
		args[i] = c.of(service, arg)
	}
	p := program(c.t, args...)
	for _, name := range slices.Sorted(maps.Keys(c.Services[service].Environment)) {
		p.Env = append(p.Env, name+"="+c.of(service, c.Services[service].Environment[name]))
	}
	return p
}

// run runs a service that ends, and returns what it prints.
func (c *composed) run(service string, args ...string) string {
	c.t.Helper()
	var said strings.Builder
	p := c.process(service, args...)
	p.Stderr = &said
	printed, err := p.Output()
	if err != nil {
		c.t.Fatalf("%s %v: %v\n%s", service, args, err, said.String())
	}
	return string(printed)
}

// database runs deploy/postgres/init.sh as the image does, and returns the socket's folder.
func (c *composed) database() string {
	t := c.t
	t.Helper()
	server := newPostgreSQL(t)
	super := session(t, server.URL())
	super.must("CREATE ROLE postgres SUPERUSER LOGIN PASSWORD 'super'")
	base, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	base.User, base.Path = url.UserPassword("postgres", "super"), "/postgres"
	_ = super.conn.Close(t.Context())
	renaming := session(t, base.String()) // the embedded server's own names make way for the script's
	renaming.must("ALTER DATABASE fundledger RENAME TO embedded")
	renaming.must("ALTER ROLE fundledger RENAME TO embedded")
	bindir, err := pgserver.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	script := exec.CommandContext(t.Context(), "bash", "../../deploy/postgres/init.sh")
	script.Env = []string{"PATH=" + bindir + ":" + os.Getenv("PATH"), "PGHOST=" + base.Query().Get("host"), "PGPORT=5432", "PGPASSWORD=super", "POSTGRES_USER=postgres",
		"ROLES_SQL=../../pgserver/roles.sql"}
	for name, value := range c.Services["postgres"].Environment {
		if strings.HasSuffix(name, "_PASSWORD") && name != "POSTGRES_PASSWORD" {
			script.Env = append(script.Env, name+"="+c.of("postgres", value))
		}
	}
	if output, err := script.CombinedOutput(); err != nil {
		t.Fatalf("init.sh: %v\n%s", err, output)
	}
	return base.Query().Get("host")
}

// What docker-compose.yml starts works together: the owner makes the tables, the service writes them and may not take anything away, the
// witness is asked for each checkpoint, and whoever has its key sees that it signed; and a history that forks is not cosigned.
func TestWhatComposeStartsHasAWitness(t *testing.T) {
	t.Parallel()
	c := compose(t)
	nodes := startCluster(t, c.env["FUNDLEDGER_FUND"])
	ports := freePorts(t, 1)
	witness := fmt.Sprintf("127.0.0.1:%d", ports[0])
	c.network = strings.NewReplacer("0.0.0.0:8080", "127.0.0.1:0", "0.0.0.0:7080", witness, "witness:7080", witness, "127.0.0.1:7080", witness)
	socket := c.database()
	c.network = strings.NewReplacer("0.0.0.0:8080", "127.0.0.1:0", "0.0.0.0:7080", witness, "witness:7080", witness, "127.0.0.1:7080", witness,
		"nats://nats-1:4222,nats://nats-2:4222,nats://nats-3:4222", nodes.urls(), "@postgres:5432/fundledger?", "@/fundledger?host="+url.QueryEscape(socket)+"&port=5432&")

	c.run("migrate")
	verifier := strings.TrimSpace(c.run("key"))
	if again := strings.TrimSpace(c.run("key")); again != verifier || !strings.HasPrefix(verifier, "fundledger/elsewhere-2025+") {
		t.Fatalf("the key is %q, then %q", verifier, again)
	}
	cosigner := c.process("witness")
	launch(t, cosigner)
	probe, ok := c.Services["witness"].HealthCheck["test"].([]any)
	if !ok || len(probe) != 4 {
		t.Fatalf("the witness's health check is %v", c.Services["witness"].HealthCheck)
	}
	until(t, "the witness", func() error { return c.process("witness", "healthcheck", fmt.Sprint(probe[3])).Run() })
	key := strings.TrimSpace(string(readFile(t, filepath.Join(c.volumes["public"], "witness.pub"))))
	if _, err := os.Stat(filepath.Join(c.volumes["witness"], "witness.key")); err != nil || filepath.Dir(c.of("fundledger", "/witness/x")) == c.volumes["witness"] {
		t.Errorf("the witness's key is not in a folder of its own: %v", err)
	}

	service := c.process("fundledger")
	launch(t, service)
	c.run("fundledger", "policy", "publish", "elsewhere-2025", "--data", "/data")
	cosigned := func() error {
		said := c.run("fundledger", "verify", "--data", "/data", "--key", key)
		if !strings.Contains(said, "the last is cosigned by 1 outside witnesses (witness)") {
			return fmt.Errorf("%s", said)
		}
		return nil
	}
	if note := c.run("fundledger", "checkpoint", "--data", "/data"); strings.Count(note, "— ") != 2 {
		t.Errorf("the checkpoint is not cosigned:\n%s", note)
	}
	until(t, "a cosigned checkpoint", cosigned)
	standing := session(t, c.of("fundledger", c.Services["fundledger"].Environment["DATABASE_URL"]))
	for _, sql := range []string{"DELETE FROM fundledger.events", "TRUNCATE fundledger.journal", "DROP SCHEMA fundledger CASCADE"} {
		if !standing.refuses(sql) {
			t.Errorf("the service may say %s", sql)
		}
	}

	// Whoever has the service's folders and key signs a history that forked; the witness does not.
	kill(service)
	copied := t.TempDir()
	copyFolder(t, filepath.Join(c.volumes["fundledger"]), copied)
	if err := os.Chmod(filepath.Join(copied, keyFile), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(copied, checkpointDir)); err != nil {
		t.Fatal(err)
	}
	output(t, "policy", "publish", "elsewhere-2025", "--data", copied, "--fund", "elsewhere-2025")
	forged := program(t, "checkpoint", "--data", copied, "--witness", "http://"+witness, "--witness-key", key)
	if said, err := forged.CombinedOutput(); err == nil || !strings.Contains(string(said), "did not cosign") {
		t.Errorf("another history was cosigned: %v\n%s", err, said)
	}
	kill(cosigner)
	gone := program(t, "checkpoint", "--data", copied, "--witness", "http://"+witness, "--witness-key", key)
	gone.WaitDelay = time.Minute
	if said, err := gone.CombinedOutput(); err == nil || !strings.Contains(string(said), witness) {
		t.Errorf("nobody was asked, and nobody says so: %v\n%s", err, said)
	}
}
