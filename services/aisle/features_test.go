package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"aisle/offers"
)

// A feature is refused at the start if rules have its name for something else:
// with it no campaign's rule could be read.
func TestFeaturesByNamesThatRulesHave(t *testing.T) {
	path := filepath.Join(folder(t, map[string]string{"features.yaml": "features: {hour: {event: zone_dwelled, aggregate: count}}"}), "features.yaml")
	_, err := loadFeatures(path)
	if !errors.Is(err, offers.ErrInvalid) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), `"hour"`) {
		t.Errorf("got %v, want an invalid one that names the file and the feature", err)
	}
}
