package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/services/state"
)

// phones holds the shoppers' live feeds. Safe for concurrent use.
type phones struct {
	metrics *metrics
	ids     ids

	mu      sync.Mutex // guards readers
	readers map[offers.ShopperID]map[*reader]bool
	open    int
}

// feedsPerShopper bounds the feeds of one shopper: phones and tabs.
const feedsPerShopper = 10

func newPhones(m *metrics) *phones {
	return &phones{metrics: m, readers: map[offers.ShopperID]map[*reader]bool{}}
}

// add opens a feed of a shopper; false if there are too many.
func (p *phones) add(shopper offers.ShopperID) (*reader, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open >= feedsMost || len(p.readers[shopper]) >= feedsPerShopper {
		return nil, false
	}
	r := newReader()
	if p.readers[shopper] == nil {
		p.readers[shopper] = map[*reader]bool{}
	}
	p.readers[shopper][r] = true
	p.open++
	return r, true
}

func (p *phones) remove(shopper offers.ShopperID, r *reader) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.readers[shopper][r] {
		return
	}
	p.open--
	if delete(p.readers[shopper], r); len(p.readers[shopper]) == 0 {
		delete(p.readers, shopper)
	}
}

func (p *phones) listens(shopper offers.ShopperID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.readers[shopper]) > 0
}

// tell tells a shopper's phones. What happened has an id, what is has none.
func (p *phones) tell(shopper offers.ShopperID, event string, happened bool, v any) {
	f, err := frameOf(event, v)
	if err != nil {
		return // cannot be: our own types
	}
	if happened {
		f.id = p.ids.next(time.Now())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for r := range p.readers[shopper] {
		r.put(f)
	}
}

// offered tells of an offer that the inbox has now.
func (p *phones) offered(ctx context.Context, s *Service, d *offers.Delivery) {
	if !p.listens(d.Shopper) {
		return
	}
	entry, err := s.inboxEntry(ctx, d.Shopper, d.Decision)
	if err != nil {
		// It is in the inbox, and shown when the app looks next.
		s.logger.Debug("console: an offer is not told", "err", err)
		return
	}
	p.tell(d.Shopper, "offer", true, s.myOffer(entry))
}

func (p *phones) redeemed(e *offers.Event) {
	if p.listens(e.Shopper) {
		p.tell(e.Shopper, "redeemed", true, myRedeemed{e.Decision, e.Time})
	}
}

// undone tells of an offer that holds again, as the app was first told of it.
func (p *phones) undone(ctx context.Context, s *Service, e *offers.Event) {
	if !p.listens(e.Shopper) {
		return
	}
	entry, err := s.inboxEntry(ctx, e.Shopper, e.Decision)
	if err != nil {
		s.logger.Debug("console: an offer that holds again is not told", "err", err)
		return
	}
	entry.Redeemed = time.Time{} // the catalog may not know yet
	p.tell(e.Shopper, "offer", true, s.myOffer(entry))
}

func (p *phones) consented(e *offers.Event) {
	if e.Consent != nil && p.listens(e.Shopper) {
		p.tell(e.Shopper, "consent", true, e.Consent)
	}
}

// moved tells a shopper what we know of where they are: they may want to know.
func (p *phones) moved(_ context.Context, s *Service, e *offers.Event) {
	if e.Shop == "" || !p.listens(e.Shopper) {
		return
	}
	p.tell(e.Shopper, "visit", false, s.myVisit(&offers.Visit{Shop: e.Shop, Zone: e.Zone, Started: e.Time, ZoneSince: e.Time}))
}

// inbox are a shopper's offers, newest first.
func (s *Service) inbox(ctx context.Context, shopper offers.ShopperID) ([]offers.Inbox, error) {
	all, err := s.selves(ctx, shopper)
	if err != nil {
		return nil, err
	}
	var entries []offers.Inbox
	for _, self := range all {
		values, err := s.store.Client().HGetAll(ctx, state.InboxKey(s.log.PartitionOf(string(self)), self)).Result()
		if err != nil {
			return nil, fmt.Errorf("inbox: %w: %w", offers.ErrUnavailable, err)
		}
		for id, value := range values {
			var entry offers.Inbox
			if err := json.Unmarshal([]byte(value), &entry); err != nil {
				return nil, fmt.Errorf("inbox: %s: %w: %w", id, offers.ErrInvalid, err)
			}
			entries = append(entries, s.withRedemption(ctx, entry))
		}
	}
	slices.SortFunc(entries, func(a, b offers.Inbox) int { return b.At.Compare(a.At) })
	return entries, nil
}

func (s *Service) inboxEntry(ctx context.Context, shopper offers.ShopperID, id offers.DecisionID) (offers.Inbox, error) {
	var entry offers.Inbox
	value, err := s.store.Client().HGet(ctx, state.InboxKey(s.log.PartitionOf(string(shopper)), shopper), string(id)).Bytes()
	if errors.Is(err, redis.Nil) {
		return entry, fmt.Errorf("offer %s: %w", id, offers.ErrNotFound)
	}
	if err != nil {
		return entry, fmt.Errorf("inbox: %w: %w", offers.ErrUnavailable, err)
	}
	if err := json.Unmarshal(value, &entry); err != nil {
		return entry, fmt.Errorf("inbox: %s: %w: %w", id, offers.ErrInvalid, err)
	}
	return s.withRedemption(ctx, entry), nil
}

// withRedemption notes on an entry that it was used, where the notifier has
// not yet.
func (s *Service) withRedemption(ctx context.Context, entry offers.Inbox) offers.Inbox {
	if !entry.Redeemed.IsZero() {
		return entry
	}
	if _, x := s.recent.of(entry.Decision); x != nil {
		entry.Redeemed = x.At
	} else if kept, err := s.catalog.Redemption(ctx, entry.Decision); err == nil {
		entry.Redeemed = kept.At
	}
	return entry
}
