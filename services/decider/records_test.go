package decider

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/stream"
)

// Every field of a candidate, also one that is added, comes back.
func TestDecisionIsRead(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	texts := []string{"", "plain", `"quoted" \ back`, "línea\nnueva", "<b>&</b>", "\x7f\u2028", strings.Repeat("long ", 50)}
	number := func() float64 {
		return []float64{0, 1, -1, 15, .5, 123.456789, -.000001, 1e12, 1e-12, math.Round(random.Float64()*1e6) / 1e6}[random.IntN(10)]
	}
	w := new(recorder)
	for range 3000 {
		want := offers.Decision{
			ID: "1-2-0", Shopper: "s", Event: "e", Trigger: offers.ZoneDwelled, Time: noon, Received: noon.Add(time.Nanosecond), Offset: 2,
			Verdict: offers.Offered, Offer: &offers.Offer{ID: "o", Title: texts[random.IntN(len(texts))]}, Probability: random.Float64(), Model: "m",
			Features: offers.Features(`{"by":{"\"":0.1,"a":2},"last_zone":"entrance","n":1e+21}`),
		}
		for range random.IntN(3) {
			var c offers.Candidate
			v := reflect.ValueOf(&c).Elem()
			for i := range v.NumField() {
				switch f := v.Field(i); f.Kind() {
				case reflect.String:
					f.SetString(texts[random.IntN(len(texts))])
				case reflect.Float64:
					f.SetFloat(number())
				case reflect.Bool:
					f.SetBool(random.IntN(2) == 0)
				default:
					t.Fatalf("a candidate has a field of a kind that appendCandidate does not know: %s", v.Type().Field(i).Name)
				}
			}
			c.Probability = math.Round(random.Float64()*1e9) / 1e9
			want.Candidates = append(want.Candidates, c)
		}
		b, err := w.append(nil, &want)
		if err != nil {
			t.Fatal(err)
		}
		var got offers.Decision
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%v: %s", err, b)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-said +read)\n%s\n%s", diff, b)
		}
	}
}

// What is no number is nought: JSON has no word for it.
func TestNoNumberIsNought(t *testing.T) {
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if got := string(appendRounded(nil, f, 6)); got != "0" {
			t.Errorf("%v is written as %s", f, got)
		}
	}
}

func TestOutboxComesBack(t *testing.T) {
	var want []stream.Record
	for i := range 50 {
		want = append(want, stream.Record{Stream: stream.Decisions, Key: []byte("k"), Value: []byte(strings.Repeat("alike ", i)),
			Headers: []stream.Header{{Key: "ce_id", Value: []byte{byte(i)}}}})
	}
	packed := new(packing).append(nil, want)
	got, err := unpackOutbox(packed)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for n := 1; n < len(packed); n += 7 {
		if _, err := unpackOutbox(packed[:n]); err == nil {
			t.Fatalf("%d of %d bytes were taken for an outbox", n, len(packed))
		}
	}
	if got, err := unpackOutbox(new(packing).append(nil, nil)); err != nil || len(got) != 0 {
		t.Errorf("an empty one: %v, %v", got, err)
	}
}

func BenchmarkDecisionRecord(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	d := offers.Decision{ID: "1-2-0", Shopper: "s", Event: "e", Trigger: offers.ZoneDwelled, Time: noon, Received: noon, Verdict: offers.Offered, Offer: &offers.Offer{ID: "o", Title: "10% off", Body: "Today"},
		Features: offers.Features(`{"last_zone":"entrance","searches":{"coffee":1,"footwear":2},"visits":3}`)}
	for range 10 {
		d.Candidates = append(d.Candidates, offers.Candidate{Campaign: "campaign", Name: "Campaign", Offer: "offer", Title: "10% off", Propensity: random.Float64(), Uncertainty: random.Float64(),
			Weight: 1, Value: 15, Lever: 1, Reach: random.Float64(), DetourM: 10 * random.Float64(), Score: random.Float64(), Probability: random.Float64()})
	}
	w := new(recorder)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.record(&d, ""); err != nil {
			b.Fatal(err)
		}
	}
}
