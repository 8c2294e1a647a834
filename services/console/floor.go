package console

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"aisle/offers"
	"aisle/offers/visit"
	"aisle/services/catalog"
	"aisle/services/state"
)

// floor is each shop as it is now: who is where, what was offered, how fast,
// and what came of it. Everything is bounded and in memory; what belongs to
// today is read from the catalog's tallies beside it. Safe for concurrent use.
type floor struct {
	mu    sync.Mutex // guards the rest
	shops map[offers.ShopID]*shopFloor
}

const (
	presence      = 20 * time.Second // how long somebody is there without being seen again
	offeredShown  = time.Minute      // how long an offer is shown beside a person
	freshSense    = 5 * time.Second  // a more exact sensor that is older than this gives way
	peopleMost    = 5_000            // of one shop
	latencyWindow = 5 * time.Minute
	seriesWindow  = 10 * time.Minute
	seriesStep    = 5 * time.Second
	barStep       = 5 * time.Minute
	bars          = 24
	zoneOffers    = 10 * time.Minute
	dwellWindow   = 30 * time.Minute
	historyLength = 30 // minutes
	samplesMost   = 50_000
	staysMost     = 2_000
)

// shopFloor is one shop.
type shopFloor struct {
	people  map[string]*presentPerson
	devices map[state.Device]time.Time // when they last saw somebody
	sent    []sentOffer                // in the order of their times
	bars    map[int64]*bar             // by start, in Unix seconds
	stays   []stay
	history map[offers.ZoneID][]int // people, each whole minute, oldest first
	minute  int64
	offers  map[offers.DecisionID]sentOffer // of today, for what comes of them
	zones   map[offers.ZoneID]*zoneToday
	today   time.Time // whose the two above are
}

type presentPerson struct {
	shopper offers.ShopperID
	senses  map[offers.Sensor]offers.Sighting
	heard   map[offers.Sensor]time.Time // by the clock of the log
	offered time.Time
	witness map[offers.Sensor]visit.Witness // the latest of each, also of senses that have lost them
}

type sentOffer struct {
	decision offers.DecisionID
	shopper  offers.ShopperID
	campaign offers.CampaignID
	title    string
	zone     offers.ZoneID
	at       time.Time
	latency  time.Duration
	counted  bool // as redeemed
}

type bar struct{ delivered, redeemed int }

type stay struct {
	zone  offers.ZoneID
	until time.Time
	dwell time.Duration
}

type zoneToday struct {
	sent, redeemed int
	byTitle        map[string]*bestOffer
}

