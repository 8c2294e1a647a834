package rule

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"aisle/offers"
	"aisle/offers/feature"
)

func env(t testing.TB) *Env {
	t.Helper()
	e, err := New(feature.Default())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// moment is Mia in the footwear aisle, having searched for shoes twice.
func moment() *Vars {
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	s := feature.Default()
	p := &offers.Profile{Consents: map[offers.Purpose]offers.Consent{offers.ConsentSearch: {Granted: true}}}
	for i := range 2 {
		s.Fold(p, &offers.Event{Type: offers.ProductSearched, Query: "running shoes", Time: noon.Add(-time.Duration(i) * time.Hour)})
	}
	return &Vars{
		Features: s.Values(nil, p, noon),
		Event:    &offers.Event{Type: offers.ZoneDwelled, Zone: "footwear", Time: noon},
		Zone:     "footwear", ZoneKind: "sales", Shop: "rotterdam", Tier: "gold", Hour: 12, Weekday: 5, InShop: true, Senses: 2,
	}
}

func TestEval(t *testing.T) {
	tests := []struct {
		rule string
		want bool
	}{
		{`searches["footwear"] >= 2`, true},
		{`searches["footwear"] > 2`, false},
		{`searches["bakery"] == 0.0`, true}, // what is not known is nought
		{`searches["bakery"] > 0`, false},
		{`searched_terms["running shoes"] >= 1 && zone == "footwear"`, true},
		{`last_search.contains("shoes")`, true},
		{`tier in ["gold", "silver"]`, true},
		{`event.type == "zone_dwelled" && in_shop && hour >= 9 && hour < 20`, true},
		{`hours_since_order > 24`, true},
		{`witnesses >= 2`, true},
		{`orders == 0.0 ? tier == "gold" : false`, true},
		{`searches.exists(k, searches[k] > 1)`, true},
	}
	e := env(t)
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			r, err := e.Compile(tt.rule)
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.Eval(moment())
			if err != nil || got != tt.want {
				t.Errorf("got %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func TestCompileSaysHowToMend(t *testing.T) {
	tests := []struct{ name, rule, want string }{
		{"empty", "  ", "true for everyone"},
		{"unknown field", `hunts["x"] > 1`, "there is no"},
		{"a type", `zone > 3`, "no matching overload"},
		{"no yes or no", `orders`, "should answer yes or no"},
		{"a whole number", `orders == 1`, "decimal point"},
		{"syntax", `zone == `, "Syntax error"},
		{"too long", strings.Repeat("true && ", 600) + "true", "characters"},
		{"a bomb", `[1,2,3,4,5,6,7,8,9,0].all(a, [1,2,3,4,5,6,7,8,9,0].all(b, [1,2,3,4,5,6,7,8,9,0].all(c, [1,2,3,4,5,6,7,8,9,0].all(d, a+b+c+d > 0))))`, "loop"},
		{"too deep", strings.Repeat("(", 300) + "true" + strings.Repeat(")", 300), "recursion"},
	}
	e := env(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := e.Compile(tt.rule)
			var wrong *Error
			if !errors.As(err, &wrong) || !errors.Is(err, offers.ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an *Error about %q", err, tt.want)
			}
		})
	}
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{`searches["footwear"] >= 2`, `tier in ["gold"]`, `last_search.matches("a+")`, `1/0 == 1`, `{}[0] == 1`} {
		f.Add(s)
	}
	e := env(f)
	v := moment()
	f.Fuzz(func(t *testing.T, s string) {
		r, err := e.Compile(s)
		if err != nil {
			if !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("error of no kind: %v", err)
			}
			return
		}
		r.Eval(v) // may have no answer, must not panic
	})
}

func BenchmarkEval(b *testing.B) {
	r, err := env(b).Compile(`searches["footwear"] >= 1 && zone == "footwear" && tier != "staff" && hour >= 9`)
	if err != nil {
		b.Fatal(err)
	}
	v := moment()
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := r.Eval(v); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

func TestNames(t *testing.T) {
	e := env(t)
	for expression, want := range map[string][]string{
		`event.query.contains("shoe") && (tier == "gold" || tier == "zone")`: {"event.query", "tier"},
		`searches["footwear"] > 1.0 && [1.0, 2.0].exists(n, n > hour)`:       {"hour", "searches"},
		"true": nil, "tier ==": nil,
	} {
		if got := e.Names(expression); !slices.Equal(got, want) {
			t.Errorf("Names(%s) = %q, want %q", expression, got, want)
		}
	}
}
