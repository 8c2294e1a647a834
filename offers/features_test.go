package offers

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	gojson "github.com/goccy/go-json"
	"github.com/google/go-cmp/cmp"
)

func TestFeaturesAreRead(t *testing.T) {
	type record struct {
		Features Features `json:"features,omitempty"`
		Behind   int      `json:"behind"`
	}
	for name, tt := range map[string]struct {
		written string
		want    map[string]any // nil: refused
	}{
		"some":        {`{"features":{"last_zone":"entrance","searches":{"coffee":1,"footwear":2.5}},"behind":1}`, map[string]any{"last_zone": "entrance", "searches": map[string]any{"coffee": 1., "footwear": 2.5}}},
		"none":        {`{"behind":1}`, map[string]any{}},
		"null":        {`{"features":null,"behind":1}`, map[string]any{}},
		"no object":   {`{"features":[1],"behind":1}`, nil},
		"not closed":  {`{"features":{"a":1,"behind":1}`, nil},
		"no JSON":     {`{"features":{a},"behind":1}`, nil},
		"two commas":  {`{"features":{"a":1,,},"behind":1}`, nil},
		"half a word": {`{"features":{"a":"\q"},"behind":1}`, nil},
	} {
		for library, unmarshal := range map[string]func([]byte, any) error{"standard": json.Unmarshal, "go-json": func(b []byte, v any) error { return gojson.Unmarshal(b, v) }} {
			t.Run(name+", "+library, func(t *testing.T) {
				var r record
				err := unmarshal([]byte(tt.written), &r)
				if tt.want == nil {
					if err == nil {
						t.Errorf("taken for %s", r.Features)
					}
					return
				}
				if err != nil || r.Behind != 1 {
					t.Fatalf("%+v, %v", r, err)
				}
				got, err := r.Features.Values()
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if name == "null" {
					return
				}
				for _, marshal := range []func(any) ([]byte, error){json.Marshal, func(v any) ([]byte, error) { return gojson.Marshal(v) }} {
					if again, err := marshal(&r); err != nil || string(again) != tt.written {
						t.Errorf("written as %s, %v", again, err)
					}
				}
			})
		}
	}
	if _, err := Features(`{"a":1e999}`).Values(); !errors.Is(err, ErrInvalid) {
		t.Errorf("a number beyond all numbers: %v", err)
	}
}

// What is written by hand is what the standard library reads.
func FuzzAppendJSON(f *testing.F) {
	for _, text := range []string{"", "plain", `"quoted" \ back`, "línea\nnueva", "<b>&</b>", "\x7f\u2028\xff", strings.Repeat("long ", 50)} {
		f.Add(text, 1.5)
	}
	for _, number := range []float64{0, -1, 1e21, 1e-12, .1, math.MaxFloat64, math.NaN(), math.Inf(1), math.Inf(-1)} {
		f.Add("a", number)
	}
	f.Fuzz(func(t *testing.T, text string, number float64) {
		var gotText string
		if err := json.Unmarshal(AppendText(nil, text), &gotText); err != nil || gotText != strings.ToValidUTF8(text, "\ufffd") && gotText != string([]rune(text)) {
			t.Errorf("%q is written as %s: %v", text, AppendText(nil, text), err)
		}
		var got float64
		if math.IsNaN(number) || math.IsInf(number, 0) {
			number = 0
		}
		if err := json.Unmarshal(AppendNumber(nil, number), &got); err != nil || got != number {
			t.Errorf("%v is written as %s: %v", number, AppendNumber(nil, number), err)
		}
	})
}
