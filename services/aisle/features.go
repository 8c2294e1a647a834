package main

import (
	"context"
	"fmt"
	"os"

	"aisle/offers"
	"aisle/offers/feature"
	"aisle/offers/rule"
)

// loadFeatures is the house's set of features, with those of a file if there is
// one.
func loadFeatures(path string) (*feature.Set, error) {
	set := feature.Default()
	if path == "" {
		return set, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("features: %w: %w", offers.ErrNotFound, err)
	}
	if set, err = set.With(raw); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if _, err := rule.New(set); err != nil { // a name that rules have for something else
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return set, nil
}

// featuresMain is `aisle features`: what of the past is to be known by them.
func featuresMain(ctx context.Context, args []string) error {
	commands := map[string]func(context.Context, []string) error{"backfill": backfillMain, "export": exportMain}
	if len(args) == 0 || commands[args[0]] == nil {
		return fmt.Errorf("%w: aisle features backfill or export; -h after it tells more", offers.ErrInvalid)
	}
	return commands[args[0]](ctx, args[1:])
}
