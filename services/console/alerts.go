package console

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/state"
)

// alert is something that somebody should see to. It is there for as long as its
// cause is; who has seen to it says so, for all screens.
type alert struct {
	ID           string                 `json:"id"`   // the same for as long as the cause is there, and when it comes back
	Kind         string                 `json:"kind"` // camera, receiver, sender, quarantine, lag, latency
	Severity     string                 `json:"severity"`
	Subject      string                 `json:"subject,omitempty"` // which camera, receiver, channel or service
	Says         alertSays              `json:"says"`
	Values       alertValues            `json:"values"`
	Text         string                 `json:"text"`
	Do           string                 `json:"do"`
	Since        time.Time              `json:"since"`
	Acknowledged *state.Acknowledgement `json:"acknowledged,omitempty"`
}

// alertSays is what an alert's text says, for apps that speak another language.
type alertSays string

const (
	saysCameraStalled    alertSays = "camera_stalled"    // for SilentS
	saysReceiverSilent   alertSays = "receiver_silent"   // for SilentS
	saysReceiverOffline  alertSays = "receiver_offline"  // by its own word
	saysReceiverClock    alertSays = "receiver_clock"    // is AheadS ahead
	saysReceiverMend     alertSays = "receiver_mend"     // as canary tags have it
	saysSenderFailing    alertSays = "sender_failing"    // Count of Of messages
	saysQuarantineRising alertSays = "quarantine_rising" // by Count records
	saysServiceBehind    alertSays = "service_behind"    // by Count records
	saysOffersSlow       alertSays = "offers_slow"       // one in twenty takes longer than P95Ms
)

// alertValues are the numbers in an alert's text.
type alertValues struct {
	SilentS int     `json:"silent_s,omitempty"`
	AheadS  int64   `json:"ahead_s,omitempty"` // less than nought: behind
	Count   int64   `json:"count,omitempty"`
	Of      int64   `json:"of,omitempty"`
	P95Ms   float64 `json:"p95_ms,omitempty"`
}

const (
	severe = "severe" // something does not work
	mild   = "mild"   // something gets worse

	alertsEvery   = 2 * time.Second // the causes are looked for
	lagsEvery     = 5               // looks; to ask how far everybody is costs more
	sendingWindow = 5 * time.Minute
	failingFrom   = 3  // messages that failed within it
	failingShare  = .2 // of all that were tried
	risingFrom    = 10 // records put aside within risingWindow
	risingWindow  = 10 * time.Minute
	slowFrom      = 20    // offers, before their pace is judged
	slowMs        = 400   // twice the target, p95
	clockOff      = 5_000 // ms that a receiver's clock may be ahead
)

// alerts are the shops', as they were looked for last. Safe for concurrent use.
type alerts struct {
	mu    sync.Mutex // guards shops
	shops map[offers.ShopID][]alert
}

func newAlerts() *alerts { return &alerts{shops: map[offers.ShopID][]alert{}} }

// of are a shop's alerts, those that nobody has seen to first, of them severe
// ones.
func (a *alerts) of(shop offers.ShopID) []alert {
	a.mu.Lock()
	defer a.mu.Unlock()
	return list(slices.Clone(a.shops[shop]))
}

// found notes a shop's alerts. They have begun when they were found first.
func (a *alerts) found(shop offers.ShopID, all []alert) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range all {
		if before := slices.IndexFunc(a.shops[shop], func(x alert) bool { return x.ID == all[i].ID }); before >= 0 {
			all[i].Since = a.shops[shop][before].Since
		}
	}
	a.put(shop, all)
}

func (a *alerts) put(shop offers.ShopID, all []alert) {
	slices.SortStableFunc(all, func(x, y alert) int {
		return cmp.Or(last(x.Acknowledged != nil, y.Acknowledged != nil), last(x.Severity != severe, y.Severity != severe), cmp.Compare(x.ID, y.ID))
	})
	a.shops[shop] = all
}

// acknowledged notes who has seen to an alert, until all are looked for again.
func (a *alerts) acknowledged(shop offers.ShopID, id string, by state.Acknowledgement) {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := slices.Clone(a.shops[shop])
	for i := range all {
		if all[i].ID == id {
			all[i].Acknowledged = &by
		}
	}
	a.put(shop, all)
}

