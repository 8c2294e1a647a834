package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/goccy/go-json"

	"aisle/offers"
	"aisle/services/stream"
)

// scenarios measures what it costs to follow scenarios: the same events are
// drained without any and with three, which wait for things not to happen and
// for one another. A second on the log is fifty events, so that waits end while
// they are drained.
func (m *deciding) scenarios(ctx context.Context) error {
	n, shoppers := m.flatOut/2, max(1, m.shoppers/10)
	at := time.Now()
	visits := func(random *rand.Rand, _ time.Time) (stream.Record, error) {
		at = at.Add(20 * time.Millisecond)
		return dwell("s"+strconv.Itoa(random.IntN(shoppers)), random, at)
	}
	if err := m.fill(ctx, m.outside, shoppers, consents(offers.ConsentLocation)); err != nil {
		return err
	}
	took, _, err := m.drain(ctx, n, visits)
	if err != nil {
		return err
	}
	without, cost := float64(n)/took.Seconds(), m.cpu.total()
	if err := m.publishScenarios(ctx); err != nil {
		return err
	}
	if took, _, err = m.drain(ctx, n, visits); err != nil {
		return err
	}
	times := m.cpu.total() / cost
	counts, err := m.store.ScenarioCounts(ctx, m.log.Partitions())
	if err != nil {
		return err
	}
	var under, completed int64
	for of, steps := range counts {
		for step, c := range steps {
			under += c.Entered - c.Passed - c.TimedOut - c.Stopped - c.LetGo
			if step == len(benchScenarios[of.Scenario])-1 {
				completed += c.Passed
			}
		}
	}
	fmt.Fprintf(m.out, "%d scenarios, %d shoppers: %.0f events/s, %d completed and %d under way in the end; without scenarios %.0f events/s; an event takes %.2f times the CPU\n",
		len(benchScenarios), shoppers, float64(n)/took.Seconds(), completed, under, without, times)
	return nil
}

// benchScenarios are scenarios' steps.
var benchScenarios = map[offers.ScenarioID][]offers.Step{
	"bench-undecided": {
		{Events: []offers.EventType{offers.ZoneDwelled}, Times: 2, In: 30 * time.Minute},
		{Not: true, Events: []offers.EventType{offers.OrderCompleted, offers.OfferRedeemed}, For: 30 * time.Second},
		{Events: []offers.EventType{offers.ZoneDwelled}, Where: `event.dwell_seconds >= 10.0`, Within: 30 * time.Minute},
	},
	"bench-undecided-still": {
		{Events: []offers.EventType{offers.ScenarioCompleted}, Scenario: "bench-undecided"},
		{Not: true, Events: []offers.EventType{offers.OrderCompleted}, For: time.Minute},
	},
	"bench-never-bought": {
		{Events: []offers.EventType{offers.ZoneDwelled}},
		{Not: true, Events: []offers.EventType{offers.OrderCompleted}, For: 20 * time.Minute},
	},
}

// publishScenarios makes them live, and waits until the deciders' catalogue has
// them.
func (m *deciding) publishScenarios(ctx context.Context) error {
	var records []stream.Record
	for id, steps := range benchScenarios {
		value, err := json.Marshal(offers.Scenario{ID: id, Name: string(id), Status: offers.CampaignLive, Version: 1, Steps: steps})
		if err != nil {
			return err
		}
		records = append(records, stream.Record{Stream: stream.Campaigns, Key: []byte(offers.ScenarioKey(id)), Value: value})
	}
	if err := m.outside.Produce(ctx, records...); err != nil {
		return err
	}
	for changed := m.catalogue.Changed(); len(m.catalogue.Now().Scenarios) < len(benchScenarios); changed = m.catalogue.Changed() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
	return nil
}
