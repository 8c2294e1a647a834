package console

import "testing"

func TestIDFrom(t *testing.T) {
	for name, want := range map[string]string{
		"20% off shoes":   "20-off-shoes",
		" Été à la plage": "ete-a-la-plage",
		"حملة الصيف":      "campaign-533678ac",
		"夏季促销":            "campaign-25bddf11",
		"!":               "campaign-240c8dec",
	} {
		if got := idFrom("campaign", name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
