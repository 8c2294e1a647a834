// Package beacons is the shop's ear: the gateways on the shelves tell by MQTT
// which tags they hear, and it tells the house who entered, dwelled in and left
// which zone.
//
// Its rules: a tag is somebody only where its owner consented to be located;
// all others are dots without a name, under a track that changes every day. A
// tag whose id is a MAC address is nobody's. What a zone event is about is kept
// before it is published, so that a restart neither repeats nor loses a stay.
package beacons

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-json"
	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/prometheus/client_golang/prometheus"

	pure "aisle/beacons"
	forms "aisle/beacons/gateway"
	"aisle/offers"
	"aisle/offers/identity"
	"aisle/services/state"
	"aisle/services/stream"
)

// source is what records of this door say they come from.
const source = "aisle/beacons"

// Parts are what the door stands on.
type Parts struct {
	Log      *stream.Log
	State    *state.Store
	Shops    *stream.Catalogue
	Logger   *slog.Logger
	Registry prometheus.Registerer
}

// Beacons is the door for gateways.
type Beacons struct {
	config  Config
	log     *stream.Log
	state   *state.Store
	shops   *stream.Catalogue
	logger  *slog.Logger
	metrics *metrics
	server  *mqtt.Server // nil with an external broker
	addr    string

	packets chan heard
	bad     chan offers.Quarantined

	mu    sync.Mutex                 // guards alive
	alive map[state.Device]time.Time // receivers heard of since health was last told
}

// heard is a packet on its way to the tracker.
type heard struct {
	pure.Reading
	topic   string
	payload []byte
}

const (
	queueLength = 16_384
	batchLength = 1_024
	healthEvery = 5 * time.Second
	knownFor    = time.Second // how old what is known of a tag's owner and consent may be
)

// New makes the door and, with the embedded broker, opens its port.
func New(c Config, p Parts) (*Beacons, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	b := &Beacons{
		config: c, log: p.Log, state: p.State, shops: p.Shops, logger: p.Logger,
		metrics: newMetrics(p.Registry),
		packets: make(chan heard, queueLength), bad: make(chan offers.Quarantined, 256),
		alive: map[state.Device]time.Time{},
	}
	if b.logger == nil {
		b.logger = slog.New(slog.DiscardHandler)
	}
	if c.MQTT == "off" || c.external() {
		return b, nil
	}
	return b, b.listen()
}

// Addr is where the embedded broker listens; empty if there is none.
func (b *Beacons) Addr() string { return b.addr }

// Run works until ctx ends.
func (b *Beacons) Run(ctx context.Context) error {
	if b.config.MQTT == "off" {
		<-ctx.Done()
		return nil
	}
	w := &worker{Beacons: b, tracker: pure.NewTracker(b.config.tracker()), owners: map[string]owner{}, kept: map[string]bool{}, told: map[offers.ReceiverID]time.Time{}}
	w.place()
	if err := w.resume(ctx); err != nil {
		b.close()
		return err
	}
	if b.config.external() {
		defer b.connect()()
	} else {
		if err := b.server.Serve(); err != nil {
			return fmt.Errorf("beacons: mqtt: %w: %w", offers.ErrUnavailable, err)
		}
		defer b.close()
		b.metrics.connected.Set(1)
		b.logger.Info("broker listens", "addr", b.addr)
	}
	var telling sync.WaitGroup
	telling.Go(func() { b.tellHealth(ctx) })
	defer telling.Wait()
	return w.run(ctx)
}

// tellHealth notes every few seconds which receivers were heard of, whether
// they heard a tag or only said that they are there.
func (b *Beacons) tellHealth(ctx context.Context) {
	tick := time.NewTicker(healthEvery)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		b.mu.Lock()
		alive := b.alive
		b.alive = map[state.Device]time.Time{}
		b.mu.Unlock()
		err := b.state.Heard(ctx, alive)
		if failed := err != nil && ctx.Err() == nil; failed != failing {
			failing = failed
			b.logger.Warn("telling the receivers' health", "works", !failed, "err", err)
		}
	}
}

func (b *Beacons) close() {
	if b.server != nil {
		b.server.Close()
	}
}