// watchAlerts looks for the causes of alerts, beside the wall: what does not
// answer holds up no picture.
func (s *Service) watchAlerts(ctx context.Context) error {
	t := time.NewTicker(alertsEvery)
	defer t.Stop()
	var lags []serviceState
	for looks := 0; ; looks++ {
		if looks%lagsEvery == 0 {
			lags = lags[:0]
			for _, w := range s.config.Watched {
				lags = append(lags, s.stateOf(ctx, w))
			}
		}
		s.lookForAlerts(ctx, lags, time.Now())
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

func (s *Service) lookForAlerts(ctx context.Context, lags []serviceState, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	missing := func(what string, err error) {
		if err != nil {
			s.logger.Debug("console: alerts cannot look at everything", "missing", what, "err", err)
		}
	}
	receivers, err := s.store.Receivers(ctx)
	missing("receivers", err)
	seen, err := s.store.Acknowledged(ctx, now)
	missing("acknowledgements", err)
	rises, _ := s.door.shelf.count(now.Add(-risingWindow), risingWindow/2, 2)
	for id, shop := range s.catalogue().Shops {
		zones, _, err := s.store.Zones(ctx, id)
		missing("canaries", err)
		all := deviceAlerts(s.floor.devices(shop, s.figures.devices(ctx, s, now), now), receivers, zones, now)
		all = append(all, sendingAlerts(s.recent.sending(id, now.Add(-sendingWindow)))...)
		all = append(all, quarantineAlerts(rises)...)
		all = append(all, paceAlerts(s.floor.pace(id, now), lags)...)
		for i := range all {
			all[i].Since = now.UTC()
			if x, ok := seen[string(id)+"/"+all[i].ID]; ok {
				all[i].Acknowledged = &x
			}
		}
		s.alerts.found(id, all)
	}
}

// last orders what is so behind what is not.
func last(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func deviceAlerts(devices []deviceHealth, receivers map[offers.ReceiverID]state.ReceiverHealth, zones state.ZonesHealth, now time.Time) []alert {
	var all []alert
	add := func(a alert) {
		a.ID = a.Kind + "/" + a.Subject
		if !slices.ContainsFunc(all, func(b alert) bool { return a.ID == b.ID }) {
			all = append(all, a)
		}
	}
	const look = "Look at its power and network."
	for i := range devices {
		d := &devices[i]
		r, told := receivers[offers.ReceiverID(d.ID)]
		a := alert{Kind: d.Kind, Severity: severe, Subject: d.ID, Do: look}
		switch {
		case d.Health == "lost" && d.Kind == "camera":
			a.Says, a.Values.SilentS, a.Do = saysCameraStalled, int(now.Sub(d.Last).Seconds()), "Look at its power and network, then at its page."
			a.Text = fmt.Sprintf("Camera %s has stalled: nothing was heard of it for %s.", d.ID, howLong(d.Last, now))
		case d.Health == "lost":
			a.Says, a.Values.SilentS = saysReceiverSilent, int(now.Sub(d.Last).Seconds())
			a.Text = fmt.Sprintf("Receiver %s is silent: nothing was heard of it for %s.", d.ID, howLong(d.Last, now))
		case d.Kind == "receiver" && told && r.Status == "offline":
			a.Says, a.Text = saysReceiverOffline, fmt.Sprintf("Receiver %s went offline.", d.ID)
		case d.Kind == "receiver" && told && max(r.AheadMs, -r.AheadMs) > clockOff:
			a.Says, a.Values.AheadS, a.Severity, a.Do = saysReceiverClock, r.AheadMs/1000, mild, "Set its clock, or have it ask a time server."
			a.Text = fmt.Sprintf("The clock of receiver %s is %d s off.", d.ID, r.AheadMs/1000)
		default:
			continue
		}
		add(a)
	}
	for _, z := range zones.Zones {
		if z.Mend != "" {
			add(alert{
				Kind: "receiver", Severity: mild, Subject: string(z.Mend), Says: saysReceiverMend,
				Text: fmt.Sprintf("Receiver %s needs mending: %s", z.Mend, z.What), Do: "Open the shop's health page.",
			})
		}
	}
	return all
}

// howLong is how long ago something was, in words.
func howLong(at, now time.Time) string {
	ago := now.Sub(at)
	switch {
	case ago >= time.Hour:
		return fmt.Sprintf("%.0f h", ago.Hours())
	case ago >= 2*time.Minute:
		return fmt.Sprintf("%.0f min", ago.Minutes())
	}
	return fmt.Sprintf("%.0f s", ago.Seconds())
}

// carried is how many messages a channel carried, and could not.
type carried struct{ sent, failed int }

// sending is what came of a shop's messages since a time, by channel.
func (r *recent) sending(shop offers.ShopID, since time.Time) map[offers.Channel]carried {
	r.mu.RLock()
	defer r.mu.RUnlock()
	by := map[offers.Channel]carried{}
	for _, e := range r.decisions {
		for i := range e.deliveries {
			d := &e.deliveries[i]
			if d.Shop != shop || d.At.Before(since) {
				continue
			}
			n := by[d.Channel]
			switch d.State {
			case offers.DeliverySent:
				n.sent++
			case offers.DeliveryFailed:
				n.failed++
			}
			by[d.Channel] = n
		}
	}
	return by
}

func sendingAlerts(by map[offers.Channel]carried) []alert {
	var all []alert
	for channel, n := range by {
		if n.failed >= failingFrom && float64(n.failed) >= failingShare*float64(n.sent+n.failed) {
			all = append(all, alert{
				ID: "sender/" + string(channel), Kind: "sender", Severity: severe, Subject: string(channel),
				Says: saysSenderFailing, Values: alertValues{Count: int64(n.failed), Of: int64(n.sent + n.failed)},
				Text: fmt.Sprintf("%d of %d messages by %s failed within five minutes.", n.failed, n.sent+n.failed, channel),
				Do:   "Look at the provider's state and at the deliveries' reasons.",
			})
		}
	}
	return all
}

func quarantineAlerts(rises []tallied) []alert {
	before, now := 0, 0
	worst := -1
	for i := range rises {
		before, now = before+rises[i].Counts[0], now+rises[i].Counts[1]
		if worst < 0 || rises[i].Counts[1] > rises[worst].Counts[1] {
			worst = i
		}
	}
	if now < risingFrom || now < 2*before {
		return nil
	}
	return []alert{{
		ID: "quarantine", Kind: "quarantine", Severity: mild, Subject: rises[worst].Source,
		Says: saysQuarantineRising, Values: alertValues{Count: int64(now)},
		Text: fmt.Sprintf("%d records were put aside within five minutes, most of them from %s.", now, rises[worst].Source),
		Do:   "Look at what lies in quarantine.",
	}}
}

func paceAlerts(latency liveLatency, lags []serviceState) []alert {
	var all []alert
	for _, l := range lags {
		if l.State == "behind" {
			all = append(all, alert{
				ID: "lag/" + l.Name, Kind: "lag", Severity: severe, Subject: l.Name,
				Says: saysServiceBehind, Values: alertValues{Count: l.Lag},
				Text: fmt.Sprintf("The %s is %d records behind: what is shown may be late.", l.Name, l.Lag), Do: "Add another, or look at what holds it up.",
			})
		}
	}
	if latency.Count >= slowFrom && latency.P95Ms > slowMs {
		all = append(all, alert{
			ID: "latency", Kind: "latency", Severity: mild,
			Says: saysOffersSlow, Values: alertValues{P95Ms: latency.P95Ms},
			Text: fmt.Sprintf("One in twenty offers takes longer than %.0f ms to the phone.", latency.P95Ms), Do: "Look at the house's page for what is behind.",
		})
	}
	return all
}

func (s *Service) acknowledge(c *fiber.Ctx) error {
	var in struct {
		Shop offers.ShopID `json:"shop"`
		ID   string        `json:"id"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	ctx := c.UserContext()
	if !slices.ContainsFunc(s.alerts.of(in.Shop), func(a alert) bool { return a.ID == in.ID }) {
		return fmt.Errorf("alert: %w: it is over", offers.ErrNotFound)
	}
	seen := state.Acknowledgement{By: by(c).Name, At: time.Now().UTC()}
	if err := s.store.Acknowledge(ctx, string(in.Shop)+"/"+in.ID, seen); err != nil {
		return err
	}
	if err := s.catalog.Audit(ctx, by(c), "acknowledge", "alert/"+in.ID); err != nil {
		return err
	}
	s.alerts.acknowledged(in.Shop, in.ID, seen)
	return c.SendStatus(fiber.StatusNoContent)
}

// shopNow is a shop in one line, for whoever looks after several.
type shopNow struct {
	Shop          offers.ShopID `json:"shop"`
	Name          string        `json:"name"`
	InShop        int           `json:"in_shop"`
	OptedIn       int           `json:"opted_in"`
	OffersToday   int64         `json:"offers_today"`
	RedeemedShare float64       `json:"redeemed_share"`
	Latency       liveLatency   `json:"latency"`
	Alerts        []alert       `json:"alerts"`
}

func (s *Service) getOverview(c *fiber.Ctx) error {
	now, all := time.Now(), []shopNow{}
	for _, shop := range s.catalogue().Shops {
		k := s.kpis(c.UserContext(), shop, now)
		all = append(all, shopNow{shop.ID, shop.Name, k.InShop, k.OptedIn, k.OffersToday, k.RedeemedShare, k.Latency, k.Alerts})
	}
	slices.SortFunc(all, func(a, b shopNow) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Shop, b.Shop)) })
	return c.JSON(fiber.Map{"shops": all})
}
