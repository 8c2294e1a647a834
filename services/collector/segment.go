package collector

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/offers/identity"
	"aisle/services/catalog"
)

// The wire format is that of Segment's HTTP tracking API, of which every
// client library writes a subset.

// text takes what clients write where a text belongs: numbers too.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case len(b) == 0 || bytes.Equal(b, []byte("null")):
		*t = ""
	case b[0] == '"':
		var s string
		if err := unmarshal(b, &s); err != nil {
			return err
		}
		*t = text(s)
	case b[0] == '-' || b[0] >= '0' && b[0] <= '9':
		*t = text(b)
	default:
		return fmt.Errorf("want a text, not %.20s", b)
	}
	return nil
}

// raw is a part of the body, as it came.
type raw []byte

func (r *raw) UnmarshalJSON(b []byte) error { *r = append([]byte(nil), b...); return nil }

// loose takes what clients write where a text would be of use. What is none
// says nothing; it stays in the properties all the same.
type loose string

func (l *loose) UnmarshalJSON(b []byte) error {
	var t text
	if len(b) > 1 && b[0] == '[' {
		var all []loose
		if unmarshal(b, &all) == nil && len(all) > 0 {
			*l = all[0]
		}
		return nil
	}
	if t.UnmarshalJSON(b) == nil {
		*l = loose(t)
	}
	return nil
}

type envelope struct {
	Batch    []raw `json:"batch"`
	WriteKey text  `json:"writeKey"`
	SentAt   text  `json:"sentAt"`
}

type message struct {
	Type              text `json:"type"`
	MessageID         text `json:"messageId"`
	UserID            text `json:"userId"`
	AnonymousID       text `json:"anonymousId"`
	PreviousID        text `json:"previousId"`
	Event             text `json:"event"`
	Name              text `json:"name"`
	Category          text `json:"category"`
	Timestamp         text `json:"timestamp"`
	OriginalTimestamp text `json:"originalTimestamp"`
	SentAt            text `json:"sentAt"`
	WriteKey          text `json:"writeKey"`
	Context           raw  `json:"context"`
	Properties        raw  `json:"properties"`
	Traits            raw  `json:"traits"`
}

// surrounding is what clients call the context of a call.
type surrounding struct {
	Page struct {
		Path   loose `json:"path"`
		Search loose `json:"search"`
		Title  loose `json:"title"`
		URL    loose `json:"url"`
	} `json:"page"`
	Device struct {
		ID   loose `json:"id"`
		Type loose `json:"type"`
	} `json:"device"`
	Locale      loose `json:"locale"`
	TimeZone    loose `json:"timezone"`
	ExternalIDs []struct {
		ID   loose `json:"id"`
		Type loose `json:"type"`
	} `json:"externalIds"`
	Consent struct {
		CategoryPreferences map[string]raw `json:"categoryPreferences"`
	} `json:"consent"`
}

// fields are the properties and traits of which something is made.
type fields struct {
	Query, Search, Title, Name, URL loose

	ProductID   loose `json:"product_id"`
	ProductIDCC loose `json:"productId"`
	SKU         loose `json:"sku"`
	ID          loose `json:"id"`
	Category    loose `json:"category"`
	Currency    loose `json:"currency"`
	Price       loose `json:"price"`
	Quantity    loose `json:"quantity"`
	Value       loose `json:"value"`
	Revenue     loose `json:"revenue"`
	Total       loose `json:"total"`
	DecisionID  loose `json:"decision_id"`
	Decision    loose `json:"decision"`
	Products    raw   `json:"products"`

	FirstName   loose `json:"firstName"`
	FirstNameSC loose `json:"first_name"`
	LastName    loose `json:"lastName"`
	LastNameSC  loose `json:"last_name"`
	Email       loose `json:"email"`
	Phone       loose `json:"phone"`
	Locale      loose `json:"locale"`
	TimeZone    loose `json:"timezone"`
	Tier        loose `json:"tier"`
	LoyaltyTier loose `json:"loyalty_tier"`
	LoyaltyCC   loose `json:"loyaltyTier"`
}

var accepted = []byte(`{"success":true}`)

var errKey = status(fiber.StatusUnauthorized, "There is no source with this write key. Send one as the user of Basic authorization, or as writeKey; the console lists them under Sources.")

