package collector

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"aisle/offers"
	"aisle/services/again"
	"aisle/services/catalog"
	"aisle/services/formats"
	"aisle/services/formats/families"
	"aisle/services/stream"
)

// replayGroup are the collectors that share what is to be taken once more.
const replayGroup = "collector-replay"

// Run keeps the rules that people at the console make, notes what sources send,
// and takes once more what they ask for, after they have mended what kept it in
// quarantine. It blocks until ctx ends.
func (k *Collector) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return again.Every(ctx, rulesAfter, k.logger, "reading the rules", k.readRules) })
	g.Go(func() error {
		return again.Every(ctx, shapesAfter, k.logger, "noting what sources send", k.storeShapes)
	})
	g.Go(func() error {
		return k.log.Consume(ctx, stream.Consumer{
			Group: replayGroup, Streams: []string{stream.Quarantine}, Lanes: 1, MaxBatch: 100,
			NewLane: func() stream.Lane { return &replays{k} },
		})
	})
	return g.Wait()
}

// replays reads the stream Quarantine for what is to be taken once more.
type replays struct{ *Collector }

// Assign implements stream.Lane: what the group has committed is done.
func (r *replays) Assign(context.Context, []stream.Partition) (map[stream.Partition]int64, error) {
	return nil, nil
}

// Handle implements stream.Lane. What is taken twice, because of a crash in
// between, has the same ids.
func (r *replays) Handle(ctx context.Context, records []stream.Record) error {
	for i := range records {
		if records[i].Header("ce_type") != stream.TypeReplay {
			continue
		}
		var asked offers.Replay
		if err := records[i].Decode(&asked); err != nil {
			r.logger.Warn("a replay cannot be read", "partition", records[i].Partition, "offset", records[i].Offset, "err", err)
			continue
		}
		done, err := r.again(ctx, &asked)
		if err != nil {
			return err
		}
		record, err := stream.ReplayedRecord(done, asked.Quarantined.Source, source)
		if err != nil {
			return err
		}
		if err := r.produce(ctx, []stream.Record{record}); err != nil {
			return err
		}
	}
	return nil
}

// again takes what lies in quarantine as if it came now, with the time at which
// it came. Only what is unavailable is an error.
func (k *Collector) again(ctx context.Context, asked *offers.Replay) (*offers.Replayed, error) {
	q := &asked.Quarantined
	done := &offers.Replayed{ID: asked.ID, Of: asked.Of, At: time.Now()}
	accepted, bad, err := k.takeAgain(ctx, q)
	if err != nil {
		if errors.Is(err, offers.ErrUnavailable) || ctx.Err() != nil {
			return nil, err
		}
		done.Bad, done.Reason, done.Detail = 1, q.Reason, err.Error()
		return done, nil
	}
	done.Accepted, done.Bad = accepted, len(bad)
	if len(bad) > 0 {
		done.Reason, done.Detail = bad[0].Reason, bad[0].Detail
	}
	return done, nil
}

func (k *Collector) takeAgain(ctx context.Context, q *offers.Quarantined) (accepted int, bad []*formats.Bad, err error) {
	family, name, _ := strings.Cut(q.Source, "/")
	r := families.Again(q)
	switch family {
	case "strangers":
		return 0, nil, fmt.Errorf("%w: it came without the key of a source, so nobody can say whose it is; its sender can send it again", offers.ErrDenied)
	case "stream":
		return k.produceAgain(ctx, name, q)
	case "edge":
		return k.sightAgain(ctx, name, r, q)
	}
	if err := k.ready(ctx); err != nil {
		return 0, nil, err
	}
	f, ok := k.families[family]
	if !ok {
		f, ok = k.feedFamily(family)
	}
	if !ok {
		return 0, nil, fmt.Errorf("%w: there is no format %q any more", offers.ErrNotFound, family)
	}
	from, err := k.sourceNamed(ctx, name)
	if err != nil {
		return 0, nil, err
	}
	if f.keyless {
		from = catalog.Source{Name: name, Kind: "website"} // who writes is what the request said
	}
	d := k.delivery(r, f, from, q.Received, stream.NewTrace)
	d.again = true
	d.trusted = q.Reason == offers.ReasonBot // somebody has looked, and it is none
	in, wrong := f.decode(r)
	if wrong != nil {
		d.bad = append(d.bad, wrong)
	} else {
		d.decoded(in)
	}
	if err := d.send(ctx); err != nil {
		return 0, nil, err
	}
	return len(d.drafts), d.bad, nil
}

// sourceNamed is a source by its name. One that has no key, or none any more,
// is trusted like a web site.
func (k *Collector) sourceNamed(ctx context.Context, name string) (catalog.Source, error) {
	for _, configured := range k.config.WriteKeys {
		if configured == name {
			return catalog.Source{Name: name, Kind: "server"}, nil
		}
	}
	all, err := k.catalog.Sources(ctx)
	if err != nil {
		return catalog.Source{}, err
	}
	for _, s := range all {
		if s.Name == name {
			return s, nil
		}
	}
	return catalog.Source{Name: name, Kind: "website"}, nil
}

// produceAgain puts an event back on the log that a later room could not take.
func (k *Collector) produceAgain(ctx context.Context, name string, q *offers.Quarantined) (int, []*formats.Bad, error) {
	if name != stream.Events {
		return 0, nil, fmt.Errorf("%w: only events can be taken once more, not what lay on %s", offers.ErrInvalid, name)
	}
	var e offers.Event
	sound, bad := formats.Valid(q.Body)
	if bad != nil || formats.Unmarshal(sound, &e) != nil || e.Shopper == "" || e.ID == "" {
		return 0, []*formats.Bad{formats.Badf(offers.ReasonEncoding, q.Body, "It is no event of the house, and will not become one.")}, nil
	}
	record, err := eventRecord(&e, "")
	if err != nil {
		return 0, nil, err
	}
	return 1, nil, k.produce(ctx, []stream.Record{record})
}

// sightAgain takes sightings once more: one by itself, or a request of them.
func (k *Collector) sightAgain(ctx context.Context, name string, r *formats.Request, q *offers.Quarantined) (int, []*formats.Bad, error) {
	if name != "sightings" {
		return 0, nil, fmt.Errorf("%w: a till's or a device's request is not taken once more; it asks again itself", offers.ErrInvalid)
	}
	items := []formats.Raw{q.Body}
	if !r.Item {
		var bad *formats.Bad
		if items, bad = sightingsIn(q.Body); bad != nil {
			return 0, []*formats.Bad{bad}, nil
		}
	}
	w := k.newWatch(r, q.Received, stream.NewTrace)
	if err := w.take(ctx, items); err != nil {
		return 0, nil, err
	}
	if err := w.send(ctx); err != nil {
		return 0, nil, err
	}
	return w.accepted, w.bad, nil
}
