// Package beacons is the shop's ear: the gateways on the shelves tell by MQTT
// or HTTP which tags they hear, phones tell which beacons, and it tells the
// house who entered, dwelled in and left which zone.
//
// Its rules: a tag is somebody only where its owner consented to be located;
// all others are dots without a name, under a track that changes every day. A
// tag whose id is a MAC address is nobody's. A zone event is told once the place
// is sure enough for an offer, and not at all if it never is. What a zone event
// is about is kept before it is published, so that a restart neither repeats nor
// loses a stay.
package beacons

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
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
	"aisle/beacons/token"
	"aisle/offers"
	"aisle/offers/identity"
	"aisle/services/again"
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
	name    string // of this door among those that share the shops

	packets chan heard
	bad     chan offers.Quarantined
	ears    ears
	survey  survey
}

// heard is a packet on its way to the tracker.
type heard struct {
	pure.Reading
	form    forms.Form
	named   bool // by a door
	logged  bool // it came over the log
	topic   string
	payload []byte
}

const (
	queueLength = 16_384
	batchLength = 1_024
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
		ears: newEars(),
	}
	if b.logger == nil {
		b.logger = slog.New(slog.DiscardHandler)
	}
	var err error
	switch {
	case c.external():
		_, _, _, _, err = c.broker()
	case c.MQTT != "off":
		err = b.listen()
	}
	b.name = b.doorName()
	return b, err
}

// Addr is where the embedded broker listens; empty if there is none.
func (b *Beacons) Addr() string { return b.addr }

// Run works until ctx ends.
func (b *Beacons) Run(ctx context.Context) error {
	w, err := b.newWorker()
	if err != nil {
		return err
	}
	if _, err := w.share(ctx, time.Now()); err != nil {
		b.close()
		return err
	}
	defer w.leave()
	w.place()
	if err := w.resume(ctx, nil); err != nil {
		b.close()
		return err
	}
	switch {
	case b.config.MQTT == "off":
	case b.config.external():
		defer b.connect()()
	default:
		if err := b.server.Serve(); err != nil {
			return fmt.Errorf("beacons: mqtt: %w: %w", offers.ErrUnavailable, err)
		}
		defer b.close()
		b.metrics.connected.Set(1)
		b.logger.Info("broker listens", "addr", b.addr)
	}
	ctx, cancel := context.WithCancel(ctx)
	var telling sync.WaitGroup
	defer telling.Wait()
	defer cancel()
	telling.Go(func() { b.every(ctx, healthEvery, "the receivers' health", b.tellHealth) })
	telling.Go(func() { b.every(ctx, surveyEvery, "surveys", b.tellSurvey) })
	failed := make(chan error, 1)
	telling.Go(func() {
		if err := b.log.Tail(ctx, stream.Readings, 0, b.fromDoors, nil); err != nil {
			failed <- err
			cancel()
		}
	})
	err = w.run(ctx)
	cancel()
	select {
	case cause := <-failed:
		return fmt.Errorf("beacons: %w", cause)
	default:
		return err
	}
}

// every tells something again and again until ctx ends.
func (b *Beacons) every(ctx context.Context, wait time.Duration, what string, tell func(context.Context, time.Time) error) {
	_ = again.Every(ctx, wait, b.logger, "telling "+what, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, max(wait, tellFor))
		defer cancel()
		return tell(ctx, time.Now())
	})
}

const tellFor = 2 * time.Second // that telling may take, at least

func (b *Beacons) close() {
	if b.server != nil {
		b.server.Close()
	}
}

// worker is the one goroutine that follows the tags.
type worker struct {
	*Beacons
	tracker  *pure.Tracker
	keys     *token.Ring
	owners   map[string]owner                    // by tag
	forms    map[string]forms.Form               // by tag, how it was heard last
	placed   map[offers.ReceiverID]offers.ShopID // of the floor plans
	kept     map[string]bool                     // tags whose stay is kept
	held     map[string]*withheld                // by tag
	reported map[offers.ShopID]bool              // shops with canaries
	judged   time.Time                           // when canaries were last asked
	salt     []byte
	salted   string // the day of salt
	failing  bool

	mine   map[offers.ShopID]bool // shops that are this door's
	shared time.Time              // when that was last made sure
	others []heard                // that other doors locate
}

