package families

import (
	"testing"

	"aisle/offers"
	"aisle/services/formats"
)

func TestOf(t *testing.T) {
	tests := map[string]struct {
		source, path, contentType, want string
	}{
		"by its source":         {"snowplow/web", "/v1/track", "", Snowplow},
		"of Jitsu's clients":    {"jitsu/shop", "/api/s/track", "", Jitsu},
		"a stranger's track":    {"strangers", "/v1/track", "", Segment},
		"a stranger's tp2":      {"strangers", "/com.snowplowanalytics.snowplow/tp2", "application/json", Snowplow},
		"a stranger's pixel":    {"strangers", "/i", "", Snowplow},
		"a custom path":         {"strangers", "/com.acme/track", "", Snowplow},
		"a stranger's event":    {"strangers", "/hook", "application/cloudevents+json", CloudEvent},
		"posted to events":      {"strangers", "/v1/events", "application/json", CloudEvent},
		"a stranger's of Jitsu": {"strangers", "/api/s/page", "", Jitsu},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := &formats.Request{Path: test.path, Header: map[string]string{"content-type": test.contentType}}
			if got := Of(test.source, r); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestDecodeAgain(t *testing.T) {
	track := offers.Quarantined{Source: "segment/website", Headers: map[string]string{"path": "/v1/batch", "item": "true", "Content-Type": "application/json"},
		Body: []byte(`{"type":"track","event":"Product Viewed","anonymousId":"a"}`)}
	r := Again(&track)
	if !r.Item || r.Path != "/v1/batch" || r.Header["content-type"] != "application/json" || len(r.Header) != 1 {
		t.Errorf("again %+v", r)
	}
	d, bad := Decode(Of(track.Source, r), r)
	if bad != nil || len(d.Messages) != 1 || d.Messages[0].Event != "Product Viewed" {
		t.Errorf("got %+v, %v", d, bad)
	}
	if _, bad := Decode("edge", r); bad == nil || bad.Reason != offers.ReasonUnknown {
		t.Errorf("got %v of no family", bad)
	}
}
