package rule

import (
	"testing"

	"aisle/offers/feature"
)

func TestToTree(t *testing.T) {
	e, err := New(feature.Default())
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, rule string
		want       string // of the tree, written as a rule again; empty: it cannot be built
	}{
		{"a condition", `zone == "footwear"`, `zone == "footwear"`},
		{"a number by key, without a point", `searches["footwear"] >= 2`, `searches["footwear"] >= 2.0`},
		{"the sides exchanged", `9 <= hour && 18 > hour`, `hour >= 9.0 && hour < 18.0`},
		{"a group in a group", `tier in ["gold", "silver"] && !(hour < 9.0 || hour > 20.0)`, `tier in ["gold", "silver"] && !(hour < 9.0 || hour > 20.0)`},
		{"more than two", `hour > 1.0 && hour > 2.0 && hour > 3.0 && hour > 4.0 && hour > 5.0`, `hour > 1.0 && hour > 2.0 && hour > 3.0 && hour > 4.0 && hour > 5.0`},
		{"a name of two words", `event.type == "zone_dwelled" || event.dwell_seconds > 90.0`, `event.type == "zone_dwelled" || event.dwell_seconds > 90.0`},
		{"texts", `last_search.contains("shoes") && !last_search.endsWith("socks") && last_zone != ""`, `last_search.contains("shoes") && !last_search.endsWith("socks") && last_zone != ""`},
		{"yes or no, by its name", `in_shop && tier == "gold"`, `in_shop == true && tier == "gold"`},
		{"no", `!in_shop`, `in_shop != true`},
		{"not less", `!(hour < 9.0)`, `!(hour < 9.0)`},
		{"not not", `!!(hour < 9.0 || in_shop)`, `hour < 9.0 || in_shop == true`},
		{"what would get out of its quotes", `tier == "\" || true"`, `tier == "\" || true"`},
		{"less than nought", `hour > -1.0`, `hour > -1.0`},
		{"reckoning", `hour + 1.0 > 9.0`, ""},
		{"two fields", `zone == tier`, ""},
		{"a part that cannot be built", `hour > 9.0 && size(tier) > 2`, ""},
		{"always", `true`, ""},
		{"a choice", `in_shop ? hour > 9.0 : hour > 10.0`, ""},
		{"what is wrong", `zone ==`, ""},
		{"a list that is empty", `tier in []`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree, ok := e.ToTree(tt.rule)
			if !ok {
				if tt.want != "" {
					t.Errorf("%s cannot be built", tt.rule)
				}
				return
			}
			got, err := e.FromTree(tree)
			if err != nil || got != tt.want {
				t.Errorf("%s: built %s, which is %q, %v; want %q", tt.rule, tree, got, err, tt.want)
			}
		})
	}
}

// Whatever somebody writes, it is built as what answers the same, or not at all:
// built twice it is what it was.
func FuzzToTree(f *testing.F) {
	for _, seed := range []string{`zone == "a" && !(hour < 9 || in_shop)`, `searches["x"] in [1, 2.5]`, `!tier.startsWith("g")`, `"" != tier`, `1.5e300 < hour`} {
		f.Add(seed)
	}
	e, err := New(feature.Default())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, rule string) {
		tree, ok := e.ToTree(rule)
		if !ok {
			return
		}
		once, err := e.FromTree(tree)
		if err != nil {
			t.Fatalf("%q: %s: %v", rule, tree, err)
		}
		again, ok := e.ToTree(once)
		if !ok {
			t.Fatalf("%q: %q cannot be built", rule, once)
		}
		if twice, err := e.FromTree(again); err != nil || twice != once {
			t.Fatalf("%q: %q, then %q, %v", rule, once, twice, err)
		}
	})
}
