package push

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/url"
	"sync"
	"time"

	"github.com/goccy/go-json"

	"aisle/offers"
)

// Tokens hold for half of the day that RFC 8292 allows, and are signed anew
// well before: the clocks of push services are not ours.
const (
	tokenTime  = 12 * time.Hour
	tokenFresh = 10 * time.Hour
	mostTokens = 256 // push services at a time; there are a handful
)

// voucher says to push services who we are (VAPID, RFC 8292). Safe for
// concurrent use.
type voucher struct {
	key     *ecdsa.PrivateKey
	public  string
	subject string

	mu     sync.Mutex // guards tokens
	tokens map[string]token
}

// token is what one push service is told, by its origin.
type token struct {
	header string
	signed time.Time
}

func newVoucher(key *ecdh.PrivateKey, subject string) (*voucher, error) {
	signer, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), key.Bytes())
	if err != nil {
		return nil, fmt.Errorf("push: key: %w: %w", offers.ErrInvalid, err)
	}
	return &voucher{key: signer, public: encode(key.PublicKey().Bytes()), subject: subject, tokens: map[string]token{}}, nil
}

// header is what Authorization says to the service of an endpoint.
func (v *voucher) header(endpoint *url.URL, now time.Time) (string, error) {
	origin := endpoint.Scheme + "://" + endpoint.Host
	v.mu.Lock()
	defer v.mu.Unlock()
	if t, ok := v.tokens[origin]; ok && now.Sub(t.signed) < tokenFresh {
		return t.header, nil
	}
	claims, err := json.Marshal(map[string]any{"aud": origin, "exp": now.Add(tokenTime).Unix(), "sub": v.subject})
	if err != nil {
		return "", fmt.Errorf("push: token: %w: %w", offers.ErrInvalid, err)
	}
	signed := encode([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + encode(claims)
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, v.key, sum[:])
	if err != nil {
		return "", fmt.Errorf("push: token: %w: %w", offers.ErrInvalid, err)
	}
	header := "vapid t=" + signed + "." + encode(joined(r, s)) + ", k=" + v.public
	if len(v.tokens) >= mostTokens {
		clear(v.tokens)
	}
	v.tokens[origin] = token{header, now}
	return header, nil
}

// joined is a signature as JWS has it: both numbers, 32 bytes each.
func joined(r, s *big.Int) []byte {
	both := make([]byte, 64)
	r.FillBytes(both[:32])
	s.FillBytes(both[32:])
	return both
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
