// Package demo opens a shop to look at: people drawn by code who search on the
// web, come in by the door, stroll through the aisles and redeem offers.
//
// They are clients of the real doors, never of a side entrance: the web shop
// speaks Segment's protocol over HTTP, the gateways MQTT, the camera motion
// JPEG, the phones and the marketer the console's API, the till the
// collector's. What they cause is what a shop would cause.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"aisle/offers"
	"aisle/offers/campaigns"
	"aisle/offers/identity"
)

// Config says where the doors are.
type Config struct {
	URL      string // of the house's listener
	MQTT     string // host:port of the gateways' broker
	EdgeKey  string // that the till sends
	Email    string // of the marketer who opens the shop
	Password string
	Camera   net.Listener // where the door's camera serves its picture
	Vision   bool         // faces are recognised here: enrol those who agreed
	Logger   *slog.Logger
}

// ShopID and Camera are the ids of the demonstration shop and its door's camera.
const (
	ShopID = "rotterdam"
	Camera = "cam-door"
)

// CameraPath is where the camera serves its picture.
const CameraPath = "/door.mjpeg"

type demo struct {
	Config
	shop     *offers.Shop
	door     *doorCamera
	radio    *radio
	web      website
	till     *caller
	marketer *caller
	random   *rand.Rand
	mu       sync.Mutex       // guards walking
	walking  map[string]*walk // by tag
}

// Shopper is somebody whose phone one may hold.
type Shopper struct {
	ID   offers.ShopperID
	Name string
}

// Shoppers lists the cast.
func Shoppers() []Shopper {
	var list []Shopper
	for _, p := range cast() {
		list = append(list, Shopper{p.shopper(), p.name})
	}
	return list
}

// shopper is the id under which the house will know the person: it follows
// from the customer id.
func (p person) shopper() offers.ShopperID {
	return identity.NewShopperID(offers.Identifier{Type: offers.CustomerID, Value: p.id})
}

// Run opens the shop and fills it with people until ctx ends.
func Run(ctx context.Context, c Config) error {
	d := &demo{
		Config: c, door: newDoorCamera(), till: newCaller(c.URL),
		random: rand.New(rand.NewPCG(2026, 11)), walking: map[string]*walk{},
	}
	d.till.header.Set("Authorization", "Bearer "+c.EdgeKey)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.door.run(ctx, c.Camera) })
	g.Go(func() error {
		if err := d.open(ctx); err != nil {
			return ignoreEnd(ctx, err)
		}
		defer d.radio.close()
		g.Go(func() error { return ignoreEnd(ctx, d.stroll(ctx)) })
		return ignoreEnd(ctx, d.live(ctx))
	})
	return g.Wait()
}

// open does what a retailer does on the first day: signs in, draws the floor
// plan, writes the campaigns, connects the web shop and the gateways.
func (d *demo) open(ctx context.Context) error {
	marketer := newCaller(d.URL)
	d.marketer = marketer
	if err := d.untilReady(ctx, marketer); err != nil {
		return err
	}
	err := marketer.call(ctx, "POST", "/api/setup", map[string]string{"name": "Alex Demo", "email": d.Email, "password": d.Password}, nil)
	if statusOf(err) != 0 { // it is set up already
		err = marketer.call(ctx, "POST", "/api/session", map[string]string{"email": d.Email, "password": d.Password}, nil)
	}
	if err != nil {
		return fmt.Errorf("the demonstration cannot sign in to this data folder: %w", err)
	}
	shop := campaigns.Shop()
	d.shop = &shop
	d.fixCanaries()
	if err := marketer.call(ctx, "PUT", "/api/shops/"+string(shop.ID), shop, nil); err != nil {
		return err
	}
	all := campaigns.Demonstration()
	for _, s := range all.Scenarios { // first: campaigns wait for them
		if err := d.write(ctx, "/api/scenarios", string(s.ID), s); err != nil {
			return err
		}
	}
	for _, k := range all.Campaigns {
		if err := d.write(ctx, "/api/campaigns", string(k.ID), k); err != nil {
			return err
		}
	}
	const contract = "/api/contracts/product_viewed"
	err = marketer.call(ctx, "PUT", contract, message{"version": 0, "schema": productViewed, "note": "Agreed with the web agency"}, nil)
	if err == nil {
		err = marketer.call(ctx, "POST", contract+"/publish", message{"version": 1}, nil)
	}
	if err != nil && statusOf(err) != 409 { // it is there from an earlier day
		return err
	}
	key, err := d.writeKey(ctx, marketer)
	if err != nil {
		return err
	}
	d.web = website{newCaller(d.URL)}
	d.web.header.Set("Authorization", basic(key))
	d.radio, err = openRadio(ctx, d.MQTT, "", "", d.shop, d.random)
	return err
}

