package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"aisle/offers"
	"aisle/offers/rank/lists"
	"aisle/services/config"
	"aisle/services/learner"
	"aisle/services/state"
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
	anyway := f.Bool("anyway", false, "with -apply: also if it does not order the newest lists as well as what is in use")
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
	now := time.Now().UTC()
	rows, err := learner.ShownLists(ctx, log, since, now, *window)
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
		if current, err = learner.CurrentLists(ctx, store); err != nil {
			return err
		}
	}
	m, err := lists.Train(ctx, 1+lists.NumberOf(current), now, rows, 1)
	if err != nil {
		return err
	}
	sayRanker(os.Stdout, m)
	if *out != "" {
		raw, err := m.Encode()
		if err != nil {
			return err
		}
		err = writeFile(*out, func(w io.Writer) error { _, err := w.Write(raw); return err })
		if err != nil {
			return err
		}
	}
	switch {
	case !*apply:
		return nil
	case !m.Trial.Told() && !*anyway:
		return fmt.Errorf("%w: %d of the newest lists are too few to tell whether it is as good as what is in use, which stays", offers.ErrConflict, m.Trial.Lists)
	case !m.Trial.AsGood() && !*anyway:
		return fmt.Errorf("%w: it orders the newest lists worse than what is in use, which stays", offers.ErrConflict)
	}
	if err := learner.UseLists(ctx, store, current, m); err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "%s is in use\n", m.Version())
	return nil
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
