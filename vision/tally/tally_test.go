package tally_test

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/vision/tally"
)

var began = time.Date(2026, 11, 21, 9, 0, 0, 123e6, time.UTC)

func signer(t testing.TB, seed byte) *tally.Signer {
	t.Helper()
	s, err := tally.NewSigner(slices.Repeat([]byte{seed}, ed25519.SeedSize), began)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func minute(n int) time.Time { return began.Truncate(time.Minute).Add(time.Duration(n) * time.Minute) }

func TestLinesFollowEachOther(t *testing.T) {
	s := signer(t, 1)
	counts := tally.Counts{Seen: 412, Poor: 120, Matched: 2, Unknown: 9, Discarded: 64}
	one := s.Sign("cam-door", minute(0), minute(1), counts)
	elsewhere := s.Sign("cam-till", minute(0), minute(1), tally.Counts{})
	two := s.Sign("cam-door", minute(1), minute(2), tally.Counts{Seen: 1})
	three := s.Sign("cam-door", minute(2), minute(3), tally.Counts{})

	first, err := tally.Verify(s.Public(), one)
	if err != nil {
		t.Fatal(err)
	}
	want := tally.Line{Camera: "cam-door", From: minute(0), Until: minute(1), Counts: counts, Run: began, Number: 1, Key: tally.Fingerprint(s.Public())}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("the first line (-want +got):\n%s", diff)
	}
	if want := "aisle-camera/1 camera=cam-door from=2026-11-21T09:00:00Z until=2026-11-21T09:01:00Z seen=412 too_poor=120 matched=2 unknown=9 discarded=64 run=1795251600123 line=1 after=- key=" + first.Key; one.Line != want {
		t.Errorf("got  %s\nwant %s", one.Line, want)
	}
	line := func(s tally.Signed) tally.Line {
		l, err := tally.Parse(s.Line)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for name, test := range map[string]struct {
		before, next tally.Signed
		want         bool
	}{
		"the next":         {one, two, true},
		"the one after it": {one, three, false},
		"itself":           {one, one, false},
		"backwards":        {two, one, false},
		"another camera's": {elsewhere, two, false},
		"another process's": {func() tally.Signed {
			return signer(t, 2).Sign("cam-door", minute(0), minute(1), counts)
		}(), two, false},
	} {
		if got := test.before.Follows(line(test.next)); got != test.want {
			t.Errorf("%s follows: %v, want %v", name, got, test.want)
		}
	}
}

func TestForgedLinesAreRefused(t *testing.T) {
	s := signer(t, 1)
	good := s.Sign("cam-door", minute(0), minute(1), tally.Counts{Seen: 5, Unknown: 1})
	with := func(old, replacement string) tally.Signed {
		return tally.Signed{Line: strings.Replace(good.Line, old, replacement, 1), Signature: good.Signature}
	}
	for name, test := range map[string]struct {
		key    ed25519.PublicKey
		signed tally.Signed
		want   error
	}{
		"another count":   {s.Public(), with("unknown=1", "unknown=0"), offers.ErrDenied},
		"another key":     {signer(t, 2).Public(), good, offers.ErrDenied},
		"no signature":    {s.Public(), tally.Signed{Line: good.Line}, offers.ErrDenied},
		"no key":          {nil, good, offers.ErrDenied},
		"a space more":    {s.Public(), with("seen=5", "seen= 5"), offers.ErrInvalid},
		"a zero more":     {s.Public(), with("seen=5", "seen=05"), offers.ErrInvalid},
		"less than none":  {s.Public(), with("seen=5", "seen=-5"), offers.ErrInvalid},
		"no time":         {s.Public(), with("from=2026", "from=26"), offers.ErrInvalid},
		"backwards":       {s.Public(), with("until=2026", "until=2025"), offers.ErrInvalid},
		"something after": {s.Public(), tally.Signed{Line: good.Line + " x=1", Signature: good.Signature}, offers.ErrInvalid},
		"nothing":         {s.Public(), tally.Signed{}, offers.ErrInvalid},
		"too long":        {s.Public(), with("cam-door", strings.Repeat("c", 2000)), offers.ErrInvalid},
	} {
		if _, err := tally.Verify(test.key, test.signed); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	if _, err := tally.NewSigner([]byte("short"), began); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("a short key: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(signer(f, 1).Sign("cam-door", minute(0), minute(1), tally.Counts{Seen: 3}).Line)
	f.Add("aisle-camera/1 camera= from=")
	f.Fuzz(func(t *testing.T, line string) {
		l, err := tally.Parse(line)
		if err == nil && l.String() != line {
			t.Errorf("read %q as %q", line, l)
		}
		if err != nil && !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("error %v is not invalid", err)
		}
	})
}