// write lets the marketer write a document, and send it live.
func (d *demo) write(ctx context.Context, door, id string, document any) error {
	err := d.marketer.call(ctx, "POST", door, document, nil)
	if statusOf(err) == 409 { // it is there from an earlier day: leave it as the marketer has it
		return nil
	}
	if err != nil {
		return err
	}
	return d.marketer.call(ctx, "POST", door+"/"+id+"/live", nil, nil)
}

// fixCanaries hangs up tags at known places, so that the house can say how well
// it locates there.
func (d *demo) fixCanaries() {
	for i, name := range []offers.ZoneID{"beauty", "produce", "outdoor"} {
		zone, at := d.zone(name), offers.Point{}
		for _, p := range zone.Polygon {
			at.X += p.X / float64(len(zone.Polygon))
			at.Y += p.Y / float64(len(zone.Polygon))
		}
		tag := fmt.Sprintf("iBeacon:ca9a21e5-0000-4000-8000-000000000003-1-%d", 1+i)
		d.shop.Canaries = append(d.shop.Canaries, offers.Canary{Tag: tag, Floor: zone.Floor, At: at})
		d.walking[tag] = &walk{at: at, to: at}
	}
}

// untilReady waits for the doors to open.
func (d *demo) untilReady(ctx context.Context, c *caller) error {
	for {
		err := c.call(ctx, "GET", "/readyz", nil, nil)
		if err == nil {
			return nil
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// writeKey is the web shop's, made at the first start.
func (d *demo) writeKey(ctx context.Context, marketer *caller) (string, error) {
	const name = "Web shop"
	var have struct{ Sources []struct{ Key, Name string } }
	if err := marketer.call(ctx, "GET", "/api/sources", nil, &have); err != nil {
		return "", err
	}
	for _, s := range have.Sources {
		if s.Name == name {
			return s.Key, nil
		}
	}
	var made struct{ Key string }
	err := marketer.call(ctx, "POST", "/api/sources", map[string]string{"name": name, "kind": "website"}, &made)
	return made.Key, err
}

// live lets everybody join, and then live their days, each in their own time.
func (d *demo) live(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	enrolling := make(chan struct{}, 1) // one at a time: it takes the cameras' process's attention
	for i, p := range cast() {
		random := rand.New(rand.NewPCG(2026, uint64(i)))
		g.Go(func() error {
			return d.day(ctx, p, time.Duration(i)*3*time.Second, random, enrolling)
		})
	}
	g.Go(func() error { return d.err(ctx) })
	for i := range strangers {
		random := rand.New(rand.NewPCG(2027, uint64(i)))
		g.Go(func() error { return d.wander(ctx, strangerTag(i), random) })
	}
	return g.Wait()
}

// err makes the mistakes of a web shop now and then, so that quarantine has
// something to show.
func (d *demo) err(ctx context.Context) error {
	for pause := 20 * time.Second; ; pause = 5 * time.Minute {
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		if err := d.web.mistakes(ctx, cast()[0]); err != nil {
			d.Logger.Warn("demonstration: a mistake failed", "err", err)
		}
	}
}

// visitsEach is how often somebody comes before a newcomer takes their place:
// by then they have had what the campaigns' caps allow.
const visitsEach = 4

// day is the life of one seat in the demonstration: those with a face come
// again and again, the others make room for newcomers.
func (d *demo) day(ctx context.Context, p person, late time.Duration, random *rand.Rand, enrolling chan struct{}) error {
	if err := sleep(ctx, late); err != nil {
		return err
	}
	for n := 1; ; n++ {
		if err := d.member(ctx, p, random, enrolling); err != nil {
			return err
		}
		p = p.newcomer(n)
	}
}

// member is one person's life: they join, and then search at home and visit
// the shop.
func (d *demo) member(ctx context.Context, p person, random *rand.Rand, enrolling chan struct{}) error {
	if err := d.web.identify(ctx, p); err != nil {
		return d.setBack(ctx, p, "identify", err)
	}
	phone := newCaller(d.URL)
	if err := d.join(ctx, p, phone, enrolling); err != nil {
		return d.setBack(ctx, p, "join", err)
	}
	for visit := 0; visit < visitsEach || p.face != 0; visit++ {
		want := p.wants[visit%len(p.wants)]
		if err := d.web.browse(ctx, p, want); err != nil {
			d.Logger.Warn("demonstration: a search failed", "err", err)
		}
		if err := sleep(ctx, time.Duration(1+random.IntN(3))*time.Second); err != nil {
			return err
		}
		if err := d.visit(ctx, p, phone, want, random); err != nil {
			return err
		}
		if err := sleep(ctx, time.Duration(20+random.IntN(70))*time.Second); err != nil {
			return err
		}
	}
	return nil
}

// setBack says that somebody could not take part, and leaves the others be.
func (d *demo) setBack(ctx context.Context, p person, what string, err error) error {
	if ctx.Err() == nil {
		d.Logger.Warn("demonstration: somebody stays at home", "who", p.id, "what", what, "err", err)
	}
	<-ctx.Done()
	return nil
}

// visit is one stroll: in by the door, to what they want, elsewhere, to the
// till if an offer convinced them, and out.
func (d *demo) visit(ctx context.Context, p person, phone *caller, want interest, random *rand.Rand) error {
	if p.face != 0 && d.Vision {
		through := d.door.enter(p.face)
		if err := sleep(ctx, through/2); err != nil {
			return err
		}
	}
	stay := func(from, spread int) time.Duration {
		return time.Duration(from+random.IntN(spread)) * time.Second
	}
	d.send(p.tag, random, stop{d.zone("entrance"), 2 * time.Second}, stop{d.zone(want.zone), stay(25, 30)}, stop{d.anyZone(random), stay(10, 20)})
	if err := d.untilDone(ctx, p.tag); err != nil {
		return err
	}
	if !p.yours && random.Float64() < .4 {
		d.send(p.tag, random, stop{d.zone("checkout"), stay(4, 6)})
		if err := d.untilDone(ctx, p.tag); err != nil {
			return err
		}
		if err := d.pay(ctx, phone, want); err != nil {
			d.Logger.Warn("demonstration: paying failed", "err", err)
		}
	}
	d.leave(p.tag)
	return nil
}

// wander is a stranger's day: they walk about and are counted, no more.
func (d *demo) wander(ctx context.Context, tag string, random *rand.Rand) error {
	for {
		if err := sleep(ctx, time.Duration(random.IntN(60))*time.Second); err != nil {
			return err
		}
		stops := []stop{{d.zone("entrance"), time.Second}}
		for range 2 + random.IntN(4) {
			stops = append(stops, stop{d.anyZone(random), time.Duration(10+random.IntN(50)) * time.Second})
		}
		d.send(tag, random, stops...)
		if err := d.untilDone(ctx, tag); err != nil {
			return err
		}
		d.leave(tag)
	}
}

// send lets a tag walk: from where it is, or in by the entrance.
func (d *demo) send(tag string, random *rand.Rand, stops ...stop) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.walking[tag]
	if w == nil {
		at := somewhereIn(d.zone("entrance"), random)
		w = &walk{at: at, to: at, random: random}
		d.walking[tag] = w
	}
	w.stops = append(w.stops, stops...)
}

func (d *demo) leave(tag string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.walking, tag)
}

func (d *demo) untilDone(ctx context.Context, tag string) error {
	for {
		if err := sleep(ctx, 250*time.Millisecond); err != nil {
			return err
		}
		d.mu.Lock()
		done := d.walking[tag] == nil || d.walking[tag].done()
		d.mu.Unlock()
		if done {
			return nil
		}
	}
}

// stroll moves everybody twice a second, and lets the gateways hear their tags.
func (d *demo) stroll(ctx context.Context) error {
	const step = 500 * time.Millisecond
	tick := time.NewTicker(step)
	defer tick.Stop()
	greeting := time.NewTicker(10 * time.Second)
	defer greeting.Stop()
	d.radio.greet()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-greeting.C:
			d.radio.greet()
			continue
		case <-tick.C:
		}
		d.mu.Lock()
		at := make(map[string]offers.Point, len(d.walking))
		for tag, w := range d.walking {
			w.advance(step)
			at[tag] = w.at
		}
		d.mu.Unlock()
		for tag, p := range at {
			if err := d.radio.hear(tag, p); err != nil {
				return err
			}
		}
	}
}

func (d *demo) zone(id offers.ZoneID) offers.Zone {
	if z, ok := d.shop.Zone(id); ok {
		return z
	}
	return d.shop.Zones[0]
}

func (d *demo) anyZone(random *rand.Rand) offers.Zone {
	return d.shop.Zones[random.IntN(len(d.shop.Zones))]
}

func sleep(ctx context.Context, t time.Duration) error {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// ignoreEnd drops the error of having been told to end.
func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