// segment takes one call of a Segment client.
func (k *Collector) segment(ctx context.Context, c *fiber.Ctx, kind string, body []byte) error {
	received := time.Now()
	var from catalog.Source
	key, signed := basic(c)
	if signed {
		var ok bool
		if from, ok = k.sourceOf(ctx, key); !ok {
			return errKey
		}
	}
	var env envelope
	sound, err := valid(body)
	if err == nil {
		if e := unmarshalCall(kind, sound, &env); e != nil {
			err = &badBody{offers.ReasonSchema, fiber.StatusBadRequest, "The body is not a call of Segment's API: " + e.Error() + ".", keep(body)}
		}
	}
	if !signed {
		var ok bool
		if from, ok = k.sourceOf(ctx, string(env.WriteKey)); !ok && err == nil {
			return errKey
		}
	}
	if err != nil {
		if from.Name == "" {
			b, ok := errors.AsType[*badBody](err)
			if !ok {
				return err
			}
			return &refusal{status: b.status, detail: b.detail}
		}
		return k.refuseBody(ctx, c, "segment", err)
	}
	d := &delivery{collector: k, source: "segment/" + from.Name, server: from.Kind == "server", received: received, newTrace: traceOf(c), headers: headersOf(c)}
	single := kind != "batch" && kind != "import"
	for _, one := range env.Batch {
		as := ""
		if single {
			as = kind
		}
		d.add(as, one, &env)
	}
	if err := d.send(ctx); err != nil {
		return err
	}
	if single && len(d.bad) == 1 {
		b := d.bad[0]
		code := fiber.StatusBadRequest
		if b.reason == offers.ReasonSize {
			code = fiber.StatusRequestEntityTooLarge
		}
		return status(code, "%s", b.detail)
	}
	c.Status(fiber.StatusAccepted)
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	c.Response().SetBodyRaw(accepted)
	return nil
}

// unmarshalCall reads the envelope; a single call is a batch of one.
func unmarshalCall(kind string, body []byte, env *envelope) error {
	if kind != "batch" && kind != "import" {
		var m struct {
			WriteKey text `json:"writeKey"`
		}
		if err := unmarshal(body, &m); err != nil {
			return err
		}
		env.WriteKey, env.Batch = m.WriteKey, []raw{body}
		return nil
	}
	if err := unmarshal(body, env); err != nil {
		return err
	}
	switch {
	case env.Batch == nil:
		return fmt.Errorf("batch is missing: want {%q: [...]}", "batch")
	case len(env.Batch) > maxEvents:
		return fmt.Errorf("%d events: want at most %d in a batch", len(env.Batch), maxEvents)
	}
	return nil
}

// draft is one event on its way to a shopper's name.
type draft struct {
	event    offers.Event
	ids      []offers.Identifier
	consents []offers.Consent
}