// As the live feed tells it.
type (
	livePerson struct {
		Key       string           `json:"key"`
		Shopper   offers.ShopperID `json:"shopper,omitempty"`
		Label     string           `json:"label,omitempty"`
		Floor     offers.FloorID   `json:"floor,omitempty"`
		Zone      offers.ZoneID    `json:"zone,omitempty"`
		X         float64          `json:"x"`
		Y         float64          `json:"y"`
		AccuracyM float64          `json:"accuracy_m,omitempty"`
		Sensor    offers.Sensor    `json:"sensor"`
		Senses    []offers.Sensor  `json:"senses,omitempty"`
		Last      time.Time        `json:"last"`
		Offered   time.Time        `json:"offered,omitzero"`
		greeting
	}
	livePeople struct {
		Shop   offers.ShopID `json:"shop"`
		At     time.Time     `json:"at"`
		People []livePerson  `json:"people"`
		Help   []helpNext    `json:"help"` // who may want help, for staff
	}
	bestOffer struct {
		Title    string            `json:"title"`
		Campaign offers.CampaignID `json:"campaign,omitempty"`
		Sent     int               `json:"sent"`
		Redeemed int               `json:"redeemed"`
	}
	liveZone struct {
		Zone          offers.ZoneID `json:"zone"`
		People        int           `json:"people"`
		OptedIn       int           `json:"opted_in"`
		Capacity      int           `json:"capacity,omitempty"`
		AverageDwellS float64       `json:"average_dwell_s"`
		Offers        int           `json:"offers"`
		SentToday     int           `json:"sent_today"`
		Redeemed      int           `json:"redeemed"`
		BestOffer     *bestOffer    `json:"best_offer,omitempty"`
		History       []int         `json:"history"`
	}
	liveLatency struct {
		P50Ms float64 `json:"p50_ms"`
		P95Ms float64 `json:"p95_ms"`
		P99Ms float64 `json:"p99_ms"`
		Count int     `json:"count"`
	}
	latencyPoint struct {
		At time.Time `json:"at"`
		liveLatency
	}
	conversionBar struct {
		At        time.Time `json:"at"`
		Delivered int       `json:"delivered"`
		Redeemed  int       `json:"redeemed"`
	}
	deviceHealth struct {
		ID     string    `json:"id"`
		Kind   string    `json:"kind"`
		Health string    `json:"health"`
		Last   time.Time `json:"last,omitzero"`

		*receiverHealth // of a receiver, where somebody asks for all that is known
	}
	receiverHealth struct {
		PacketsPerS float64 `json:"packets_per_s"`
		AheadMs     int64   `json:"ahead_ms,omitempty"`
		Status      string  `json:"status,omitempty"`
		Firmware    string  `json:"firmware,omitempty"`
	}
	liveKpis struct {
		Shop                   offers.ShopID   `json:"shop"`
		At                     time.Time       `json:"at"`
		InShop                 int             `json:"in_shop"`
		OptedIn                int             `json:"opted_in"`
		OffersToday            int64           `json:"offers_today"`
		OffersYesterday        int64           `json:"offers_yesterday,omitempty"`
		DeliveredToday         int64           `json:"delivered_today"`
		RedeemedToday          int64           `json:"redeemed_today"`
		RedeemedShare          float64         `json:"redeemed_share"`
		RedeemedShareYesterday float64         `json:"redeemed_share_yesterday,omitempty"`
		RatePerS               float64         `json:"rate_per_s"`
		Latency                liveLatency     `json:"latency"`
		LatencySeries          []latencyPoint  `json:"latency_series"`
		Conversion             []conversionBar `json:"conversion"`
		Zones                  []liveZone      `json:"zones"`
		Devices                []deviceHealth  `json:"devices"`
		Alerts                 []alert         `json:"alerts"`
	}
)

func newFloor() *floor { return &floor{shops: map[offers.ShopID]*shopFloor{}} }

// of finds or opens a shop. The caller holds the lock.
func (f *floor) of(id offers.ShopID) *shopFloor {
	s := f.shops[id]
	if s == nil {
		s = &shopFloor{
			people: map[string]*presentPerson{}, devices: map[state.Device]time.Time{}, bars: map[int64]*bar{},
			history: map[offers.ZoneID][]int{}, offers: map[offers.DecisionID]sentOffer{}, zones: map[offers.ZoneID]*zoneToday{},
		}
		f.shops[id] = s
	}
	return s
}

// keyOf names the person of a sighting, the same for as long as they are seen.
func keyOf(s *offers.Sighting) string {
	if s.Shopper != "" {
		return string(s.Shopper)
	}
	return string(s.Sensor) + "/" + s.Device + "/" + s.Track
}

// saw notes a sighting that the log had at a time. Who is known at last is not
// shown as a stranger beside.
func (f *floor) saw(s *offers.Sighting, heard time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	shop := f.of(s.Shop)
	if s.Sensor == offers.SensorCamera && s.Device != "" {
		shop.devices[state.Camera(offers.CameraID(s.Device))] = heard
	}
	key := keyOf(s)
	if s.Shopper != "" {
		stranger := *s
		stranger.Shopper = ""
		delete(shop.people, keyOf(&stranger))
	}
	p := shop.people[key]
	if s.Gone {
		if p != nil {
			if delete(p.senses, s.Sensor); len(p.senses) == 0 {
				delete(shop.people, key)
			}
		}
		return
	}
	if p == nil {
		if len(shop.people) >= peopleMost {
			return
		}
		p = &presentPerson{
			shopper: s.Shopper, senses: map[offers.Sensor]offers.Sighting{}, heard: map[offers.Sensor]time.Time{}, witness: map[offers.Sensor]visit.Witness{},
		}
		shop.people[key] = p
	}
	p.senses[s.Sensor], p.heard[s.Sensor] = *s, heard
	if w, ok := witnessOf(s); ok {
		p.witness[s.Sensor] = w
	}
}

