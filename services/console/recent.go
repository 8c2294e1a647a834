package console

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"aisle/offers"
)

// recent is what happened lately, in bounded memory: decisions, what became of
// them, and who was seen. It is filled from the ends of the streams at each
// start. Safe for concurrent use.
type recent struct {
	mu        sync.RWMutex // guards the rest
	decisions map[offers.DecisionID]*episode
	order     []offers.DecisionID // oldest first
	seen      map[offers.ShopperID]glimpse
}

// How much is remembered.
const (
	episodesKept = 5_000
	seenKept     = 20_000
	statesKept   = 20 // of deliveries of one decision
)

// episode is a decision and what became of it. Any part may be missing: the
// streams are read each at its own pace.
type episode struct {
	decided    bool
	summary    decisionSummary
	deliveries []offers.Delivery // each state, oldest first
	redemption *redemption
}

// glimpse is when and where a shopper was last heard of.
type glimpse struct {
	last time.Time
	shop offers.ShopID
	zone offers.ZoneID
}

// decisionSummary is a decision as lists show it.
type decisionSummary struct {
	ID          offers.DecisionID    `json:"id"`
	Shopper     offers.ShopperID     `json:"shopper"`
	Label       string               `json:"label"`
	Shop        offers.ShopID        `json:"shop,omitempty"`
	Zone        offers.ZoneID        `json:"zone,omitempty"`
	ZoneName    string               `json:"zone_name,omitempty"`
	Time        time.Time            `json:"time"`
	Trigger     offers.EventType     `json:"trigger"`
	Verdict     offers.Verdict       `json:"verdict"`
	Campaign    offers.CampaignID    `json:"campaign,omitempty"`
	Name        string               `json:"campaign_name,omitempty"`
	Title       string               `json:"title,omitempty"`
	Probability float64              `json:"probability,omitempty"`
	Candidates  int                  `json:"candidates"`
	Out         offers.Exclusion     `json:"out,omitempty"`
	State       offers.DeliveryState `json:"state,omitempty"`
	LatencyMs   float64              `json:"latency_ms,omitempty"`
	Redeemed    time.Time            `json:"redeemed,omitzero"`
}

// redemption is an offer that was used, as screens show it.
type redemption struct {
	Decision offers.DecisionID `json:"decision"`
	Shopper  offers.ShopperID  `json:"shopper"`
	Label    string            `json:"label"`
	Shop     offers.ShopID     `json:"shop,omitempty"`
	Zone     offers.ZoneID     `json:"zone,omitempty"`
	Campaign offers.CampaignID `json:"campaign,omitempty"`
	Title    string            `json:"title,omitempty"`
	Value    offers.Money      `json:"value,omitzero"`
	At       time.Time         `json:"at"`
}

func newRecent() *recent {
	return &recent{decisions: map[offers.DecisionID]*episode{}, seen: map[offers.ShopperID]glimpse{}}
}

// label is how a shopper is called on screens: four characters, no name.
func label(id offers.ShopperID) string {
	return strings.ToUpper(string(id[max(0, len(id)-4):]))
}

// summarise makes a decision small enough to keep many.
func summarise(d *offers.Decision, shop *offers.Shop) decisionSummary {
	s := decisionSummary{
		ID: d.ID, Shopper: d.Shopper, Label: label(d.Shopper), Shop: d.Shop, Zone: d.Zone, ZoneName: zoneName(shop, d.Zone),
		Time: d.Time, Trigger: d.Trigger, Verdict: d.Verdict, Campaign: d.Campaign,
		Probability: d.Probability, Candidates: len(d.Candidates),
	}
	if d.Offer != nil {
		s.Title = d.Offer.Title
	}
	for i := range d.Candidates {
		if d.Candidates[i].Campaign == d.Campaign && d.Campaign != "" {
			s.Name = d.Candidates[i].Name
			break
		}
	}
	if d.Verdict == offers.NoOffer {
		s.Out = mostOften(d.Candidates)
	}
	return s
}

