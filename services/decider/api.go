package decider

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-json"
	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/services/catalog"
	"aisle/services/door"
	"aisle/services/state"
	"aisle/services/stream"
)

// Bounds of the door for pages and screens.
const (
	mostAsking = 256 // requests at a time
	askWithin  = 2 * time.Second
	askedKept  = 24 * time.Hour // how long a call is known by its id
	placedKept = time.Hour      // how long what was shown counts, though its shopper's owner has not read of it
)

// API answers pages and screens that ask for offers, at once: from the profile
// as it lies in state, with the catalogue and the model in memory. The answer is
// out when the log has it. Its shopper's owner reads it there, remembers the
// contact and records the decision, under the id that its place on the log gives
// it: so a decision has one writer, whoever asked.
//
// What is shown counts towards caps at once: doors keep for each shopper what the
// profile does not know yet, and of two calls at the same time one sees what the
// other was told, at whichever door.
//
// The same call again, by its id, has the same answer. Safe for concurrent use.
type API struct {
	*Decider
	door    Door
	slots   chan struct{}
	seconds *prometheus.HistogramVec

	turns [shards]chan struct{} // of shoppers, by the hash of their ids
	seed  maphash.Seed

	mu     sync.Mutex // guards limits
	limits map[string]*rate.Limiter
}

// shards is how many shoppers may be decided for at a time, if no two share one.
const shards = 1024

// Door is who may ask, and from where.
type Door struct {
	Keys    *door.Keys
	Origins *door.Origins
	Region  string // of telephone numbers without a country code
}

// API is the decider's door. It answers once the decider runs.
func (d *Decider) API(in Door) *API {
	a := &API{Decider: d, door: in, slots: make(chan struct{}, mostAsking), seconds: d.metrics.asked, seed: maphash.MakeSeed(), limits: map[string]*rate.Limiter{}}
	for i := range a.turns {
		a.turns[i] = make(chan struct{}, 1)
	}
	return a
}

// Routes puts in its path. They go in before those of doors that take any path.
func (a *API) Routes(r fiber.Router) {
	r.Post("/v1/decide", a.door.Origins.Pages, a.post)
	r.Options("/v1/decide", a.door.Origins.Preflight)
}

// answered is the answer.
type answered struct {
	Decision  offers.DecisionID  `json:"decision"`
	Placement offers.PlacementID `json:"placement"`
	Fallback  bool               `json:"fallback"`
	Expires   time.Time          `json:"expires,omitzero"` // the earliest of its offers
	Offers    []shownOffer       `json:"offers"`
	Unknown   []string           `json:"unknown,omitempty"` // what of the call names nothing: no reason for a page to show nothing
}

// shownOffer is one offer as the page shows it.
type shownOffer struct {
	Offer    offers.OfferID    `json:"offer"`
	Campaign offers.CampaignID `json:"campaign"`
	Title    string            `json:"title,omitempty"`
	Text     string            `json:"text,omitempty"`
	Image    string            `json:"image,omitempty"`
	Link     string            `json:"link,omitempty"`
	Button   string            `json:"button,omitempty"`
	Why      string            `json:"why"`
	Expires  time.Time         `json:"expires,omitzero"`
}

// kept is a call whose answer is decided, as state keeps it: with the record
// until the log has that, so that who asks again after a crash gets the same.
type kept struct {
	Call   string          `json:"call"` // hash of what was asked
	Answer answered        `json:"answer"`
	Event  json.RawMessage `json:"event,omitempty"` // until the log has it
	Trace  string          `json:"trace,omitempty"`
}

func (a *API) post(c *fiber.Ctx) error {
	began := time.Now()
	err := func() error {
		select {
		case a.slots <- struct{}{}:
			defer func() { <-a.slots }()
		default:
			return door.ErrBusy
		}
		// Not fiber's own context, which is used again for other requests.
		ctx, cancel := context.WithTimeout(context.Background(), askWithin)
		defer cancel()
		from, ok := a.door.Keys.Source(ctx, door.KeyOf(c), catalog.ScopeDecide)
		if !ok {
			return door.Refuse(fiber.StatusUnauthorized, "There is no source with this write key. Send one as the user of Basic authorization or as X-Write-Key; the console lists them under Sources.")
		}
		if !a.limit(from.Key).Allow() {
			return door.ErrBusy
		}
		body := c.Body()
		if len(body) > mostAsk {
			return door.Refuse(fiber.StatusRequestEntityTooLarge, "A call holds at most %d kB.", mostAsk>>10)
		}
		in, err := readAsking(body)
		if err != nil {
			return err
		}
		answer, err := a.answer(ctx, from, in)
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderCacheControl, "no-store")
		return c.JSON(answer)
	}()
	status := fiber.StatusOK
	if err != nil {
		status = door.Problem(c, err, a.logger)
	}
	a.seconds.WithLabelValues(fmt.Sprint(status)).Observe(time.Since(began).Seconds())
	return nil
}

