package collector

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"aisle/services/catalog"
	"aisle/services/door"
)

func TestOAuth(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	der, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	must(t, err)
	public := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	file := filepath.Join(t.TempDir(), "key.pem")
	must(t, os.WriteFile(file, []byte(public), 0o600))

	h := newHouse(t)
	h.config.OAuthKeys = map[string]string{webKey: file}
	h.oauth, err = newOAuth(h.config.OAuthKeys, h.secrets.Token)
	must(t, err)
	h.keys = door.NewKeys(h.config.Keys(h.secrets), h.catalog, h.logger)
	ask := func(key any, method jwt.SigningMethod, claims jwt.RegisteredClaims, grant string) answerOf {
		t.Helper()
		assertion, err := jwt.NewWithClaims(method, claims).SignedString(key)
		must(t, err)
		return h.post("/token", []byte(url.Values{"grant_type": {grant}, "client_assertion_type": {assertedBy}, "client_assertion": {assertion}, "scope": {"tracking_api:write"}}.Encode()),
			"Content-Type: application/x-www-form-urlencoded")
	}
	now := time.Now()
	fresh := jwt.RegisteredClaims{Issuer: "client", Subject: "client", ID: "1", IssuedAt: jwt.NewNumericDate(now.Add(-5 * time.Second)), ExpiresAt: jwt.NewNumericDate(now.Add(55 * time.Second))}
	stale, long, endless := fresh, fresh, fresh
	stale.ExpiresAt = jwt.NewNumericDate(now.Add(-time.Hour))
	long.ExpiresAt = jwt.NewNumericDate(now.Add(24 * time.Hour))
	endless.ExpiresAt = nil
	for name, a := range map[string]answerOf{
		"signed by another":   ask(stranger, jwt.SigningMethodRS256, fresh, "client_credentials"),
		"signed by a secret":  ask([]byte(public), jwt.SigningMethodHS256, fresh, "client_credentials"),
		"signed by nobody":    ask(jwt.UnsafeAllowNoneSignatureType, jwt.SigningMethodNone, fresh, "client_credentials"),
		"whose time is over":  ask(private, jwt.SigningMethodRS256, stale, "client_credentials"),
		"good for a day":      ask(private, jwt.SigningMethodRS256, long, "client_credentials"),
		"good for ever":       ask(private, jwt.SigningMethodRS256, endless, "client_credentials"),
		"of another grant":    ask(private, jwt.SigningMethodRS256, fresh, "password"),
		"that is no form":     h.post("/token", []byte("%")),
		"that says not what":  h.post("/token", []byte("grant_type=client_credentials")),
		"that is not a token": h.post("/token", []byte("grant_type=client_credentials&client_assertion_type="+url.QueryEscape(assertedBy)+"&client_assertion=x")),
	} {
		if a.status != 400 || !strings.Contains(string(a.body), `"error":`) {
			t.Errorf("an assertion %s: answer %d %s, want 400", name, a.status, a.body)
		}
	}
	var got struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int    `json:"expires_in"`
	}
	a := ask(private, jwt.SigningMethodRS256, fresh, "client_credentials")
	if err := json.Unmarshal(a.body, &got); err != nil || a.status != 200 || got.TokenType != "Bearer" || got.ExpiresIn != 3600 {
		t.Fatalf("answer %d %s", a.status, a.body)
	}

	body := []byte(`{"batch":[{"type":"track","event":"X","userId":"u7"}],"writeKey":"` + webKey + `"}`)
	for name, c := range map[string]struct {
		auth string
		want int
	}{
		"the token":                {"Authorization: Bearer " + got.AccessToken, 202},
		"the key alone":            {basicAuth(webKey), 401},
		"the key in the body only": {"X-Nothing: x", 401},
		"a made up token":          {"Authorization: Bearer tok_123", 401},
		"a changed token":          {"Authorization: Bearer x" + got.AccessToken, 401},
		"a token of last hour":     {"Authorization: Bearer " + catalog.Sign(h.secrets.Token, door.TokenPurpose, webKey, now.Add(-time.Second)), 401},
		"a token for another use":  {"Authorization: Bearer " + catalog.Sign(h.secrets.Token, catalog.TokenLink, webKey, now.Add(time.Hour)), 401},
		"another source's key":     {basicAuth(serverKey), 202},
	} {
		if a := h.post("/v1/batch", body, c.auth); a.status != c.want {
			t.Errorf("with %s: answer %d %s, want %d", name, a.status, a.body, c.want)
		}
	}
	if _, err := newOAuth(map[string]string{webKey: "-----BEGIN PUBLIC KEY-----\nx"}, nil); err == nil {
		t.Error("a key that is none is taken")
	}
	if err := (Config{OAuthKeys: map[string]string{webKey: "/nowhere.pem"}}).Validate(); err == nil {
		t.Error("a file that is not there is taken")
	}
}