// mostOften is the reason for which most candidates are out.
func mostOften(candidates []offers.Candidate) offers.Exclusion {
	times := map[offers.Exclusion]int{}
	var most offers.Exclusion
	for i := range candidates {
		out := candidates[i].Out
		if times[out]++; out != "" && times[out] > times[most] {
			most = out
		}
	}
	return most
}

// zoneName is what a zone is called, its id where the shop is not known.
func zoneName(shop *offers.Shop, id offers.ZoneID) string {
	if shop != nil {
		if z, ok := shop.Zone(id); ok {
			return z.Name
		}
	}
	return string(id)
}

// episodeOf finds or begins an episode. The caller holds the lock.
func (r *recent) episodeOf(id offers.DecisionID) *episode {
	e := r.decisions[id]
	if e == nil {
		e = &episode{}
		r.decisions[id] = e
		r.order = append(r.order, id)
		if len(r.order) > episodesKept {
			for _, old := range r.order[:episodesKept/10] {
				delete(r.decisions, old)
			}
			r.order = slices.Clone(r.order[episodesKept/10:])
		}
	}
	return e
}

// decided notes a decision, and tells whether it is new.
func (r *recent) decided(summary decisionSummary) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.episodeOf(summary.ID)
	if e.decided {
		return false
	}
	e.decided, e.summary = true, summary
	r.see(summary.Shopper, glimpse{summary.Time, summary.Shop, summary.Zone})
	return true
}

// delivered notes a state of a delivery, and tells whether it is new.
func (r *recent) delivered(d offers.Delivery) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.episodeOf(d.Decision)
	for i := range e.deliveries {
		if e.deliveries[i].ID == d.ID && e.deliveries[i].State == d.State {
			return false
		}
	}
	if len(e.deliveries) == statesKept {
		return false
	}
	e.deliveries = append(e.deliveries, d)
	return true
}

// redeemed notes a redemption, and tells whether it is new. What it gives back
// is filled in with what is known of its offer.
func (r *recent) redeemed(x redemption) (redemption, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.episodeOf(x.Decision)
	if e.redemption != nil {
		return e.filled(), false
	}
	e.redemption = &x
	return e.filled(), true
}

// undone forgets a redemption that was taken back at a time, and gives it; false
// if there is none before.
func (r *recent) undone(id offers.DecisionID, at time.Time) (redemption, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.episodeOf(id)
	if e.redemption == nil || e.redemption.At.After(at) {
		return redemption{}, false
	}
	x := e.filled()
	e.redemption = nil
	return x, true
}

// filled is the redemption with what is known of its offer: the till knows
// only the code.
func (e *episode) filled() redemption {
	x := *e.redemption
	if len(e.deliveries) > 0 {
		d := &e.deliveries[0]
		x.Campaign, x.Title, x.Zone, x.Shop = d.Campaign, d.Title, d.Zone, cmp.Or(x.Shop, d.Shop)
	} else if e.decided {
		d := &e.summary
		x.Campaign, x.Title, x.Zone, x.Shop = d.Campaign, d.Title, d.Zone, cmp.Or(x.Shop, d.Shop)
	}
	return x
}

// see notes who was heard of. The caller holds the lock.
func (r *recent) see(shopper offers.ShopperID, g glimpse) {
	if shopper == "" || g.last.Before(r.seen[shopper].last) {
		return
	}
	r.seen[shopper] = g
	if len(r.seen) > seenKept {
		r.forget()
	}
}

// forget drops the tenth of the glimpses that are the oldest.
func (r *recent) forget() {
	times := make([]time.Time, 0, len(r.seen))
	for _, g := range r.seen {
		times = append(times, g.last)
	}
	slices.SortFunc(times, time.Time.Compare)
	old := times[len(times)/10]
	for shopper, g := range r.seen {
		if !g.last.After(old) {
			delete(r.seen, shopper)
		}
	}
}

// heardOf notes an event of a shopper.
func (r *recent) heardOf(e *offers.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Type == offers.Merged {
		delete(r.seen, e.Shopper)
		return
	}
	r.see(e.Shopper, glimpse{e.Time, e.Shop, e.Zone})
}

