package console_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"aisle/services/catalog"
	"aisle/services/console"
)

// issuer is a small identity provider: it describes itself, gives codes to those
// whom it is told of, takes each once and against its verifier, and signs.
type issuer struct {
	*httptest.Server
	key *rsa.PrivateKey

	mu     sync.Mutex // guards the rest
	who    jwt.MapClaims
	spoil  func(claims jwt.MapClaims, key *rsa.PrivateKey) (jwt.MapClaims, *rsa.PrivateKey) // what is wrong with the next token
	asked  map[string]url.Values                                                            // by code
	denies string
}

const clientID, clientSecret = "aisle", "a secret of the client"

func newIssuer(t *testing.T) *issuer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key, asked: map[string]url.Values{}}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, map[string]any{
			"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		e := big.NewInt(int64(key.E)).Bytes()
		answer(w, 200, map[string]any{"keys": []any{map[string]string{
			"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(e),
		}}})
	})
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		q := r.URL.Query()
		back := url.Values{"state": {q.Get("state")}}
		if i.denies != "" {
			back.Set("error", i.denies)
		} else {
			code := rand.Text()
			i.asked[code] = q
			back.Set("code", code)
		}
		http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		code := r.PostFormValue("code")
		asked, ok := i.asked[code]
		delete(i.asked, code)
		id, secret, _ := r.BasicAuth()
		challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if !ok || id != clientID || secret != url.QueryEscape(clientSecret) || asked.Get("code_challenge_method") != "S256" ||
			asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(challenge[:]) || r.PostFormValue("redirect_uri") != asked.Get("redirect_uri") {
			answer(w, 400, map[string]string{"error": "invalid_grant"})
			return
		}
		claims, key := jwt.MapClaims{"iss": i.URL, "aud": clientID, "nonce": asked.Get("nonce"), "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()}, i.key
		maps.Copy(claims, i.who)
		if i.spoil != nil {
			claims, key = i.spoil(claims, key)
		}
		token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
		token.Header["kid"] = "1"
		signed, err := token.SignedString(key)
		if err != nil {
			t.Error(err)
		}
		answer(w, 200, map[string]any{"access_token": "unused", "token_type": "Bearer", "id_token": signed})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

// openProvided is a house whose people come by the provider. A browser that is
// sent back to it finds it where it is.
func openProvided(t *testing.T) (*house, *issuer) {
	i := newIssuer(t)
	h := open(t)
	h.visitor().call("GET", "/api/session", nil, 200, nil) // it listens: what does not yet, cannot be stopped
	h.stop()
	h.config.PublicURL = "http://house.test"
	h.config.SignIn = console.SignIn{OIDC: console.OIDC{
		Name: "Example", Issuer: i.URL, ClientID: clientID, ClientSecret: clientSecret,
		Roles: map[string]catalog.Role{"shop-admins": catalog.RoleAdmin, "shop-staff": catalog.RoleStaff, "marketing": catalog.RoleMarketer},
	}}
	if err := h.config.SignIn.Validate(); err != nil {
		t.Fatal(err)
	}
	h.start()
	return h, i
}

// comeBy goes to the provider and back, and gives the page where the browser ends.
func (v *visitor) comeBy(to string, between func(back *url.URL)) string {
	v.t.Helper()
	client := *v.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	at := v.h.url + "/api/session/oidc?to=" + url.QueryEscape(to)
	for range 3 {
		resp, err := client.Get(at)
		if err != nil {
			v.t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		next, err := resp.Location()
		if err != nil {
			v.t.Fatalf("%s: %d: %v", at, resp.StatusCode, err)
		}
		if next.Host == "house.test" {
			own := mustURL(v.t, v.h.url)
			next.Host = own.Host
			if between != nil {
				between(next)
			}
		}
		at = next.String()
		if strings.HasPrefix(at, v.h.url+"/console") || strings.HasPrefix(at, v.h.url+"/staff") {
			return strings.TrimPrefix(at, v.h.url)
		}
	}
	v.t.Fatalf("the way ends nowhere: %s", at)
	return ""
}

func TestIdentityProvider(t *testing.T) {
	h, i := openProvided(t)
	ada := jwt.MapClaims{"sub": "1", "name": "Ada", "email": "Ada@example.com", "email_verified": true, "groups": []string{"everybody", "shop-staff", "shop-admins"}}
	i.who = ada
	v := h.visitor()
	var s sessionOf
	v.call("GET", "/api/session", nil, 200, &s)
	if s.Provider != "Example" {
		t.Errorf("the session names the provider %q, want Example", s.Provider)
	}
	if got := v.comeBy("/staff/?shop=a", nil); got != "/staff/?shop=a" {
		t.Errorf("ends at %s, want the page that was asked for", got)
	}
	v.call("GET", "/api/session", nil, 200, &s)
	if s.Person == nil || s.Person.Role != catalog.RoleAdmin || s.Person.Email != "ada@example.com" {
		t.Fatalf("the session: %+v, want Ada's, an administrator", s.Person)
	}
	first := s.Person.ID

	// She is the same with another address, and the last administrator stays one.
	i.who = jwt.MapClaims{"sub": "1", "name": "Ada L.", "email": "ada@elsewhere.example", "groups": "shop-staff"}
	v.comeBy("", nil)
	v.call("GET", "/api/session", nil, 200, &s)
	if s.Person == nil || s.Person.ID != first || s.Person.Name != "Ada L." || s.Person.Role != catalog.RoleAdmin {
		t.Errorf("again: %+v, want the same person, still an administrator", s.Person)
	}

	// Who has a password here is the same by the provider, if it is sure.
	v.call("POST", "/api/team", map[string]any{"name": "Bo", "email": "bo@example.com", "password": password, "role": "viewer"}, 201, nil)
	i.who = jwt.MapClaims{"sub": "2", "name": "Bo", "email": "bo@example.com", "groups": []string{"marketing"}}
	bo := h.visitor()
	if got := bo.comeBy("", nil); got != "/console/sign-in?refused=taken" {
		t.Errorf("an address that the provider is not sure of: %s, want refused", got)
	}
	i.who["email_verified"] = true
	bo.comeBy("", nil)
	bo.call("GET", "/api/session", nil, 200, &s)
	if s.Person == nil || s.Person.Email != "bo@example.com" || s.Person.Role != catalog.RoleMarketer {
		t.Fatalf("Bo: %+v, want the same Bo, a marketer by his group", s.Person)
	}
	v.call("PUT", "/api/team/"+s.Person.ID, map[string]any{"name": "Bo", "role": "marketer", "disabled": true}, 200, nil)
	if got := bo.comeBy("", nil); got != "/console/sign-in?refused=denied" {
		t.Errorf("disabled: %s, want refused", got)
	}
}

func TestIdentityProviderRefused(t *testing.T) {
	h, i := openProvided(t)
	strange, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	claim := func(name string, value any) func(jwt.MapClaims, *rsa.PrivateKey) (jwt.MapClaims, *rsa.PrivateKey) {
		return func(c jwt.MapClaims, k *rsa.PrivateKey) (jwt.MapClaims, *rsa.PrivateKey) {
			c[name] = value
			return c, k
		}
	}
	for name, test := range map[string]struct {
		to      string
		spoil   func(jwt.MapClaims, *rsa.PrivateKey) (jwt.MapClaims, *rsa.PrivateKey)
		between func(back *url.URL)
		denies  string
		want    string
	}{
		"all is well":             {to: "/console/campaigns", want: "/console/campaigns"},
		"another site afterwards": {to: "https://evil.example/console/", want: "/console/"},
		"a site without a scheme": {to: "//evil.example/console/", want: "/console/"},
		"in no group":             {spoil: claim("groups", []string{"strangers"}), want: "/console/sign-in?refused=denied"},
		"no address":              {spoil: claim("email", ""), want: "/console/sign-in?refused=failed"},
		"for another client":      {spoil: claim("aud", "another"), want: "/console/sign-in?refused=failed"},
		"of another issuer":       {spoil: claim("iss", "https://evil.example"), want: "/console/sign-in?refused=failed"},
		"expired":                 {spoil: claim("exp", time.Now().Add(-time.Hour).Unix()), want: "/console/sign-in?refused=failed"},
		"for another sign-in":     {spoil: claim("nonce", "another"), want: "/console/sign-in?refused=failed"},
		"by another key": {spoil: func(c jwt.MapClaims, _ *rsa.PrivateKey) (jwt.MapClaims, *rsa.PrivateKey) { return c, strange },
			want: "/console/sign-in?refused=failed"},
		"a planted answer": {between: func(back *url.URL) {
			q := back.Query()
			q.Set("state", "planted")
			back.RawQuery = q.Encode()
		}, want: "/console/sign-in?refused=failed"},
		"a guessed code": {between: func(back *url.URL) {
			q := back.Query()
			q.Set("code", "guessed")
			back.RawQuery = q.Encode()
		}, want: "/console/sign-in?refused=failed"},
		"the person says no": {denies: "access_denied", want: "/console/sign-in?refused=denied"},
	} {
		t.Run(name, func(t *testing.T) {
			i.who = jwt.MapClaims{"sub": name, "email": "x@example.com", "groups": []string{"shop-staff"}}
			if test.want != "/console/sign-in?refused=denied" {
				i.who["email"] = strings.ReplaceAll(name, " ", ".") + "@example.com"
			}
			i.spoil, i.denies = test.spoil, test.denies
			v := h.visitor()
			if got := v.comeBy(test.to, test.between); got != test.want {
				t.Errorf("ends at %s, want %s", got, test.want)
			}
			var s sessionOf
			v.call("GET", "/api/session", nil, 200, &s)
			if in := s.Person != nil; in != (test.denies == "" && test.spoil == nil && test.between == nil) {
				t.Errorf("signed in: %t", in)
			}
		})
	}

	// A browser that was not sent to the provider cannot come back from it.
	v := h.visitor()
	client := *v.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Get(h.url + "/api/session/oidc/callback?code=x&state=y")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got := resp.Header.Get("Location"); got != "/console/sign-in?refused=failed" {
		t.Errorf("without a cookie: %s", got)
	}
}

func TestSignInSettings(t *testing.T) {
	good := console.OIDC{Issuer: "https://login.example", ClientID: "aisle", Others: catalog.RoleViewer}
	for name, test := range map[string]struct {
		change func(*console.OIDC)
		says   string
	}{
		"as it should be":     {func(*console.OIDC) {}, ""},
		"off":                 {func(o *console.OIDC) { *o = console.OIDC{} }, ""},
		"open to the network": {func(o *console.OIDC) { o.Issuer = "http://login.example" }, "https"},
		"no client":           {func(o *console.OIDC) { o.ClientID = "" }, "client_id"},
		"lets nobody in":      {func(o *console.OIDC) { o.Others = "" }, "nobody"},
		"no such role":        {func(o *console.OIDC) { o.Roles = map[string]catalog.Role{"g": "boss"} }, "boss"},
	} {
		o := good
		test.change(&o)
		err := console.SignIn{OIDC: o}.Validate()
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want one that says %q", name, err, test.says)
		}
	}
}