// owner is who carries a tag, as far as they want that known.
type owner struct {
	shopper offers.ShopperID // empty: nobody, or without consent
	trace   string
	asked   time.Time
}

func (b *Beacons) newWorker() (*worker, error) {
	keys, err := b.config.keys()
	if err != nil {
		return nil, err
	}
	w := &worker{
		Beacons: b, tracker: pure.NewTracker(b.config.tracker()), keys: keys, owners: map[string]owner{}, kept: map[string]bool{},
		forms: map[string]forms.Form{}, held: map[string]*withheld{}, reported: map[offers.ShopID]bool{},
	}
	return w, nil
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
			w.partake(ctx, time.Now())
			w.place()
		case now := <-tick.C:
			changes = w.gate(w.tracker.Tick(now), now)
			w.metrics.tags.Set(float64(w.tracker.Tags()))
			w.forget(now)
			w.report(now)
			if now.Sub(w.shared) >= leaseEvery {
				w.partake(ctx, now)
			}
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
			changes = w.gate(changes, time.Time{})
		}
		w.handOn(ctx)
		w.deliver(ctx, changes, bad)
	}
}

// partake makes sure which shops are this door's, and goes on with the stays of
// those that were another's.
func (w *worker) partake(ctx context.Context, now time.Time) {
	before := w.mine
	changed, err := w.share(ctx, now)
	w.shared = now
	if err != nil || !changed {
		return // it is tried again in a moment; until then all is as it was
	}
	w.place()
	w.logger.Info("shops of this door", "shops", len(w.mine), "before", len(before))
	if err := w.resume(ctx, before); err != nil {
		w.logger.Error("stays of other doors cannot be read, and begin anew", "err", err)
	}
}

func (w *worker) place() {
	now, mine := w.shops.Now(), make(map[offers.ShopID]*offers.Shop, len(w.mine))
	for id, shop := range now.Shops {
		if w.mine[id] {
			mine[id] = shop
		}
	}
	w.tracker.Place(mine)
	for r := range w.placed {
		if _, ok := now.Receivers[r]; !ok {
			w.metrics.lastPacket.DeleteLabelValues(string(r))
			w.metrics.skew.DeleteLabelValues(string(r))
		}
	}
	w.placed = now.Receivers
}

func (w *worker) hear(h heard) []pure.Change {
	if name, ok := strings.CutPrefix(h.Tag, changing); ok && !h.named {
		tag, verdict := w.keys.Whose(name, h.At)
		switch verdict {
		case token.Good:
			h.Tag = tag
		case token.Stale, token.Reused:
			w.tracker.Recorded(tag, "somebody says a name of it that was heard before", h.At)
			w.metrics.readings.WithLabelValues("recorded").Inc()
			return nil
		default:
			w.metrics.readings.WithLabelValues("not_identifying").Inc()
			return nil
		}
	}
	changes, err := w.tracker.Hear(h.Reading)
	switch {
	case err == nil:
		w.metrics.heard.Inc()
		w.survey.hear(&h.Reading)
		if w.forms[h.Tag] != h.form {
			w.forms[h.Tag] = h.form
		}
	case errors.Is(err, offers.ErrNotFound):
		if w.elsewhere(&h) {
			w.metrics.readings.WithLabelValues("other_door").Inc()
		} else {
			w.metrics.readings.WithLabelValues("unknown_receiver").Inc()
			// A gateway that is not on the plan yet says the same thing many times a
			// second: once a minute is enough to notice and to replay from.
			w.quarantineOne("\x00"+string(h.Receiver), h.form, offers.ReasonUnknown, h.topic, h.payload, h.At, fmt.Errorf("%w; put it on a floor plan under this name", err))
		}
	default:
		w.metrics.readings.WithLabelValues("dropped").Inc()
	}
	return changes
}

// changing begins the names of tags that change.
const changing = "eid:"

