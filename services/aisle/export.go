package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"aisle/offers"
	"aisle/offers/feature"
	"aisle/services/stream"
)

// exportMain writes what a model can be trained on to a Parquet file: what
// decisions saw and what came of them, or, with -at, what was known of shoppers
// at given times.
func exportMain(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("aisle features export", flag.ContinueOnError)
	where := logFlags(f)
	out := f.String("out", "", "the Parquet file; it must not be there yet")
	from := f.String("from", "", "only decisions since then: 2026-11-01 or 2026-11-01T12:00:00Z")
	to := f.String("to", "", "only decisions before then")
	window := f.Duration("window", 2*time.Hour, "how long after a decision an outcome is its own; the learner's is learner.window")
	at := f.String("at", "", "instead of decisions: a CSV file with the columns shopper and time")
	received := f.Bool("received", false, "with -at: only what the house had received by then")
	if err := f.Parse(args); err != nil {
		return err
	}
	x := export{window: *window}
	var err error
	if x.from, err = parseTime(*from); err != nil {
		return fmt.Errorf("-from: %w", err)
	}
	if x.to, err = parseTime(*to); err != nil {
		return fmt.Errorf("-to: %w", err)
	}
	if *out == "" || *window <= 0 {
		return fmt.Errorf("%w: -out names the file, and -window is more than 0", offers.ErrInvalid)
	}
	var asked []asOf
	if *at != "" {
		if asked, err = readAsOf(*at, *received); err != nil {
			return err
		}
	}
	log, set, err := where.open(ctx)
	if err != nil {
		return err
	}
	defer log.Close()
	x.features = set
	n := 0
	err = writeFile(*out, func(w io.Writer) error {
		if *at != "" {
			n, err = exportAsOf(ctx, log, set, asked, w)
		} else {
			n, err = x.do(ctx, log, w)
		}
		return err
	})
	if err == nil {
		fmt.Fprintf(os.Stdout, "%d rows in %s\n", n, *out)
	}
	return err
}

