package decide

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"time"

	"aisle/offers"
)

// MostOffers bounds the list that a page or screen may ask for.
const MostOffers = 20

// Ask is what a page or screen asks for.
type Ask struct {
	Placement offers.PlacementID
	Limit     int               // most offers in the list; 0 is one
	Exclude   []offers.OfferID  // what the page shows already
	Told      map[string]string // what it says of itself, for contexts: "weather": "rain"
	Seed      string            // names the call: the same one gives the same answer
	Device    bool              // it is the shopper's phone or tag that asks, not only their account
}

// asks are the campaigns that placements may ask for, and their fallbacks: by
// the names that campaigns give, which may be a kind.
type asks struct {
	running, fallback map[offers.PlacementID][]*campaign
	named             map[offers.PlacementID]bool // also by campaigns that do not live, or not any more
}

func asksOf(live []*campaign, all map[offers.CampaignID]*offers.Campaign) asks {
	a := asks{map[offers.PlacementID][]*campaign{}, map[offers.PlacementID][]*campaign{}, map[offers.PlacementID]bool{}}
	for _, c := range all {
		for _, p := range slices.Concat(c.Placements, c.Fallback) {
			a.named[p] = true
		}
	}
	for _, c := range live {
		for _, p := range c.Placements {
			a.running[p] = append(a.running[p], c)
		}
		for _, p := range c.Fallback {
			a.fallback[p] = append(a.fallback[p], c)
		}
	}
	return a
}

// Unknown says in sentences what the house does not know of where somebody asks:
// a misspelt name would be answered with less than could be, call after call. A
// placement is known by any campaign that names it, live or not. Without a shop,
// the zone may be of any.
func (e *Engine) Unknown(p offers.PlacementID, shop offers.ShopID, zone offers.ZoneID) (says []string) {
	if !e.asks.named[p] && !e.asks.named[p.Kind()] {
		says = append(says, fmt.Sprintf("placement: no campaign is for %q. %s", p,
			meant(p, maps.Keys(e.asks.named), "Write it, or its kind, under placements or fallback of one.")))
	}
	switch {
	case shop != "" && e.places[shop] == nil:
		return append(says, fmt.Sprintf("shop: there is no %q. %s", shop, meant(shop, maps.Keys(e.places), "The console lists them under Shops.")))
	case zone == "" || e.hasZone(shop, zone):
		return says
	case shop == "":
		return append(says, fmt.Sprintf("zone: no shop has a zone %q.", zone))
	}
	return append(says, fmt.Sprintf("zone: there is no %q in shop %s. %s", zone, shop, meant(zone, maps.Keys(e.places[shop].zones), "Its plan in the console names them.")))
}

// hasZone tells whether a shop that there is has a zone; without a shop, whether
// any has.
func (e *Engine) hasZone(shop offers.ShopID, zone offers.ZoneID) bool {
	if at := e.places[shop]; at != nil {
		_, ok := at.zones[zone]
		return ok
	}
	for _, at := range e.places {
		if _, ok := at.zones[zone]; ok {
			return true
		}
	}
	return false
}

// meant asks whether another name was meant, or else says how to mend it.
func meant[T ~string](name T, known iter.Seq[T], mend string) string {
	var names []string
	for k := range known {
		names = append(names, string(k))
	}
	slices.Sort(names)
	if near := offers.Nearest(string(name), names); near != "" {
		return fmt.Sprintf("Did you mean %q?", near)
	}
	return mend
}

// Fallback is the campaign whose offer a placement shows where no other can be:
// one that names the placement before one of its kind. Nil: it has none.
func (e *Engine) Fallback(p offers.PlacementID) *offers.Campaign {
	for _, name := range [...]offers.PlacementID{p, p.Kind()} {
		for _, c := range e.asks.fallback[name] {
			for i := range c.Offers {
				if _, ok := c.Offers[i].In(p); ok {
					return c.Campaign
				}
			}
		}
	}
	return nil
}

// answer ranks offers for a page or screen. It asks for no consent to messages:
// who looks is looking. What is personal in it, the rules and features, has the
// consents that it has everywhere.
func (e *Engine) answer(d *offers.Decision, m *Moment, w *desk, r Ranker) {
	ask := m.Ask
	d.Placement, d.Told = ask.Placement, ask.Told
	consider := func(c *campaign) {
		_, out, detail := e.exclude(c, m, w)
		only := c.only(m.Profile.Shopper)
		for i := range c.Offers {
			o := &c.Offers[i]
			out, detail := out, detail
			if why := only.not(o); out == "" && why != "" {
				out, detail = offers.OutSplit, why
			}
			if _, ok := o.In(ask.Placement); out == "" && !ok {
				out, detail = offers.OutRepresentation, "it has no representation for "+string(ask.Placement)
			}
			if out == "" && slices.Contains(ask.Exclude, o.ID) {
				out, detail = offers.OutShown, "the page shows it already"
			}
			if out != "" {
				w.out = append(w.out, offers.Candidate{Campaign: c.ID, Name: c.Name, Offer: o.ID, Title: o.Title, Out: out, Detail: detail})
				continue
			}
			w.running = append(w.running, runner{campaign: c, offer: o})
		}
	}
	named := e.asks.running[ask.Placement]
	for _, c := range named {
		consider(c)
	}
	if kind := ask.Placement.Kind(); kind != ask.Placement {
		for _, c := range e.asks.running[kind] {
			if !slices.Contains(named, c) {
				consider(c)
			}
		}
	}
	e.list(d, m, w, e.arbitrate(w, r, ask.Seed))
	if len(d.Placed) == 0 {
		e.fallBack(d, ask.Placement)
	}
	d.Candidates = append(w.candidates(), d.Candidates...)
}

