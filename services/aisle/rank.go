package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"aisle/offers"
	"aisle/offers/rank"
	"aisle/offers/rank/lists"
	"aisle/services/config"
	"aisle/services/state"
	"aisle/services/stream"
)

// rankMain is `aisle rank train`: it trains the ranker of lists from what pages
// showed and what came of it.
func rankMain(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] != "train" {
		return fmt.Errorf("%w: aisle rank train; -h after it tells more", offers.ErrInvalid)
	}
	f := flag.NewFlagSet("aisle rank train", flag.ContinueOnError)
	where := logFlags(f)
	stateURL := f.String("state", "", "instead of the configuration's: redis://host:port of the house's state")
	from := f.String("from", "", "only lists since then: 2026-11-01 or 2026-11-01T12:00:00Z")
	window := f.Duration("window", 2*time.Hour, "how long after a list an outcome is its own; the learner's is learner.window")
	out := f.String("out", "", "write the ranker to this file, which must not be there yet")
	apply := f.Bool("apply", false, "have the deciders use it; without it, only say how good it is")
	anyway := f.Bool("anyway", false, "with -apply: also if it does not order the newest lists better than what is in use")
	if err := f.Parse(args[1:]); err != nil {
		return err
	}
	if *window <= 0 {
		return fmt.Errorf("%w: -window is more than 0", offers.ErrInvalid)
	}
	since, err := parseTime(*from)
	if err != nil {
		return fmt.Errorf("-from: %w", err)
	}
	log, _, err := where.open(ctx)
	if err != nil {
		return err
	}
	defer log.Close()
	rows, err := shownLists(ctx, log, since, *window)
	if err != nil {
		return err
	}
	var store *state.Store
	current := ""
	if *apply {
		if store, err = where.openState(ctx, *stateURL); err != nil {
			return err
		}
		defer store.Close()
		if current, _, _, err = store.SnapshotBookmark(ctx, lists.SnapshotName); err != nil && !errors.Is(err, offers.ErrNotFound) {
			return err
		}
	}
	m, err := lists.Train(1+numberOf(current), time.Now().UTC(), rows, 1)
	if err != nil {
		return err
	}
	sayRanker(os.Stdout, m)
	raw, err := m.Encode()
	if err != nil {
		return err
	}
	if *out != "" {
		err := writeFile(*out, func(w io.Writer) error { _, err := w.Write(raw); return err })
		if err != nil {
			return err
		}
	}
	switch {
	case !*apply:
		return nil
	case !m.Trial.Better() && !*anyway:
		return fmt.Errorf("%w: it orders the newest lists no better than what is in use, which stays", offers.ErrConflict)
	}
	if err := store.PutSnapshot(ctx, lists.SnapshotName, current, m.Version(), raw, nil); err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "%s is in use\n", m.Version())
	return nil
}

// numberOf is the number of a version of the ranker of lists.
func numberOf(version string) uint64 {
	_, digits, _ := strings.Cut(version, "-")
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func sayRanker(w io.Writer, m *lists.Model) {
	t := &m.Trial
	fmt.Fprintf(w, "%s: %d lists of %d offers, trees for the %s\n", m.Version(), m.Lists, m.Rows, m.Trees.Goal)
	fmt.Fprintf(w, "on the newest %d lists of which something was taken, not trained on: NDCG@10 %.4f, that of what was in use %.4f\n", t.Lists, t.NDCG, t.Before)
	fmt.Fprintf(w, "surprise of %.4f nats an offer, of what was in use %.4f\n", t.Loss, t.LossSoFar)
	for _, g := range m.Trees.Gains[:min(len(m.Trees.Gains), 10)] {
		fmt.Fprintf(w, "%5.1f %%  %s\n", 100*g.Share, g.Name)
	}
}

// openState opens the state that a log belongs to.
func (p *logPlace) openState(ctx context.Context, url string) (*state.Store, error) {
	c, err := config.Load[Config](p.config)
	if err != nil {
		return nil, err
	}
	config.Default(&url, c.State.URL)
	at := state.Config{URL: url, Logger: slog.New(slog.DiscardHandler)}
	if url == "" {
		at.Dir = p.data + "/state"
	}
	return state.Open(ctx, at)
}

// mostLists bounds what is trained on: the newest.
const mostLists = 100_000

// shownLists are the places of the lists that somebody saw and whose window is
// over, as they were recorded, in the order of time, each list's together. What
// was done with an offer that the client does not name, the first place gets.
func shownLists(ctx context.Context, log *stream.Log, since time.Time, window time.Duration) ([]lists.Shown, error) {
	type done struct {
		typ   offers.EventType
		offer offers.OfferID
		at    time.Time
	}
	what := map[offers.DecisionID][]done{}
	newest := time.Time{}
	err := readAll(ctx, log, stream.Events, func(r *stream.Record) error {
		var e offers.Event
		if err := r.Decode(&e); err != nil {
			return nil // it lies in quarantine
		}
		if e.Received.After(newest) {
			newest = e.Received
		}
		switch e.Type {
		case offers.OfferViewed, offers.OfferClicked, offers.OfferRedeemed:
			if e.Decision != "" {
				what[e.Decision] = append(what[e.Decision], done{e.Type, e.Offer, e.Time})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var all [][]lists.Shown
	seen := map[int]*recent{}
	err = readAll(ctx, log, stream.Decisions, func(r *stream.Record) error {
		var d offers.Decision
		if err := r.Decode(&d); err != nil || len(d.Placed) == 0 || d.Fallback || d.Time.Before(since) || newest.Sub(d.Received) <= window {
			return nil
		}
		if seen[r.Partition] == nil {
			seen[r.Partition] = newRecent()
		}
		events := slices.DeleteFunc(what[d.ID], func(e done) bool { return e.at.Sub(d.Time) > window })
		if !seen[r.Partition].first(d.ID) || len(events) == 0 {
			return nil
		}
		d.Context.Features = d.Features
		list := make([]lists.Shown, len(d.Placed))
		for i := range d.Placed {
			p := &d.Placed[i]
			list[i] = lists.Shown{Decision: d.ID, Time: d.Time, Context: d.Context, Arm: rank.ArmOf(p.Campaign, &p.Offer, nil)}
			for j := range d.Candidates {
				if c := &d.Candidates[j]; c.Campaign == p.Campaign && c.Offer == p.Offer.ID {
					list[i].Expected = c.Propensity
				}
			}
			for _, e := range events {
				if e.offer != p.Offer.ID && (e.offer != "" || i > 0) {
					continue
				}
				switch e.typ {
				case offers.OfferClicked:
					list[i].Worth = max(list[i].Worth, 1)
				case offers.OfferRedeemed:
					list[i].Worth = 2
				}
			}
		}
		all = append(all, list)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b []lists.Shown) int {
		return cmp.Or(a[0].Time.Compare(b[0].Time), strings.Compare(string(a[0].Decision), string(b[0].Decision)))
	})
	return slices.Concat(all[max(0, len(all)-mostLists):]...), nil
}
