package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/stream"
)

// CountGroup is the consumer group that counts what comes of campaigns.
const CountGroup = "console-tallies"

const (
	countLanes = 2
	countBatch = 2000
	// Batches that held nothing to count move the offsets in the catalog no
	// more often than this: counting them again changes nothing.
	advanceEvery = 5 * time.Second
)

// countedStreams are what the counter reads.
var countedStreams = []string{stream.Decisions, stream.Deliveries, stream.Events}

// count keeps the tallies of campaigns, each record once: the tallies and how
// far they are counted change in one transaction of the catalog.
func (s *Service) count(ctx context.Context) error {
	return s.log.Consume(ctx, stream.Consumer{
		Group: CountGroup, Streams: countedStreams, Lanes: countLanes, MaxBatch: countBatch,
		NewLane: func() stream.Lane { return &counter{log: s.log, catalog: s.catalog, metrics: s.metrics} },
	})
}

// counter counts the records of some partitions.
type counter struct {
	log     *stream.Log
	catalog *catalog.Catalog
	metrics *metrics

	parts    map[stream.Partition]*counted
	byNumber map[int]*known
	advanced time.Time // when offsets were last kept
}

// counted is how far a partition is counted.
type counted struct {
	kept int64 // the offset in the catalog, -1 if none
	next int64 // of the next record, -1 if none was read yet
}

// known is what was counted lately of one partition number, so that a record
// that lies on the stream twice counts once.
type known struct {
	decision position // of the last decision counted; they are in order
	steps    *lately  // of deliveries and decisions: "3-17-0/sms/sent"
}

// stepsKnown bounds what is remembered of a partition's deliveries, and how
// many of them are read to remember it after a start.
const (
	stepsKnown  = 20_000
	stepsReread = 2_000
)

// Assign reads how far the partitions are counted, and what was counted last.
func (l *counter) Assign(ctx context.Context, owned []stream.Partition) (map[stream.Partition]int64, error) {
	l.parts, l.byNumber, l.advanced = map[stream.Partition]*counted{}, map[int]*known{}, time.Now()
	offsets := map[string]map[int]int64{}
	for _, of := range countedStreams {
		var err error
		if offsets[of], err = l.catalog.Offsets(ctx, CountGroup, of); err != nil {
			return nil, err
		}
	}
	begin := map[stream.Partition]int64{}
	for _, p := range owned {
		at, ok := offsets[p.Stream][p.Number]
		if !ok {
			at = -1 // from the stream's first: the group's commit is not ours to trust
		}
		l.parts[p], begin[p] = &counted{kept: at, next: at}, at
		if l.byNumber[p.Number] == nil {
			l.byNumber[p.Number] = &known{decision: position{-1, -1, -1}, steps: newLately(stepsKnown)}
		}
	}
	for p, c := range l.parts {
		if err := l.remember(ctx, p, c.kept); err != nil {
			return nil, err
		}
	}
	return begin, nil
}

