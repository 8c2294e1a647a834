// Package token finds out whose a tag is that changes its name all the time, so
// that nobody but the house can follow it, and nobody can copy it for long.
//
// Two kinds of names are known: Eddystone's ephemeral ids, which beacons on the
// market make, and the house's own, which its app makes with any keyed hash. Both
// are worked out from a secret that tag and house share, and from the time; the
// house works out the names of now, of a moment ago and of soon, and looks up
// what it hears. A name that was right some time ago is somebody's recording.
//
// Specifications: google/eddystone, eddystone-eid/eid-computation.md; and for
// the house's own RFC 6238 (a keyed hash of the number of the time window), with
// eight bytes of HMAC-SHA-256 in place of digits.
package token

import (
	"crypto/aes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"aisle/offers"
)

// Scheme is how names are made.
type Scheme string

// Schemes.
const (
	Eddystone Scheme = "eddystone-eid"
	House     Scheme = "house"
)

// Key is what is shared with one tag.
type Key struct {
	Tag    string // whose it is: what the house calls it
	Scheme Scheme
	Secret []byte        // Eddystone: 16 bytes; House: at least 16
	Period time.Duration // Eddystone: a power of two of seconds, up to 32768; House: at least 5 s
	Since  time.Time     // Eddystone: when the beacon's clock was 0
}

// Verdict says what a name is.
type Verdict string

// Verdicts.
const (
	Unknown Verdict = ""       // nobody's
	Good    Verdict = "good"   // of now, or of the next window on either side
	Stale   Verdict = "stale"  // it was right within the last hours: somebody recorded it
	Reused  Verdict = "reused" // a name of an earlier window, after a later one was heard
)

// Ring is the keys that the house has. One goroutine owns it.
type Ring struct {
	keys  []ring
	names map[string][]at // by name: whose, and of which window
	newer map[string]int64
	until time.Time
}

type ring struct {
	Key
	exponent byte // of Eddystone's period
	window   int64
	made     bool
}

type at struct {
	key    int
	window int64
}

const (
	most      = 20_000
	slack     = 1 // windows on either side
	staleOver = 8 // windows that are remembered after they ended
)

// NewRing holds keys. What is wrong with one of them is ErrInvalid.
func NewRing(keys []Key) (*Ring, error) {
	if len(keys) > most {
		return nil, fmt.Errorf("keys: %w: %d, at most %d", offers.ErrInvalid, len(keys), most)
	}
	r := &Ring{names: map[string][]at{}, newer: map[string]int64{}}
	for _, k := range keys {
		one, err := newKey(k)
		if err != nil {
			return nil, fmt.Errorf("key of %q: %w", k.Tag, err)
		}
		r.keys = append(r.keys, one)
	}
	return r, nil
}

func newKey(k Key) (ring, error) {
	one := ring{Key: k}
	one.Secret = slices.Clone(k.Secret)
	switch {
	case k.Tag == "":
		return one, fmt.Errorf("%w: want whose it is", offers.ErrInvalid)
	case k.Scheme == Eddystone:
		if len(k.Secret) != 16 {
			return one, fmt.Errorf("%w: %d bytes of secret, want 16", offers.ErrInvalid, len(k.Secret))
		}
		for one.exponent = 0; one.exponent <= 15; one.exponent++ {
			if k.Period == time.Duration(1<<one.exponent)*time.Second {
				return one, nil
			}
		}
		return one, fmt.Errorf("period %v: %w: want a power of two of seconds", k.Period, offers.ErrInvalid)
	case k.Scheme == House:
		if len(k.Secret) < 16 || k.Period < 5*time.Second || k.Period > 24*time.Hour {
			return one, fmt.Errorf("%w: want 16 bytes of secret or more, and a period of 5 s to a day", offers.ErrInvalid)
		}
		return one, nil
	}
	return one, fmt.Errorf("scheme %q: %w: want %s or %s", k.Scheme, offers.ErrInvalid, Eddystone, House)
}

