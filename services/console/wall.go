package console

import (
	"context"
	"slices"
	"sync"
	"time"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/state"
	"aisle/services/stream"
)

// wall holds the staff's live feeds, by shop. Safe for concurrent use.
type wall struct {
	metrics *metrics
	ids     ids

	mu      sync.Mutex // guards the rest
	readers map[*reader]viewer
	replays map[offers.ShopID]*replay
}

// viewer is what a reader looks at, and who they are.
type viewer struct {
	shop offers.ShopID
	role catalog.Role
}

// sees tells whether a reader is told of an event in a shop. The shop "" is
// every shop. Messages name people: viewers are not told of them.
func (v viewer) sees(shop offers.ShopID, event string) bool {
	return (v.shop == shop || shop == "") && (event != "sandbox" || v.role.Includes(catalog.RoleStaff))
}

func newWall(m *metrics) *wall {
	return &wall{metrics: m, readers: map[*reader]viewer{}, replays: map[offers.ShopID]*replay{}}
}

// open adds a reader of a shop, and gives what happened since an id; false if
// there are too many.
func (w *wall) open(shop offers.ShopID, since int64, role catalog.Role) (r *reader, missed []frame, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.readers) >= feedsMost {
		return nil, nil, false
	}
	r = newReader()
	w.readers[r] = viewer{shop, role}
	if past := w.replays[shop]; past != nil && since > 0 {
		missed = slices.DeleteFunc(past.since(since), func(f frame) bool { return !w.readers[r].sees(shop, f.event) })
	}
	return r, missed, true
}

func (w *wall) close(r *reader) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.readers, r)
}

// watched are the shops that somebody looks at.
func (w *wall) watched() map[offers.ShopID]bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	shops := map[offers.ShopID]bool{}
	for _, v := range w.readers {
		shops[v.shop] = true
	}
	return shops
}

// happened tells the readers of a shop, and those who come back later. The
// shop "" is every shop.
func (w *wall) happened(shop offers.ShopID, event string, at time.Time, v any) error {
	f, err := frameOf(event, v)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	f.id = w.ids.next(at)
	if shop != "" {
		past := w.replays[shop]
		if past == nil {
			past = &replay{}
			w.replays[shop] = past
		}
		past.add(f)
	}
	for r, v := range w.readers {
		if v.sees(shop, event) {
			r.put(f)
		}
	}
	return nil
}

