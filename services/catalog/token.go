package catalog

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"aisle/offers"
)

// Purposes of tokens. A token opens only what it was signed for.
const (
	TokenLink    = "link"    // a shopper's personal link and app
	TokenEnrol   = "enrol"   // enrolling one's face, within minutes
	TokenCheckIn = "checkin" // being in a shop, by the code that is shown there, within minutes
)

// SignToken makes a token that says, until a time, who somebody is for one
// purpose. It holds nothing secret, and nobody without the key can make one.
func SignToken(key []byte, purpose string, shopper offers.ShopperID, until time.Time) string {
	return Sign(key, purpose, string(shopper), until)
}

// OpenToken is the shopper of a token. The error is ErrDenied: it was signed
// by another key or for another purpose, or its time is over.
func OpenToken(key []byte, purpose, token string, now time.Time) (offers.ShopperID, error) {
	subject, err := Unsign(key, purpose, token, now)
	return offers.ShopperID(subject), err
}

// Sign makes a token for any subject.
func Sign(key []byte, purpose, subject string, until time.Time) string {
	body := subject + "." + strconv.FormatInt(until.Unix(), 10)
	return encode([]byte(body)) + "." + encode(mac(key, purpose, body))
}

// Unsign is the subject of a token. The error is ErrDenied.
func Unsign(key []byte, purpose, token string, now time.Time) (string, error) {
	first, second, _ := strings.Cut(token, ".")
	body, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		return "", fmt.Errorf("token: %w: it is damaged", offers.ErrDenied)
	}
	sum, err := base64.RawURLEncoding.DecodeString(second)
	if err != nil || !hmac.Equal(sum, mac(key, purpose, string(body))) {
		return "", fmt.Errorf("token: %w: it was not made here, or not for this", offers.ErrDenied)
	}
	dot := strings.LastIndexByte(string(body), '.')
	until, err := strconv.ParseInt(string(body[dot+1:]), 10, 64)
	if err != nil || dot < 0 {
		return "", fmt.Errorf("token: %w: it is damaged", offers.ErrDenied)
	}
	if !now.Before(time.Unix(until, 0)) {
		return "", fmt.Errorf("token: %w: its time is over", offers.ErrDenied)
	}
	return string(body[:dot]), nil
}

// mac keeps purposes apart by the length before each, so that no purpose and
// body can be read as another pair.
func mac(key []byte, purpose, body string) []byte {
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "aisle token 1\n%d:%s\n%s", len(purpose), purpose, body)
	return h.Sum(nil)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