// read makes an event of a message. It is nil where there is nothing to keep.
func (d *delivery) read(as string, body []byte, env *envelope) (*draft, *bad) {
	if len(body) > maxEvent {
		return nil, badf(offers.ReasonSize, body, "An event has at most %d kB; this one has %d.", maxEvent>>10, (len(body)+1023)>>10)
	}
	var m message
	if err := unmarshal(body, &m); err != nil {
		return nil, badf(offers.ReasonSchema, body, "The event is not of the shape of Segment's calls: %v.", err)
	}
	if as == "" {
		as = strings.ToLower(string(m.Type))
	}
	var around surrounding
	if len(m.Context) > 0 {
		_ = unmarshal(m.Context, &around) // what is of another shape says nothing
	}
	g := &draft{event: offers.Event{Received: d.received, Source: d.source}}
	e := &g.event
	if why := d.stamp(e, &m, env); why != "" {
		return nil, badf(offers.ReasonClock, body, "%s", why)
	}
	g.ids = identity.Clean(identifiers(as, &m, &around), d.collector.config.Region)

	payload := m.Properties
	if as == "identify" || as == "group" {
		payload = m.Traits
	}
	var f fields
	if len(payload) > 0 && payload[0] == '{' {
		if err := unmarshal(payload, &f); err != nil {
			return nil, badf(offers.ReasonSchema, body, "The properties cannot be read: %v.", err)
		}
		e.Properties = []byte(payload)
	} else if len(payload) > 0 && !bytes.Equal(payload, []byte("null")) {
		return nil, badf(offers.ReasonSchema, body, "properties and traits are objects, not %.20s.", payload)
	}
	switch as {
	case "track":
		e.Type = canonical(string(m.Event))
		if e.Type == "" {
			return nil, badf(offers.ReasonSchema, body, "A track call names its event.")
		}
		if reserved[e.Type] {
			return nil, badf(offers.ReasonSchema, body, "%q is said by the house's own sensors only; give the event another name.", m.Event)
		}
		f.commerce(e)
		if e.Type == "segment_consent_preference_updated" {
			g.consents = d.consents(&around, nil, e)
		}
	case "page", "screen":
		e.Type = offers.PageViewed
		if as == "screen" {
			e.Type = "screen_viewed"
		}
		f.page(e, &m, &around)
	case "identify":
		e.Type = offers.Identified
		e.Traits = f.traits(&around, d.collector.config.Region)
		// The claims of an identify say who someone is: its traits count as names.
		var more []offers.Identifier
		if e.Traits.Phone != "" {
			more = append(more, offers.Identifier{Type: offers.Phone, Value: e.Traits.Phone})
		}
		if e.Traits.Email != "" {
			more = append(more, offers.Identifier{Type: offers.Email, Value: e.Traits.Email})
		}
		g.ids = identity.Clean(append(g.ids, more...), d.collector.config.Region)
		g.consents = d.consents(&around, payload, e)
	case "group":
		e.Type = "grouped"
	case "alias":
		e.Type = "aliased"
	case "":
		return nil, badf(offers.ReasonSchema, body, "The event has no type: want track, identify, page, screen, group or alias.")
	default:
		return nil, badf(offers.ReasonSchema, body, "There is no type %.40q: want track, identify, page, screen, group or alias.", as)
	}
	if len(g.ids) == 0 {
		return nil, badf(offers.ReasonSchema, body, "The event names nobody: userId and anonymousId are missing, or are values such as null, 0 or anonymous.")
	}
	e.ID = d.eventID(string(m.MessageID), body)
	e.Identifiers = g.ids
	return g, nil
}

// eventID is the client's message id, or else what the message says, under the
// source's name: two sources may count alike.
func (d *delivery) eventID(messageID string, body []byte) offers.EventID {
	if messageID == "" || len(messageID) > 120 || strings.ContainsFunc(messageID, unicode.IsControl) {
		h := sha256.Sum256(append([]byte(messageID), body...))
		messageID = hex.EncodeToString(h[:12])
	}
	return offers.EventID(d.source + "/" + messageID)
}

// oldest is the earliest time that an event can be of.
var oldest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// stamp gives the event its time, the client's clock corrected as Segment does:
// timestamp = receivedAt − (sentAt − originalTimestamp). It says what is wrong
// with a time that cannot be.
func (d *delivery) stamp(e *offers.Event, m *message, env *envelope) (wrong string) {
	e.Time = d.received
	said := m.OriginalTimestamp
	if said == "" {
		said = m.Timestamp
	}
	if said == "" {
		return ""
	}
	at, ok := parseTime(string(said))
	if !ok {
		return fmt.Sprintf("timestamp %.40q is not a time: want 2006-01-02T15:04:05.000Z.", said)
	}
	sentAt := m.SentAt
	if sentAt == "" {
		sentAt = env.SentAt
	}
	sent, ok := parseTime(string(sentAt))
	corrected := ok && sent.After(oldest)
	e.Time = at
	if corrected {
		e.Time = d.received.Add(-sent.Sub(at))
	}
	switch {
	case at.Before(oldest) || e.Time.Before(oldest):
		return fmt.Sprintf("timestamp %.40q is before the year 2000.", said)
	case e.Time.Sub(d.received) > 24*time.Hour:
		return fmt.Sprintf("timestamp %.40q is more than a day in the future.", said)
	case e.Time.After(d.received):
		e.Time = d.received
		d.collector.metrics.clamped.Inc()
	}
	return ""
}

