package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"time"

	"aisle/offers"
	"aisle/offers/feature"
	"aisle/services/decider"
	"aisle/services/stream"
)

// asOf asks what was known of a shopper at a time: from what had happened by
// then, and, with received, was known to the house by then too.
type asOf struct {
	shopper  offers.ShopperID
	at       time.Time
	received bool
	past     *decider.Past
}

// mostAsOf bounds how many are asked in one run: each is folded by itself.
const mostAsOf = 100_000

// readAsOf reads a CSV file with the columns shopper and time.
func readAsOf(path string, received bool) ([]asOf, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("-at: %w: %w", offers.ErrNotFound, err)
	}
	defer f.Close()
	lines := csv.NewReader(f)
	head, err := lines.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, offers.ErrInvalid, err)
	}
	shopper, at := slices.Index(head, "shopper"), slices.Index(head, "time")
	if shopper < 0 || at < 0 {
		return nil, fmt.Errorf("%s: %w: its first line names the columns; two are shopper and time", path, offers.ErrInvalid)
	}
	var all []asOf
	for n := 2; ; n++ {
		row, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %w", path, offers.ErrInvalid, err)
		}
		t, err := parseTime(row[at])
		if err != nil || t.IsZero() || row[shopper] == "" {
			return nil, fmt.Errorf("%s: line %d: %w: want a shopper and a time such as 2026-11-01T12:00:00Z", path, n, offers.ErrInvalid)
		}
		if len(all) == mostAsOf {
			return nil, fmt.Errorf("%s: %w: more than %d lines; split it", path, offers.ErrInvalid, mostAsOf)
		}
		all = append(all, asOf{shopper: offers.ShopperID(row[shopper]), at: t, received: received})
	}
}

// had tells whether an event is one that a row may look at.
func (a *asOf) had(e *offers.Event) bool {
	return !e.Time.After(a.at) && (!a.received || !e.Received.After(a.at))
}

// asOfRow is one row, beside the features.
type asOfRow struct {
	Shopper string    `parquet:"shopper,dict"`
	Time    time.Time `parquet:"time,timestamp(millisecond)"`
}

// exportAsOf folds the log for each row up to its time, and writes what was
// known then.
func exportAsOf(ctx context.Context, log *stream.Log, set *feature.Set, asked []asOf, w io.Writer) (int, error) {
	following, stop := context.WithCancel(ctx)
	defer stop()
	catalogue, err := log.Catalogue(following)
	if err != nil {
		return 0, err
	}
	set = set.In(catalogue.Now().Shops)
	// Whom others became in the end says whose events a row can depend on.
	became := map[offers.ShopperID][]offers.ShopperID{}
	err = readAll(ctx, log, stream.Events, func(r *stream.Record) error {
		var e offers.Event
		if err := r.Decode(&e); err == nil && e.Type == offers.Merged && !slices.Contains(became[e.Shopper], e.Into) {
			became[e.Shopper] = append(became[e.Shopper], e.Into)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	rows := map[offers.ShopperID][]*asOf{}
	for i := range asked {
		a := &asked[i]
		a.past = decider.NewPast(set)
		for _, self := range selves(a.shopper, became) {
			rows[self] = append(rows[self], a)
		}
	}
	whose := map[offers.ShopperID][]*asOf{} // rows that depend on a shopper
	err = readAll(ctx, log, stream.Events, func(r *stream.Record) error {
		id := offers.ShopperID(r.Key)
		on, ok := whose[id]
		if !ok {
			for _, self := range selves(id, became) {
				for _, a := range rows[self] {
					if !slices.Contains(on, a) {
						on = append(on, a)
					}
				}
			}
			whose[id] = on
		}
		if len(on) == 0 {
			return nil
		}
		var e offers.Event
		if err := r.Decode(&e); err != nil {
			return nil // it lies in quarantine
		}
		for _, a := range on {
			if a.had(&e) {
				a.past.Fold([]stream.Record{*r})
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	t := newTable(w, reflect.TypeFor[asOfRow](), set)
	var values *feature.Values
	for i := range asked {
		a := &asked[i]
		a.past.Settle()
		p := a.past.People()[a.shopper]
		for range a.past.People() { // merges of merges
			if p != nil && p.Into != "" {
				p = a.past.People()[p.Into]
			}
		}
		if p == nil {
			p = &offers.Profile{Shopper: a.shopper}
		}
		values = set.Values(values, p, a.at)
		if err := t.write(&asOfRow{string(a.shopper), a.at}, values.Known()); err != nil {
			return i, err
		}
	}
	return len(asked), t.close()
}

// selves are a shopper and all whom they became.
func selves(id offers.ShopperID, became map[offers.ShopperID][]offers.ShopperID) []offers.ShopperID {
	all := []offers.ShopperID{id}
	for i := 0; i < len(all); i++ {
		for _, into := range became[all[i]] {
			if !slices.Contains(all, into) {
				all = append(all, into)
			}
		}
	}
	return all
}