// packet takes one message of a gateway. It never waits: the radio repeats
// itself, and a gateway that is made to wait loses newer packets.
func (b *Beacons) packet(topic string, payload []byte, at time.Time) {
	if room, ok := strings.CutPrefix(topic, forms.ESPresenseRooms); ok {
		room, _, _ = strings.Cut(room, "/")
		b.hearGateway(offers.ReceiverID(room), at)
		return
	}
	r, err := forms.ESPresense(topic, payload, at)
	if errors.Is(err, offers.ErrNotFound) {
		return // another topic of theirs
	}
	if err != nil {
		b.metrics.readings.WithLabelValues("invalid").Inc()
		reason := offers.ReasonSchema
		if !json.Valid(payload) {
			reason = offers.ReasonEncoding
		}
		b.quarantine(reason, topic, payload, at, err)
		return
	}
	b.hearGateway(r.Receiver, at)
	if !pure.Identifying(r.Tag, b.config.TagPrefixes...) {
		b.metrics.readings.WithLabelValues("not_identifying").Inc()
		return
	}
	select {
	case b.packets <- heard{r, topic, payload}:
	default:
		b.metrics.readings.WithLabelValues("dropped").Inc()
	}
}

func (b *Beacons) hearGateway(r offers.ReceiverID, at time.Time) {
	if _, ok := b.shops.Now().Receivers[r]; !ok {
		return
	}
	b.mu.Lock()
	b.alive[state.Receiver(r)] = at
	b.mu.Unlock()
	b.metrics.lastPacket.WithLabelValues(string(r)).Set(float64(at.UnixMilli()) / 1000)
}

// quarantine puts a packet aside. Where more come than can be written, they
// are counted as dropped: a broken gateway repeats the same thing.
func (b *Beacons) quarantine(reason offers.Reason, topic string, payload []byte, at time.Time, cause error) {
	h := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", topic, payload, at.UnixNano()))
	q := offers.Quarantined{
		ID: "beacons-" + hex.EncodeToString(h[:12]), Reason: reason, Detail: cause.Error(), Source: "beacons/espresense",
		Received: at, Headers: map[string]string{"topic": topic}, Body: payload,
	}
	select {
	case b.bad <- q:
		b.metrics.quarantined.WithLabelValues(string(reason)).Inc()
	default:
		b.metrics.readings.WithLabelValues("dropped").Inc()
	}
}

// worker is the one goroutine that follows the tags.
type worker struct {
	*Beacons
	tracker *pure.Tracker
	owners  map[string]owner                    // by tag
	placed  map[offers.ReceiverID]offers.ShopID // of the floor plans
	kept    map[string]bool                     // tags whose stay is kept
	told    map[offers.ReceiverID]time.Time     // unknown receivers lately put in quarantine
	salt    []byte
	salted  string // the day of salt
	failing bool
}

// owner is who carries a tag, as far as they want that known.
type owner struct {
	shopper offers.ShopperID // empty: nobody, or without consent
	trace   string
	asked   time.Time
}

func (w *worker) run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	changed := w.shops.Changed()
	for {
		var changes []pure.Change
		var bad []offers.Quarantined
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
			changed = w.shops.Changed()
			w.place()
		case now := <-tick.C:
			changes = w.tracker.Tick(now)
			w.metrics.tags.Set(float64(w.tracker.Tags()))
			w.forget(now)
		case q := <-w.bad:
			bad = append(bad, q)
			for len(w.bad) > 0 {
				bad = append(bad, <-w.bad)
			}
		case h := <-w.packets:
			changes = w.hear(h)
			for n := 1; n < batchLength && len(w.packets) > 0; n++ {
				changes = append(changes, w.hear(<-w.packets)...)
			}
		}
		w.deliver(ctx, changes, bad)
	}
}

func (w *worker) place() {
	now := w.shops.Now()
	w.tracker.Place(now.Shops)
	for r := range w.placed {
		if _, ok := now.Receivers[r]; !ok {
			w.metrics.lastPacket.DeleteLabelValues(string(r))
		}
	}
	w.placed = now.Receivers
}

