package console_test

import (
	"testing"
	"time"

	"aisle/services/catalog"
)

func TestPreviewOfAMessage(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	type preview struct {
		Text, Encoding, Language, Problem string
		Length, Segments                  int
		Unfilled, Unknown                 []string
	}
	offer := map[string]any{
		"id": "o", "title": "20% off socks", "sms": "Hi {{name}}, {{title}}: {{code}}", "valid_ns": time.Hour,
		"sms_translations": map[string]string{"de": "Hallo {{name}}, {{title}}: {{code}} 🧦"},
	}
	tests := []struct {
		name string
		ask  map[string]any
		want preview
	}{
		{"somebody", map[string]any{"offer": offer}, preview{Text: "Hi Ana, 20% off socks: 7K3M9QXT", Encoding: "GSM-7", Length: 31, Segments: 1}},
		{"in German", map[string]any{"offer": offer, "language": "de-CH"}, preview{Text: "Hallo Ana, 20% off socks: 7K3M9QXT 🧦", Encoding: "UCS-2", Language: "de", Length: 37, Segments: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got preview
			marketer.call("POST", "/api/messages/preview", test.ask, 200, &got)
			if got.Text != test.want.Text || got.Encoding != test.want.Encoding || got.Language != test.want.Language || got.Length != test.want.Length || got.Segments != test.want.Segments || got.Problem != "" {
				t.Errorf("got %+v; want %+v", got, test.want)
			}
		})
	}
	t.Run("what is missing", func(t *testing.T) {
		var got preview
		offer["sms"] = "{{shop}} {{nick}}"
		marketer.call("POST", "/api/messages/preview", map[string]any{"offer": offer}, 200, &got)
		if got.Text != "" || got.Problem == "" || len(got.Unfilled) != 2 || len(got.Unknown) != 1 || got.Unknown[0] != "nick" {
			t.Errorf("got %+v", got)
		}
	})
	marketer.call("POST", "/api/messages/preview", map[string]any{"offer": offer, "shopper": "nobody"}, 404, nil)
}
