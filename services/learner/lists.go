package learner

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"aisle/offers"
	"aisle/offers/rank"
	"aisle/offers/rank/lists"
	"aisle/services/state"
	"aisle/services/stream"
)

// Lists says how often the ranker of lists is made anew of what pages showed. It
// is in use only where it orders the newest lists, which it was not trained on, at
// least as well as what was in use when they were shown.
type Lists struct {
	Off   bool          `yaml:"off"`
	Every time.Duration `yaml:"every"` // default 24 h
	Of    time.Duration `yaml:"of"`    // lists of how long are learned from; default 30 days
}

// Bounds of what is learned from: the newest.
const (
	mostRecords = 1_000_000 // read of a partition of a stream
	mostPlaces  = 100_000   // of all lists
)

// trainingLooks is how often it is looked whether it is time, at most.
const trainingLooks = time.Minute

// stuck is after how long a training that has not ended is begun anew: its learner
// is gone.
const stuck = time.Hour

// trainIfDue makes a ranker of lists if it is time and no other learner is at it,
// and notes what came of it.
func (l *Learner) trainIfDue(ctx context.Context) error {
	version, raw, _, err := l.state.SnapshotBookmark(ctx, lists.TrainingName)
	if err != nil && !errors.Is(err, offers.ErrNotFound) {
		return err
	}
	var last lists.Training
	if raw != nil {
		if err := json.Unmarshal(raw, &last); err != nil {
			return fmt.Errorf("last training: %w: %w", offers.ErrInvalid, err)
		}
	}
	wait := l.config.Lists.Every
	if last.Ended.IsZero() {
		wait = min(wait, stuck)
	}
	began := time.Now().UTC()
	if began.Sub(last.Began) < wait {
		return nil
	}
	version, err = l.note(ctx, version, &lists.Training{Began: began})
	if errors.Is(err, offers.ErrConflict) {
		return nil // another learner is at it
	}
	if err != nil {
		return err
	}
	now := l.trainLists(ctx, began)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	now.Began, now.Ended = began, time.Now().UTC()
	l.metrics.trainings.WithLabelValues(string(now.Result)).Inc()
	l.logger.Info("ranker of lists trained", "result", now.Result, "version", now.Version, "lists", now.Lists, "err", now.Problem)
	_, err = l.note(ctx, version, now)
	return err
}

// note writes how a training goes in the place of the version that was read.
func (l *Learner) note(ctx context.Context, version string, t *lists.Training) (string, error) {
	value, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("training: %w: %w", offers.ErrInvalid, err)
	}
	next := "training-" + t.Began.Format(time.RFC3339Nano)
	if !t.Ended.IsZero() {
		next += "-ended"
	}
	return next, l.state.PutSnapshot(ctx, lists.TrainingName, version, next, value, nil)
}

// trainLists makes a ranker and has it in use if it is as good as what is.
func (l *Learner) trainLists(ctx context.Context, now time.Time) *lists.Training {
	out := &lists.Training{}
	failed := func(err error) *lists.Training {
		out.Result, out.Problem = lists.Failed, err.Error()
		return out
	}
	rows, err := ShownLists(ctx, l.log, now.Add(-l.config.Lists.Of), now.Add(-l.config.Lateness), l.config.Window)
	if err != nil {
		return failed(err)
	}
	if out.Lists, out.Taken = lists.Count(rows); min(out.Lists, out.Taken) < lists.Least {
		out.Result = lists.TooFew
		return out
	}
	current, err := CurrentLists(ctx, l.state)
	if err != nil {
		return failed(err)
	}
	m, err := lists.Train(ctx, 1+lists.NumberOf(current), now, rows, 1)
	if err != nil {
		return failed(err)
	}
	out.Version, out.Trial = m.Version(), &m.Trial
	switch {
	case !m.Trial.Told():
		out.Result = lists.TooFew
		return out
	case !m.Trial.AsGood():
		out.Result = lists.Worse
		return out
	}
	if err := UseLists(ctx, l.state, current, m); err != nil {
		return failed(err)
	}
	out.Result = lists.InUse
	return out
}

// CurrentLists is the version of the ranker of lists that is in use, "" if none.
func CurrentLists(ctx context.Context, store *state.Store) (string, error) {
	version, _, _, err := store.SnapshotBookmark(ctx, lists.SnapshotName)
	if errors.Is(err, offers.ErrNotFound) {
		return "", nil
	}
	return version, err
}

