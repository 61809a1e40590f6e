package main

import (
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// A certified provider, with its own sign-in page, signs its people in to the real program: those who are bound to a user, and nobody else.
func TestAProvidersPeopleSignIn(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	issuer := "http://localhost:" + port
	var service string // known once it serves
	lead := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, service+r.URL.RequestURI(), http.StatusFound)
	}))
	defer lead.Close()
	redirect := lead.URL + "/login/oidc/callback"
	kept := storage.NewStorageWithClients(storage.NewUserStore(issuer), map[string]*storage.Client{"fundledger": storage.WebClient("fundledger", "钥匙", redirect)})
	provider := &httptest.Server{Listener: listener, Config: &http.Server{Handler: exampleop.SetupServer(issuer, kept, nil, false, op.WithAllowInsecure())}}
	provider.Start()
	defer provider.Close()

	dir := filepath.Join(t.TempDir(), "ledger")
	output(t, "policy", "publish", "elsewhere-2025", "--data", dir)
	if err := program(t, "user", "add", "ana", "--data", dir, "--grant", "clerk", "--oidc", "test-user@zitadel.ch").Run(); err != nil {
		t.Fatal(err)
	}
	formID := regexp.MustCompile(`name="id" value="([^"]+)"`)
	serving(t, dir, func(at string) {
		service = at
		for username, want := range map[string]int{"test-user@localhost": http.StatusOK, "test-user2": http.StatusUnauthorized} {
			jar, _ := cookiejar.New(nil)
			client := &http.Client{Jar: jar}
			page, err := client.Get(service + "/login/oidc?next=%2Fv1%2Fme")
			if err != nil {
				t.Fatal(err)
			}
			text := body(t, page)
			found := formID.FindStringSubmatch(text)
			if found == nil {
				t.Fatalf("%s shows no sign-in: %.500s", page.Request.URL, text)
			}
			page, err = client.PostForm(issuer+"/login/username", url.Values{"id": {found[1]}, "username": {username}, "password": {"verysecure"}})
			if err != nil {
				t.Fatal(err)
			}
			if text := body(t, page); page.StatusCode != want || want == http.StatusOK && !strings.Contains(text, `"ana"`) {
				t.Errorf("%s: %s %s: %.300s", username, page.Request.URL, page.Status, text)
			}
		}
	}, "--oidc-issuer", issuer, "--oidc-client-id", "fundledger", "--oidc-client-secret", "钥匙", "--oidc-redirect-url", redirect, "--oidc-claim", "email", "--oidc-scopes", "email")
}

// body reads an answer to its end.
func body(t *testing.T, r *http.Response) string {
	t.Helper()
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
