package stream_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/stream"
)

func TestDecode(t *testing.T) {
	tests := []struct {
		name, value string
		want        offers.Event
		wrong       bool
	}{
		{"event", `{"id":"e","query":"shoes"}`, offers.Event{ID: "e", Query: "shoes"}, false},
		{"half a pair", `{"id":"\ud800","query":"\uD83D"}`, offers.Event{ID: "\uFFFD", Query: "\uFFFD"}, false},
		{"half a pair at the end", `{"id":"\ud800`, offers.Event{}, true},
		{"a pair", `{"id":"\ud83d\ude00"}`, offers.Event{ID: "😀"}, false},
		{"two halves", `{"id":"\ude00\ud83d"}`, offers.Event{ID: "\uFFFD\uFFFD"}, false},
		{"cut short", `{"id":"e`, offers.Event{}, true},
		{"another shape", `{"id":7}`, offers.Event{}, true},
		{"nothing", ``, offers.Event{}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got offers.Event
			err := (&stream.Record{Value: []byte(tt.value)}).Decode(&got)
			if (err != nil) != tt.wrong {
				t.Fatalf("error %v, want one: %v", err, tt.wrong)
			}
			if diff := cmp.Diff(tt.want, got); err == nil && diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzDecode looks for values that end the process.
func FuzzDecode(f *testing.F) {
	event, err := json.Marshal(offers.Event{ID: "e", Type: offers.ProductSearched, Shopper: "s", Time: time.Unix(1, 0), Query: "\u2028 <shoes>", Dwell: time.Second})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(event)
	for _, seed := range []string{`{"id":"\ud800"}`, `{"query":"\u00e9\n"}`, `{"id":`, `{"dwell":1e3}`, `null`, `{"consent":{"purpose":"face"}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(_ *testing.T, value []byte) {
		var e offers.Event
		if err := (&stream.Record{Value: value}).Decode(&e); err != nil {
			return
		}
	})
}
