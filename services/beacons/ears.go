package beacons

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-json"

	"aisle/offers"
	"aisle/services/state"
)

// Bounds of what is remembered of senders, and how often it is told.
const (
	healthEvery  = 5 * time.Second
	mostEars     = 4_000
	mostSamples  = 3           // packets of a sender that are put aside in a while
	sampledFor   = time.Minute // that while
	earForgotten = 10 * time.Minute
)

// ears is how the receivers do. Safe for concurrent use.
type ears struct {
	mu      sync.Mutex // guards all of it
	of      map[offers.ReceiverID]*ear
	samples map[string]*samples
	zones   map[offers.ShopID]state.ZonesHealth // not yet told
	began   time.Time                           // since when packets are counted
}

// ear is one receiver.
type ear struct {
	state.ReceiverHealth
	packets int
	fresh   bool // since health was last told
}

type samples struct {
	since time.Time
	n     int
}

func newEars() ears {
	return ears{of: map[offers.ReceiverID]*ear{}, samples: map[string]*samples{}, zones: map[offers.ShopID]state.ZonesHealth{}}
}

// at finds or makes a receiver. The caller holds the lock.
func (e *ears) at(r offers.ReceiverID) *ear {
	one := e.of[r]
	if one == nil {
		one = &ear{}
		if len(e.of) < mostEars {
			e.of[r] = one
		}
	}
	return one
}

// sample tells whether a packet of a sender is one of the few that are kept.
func (e *ears) sample(sender string, at time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	s, most := e.samples[sender], mostSamples
	if strings.HasPrefix(sender, "\x00") {
		most = 1 // it is not on the plan: one tells that
	}
	if s == nil {
		if len(e.samples) >= mostEars {
			return false
		}
		s = &samples{since: at}
		e.samples[sender] = s
	}
	if at.Sub(s.since) > sampledFor {
		*s = samples{since: at}
	}
	s.n++
	return s.n <= most
}

// hearGateway notes a packet that a receiver of the floor plan heard.
func (b *Beacons) hearGateway(r offers.ReceiverID, received time.Time) {
	if _, ok := b.shops.Now().Receivers[r]; !ok {
		return
	}
	b.ears.mu.Lock()
	one := b.ears.at(r)
	one.packets++
	one.Last, one.fresh = received, true
	one.Status = "online"
	b.ears.mu.Unlock()
}

// clock notes how far a receiver's clock is ahead.
func (b *Beacons) clock(r offers.ReceiverID, ahead time.Duration) {
	b.ears.mu.Lock()
	defer b.ears.mu.Unlock()
	if one := b.ears.of[r]; one != nil {
		one.AheadMs = ahead.Milliseconds()
	}
}

// says takes what a receiver says of itself: that it is there or, in its last
// will, that it is not, and what it is.
func (b *Beacons) says(r offers.ReceiverID, what string, payload []byte, at time.Time) {
	if _, ok := b.shops.Now().Receivers[r]; !ok || strings.HasSuffix(what, "/set") || len(payload) == 0 {
		return // told to it, or taken back
	}
	b.ears.mu.Lock()
	one := b.ears.at(r)
	gone := what == "status" && string(payload) == "offline"
	if gone {
		one.Status = "offline"
	} else {
		one.Last, one.Status = at, "online"
	}
	one.fresh = true
	if what == "telemetry" {
		var t struct {
			Firm    string `json:"firm"`    // ESPresense
			Ver     string `json:"ver"`     // ESPresense
			Version string `json:"version"` // OpenMQTTGateway
		}
		if json.Unmarshal(payload, &t) == nil {
			if text := strings.TrimSpace(t.Firm + " " + t.Ver + t.Version); text != "" && len(text) <= 100 {
				one.Firmware = text
			}
		}
	}
	b.ears.mu.Unlock()
}

// tellHealth notes which receivers were heard of, whether they heard a tag or
// only said that they are there, and what canaries say.
func (b *Beacons) tellHealth(ctx context.Context, now time.Time) error {
	devices, receivers, zones := b.ears.news(now)
	for r, h := range receivers {
		b.metrics.lastPacket.WithLabelValues(string(r)).Set(float64(h.Last.UnixMilli()) / 1000)
		b.metrics.skew.WithLabelValues(string(r)).Set(float64(h.AheadMs) / 1000)
	}
	if err := b.state.Heard(ctx, devices); err != nil {
		return err
	}
	if err := b.state.TellReceivers(ctx, receivers); err != nil {
		return err
	}
	for shop, h := range zones {
		if err := b.state.TellZones(ctx, shop, h); err != nil {
			return err
		}
	}
	return nil
}

// news is what there is to tell since the last time.
func (e *ears) news(now time.Time) (map[state.Device]time.Time, map[offers.ReceiverID]state.ReceiverHealth, map[offers.ShopID]state.ZonesHealth) {
	e.mu.Lock()
	defer e.mu.Unlock()
	devices, receivers := map[state.Device]time.Time{}, map[offers.ReceiverID]state.ReceiverHealth{}
	passed := healthEvery
	if !e.began.IsZero() {
		passed = max(now.Sub(e.began), time.Millisecond)
	}
	e.began = now
	for r, one := range e.of {
		rate := float64(one.packets) / passed.Seconds()
		if !one.fresh && rate == one.PacketsPerS {
			if now.Sub(one.Last) > earForgotten {
				delete(e.of, r)
			}
			continue
		}
		one.PacketsPerS, one.packets = rate, 0
		if one.fresh && !one.Last.IsZero() {
			devices[state.Receiver(r)] = one.Last
		}
		one.fresh = false
		receivers[r] = one.ReceiverHealth
	}
	for sender, s := range e.samples {
		if now.Sub(s.since) > earForgotten {
			delete(e.samples, sender)
		}
	}
	zones := e.zones
	e.zones = map[offers.ShopID]state.ZonesHealth{}
	return devices, receivers, zones
}