// limit is how often a source may ask. What it does not use within a second is
// not saved.
func (a *API) limit(key string) *rate.Limiter {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.limits[key]
	if l == nil {
		l = rate.NewLimiter(rate.Limit(a.config.AsksPerSecond), a.config.AsksPerSecond)
		a.limits[key] = l // as many as there are sources
	}
	return l
}

// answer decides a call, or gives the answer that it had.
func (a *API) answer(ctx context.Context, from catalog.Source, in *asking) (*answered, error) {
	ids, err := a.named(from, in)
	if err != nil {
		return nil, err
	}
	call, err := callOf(in)
	if err != nil {
		return nil, err
	}
	key, id := "", in.ID
	if id != "" {
		key = "{asked:" + nameOf(from.Key, id) + "}"
	} else {
		id = stream.NewTrace()
	}
	before, owners, err := a.before(ctx, key, ids)
	if err != nil {
		return nil, err
	}
	if before != nil {
		return a.others(ctx, key, before, call)
	}
	engine := a.engine.Load()
	if engine == nil {
		return nil, fmt.Errorf("%w: the decider has not read the catalogue yet", offers.ErrUnavailable)
	}
	shopper := cmp.Or(in.Shopper, cmp.Or(owners...))
	told := "decide/" + from.Name
	if shopper == "" { // who is new becomes a shopper by one identifier, so that nobody is ever merged here
		who, err := a.state.Identify(ctx, ids[:1], stream.NewTrace, told)
		if err != nil {
			return nil, err
		}
		shopper = who.Shopper
	}
	k, err := a.decide(ctx, engine, shopper, in, told, nameOf(from.Key, id), slices.ContainsFunc(ids, carried))
	if err != nil {
		return nil, err
	}
	k.Call, k.Answer.Unknown = call, engine.Unknown(in.Placement, in.Shop, in.Zone)
	if key != "" {
		before, err := a.keep(ctx, key, k)
		if err != nil {
			return nil, err
		}
		if before != nil { // the same call at the same time was faster
			return a.others(ctx, key, before, call)
		}
	}
	return a.again(ctx, key, k, call, false)
}

// others answers a call that another is about to answer, at this door or the next:
// as that one does, once the log has it. Where nothing comes of it in time the
// other crashed, and this one goes on with what it kept.
func (a *API) others(ctx context.Context, key string, k *kept, call string) (*answered, error) {
	const (
		often = 5 * time.Millisecond
		most  = 300 * time.Millisecond
	)
	for until := time.Now().Add(most); len(k.Event) > 0 && time.Now().Before(until); {
		select {
		case <-time.After(often):
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: the same call is being answered: %w", offers.ErrUnavailable, ctx.Err())
		}
		now, _, err := a.before(ctx, key, nil)
		if err != nil {
			return nil, err
		}
		if now != nil {
			k = now
		}
	}
	return a.again(ctx, key, k, call, true)
}

// nameOf is what is not to be guessed and not to be read back of some parts.
func nameOf(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(h[:16])
}

func callOf(in *asking) (string, error) {
	whole, err := json.Marshal(in)
	if err != nil {
		return "", fmt.Errorf("call: %w: %w", offers.ErrInvalid, err)
	}
	return nameOf(string(whole)), nil
}

// keep keeps a call, unless it is kept already: then it gives that.
func (a *API) keep(ctx context.Context, key string, k *kept) (*kept, error) {
	value, err := json.Marshal(k)
	if err != nil {
		return nil, fmt.Errorf("call: %w: %w", offers.ErrInvalid, err)
	}
	before, err := a.state.Client().SetArgs(ctx, key, value, redis.SetArgs{Mode: "NX", Get: true, TTL: askedKept}).Bytes()
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("call: %w: %w", offers.ErrUnavailable, err)
	}
	return readKept(before)
}

