package console_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/decider"
	"aisle/services/stream"
)

// What a decider decided is decided again, offer by offer: with caps, cooldowns,
// repeats, merges and shoppers who are held out.
func TestPreflightDecidesAsTheDecider(t *testing.T) {
	h := open(t)
	admin := h.as(catalog.RoleAdmin)
	campaign := anyCampaign()
	campaign["holdout"], campaign["cap"] = .3, map[string]any{"times": 2, "per_ns": 24 * time.Hour}
	campaign["offers"] = append(campaign["offers"].([]map[string]any), map[string]any{ //nolint:forcetypeassert // written above
		"id": "hat-20", "title": "More hats", "valid_ns": 3600e9, "value": map[string]any{"minor": 600, "currency": "EUR"}})
	admin.call("POST", "/api/campaigns", campaign, 201, nil)
	admin.call("POST", "/api/campaigns/hats/live", nil, 200, nil)
	admin.call("PUT", "/api/house", map[string]any{"holdout": .1, "version": 0}, 200, nil)

	ctx, cancel := context.WithCancel(t.Context())
	catalogue, err := h.log.Catalogue(ctx)
	if err != nil {
		t.Fatal(err)
	}
	d := decider.New(decider.Config{}, h.log, h.store, catalogue, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	var running sync.WaitGroup
	running.Go(func() {
		if err := d.Run(ctx); err != nil && ctx.Err() == nil {
			t.Errorf("the decider ended: %v", err)
		}
	})
	defer running.Wait()
	defer cancel()

	const people = 60
	begin := time.Now().UTC().Add(-5 * time.Hour)
	moments, n := 0, 0
	happens := func(i int, after time.Duration, e offers.Event) {
		n++
		e.Shopper = offers.ShopperID(fmt.Sprintf("01SHOPPER%04d", i))
		e.ID, e.Time, e.Source = offers.EventID(fmt.Sprintf("event-%d", n)), begin.Add(after), "test"
		e.Received = e.Time
		h.produce(stream.Events, string(e.Shopper), string(e.ID), string(e.Type), e)
		if e.Type == offers.ZoneDwelled {
			moments++
			if i%5 == 0 { // the client sends it twice
				h.produce(stream.Events, string(e.Shopper), string(e.ID), string(e.Type), e)
			}
		}
	}
	for i := range people {
		if i%6 != 0 {
			happens(i, 0, offers.Event{Type: offers.ConsentChanged, Consent: &offers.Consent{Purpose: offers.ConsentPush, Granted: true, At: begin}})
		}
	}
	for visit := range 4 {
		for i := range people {
			happens(i, time.Duration(visit+1)*time.Minute, offers.Event{Type: offers.ZoneDwelled})
			if visit == 2 && i == 7 { // their last one comes under the other name
				happens(i, 4*time.Minute, offers.Event{Type: offers.Merged, Into: "01SHOPPER0008"})
			}
		}
	}

	counts := map[offers.Verdict]int{}
	eventually(t, "every moment is decided", func() bool {
		clear(counts)
		all := 0
		for p := range h.log.Partitions() {
			records, err := h.log.Newest(t.Context(), stream.Decisions, p, 1000)
			if err != nil {
				t.Fatal(err)
			}
			for i := range records {
				var one offers.Decision
				if err := records[i].Decode(&one); err != nil {
					t.Fatal(err)
				}
				counts[one.Verdict]++
				all++
			}
		}
		return all == moments
	})
	if counts[offers.Offered] == 0 || counts[offers.HeldOut] == 0 || counts[offers.NoOffer] == 0 {
		t.Fatalf("decided %v: this test has too little to tell", counts)
	}
	var got struct {
		Moments int `json:"moments"`
		Changed int `json:"changed"`
		With    struct {
			Offered int `json:"offered"`
			HeldOut int `json:"held_out"`
		} `json:"with"`
		Judged struct {
			Report struct {
				MeanWeight  float64 `json:"mean_weight"`
				Unsupported float64 `json:"unsupported"`
			} `json:"report"`
		} `json:"judged"`
	}
	admin.lines("POST", "/api/preflight", "PreflightLine", map[string]any{"campaign": campaign, "days": 1}, &got)
	if got.Moments != moments || got.Changed != 0 || got.With.Offered != counts[offers.Offered] || got.With.HeldOut != counts[offers.HeldOut] {
		t.Errorf("%+v, want %d moments decided as %v", got, moments, counts)
	}
	if w := got.Judged.Report; w.MeanWeight < .999 || w.MeanWeight > 1.001 || w.Unsupported != 0 {
		t.Errorf("%+v, want each decision to be as likely as it was", w)
	}
}
