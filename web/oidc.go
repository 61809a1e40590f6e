package web

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/fundledger/fundledger/domain"
)

// OIDCConfig is the organisation's sign-in (OpenID Connect, authorization code with PKCE). Who signs in there is the user whose
// "oidc" is the subject they come with; roles stay in the file of users. A stranger gets in nowhere, nor does one whose subject
// happens to be some user's name here.
type OIDCConfig struct {
	Issuer       string // its URL, as its discovery document names it
	ClientID     string
	ClientSecret string
	RedirectURL  string   // of this service: https://…/login/oidc/callback
	Claim        string   // which claim names the user; empty: "sub". An "email" counts only where the provider says it is verified
	Scopes       []string // besides openid
}

// oidcSignIn is a discovered provider.
type oidcSignIn struct {
	cfg      OIDCConfig
	oauth    oauth2.Config
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier
	client   *http.Client
}

// What a session holds between leaving for the provider and coming back.
const (
	sessionState    = "oidc-state"
	sessionNonce    = "oidc-nonce"
	sessionVerifier = "oidc-verifier"
	sessionNext     = "oidc-next"

	providerPatience = 15 * time.Second
)

// newOIDC asks the provider for its addresses and keys.
func newOIDC(ctx context.Context, cfg OIDCConfig, now func() time.Time) (*oidcSignIn, error) {
	client := &http.Client{Timeout: providerPatience}
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, client), cfg.Issuer)
	if err != nil {
		return nil, fmt.Errorf("finding the sign-in of %s: %w (is the issuer's address right, and reachable from here?)", cfg.Issuer, err)
	}
	cfg.Claim = orElse(cfg.Claim, "sub")
	return &oidcSignIn{cfg: cfg, client: client, provider: provider, verifier: provider.Verifier(&oidc.Config{ClientID: cfg.ClientID, Now: now}),
		oauth: oauth2.Config{ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, Endpoint: provider.Endpoint(), RedirectURL: cfg.RedirectURL,
			Scopes: append([]string{oidc.ScopeOpenID}, cfg.Scopes...)}}, nil
}

// leave sends the browser to the provider.
func (s *Server) leaveForOIDC(w http.ResponseWriter, r *http.Request) error {
	if s.oidc == nil {
		return problem(http.StatusNotFound, "not_found")
	}
	ctx, state, nonce, verifier := r.Context(), rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	for name, value := range map[string]string{sessionState: state, sessionNonce: nonce, sessionVerifier: verifier, sessionNext: Local(r.URL.Query().Get("next"))} {
		s.sessions.Put(ctx, name, value)
	}
	http.Redirect(w, r, s.oidc.oauth.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), http.StatusSeeOther)
	return nil
}

// returnFromOIDC signs in who comes back from the provider. Everything that was put aside is used once.
func (s *Server) returnFromOIDC(w http.ResponseWriter, r *http.Request) error {
	if s.oidc == nil {
		return problem(http.StatusNotFound, "not_found")
	}
	ctx, q := r.Context(), r.URL.Query()
	state, nonce := s.sessions.PopString(ctx, sessionState), s.sessions.PopString(ctx, sessionNonce)
	verifier, next := s.sessions.PopString(ctx, sessionVerifier), s.sessions.PopString(ctx, sessionNext)
	if state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(q.Get("state"))) != 1 || q.Get("code") == "" {
		return s.notSignedIn(w, r, errors.New("the state is not the one that was sent, or there is no code: "+domain.Clip(q.Get("error"), 100)))
	}
	subject, err := s.oidc.subject(ctx, q.Get("code"), verifier, nonce)
	if err != nil {
		return s.notSignedIn(w, r, err)
	}
	user, ok := s.cfg.Users.FindOIDC(ctx, subject)
	if !ok {
		return s.notSignedIn(w, r, fmt.Errorf("%q is signed in there and no user here", domain.Clip(subject, 100)))
	}
	if err := s.signIn(r, user); err != nil {
		return err
	}
	http.Redirect(w, r, Local(next), http.StatusSeeOther)
	return nil
}

// subject exchanges a code for who it stands for.
func (o *oidcSignIn) subject(ctx context.Context, code, verifier, nonce string) (string, error) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, o.client), providerPatience)
	defer cancel()
	token, err := o.oauth.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return "", fmt.Errorf("exchanging the code: %w", err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return "", errors.New("the provider gave no id_token")
	}
	id, err := o.verifier.Verify(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("checking the id_token: %w", err)
	}
	if nonce == "" || subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 {
		return "", errors.New("the id_token was made for another sign-in")
	}
	var claims map[string]any
	if err := id.Claims(&claims); err != nil {
		return "", fmt.Errorf("reading the id_token: %w", err)
	}
	if _, told := claims[o.cfg.Claim]; !told && o.provider.UserInfoEndpoint() != "" {
		if err := o.more(ctx, token, id.Subject, &claims); err != nil {
			return "", err
		}
	}
	subject, ok := claims[o.cfg.Claim].(string)
	if !ok || subject == "" {
		return "", fmt.Errorf("the id_token has no %s", o.cfg.Claim)
	}
	// Some providers let people type in any address; some write the claim as a text.
	if verified := claims["email_verified"]; o.cfg.Claim == "email" && verified != true && verified != "true" {
		return "", errors.New("the provider does not say that the email is verified")
	}
	return subject, nil
}

// more asks for what the id_token does not tell: of a code, many providers tell all but the subject on request only. The id_token is what
// is signed, so the answer has to be about the same subject.
func (o *oidcSignIn) more(ctx context.Context, token *oauth2.Token, subject string, claims *map[string]any) error {
	info, err := o.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return fmt.Errorf("asking the provider about who signed in: %w", err)
	}
	if info.Subject != subject {
		return errors.New("the provider tells of another person than the id_token")
	}
	if err := info.Claims(claims); err != nil {
		return fmt.Errorf("reading what the provider tells: %w", err)
	}
	return nil
}

// notSignedIn shows the sign-in page again; why, the log tells.
func (s *Server) notSignedIn(w http.ResponseWriter, r *http.Request, why error) error {
	s.cfg.Logger.Warn("a sign-in by the organisation's account failed", "address", s.address(r), "error", why)
	s.loginPage(w, r, http.StatusUnauthorized, LoginForm{Next: "/", Problem: problem(http.StatusUnauthorized, "oidc_failed").Message})
	return nil
}
