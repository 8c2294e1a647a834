package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"time"

	"github.com/goccy/go-json"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"aisle/offers"
	"aisle/offers/rank"
	"aisle/services/learner"
	"aisle/services/state"
	"aisle/services/stream"
)

// What the learner's bench has it learn: hours in which windows of minutes open and
// close all the time, as they do in a shop that has been open for a while.
const (
	learnHours    = 3 * time.Hour
	learnWindow   = 2 * time.Minute
	learnShoppers = 5_000
	learnOffers   = 100
	learnTaken    = 10 // every tenth is
)

// learn measures the learner: from decisions and what came of them on the log to
// the published model that has learned all of it.
func (b *bench) learn(ctx context.Context, log *stream.Log, store *state.Store, logger *slog.Logger) error {
	n := b.flatOut
	if err := b.lived(ctx, log, n); err != nil {
		return err
	}
	l := learner.New(learner.Config{
		Window: learnWindow, Publish: 100 * time.Millisecond, Lists: learner.Lists{Off: true},
	}, log, store, logger, prometheus.NewRegistry())
	cpu := meter{}
	cpu.watch("this process", os.Getpid())
	cpu.watch("broker", listener(b.stream))
	cpu.watch("redis-server", cmp.Or(listener(b.state), started("redis-server")))
	cpu.start()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return l.Run(ctx) })
	g.Go(func() error {
		defer cancel()
		// Who joins a group waits for a while: the clock begins with the first model.
		first, began, err := learned(ctx, store, 1)
		if err != nil {
			return err
		}
		all, ended, err := learned(ctx, store, n)
		if err != nil {
			return err
		}
		took := ended.Sub(began).Seconds()
		fmt.Fprintf(b.out, "learn, flat out: %.0f outcomes/s from the log to the published model (%d in %.2f s, after the first %d); %s\n",
			float64(all-first)/max(took, 1e-3), all-first, took, first, cpu.per(n))
		return nil
	})
	return unlessCancelled(g.Wait())
}

// learned waits until the published model has learned from at least so many
// outcomes, and tells from how many, and when.
func learned(ctx context.Context, store *state.Store, least int) (int, time.Time, error) {
	for have := ""; ; {
		packed, err := store.Snapshot(ctx, rank.SnapshotName, have)
		switch {
		case errors.Is(err, offers.ErrNotFound):
		case err != nil:
			return 0, time.Time{}, err
		case packed != nil:
			m, err := rank.Decode(packed)
			if err != nil {
				return 0, time.Time{}, err
			}
			if n := int(m.Learned()); n >= least {
				return n, time.Now(), nil
			}
			have = m.Version()
		}
		select {
		case <-ctx.Done():
			return 0, time.Time{}, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// lived puts n offers on the log and what came of each: it was seen, or taken. An
// event in each partition ends the last windows.
func (b *bench) lived(ctx context.Context, log *stream.Log, n int) error {
	from := time.Now().Add(-learnHours - time.Hour).UTC()
	keys := make([]string, log.Partitions()) // one shopper of each partition
	produce := func(from, to int, make func(i int) (stream.Record, error)) error {
		for from < to {
			var batch []stream.Record
			for ; from < to && len(batch) < 1000; from++ {
				r, err := make(from)
				if err != nil {
					return err
				}
				batch = append(batch, r)
			}
			if err := log.Produce(ctx, batch...); err != nil {
				return err
			}
		}
		return nil
	}
	at := func(i int) time.Time { return from.Add(time.Duration(float64(i) / float64(n) * float64(learnHours))) }
	decision := func(i int) offers.Decision {
		who := "learn-" + strconv.Itoa(i%learnShoppers)
		p := log.PartitionOf(who)
		keys[p] = who
		return learnt(offers.DecisionID(fmt.Sprintf("%d-%d-0", p, i)), offers.ShopperID(who), i, at(i))
	}
	err := produce(0, n, func(i int) (stream.Record, error) {
		d := decision(i)
		value, err := json.Marshal(&d)
		return stream.Record{Stream: stream.Decisions, Key: []byte(d.Shopper), Value: value}, err
	})
	if err != nil {
		return err
	}
	err = produce(0, n, func(i int) (stream.Record, error) {
		d := decision(i)
		e := offers.Event{
			ID: offers.EventID("came-" + strconv.Itoa(i)), Type: offers.OfferViewed, Shopper: d.Shopper, Time: d.Time.Add(time.Second), Received: d.Time.Add(time.Second),
			Source: "bench", Decision: d.ID, Offer: d.Offer.ID,
		}
		if i%learnTaken == 0 {
			e.Type = offers.OfferRedeemed
		}
		return record(&e)
	})
	if err != nil {
		return err
	}
	return produce(0, len(keys), func(p int) (stream.Record, error) {
		e := offers.Event{ID: offers.EventID("last-" + strconv.Itoa(p)), Type: offers.PageViewed, Shopper: offers.ShopperID(keys[p]), Source: "bench", Time: time.Now(), Received: time.Now()}
		return record(&e)
	})
}

// learnt is a decision as one is recorded: with what was known, and some candidates.
func learnt(id offers.DecisionID, who offers.ShopperID, i int, at time.Time) offers.Decision {
	d := offers.Decision{
		ID: id, Shopper: who, Shop: "shop-1", Trigger: offers.ZoneDwelled, Time: at, Received: at, Verdict: offers.Offered,
		Channels: []offers.Channel{offers.ChannelApp}, Expires: at.Add(time.Hour), Model: "probit-1", Probability: .2,
		Features: offers.Features(fmt.Sprintf(`{"visits":%d,"searches":{"footwear":2,"food":1},"orders":%d,"spent":84.5,"zone_seconds":{"zone-1":40},"views":{"food":3}}`, i%9, i%4)),
		Context:  offers.Context{Hour: at.Hour(), Weekday: int(at.Weekday()), Category: "zone-" + strconv.Itoa(i%benchZones), Tier: []string{"", "gold"}[i%2], Searched: []string{"food"}},
	}
	for n := range 5 {
		o := (i + 7*n) % learnOffers
		d.Candidates = append(d.Candidates, offers.Candidate{
			Campaign: offers.CampaignID("learn-" + strconv.Itoa(o/4)), Offer: offers.OfferID("offer-" + strconv.Itoa(o)),
			Propensity: .05, Uncertainty: .02, Weight: 1, Value: 15, Lever: 1, Reach: 1, Score: .75, Probability: .2,
		})
	}
	d.Campaign = d.Candidates[0].Campaign
	d.Offer = &offers.Offer{ID: d.Candidates[0].Offer, Title: "10% off", Category: "zone-" + strconv.Itoa(i%benchZones), Value: offers.Money{Minor: 1500, Currency: "EUR"}, Discount: .1, Valid: time.Hour}
	return d
}
