package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"aisle/offers"
	"aisle/offers/feature"
	"aisle/services/config"
	"aisle/services/decider"
	"aisle/services/stream"
)

// backfillMain folds what the log holds into features that were added since, and
// tells the deciders, through the log, what it found.
func backfillMain(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("aisle features backfill", flag.ContinueOnError)
	where := logFlags(f)
	names := f.String("features", "", "only these, by commas; empty: all")
	from := f.String("from", "", "only what happened since then counts: 2026-11-01 or 2026-11-01T12:00:00Z")
	to := f.String("to", "", "only what happened before then counts; not with -apply, which would lose what came since")
	apply := f.Bool("apply", false, "tell the deciders; without it, only say what would be found")
	if err := f.Parse(args); err != nil {
		return err
	}
	b := backfill{run: uuid.NewString(), apply: *apply}
	var err error
	if b.from, err = parseTime(*from); err != nil {
		return fmt.Errorf("-from: %w", err)
	}
	if b.to, err = parseTime(*to); err != nil {
		return fmt.Errorf("-to: %w", err)
	}
	if *apply && !b.to.IsZero() {
		return fmt.Errorf("%w: -to and -apply: what came since would be lost", offers.ErrInvalid)
	}
	log, set, err := where.open(ctx)
	if err != nil {
		return err
	}
	defer log.Close()
	if b.features = set; *names != "" {
		if b.features, err = set.Only(splitList(*names)); err != nil {
			return err
		}
	}
	if err := b.do(ctx, log); err != nil {
		return err
	}
	return b.report(os.Stdout, time.Now())
}

// logFlags say which house's log is read, and which features it has.
func logFlags(f *flag.FlagSet) *logPlace {
	p := &logPlace{}
	f.StringVar(&p.config, "config", "", "the house's YAML file, which says where its log is and which features it has")
	f.StringVar(&p.url, "stream", "", "instead: kafka://host:port of its log")
	f.StringVar(&p.data, "data", "", "instead: the data folder of a house in the box, which must not run now")
	f.StringVar(&p.features, "features-file", "", "instead: its own features")
	return p
}

type logPlace struct{ config, url, data, features string }

func (p *logPlace) open(ctx context.Context) (*stream.Log, *feature.Set, error) {
	c, err := config.Load[Config](p.config)
	if err != nil {
		return nil, nil, err
	}
	config.Default(&p.url, c.Stream.URL)
	config.Default(&p.data, c.Data)
	config.Default(&p.features, c.Features)
	set, err := loadFeatures(p.features)
	if err != nil {
		return nil, nil, err
	}
	if p.url == "" && p.data == "" {
		return nil, nil, fmt.Errorf("%w: say -config file, -stream kafka://host:port or -data folder", offers.ErrInvalid)
	}
	at := stream.Config{URL: p.url}
	if p.url == "" {
		at.Dir = p.data + "/stream"
	}
	log, err := stream.Open(ctx, at)
	return log, set, err
}

