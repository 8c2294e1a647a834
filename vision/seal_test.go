package vision_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/vision"
)

func key(t *testing.T, secret string) []byte {
	t.Helper()
	k, err := vision.SealKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var secret = strings.Repeat("the shop's own secret ", 2)

func TestSealedFacesOpen(t *testing.T) {
	k := key(t, secret)
	for name, v := range map[string]vision.Vector{
		"patterns":  enrolled()["s3"][0],
		"fractions": {.25, -1, 3e-9, 400},
	} {
		t.Run(name, func(t *testing.T) {
			sealed, err := vision.Seal(k, "s3", "lbp-1", v)
			if err != nil {
				t.Fatal(err)
			}
			got, err := vision.Open(k, "s3", "lbp-1", sealed)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(v, got); diff != "" {
				t.Errorf("vector (-want +got):\n%s", diff)
			}
			again, err := vision.Seal(k, "s3", "lbp-1", v)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Equal(sealed, again) {
				t.Error("the same face is sealed the same twice: the nonce is not random")
			}
		})
	}
	sealed, _ := vision.Seal(k, "s3", "lbp-1", enrolled()["s3"][0])
	if want := 5*5*5*59 + 1 + 1 + 12 + 16; len(sealed) != want {
		t.Errorf("a sealed face of patterns has %d bytes, want %d", len(sealed), want)
	}
}

func TestSealedFacesOpenForNobodyElse(t *testing.T) {
	k := key(t, secret)
	sealed, err := vision.Seal(k, "s3", "lbp-1", vision.Vector{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	tests := map[string]struct {
		key     []byte
		shopper offers.ShopperID
		model   string
		sealed  []byte
		want    error
	}{
		"another key":     {key(t, secret+"!"), "s3", "lbp-1", sealed, offers.ErrDenied},
		"another shopper": {k, "s4", "lbp-1", sealed, offers.ErrDenied},
		"another model":   {k, "s3", "lbp-2", sealed, offers.ErrDenied},
		"changed":         {k, "s3", "lbp-1", changed, offers.ErrDenied},
		"cut off":         {k, "s3", "lbp-1", sealed[:20], offers.ErrDenied},
		"empty":           {k, "s3", "lbp-1", nil, offers.ErrDenied},
		"short key":       {k[:16], "s3", "lbp-1", sealed, offers.ErrInvalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v, err := vision.Open(test.key, test.shopper, test.model, test.sealed)
			if !errors.Is(err, test.want) || v != nil {
				t.Errorf("got %v, %v; want %v", v, err, test.want)
			}
		})
	}
	if _, err := vision.SealKey("short"); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("a short secret: %v, want invalid", err)
	}
}
