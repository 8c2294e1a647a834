package rule

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	"aisle/offers"
)

func TestFromTree(t *testing.T) {
	tests := []struct {
		name, tree, want string
		holds            bool // at moment()
	}{
		{
			"a group of two",
			`{"id":"1","combinator":"and","rules":[
				{"id":"2","field":"searches","key":"footwear","operator":">=","value":"2"},
				{"id":"3","field":"zone","operator":"=","value":"footwear","valueSource":"value"}]}`,
			`searches["footwear"] >= 2.0 && zone == "footwear"`, true,
		},
		{
			"a group in a group",
			`{"combinator":"and","rules":[
				{"field":"tier","operator":"in","value":"gold, silver"},
				{"combinator":"or","not":true,"rules":[
					{"field":"hour","operator":"<","value":9},
					{"field":"hour","operator":"between","value":["20","24"]}]}]}`,
			`tier in ["gold", "silver"] && !(hour < 9.0 || (hour >= 20.0 && hour <= 24.0))`, true,
		},
		{
			"or in and keeps its brackets",
			`{"combinator":"and","rules":[
				{"combinator":"or","rules":[{"field":"tier","operator":"=","value":"gold"},{"field":"tier","operator":"=","value":"silver"}]},
				{"field":"in_shop","operator":"=","value":false}]}`,
			`(tier == "gold" || tier == "silver") && in_shop == false`, false,
		},
		{
			"texts",
			`{"combinator":"and","rules":[
				{"field":"last_search","operator":"contains","value":"shoes"},
				{"field":"last_search","operator":"doesNotEndWith","value":"socks"},
				{"field":"last_zone","operator":"null","value":null}]}`,
			`last_search.contains("shoes") && !last_search.endsWith("socks") && last_zone == ""`, true,
		},
		{
			"a value that tries to get out",
			`{"combinator":"and","rules":[{"field":"tier","operator":"=","value":"\" || true || \""}]}`,
			`tier == "\" || true || \""`, false,
		},
		{
			"a value that tries to be a form",
			`{"combinator":"and","rules":[{"field":"tier","operator":"=","value":"%[1]s %[2]s"}]}`,
			`tier == "\u0025[1]s \u0025[2]s"`, false,
		},
		{
			"a key that tries to get out",
			`{"combinator":"and","rules":[{"field":"searches","key":"x\"] > 0.0 || true || searches[\"","operator":">","value":1}]}`,
			`searches["x\"] > 0.0 || true || searches[\""] > 1.0`, false,
		},
	}
	e := env(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := e.FromTree([]byte(tt.tree))
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			r, err := e.Compile(got)
			if err != nil {
				t.Fatal(err)
			}
			if holds, err := r.Eval(moment()); err != nil || holds != tt.holds {
				t.Errorf("holds: got %v, %v; want %v", holds, err, tt.holds)
			}
		})
	}
}

func TestFromTreeSaysHowToMend(t *testing.T) {
	one := func(condition string) string { return `{"combinator":"and","rules":[` + condition + `]}` }
	tests := []struct{ name, tree, want string }{
		{"nothing", ``, "cannot be read"},
		{"not JSON", `{`, "cannot be read"},
		{"no tree", `{}`, "names no field"},
		{"an empty group", `{"combinator":"and","rules":[]}`, "true for everyone"},
		{"an empty group within", one(`{"combinator":"or","rules":[]}`), "true for everyone"},
		{"two trees", one(`{"field":"tier","operator":"=","value":"gold"}`) + `{}`, "more behind it"},
		{"an unknown combinator", `{"combinator":"xor","rules":[{"field":"tier","operator":"=","value":"gold"}]}`, "and, or or"},
		{"an unknown property", `{"combinator":"and","rules":[{"field":"tier","operator":"=","value":"gold","muted":true}]}`, "muted"},
		{"an unknown field", one(`{"field":"shoe_size","operator":"=","value":"42"}`), `no "shoe_size"`},
		{"an unknown operator", one(`{"field":"tier","operator":"<","value":"gold"}`), "cannot be compared"},
		{"a number that is none", one(`{"field":"orders","operator":">","value":"many"}`), "is no number"},
		{"no finite number", one(`{"field":"orders","operator":">","value":"NaN"}`), "finite"},
		{"a text that is none", one(`{"field":"tier","operator":"=","value":3}`), "a text is needed"},
		{"no value", one(`{"field":"tier","operator":"="}`), "a value is needed"},
		{"an empty list", one(`{"field":"tier","operator":"in","value":[]}`), "list is empty"},
		{"half a pair", one(`{"field":"hour","operator":"between","value":"9"}`), "least and the greatest"},
		{"which category", one(`{"field":"searches","operator":">","value":1}`), "say which"},
		{"a key where none is", one(`{"field":"orders","key":"x","operator":">","value":1}`), "has no keys"},
		{"another field as value", one(`{"field":"orders","operator":">","value":"redeemed","valueSource":"field"}`), "only values"},
		{"too deep", strings.Repeat(`{"combinator":"and","rules":[`, 9) + `{"field":"tier","operator":"=","value":"x"}` + strings.Repeat(`]}`, 9), "deep"},
		{"too many", one(strings.Repeat(`{"field":"tier","operator":"=","value":"x"},`, 120) + `{"field":"tier","operator":"=","value":"x"}`), "more than 100"},
	}
	e := env(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := e.FromTree([]byte(tt.tree))
			var wrong *Error
			if !errors.As(err, &wrong) || !errors.Is(err, offers.ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, %v, want an *Error about %q", got, err, tt.want)
			}
		})
	}
}