// forget drops what a sense told of somebody, in every shop.
func (f *floor) forget(shopper offers.ShopperID, sensor offers.Sensor) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := string(shopper)
	for _, shop := range f.shops {
		if p := shop.people[key]; p != nil {
			delete(p.witness, sensor)
			if delete(p.senses, sensor); len(p.senses) == 0 {
				delete(shop.people, key)
			}
		}
	}
}

// testified notes that the app or a till saw somebody who is there.
func (f *floor) testified(e *offers.Event, sensor offers.Sensor) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.of(e.Shop).people[string(e.Shopper)]; p != nil {
		p.witness[sensor] = visit.Witness{Sensor: sensor, Sure: 1, At: e.Time.UTC()}
	}
}

// expire drops who was not seen for a while.
func (s *shopFloor) expire(now time.Time) {
	for key, p := range s.people {
		for sensor := range p.senses {
			if now.Sub(p.heard[sensor]) > presence {
				delete(p.senses, sensor)
			}
		}
		if len(p.senses) == 0 {
			delete(s.people, key)
		}
	}
}

// where is the best of what the sensors say: the most exact one of those that
// are fresh, else the latest.
func (p *presentPerson) where(now time.Time) offers.Sighting {
	var best offers.Sighting
	found := false
	for sensor, s := range p.senses {
		if !found {
			best, found = s, true
			continue
		}
		fresh, bestFresh := now.Sub(p.heard[sensor]) < freshSense, now.Sub(p.heard[best.Sensor]) < freshSense
		switch {
		case fresh && bestFresh:
			if exactness(&s) < exactness(&best) || exactness(&s) == exactness(&best) && s.Sensor < best.Sensor {
				best = s
			}
		case p.heard[sensor].After(p.heard[best.Sensor]):
			best = s
		}
	}
	return best
}

// exactness is the accuracy in metres; unknown is as bad as a zone is large.
func exactness(s *offers.Sighting) float64 {
	if s.AccuracyM > 0 {
		return s.AccuracyM
	}
	return 10
}

// people are those in a shop now, in the order of their keys.
func (f *floor) people(shop *offers.Shop, now time.Time) livePeople {
	f.mu.Lock()
	defer f.mu.Unlock()
	return livePeople{Shop: shop.ID, At: now.UTC(), People: f.of(shop.ID).present(shop, now), Help: []helpNext{}}
}

func (s *shopFloor) present(shop *offers.Shop, now time.Time) []livePerson {
	s.expire(now)
	all := make([]livePerson, 0, len(s.people))
	for key, p := range s.people {
		at := p.where(now)
		one := livePerson{
			Key: key, Shopper: p.shopper, Floor: at.Floor, Zone: at.Zone, X: centimetre(at.At.X), Y: centimetre(at.At.Y),
			AccuracyM: centimetre(at.AccuracyM), Sensor: at.Sensor, Last: at.Last.UTC(),
		}
		if one.Zone == "" {
			one.Zone = zoneAt(shop, at.Floor, at.At)
		}
		if p.shopper != "" {
			one.Label = label(p.shopper)
		}
		for sensor := range p.senses {
			one.Senses = append(one.Senses, sensor)
		}
		slices.Sort(one.Senses)
		for _, w := range p.witness {
			if now.Sub(w.At) <= visit.Window {
				one.Witnesses = append(one.Witnesses, w)
			}
		}
		slices.SortFunc(one.Witnesses, func(a, b visit.Witness) int { return cmp.Compare(a.Sensor, b.Sensor) })
		if !p.offered.IsZero() && now.Sub(p.offered) < offeredShown {
			one.Offered = p.offered.UTC()
		}
		// Sensors may still have them in the zone before: the plan shows where they stand.
		if isQuiet(shop, one.Zone) || isQuiet(shop, zoneAt(shop, one.Floor, at.At)) {
			one = one.anonymous()
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b livePerson) int { return cmp.Compare(a.Key, b.Key) })
	return all
}

