package collector

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/formats"
	"aisle/services/formats/contract"
	"aisle/services/formats/drift"
	"aisle/services/formats/mapping"
)

// rules are what people at the console agreed with those who send: how a
// source's names become the house's, and what an event must be.
type rules struct {
	revision  int64
	contracts *contract.Set
	mappings  map[string]*mapping.Mapping // by source: "segment/website"
	feeds     map[string]json.RawMessage  // plans, by name
}

// How often rules are looked at, and shapes are stored.
const (
	rulesAfter  = 2 * time.Second
	shapesAfter = 5 * time.Second
	rulesWithin = 5 * time.Second
)

// ready tells whether the rules have been read. Until then the door stays shut:
// it would let in what was agreed to be refused.
func (k *Collector) ready(ctx context.Context) error {
	if k.rules.Load() != nil {
		return nil
	}
	return k.readRules(ctx)
}

// readRules reads them if they have changed. One that cannot be used is left
// out and told: it was checked when it was saved.
func (k *Collector) readRules(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, rulesWithin)
	defer cancel()
	before := k.rules.Load()
	revision, err := k.catalog.RulesRevision(ctx)
	if err != nil || before != nil && before.revision == revision {
		return err
	}
	all, err := k.catalog.Rules(ctx)
	if err != nil {
		return err
	}
	next := &rules{revision: all.Revision, mappings: map[string]*mapping.Mapping{}, feeds: map[string]json.RawMessage{}}
	contracts, expected := make([]contract.Contract, len(all.Contracts)), map[string]json.RawMessage{}
	for i, c := range all.Contracts {
		contracts[i] = contract.Contract{Event: offers.EventType(c.Event), Version: c.Version, Schema: c.Schema, Sources: c.Sources}
		expected[c.Event] = c.Schema
	}
	if next.contracts, err = contract.Compile(contracts); err != nil {
		k.logger.Error("a contract cannot be used", "err", err)
	}
	for _, m := range all.Mappings {
		steps := mapping.Steps{Source: m.Source, Version: m.Version}
		compiled, err := (*mapping.Mapping)(nil), json.Unmarshal(m.Steps, &steps.Steps)
		if err == nil {
			compiled, err = mapping.Compile(steps)
		}
		if err != nil {
			k.logger.Error("a mapping cannot be used", "source", m.Source, "version", m.Version, "err", err)
			continue
		}
		next.mappings[m.Source] = compiled
	}
	for _, f := range all.Feeds {
		next.feeds[f.Name] = f.Plan
	}
	k.rules.Store(next)
	k.drift.Expect(expected)
	if err := k.restoreShapes(ctx); err != nil { // a notice may have been accepted
		return err
	}
	if before != nil {
		k.logger.Info("rules changed", "revision", all.Revision, "contracts", len(all.Contracts), "mappings", len(all.Mappings), "feeds", len(all.Feeds))
	}
	return nil
}

func (k *Collector) restoreShapes(ctx context.Context) error {
	stored, err := k.catalog.Shapes(ctx)
	if err != nil {
		return err
	}
	bodies := make([]json.RawMessage, len(stored))
	for i := range stored {
		bodies[i] = stored[i].Body
	}
	if err := k.drift.Restore(bodies...); err != nil {
		k.logger.Error("the shape of an event cannot be read; it is learned anew", "err", err)
	}
	return nil
}

func (k *Collector) storeShapes(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, rulesWithin)
	defer cancel()
	fresh := k.drift.Take()
	if len(fresh) == 0 {
		return nil
	}
	shapes := make([]catalog.Shape, len(fresh))
	for i := range fresh {
		body, err := json.Marshal(&fresh[i])
		if err != nil {
			return fmt.Errorf("shape of %s %s: %w: %w", fresh[i].Source, fresh[i].Event, offers.ErrInvalid, err)
		}
		shapes[i] = catalog.Shape{Source: fresh[i].Source, Event: fresh[i].Event, Body: body, Updated: time.Now()}
	}
	saved, err := k.catalog.SaveShapes(ctx, shapes, drift.Merge)
	if err != nil {
		stored := make(map[[2]string]bool, len(saved))
		for i := range saved {
			stored[[2]string{saved[i].Source, saved[i].Event}] = true
		}
		k.drift.PutBack(slices.DeleteFunc(fresh, func(s drift.Shape) bool { return stored[[2]string{s.Source, s.Event}] }))
		return err
	}
	bodies := make([]json.RawMessage, len(saved))
	for i := range saved {
		bodies[i] = saved[i].Body
	}
	if err := k.drift.Restore(bodies...); err != nil {
		return err
	}
	var notices []catalog.Notice
	for _, n := range drift.Bound(k.drift.Notices()) {
		notices = append(notices, catalog.Notice{ID: n.ID, Source: n.Source, Event: n.Event, Field: n.Field, Kind: string(n.Kind),
			Was: n.Was, Now: n.Now, Since: n.Since, Last: n.Last, Count: n.Count})
	}
	added, err := k.catalog.AddNotices(ctx, notices)
	k.metrics.notices.Add(float64(added))
	return err
}

// mended is the message by the mapping of its source. Drop tells that nobody
// wants it.
func (d *delivery) mended(m *formats.Message) (drop bool, bad *formats.Bad) {
	steps := d.rules.mappings[d.origin.Source]
	if steps == nil {
		return false, nil
	}
	m.Unfold()
	_, drop, err := steps.Apply(m)
	if err != nil {
		return false, formats.Badf(offers.ReasonSchema, m.Original, "The mapping of %s, version %d, cannot be done: %v.", d.origin.Source, steps.Version(), err)
	}
	return drop, nil
}

// agreed holds an event against its contract.
func (d *delivery) agreed(g *formats.Draft, m *formats.Message) *formats.Bad {
	version, problems := d.rules.contracts.Check(g.Event.Type, d.origin.Source, g.Event.Properties)
	if len(problems) == 0 {
		return nil
	}
	return formats.Badf(offers.ReasonSchema, m.Original, "%s", contract.Detail(g.Event.Type, version, problems))
}