func (w *worker) hear(h heard) []pure.Change {
	changes, err := w.tracker.Hear(h.Reading)
	switch {
	case err == nil:
		w.metrics.readings.WithLabelValues("heard").Inc()
	case errors.Is(err, offers.ErrNotFound):
		w.metrics.readings.WithLabelValues("unknown_receiver").Inc()
		// A gateway that is not on the plan yet says the same thing many times a
		// second: once a minute is enough to notice and to replay from.
		if last, ok := w.told[h.Receiver]; (!ok || h.At.Sub(last) > time.Minute) && (ok || len(w.told) < 1_000) {
			w.told[h.Receiver] = h.At
			w.quarantine(offers.ReasonUnknown, h.topic, h.payload, h.At, fmt.Errorf("%w; put it on a floor plan under this name", err))
		}
	default:
		w.metrics.readings.WithLabelValues("dropped").Inc()
	}
	return changes
}

// forget drops what is known of tags that are gone.
func (w *worker) forget(now time.Time) {
	for tag, o := range w.owners {
		if now.Sub(o.asked) > time.Minute {
			delete(w.owners, tag)
		}
	}
	for r, at := range w.told {
		if now.Sub(at) > 10*time.Minute {
			delete(w.told, r)
		}
	}
}

// deliver publishes what changed, and tries until the log has it or ctx ends:
// stays are kept, and go on after the restart.
func (w *worker) deliver(ctx context.Context, changes []pure.Change, bad []offers.Quarantined) {
	if len(changes)+len(bad) == 0 {
		return
	}
	began := time.Now()
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		err := w.publish(ctx, changes, bad)
		if err == nil {
			if w.failing {
				w.failing = false
				w.logger.Info("publishing again")
			}
			w.metrics.deliver.Observe(time.Since(began).Seconds())
			return
		}
		if ctx.Err() != nil {
			return
		}
		if !errors.Is(err, offers.ErrUnavailable) {
			// No other try would go better, and the tags behind it must not wait.
			w.logger.Error("changes that cannot be published are left out", "changes", len(changes), "err", err)
			w.metrics.readings.WithLabelValues("dropped").Add(float64(len(changes)))
			return
		}
		if !w.failing {
			w.failing = true
			w.logger.Error("cannot publish, and tries again", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// publish keeps the stays that changed, publishes, and notes that it did.
func (w *worker) publish(ctx context.Context, changes []pure.Change, bad []offers.Quarantined) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	now := time.Now()
	merges, err := w.resolve(ctx, changes, now)
	if err != nil {
		return err
	}
	if err := w.state.CarryConsents(ctx, merges, w.log.PartitionOf); err != nil {
		return err
	}
	if err := w.keep(ctx, changes, false); err != nil {
		return err
	}
	records := make([]stream.Record, 0, len(merges)+len(changes)+len(bad))
	for _, m := range merges {
		r, err := mergedRecord(m, now)
		if err != nil {
			return err
		}
		records = append(records, r)
	}
	for i := range changes {
		r, ok, err := w.record(&changes[i], now)
		if err != nil {
			return err
		}
		if ok {
			records = append(records, r)
		}
	}
	for i := range bad {
		r, err := stream.QuarantineRecord(&bad[i], source, "")
		if err != nil {
			return err
		}
		records = append(records, r)
	}
	if err := w.log.Produce(ctx, records...); err != nil {
		return err
	}
	for i := range records {
		switch r := &records[i]; r.Stream {
		case stream.Events:
			w.metrics.events.WithLabelValues(r.Header("ce_type")).Inc()
		case stream.Sightings:
			w.metrics.sightings.WithLabelValues(r.Header("ce_type")).Inc()
		}
	}
	if err := w.state.Announced(ctx, merges); err != nil {
		return err
	}
	return w.keep(ctx, changes, true)
}

// resolve finds out who carries the tags that changed, where that is not known
// from a moment ago.
func (w *worker) resolve(ctx context.Context, changes []pure.Change, now time.Time) ([]state.Merge, error) {
	var ask []offers.Identifier
	for i := range changes {
		tag := changes[i].Tag
		if o, ok := w.owners[tag]; !ok || now.Sub(o.asked) > knownFor {
			w.owners[tag] = owner{asked: now}
			ask = append(ask, offers.Identifier{Type: offers.Tag, Value: tag})
		}
	}
	if len(ask) == 0 {
		return nil, nil
	}
	var merges []state.Merge
	shoppers, err := w.state.Owners(ctx, ask)
	for i := 0; err == nil && i < len(ask); i++ {
		if shoppers[i] == "" {
			continue
		}
		var id state.Identity
		if id, err = w.state.IdentifyShopper(ctx, shoppers[i], stream.NewTrace); err != nil {
			break
		}
		var consents map[offers.Purpose]offers.Consent
		if consents, err = w.state.Consents(ctx, w.log.PartitionOf(string(id.Shopper)), id.Shopper); err != nil {
			break
		}
		merges = append(merges, id.Merges...)
		if consents[offers.ConsentLocation].Granted {
			w.owners[ask[i].Value] = owner{shopper: id.Shopper, trace: id.Trace, asked: now}
		}
	}
	if err != nil {
		for _, id := range ask {
			delete(w.owners, id.Value) // not known after all
		}
	}
	return merges, err
}

// record is a change as the log carries it. Nothing but presence is said of
// quiet zones and of those who are not known.
func (w *worker) record(c *pure.Change, now time.Time) (r stream.Record, ok bool, err error) {
	o := w.owners[c.Tag]
	if c.Kind == pure.Seen {
		s := c.Sighting
		s.Track = w.track(c.Tag, c.At)
		who := "anonymous"
		if c.Quiet {
			s.Track = w.track(c.Tag+c.Stay.Since.String(), c.At)
		} else if o.shopper != "" {
			who = "known"
		}
		key := s.Track
		if who == "known" {
			s.Shopper, key = o.shopper, string(o.shopper)
		} else {
			s.Device = ""
		}
		value, err := json.Marshal(&s)
		if err != nil {
			return r, false, fmt.Errorf("sighting: %w: %w", offers.ErrInvalid, err)
		}
		id := fmt.Sprintf("beacons/%s/%d", s.Track, c.At.UnixMilli())
		return stream.Record{Stream: stream.Sightings, Key: []byte(key), Value: value,
			Headers: stream.Headers(id, source, who, c.At, stream.NewSpan(o.trace))}, true, nil
	}
	if o.shopper == "" {
		return r, false, nil
	}
	e := offers.Event{
		ID:      eventID(c),
		Type:    map[pure.Kind]offers.EventType{pure.Entered: offers.ZoneEntered, pure.Dwelled: offers.ZoneDwelled, pure.Left: offers.ZoneLeft}[c.Kind],
		Shopper: o.shopper, Identifiers: []offers.Identifier{{Type: offers.Tag, Value: c.Tag}},
		Time: c.At, Received: c.At, Source: "beacons/espresense",
		Shop: c.Stay.Shop, Zone: c.Stay.Zone, Dwell: c.Dwell,
	}
	if shop := w.shops.Now().Shops[c.Stay.Shop]; shop != nil {
		z, _ := shop.Zone(c.Stay.Zone)
		if z.Kind == offers.ZoneQuiet {
			return r, false, nil
		}
		e.Category = z.Category
	}
	if c.Kind == pure.Left {
		e.Received = now // it was concluded from silence
	}
	r, err = stream.EventRecord(&e, source, stream.NewSpan(o.trace))
	return r, err == nil, err
}

// eventID depends on tag, zone, kind and the start of the stay only: what is
// published again after a crash is the same event.
func eventID(c *pure.Change) offers.EventID {
	tag := identity.NewShopperID(offers.Identifier{Type: offers.Tag, Value: c.Tag})
	return offers.EventID(fmt.Sprintf("beacons/%s/%s/%s/%d", tag, c.Stay.Zone, c.Kind, c.Stay.Since.UnixMilli()))
}

// track is a name for a tag that cannot be traced back to it, and is another
// one every day and after every start.
func (w *worker) track(tag string, at time.Time) string {
	if day := at.UTC().Format(time.DateOnly); day != w.salted {
		w.salt = make([]byte, 32)
		rand.Read(w.salt) // never fails, since Go 1.24
		w.salted = day
	}
	h := hmac.New(sha256.New, w.salt)
	h.Write([]byte(tag))
	return "b" + strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)[:10]))
}

// mergedRecord tells the loser's partition that they are the winner.
func mergedRecord(m state.Merge, now time.Time) (stream.Record, error) {
	e := offers.Event{ID: m.EventID(), Type: offers.Merged,
		Shopper: m.Loser, Into: m.Winner, Time: now, Received: now, Source: "beacons/identity"}
	return stream.EventRecord(&e, source, "")
}