func isQuiet(shop *offers.Shop, id offers.ZoneID) bool {
	z, ok := shop.Zone(id)
	return ok && z.Kind == offers.ZoneQuiet
}

// nameless makes keys of which nobody can tell whose they are.
var nameless = maphash.MakeSeed()

// anonymous is the same person, with nothing left that says who it is.
func (p *livePerson) anonymous() livePerson {
	return livePerson{
		Key: fmt.Sprintf("someone/%x", maphash.String(nameless, p.Key)), Floor: p.Floor, Zone: p.Zone, X: p.X, Y: p.Y,
		AccuracyM: p.AccuracyM, Sensor: p.Sensor, Senses: p.Senses, Last: p.Last,
	}
}

func centimetre(m float64) float64 { return math.Round(m*100) / 100 }

func zoneAt(shop *offers.Shop, floor offers.FloorID, at offers.Point) offers.ZoneID {
	for i := range shop.Zones {
		if z := &shop.Zones[i]; z.Floor == floor && contains(z.Polygon, at) {
			return z.ID
		}
	}
	return ""
}

// sent notes that an offer reached a phone, or its provider, for the first
// time. Delivered is true where the phone is known to have it.
func (f *floor) sent(shop *offers.Shop, d *offers.Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.of(d.Shop)
	if _, twice := s.offers[d.Decision]; twice {
		return // by another channel
	}
	o := sentOffer{decision: d.Decision, shopper: d.Shopper, campaign: d.Campaign, title: d.Title, zone: d.Zone, at: d.At, latency: d.At.Sub(d.Received)}
	// Almost always at the end: only partitions that are read one after the
	// other, at the start, come out of order.
	s.sent = slices.Insert(s.sent, firstAfter(s.sent, o.at), o)
	if len(s.sent) > samplesMost {
		s.sent = append([]sentOffer(nil), s.sent[samplesMost/10:]...)
	}
	s.bar(d.At).delivered++
	if p := s.people[string(d.Shopper)]; p != nil {
		p.offered = d.At
	}
	if day := midnight(d.At, zoneOrUTC(shop)); day.After(s.today) {
		s.today, s.offers, s.zones = day, map[offers.DecisionID]sentOffer{}, map[offers.ZoneID]*zoneToday{}
	} else if day.Before(s.today) || len(s.offers) > samplesMost {
		return
	}
	s.offers[d.Decision] = o
	z := s.zones[d.Zone]
	if z == nil {
		z = &zoneToday{byTitle: map[string]*bestOffer{}}
		s.zones[d.Zone] = z
	}
	z.sent++
	b := z.byTitle[d.Title]
	if b == nil {
		b = &bestOffer{Title: d.Title, Campaign: d.Campaign}
		z.byTitle[d.Title] = b
	}
	b.Sent++
}

func zoneOrUTC(shop *offers.Shop) *time.Location {
	if shop == nil {
		return time.UTC
	}
	return zoneOf(shop)
}

// redeemed notes that an offer was used, by 1, or that this was taken back, by -1.
func (f *floor) redeemed(x *redemption, by int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.of(x.Shop)
	s.bar(x.At).redeemed += by
	o, ok := s.offers[x.Decision]
	used := by > 0
	if !ok || o.counted == used {
		return
	}
	o.counted = used
	s.offers[x.Decision] = o
	z := s.zones[o.zone]
	z.redeemed += by
	z.byTitle[o.title].Redeemed += by
}

// countsSince are the offers that were sent since a time at which a bar begins,
// and what was redeemed since.
func (f *floor) countsSince(shop offers.ShopID, since time.Time) (n catalog.Counts) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for start, bar := range f.of(shop).bars {
		if start >= since.Unix() {
			n.Sent, n.Delivered, n.Redeemed = n.Sent+int64(bar.delivered), n.Delivered+int64(bar.delivered), n.Redeemed+int64(bar.redeemed)
		}
	}
	return n
}

