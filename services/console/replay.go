package console

import (
	"bufio"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/offers/visit"
	"aisle/services/catalog"
	"aisle/services/stream"
)

// A replay shows minutes that have passed as the wall would have shown them:
// the log is read again, by its own times, into a scene of its own, and told in
// the words of the live feed. Nothing is kept of it. It knows nobody whom the
// house does not know now: who was deleted, or has taken back that they may be
// located, is anonymous in it, and what was decided for them is left out.
const (
	replayMost   = 10 * time.Minute
	replayPeople = time.Second     // between two pictures of who is where
	replayKpis   = 5 * time.Second // between two sets of figures
)

func (s *Service) replayRoutes(api fiber.Router) {
	api.Get("/replay", s.allow(catalog.RoleStaff, s.getReplay))
}

// replayOf says what a replay shows, and from when on the log still has it.
type replayOf struct {
	Shop          offers.ShopID `json:"shop"`
	From          time.Time     `json:"from"`
	Until         time.Time     `json:"until"`
	PositionsFrom time.Time     `json:"positions_from,omitzero"` // what was before is forgotten; zero: nothing is
	DecisionsFrom time.Time     `json:"decisions_from,omitzero"`
}

// replayEnd says how far a replay came.
type replayEnd struct {
	Until    time.Time `json:"until"`
	TimedOut bool      `json:"timed_out"` // it took too long: what is later is not in it
}

func (s *Service) getReplay(c *fiber.Ctx) error {
	shop, err := s.asked(c)
	if err != nil {
		return err
	}
	from, until, err := replaySpan(c, time.Now())
	if err != nil {
		return err
	}
	return s.look(c, "text/event-stream; charset=utf-8", func(ctx context.Context, w *bufio.Writer, flush func() error) error {
		r := &rerun{
			service: s, shop: shop, from: from, until: until, scene: newScene(), known: map[offers.ShopperID]acquaintance{},
			told: func(frames ...frame) error {
				for i := range frames {
					if _, err := w.Write(frames[i].append(nil)); err != nil {
						return err
					}
				}
				return flush()
			},
		}
		return r.run(ctx)
	})
}

// replaySpan is what a call wants to see again.
func replaySpan(c *fiber.Ctx, now time.Time) (from, until time.Time, err error) {
	var wrong fieldErrors
	at := func(name string) time.Time {
		t, err := time.Parse(time.RFC3339Nano, query(c, name))
		wrong.add(err == nil, "is a time such as 2026-03-02T10:00:00Z", "%s", name)
		return t
	}
	from, until = at("from"), at("until")
	if wrong.err() == nil {
		if until.After(now) {
			until = now
		}
		wrong.add(from.Before(until), "is before the end, and has passed", "from")
		wrong.add(until.Sub(from) <= replayMost, "is at most ten minutes after the beginning", "until")
	}
	return from.UTC(), until.UTC(), wrong.err()
}

// rerun is a replay under way.
type rerun struct {
	scene
	service     *Service
	shop        *offers.Shop
	from, until time.Time
	counts      map[time.Time]catalog.Counts // of the shop, by hour
	known       map[offers.ShopperID]acquaintance
	told        func(...frame) error
	began       bool
	figured     time.Time
	minute      time.Time
}

func (r *rerun) run(ctx context.Context) error {
	of, readers, err := r.open(ctx)
	if err != nil {
		return err
	}
	counts, err := r.service.catalog.HourCounts(ctx, r.from.Add(-72*time.Hour))
	if err != nil {
		return err
	}
	r.counts = counts[r.shop.ID]
	if err := r.tell(r.from, "replay", of); err != nil {
		return err
	}
	at, err := r.read(ctx, readers)
	end := replayEnd{Until: r.until}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		end, err = replayEnd{Until: at, TimedOut: true}, nil
	}
	if err != nil {
		return err
	}
	return r.tell(end.Until, "end", end)
}

// before is how much of a stream is read before a replay begins: as much as
// the wall remembers of it.
func (r *rerun) before() map[string]time.Time {
	ago := func(d time.Duration) time.Time { return r.from.Add(-d) }
	sinceHour := r.from.Sub(r.from.Truncate(time.Hour)) // hours before are in the tallies
	return map[string]time.Time{
		stream.Sightings: ago(visit.Window), stream.Decisions: ago(seriesWindow),
		stream.Deliveries: ago(bars * barStep), stream.Events: ago(max(dwellWindow, sinceHour)),
	}
}