// UseLists has the deciders use a ranker in the place of the current version.
// ErrConflict: another one has taken that place.
func UseLists(ctx context.Context, store *state.Store, current string, m *lists.Model) error {
	raw, err := m.Encode()
	if err != nil {
		return err
	}
	return store.PutSnapshot(ctx, lists.SnapshotName, current, m.Version(), raw, nil)
}

// ShownLists are the places of the lists since a time that somebody saw and whose
// window was over at another, as they were recorded, in the order of time, each
// list's together: the newest. What was done with an offer that the client does not
// name, the first place gets.
func ShownLists(ctx context.Context, log *stream.Log, since, until time.Time, window time.Duration) ([]lists.Shown, error) {
	var all [][]lists.Shown
	for p := range log.Partitions() {
		more, err := shownIn(ctx, log, p, since, until.Add(-window), window)
		if err != nil {
			return nil, fmt.Errorf("lists of partition %d: %w", p, err)
		}
		all = newestLists(append(all, more...))
	}
	return slices.Concat(all...), nil
}

// newestLists are the newest of lists, in the order of time, as many as are learned
// from.
func newestLists(all [][]lists.Shown) [][]lists.Shown {
	slices.SortFunc(all, func(a, b []lists.Shown) int {
		return cmp.Or(a[0].Time.Compare(b[0].Time), strings.Compare(string(a[0].Decision), string(b[0].Decision)))
	})
	places, from := 0, len(all)
	for from > 0 && places+len(all[from-1]) <= mostPlaces {
		from--
		places += len(all[from])
	}
	return slices.Clone(all[from:])
}

// became is something that was done with an offer of a list.
type became struct {
	typ   offers.EventType
	offer offers.OfferID
	at    time.Time
}

// shownIn are the lists of a partition that were received before a time.
func shownIn(ctx context.Context, log *stream.Log, partition int, since, before time.Time, window time.Duration) (all [][]lists.Shown, err error) {
	what := map[offers.DecisionID][]became{}
	err = eachOf(ctx, log, stream.Events, partition, since, func(r *stream.Record) {
		switch typ := offers.EventType(r.Header("ce_type")); typ {
		case offers.OfferViewed, offers.OfferClicked, offers.OfferRedeemed, offers.RedemptionUndone, "":
		default:
			return
		}
		var e offers.Event
		if r.Decode(&e) != nil || e.Decision == "" {
			return // it lies in quarantine, or is about no list
		}
		switch e.Type {
		case offers.OfferViewed, offers.OfferClicked, offers.OfferRedeemed:
			what[e.Decision] = append(what[e.Decision], became{e.Type, e.Offer, e.Time})
		case offers.RedemptionUndone: // the offer was before somebody's eyes all the same
			for i, one := range what[e.Decision] {
				if one.typ == offers.OfferRedeemed && one.offer == e.Offer {
					what[e.Decision][i].typ = offers.OfferViewed
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	seen := map[offers.DecisionID]bool{}
	err = eachOf(ctx, log, stream.Decisions, partition, since, func(r *stream.Record) {
		var d offers.Decision
		if r.Decode(&d) != nil || len(d.Placed) == 0 || d.Fallback || d.Time.Before(since) || !d.Received.Before(before) || seen[d.ID] {
			return
		}
		seen[d.ID] = true
		in := slices.DeleteFunc(what[d.ID], func(e became) bool { return e.at.Sub(d.Time) > window })
		if len(in) > 0 {
			all = append(all, shownOf(&d, in))
		}
	})
	return all, err
}

// shownOf are the places of a list, with what came of each.
func shownOf(d *offers.Decision, what []became) []lists.Shown {
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
		for _, e := range what {
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
	return list
}

// eachOf reads the newest records of a partition that were written since a time.
func eachOf(ctx context.Context, log *stream.Log, name string, partition int, since time.Time, fn func(*stream.Record)) error {
	first, end, err := log.Span(ctx, name, partition)
	if err != nil {
		return err
	}
	for at := max(first, end-mostRecords); at < end; {
		chunk, err := log.Chunk(ctx, name, partition, at, end)
		if err != nil || len(chunk) == 0 {
			return err
		}
		for i := range chunk {
			if !chunk[i].Time.Before(since) {
				fn(&chunk[i])
			}
		}
		at = chunk[len(chunk)-1].Offset + 1
	}
	return nil
}
