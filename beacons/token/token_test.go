package token

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"aisle/offers"
)

var start = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

func house(tag string, secret byte) Key {
	return Key{Tag: tag, Scheme: House, Secret: bytes.Repeat([]byte{secret}, 32), Period: 30 * time.Second}
}

func eddystone(tag string) Key {
	return Key{Tag: tag, Scheme: Eddystone, Secret: []byte("0123456789abcdef"), Period: 16 * time.Second, Since: start.Add(-20 * time.Hour)}
}

func TestWhose(t *testing.T) {
	for _, k := range []Key{house("ana", 1), eddystone("ana")} {
		t.Run(string(k.Scheme), func(t *testing.T) {
			tests := []struct {
				name string
				said time.Duration // when the tag said it, against now
				tag  string
				want Verdict
			}{
				{"now", 0, "ana", Good},
				{"a slow clock", -k.Period, "ana", Good},
				{"a fast clock", k.Period, "ana", Good},
				{"a recording", -3 * k.Period, "ana", Stale},
				{"a recording of yesterday", -20 * time.Hour, "", Unknown},
				{"from the future", 5 * k.Period, "", Unknown},
			}
			for _, tt := range tests {
				t.Run(tt.name, func(t *testing.T) {
					r, err := NewRing([]Key{house("bob", 2), k})
					if err != nil {
						t.Fatal(err)
					}
					name, err := Name(k, start.Add(tt.said))
					if err != nil {
						t.Fatal(err)
					}
					if tag, v := r.Whose("eid:"+name, start); tag != tt.tag || v != tt.want {
						t.Errorf("%q, %q; want %q, %q", tag, v, tt.tag, tt.want)
					}
				})
			}
		})
	}
}

// Through a day, also where the house was asleep in between.
func TestTimePasses(t *testing.T) {
	k := house("ana", 1)
	r, err := NewRing([]Key{k, eddystone("bea")})
	if err != nil {
		t.Fatal(err)
	}
	at := start
	for i := range 600 {
		at = at.Add(time.Duration(1+i%40) * time.Second)
		if i%100 == 99 {
			at = at.Add(time.Hour)
		}
		for _, k := range []Key{k, eddystone("bea")} {
			name, _ := Name(k, at)
			if tag, v := r.Whose(name, at); tag != k.Tag || v != Good {
				t.Fatalf("after %v: %q, %q", at.Sub(start), tag, v)
			}
		}
	}
	if n := len(r.names); n > 2*(staleOver+2*slack+2) {
		t.Errorf("%d names are remembered of two tags", n)
	}
}

// What was said before cannot be said again after a later one was heard, though
// its window is not quite over.
func TestReused(t *testing.T) {
	k := house("ana", 1)
	r, _ := NewRing([]Key{k})
	at := start
	early, _ := Name(k, at.Add(-k.Period))
	late, _ := Name(k, at.Add(k.Period))
	for _, step := range []struct {
		name string
		want Verdict
	}{{early, Good}, {late, Good}, {early, Reused}} {
		if _, v := r.Whose(step.name, at); v != step.want {
			t.Errorf("%s: %q, want %q", step.name, v, step.want)
		}
	}
}

// The name was worked out step by step with OpenSSL, by the specification.
func TestEddystoneName(t *testing.T) {
	k := Key{Tag: "x", Scheme: Eddystone, Secret: make([]byte, 16), Period: 1024 * time.Second, Since: time.Unix(0, 0)}
	for _, second := range []int64{99_328, 100_000, 100_351} { // one window
		if got, err := Name(k, time.Unix(second, 0)); got != "1817d5ec845f2762" || err != nil {
			t.Errorf("at %d: %s, %v", second, got, err)
		}
	}
	if got, _ := Name(k, time.Unix(100_352, 0)); got == "1817d5ec845f2762" {
		t.Error("the next window has the same name")
	}
}

func TestKeys(t *testing.T) {
	long := make([]byte, 32)
	for name, k := range map[string]Key{
		"nobody's":           {Scheme: House, Secret: long, Period: time.Minute},
		"no scheme":          {Tag: "a", Secret: long, Period: time.Minute},
		"a short secret":     {Tag: "a", Scheme: House, Secret: long[:8], Period: time.Minute},
		"every second":       {Tag: "a", Scheme: House, Secret: long, Period: time.Second},
		"not a power of two": {Tag: "a", Scheme: Eddystone, Secret: long[:16], Period: time.Minute},
		"a long secret":      {Tag: "a", Scheme: Eddystone, Secret: long, Period: 16 * time.Second},
	} {
		if _, err := NewRing([]Key{k}); !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkWhose(b *testing.B) {
	var keys []Key
	for i := range 2000 {
		keys = append(keys, house(fmt.Sprint(i), byte(i)))
	}
	r, err := NewRing(keys)
	if err != nil {
		b.Fatal(err)
	}
	name, _ := Name(keys[7], start)
	for b.Loop() {
		r.Whose(name, start)
	}
}