// before is what is kept of a call, nil if it is new, and whose its identifiers are.
func (a *API) before(ctx context.Context, key string, ids []offers.Identifier) (k *kept, owners []offers.ShopperID, err error) {
	value, owners, err := a.state.Asking(ctx, key, ids)
	if err != nil {
		return nil, nil, err
	}
	k, err = readKept(value)
	return k, owners, err
}

// readKept is what is kept of a call, nil if it is new.
func readKept(value []byte) (*kept, error) {
	if len(value) == 0 {
		return nil, nil
	}
	k := new(kept)
	if err := json.Unmarshal(value, k); err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	return k, nil
}

// again answers what is decided: as it was answered, or, where the log may not
// have it yet, once it has. Where who decided it crashed, the log may have it.
func (a *API) again(ctx context.Context, key string, k *kept, call string, crashed bool) (*answered, error) {
	if k.Call != call {
		return nil, door.Refuse(fiber.StatusConflict, "The id of this call was another call's, which asked for something else. Each call has an id of its own.")
	}
	if len(k.Event) == 0 {
		return &k.Answer, nil
	}
	var e offers.Event
	if err := json.Unmarshal(k.Event, &e); err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	r, err := stream.EventRecord(&e, source, stream.NewSpan(k.Trace))
	if err != nil {
		return nil, err
	}
	partition := a.log.PartitionOf(string(e.Shopper))
	offset := int64(-1)
	if crashed {
		if offset, err = a.onLog(ctx, partition, e.ID); err != nil {
			return nil, err
		}
	}
	if offset < 0 {
		if offset, err = a.log.ProduceOne(ctx, r); err != nil {
			return nil, err
		}
	}
	k.Answer.Decision = decide.DecisionID(partition, offset, 0)
	k.Event, k.Trace = nil, ""
	if key != "" {
		value, err := json.Marshal(k)
		if err != nil {
			return nil, fmt.Errorf("call: %w: %w", offers.ErrInvalid, err)
		}
		if err := a.state.Client().SetArgs(ctx, key, value, redis.SetArgs{Mode: "XX", TTL: askedKept}).Err(); err != nil && !errors.Is(err, redis.Nil) {
			return nil, fmt.Errorf("call: %w: %w", offers.ErrUnavailable, err)
		}
	}
	return &k.Answer, nil
}

// onLog is where the newest of a partition have the event of a call, -1 if they do
// not. Should it be further back, it gets there a second time, and its owner takes
// the later for it.
func (a *API) onLog(ctx context.Context, partition int, id offers.EventID) (offset int64, err error) {
	const newest = 5000
	records, err := a.log.Newest(ctx, stream.Events, partition, newest)
	if err != nil {
		return 0, err
	}
	for i := range slices.Backward(records) {
		if records[i].Header("ce_id") == string(id) {
			return records[i].Offset, nil
		}
	}
	return -1, nil
}

// decide makes the decision of a call, and the event that tells of it. What it
// shows counts from then on, whoever asks next.
func (a *API) decide(ctx context.Context, engine *decide.Engine, shopper offers.ShopperID, in *asking, told, name string, device bool) (*kept, error) {
	turn := a.turns[maphash.String(a.seed, string(shopper))%shards]
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: others ask for the same shopper: %w", offers.ErrUnavailable, ctx.Err())
	}
	for { // another door may be faster, each time one is
		who, err := a.state.Asker(ctx, shopper, a.log.PartitionOf, stream.NewTrace)
		if err != nil {
			return nil, err
		}
		p, placed, err := profileOf(who)
		if err != nil {
			return nil, err
		}
		now := time.Now().UTC()
		e := offers.Event{
			ID: offers.EventID("placed/" + name), Type: offers.OfferPlaced, Shopper: who.Shopper, Time: now, Received: now, Source: told, Shop: in.Shop,
		}
		if p.Consented(offers.ConsentLocation) {
			e.Zone = in.Zone
		}
		e.Placed = engine.Decide(&decide.Moment{ID: offers.DecisionID(e.ID), Event: &e, Profile: p, Ask: &decide.Ask{
			Placement: in.Placement, Limit: in.limit(), Exclude: in.Exclude, Told: in.Context, Seed: name, Device: device,
		}}, a.ranker(ctx, true))
		ours, err := a.reserve(ctx, who, placed, e.Placed)
		if err != nil {
			return nil, err
		}
		if !ours {
			continue
		}
		event, err := json.Marshal(&e)
		if err != nil {
			return nil, fmt.Errorf("call: %w: %w", offers.ErrInvalid, err)
		}
		return &kept{Answer: answerOf(e.Placed), Event: event, Trace: who.Trace}, nil
	}
}