// Every field can be used with every operator that is offered for it.
func TestEveryOperatorOfEveryField(t *testing.T) {
	e := env(t)
	for _, f := range e.Fields() {
		if len(Operators(f.Type)) == 0 {
			t.Errorf("%s: no operator for type %q", f.Name, f.Type)
		}
		for _, operator := range Operators(f.Type) {
			value, key := `"2"`, ""
			switch {
			case f.Type == "yes or no":
				value = `true`
			case strings.HasSuffix(strings.ToLower(operator), "between"):
				value = `[1,2]`
			}
			if kindOf(f.Type) != f.Type {
				key = "x"
			}
			tree := `{"combinator":"and","rules":[{"field":` + strconv.Quote(f.Name) + `,"key":"` + key + `","operator":"` + operator + `","value":` + value + `}]}`
			if _, err := e.FromTree([]byte(tree)); err != nil {
				t.Errorf("%s %s: %v", f.Name, operator, err)
			}
		}
	}
}

// Whatever a marketer types, the rule compares with just that.
func FuzzTreeText(f *testing.F) {
	for _, s := range []string{"gold", `"`, `\`, "\x00\x7f", "%[1]s", "é\u2028", "\U0001F45F", "\xff"} {
		f.Add(s)
	}
	e := env(f)
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > longest/8 {
			return // its escapes might make the rule too long
		}
		tree, err := json.Marshal(map[string]any{"combinator": "and", "rules": []any{map[string]any{"field": "tier", "operator": "=", "value": s}}})
		if err != nil {
			t.Fatal(err)
		}
		expression, err := e.FromTree(tree)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		r, err := e.Compile(expression)
		if err != nil {
			t.Fatal(err)
		}
		v := moment()
		v.Tier = strings.ToValidUTF8(s, "\uFFFD")
		if utf := []rune(s); string(utf) != s {
			return // JSON itself put one replacement for each bad byte
		}
		if holds, err := r.Eval(v); err != nil || !holds {
			t.Errorf("%s for %q: got %v, %v", expression, s, holds, err)
		}
		v = moment()
		v.Tier = s + "x"
		if holds, err := r.Eval(v); err != nil || holds {
			t.Errorf("%s for %qx: got %v, %v", expression, s, holds, err)
		}
	})
}

func FuzzFromTree(f *testing.F) {
	f.Add([]byte(`{"combinator":"and","rules":[{"field":"searches","key":"a","operator":"in","value":"1,2"}]}`))
	f.Add([]byte(`{"combinator":"or","not":true,"rules":[{"field":"tier","operator":"notNull"},{"rules":[]}]}`))
	e := env(f)
	f.Fuzz(func(t *testing.T, tree []byte) {
		expression, err := e.FromTree(tree)
		if err != nil {
			if !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("error of no kind: %v", err)
			}
			return
		}
		if _, err := e.Compile(expression); err != nil {
			t.Errorf("%s does not compile: %v", expression, err)
		}
	})
}
