package segment

import (
	"encoding/json"
	"testing"
	"time"

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
		`writeKey=k&event=Opened&userId=7&properties.a=b`,
	} {
		f.Add([]byte(s))
	}
	received := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, path := range []string{"/v1/batch", "/v1/track", "/v1/i", "/v1/page", "/v1/alias", "/pixel/v1/track", "/api/s/event"} {
			r := &formats.Request{Path: path, Body: body}
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