// elsewhere tells whether a receiver is on a plan all the same, of a shop that
// is another door's. That one hears it, too, if the broker is the same; from a
// broker in this box it is handed on over the log.
func (w *worker) elsewhere(h *heard) bool {
	shop, ok := w.placed[h.Receiver]
	if !ok || w.mine[shop] {
		return false
	}
	if w.server != nil && !h.logged && len(w.others) < batchLength {
		w.others = append(w.others, *h)
	}
	return true
}

// handOn puts on the log what is another door's to locate. It is not tried
// again: the radio repeats itself.
func (w *worker) handOn(ctx context.Context) {
	if len(w.others) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	records := make([]stream.Record, 0, len(w.others))
	for i := range w.others {
		h := &w.others[i]
		value, err := json.Marshal(&forms.Batch{Form: h.form, Received: h.At, Named: true, Readings: []pure.Reading{h.Reading}})
		if err != nil {
			continue // a number that JSON has none for
		}
		records = append(records, stream.Record{Stream: stream.Readings, Key: []byte(h.Tag), Value: value,
			Headers: stream.Headers("readings/"+stream.NewTrace(), source, string(h.form), h.At, "")})
	}
	w.others = w.others[:0]
	if err := w.log.Produce(ctx, records...); err != nil {
		w.metrics.readings.WithLabelValues("dropped").Add(float64(len(records)))
	}
}

// forget drops what is known of tags that are gone.
func (w *worker) forget(now time.Time) {
	for tag, o := range w.owners {
		if now.Sub(o.asked) > time.Minute {
			delete(w.owners, tag)
		}
	}
	if len(w.forms) > 2*w.tracker.Tags()+1_000 {
		clear(w.forms) // the next packet says it again
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
	var tags []string
	var ask []offers.Identifier
	for i := range changes {
		tag := changes[i].Tag
		if o, ok := w.owners[tag]; !ok || now.Sub(o.asked) > knownFor {
			w.owners[tag] = owner{asked: now}
			tags, ask = append(tags, tag), append(ask, identifierOf(tag))
		}
	}
	if len(ask) == 0 {
		return nil, nil
	}
	var merges []state.Merge
	shoppers, err := w.state.Owners(ctx, ask)
	for i := 0; err == nil && i < len(tags); i++ {
		if name, ok := strings.CutPrefix(tags[i], forms.TagShopper); ok {
			shoppers[i] = offers.ShopperID(name) // who signed in says so
		}
	}
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
			w.owners[tags[i]] = owner{shopper: id.Shopper, trace: id.Trace, asked: now}
		}
	}
	if err != nil {
		for _, tag := range tags {
			delete(w.owners, tag) // not known after all
		}
	}
	return merges, err
}

// identifierOf is by what the house knows who carries a tag.
func identifierOf(tag string) offers.Identifier {
	if install, ok := strings.CutPrefix(tag, forms.TagApp); ok {
		return offers.Identifier{Type: offers.AppInstall, Value: install}
	}
	return offers.Identifier{Type: offers.Tag, Value: tag}
}

// record is a change as the log carries it. Nothing but presence is said of
// quiet zones and of those who are not known.
func (w *worker) record(c *pure.Change, now time.Time) (r stream.Record, ok bool, err error) {
	o := w.owners[c.Tag]
	if c.Kind == pure.Seen {
		s := c.Sighting
		s.Track = w.track(c.Tag, c.At)
		sure(&s, c)
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
		Shopper: o.shopper, Time: c.At, Received: c.At, Source: w.sourceOf(c.Tag),
		Shop: c.Stay.Shop, Zone: c.Stay.Zone, Dwell: c.Dwell,
	}
	if !strings.HasPrefix(c.Tag, forms.TagShopper) {
		e.Identifiers = []offers.Identifier{identifierOf(c.Tag)}
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

// sourceOf is what events of a tag say they come from.
func (w *worker) sourceOf(tag string) string {
	return sourceOf(cmp.Or(w.forms[tag], forms.FormESPresense))
}

func sourceOf(f forms.Form) string { return "beacons/" + string(f) }

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