// list draws one offer for each place, without those drawn before. Each has the
// exact probability of its place, given those before it. Where the first is held
// out the shopper is, and the list stays empty.
func (e *Engine) list(d *offers.Decision, m *Moment, w *desk, pick int) {
	rest := 1.
	for place := 0; pick >= 0; place++ {
		won, p := w.running[pick], w.probabilities[pick]
		given := p / rest
		rest -= p
		switch by := e.held(won.campaign, d.Shopper); {
		case by == "":
			in, _ := won.offer.In(m.Ask.Placement)
			d.Placed = append(d.Placed, offers.Placed{Campaign: won.campaign.ID, Offer: *won.offer, Representation: in,
				Probability: min(given, 1), Expires: d.Time.Add(won.offer.Valid)})
			w.order = append(w.order, pick)
		case place == 0:
			offer := *won.offer
			d.Verdict, d.HeldBy, d.Campaign, d.Offer, d.Probability = offers.HeldOut, by, won.campaign.ID, &offer, p
			w.order = append(w.order, pick)
			return
		default:
			w.scored[pick].Out = offers.OutHoldout
			w.scored[pick].Detail = "kept back from this shopper, to measure what offers earn"
		}
		if len(d.Placed) >= max(m.Ask.Limit, 1) {
			break
		}
		w.probabilities[pick] = 0
		pick = w.next(rest, uniform(m.Ask.Seed+"/"+strconv.Itoa(place+1)))
	}
	if len(d.Placed) > 0 {
		first := &d.Placed[0]
		d.Verdict, d.Campaign, d.Offer = offers.Offered, first.Campaign, &first.Offer
		d.Probability, d.Expires = first.Probability, first.Expires
	}
}

// next draws among those that are left, in proportion to their probabilities;
// -1 where none is.
func (w *desk) next(rest, u float64) int {
	last := -1
	for i, p := range w.probabilities {
		if p <= 0 {
			continue
		}
		last = i
		if u -= p / rest; u < 0 {
			break
		}
	}
	return last
}

// uniform is a number from 0 to 1 made of a name, the same each time.
func uniform(name string) float64 { return float64(seed(name)>>11) / (1 << 53) }

// fallBack shows the placement's fallback. A shopper who is held out stays so.
func (e *Engine) fallBack(d *offers.Decision, p offers.PlacementID) {
	k := e.Fallback(p)
	if k == nil {
		return
	}
	for i := range k.Offers {
		in, ok := k.Offers[i].In(p)
		if !ok {
			continue
		}
		o := k.Offers[i]
		placed := offers.Placed{Campaign: k.ID, Offer: o, Representation: in, Probability: 1}
		if o.Valid > 0 {
			placed.Expires = d.Time.Add(o.Valid)
		}
		d.Placed, d.Fallback = []offers.Placed{placed}, true
		if d.Verdict != offers.HeldOut {
			d.Verdict, d.Campaign, d.Offer = offers.Offered, k.ID, &d.Placed[0].Offer
			d.Probability, d.Expires = 1, placed.Expires
		}
		d.Candidates = append(d.Candidates, offers.Candidate{Campaign: k.ID, Name: k.Name, Offer: o.ID, Title: o.Title, Fallback: true})
		return
	}
}

// weight is a campaign's context weight at this moment: its own, times one and
// the per cents that match.
func (s *scene) weight(c *offers.Campaign) float64 {
	weight, percent := c.Weight, 0.
	if weight == 0 {
		weight = 1
	}
	for i := range c.Contexts {
		if k := &c.Contexts[i]; s.has(k.Key, k.Value) {
			percent += k.Percent
		}
	}
	return weight * max(0, 1+percent/100)
}

// ContextKeys are the keys of the moment itself that context weights match. What
// a page says of itself has keys of its own.
var ContextKeys = []string{"shop", "zone", "zone_kind", "category", "tier", "hour", "weekday", "event", "placement"}

// has tells whether the moment has a value under a key.
func (s *scene) has(key, value string) bool {
	v := &s.vars
	switch key {
	case "shop":
		return v.Shop == value
	case "zone":
		return v.Zone == value
	case "zone_kind":
		return v.ZoneKind == value
	case "category":
		return s.context.Category == value
	case "tier":
		return v.Tier == value
	case "hour":
		return strconv.Itoa(v.Hour) == value
	case "weekday":
		return strconv.Itoa(v.Weekday) == value || time.Weekday(v.Weekday).String() == value
	case "event":
		return string(v.Event.Type) == value
	case "placement":
		return s.ask != nil && offers.PlacementID(value).Covers(s.ask.Placement)
	}
	if s.ask == nil {
		return false
	}
	told, ok := s.ask.Told[key]
	return ok && told == value
}