func parseTime(text string) (t time.Time, err error) {
	if text == "" {
		return t, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err = time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return t, fmt.Errorf("%w: %q is no time such as 2026-11-01T12:00:00Z", offers.ErrInvalid, text)
}

// backfill is one run. docs/adr/0008-backfill-through-the-log.md says why it
// goes through the log, and why nothing is lost or doubled.
type backfill struct {
	run      string
	features *feature.Set
	from, to time.Time
	apply    bool

	log    *stream.Log
	past   *decider.Past
	first  map[int]bool              // partitions whose first record was seen
	newest map[int]time.Time         // event, by partition
	since  time.Time                 // from when the log holds everything; zero: it was never cut
	read   bool                      // all that was there when the run began
	queue  []offers.ShopperID        // who is not asked for yet
	asked  map[offers.ShopperID]bool // whose begin is written and not met yet
	found  []stream.Record           // not written yet
	counts map[string]int            // shoppers, by feature
	told   int                       // whose past is written
	gone   int                       // who became another in between
	events int
}

// askedAtOnce is how many shoppers are between begin and end at a time.
const askedAtOnce = 500

// do reads all of the log, and then goes on reading until it has met each begin
// that it wrote: what the log holds before a shopper's begin is what it tells of
// them.
func (b *backfill) do(ctx context.Context, log *stream.Log) error {
	following, stop := context.WithCancel(ctx)
	defer stop()
	catalogue, err := log.Catalogue(following)
	if err != nil {
		return err
	}
	b.features = b.features.In(catalogue.Now().Shops)
	b.log, b.past = log, decider.NewPast(b.features)
	b.first, b.newest = map[int]bool{}, map[int]time.Time{}
	b.asked, b.counts = map[offers.ShopperID]bool{}, map[string]int{}
	b.past.Counts = func(e *offers.Event) bool {
		return !e.Time.Before(b.from) && (b.to.IsZero() || e.Time.Before(b.to))
	}
	b.past.Backfilled = b.met
	over := func() bool { return b.read && len(b.queue)+len(b.asked)+len(b.found) == 0 }
	var failed error
	goOn := func(ctx context.Context) error {
		err := b.goOn(ctx)
		if err == nil && over() {
			stop()
		}
		return err
	}
	err = log.Tail(following, stream.Events, -1, func(ctx context.Context, records []stream.Record) error {
		b.look(records)
		b.past.Fold(records)
		return goOn(ctx)
	}, func() {
		b.past.Settle()
		b.survey()
		b.read = true
		if failed = goOn(following); failed != nil {
			stop()
		}
	})
	if over() {
		return nil
	}
	return errors.Join(failed, err, ctx.Err())
}

// look notes how far back the log reaches, and how far it has come.
func (b *backfill) look(records []stream.Record) {
	for i := range records {
		r := &records[i]
		var e offers.Event
		if err := r.Decode(&e); err != nil {
			continue
		}
		if !b.first[r.Partition] {
			b.first[r.Partition] = true
			if r.Offset > 0 && e.Received.After(b.since) { // what was before it is gone
				b.since = e.Received
			}
		}
		if e.Time.After(b.newest[r.Partition]) {
			b.newest[r.Partition] = e.Time
		}
		if !b.read {
			b.events++
		}
	}
}

// survey counts what was found, and lists whom it is to be told of.
func (b *backfill) survey() {
	for id, p := range b.past.People() {
		for i := range p.Features {
			b.counts[p.Features[i].Name]++
		}
		if b.apply && p.Into == "" && len(p.Features) > 0 {
			b.queue = append(b.queue, id)
		}
	}
	slices.Sort(b.queue)
}

// goOn writes what was found, and asks for more.
func (b *backfill) goOn(ctx context.Context) error {
	for len(b.queue) > 0 && len(b.asked) < askedAtOnce {
		id := b.queue[0]
		r, err := b.record(offers.BackfillBegun, id, nil)
		if err != nil {
			return err
		}
		b.queue, b.asked[id], b.found = b.queue[1:], true, append(b.found, r)
	}
	if len(b.found) == 0 {
		return nil
	}
	if err := b.log.Produce(ctx, b.found...); err != nil {
		return err
	}
	b.found = nil
	return nil
}

// met hears of an event of a backfill: of this one, at the point of the log up
// to which p is folded.
func (b *backfill) met(p *offers.Profile, e *offers.Event) {
	id := e.Backfill.Shopper
	if e.Backfill.Run != b.run || e.Type != offers.BackfillBegun || !b.asked[id] {
		return
	}
	delete(b.asked, id)
	if p.Shopper != id || p.Into != "" {
		b.gone++
		return
	}
	if r, err := b.record(offers.BackfillFound, id, p.Features); err == nil {
		b.found = append(b.found, r)
		b.told++
	}
}

// record is an event of this backfill. Its time is that of the newest event of
// its partition, so that nothing is late by it.
func (b *backfill) record(t offers.EventType, id offers.ShopperID, states []offers.FeatureState) (stream.Record, error) {
	if t == offers.BackfillBegun {
		for _, d := range b.features.Definitions() {
			states = append(states, offers.FeatureState{Name: d.Name, Version: d.Version()})
		}
	}
	at := b.newest[b.log.PartitionOf(string(id))]
	return stream.EventRecord(&offers.Event{
		ID: offers.EventID(fmt.Sprintf("%s/%s/%s", t, b.run, id)), Type: t, Shopper: id, Time: at, Received: time.Now().UTC(), Source: "aisle/backfill",
		Backfill: &offers.Backfill{Run: b.run, Shopper: id, Since: b.since, States: states},
	}, "aisle/backfill", stream.NewTrace())
}

// report says what was found, and where the log does not reach back as far as a
// feature looks.
func (b *backfill) report(w io.Writer, now time.Time) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "feature\tshoppers\twhat the log tells")
	for _, d := range b.features.Definitions() {
		reach := "all of it"
		if !b.since.IsZero() && (d.Reach() == 0 || now.Add(-d.Reach()).Before(b.since)) {
			reach = "only what came since " + b.since.Format(time.DateOnly) + "; who is known for longer is left as they are"
		}
		fmt.Fprintf(t, "%s\t%d\t%s\n", d.Name, b.counts[d.Name], reach)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	said := fmt.Sprintf("%d events of %d shoppers; nothing was changed: -apply tells the deciders\n", b.events, len(b.past.People()))
	if b.apply {
		said = fmt.Sprintf("%d events; the deciders are told of %d shoppers, in their turn\n", b.events, b.told)
		if b.gone > 0 {
			said += fmt.Sprintf("%d became another shopper meanwhile: run it once more for them\n", b.gone)
		}
	}
	_, err := io.WriteString(w, said)
	return err
}