// open finds where each partition is to be read.
func (r *rerun) open(ctx context.Context) (of replayOf, readers []*pastReader, err error) {
	of = replayOf{Shop: r.shop.ID, From: r.from, Until: r.until}
	log := r.service.log
	for name, since := range r.before() {
		for n := range log.Partitions() {
			reader := &pastReader{stream: name, partition: n}
			if reader.at, err = log.Since(ctx, name, n, since); err != nil {
				return of, nil, err
			}
			if reader.end, err = log.Since(ctx, name, n, r.until); err != nil {
				return of, nil, err
			}
			readers = append(readers, reader)
		}
	}
	if of.PositionsFrom, err = r.kept(ctx, stream.Sightings); err == nil {
		of.DecisionsFrom, err = r.kept(ctx, stream.Decisions)
	}
	return of, readers, err
}

// kept is since when a stream is whole; zero if nothing of it has gone.
func (r *rerun) kept(ctx context.Context, name string) (since time.Time, err error) {
	for n := range r.service.log.Partitions() {
		first, end, err := r.service.log.Span(ctx, name, n)
		if err != nil {
			return since, err
		}
		if first == 0 {
			continue
		}
		gone := time.Now() // all of it, where nothing is left
		if first < end {
			oldest, err := r.service.log.At(ctx, name, n, first)
			if errors.Is(err, offers.ErrNotFound) {
				continue // this moment; the next is not much younger
			}
			if err != nil {
				return since, err
			}
			gone = oldest.Time
		}
		if gone.After(since) {
			since = gone.UTC()
		}
	}
	return since, nil
}

// read merges what the partitions have by the log's times, and shows the scene
// between. At is how far it came.
func (r *rerun) read(ctx context.Context, readers []*pastReader) (at time.Time, err error) {
	at = r.from.Add(-visit.Window)
	for {
		next, err := earliest(ctx, r.service.log, readers)
		if err != nil {
			return at, err
		}
		until := r.until
		if next != nil {
			until = next.chunk[0].Time
		}
		if until.After(at) {
			if err := r.pass(ctx, at, until); err != nil {
				return at, err
			}
			at = until
		}
		if next == nil {
			return at, nil
		}
		record := next.chunk[0]
		next.chunk = next.chunk[1:]
		if err := r.take(ctx, &record); err != nil {
			return at, err
		}
	}
}

// earliest is the reader whose next record is the oldest, nil where all are at
// their ends.
func earliest(ctx context.Context, log *stream.Log, readers []*pastReader) (next *pastReader, err error) {
	for _, reader := range readers {
		if len(reader.chunk) == 0 {
			if reader.chunk, err = reader.more(ctx, log); err != nil {
				return nil, err
			}
		}
		if len(reader.chunk) > 0 && (next == nil || reader.chunk[0].Time.Before(next.chunk[0].Time)) {
			next = reader
		}
	}
	return next, nil
}

// take puts a record into the scene, and tells of it. What cannot be read is
// left out.
func (r *rerun) take(ctx context.Context, record *stream.Record) error {
	switch record.Stream {
	case stream.Sightings:
		var v offers.Sighting
		if record.Decode(&v) == nil && v.Shop == r.shop.ID {
			r.sighted(&v, record.Time)
		}
	case stream.Decisions:
		var d offers.Decision
		if record.Decode(&d) != nil || d.Shop != r.shop.ID {
			return nil
		}
		if summary, first := r.decided(&d, r.shop); first {
			return r.happened(ctx, record.Time, "decision", d.Shopper, summary)
		}
	case stream.Deliveries:
		var d offers.Delivery
		if record.Decode(&d) == nil && d.Shop == r.shop.ID && r.delivered(&d, r.shop) {
			return r.happened(ctx, record.Time, "delivery", d.Shopper, forWall(&d))
		}
	case stream.Events:
		switch offers.EventType(record.Header("ce_type")) {
		case offers.ZoneLeft, offers.CheckedIn, offers.OfferRedeemed, offers.RedemptionUndone:
		default:
			return nil
		}
		var e offers.Event
		if record.Decode(&e) != nil {
			return nil
		}
		if x, news := r.heard(&e); news != "" && x.Shop == r.shop.ID {
			return r.happened(ctx, record.Time, news, e.Shopper, x)
		}
	}
	return nil
}

// happened tells of something, if the house still knows whose it was.
func (r *rerun) happened(ctx context.Context, at time.Time, event string, whose offers.ShopperID, v any) error {
	if !r.began {
		return nil // the snapshot has it
	}
	if err := r.acquaint(ctx, whose); err != nil || r.known[whose].stranger {
		return err
	}
	return r.tell(at, event, v)
}

