package notifier

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // a machine without time zones must not text at night

	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/offers/message"
	"aisle/services/state"
)

// facts are what is known of a delivery just before the guard.
type facts struct {
	to          string // E.164, or an e-mail address
	before      []offers.ShopperID
	title, text string
	link        string
	language    string // of text, BCP 47
	tags        []string
	limits      []limit
	budget      int // of what channels cost, a day
	unit        state.Unit
	today       time.Time // when the shopper's day began
	quietUntil  time.Time // zero: it is not quiet
	refusal     offers.Refusal
	detail      string
}

// night are the quiet hours where neither the house nor a shop says otherwise:
// texts go between 8 and 21 o'clock (47 CFR 64.1200(c)(1)).
var night = offers.QuietHours{FromMinute: 21 * 60, UntilMinute: 8 * 60}

// look finds the facts of a delivery now. The error is ErrUnavailable: then
// nothing is sent, and it is tried again.
func (n *Notifier) look(ctx context.Context, t *task) (*facts, string, error) {
	house := n.catalogue.Now()
	campaign := house.Campaigns[t.Campaign]
	p, code, err := n.profileAndCode(ctx, t)
	if err != nil {
		return nil, "", err
	}
	shop, err := shopOf(t, house)
	if err != nil {
		return nil, "", err
	}
	f := &facts{to: address(t.Channel, p), before: p.Absorbed, budget: cmp.Or(house.House.CostPerDay, n.config.CostPerDay), tags: tagsOf(campaign), unit: unitOf(t, campaign)}
	stopped, err := n.stopped(ctx, t, f.to)
	if err != nil {
		return nil, "", err
	}
	for _, l := range n.limitsOf(t, campaign, &house.House) {
		f.limits = append(f.limits, limit(l))
	}
	now := time.Now()
	zone, quiet, err := hours(&house.House, shop, p)
	if err != nil { // an hour that is not known may be the middle of the night
		zone = time.UTC
		if rings(t.Channel) {
			f.refusal, f.detail = offers.RefusedQuietHours, err.Error()
		}
	}
	if w := p.Traits.Wishes; w != nil {
		if w.Budget > 0 {
			f.budget = w.Budget
		}
		if w.Quiet != nil {
			quiet = append(quiet, *w.Quiet)
		}
	}
	there := now.In(zone)
	f.today = time.Date(there.Year(), there.Month(), there.Day(), 0, 0, 0, 0, zone)
	if rings(t.Channel) {
		f.quietUntil = quietUntil(quiet, zone, now)
	}
	err = n.compose(f, t, shop, p, code, there)
	switch {
	case f.refusal != "":
	case p.Into != "":
		f.refusal, f.detail = offers.RefusedConsent, "the shopper is known by another name now, whose consents hold"
	case campaign != nil && campaign.Status != offers.CampaignLive:
		f.refusal, f.detail = offers.RefusedCampaign, "the campaign is "+string(campaign.Status)
	case addressed(t.Channel) && f.to == "":
		f.refusal, f.detail = offers.RefusedNoAddress, "no address for "+string(t.Channel)+" is known"
	case stopped:
		f.refusal, f.detail = offers.RefusedConsent, "this number has told us to stop"
	case err != nil:
		f.refusal, f.detail = offers.RefusedText, err.Error()
	}
	return f, code, nil
}

// campaignOf is a delivery's campaign as it is now, nil if it has gone.
func (n *Notifier) campaignOf(t *task) *offers.Campaign {
	return n.catalogue.Now().Campaigns[t.Campaign]
}

// tagsOf are a campaign's, if there is one.
func tagsOf(c *offers.Campaign) []string {
	if c == nil {
		return nil
	}
	return c.Tags
}

// unitOf is what a delivery takes of its offer's stock and of its campaign's
// budget, if there is one.
func unitOf(t *task, c *offers.Campaign) state.Unit {
	if c == nil {
		return state.Unit{}
	}
	u := state.UnitOf(c, t.Offer.ID, t.Decision, t.Expires)
	u.Channel = t.Channel
	return u
}

// profileAndCode reads who the shopper is, and reserves the redemption code.
func (n *Notifier) profileAndCode(ctx context.Context, t *task) (*offers.Profile, string, error) {
	var read *redis.StringCmd
	code, err := n.reserve(ctx, t, func(pipe redis.Pipeliner) {
		read = pipe.Get(ctx, state.ProfileKey(t.Partition, t.Shopper))
	})
	if err != nil {
		return nil, "", err
	}
	p := &offers.Profile{Shopper: t.Shopper}
	value, err := read.Bytes()
	if errors.Is(err, redis.Nil) {
		return p, code, nil
	}
	if err == nil {
		err = state.DecodeProfile(value, p)
	}
	if err != nil {
		return nil, "", fmt.Errorf("profile %s: %w: %w", t.Shopper, offers.ErrUnavailable, err)
	}
	return p, code, nil
}

// shopOf is the shop of a delivery, or the only one there is where it has none,
// or nil.
func shopOf(t *task, house *offers.Catalogue) (*offers.Shop, error) {
	if t.Shop == "" && len(house.Shops) == 1 {
		for _, s := range house.Shops {
			return s, nil
		}
	}
	s := house.Shops[t.Shop]
	if s == nil && t.Shop != "" {
		return nil, fmt.Errorf("shop %q: %w: not in the catalogue", t.Shop, offers.ErrUnavailable)
	}
	return s, nil
}

