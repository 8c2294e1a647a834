package offers

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"id", "identifiers", "limit", "placement", "web/home-banner", "shop"}
	for word, want := range map[string]string{
		"limt":            "limit",
		"Limit":           "limit",
		"plcaement":       "placement",
		"placements":      "placement",
		"web/home-baner":  "web/home-banner",
		"web/home":        "web/home-banner",
		"ident":           "identifiers",
		"store":           "",
		"":                "",
		"quite some text": "",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