// Name is what a tag calls itself at a time: 16 hexadecimal digits, as in the
// tag "eid:<name>".
func Name(k Key, now time.Time) (string, error) {
	one, err := newKey(k)
	if err != nil {
		return "", fmt.Errorf("key of %q: %w", k.Tag, err)
	}
	return one.name(one.number(now)), nil
}

// number is which window a time is in.
func (k *ring) number(now time.Time) int64 {
	return int64(now.Sub(k.epoch()) / k.Period)
}

func (k *ring) epoch() time.Time {
	if k.Scheme == Eddystone {
		return k.Since
	}
	return time.Unix(0, 0)
}

func (k *ring) name(window int64) string {
	if window < 0 {
		return ""
	}
	if k.Scheme == House {
		mac := hmac.New(sha256.New, k.Secret)
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], uint64(window))
		mac.Write(b[:])
		return hex.EncodeToString(mac.Sum(nil)[:8])
	}
	// The counter is the beacon's seconds with the lowest bits cut off.
	seconds := uint32(window << k.exponent)
	var temporary, block, id [16]byte
	block[11] = 0xff
	binary.BigEndian.PutUint16(block[14:], uint16(seconds>>16))
	seal(k.Secret, block[:], temporary[:])
	block = [16]byte{}
	block[11] = k.exponent
	binary.BigEndian.PutUint32(block[12:], seconds)
	seal(temporary[:], block[:], id[:])
	return hex.EncodeToString(id[:8])
}

// seal is one block of AES-128; the key has 16 bytes.
func seal(key, from, to []byte) {
	if c, err := aes.NewCipher(key); err == nil {
		c.Encrypt(to, from)
	}
}

// Whose finds whose a name is: "eid:0102030405060708", or the digits alone.
func (r *Ring) Whose(name string, now time.Time) (tag string, v Verdict) {
	name = strings.ToLower(strings.TrimPrefix(name, "eid:"))
	r.turn(now)
	for _, found := range r.names[name] {
		k := &r.keys[found.key]
		current := k.number(now)
		switch {
		case found.window < current-slack:
			v = Stale
		case found.window < r.newer[k.Tag]-slack:
			v = Reused
		default:
			r.newer[k.Tag] = max(r.newer[k.Tag], found.window)
			return k.Tag, Good
		}
		tag = k.Tag
	}
	return tag, v
}

// turn works out the names of windows that have begun, and forgets those that
// are long over.
func (r *Ring) turn(now time.Time) {
	if now.Before(r.until) && now.After(r.until.Add(-time.Minute)) {
		return
	}
	next := now.Add(time.Minute)
	for i := range r.keys {
		k := &r.keys[i]
		current := k.number(now)
		if ends := k.epoch().Add(time.Duration(current+1) * k.Period); ends.Before(next) {
			next = ends
		}
		if k.made && k.window == current {
			continue
		}
		var from int64
		if !k.made || current < k.window || current-k.window > staleOver {
			from = current - staleOver
		} else {
			from = k.window + slack + 1
			for w := k.window - staleOver; w < current-staleOver; w++ {
				r.drop(k.name(w), i)
			}
		}
		if k.made && (current < k.window || current-k.window > staleOver) {
			for w := k.window - staleOver; w <= k.window+slack; w++ {
				r.drop(k.name(w), i)
			}
		}
		for w := from; w <= current+slack; w++ {
			if name := k.name(w); name != "" {
				r.names[name] = append(r.names[name], at{i, w})
			}
		}
		k.window, k.made = current, true
	}
	r.until = next
}

func (r *Ring) drop(name string, key int) {
	left := slices.DeleteFunc(r.names[name], func(a at) bool { return a.key == key })
	if len(left) == 0 {
		delete(r.names, name)
		return
	}
	r.names[name] = left
}
