package rule

import (
	"fmt"
	"testing"

	"cel.dev/cel-go/cel"

	"aisle/offers/feature"
)

// A rule compares as CEL does, whatever is compared.
func TestComparisonsAreThoseOfCEL(t *testing.T) {
	e, v := env(t), moment()
	sides := []string{
		"spent", `searches["footwear"]`, `searches["no such thing"]`, "1.5", "2", "-1", "0.0 / 0.0", "1.0 / 0.0",
		"9007199254740992", "9007199254740993", "9007199254740993.0", "3u", "1 / 0", `searches["footwear"] + 1.0`, "size(searches)", `"a"`, "zone", "in_shop",
	}
	answers := 0
	for _, left := range sides {
		for _, right := range sides {
			for _, compared := range []string{"<", "<=", ">", ">="} {
				expression := fmt.Sprint(left, " ", compared, " ", right)
				r, err := e.Compile(expression)
				if err != nil {
					continue // as of a number and a text
				}
				ast, issues := e.cel.Compile(expression)
				if issues.Err() != nil {
					t.Fatal(issues.Err())
				}
				plain, err := e.cel.Program(ast, cel.EvalOptions(cel.OptOptimize))
				if err != nil {
					t.Fatal(err)
				}
				got, gotErr := r.Eval(v)
				want, _, wantErr := plain.Eval(&v.seen)
				if (gotErr == nil) != (wantErr == nil) || wantErr == nil && got != want.Value() {
					t.Errorf("%s: got %v, %v; CEL says %v, %v", expression, got, gotErr, want, wantErr)
				}
				answers++
			}
		}
	}
	if answers < 600 {
		t.Errorf("only %d comparisons compile", answers)
	}
}

// Numbers by key are a map to CEL in all else that a rule may do with one.
func TestNumbersAreAMap(t *testing.T) {
	e, v := env(t), moment()
	for expression, want := range map[string]bool{
		`size(searches) == 1`:                            true,
		`"footwear" in searches`:                         true,
		`"coffee" in searches`:                           false,
		`searches.exists(k, k == "footwear")`:            true,
		`searches.all(k, searches[k] > 100.0)`:           false,
		`searches == {"footwear": searches["footwear"]}`: true,
		`searches == searches`:                           true,
		`type(searches) == map`:                          true,
	} {
		r, err := e.Compile(expression)
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		if got, err := r.Eval(v); err != nil || got != want {
			t.Errorf("%s: got %v, %v", expression, got, err)
		}
	}
}

// Vars that are used again say what is so now, not what was.
func TestVarsAreUsedAgain(t *testing.T) {
	e, v := env(t), moment()
	r, err := e.Compile(`searches["footwear"] >= 1.0 && zone == "footwear" && size(searches) == 1`)
	if err != nil {
		t.Fatal(err)
	}
	if yes, err := r.Eval(v); !yes || err != nil {
		t.Fatalf("%v, %v", yes, err)
	}
	searches := v.Features.Numbers[feature.Default().Index("searches")]
	for name, change := range map[string]func(*Vars){
		"another zone":   func(v *Vars) { v.Zone = "coffee" },
		"no searches":    func(*Vars) { clear(searches) },
		"other searches": func(*Vars) { clear(searches); searches["coffee"] = 1 },
		"more searches":  func(*Vars) { searches["footwear"], searches["coffee"] = 1, 1 },
	} {
		next := v.Again()
		next.Event, next.Zone = v.Event, "footwear"
		change(&next)
		if yes, err := r.Eval(&next); yes || err != nil {
			t.Errorf("%s: %v, %v", name, yes, err)
		}
		v = &next
	}
	clear(searches)
	searches["footwear"] = 3
	next := v.Again()
	next.Event, next.Zone = v.Event, "footwear"
	if yes, err := r.Eval(&next); !yes || err != nil {
		t.Errorf("as before: %v, %v", yes, err)
	}
}
