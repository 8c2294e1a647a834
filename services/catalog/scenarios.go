package catalog

import (
	"context"
	"time"

	"aisle/offers"
)

var scenarios = versioned[offers.Scenario]{kind: "scenario", head: func(s *offers.Scenario) heading {
	return heading{string(s.ID), s.Status, &s.Version, &s.Updated}
}}

// Scenarios lists them, the latest change first.
func (c *Catalog) Scenarios(ctx context.Context) ([]offers.Scenario, error) {
	return scenarios.list(ctx, c)
}

// Scenario is one of them.
func (c *Catalog) Scenario(ctx context.Context, id offers.ScenarioID) (offers.Scenario, error) {
	return scenarios.read(ctx, c, string(id))
}

// CreateScenario keeps a new scenario and gives it its version, as
// CreateCampaign does.
func (c *Catalog) CreateScenario(ctx context.Context, s offers.Scenario, by By) (offers.Scenario, error) {
	return scenarios.create(ctx, c, s, by)
}

// UpdateScenario keeps a changed scenario under the next version. ErrConflict
// if its version is not the one that is kept: somebody was faster.
func (c *Catalog) UpdateScenario(ctx context.Context, s offers.Scenario, by By) (offers.Scenario, error) {
	return scenarios.update(ctx, c, s, by)
}

// DeleteScenario removes a scenario; its versions stay.
func (c *Catalog) DeleteScenario(ctx context.Context, id offers.ScenarioID, by By) error {
	return scenarios.remove(ctx, c, string(id), by)
}

// ScenarioVersion is a scenario as it was, and who made it so.
type ScenarioVersion struct {
	Scenario offers.Scenario `json:"scenario"`
	At       time.Time       `json:"at"`
	By       string          `json:"by"`
}

// ScenarioHistory lists the latest versions of a scenario, newest first.
func (c *Catalog) ScenarioHistory(ctx context.Context, id offers.ScenarioID) ([]ScenarioVersion, error) {
	versions, err := scenarios.history(ctx, c, string(id))
	all := make([]ScenarioVersion, len(versions))
	for i, v := range versions {
		all[i] = ScenarioVersion{v.Document, v.At, v.By}
	}
	return all, err
}