// pass shows the scene at each step of the time from one record to the next.
func (r *rerun) pass(ctx context.Context, from, until time.Time) error {
	for at := from.Truncate(replayPeople).Add(replayPeople); !at.After(until); at = at.Add(replayPeople) {
		if !at.Before(r.from) {
			if err := r.begin(ctx); err != nil {
				return err
			}
			if err := r.show(ctx, at); err != nil {
				return err
			}
		} else if minute := at.Truncate(time.Minute); !minute.Equal(r.minute) {
			r.minute = minute
			r.kpis(at) // that is what histories are made of
		}
	}
	if until.Before(r.from) {
		return nil
	}
	return r.begin(ctx)
}

// begin tells once of all that was there at the beginning.
func (r *rerun) begin(ctx context.Context) error {
	if r.began {
		return nil
	}
	r.began, r.figured = true, r.from
	people, err := r.people(ctx, r.from)
	if err != nil {
		return err
	}
	all := r.snapshot(r.shop, people, r.kpis(r.from))
	gone, err := r.strangers(ctx, &all)
	if err != nil {
		return err
	}
	all.Decisions = slices.DeleteFunc(all.Decisions, func(d decisionSummary) bool { return gone[d.Shopper] })
	all.Deliveries = slices.DeleteFunc(all.Deliveries, func(d offers.Delivery) bool { return gone[d.Shopper] })
	all.Redemptions = slices.DeleteFunc(all.Redemptions, func(x redemption) bool { return gone[x.Shopper] })
	return r.tell(r.from, "snapshot", all)
}

// show tells of the shop as it is at a time.
func (r *rerun) show(ctx context.Context, at time.Time) error {
	people, err := r.people(ctx, at)
	if err != nil {
		return err
	}
	if err := r.tell(at, "people", people); err != nil || at.Sub(r.figured) < replayKpis {
		return err
	}
	r.figured = at
	return r.tell(at, "kpis", r.kpis(at))
}

func (r *rerun) people(ctx context.Context, at time.Time) (livePeople, error) {
	people := r.floor.people(r.shop, at)
	var here []offers.ShopperID
	for i := range people.People {
		here = append(here, people.People[i].Shopper)
	}
	if err := r.acquaint(ctx, here...); err != nil {
		return livePeople{}, err
	}
	return greeted(people, r.known, at), nil
}

// strangers are those in a snapshot whom the house does not know any more.
func (r *rerun) strangers(ctx context.Context, all *liveSnapshot) (map[offers.ShopperID]bool, error) {
	gone := map[offers.ShopperID]bool{}
	for i := range all.Decisions {
		gone[all.Decisions[i].Shopper] = false
	}
	for i := range all.Deliveries {
		gone[all.Deliveries[i].Shopper] = false
	}
	for i := range all.Redemptions {
		gone[all.Redemptions[i].Shopper] = false
	}
	for id := range gone {
		if err := r.acquaint(ctx, id); err != nil {
			return nil, err
		}
		gone[id] = r.known[id].stranger
	}
	return gone, nil
}

// kpis are the figures at a time. What devices reported then nobody kept: only
// of cameras that saw somebody is known that they worked.
func (r *rerun) kpis(at time.Time) liveKpis {
	today, yesterday := countsOn(r.counts, r.shop, at, r.from.Truncate(time.Hour))
	since := r.from.Truncate(time.Hour)
	if day := midnight(at, zoneOf(r.shop)); day.After(since) {
		since = day
	}
	today.Add(r.floor.countsSince(r.shop.ID, since))
	k := r.floor.kpis(r.shop, today, yesterday, nil, at)
	k.Devices = slices.DeleteFunc(k.Devices, func(d deviceHealth) bool { return d.Health != "ok" })
	return k
}

// acquaint looks up who shoppers are, once for the whole replay.
func (r *rerun) acquaint(ctx context.Context, ids ...offers.ShopperID) error {
	missing := slices.DeleteFunc(ids, func(id offers.ShopperID) bool {
		_, ok := r.known[id]
		return ok || id == ""
	})
	if len(missing) == 0 {
		return nil
	}
	found, err := r.service.profiles(ctx, missing)
	if err != nil {
		return err
	}
	for i, p := range found {
		r.known[missing[i]] = acquaint(p, r.until)
	}
	return nil
}

// tell sends something as it happened at a time, which is its id.
func (r *rerun) tell(at time.Time, event string, v any) error {
	f, err := frameOf(event, v)
	if err != nil {
		return err
	}
	f.id = at.UnixMicro()
	return r.told(f)
}
