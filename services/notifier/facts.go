package notifier

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // a machine without time zones must not text at night

	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/services/state"
)

// facts are what is known of a delivery just before the guard.
type facts struct {
	to         string // E.164
	text       string
	day        string    // the shopper's local day, for the cap
	quietUntil time.Time // zero: it is not quiet
	refusal    offers.Refusal
	detail     string
}

// nightFrom and nightUntil are the quiet hours where no shop says otherwise, in
// minutes: texts go between 8 and 21 o'clock (47 CFR 64.1200(c)(1)).
const (
	nightFrom  = 21 * 60
	nightUntil = 8 * 60
)

// look finds the facts of a delivery now. The error is ErrUnavailable: then
// nothing is sent, and it is tried again.
func (n *Notifier) look(ctx context.Context, t *task) (*facts, string, error) {
	p, code, err := n.profileAndCode(ctx, t)
	if err != nil {
		return nil, "", err
	}
	shop, err := n.shopOf(t)
	if err != nil {
		return nil, "", err
	}
	f := &facts{to: number(p)}
	stopped, err := n.stopped(ctx, t, f.to)
	if err != nil {
		return nil, "", err
	}
	now := time.Now()
	zone, quiet, err := hours(shop, p)
	if err != nil { // an hour that is not known may be the middle of the night
		zone = time.UTC
		if t.Channel == offers.ChannelSMS {
			f.refusal, f.detail = offers.RefusedQuietHours, err.Error()
		}
	}
	f.day = now.In(zone).Format(time.DateOnly)
	if p.Into != "" {
		f.refusal, f.detail = offers.RefusedConsent, "the shopper is known by another name now, whose consents hold"
	}
	if t.Channel != offers.ChannelSMS {
		return f, code, nil
	}
	f.quietUntil = quietUntil(quiet, zone, now)
	f.text, err = n.textOf(t, shop, p, code, zone, now)
	switch {
	case f.refusal != "":
	case f.to == "":
		f.refusal, f.detail = offers.RefusedNoAddress, "no phone number is known"
	case stopped:
		f.refusal, f.detail = offers.RefusedConsent, "this number has told us to stop"
	case err != nil:
		f.refusal, f.detail = offers.RefusedText, err.Error()
	}
	return f, code, nil
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

// number is where a shopper is texted: an identifier that stayed theirs, before
// what they said of themselves.
func number(p *offers.Profile) string {
	for _, id := range p.Identifiers {
		if id.Type == offers.Phone {
			return id.Value
		}
	}
	return p.Traits.Phone
}

// shopOf is the shop of a delivery, or the only one there is where it has none,
// or nil.
func (n *Notifier) shopOf(t *task) (*offers.Shop, error) {
	shops := n.catalogue.Now().Shops
	if t.Shop == "" && len(shops) == 1 {
		for _, s := range shops {
			return s, nil
		}
	}
	s := shops[t.Shop]
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

// hours are the time zone and the quiet hours that hold: the shop's, or where
// there is no shop the shopper's zone and the usual night.
func hours(shop *offers.Shop, p *offers.Profile) (*time.Location, offers.QuietHours, error) {
	if shop != nil {
		zone, err := location(shop.TimeZone)
		return zone, shop.Quiet, err
	}
	zone, err := location(p.Traits.TimeZone)
	return zone, offers.QuietHours{FromMinute: nightFrom, UntilMinute: nightUntil}, err
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

// quietUntil is when the quiet hours end that hold now, or zero. They are by the
// clock on the wall: when it is set forward or back in the night they end when it
// shows the end.
func quietUntil(q offers.QuietHours, zone *time.Location, now time.Time) time.Time {
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

// textOf fills in the offer's text message.
func (n *Notifier) textOf(t *task, shop *offers.Shop, p *offers.Profile, code string, zone *time.Location, now time.Time) (string, error) {
	template := t.Offer.SMS
	if template == "" {
		template = plainText
	}
	values := map[string]string{
		"name": p.Traits.Name, "title": t.Offer.Title, "code": code, "until": until(t.Expires, now, zone),
	}
	if shop != nil {
		values["shop"] = shop.Name
	}
	return render(template, values)
}