// is tells the readers of a shop what is now; what they have not read yet is
// replaced. Who may only look is told what comes last, if that is another thing.
func (w *wall) is(shop offers.ShopID, event string, v any, toViewers ...any) error {
	all, err := frameOf(event, v)
	if err != nil {
		return err
	}
	less := all
	for _, v := range toViewers {
		if less, err = frameOf(event, v); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for r, v := range w.readers {
		switch {
		case !v.sees(shop, event):
		case v.role.Includes(catalog.RoleStaff):
			r.put(all)
		default:
			r.put(less)
		}
	}
	return nil
}

// renew has the readers of a shop begin anew, with a snapshot of their own.
func (w *wall) renew(shop offers.ShopID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for r, v := range w.readers {
		if v.shop == shop {
			r.renew()
		}
	}
}

// How often the wall is told what is.
const (
	peopleEvery = 500 * time.Millisecond
	kpisEvery   = time.Second
	countsAge   = 2 * time.Second // of figures from the catalog
	healthAge   = 5 * time.Second
)

// tail is a stream that the console follows, and how much of its past.
type tail struct {
	stream string
	back   int // records of each partition
	handle func(ctx context.Context, batch []stream.Record) error
}

func (s *Service) tails() []tail {
	return []tail{
		{stream.Sightings, 500, s.followSightings},
		{stream.Decisions, 500, s.followDecisions},
		{stream.Deliveries, 1_000, s.followDeliveries},
		{stream.Events, 1_000, s.followEvents},
		{stream.Quarantine, quarantineTail, s.followQuarantine},
	}
}

// each reads the records of a batch. One that cannot be read is counted and
// left out: a screen is no place to stop for it.
func each[T any](s *Service, batch []stream.Record, handle func(r *stream.Record, v *T) error) error {
	for i := range batch {
		v := new(T)
		if err := batch[i].Decode(v); err != nil {
			s.metrics.unread.WithLabelValues(batch[i].Stream).Inc()
			continue
		}
		if err := handle(&batch[i], v); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) followSightings(_ context.Context, batch []stream.Record) error {
	old := time.Now().Add(-2 * presence)
	return each(s, batch, func(r *stream.Record, v *offers.Sighting) error {
		if r.Time.After(old) {
			s.sighted(v, r.Time)
		}
		return nil
	})
}

func (s *Service) followDecisions(_ context.Context, batch []stream.Record) error {
	return each(s, batch, func(r *stream.Record, d *offers.Decision) error {
		summary, first := s.decided(d, s.shop(d.Shop))
		if !first || d.Shop == "" {
			return nil
		}
		return s.wall.happened(d.Shop, "decision", r.Time, summary)
	})
}

func (s *Service) followDeliveries(ctx context.Context, batch []stream.Record) error {
	return each(s, batch, func(r *stream.Record, d *offers.Delivery) error {
		if !s.delivered(d, s.shop(d.Shop)) {
			return nil
		}
		if d.State == offers.DeliverySent && d.Provider == "sandbox" {
			s.sandbox.mayHave()
		}
		if d.Channel == offers.ChannelApp && d.State == offers.DeliverySent {
			s.phones.offered(ctx, s, d)
		}
		if d.Shop == "" {
			return nil
		}
		return s.wall.happened(d.Shop, "delivery", r.Time, forWall(d))
	})
}

// forWall is a delivery without what only its receiver may see: a screen on
// the wall is read by everyone, and the code is worth money.
func forWall(d *offers.Delivery) offers.Delivery {
	shown := *d
	shown.Code = ""
	return shown
}

func (s *Service) followEvents(ctx context.Context, batch []stream.Record) error {
	return each(s, batch, func(r *stream.Record, e *offers.Event) error {
		s.faces.heard(e)
		x, news := s.heard(e)
		switch e.Type {
		case offers.OfferRedeemed:
			if news != "" {
				s.phones.redeemed(e)
			}
		case offers.RedemptionUndone:
			s.phones.undone(ctx, s, e)
		case offers.ConsentChanged:
			s.phones.consented(e)
		case offers.ZoneEntered, offers.Recognised:
			s.phones.moved(ctx, s, e)
		}
		if news == "" || x.Shop == "" {
			return nil
		}
		return s.wall.happened(x.Shop, news, r.Time, x)
	})
}

// tick tells the readers what is, as long as there are any.
func (s *Service) tick(ctx context.Context) error {
	t := time.NewTicker(peopleEvery)
	defer t.Stop()
	var figured, minute time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-t.C:
			if err := s.tellPeople(ctx, now); err != nil {
				return err
			}
			if now.Sub(figured) >= kpisEvery-peopleEvery/10 {
				// Once a minute for all: that is what the histories are made of.
				all := !now.Truncate(time.Minute).Equal(minute)
				figured, minute = now, now.Truncate(time.Minute)
				if err := s.tellKpis(ctx, now, all); err != nil {
					return err
				}
			}
			if err := s.tellSandbox(ctx); err != nil {
				return err
			}
		}
	}
}

