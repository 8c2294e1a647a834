package notifier

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/goccy/go-json"
	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/services/state"
)

// crockford is Douglas Crockford's base 32: no I, L, O and U, which are misread.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Code is what a shopper shows at the till for a decision: eight characters that
// nobody can guess without the secret. The rare two decisions with the same code
// are told apart by attempt, from 0.
func Code(secret []byte, decision offers.DecisionID, attempt int) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(decision))
	if attempt > 0 {
		mac.Write([]byte{'#', byte(attempt)})
	}
	bits := binary.BigEndian.Uint64(mac.Sum(nil)) // 40 of them
	code := make([]byte, 8)
	for i := range code {
		code[i] = crockford[bits>>(59-5*i)&31]
	}
	return string(code)
}

// codeEntry is what a code stands for, at CodeKey.
type codeEntry struct {
	state.Coupon
	Links []string `json:"links,omitempty"` // where short addresses lead
	Trace string   `json:"trace,omitempty"`
}

// CodeKey is where it lies what a code stands for.
func CodeKey(code string) string { return state.CouponKey(code) }

// codeStays is how long after its offer a code is known, so that the till can
// say why it does not hold any more.
const codeStays = 30 * 24 * time.Hour

// codeAttempts is how many codes of other decisions one may come across.
const codeAttempts = 4

// reserve finds the decision's code, and keeps what it stands for before
// anybody is told of it. Asked again it gives the same. Read is one more read
// that goes along in the first round trip.
func (n *Notifier) reserve(ctx context.Context, t *task, read func(redis.Pipeliner)) (string, error) {
	value, err := json.Marshal(codeEntry{state.Coupon{
		Decision: t.Decision, Shopper: t.Shopper, Campaign: t.Campaign, Offer: t.Offer.ID,
		Shop: t.Shop, Away: t.Offer.Away, Expires: t.Expires,
	}, n.linksOf(&t.Offer), t.Trace})
	if err != nil {
		return "", fmt.Errorf("code: %w: %w", offers.ErrInvalid, err)
	}
	stay := max(time.Until(t.Expires), 0) + codeStays
	for attempt := range codeAttempts {
		code := Code(n.secret, t.Decision, attempt)
		pipe := n.state.Client().Pipeline()
		before := pipe.SetArgs(ctx, CodeKey(code), value, redis.SetArgs{Mode: "NX", Get: true, TTL: stay})
		if attempt == 0 {
			read(pipe)
		}
		if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
			return "", fmt.Errorf("code: %w: %w", offers.ErrUnavailable, err)
		}
		was, err := before.Bytes()
		if errors.Is(err, redis.Nil) {
			return code, nil
		}
		if err != nil {
			return "", fmt.Errorf("code: %w: %w", offers.ErrUnavailable, err)
		}
		var taken codeEntry
		if json.Unmarshal(was, &taken) == nil && taken.Decision == t.Decision {
			return code, nil
		}
	}
	return "", fmt.Errorf("code of %s: %w: %d codes in a row are taken", t.Decision, offers.ErrUnavailable, codeAttempts)
}

// secretKey is where the secret lies that no one configured.
const secretKey = "{code}:secret"

// loadSecret reads the secret of the codes, or draws it at the first start.
func (n *Notifier) loadSecret(ctx context.Context) ([]byte, error) {
	if n.config.CodeSecret != "" {
		return []byte(n.config.CodeSecret), nil
	}
	drawn := make([]byte, 32)
	rand.Read(drawn)
	if err := n.state.Client().SetNX(ctx, secretKey, hex.EncodeToString(drawn), 0).Err(); err != nil {
		return nil, fmt.Errorf("secret of codes: %w: %w", offers.ErrUnavailable, err)
	}
	secret, err := n.state.Client().Get(ctx, secretKey).Bytes()
	if err != nil {
		return nil, fmt.Errorf("secret of codes: %w: %w", offers.ErrUnavailable, err)
	}
	return secret, nil
}
