package web_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/web"
)

// provider is an OpenID provider that really signs: discovery, keys, codes with PKCE, tokens. It asks nobody for a password.
type provider struct {
	t    *testing.T
	http *httptest.Server
	key  *rsa.PrivateKey
	mu   sync.Mutex
	code map[string]url.Values // what was asked for when a code was given

	subject  string
	tamper   func(claims map[string]any)
	stranger bool // it signs with a key that it does not publish
}

func startProvider(t *testing.T) *provider {
	p := &provider{t: t, key: must(rsa.GenerateKey(rand.Reader, 2048))(t), code: map[string]url.Values{}, subject: "li.na"}
	mux := http.NewServeMux()
	p.http = httptest.NewServer(mux)
	t.Cleanup(p.http.Close)
	write := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.MarshalWrite(w, v); err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		write(w, map[string]any{"issuer": p.http.URL, "authorization_endpoint": p.http.URL + "/authorize", "token_endpoint": p.http.URL + "/token",
			"jwks_uri": p.http.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		text := must((&jose.JSONWebKey{Key: p.key.Public(), KeyID: "1", Algorithm: "RS256", Use: "sig"}).MarshalJSON())(t)
		_, _ = w.Write([]byte(`{"keys":[` + string(text) + `]}`))
	})
	mux.HandleFunc("/authorize", func(w http.ResponseWriter, r *http.Request) {
		code := rand.Text()
		p.mu.Lock()
		p.code[code] = r.URL.Query()
		p.mu.Unlock()
		back := must(url.Parse(r.URL.Query().Get("redirect_uri")))(t)
		back.RawQuery = url.Values{"code": {code}, "state": {r.URL.Query().Get("state")}}.Encode()
		http.Redirect(w, r, back.String(), http.StatusSeeOther)
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		asked := p.code[r.FormValue("code")]
		delete(p.code, r.FormValue("code"))
		p.mu.Unlock()
		challenge := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if asked == nil || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(challenge[:]) {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		write(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": p.token(asked.Get("nonce"))})
	})
	return p
}

func (p *provider) token(nonce string) string {
	key := p.key
	if p.stranger {
		key = must(rsa.GenerateKey(rand.Reader, 2048))(p.t)
	}
	claims := map[string]any{"iss": p.http.URL, "aud": "fundledger", "sub": p.subject, "nonce": nonce, "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix()}
	if p.tamper != nil {
		p.tamper(claims)
	}
	signer := must(jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "1"}}, nil))(p.t)
	signed := must(signer.Sign(must(json.Marshal(claims))(p.t)))(p.t)
	return must(signed.CompactSerialize())(p.t)
}

// walk signs in as a browser does, by way of the provider, and says where it ends and with which session.
func (h *house) walk(change func(*http.Request)) (answer, string) {
	h.t.Helper()
	cookie, at := "", h.http.URL+"/login/oidc?next=%2Fv1%2Fme"
	for range 4 {
		r := must(http.NewRequestWithContext(h.t.Context(), "GET", at, nil))(h.t)
		if strings.HasPrefix(at, h.http.URL) && cookie != "" {
			r.Header.Set("Cookie", cookie)
		}
		if change != nil && strings.Contains(at, "/callback") {
			change(r)
		}
		a := h.send(r)
		for _, c := range (&http.Response{Header: a.header}).Cookies() {
			if c.Name == "fundledger_session" {
				cookie = c.Name + "=" + c.Value
			}
		}
		to := a.header.Get("Location")
		if a.status != http.StatusSeeOther || strings.HasPrefix(to, "/") {
			return a, cookie
		}
		at = to
	}
	h.t.Fatal("it goes round")
	return answer{}, ""
}

func TestTheOrganisationsAccountSignsIn(t *testing.T) {
	p := startProvider(t)
	var h *house
	callback := newCallback(t, func() string { return h.http.URL })
	h = open(t, func(c *web.Config) {
		c.OIDC = &web.OIDCConfig{Issuer: p.http.URL, ClientID: "fundledger", ClientSecret: "secret", RedirectURL: callback + "/login/oidc/callback"}
	})
	if err := h.users.Add(accounts.User{ID: "li.na", OIDC: "li.na", Grants: []web.Grant{{Role: domain.Clerk, Department: "investment"}}}, ""); err != nil {
		t.Fatal(err)
	}
	a, cookie := h.walk(nil)
	if a.want(t, http.StatusSeeOther).header.Get("Location") != "/v1/me" {
		t.Fatalf("%v", a.header)
	}
	if me := h.ask("GET", "/v1/me", "", "", "Cookie", cookie).want(t, http.StatusOK); !strings.Contains(string(me.body), `"li.na"`) {
		t.Errorf("%s", me.body)
	}
	for name, change := range map[string]func() func(*http.Request){
		"a stranger":          func() func(*http.Request) { p.subject = "mallory"; return nil },
		"another's signature": func() func(*http.Request) { p.stranger = true; return nil },
		"another audience":    func() func(*http.Request) { p.tamper = func(c map[string]any) { c["aud"] = "other" }; return nil },
		"another issuer": func() func(*http.Request) {
			p.tamper = func(c map[string]any) { c["iss"] = "https://evil.example" }
			return nil
		},
		"an expired token": func() func(*http.Request) {
			p.tamper = func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() }
			return nil
		},
		"another's nonce":       func() func(*http.Request) { p.tamper = func(c map[string]any) { c["nonce"] = "x" }; return nil },
		"another's state":       func() func(*http.Request) { return func(r *http.Request) { r.URL.RawQuery += "x" } },
		"a session of somebody": func() func(*http.Request) { return func(r *http.Request) { r.Header.Del("Cookie") } },
	} {
		t.Run(name, func(t *testing.T) {
			p.subject, p.tamper, p.stranger = "li.na", nil, false
			a, cookie := h.walk(change())
			a.want(t, http.StatusUnauthorized)
			h.ask("GET", "/v1/me", "", "", "Cookie", cookie).want(t, http.StatusUnauthorized)
		})
	}
}

// newCallback is an address that is known before the service has one, and leads on to it.
func newCallback(t *testing.T, service func() string) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, service()+r.URL.RequestURI(), http.StatusSeeOther)
	}))
	t.Cleanup(s.Close)
	return s.URL
}
