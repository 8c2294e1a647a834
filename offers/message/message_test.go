package message

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"aisle/offers"
)

func TestRender(t *testing.T) {
	zone := time.FixedZone("there", 3600)
	now := time.Date(2026, 3, 9, 23, 30, 0, 0, zone)
	values := Values{
		Name: "Ana", Title: "20% off", Code: "ABCD1234", Value: offers.Money{Minor: 1250, Currency: "EUR"}, Discount: .125,
		Until: now.Add(20 * time.Minute), Now: now.UTC(),
	}
	tests := []struct{ name, template, lang, want, missing string }{
		{"plain", "Hi", "", "Hi", ""},
		{"all in", "Hi {{name}}, {{ title }}: {{code}} until {{until}}", "", "Hi Ana, 20% off: ABCD1234 until 23:50", ""},
		{"no value", "Hi {{name}}, at {{shop}}", "", "", "{{shop}}"},
		{"no such variable", "Hi {{first_name}} and {{Name}}", "", "", "{{first_name}}, {{Name}}"},
		{"empty variable", "Hi {{}}", "", "", "{{}}"},
		{"single braces stay", "{name} {{code}}", "", "{name} ABCD1234", ""},
		{"empty", "  ", "", "", "empty"},
		{"a value is no template", "{{name}}", "", "Ana", ""},
		{"numbers in English", "{{value}}, {{discount}}", "en-GB", "€12.50, 12.5%", ""},
		{"numbers in German", "{{value}}, {{discount}}", "de-AT", "12,50 €, 12,5%", ""},
		{"numbers in Dutch", "{{value}}, {{discount}}", "nl", "€ 12,50, 12,5%", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Render(test.template, &values, test.lang)
			if got != test.want || (err != nil) != (test.missing != "") || err != nil && (!strings.Contains(err.Error(), test.missing) || !errors.Is(err, offers.ErrInvalid)) {
				t.Errorf("render = %q, %v; want %q, %q", got, err, test.want, test.missing)
			}
		})
	}
	if got, _ := Render("{{name}}", &Values{Name: "{{code}}", Code: "X"}, ""); got != "{{code}}" {
		t.Errorf("a name that looks like a variable became %q", got)
	}
	for _, v := range Variables {
		all := Values{Name: "n", Title: "t", Code: "c", Shop: "s", Zone: "z", Link: "l", Value: values.Value, Discount: .2, Until: now, Now: now}
		if text, err := Render("{{"+v.Name+"}}", &all, ""); err != nil || text == "" {
			t.Errorf("{{%s}} is %q, %v", v.Name, text, err)
		}
	}
}

func TestUntil(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 9, 22, 30, 0, 0, time.UTC) // 23:30 there
	for lang, want := range map[string]string{"": "10 Mar 00:30", "en-US": "10 Mar 00:30", "de": "10.3. 00:30", "es": "10/3 00:30", "nl": "10-3 00:30"} {
		if got := until(now.Add(time.Hour).In(zone), now, lang); got != want {
			t.Errorf("in %q until is %q; want %q", lang, got, want)
		}
	}
}

func TestPick(t *testing.T) {
	others := map[string]string{"de": "Hallo", "de-AT": "Servus", "pt-BR": "Oi", "fr": "", "no such tag": "?"}
	for locale, want := range map[string][2]string{
		"": {"Hi", ""}, "de-CH": {"Hallo", "de"}, "de_AT": {"Servus", "de-AT"}, "de": {"Hallo", "de"},
		"pt": {"Oi", "pt-BR"}, "fr": {"Hi", ""}, "en": {"Hi", ""}, "!": {"Hi", ""},
	} {
		if text, lang := Pick("Hi", others, locale); text != want[0] || lang != want[1] {
			t.Errorf("for %q it is %q in %q; want %q", locale, text, lang, want)
		}
	}
}

func TestUnknown(t *testing.T) {
	if got := Unknown("{{name}} {{nick}} {{ nick }} {{}}"); !slices.Equal(got, []string{"nick", ""}) {
		t.Errorf("unknown are %q", got)
	}
}

func FuzzRender(f *testing.F) {
	f.Add("Hi {{name}}", "de")
	f.Add("{{{{name}}}}\xff", "x-")
	f.Fuzz(func(t *testing.T, template, lang string) {
		v := Values{Name: "Ana", Title: "T", Code: "C", Shop: "S", Zone: "Z", Link: "L", Value: offers.Money{Minor: 5, Currency: "EUR"}, Discount: .5}
		text, err := Render(template, &v, lang)
		if err == nil && strings.TrimSpace(text) == "" {
			t.Errorf("%q is empty", template)
		}
		Segments(text)
		Pick(template, map[string]string{lang: template}, lang)
	})
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