// profileOf is what is known of who asks, with what they were shown that their
// profile does not know of yet, which it also gives by itself.
func profileOf(who *state.Asker) (p *offers.Profile, placed []offers.Contact, err error) {
	p = &offers.Profile{}
	if who.Profile != nil {
		if err := state.DecodeProfile(who.Profile, p); err != nil {
			return nil, nil, err
		}
	}
	if who.Placed != nil {
		if err := json.Unmarshal(who.Placed, &placed); err != nil {
			return nil, nil, fmt.Errorf("placed: %w: %w", offers.ErrInvalid, err)
		}
	}
	placed = slices.DeleteFunc(placed, func(c offers.Contact) bool {
		return slices.ContainsFunc(p.Contacts, func(had offers.Contact) bool { return decide.SameShown(&had, &c) })
	})
	p.Contacts = append(p.Contacts, placed...)
	p.Shopper, p.Consents = who.Shopper, who.Consents
	return p, placed, nil
}

// reserve notes what a decision shows, beside what the profile does not know of
// yet. It reports false where another door did so since this one has looked.
func (a *API) reserve(ctx context.Context, who *state.Asker, placed []offers.Contact, d *offers.Decision) (bool, error) {
	shown := decide.Shown(d)
	if len(shown) == 0 || slices.ContainsFunc(placed, func(c offers.Contact) bool { return c.Decision == d.ID }) {
		return true, nil // it spends nothing, or nothing more: it is the same call at the same time
	}
	placed = append(placed, shown...)
	after, err := json.Marshal(decide.FewerShown(placed))
	if err != nil {
		return false, fmt.Errorf("placed: %w: %w", offers.ErrInvalid, err)
	}
	return a.state.SetPlaced(ctx, a.log.PartitionOf(string(who.Shopper)), who.Shopper, who.Placed, after, placedKept)
}

func answerOf(d *offers.Decision) answered {
	out := answered{Placement: d.Placement, Fallback: d.Fallback, Offers: []shownOffer{}}
	for i := range d.Placed {
		one := &d.Placed[i]
		r := &one.Representation
		out.Offers = append(out.Offers, shownOffer{
			Offer: one.Offer.ID, Campaign: one.Campaign, Title: r.Title, Text: r.Text, Image: r.Image, Link: r.Link, Button: r.Button,
			Why: whyOf(d, one), Expires: one.Expires,
		})
		if !one.Expires.IsZero() && (out.Expires.IsZero() || one.Expires.Before(out.Expires)) {
			out.Expires = one.Expires
		}
	}
	return out
}

// whyOf says in a sentence why an offer is shown, by what the decision looked at.
func whyOf(d *offers.Decision, one *offers.Placed) string {
	category := one.Offer.Category
	switch {
	case d.Fallback:
		return "For everybody: nothing else fits now."
	case category != "" && slices.Contains(d.Context.Searched, category):
		return "You looked for " + category + " lately."
	case category != "" && category == d.Context.Category && d.Zone != "":
		return "You are where it is used."
	case d.Context.Tier != "":
		return "For you as a " + d.Context.Tier + " member."
	}
	return "Picked from what is on offer now."
}

// place records a decision that was answered at the door, under the id that its
// place on the log gives it, and remembers what was shown.
func (l *lane) place(e *event, profile *offers.Profile, p *partition) error {
	d := *e.Placed
	d.ID, d.Offset, d.Event, d.Shopper = decide.DecisionID(e.Partition, e.Offset, 0), e.Offset, e.ID, e.Shopper
	if _, adopted := p.settled[e.Offset]; !adopted {
		r, err := l.recorder.record(&d, e.parent)
		if err != nil {
			return err
		}
		p.turn.said = append(p.turn.said, r)
	}
	decide.Remember(profile, &d)
	l.metrics.decisions.WithLabelValues(string(d.Verdict)).Inc()
	return nil
}
