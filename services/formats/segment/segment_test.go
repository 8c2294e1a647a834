package segment

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/formats"
)

// Whatever strangers send becomes whole events or is refused with a reason.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"type":"track","event":"Products Searched","userId":"u","properties":{"query":"x"},"timestamp":"2026-11-20T10:00:00Z","sentAt":"2026-11-20T10:00:01Z"}`,
		`{"batch":[{"type":"identify","userId":7,"traits":{"email":"a@b.c","phone":"+34600111222","sms_opt_in":true}},null,3,[],{"type":"page","context":{"page":{"search":"?q=a"}}}],"sentAt":1}`,
		`{"batch":[{"type":"alias","previousId":"p","userId":"u"},{"type":"group","anonymousId":"a","traits":[]}]}`,
		`{"type":"track","event":"\ud800","userId":"\ud83d\ude00","properties":{"\udfff":"\uD800\u"}}`, `{"userId":"\ud8`,
		`{"batch":{}}`, `[]`, `null`, `"`, `{"batch":[{"type":"track","event":"X","userId":"\ud800","properties":{"products":[[]],"price":[1]}}]}`,
		`{"type":"merge","userId":"u","mergeProperties":[{"type":"email","value":"a@b.c"},{"type":["phone"],"value":7},null]}`, `YTE=`, `{"batch":[{"type":"track","event":"X"}],"context":{"locale":"es"}}`,
		`writeKey=k&event=Opened&userId=7&properties.a=b`,
	} {
		f.Add([]byte(s))
	}
	received := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, path := range []string{"/v1/batch", "/v1/track", "/v1/i", "/v1/page", "/v1/alias", "/pixel/v1/track", "/api/s/event", "/api/s/Cart%20Viewed", "/v1/merge", "/v1/webhook"} {
			r := &formats.Request{Path: path, Body: body, Header: map[string]string{"sentat": "2026-11-20T10:00:00Z", "anonymousid": string(body[:min(len(body), 20)])}}
			if path == "/pixel/v1/track" {
				r.Query = string(body)
			}
			in, bad := Decode(r)
			if bad != nil {
				if bad.Reason == "" || bad.Detail == "" {
					t.Fatalf("refused without a reason: %+v", bad)
				}
				continue
			}
			o := formats.Origin{Source: "segment/fuzz", Region: "ES", Received: received, SentAt: in.SentAt}
			for i := range in.Messages {
				g, bad := o.Read(&in.Messages[i])
				if bad != nil {
					continue
				}
				value, err := formats.Marshal(&g.Event)
				if err != nil {
					t.Fatalf("an event that cannot be written: %v", err)
				}
				if !json.Valid(value) {
					t.Fatalf("not JSON: %s", value)
				}
				if e := &g.Event; e.ID == "" || e.Type == "" || e.Time.IsZero() || e.Time.After(received) || len(g.IDs) == 0 {
					t.Fatalf("half an event: %s", value)
				}
			}
		}
	})
}

func TestDecode(t *testing.T) {
	const visitor = "YTE=" // a1
	for name, c := range map[string]struct {
		path, body string
		want       formats.Message // without Original
		key        string
		sentAt     formats.Text
	}{
		"by the path":            {"/v1/page", `{"type":"track","userId":"u"}`, formats.Message{Type: "page", UserID: "u"}, "", "T"},
		"by itself":              {"/api/s/event", `{"type":"identify","userId":"u","writeKey":"id:***"}`, formats.Message{Type: "identify", UserID: "u"}, "id", "T"},
		"an event's own name":    {"/api/s/Cart%20Viewed", `{"userId":"u"}`, formats.Message{Type: "track", Event: "Cart Viewed", UserID: "u"}, "", "T"},
		"the visitor's header":   {"/v1/track", `{"event":"X"}`, formats.Message{Type: "track", Event: "X", AnonymousID: "a1"}, "", "T"},
		"a batch's context":      {"/v1/batch", `{"batch":[{"type":"track","event":"X","userId":"u"}],"context":{"locale":"es"},"writeKey":"k","sentAt":"S"}`, formats.Message{Type: "track", Event: "X", UserID: "u", Context: formats.Raw(`{"locale":"es"}`)}, "k", "S"},
		"an old merge of names":  {"/v1/merge", `{"userId":"u","mergeProperties":[{"type":"Email","value":"a@b.c"},{"type":"hat","value":"7"}]}`, formats.Message{Type: "alias", UserID: "u", Identifiers: []offers.Identifier{{Type: offers.Email, Value: "a@b.c"}}}, "", "T"},
		"a webhook of somebody":  {"/v1/webhook", `{"type":"track","event":"X","userId":"u"}`, formats.Message{Type: "track", Event: "X", UserID: "u"}, "", "T"},
		"a webhook of something": {"/v1/webhook", `{"type":"parcel","userId":"u"}`, formats.Message{}, "", "T"},
		"a webhook of a list":    {"/v1/webhook", `[{"a":1}]`, formats.Message{}, "", "T"},
	} {
		d, bad := Decode(&formats.Request{Path: c.path, Body: []byte(c.body), Header: map[string]string{"sentat": "T", "anonymousid": visitor}})
		if bad != nil {
			t.Errorf("%s: %v", name, bad)
			continue
		}
		if d.Key != c.key || d.SentAt != c.sentAt {
			t.Errorf("%s: key %q, sent at %q; want %q, %q", name, d.Key, d.SentAt, c.key, c.sentAt)
		}
		if c.want.Type == "" {
			if len(d.Messages) != 0 || len(d.Bad) != 1 || d.Bad[0].Reason != offers.ReasonUnknown || string(d.Bad[0].Body) != c.body {
				t.Errorf("%s: %+v, want it unknown, whole", name, d)
			}
			continue
		}
		if len(d.Messages) != 1 || len(d.Bad) != 0 {
			t.Errorf("%s: %+v", name, d)
			continue
		}
		got := d.Messages[0]
		got.Original = nil
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
