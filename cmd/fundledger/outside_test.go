package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/nats-io/nats.go"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/web"
)

// parsed is a command line that was read and not run.
func parsed(t *testing.T, args ...string) (*cli, *kong.Kong, error) {
	t.Helper()
	var c cli
	parser, err := c.parser(domain.Verbs, io.Discard, io.Discard, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return &c, parser, err
}

// parts are what "serve" itself makes and hands to the service; all other fields of its configuration are the user's to set.
var parts = []string{"Fund", "Ledger", "Queries", "Projector", "Users", "Proof", "Pages", "NATS", "Registry", "Tracer", "Files", "Now", "SampleClock", "Logger", "Sessions", "Heavy", "Webhooks"}

// Whatever the service can be told, its users can tell it: by a flag, by a variable and in the file.
func TestEveryFieldOfTheServiceCanBeSet(t *testing.T) {
	c, _, err := parsed(t, "serve", "--behind-proxy", "--nats-commands", "--open-metrics", "--oidc-issuer=https://id.example", "--oidc-client-id=c",
		"--oidc-client-secret=s", "--oidc-redirect-url=https://fund.example/login/oidc/callback", "--oidc-claim=email", "--oidc-scopes=email",
		"--payer-holder=财政局", "--payer-account=31050111222233334444", "--payer-bank=银行", "--payer-since=2025-01-01",
		"--session-for=1h", "--min-seq-wait=1s", "--stall-after=1s", "--question-for=1s", "--rate=1", "--public-rate=1", "--max-streams=1", "--heavy-reads=1",
		"--heavy-reads-each=1", "--heavy-reads-open=1", "--heavy-for=1s", "--export-rows=1", "--export-bytes=1", "--file-size=1", "--open-tiles")
	if err != nil {
		t.Fatal(err)
	}
	filled := c.Serve.config()
	for _, of := range []reflect.Value{reflect.ValueOf(filled), reflect.ValueOf(*filled.OIDC)} {
		for i := range of.NumField() {
			if name := of.Type().Field(i).Name; of.Field(i).IsZero() && !slices.Contains(parts, name) {
				t.Errorf("no flag of serve sets %s of %s", name, of.Type())
			}
		}
	}
	if c, _, err = parsed(t, "serve", "--refused-lines=7", "--refused-bytes=-1"); err != nil || c.Serve.refused() != (ledger.RefusalLimits{Lines: 7, Bytes: -1}) {
		t.Errorf("%+v: %v", c.Serve.refused(), err)
	}
	_, parser, _ := parsed(t, "serve")
	for _, node := range parser.Model.Children {
		for _, flag := range node.Flags {
			if node.Name == "serve" && len(flag.Tag.Envs) == 0 && flag.Name != "help" {
				t.Errorf("serve --%s has no variable, so it cannot be set in a container or a file", flag.Name)
			}
		}
	}
}

func TestAFlagComesBeforeAVariableBeforeTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "fundledger.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("listen: 127.0.0.1:1\nmin-seq-wait: 7s\nrate: 1000000\npublic-rate: 2.5\nbehind-proxy: true\noidc-scopes: [email, 部门]\nnats-user: 文件\ntrust: [a+1+x, b+2+y]\n")
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("pass word\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FUNDLEDGER_MIN_SEQ_WAIT", "8s")
	t.Setenv("FUNDLEDGER_CONFIG", file)
	t.Setenv("NATS_PASSWORD_FILE", secret)
	c, _, err := parsed(t, "serve", "--rate=3")
	if err != nil {
		t.Fatal(err)
	}
	if s := c.Serve; s.Listen != "127.0.0.1:1" || s.Bounds.Patience != 8*time.Second || s.Bounds.Rate != 3 || s.Bounds.PublicRate != 2.5 || !s.BehindProxy ||
		!slices.Equal(s.OIDC.Scopes, []string{"email", "部门"}) || c.NATSUser != "文件" || c.NATSPassword != "pass word" || !slices.Equal(s.Trust, []string{"a+1+x", "b+2+y"}) {
		t.Errorf("%+v, %q %q", s, c.NATSUser, c.NATSPassword)
	}
	if c, _, err = parsed(t, "serve", "--config", file, "--behind-proxy=false"); err != nil || c.Serve.BehindProxy {
		t.Errorf("the file comes before a flag: %v", err)
	}
	if c, _, err = parsed(t, "totals"); err != nil || c.NATSUser != "文件" {
		t.Errorf("another command takes its settings elsewhere: %v", err)
	}
	for name, text := range map[string]string{"a misspelt setting": "lisen: x\n", "a word of one command": "limit: 3\n", "no value": "listen:\n", "a setting twice": "listen: a\nlisten: b\n",
		"a nest": "listen: {a: b}\n", "no number": "rate: 多\n", "no list of settings": "- listen\n", "no file of settings": "\x00", "itself": "config: x\n"} {
		write(text)
		if _, _, err := parsed(t, "serve"); err == nil {
			t.Errorf("%s in the file is taken", name)
		}
	}
	write("")
	if _, _, err := parsed(t, "serve"); err != nil {
		t.Errorf("an empty file: %v", err)
	}
	if err := os.WriteFile(secret, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := parsed(t, "serve"); err == nil {
		t.Error("an empty file is a secret")
	}
	t.Setenv("NATS_PASSWORD", "x")
	if _, _, err := parsed(t, "serve"); err == nil {
		t.Error("a secret is given twice")
	}
	t.Setenv("FUNDLEDGER_CONFIG", file+"-gone")
	if _, _, err := parsed(t, "serve"); err == nil {
		t.Error("a file that is not there is as good as one")
	}
}

func TestWhatDoesNotGoTogetherIsRefusedBeforeAnythingIsOpened(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	for _, flags := range [][]string{{"--tls-cert", "x"}, {"--tls-key", "x"}, {"--oidc-client-id", "x"}, {"--oidc-issuer", "https://id.example"},
		{"--oidc-issuer", "https://id.example", "--oidc-client-id", "c", "--oidc-redirect-url", "https://fund.example/"}, {"--session-for", "-1s"}, {"--otlp-endpoint", "collector:4318"}, {"--otlp-endpoint", "http://127.0.0.1:4318", "--trace-ratio=2"}, {"--max-streams=-1"},
		{"--tls-cert", "none.pem", "--tls-key", "none.pem"}, {"--rate=NaN"}, {"--public-rate=-inf"}} {
		c := program(t, append([]string{"serve", "--data", dir}, flags...)...)
		if err := c.Run(); c.ProcessState.ExitCode() != 2 {
			t.Errorf("%v: %v", flags, err)
		}
	}
	if present(dir) {
		t.Error("a data folder was made")
	}
}

// newCertificate writes a certificate and its key into two files.
func newCertificate(t *testing.T, name, cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, of, of, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// The service speaks TLS of its own, takes up a new certificate, takes commands over NATS and lets a scraper in: all by flags.
func TestTheOutsideOfAServiceIsSetByFlags(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ledger")
	cert, key := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	newCertificate(t, "first", cert, key)
	output(t, "policy", "publish", "elsewhere-2025", "--data", dir)
	output(t, "user", "add", "ana", "--data", dir, "--grant", "clerk")
	if c := program(t, "user", "oidc", "ana", "ana@example.org", "--data", dir); c.Run() != nil {
		t.Error("a user has no account of the organisation")
	}
	if c := program(t, "user", "add", "bo", "--data", dir, "--grant", "clerk", "--oidc", "ana@example.org"); c.Run() == nil {
		t.Error("two users have one account of the organisation")
	}
	token := strings.TrimSpace(string(output(t, "token", "create", "ana", "cli", "--data", dir)))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	get := func(url string) *http.Response {
		t.Helper()
		response, err := client.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil {
			t.Error(err)
		}
		return response
	}
	serving(t, dir, func(url string) {
		signIn := get(url + "/login")
		if signIn.Header.Get("Strict-Transport-Security") == "" || signIn.TLS.PeerCertificates[0].Subject.CommonName != "first" {
			t.Errorf("%v", signIn.Header)
		}
		if get(url+"/metrics").StatusCode != http.StatusOK {
			t.Error("the scraper is not let in")
		}
		if c := program(t, "healthcheck", url); c.Run() == nil {
			t.Error("a certificate that nobody signed is believed")
		}
		output(t, "healthcheck", "--insecure", url)

		if err := os.WriteFile(cert, []byte("half a certificate"), 0o600); err != nil {
			t.Fatal(err)
		}
		get(url + "/livez")
		newCertificate(t, "second", cert, key)
		if name := get(url + "/livez").TLS.PeerCertificates[0].Subject.CommonName; name != "second" {
			t.Errorf("the certificate is still the %s", name)
		}

		var owner running
		text, err := os.ReadFile(filepath.Join(dir, runningFile))
		if err == nil {
			err = json.Unmarshal(text, &owner)
		}
		if err != nil {
			t.Fatal(err)
		}
		nc, err := nats.Connect(owner.NATSURL, nats.UserInfo(owner.NATSUser, owner.NATSPassword))
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		for header, want := range map[string]string{"": "token_invalid", "Bearer " + token: `"last_seq":2`} {
			m := nats.NewMsg(web.CommandSubject("elsewhere-2025"))
			m.Header.Set("Authorization", header)
			m.Data = []byte(`{"command":"register_enterprise","id":"over-nats","date":"2025-03-03","enterprise":"N-1","name":"网上","industry":"fishing"}`)
			answer, err := nc.RequestMsg(m, 20*time.Second)
			if err != nil || !strings.Contains(string(answer.Data), want) {
				t.Errorf("as %q: %v, %v", header, answer, err)
			}
		}
	}, "--tls-cert", cert, "--tls-key", key, "--open-metrics", "--nats-commands")
}

// A variable can say what a flag says that is repeated: several keys of trust, and files of them, one of which has a space in its name.
func TestAVariableNamesSeveralKeys(t *testing.T) {
	dir := t.TempDir()
	plain, spaced := filepath.Join(dir, "keys"), filepath.Join(dir, "more keys")
	for file, text := range map[string]string{plain: "c+3+k\nd+4+k\n", spaced: "e+5+k\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for said, want := range map[string][]string{
		"a+1+k b+2+k\n@" + plain: {"a+1+k", "b+2+k", "c+3+k", "d+4+k"},
		"@" + spaced:             {"e+5+k"},
	} {
		t.Setenv("FUNDLEDGER_TRUST", said)
		c, _, err := parsed(t, "serve")
		if err != nil {
			t.Fatal(err)
		}
		if keys, err := verifierKeys(c.Serve.Trust...); err != nil || !slices.Equal(keys, want) {
			t.Errorf("%q names %v, %v", said, keys, err)
		}
	}
}