// shoppers lists who was heard of, the latest first.
func (r *recent) shoppers(limit int) []offers.ShopperID {
	r.mu.RLock()
	ids := make([]offers.ShopperID, 0, len(r.seen))
	last := make(map[offers.ShopperID]time.Time, len(r.seen))
	for id, g := range r.seen {
		ids, last[id] = append(ids, id), g.last
	}
	r.mu.RUnlock()
	slices.SortFunc(ids, func(a, b offers.ShopperID) int {
		return cmp.Or(last[b].Compare(last[a]), strings.Compare(string(a), string(b)))
	})
	return ids[:min(limit, len(ids))]
}

// wanted says which decisions a list is to show. Empty fields match any.
type wanted struct {
	shop     offers.ShopID
	shopper  offers.ShopperID
	campaign offers.CampaignID
	verdict  offers.Verdict
	limit    int
}

// list are the latest decisions, newest first.
func (r *recent) list(w wanted) []decisionSummary {
	r.mu.RLock()
	defer r.mu.RUnlock()
	all := []decisionSummary{}
	for _, id := range r.order {
		e := r.decisions[id]
		s := &e.summary
		if !e.decided || w.shop != "" && s.Shop != w.shop || w.shopper != "" && s.Shopper != w.shopper ||
			w.campaign != "" && s.Campaign != w.campaign || w.verdict != "" && s.Verdict != w.verdict {
			continue
		}
		all = append(all, e.now())
	}
	slices.SortStableFunc(all, func(a, b decisionSummary) int { return b.Time.Compare(a.Time) })
	return all[:min(w.limit, len(all))]
}

// now is the summary with what became of the decision.
func (e *episode) now() decisionSummary {
	s := e.summary
	s.State, s.LatencyMs = fate(e.deliveries)
	if e.redemption != nil {
		s.Redeemed = e.redemption.At
	}
	return s
}

// fates are the states of deliveries, the one that says most last.
var fates = []offers.DeliveryState{
	offers.DeliveryClaimed, offers.DeliveryRefused, offers.DeliveryFailed, offers.DeliveryHeld, offers.DeliverySent, offers.DeliveryDelivered,
}

// fate is how far the attempts came, the farthest of them as they are now, and
// how long after the event the first message was sent. The states of each are in
// their order.
func fate(deliveries []offers.Delivery) (state offers.DeliveryState, latencyMs float64) {
	for i := range deliveries {
		d := &deliveries[i]
		later := slices.ContainsFunc(deliveries[i+1:], func(x offers.Delivery) bool { return x.ID == d.ID })
		if !later && slices.Index(fates, d.State) >= slices.Index(fates, state) {
			state = d.State
		}
		if d.State == offers.DeliverySent && latencyMs == 0 {
			latencyMs = ms(d.At.Sub(d.Received))
		}
	}
	return state, latencyMs
}

func ms(d time.Duration) float64 {
	return float64(d.Round(100*time.Microsecond)) / float64(time.Millisecond)
}

// of is what is remembered of one decision.
func (r *recent) of(id offers.DecisionID) (deliveries []offers.Delivery, redeemed *redemption) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if e := r.decisions[id]; e != nil {
		if e.redemption != nil {
			x := e.filled()
			redeemed = &x
		}
		return slices.Clone(e.deliveries), redeemed
	}
	return nil, nil
}

// happened are the latest deliveries and redemptions of a shop, newest first.
func (r *recent) happened(shop offers.ShopID, limit int) (deliveries []offers.Delivery, redemptions []redemption) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	deliveries, redemptions = []offers.Delivery{}, []redemption{}
	for _, id := range r.order {
		e := r.decisions[id]
		for i := range e.deliveries {
			if e.deliveries[i].Shop == shop {
				deliveries = append(deliveries, e.deliveries[i])
			}
		}
		if e.redemption != nil {
			if x := e.filled(); x.Shop == shop {
				redemptions = append(redemptions, x)
			}
		}
	}
	slices.SortStableFunc(deliveries, func(a, b offers.Delivery) int { return b.At.Compare(a.At) })
	slices.SortStableFunc(redemptions, func(a, b redemption) int { return b.At.Compare(a.At) })
	return deliveries[:min(limit, len(deliveries))], redemptions[:min(limit, len(redemptions))]
}