// parseTime reads the spellings that clients have for a time.
func parseTime(s string) (time.Time, bool) {
	if s == "" {
		return time.Time{}, false
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(n) > 1e14 || math.IsNaN(n) {
		return time.Time{}, false
	}
	if math.Abs(n) > 1e11 {
		return time.UnixMilli(int64(n)).UTC(), true
	}
	return time.UnixMilli(int64(n * 1000)).UTC(), true
}

// identifiers are the names by which a message knows its shopper.
func identifiers(as string, m *message, around *surrounding) []offers.Identifier {
	ids := make([]offers.Identifier, 0, 4)
	add := func(t offers.IdentifierType, v string) {
		if v != "" {
			ids = append(ids, offers.Identifier{Type: t, Value: v})
		}
	}
	add(offers.CustomerID, string(m.UserID))
	add(offers.Cookie, string(m.AnonymousID))
	if as == "alias" {
		add(offers.Cookie, string(m.PreviousID))
	}
	if d := around.Device; strings.EqualFold(string(d.Type), "ios") || strings.EqualFold(string(d.Type), "android") {
		add(offers.AppInstall, string(d.ID))
	}
	for _, x := range around.ExternalIDs {
		switch t := offers.IdentifierType(x.Type); t {
		case offers.CustomerID, offers.Phone, offers.Email, offers.AppInstall, offers.Tag, offers.Cookie:
			add(t, string(x.ID)) // never a face: only the house's own cameras know those
		case "user_id":
			add(offers.CustomerID, string(x.ID))
		case "anonymous_id":
			add(offers.Cookie, string(x.ID))
		}
	}
	return ids
}

// traits are what an identify call told.
func (f *fields) traits(around *surrounding, region string) *offers.Traits {
	t := &offers.Traits{
		Name:     short(first(f.Name, join(first(f.FirstName, f.FirstNameSC), first(f.LastName, f.LastNameSC)))),
		Locale:   short(first(f.Locale, around.Locale)),
		TimeZone: short(first(f.TimeZone, around.TimeZone)),
		Tier:     strings.ToLower(short(first(f.Tier, f.LoyaltyTier, f.LoyaltyCC))),
	}
	if id, ok := identity.Normalise(offers.Identifier{Type: offers.Phone, Value: string(f.Phone)}, region); ok {
		t.Phone = id.Value
	}
	if id, ok := identity.Normalise(offers.Identifier{Type: offers.Email, Value: string(f.Email)}, region); ok {
		t.Email = id.Value
	}
	if _, err := time.LoadLocation(t.TimeZone); err != nil || t.TimeZone == "Local" {
		t.TimeZone = ""
	}
	return t
}

// page fills in what a page tells: its title, and the search that it answers.
func (f *fields) page(e *offers.Event, m *message, around *surrounding) {
	e.Title = short(first(loose(m.Name), f.Name, f.Title, around.Page.Title))
	e.Category = category(first(f.Category, loose(m.Category)))
	e.Query = short(first(f.Query, loose(queryOf(string(f.Search))), loose(queryOf(string(f.URL))),
		loose(queryOf(string(around.Page.Search))), loose(queryOf(string(around.Page.URL)))))
}

// queries are the names that sites have for what was searched for.
var queries = []string{"q", "query", "search", "search_query", "searchterm", "search_term", "keyword", "keywords", "term", "s"}

// queryOf is what was searched for on the page of an address, or of the part
// of one behind the question mark.
func queryOf(address string) string {
	if i := strings.IndexByte(address, '?'); i >= 0 {
		address = address[i+1:]
	} else {
		return ""
	}
	address, _, _ = strings.Cut(address, "#")
	if len(address) > 4096 {
		return ""
	}
	values, _ := url.ParseQuery(address) // what is readable of it
	for _, name := range queries {
		for key, v := range values {
			if strings.EqualFold(key, name) && len(v) > 0 && strings.TrimSpace(v[0]) != "" {
				return strings.TrimSpace(v[0])
			}
		}
	}
	return ""
}

func first(values ...loose) loose {
	for _, v := range values {
		if strings.TrimSpace(string(v)) != "" {
			return v
		}
	}
	return ""
}

func join(a, b loose) loose { return loose(strings.TrimSpace(string(a) + " " + string(b))) }

// short is a text for people, on one line and not longer than a line.
func short(t loose) string {
	s := strings.Join(strings.Fields(string(t)), " ")
	if len(s) <= 200 {
		return s
	}
	return strings.ToValidUTF8(s[:200], "")
}
