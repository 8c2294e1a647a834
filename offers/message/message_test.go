package notifier

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

func TestRender(t *testing.T) {
	values := map[string]string{"name": "Ana", "title": "20% off", "code": "ABCD1234", "shop": "", "until": "18:00"}
	tests := []struct{ name, template, want, missing string }{
		{"plain", "Hi", "Hi", ""},
		{"all in", "Hi {{name}}, {{ title }}: {{code}} until {{until}}", "Hi Ana, 20% off: ABCD1234 until 18:00", ""},
		{"no value", "Hi {{name}}, at {{shop}}", "", "{{shop}}"},
		{"no such variable", "Hi {{first_name}} and {{Name}}", "", "{{first_name}}, {{Name}}"},
		{"empty variable", "Hi {{}}", "", "{{}}"},
		{"single braces stay", "{name} {{code}}", "{name} ABCD1234", ""},
		{"empty", "  ", "", "empty"},
		{"too long", strings.Repeat("x", 1601), "", "1600"},
		{"a value is no template", "{{name}}", "Ana", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := render(test.template, values)
			if got != test.want || (err != nil) != (test.missing != "") || err != nil && !strings.Contains(err.Error(), test.missing) {
				t.Errorf("render = %q, %v; want %q, %q", got, err, test.want, test.missing)
			}
		})
	}
	if got, _ := render("{{name}}", map[string]string{"name": "{{code}}", "code": "X"}); got != "{{code}}" {
		t.Errorf("a name that looks like a variable became %q", got)
	}
}

func TestUntil(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 9, 22, 30, 0, 0, time.UTC) // 23:30 there
	for expires, want := range map[time.Time]string{
		now.Add(20 * time.Minute): "23:50",
		now.Add(time.Hour):        "10 Mar 00:30",
	} {
		if got := until(expires, now, zone); got != want {
			t.Errorf("until %v is %q; want %q", expires, got, want)
		}
	}
}

func TestSegments(t *testing.T) {
	tests := []struct {
		name, text, encoding string
		want                 int
	}{
		{"empty", "", "GSM-7", 1},
		{"full", strings.Repeat("a", 160), "GSM-7", 1},
		{"one more", strings.Repeat("a", 161), "GSM-7", 2},
		{"two full", strings.Repeat("a", 306), "GSM-7", 2},
		{"extension is not split", strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), "GSM-7", 3},
		{"euro counts two", strings.Repeat("€", 81), "GSM-7", 2},
		{"accents that GSM-7 lacks", strings.Repeat("á", 71), "UCS-2", 2},
		{"pairs are not split", strings.Repeat("🧦", 36), "UCS-2", 2},
		{"pairs waste a place", strings.Repeat("🧦", 67), "UCS-2", 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got, encoding := Segments(test.text); got != test.want || encoding != test.encoding {
				t.Errorf("%d, %s; want %d, %s", got, encoding, test.want, test.encoding)
			}
		})
	}
}

// The expected values are from Twilio's own calculator.
func TestSegmentsAsTwilioCounts(t *testing.T) {
	raw, err := os.ReadFile("../../../shared/data/clients/sms-segmentation-oracle.json")
	if err != nil {
		t.Skipf("no recordings here: %v", err)
	}
	var oracle struct {
		Cases []struct {
			Text, Encoding string
			Smart          bool `json:"smart_encoding"`
			Segments       int
		}
	}
	if err := json.Unmarshal(raw, &oracle); err != nil {
		t.Fatal(err)
	}
	for _, c := range oracle.Cases {
		if c.Smart {
			continue // Twilio replaces characters there; we do not ask it to
		}
		if got, encoding := Segments(c.Text); got != c.Segments || encoding != c.Encoding {
			t.Errorf("%.20q of %d bytes: %d, %s; want %d, %s", c.Text, len(c.Text), got, encoding, c.Segments, c.Encoding)
		}
	}
}
