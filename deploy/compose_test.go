package deploy

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

type composition struct {
	Services map[string]struct {
		Image       string
		Environment map[string]string
		Ports       []string
		HealthCheck map[string]any                        `yaml:"healthcheck"`
		DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func compose(t *testing.T) composition {
	t.Helper()
	var c composition
	if err := yaml.Unmarshal([]byte(readText(t, "../docker-compose.yml")), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// firsts are the distinct first groups of a pattern in a text.
func firsts(pattern, text string) []string {
	found := map[string]bool{}
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		found[match[1]] = true
	}
	return slices.Sorted(maps.Keys(found))
}

func TestEverySecretIsAskedForAndNoneHasADefault(t *testing.T) {
	file, example := readText(t, "../docker-compose.yml"), readText(t, "example.env")
	required := firsts(`\$\{(\w+):\?`, file)
	if example := firsts(`(?m)^(\w+)=$`, example); !slices.Equal(required, example) {
		t.Errorf("docker-compose.yml requires %v, example.env leaves open %v", required, example)
	}
	for _, name := range firsts(`\$\{(\w+)`, file) {
		if strings.Contains(name, "PASSWORD") && !slices.Contains(required, name) {
			t.Errorf("%s is used without being required", name)
		}
	}
}

func TestOnlyLoopbackIsPublished(t *testing.T) {
	for name, service := range compose(t).Services {
		for _, port := range service.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s publishes %s to everybody", name, port)
			}
		}
	}
}

func TestEachNodeIsGivenWhatTheConfigurationNames(t *testing.T) {
	wanted := firsts(`(?m)^[^#\n]*\$(NATS_\w+)`, readText(t, "nats/server.conf")+readText(t, "nats/accounts.conf"))
	nodes := 0
	for name, service := range compose(t).Services {
		if !strings.HasPrefix(service.Image, "nats:") {
			continue
		}
		nodes++
		if given := slices.Sorted(maps.Keys(service.Environment)); !slices.Equal(given, wanted) {
			t.Errorf("%s is given %v, the configuration names %v", name, given, wanted)
		}
		if service.Environment["NATS_NAME"] != name || !strings.Contains(service.Environment["NATS_ROUTES"], "@"+name+":6222") {
			t.Errorf("%s is called %s and routed by %s", name, service.Environment["NATS_NAME"], service.Environment["NATS_ROUTES"])
		}
	}
	if nodes != 3 {
		t.Errorf("%d nodes, want 3", nodes)
	}
}

func TestTheServiceWaitsForAllItNeeds(t *testing.T) {
	services := compose(t).Services
	needs := services["fundledger"].DependsOn
	for name, service := range services {
		if name == "fundledger" {
			continue
		}
		want := "service_healthy"
		if service.HealthCheck == nil {
			want = "service_completed_successfully"
		}
		if needs[name].Condition != want {
			t.Errorf("the service waits for %s to be %q, want %s", name, needs[name].Condition, want)
		}
	}
}