func (s *shopFloor) bar(at time.Time) *bar {
	start := at.Truncate(barStep).Unix()
	b := s.bars[start]
	if b == nil {
		b = &bar{}
		s.bars[start] = b
		for old := range s.bars {
			if start-old > 2*bars*int64(barStep/time.Second) {
				delete(s.bars, old)
			}
		}
	}
	return b
}

// left notes how long somebody was in a zone.
func (f *floor) left(shop offers.ShopID, zone offers.ZoneID, until time.Time, dwell time.Duration) {
	if shop == "" || zone == "" || dwell <= 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.of(shop)
	if s.stays = append(s.stays, stay{zone, until, dwell}); len(s.stays) > staysMost {
		s.stays = append([]stay(nil), s.stays[staysMost/10:]...)
	}
}

// kpis are a shop's figures now. Counts are the shop's of today and of
// yesterday until the same hour.
func (f *floor) kpis(shop *offers.Shop, today, yesterday catalog.Counts, devices map[state.Device]time.Time, now time.Time) liveKpis {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.of(shop.ID)
	people := s.present(shop, now)
	k := liveKpis{
		Shop: shop.ID, At: now.UTC(), InShop: len(people),
		OffersToday: today.Sent, OffersYesterday: yesterday.Sent, DeliveredToday: today.Delivered, RedeemedToday: today.Redeemed,
		RedeemedShare: share(today.Redeemed, today.Sent), RedeemedShareYesterday: share(yesterday.Redeemed, yesterday.Sent),
		LatencySeries: []latencyPoint{}, Conversion: make([]conversionBar, bars), Alerts: []alert{},
	}
	for i := range people {
		if people[i].Shopper != "" {
			k.OptedIn++
		}
	}
	k.Latency, k.LatencySeries, k.RatePerS = s.latencies(now)
	first := now.Truncate(barStep).Add(-(bars - 1) * barStep)
	for i := range k.Conversion {
		at := first.Add(time.Duration(i) * barStep)
		k.Conversion[i].At = at.UTC()
		if b := s.bars[at.Unix()]; b != nil {
			k.Conversion[i].Delivered, k.Conversion[i].Redeemed = b.delivered, b.redeemed
		}
	}
	k.Zones = s.zonesNow(shop, people, now)
	k.Devices = s.health(shop, devices, now)
	return k
}

func share(part, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}

// pace is how fast a shop's offers were lately.
func (f *floor) pace(shop offers.ShopID, now time.Time) liveLatency {
	f.mu.Lock()
	defer f.mu.Unlock()
	window, _, _ := f.of(shop).latencies(now)
	return window
}

func (s *shopFloor) latencies(now time.Time) (window liveLatency, series []latencyPoint, ratePerS float64) {
	var all []time.Duration
	series = []latencyPoint{}
	var point []time.Duration
	var start time.Time
	flush := func() {
		if len(point) > 0 {
			series = append(series, latencyPoint{At: start.UTC(), liveLatency: percentiles(point)})
		}
		point = point[:0]
	}
	recent := s.sent[firstAfter(s.sent, now.Add(-seriesWindow)):]
	lastMinute := 0
	for i := range recent {
		o := &recent[i]
		if step := o.at.Truncate(seriesStep); !step.Equal(start) {
			flush()
			start = step
		}
		point = append(point, o.latency)
		if now.Sub(o.at) <= latencyWindow {
			all = append(all, o.latency)
		}
		if now.Sub(o.at) <= time.Minute {
			lastMinute++
		}
	}
	flush()
	return percentiles(all), series, float64(lastMinute) / 60
}

// firstAfter is where the offers begin that were sent after a time.
func firstAfter(sent []sentOffer, t time.Time) int {
	i := len(sent)
	for i > 0 && sent[i-1].at.After(t) {
		i--
	}
	return i
}

