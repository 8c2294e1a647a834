package collector

import (
	"context"
	"crypto/rsa"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/golang-jwt/jwt/v5"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/door"
)

// oauth are the sources whose servers prove who they are with an RSA key, as
// Segment's clients with OAuth do: they show a JSON web token of their own
// (RFC 7523) and get one of the house's, for an hour. Their write key by itself
// opens nothing then.
type oauth struct {
	keys   map[string]*rsa.PublicKey // by write key
	secret []byte
}

const (
	tokenFor     = time.Hour
	assertionFor = 10 * time.Minute // at most, which an assertion may be good for
	assertedBy   = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
)

// newOAuth reads the public keys, each in PEM or the name of a file of it.
func newOAuth(keys map[string]string, secret []byte) (oauth, error) {
	o := oauth{keys: make(map[string]*rsa.PublicKey, len(keys)), secret: secret}
	for writeKey, text := range keys {
		pem := []byte(text)
		if !strings.Contains(text, "-----BEGIN") {
			var err error
			if pem, err = os.ReadFile(text); err != nil {
				return oauth{}, fmt.Errorf("collector.oauth_keys: %w: %w", offers.ErrInvalid, err)
			}
		}
		public, err := jwt.ParseRSAPublicKeyFromPEM(pem)
		if err != nil {
			return oauth{}, fmt.Errorf("collector.oauth_keys: %w: want an RSA public key in PEM: %w", offers.ErrInvalid, err)
		}
		o.keys[writeKey] = public
	}
	return o, nil
}

// asserted is the write key of the source whose private key signed the
// assertion; empty if none did. It says nothing of a write key itself.
func (o *oauth) asserted(assertion string) string {
	for writeKey, public := range o.keys {
		var claims jwt.RegisteredClaims
		_, err := jwt.ParseWithClaims(assertion, &claims, func(*jwt.Token) (any, error) { return public, nil },
			jwt.WithValidMethods([]string{"RS256"}), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(30*time.Second))
		// The audience is not looked at: the address that clients call is not the
		// one that comes through a proxy, and the key pair is for this house only.
		if err == nil && time.Until(claims.ExpiresAt.Time) <= assertionFor {
			return writeKey
		}
	}
	return ""
}

// token is the door where servers get one.
func (k *Collector) token(_ context.Context, c *fiber.Ctx, body []byte) error {
	refused := func(code, detail string) error {
		c.Set(fiber.HeaderCacheControl, "no-store")
		return c.Status(fiber.StatusBadRequest).JSON(fiber.Map{"error": code, "error_description": detail})
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return refused("invalid_request", "The body is not a form.")
	}
	if form.Get("grant_type") != "client_credentials" {
		return refused("unsupported_grant_type", "Want grant_type=client_credentials.")
	}
	if form.Get("client_assertion_type") != assertedBy {
		return refused("invalid_request", "Want client_assertion_type="+assertedBy+".")
	}
	writeKey := k.oauth.asserted(form.Get("client_assertion"))
	if writeKey == "" {
		return refused("invalid_client", "No source has the public key for this assertion: collector.oauth_keys lists them. It is to be of RS256, and good for ten minutes at most.")
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.JSON(fiber.Map{
		"access_token": catalog.Sign(k.oauth.secret, door.TokenPurpose, writeKey, time.Now().Add(tokenFor)),
		"token_type":   "Bearer", "expires_in": int(tokenFor / time.Second), "scope": "tracking_api:write",
	})
}