func (s *Service) tellPeople(ctx context.Context, now time.Time) error {
	for id := range s.wall.watched() {
		if shop := s.shop(id); shop != nil {
			people := s.peopleNow(ctx, shop, now)
			if err := s.wall.is(id, "people", people, people.forRole(catalog.RoleViewer)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) tellKpis(ctx context.Context, now time.Time, all bool) error {
	watched := s.wall.watched()
	for id, shop := range s.catalogue().Shops {
		if !all && !watched[id] {
			continue
		}
		kpis := s.kpis(ctx, shop, now)
		if watched[id] {
			if err := s.wall.is(id, "kpis", kpis); err != nil {
				return err
			}
		}
	}
	return nil
}

// kpis are a shop's figures. Where the catalog or state do not answer, the
// last that they said stands.
func (s *Service) kpis(ctx context.Context, shop *offers.Shop, now time.Time) liveKpis {
	today, yesterday := s.figures.ofShop(ctx, s, shop, now)
	k := s.floor.kpis(shop, today, yesterday, s.figures.devices(ctx, s, now), now)
	k.Alerts = s.alerts.of(shop.ID)
	return k
}

// figures are what the wall shows that lies elsewhere, read now and then. Safe
// for concurrent use.
type figures struct {
	mu       sync.Mutex // guards the rest
	counts   map[offers.ShopID]map[time.Time]catalog.Counts
	counted  time.Time
	health   map[state.Device]time.Time
	reported time.Time
}

// ofShop are the counts of a shop's day, and of the day before until this hour.
func (f *figures) ofShop(ctx context.Context, s *Service, shop *offers.Shop, now time.Time) (today, yesterday catalog.Counts) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Sub(f.counted) > countsAge {
		f.counted = now
		// Three days: midnight is elsewhere at another time.
		counts, err := s.catalog.HourCounts(ctx, now.Add(-72*time.Hour))
		if err == nil {
			f.counts = counts
		} else {
			s.logger.Debug("console: counts are not to be had", "err", err)
		}
	}
	return countsOn(f.counts[shop.ID], shop, now, now)
}

// countsOn are the counts of a shop's day until a time, of the hours that
// began before it, and of the day before until the hour that it is now.
func countsOn(hours map[time.Time]catalog.Counts, shop *offers.Shop, now, until time.Time) (today, yesterday catalog.Counts) {
	begin := midnight(now, zoneOf(shop))
	before := begin.AddDate(0, 0, -1)
	for hour, n := range hours {
		switch {
		case !hour.Before(begin):
			if hour.Before(until) {
				today.Add(n)
			}
		case !hour.Before(before) && hour.Before(now.AddDate(0, 0, -1)):
			yesterday.Add(n)
		}
	}
	return today, yesterday
}

// devices are when receivers and cameras last were heard of.
func (f *figures) devices(ctx context.Context, s *Service, now time.Time) map[state.Device]time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Sub(f.reported) > healthAge {
		f.reported = now
		if devices, err := s.store.Devices(ctx); err == nil {
			f.health = devices
		}
	}
	return f.health
}

// sandboxNews knows whether the sandbox has messages that the wall has not
// told. Safe for concurrent use.
type sandboxNews struct {
	mu   sync.Mutex // guards the rest
	some bool
	told *lately
}

func newSandboxNews() *sandboxNews { return &sandboxNews{told: newLately(1_000)} }

// mayHave says that there may be a new message.
func (n *sandboxNews) mayHave() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.some = true
}

// due tells whether there may be one, once.
func (n *sandboxNews) due() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	some := n.some
	n.some = false
	return some
}

func (n *sandboxNews) isNew(id string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.told.add(id)
}

// tellSandbox tells of messages that the sandbox shows and the wall has not
// told yet.
func (s *Service) tellSandbox(ctx context.Context) error {
	if !s.sandbox.due() {
		return nil
	}
	messages, err := s.store.SandboxMessages(ctx)
	if err != nil {
		s.sandbox.mayHave() // later, then
		return nil
	}
	for i := len(messages) - 1; i >= 0; i-- {
		if m := &messages[i]; s.sandbox.isNew(m.ID) {
			if err := s.wall.happened(s.shopOfDecision(m.Decision), "sandbox", m.At, forSandbox(m)); err != nil {
				return err
			}
		}
	}
	return nil
}

// shopOfDecision is the shop where a decision was taken, "" if it is not
// remembered.
func (s *Service) shopOfDecision(id offers.DecisionID) offers.ShopID {
	deliveries, _ := s.recent.of(id)
	if len(deliveries) > 0 {
		return deliveries[0].Shop
	}
	return ""
}

type sandboxMessage struct {
	ID       string            `json:"id"`
	Decision offers.DecisionID `json:"decision,omitempty"`
	Shopper  offers.ShopperID  `json:"shopper,omitempty"`
	To       string            `json:"to"`
	Body     string            `json:"body"`
	At       time.Time         `json:"at"`
}

func forSandbox(m *state.SandboxMessage) sandboxMessage {
	return sandboxMessage{m.ID, m.Decision, m.Shopper, mask(m.To), m.Body, m.At}
}