// remember reads what lies before the next record to count.
func (l *counter) remember(ctx context.Context, p stream.Partition, next int64) error {
	n := 0
	switch p.Stream {
	case stream.Decisions:
		n = 50
	case stream.Deliveries:
		n = stepsReread
	}
	if n == 0 || next < 0 {
		return nil
	}
	records, err := l.log.Newest(ctx, p.Stream, p.Number, n)
	if err != nil {
		return err
	}
	for i := range records {
		if records[i].Offset < next {
			if _, err := l.take(ctx, &records[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Handle counts a batch, or nothing of it.
func (l *counter) Handle(ctx context.Context, batch []stream.Record) error {
	var tallies []catalog.Tally
	var redemptions []catalog.Redemption
	var steps []func() // to forget, should the batch come again
	for i := range batch {
		r := &batch[i]
		found, err := l.take(ctx, r)
		if err != nil {
			undo(steps)
			return err
		}
		tallies, redemptions = append(tallies, found.tallies...), append(redemptions, found.redemptions...)
		if found.undo != nil {
			steps = append(steps, found.undo)
		}
		if c := l.parts[stream.Partition{Stream: r.Stream, Number: r.Partition}]; c != nil {
			c.next = r.Offset + 1
		}
	}
	if len(tallies) == 0 && len(redemptions) == 0 && time.Since(l.advanced) < advanceEvery {
		return nil
	}
	var progress []catalog.Progress
	for p, c := range l.parts {
		if c.next != c.kept {
			progress = append(progress, catalog.Progress{Stream: p.Stream, Partition: p.Number, From: c.kept, To: c.next})
		}
	}
	err := l.catalog.Count(ctx, CountGroup, progress, tallies, redemptions)
	switch {
	case errors.Is(err, offers.ErrConflict):
		return fmt.Errorf("%w: %w", stream.ErrFenced, err)
	case err != nil:
		undo(steps)
		return err
	}
	for _, c := range l.parts {
		c.kept = c.next
	}
	l.advanced = time.Now()
	l.metrics.counted.Add(float64(len(tallies) + len(redemptions)))
	return nil
}

func undo(steps []func()) {
	for _, step := range steps {
		step()
	}
}

// found is what one record adds.
type found struct {
	tallies     []catalog.Tally
	redemptions []catalog.Redemption
	undo        func()
}

// take reads one record. What cannot be read counts as nothing: it lies on the
// stream, and whoever wrote it has to answer for it.
func (l *counter) take(ctx context.Context, r *stream.Record) (found, error) {
	k := l.byNumber[r.Partition]
	switch r.Stream {
	case stream.Decisions:
		return l.takeDecision(k, r), nil
	case stream.Deliveries:
		return l.takeDelivery(k, r), nil
	case stream.Events:
		switch offers.EventType(r.Header("ce_type")) {
		case offers.OfferRedeemed:
			return l.takeRedemption(ctx, r)
		case offers.RedemptionUndone:
			return l.takeUndone(r), nil
		}
	}
	return found{}, nil
}

func (l *counter) takeDecision(k *known, r *stream.Record) found {
	var d struct { // the rest is large, and not counted
		ID       offers.DecisionID `json:"id"`
		Shop     offers.ShopID     `json:"shop"`
		Received time.Time         `json:"received"`
		Verdict  offers.Verdict    `json:"verdict"`
		Campaign offers.CampaignID `json:"campaign"`
	}
	if err := r.Decode(&d); err != nil {
		l.metrics.unread.WithLabelValues(r.Stream).Inc()
		return found{}
	}
	at, ok := positionOf(d.ID)
	if !ok || at.compare(k.decision) <= 0 || d.Campaign == "" {
		return found{}
	}
	before := k.decision
	k.decision = at
	tally := catalog.Tally{Campaign: d.Campaign, Shop: d.Shop, Hour: d.Received}
	switch d.Verdict {
	case offers.Offered:
		tally.Offered = 1
	case offers.HeldOut:
		tally.HeldOut = 1
	default:
		return found{}
	}
	return found{tallies: []catalog.Tally{tally}, undo: func() { k.decision = before }}
}

func (l *counter) takeDelivery(k *known, r *stream.Record) found {
	var d offers.Delivery
	if err := r.Decode(&d); err != nil {
		l.metrics.unread.WithLabelValues(r.Stream).Inc()
		return found{}
	}
	tally := catalog.Tally{Campaign: d.Campaign, Shop: d.Shop, Hour: d.At}
	var steps []string
	// first tells whether a step of the decision is taken for the first time,
	// by whichever channel.
	first := func(step string) bool {
		step = string(d.Decision) + "/" + step
		if !k.steps.add(step) {
			return false
		}
		steps = append(steps, step)
		return true
	}
	switch d.State {
	case offers.DeliverySent:
		if first("sent") {
			tally.Sent = 1
			tally.Latency.Add(d.At.Sub(d.Received))
		}
		if d.Channel == offers.ChannelApp && first("delivered") { // the inbox is on the phone
			tally.Delivered = 1
		}
	case offers.DeliveryDelivered:
		if first("delivered") {
			tally.Delivered = 1
		}
	case offers.DeliveryFailed:
		if first("failed/" + string(d.Channel)) {
			tally.Failed = 1
		}
	case offers.DeliveryRefused:
		if first("refused/" + string(d.Channel)) {
			tally.Refused = 1
		}
	}
	if len(steps) == 0 {
		return found{}
	}
	return found{tallies: []catalog.Tally{tally}, undo: func() {
		for _, step := range steps {
			k.steps.remove(step)
		}
	}}
}

// takeRedemption looks the decision up, for its campaign: the till knows only
// the code. One that cannot be found any more counts for no campaign.
func (l *counter) takeRedemption(ctx context.Context, r *stream.Record) (found, error) {
	var e offers.Event
	if err := r.Decode(&e); err != nil || e.Decision == "" {
		l.metrics.unread.WithLabelValues(r.Stream).Inc()
		return found{}, nil
	}
	d, _, err := findDecision(ctx, l.log, e.Decision)
	switch {
	case errors.Is(err, offers.ErrNotFound), errors.Is(err, offers.ErrInvalid):
		return found{}, nil
	case err != nil:
		return found{}, err
	}
	shop := e.Shop
	if shop == "" {
		shop = d.Shop
	}
	return found{redemptions: []catalog.Redemption{{
		Decision: d.ID, Campaign: d.Campaign, Shop: shop, Shopper: e.Shopper, At: e.Time, Value: e.Value,
	}}}, nil
}

// takeUndone takes a redemption back that was a mistake.
func (l *counter) takeUndone(r *stream.Record) found {
	var e offers.Event
	if err := r.Decode(&e); err != nil || e.Decision == "" {
		l.metrics.unread.WithLabelValues(r.Stream).Inc()
		return found{}
	}
	return found{redemptions: []catalog.Redemption{{Decision: e.Decision, Undone: true}}}
}

// position is where a decision stands: its id in numbers.
type position struct {
	partition int
	offset    int64
	n         int
}

// positionOf reads a decision's id: partition, source offset, moment.
func positionOf(id offers.DecisionID) (position, bool) {
	first, rest, _ := strings.Cut(string(id), "-")
	second, third, ok := strings.Cut(rest, "-")
	partition, err1 := strconv.Atoi(first)
	offset, err2 := strconv.ParseInt(second, 10, 64)
	n, err3 := strconv.Atoi(third)
	if !ok || err1 != nil || err2 != nil || err3 != nil || partition < 0 || offset < 0 || n < 0 {
		return position{}, false
	}
	return position{partition, offset, n}, true
}

// compare orders the decisions of one partition.
func (p position) compare(other position) int {
	return cmp.Or(cmp.Compare(p.offset, other.offset), cmp.Compare(p.n, other.n))
}

// findDecision looks a decision up on the stream, where its partition is in
// the order of the ids.
func findDecision(ctx context.Context, log *stream.Log, id offers.DecisionID) (offers.Decision, stream.Record, error) {
	var d offers.Decision
	at, ok := positionOf(id)
	if !ok || at.partition >= log.Partitions() {
		return d, stream.Record{}, fmt.Errorf("decision %q: %w: no decision is called so", id, offers.ErrNotFound)
	}
	r, err := log.Find(ctx, stream.Decisions, at.partition, func(r *stream.Record) int {
		of, ok := positionOf(offers.DecisionID(r.Header("ce_id")))
		if !ok {
			return -1 // not ours: as if it were before
		}
		return of.compare(at)
	})
	if err != nil {
		return d, r, fmt.Errorf("decision %q: %w", id, err)
	}
	if err := r.Decode(&d); err != nil {
		return d, r, fmt.Errorf("decision %q: %w: %w", id, offers.ErrInvalid, err)
	}
	return d, r, nil
}

// lately remembers the last so many strings.
type lately struct {
	most  int
	in    map[string]bool
	order []string // oldest first from head on; may hold removed ones
	head  int
}

func newLately(most int) *lately { return &lately{most: most, in: map[string]bool{}} }

// add tells whether the string is new.
func (l *lately) add(s string) bool {
	if l.in[s] {
		return false
	}
	l.in[s] = true
	l.order = append(l.order, s)
	for len(l.order)-l.head > l.most {
		delete(l.in, l.order[l.head])
		l.order[l.head] = ""
		l.head++
	}
	if l.head > l.most {
		l.order = append(l.order[:0], l.order[l.head:]...)
		l.head = 0
	}
	return true
}

func (l *lately) remove(s string) { delete(l.in, s) }