// writeFile writes a new file, whole or not at all.
func writeFile(path string, write func(io.Writer) error) (err error) {
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s: %w: it is there already", path, offers.ErrConflict)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".export-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // it is not there any more if all went well
	defer f.Close()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// export is one run: a row for each candidate of each decision. What it keeps
// in memory is what shoppers did with offers, and nothing of the rows.
type export struct {
	features *feature.Set
	from, to time.Time
	window   time.Duration

	outcomes map[offers.DecisionID]*outcome
	newest   time.Time // event: windows that end later are open
}

// outcome is what came of a decision, in Unix ms; 0 for what did not.
type outcome struct{ shown, viewed, clicked, redeemed int64 }

// example is one row.
type example struct {
	Decision  string    `parquet:"decision,dict"`
	Shopper   string    `parquet:"shopper,dict"`
	Event     string    `parquet:"event"`
	Trigger   string    `parquet:"trigger,dict"`
	Time      time.Time `parquet:"time,timestamp(millisecond)"`
	Received  time.Time `parquet:"received,timestamp(millisecond)"`
	Shop      string    `parquet:"shop,dict"`
	Zone      string    `parquet:"zone,dict"`
	Placement string    `parquet:"placement,dict"`
	Verdict   string    `parquet:"verdict,dict"`
	Model     string    `parquet:"model,dict"`

	Campaign    string  `parquet:"campaign,dict"`
	Offer       string  `parquet:"offer,dict"`
	Out         string  `parquet:"out,dict"` // why it was not in the running; empty: it was
	Chosen      bool    `parquet:"chosen"`
	Propensity  float64 `parquet:"propensity"`
	Uncertainty float64 `parquet:"uncertainty"`
	Weight      float64 `parquet:"weight"`
	Value       float64 `parquet:"value"`
	Lever       float64 `parquet:"lever"`
	Reach       float64 `parquet:"reach"`
	DetourM     float64 `parquet:"detour_m"`
	Score       float64 `parquet:"score"`
	Probability float64 `parquet:"probability"` // of being drawn

	Hour     int32    `parquet:"hour"`
	Weekday  int32    `parquet:"weekday"`
	Category string   `parquet:"category,dict"`
	Tier     string   `parquet:"tier,dict"`
	Searched []string `parquet:"searched,list"`
	Senses   []string `parquet:"senses,list"`
	Consents []string `parquet:"consents,list"`

	// Of what was chosen and sent, within the window.
	Shown    *time.Time `parquet:"shown,optional,timestamp(millisecond)"`
	Viewed   *time.Time `parquet:"viewed,optional,timestamp(millisecond)"`
	Clicked  *time.Time `parquet:"clicked,optional,timestamp(millisecond)"`
	Redeemed *time.Time `parquet:"redeemed,optional,timestamp(millisecond)"`
	Reward   *float64   `parquet:"reward,optional"` // 1 redeemed, 0 shown and not; null: nobody can know, or not yet

	Other string `parquet:"other_features,optional,json"` // recorded ones that are declared no more
}

// do reads what became of offers, and then writes a row for each candidate.
func (x *export) do(ctx context.Context, log *stream.Log, w io.Writer) (rows int, err error) {
	x.outcomes = map[offers.DecisionID]*outcome{}
	if err := readAll(ctx, log, stream.Events, x.happened); err != nil {
		return 0, err
	}
	if err := readAll(ctx, log, stream.Deliveries, x.delivered); err != nil {
		return 0, err
	}
	table := newTable(w, reflect.TypeFor[example](), x.features)
	seen := map[int]*recent{}
	err = readAll(ctx, log, stream.Decisions, func(r *stream.Record) error {
		var d offers.Decision
		if err := r.Decode(&d); err != nil || d.ID == "" {
			return nil // it lies in quarantine
		}
		if seen[r.Partition] == nil {
			seen[r.Partition] = newRecent()
		}
		if !seen[r.Partition].first(d.ID) || d.Time.Before(x.from) || !x.to.IsZero() && !d.Time.Before(x.to) {
			return nil
		}
		for i := range d.Candidates {
			e := x.example(&d, &d.Candidates[i])
			if err := table.write(&e, d.Features); err != nil {
				return err
			}
			rows++
		}
		return nil
	})
	if err != nil {
		return rows, err
	}
	return rows, table.close()
}

// readAll reads what a stream holds now, each partition in its order.
func readAll(ctx context.Context, log *stream.Log, name string, fn func(*stream.Record) error) error {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	err := log.Tail(reading, name, -1, func(_ context.Context, records []stream.Record) error {
		for i := range records {
			if err := fn(&records[i]); err != nil {
				return err
			}
		}
		return nil
	}, stop)
	return cmp.Or(err, ctx.Err())
}

// of is what is known of a decision's outcome.
func (x *export) of(id offers.DecisionID) *outcome {
	if x.outcomes[id] == nil {
		x.outcomes[id] = &outcome{}
	}
	return x.outcomes[id]
}

// happened notes what an event says became of an offer: the first time counts, of
// its use the first that was no mistake.
func (x *export) happened(r *stream.Record) error {
	var e offers.Event
	if err := r.Decode(&e); err != nil {
		return nil // it lies in quarantine
	}
	if e.Received.After(x.newest) {
		x.newest = e.Received
	}
	if e.Decision == "" {
		return nil
	}
	var to *int64
	switch e.Type {
	case offers.OfferViewed:
		to = &x.of(e.Decision).viewed
	case offers.OfferClicked:
		to = &x.of(e.Decision).clicked
	case offers.OfferRedeemed:
		to = &x.of(e.Decision).redeemed
	case offers.RedemptionUndone:
		x.of(e.Decision).redeemed = 0
		return nil
	default:
		return nil
	}
	soonest(to, e.Time)
	return nil
}

func (x *export) delivered(r *stream.Record) error {
	var d offers.Delivery
	if err := r.Decode(&d); err != nil {
		return nil // it lies in quarantine
	}
	if d.State.Shown() && d.Decision != "" {
		soonest(&x.of(d.Decision).shown, d.At)
	}
	return nil
}

func soonest(to *int64, at time.Time) {
	if ms := at.UnixMilli(); *to == 0 || ms < *to {
		*to = ms
	}
}

// example is one candidate of a decision, as it was seen, with what came of it.
func (x *export) example(d *offers.Decision, c *offers.Candidate) example {
	e := example{
		Decision: string(d.ID), Shopper: string(d.Shopper), Event: string(d.Event), Trigger: string(d.Trigger),
		Time: d.Time, Received: d.Received, Shop: string(d.Shop), Zone: string(d.Zone), Placement: string(d.Placement),
		Verdict: string(d.Verdict), Model: d.Model,
		Campaign: string(c.Campaign), Offer: string(c.Offer), Out: string(c.Out),
		Propensity: c.Propensity, Uncertainty: c.Uncertainty, Weight: c.Weight, Value: c.Value, Lever: c.Lever,
		Reach: c.Reach, DetourM: c.DetourM, Score: c.Score, Probability: c.Probability,
		Hour: int32(d.Context.Hour), Weekday: int32(d.Context.Weekday), Category: d.Context.Category, Tier: d.Context.Tier,
		Searched: d.Context.Searched, Senses: texts(d.Context.Senses), Consents: texts(d.Consents),
	}
	e.Chosen = c.Out == "" && d.Offer != nil && d.Campaign == c.Campaign && d.Offer.ID == c.Offer
	for i := range d.Placed {
		if p := &d.Placed[i]; p.Campaign == c.Campaign && p.Offer.ID == c.Offer {
			e.Chosen, e.Probability = true, p.Probability
		}
	}
	if e.Chosen && d.Verdict == offers.Offered {
		x.conclude(&e, d)
	}
	return e
}

// conclude adds what came of the offer within the window.
func (x *export) conclude(e *example, d *offers.Decision) {
	within := func(ms int64) *time.Time {
		if at := time.UnixMilli(ms); ms != 0 && at.Sub(d.Time) <= x.window {
			return &at
		}
		return nil
	}
	o := x.outcomes[d.ID]
	if o == nil {
		o = &outcome{}
	}
	e.Shown, e.Viewed, e.Clicked, e.Redeemed = within(o.shown), within(o.viewed), within(o.clicked), within(o.redeemed)
	reward := 0.
	switch {
	case e.Redeemed != nil:
		reward = 1
	case e.Shown == nil && e.Viewed == nil, x.newest.Sub(d.Received) <= x.window:
		return // nobody saw it, or the window is open
	}
	e.Reward = &reward
}

func texts[T ~string](from []T) []string {
	all := make([]string, len(from))
	for i, t := range from {
		all[i] = string(t)
	}
	return all
}

// recent tells decisions that come again: a decider that was replaced, or that
// died between two steps, writes its last ones twice.
type recent struct {
	ids  map[offers.DecisionID]bool
	ring []offers.DecisionID
	next int
}

// recentDecisions is more than a decider has under way in one partition.
const recentDecisions = 20_000

func newRecent() *recent {
	return &recent{ids: map[offers.DecisionID]bool{}}
}

func (r *recent) first(id offers.DecisionID) bool {
	if r.ids[id] {
		return false
	}
	r.ids[id] = true
	if len(r.ring) < recentDecisions {
		r.ring = append(r.ring, id)
		return true
	}
	delete(r.ids, r.ring[r.next])
	r.ring[r.next] = id
	r.next = (r.next + 1) % recentDecisions
	return true
}