// stopped asks whether a number has told us to stop, whoever it belongs to.
func (n *Notifier) stopped(ctx context.Context, t *task, to string) (bool, error) {
	if t.Channel != offers.ChannelSMS || to == "" {
		return false, nil
	}
	count, err := n.state.Client().Exists(ctx, stopKey(to)).Result()
	if err != nil {
		return false, fmt.Errorf("stopped numbers: %w: %w", offers.ErrUnavailable, err)
	}
	return count > 0, nil
}

// hours are the time zone and the quiet hours that hold: the shopper's zone, or
// the shop's where they did not say; the hours of the shop and of the house, or
// the usual night where neither is.
func hours(house *offers.House, shop *offers.Shop, p *offers.Profile) (*time.Location, []offers.QuietHours, error) {
	var quiet []offers.QuietHours
	if shop != nil {
		quiet = append(quiet, shop.Quiet)
	}
	if house.Quiet != nil {
		quiet = append(quiet, *house.Quiet)
	}
	if len(quiet) == 0 {
		quiet = append(quiet, night)
	}
	zone, err := location(p.Traits.TimeZone)
	if err != nil && shop != nil {
		zone, err = location(shop.TimeZone)
	}
	return zone, quiet, err
}

var locations sync.Map // of name to *time.Location: loading one reads a file

func location(name string) (*time.Location, error) {
	if known, ok := locations.Load(name); ok {
		return known.(*time.Location), nil
	}
	if name == "" {
		return nil, fmt.Errorf("the time zone is not known: %w", offers.ErrInvalid)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w: %w", name, offers.ErrInvalid, err)
	}
	locations.Store(name, zone)
	return zone, nil
}

// quietUntil is when all quiet hours have ended of those that hold now, or zero.
func quietUntil(hours []offers.QuietHours, zone *time.Location, now time.Time) time.Time {
	end := time.Time{}
	for at, again := now, true; again; {
		again = false
		for _, q := range hours {
			if next := endOf(q, zone, at); next.After(at) {
				at, end, again = next, next, true
			}
		}
		if end.Sub(now) > 24*time.Hour { // they leave no hour of the day: not before the same hour tomorrow
			return end
		}
	}
	return end
}

// endOf is when quiet hours end that hold at a time, or zero. They are by the
// clock on the wall: when it is set forward or back in the night they end when it
// shows the end.
func endOf(q offers.QuietHours, zone *time.Location, now time.Time) time.Time {
	if q.FromMinute == q.UntilMinute {
		return time.Time{}
	}
	now = now.In(zone)
	minute := now.Hour()*60 + now.Minute()
	overnight := q.FromMinute > q.UntilMinute
	quiet := minute >= q.FromMinute && minute < q.UntilMinute
	if overnight {
		quiet = minute >= q.FromMinute || minute < q.UntilMinute
	}
	if !quiet {
		return time.Time{}
	}
	day := now.Day()
	if overnight && minute >= q.FromMinute {
		day++
	}
	end := time.Date(now.Year(), now.Month(), day, q.UntilMinute/60, q.UntilMinute%60, 0, 0, zone)
	if !end.After(now) { // the hour that the clock shows twice
		end = end.Add(time.Hour)
	}
	return end
}

// compose fills in what the channel carries.
func (n *Notifier) compose(f *facts, t *task, shop *offers.Shop, p *offers.Profile, code string, now time.Time) error {
	r, _ := t.Offer.In(offers.PlacementID(t.Channel))
	text := r.Text
	if t.Channel == offers.ChannelSMS {
		text, f.language = message.Pick(text, t.Offer.Translations, p.Traits.Locale)
		if text == "" {
			text = plainText
		}
	}
	title := r.Title
	if title == "" {
		title = t.Offer.Title
	}
	if text == "" {
		text = t.Offer.Body
	}
	values := message.Values{
		Name: p.Traits.Name, Title: t.Offer.Title, Code: code, Value: t.Offer.Value, Discount: t.Offer.Discount,
		Until: t.Expires.In(now.Location()), Now: now,
	}
	if shop != nil {
		values.Shop = shop.Name
		if z, ok := shop.Zone(t.Offer.Zone); ok {
			values.Zone = z.Name
		}
	}
	links := n.linksOf(&t.Offer)
	if len(links) > 0 {
		values.Link = n.short(code, 0)
		f.link = values.Link
		text = n.shortened(text, code, links)
	}
	var err error
	if f.title, err = message.Render(title, &values, f.language); err != nil {
		return fmt.Errorf("title: %w", err)
	}
	if text == "" {
		return nil // a title says enough
	}
	if f.text, err = message.Render(text, &values, f.language); err != nil {
		return err
	}
	if length := message.Length(f.text); t.Channel == offers.ChannelSMS && length > message.Longest {
		return fmt.Errorf("%w: the text has %d characters, more than %d", offers.ErrInvalid, length, message.Longest)
	}
	return nil
}

// plainText is what an offer without a text of its own says.
const plainText = "{{shop}}: {{title}}. Your code {{code}}, until {{until}}."