func percentiles(of []time.Duration) liveLatency {
	if len(of) == 0 {
		return liveLatency{}
	}
	sorted := slices.Sorted(slices.Values(of))
	at := func(q float64) float64 { return ms(sorted[int(math.Ceil(q*float64(len(sorted))))-1]) }
	return liveLatency{P50Ms: at(.5), P95Ms: at(.95), P99Ms: at(.99), Count: len(sorted)}
}

func (s *shopFloor) zonesNow(shop *offers.Shop, people []livePerson, now time.Time) []liveZone {
	type sums struct {
		people, optedIn, offers, stays int
		dwell                          time.Duration
	}
	by := map[offers.ZoneID]*sums{}
	for i := range shop.Zones {
		by[shop.Zones[i].ID] = &sums{}
	}
	for i := range people {
		if z := by[people[i].Zone]; z != nil {
			z.people++
			if people[i].Shopper != "" {
				z.optedIn++
			}
		}
	}
	for i := firstAfter(s.sent, now.Add(-zoneOffers)); i < len(s.sent); i++ {
		if z := by[s.sent[i].zone]; z != nil {
			z.offers++
		}
	}
	for _, stayed := range s.stays {
		if z := by[stayed.zone]; z != nil && now.Sub(stayed.until) <= dwellWindow {
			z.stays++
			z.dwell += stayed.dwell
		}
	}
	turn := false
	if minute := now.Unix() / 60; minute != s.minute {
		turn, s.minute = s.minute != 0, minute
	}
	zones := make([]liveZone, len(shop.Zones))
	for i := range shop.Zones {
		z, n := &shop.Zones[i], by[shop.Zones[i].ID]
		one := liveZone{Zone: z.ID, People: n.people, OptedIn: n.optedIn, Capacity: z.Capacity, Offers: n.offers}
		if n.stays > 0 {
			one.AverageDwellS = math.Round(n.dwell.Seconds()/float64(n.stays)*10) / 10
		}
		if today := s.zones[z.ID]; today != nil && s.today.Equal(midnight(now, zoneOf(shop))) {
			one.SentToday, one.Redeemed, one.BestOffer = today.sent, today.redeemed, today.best()
		}
		if turn {
			history := append(s.history[z.ID], n.people)
			s.history[z.ID] = history[max(0, len(history)-(historyLength-1)):]
		}
		one.History = append(slices.Clone(s.history[z.ID]), n.people)
		zones[i] = one
	}
	return zones
}

// best is the offer that most of those who got it here used; among equals the
// one that most got.
func (z *zoneToday) best() *bestOffer {
	var best *bestOffer
	for _, o := range z.byTitle {
		if best == nil || cmp.Or(
			cmp.Compare(share(int64(o.Redeemed), int64(o.Sent)), share(int64(best.Redeemed), int64(best.Sent))),
			cmp.Compare(o.Sent, best.Sent), cmp.Compare(best.Title, o.Title)) > 0 {
			best = o
		}
	}
	if best == nil {
		return nil
	}
	copied := *best
	return &copied
}

const (
	deviceQuiet = 30 * time.Second
	deviceLost  = time.Minute
)

// health says which of the shop's devices were heard of lately: by their own
// reports, and cameras also by what they see.
func (s *shopFloor) health(shop *offers.Shop, reported map[state.Device]time.Time, now time.Time) []deviceHealth {
	devices := []deviceHealth{}
	add := func(device state.Device) {
		kind, id, _ := strings.Cut(string(device), "/")
		d := deviceHealth{ID: id, Kind: kind, Health: "unknown"}
		d.Last = s.devices[device]
		if at := reported[device]; at.After(d.Last) {
			d.Last = at
		}
		switch quiet := now.Sub(d.Last); {
		case d.Last.IsZero():
		case quiet > deviceLost:
			d.Health = "lost"
		case quiet > deviceQuiet:
			d.Health = "quiet"
		default:
			d.Health = "ok"
		}
		d.Last = d.Last.UTC()
		devices = append(devices, d)
	}
	for i := range shop.Receivers {
		add(state.Receiver(shop.Receivers[i].ID))
	}
	for i := range shop.Cameras {
		add(state.Camera(shop.Cameras[i].ID))
	}
	return devices
}
