package scenario_test

import (
	"sync"
	"testing"

	"aisle/offers"
	"aisle/offers/feature"
	"aisle/offers/rule"
	"aisle/offers/scenario"
)

var (
	features = feature.Default()
	rules    = sync.OnceValues(func() (*rule.Env, error) { return rule.New(features) })
)

func compile(t testing.TB) scenario.Compile {
	t.Helper()
	env, err := rules()
	if err != nil {
		t.Fatal(err)
	}
	return env.Compile
}

func vars(e *offers.Event) *rule.Vars {
	f := features
	return &rule.Vars{Features: f.Values(nil, &offers.Profile{}, e.Time), Event: e, Category: f.Category(e), Zone: string(e.Zone), Shop: string(e.Shop)}
}
