// Package formats is the shop's interpreter: it makes of what web sites, apps,
// tills and log files write, each in the way of its maker, the same events in
// the house's own words.
//
// Its rules: a family of clients is decoded in its own sub-package into
// Messages, whose form is that of Segment's calls, the richest of those that
// clients speak. A Message becomes a Draft in one place, whoever sent it.
// Nothing is guessed: what cannot be read is a Bad with its reason, whole.
//
// The package is pure: the time of receipt is an argument.
package formats

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode"

	"aisle/offers"
	"aisle/offers/identity"
)

// MaxEvent is how many bytes one event may have, as Segment has it.
const MaxEvent = 32 << 10

// Message is one call of a client.
type Message struct {
	Type              Text `json:"type"` // track, identify, page, screen, group, alias
	MessageID         Text `json:"messageId"`
	UserID            Text `json:"userId"`
	AnonymousID       Text `json:"anonymousId"`
	PreviousID        Text `json:"previousId"`
	GroupID           Text `json:"groupId"`
	Event             Text `json:"event"`
	Name              Text `json:"name"`
	Category          Text `json:"category"`
	Timestamp         Text `json:"timestamp"`
	OriginalTimestamp Text `json:"originalTimestamp"`
	SentAt            Text `json:"sentAt"`
	Context           Raw  `json:"context"`
	Properties        Raw  `json:"properties"`
	Traits            Raw  `json:"traits"`

	// Beside what Segment's clients say:

	Identifiers []offers.Identifier `json:"-"` // more names of the shopper
	Around      *Context            `json:"-"` // instead of Context, where it is known already
	Refuses     []offers.Purpose    `json:"-"` // what the shopper's browser says no to by itself
	Original    []byte              `json:"-"` // the call as it came, for quarantine and for an id where there is none
}

// Context is what surrounds a call.
type Context struct {
	Page struct {
		Path     Loose `json:"path"`
		Search   Loose `json:"search"`
		Title    Loose `json:"title"`
		URL      Loose `json:"url"`
		Referrer Loose `json:"referrer"`
	} `json:"page"`
	Device struct {
		ID   Loose `json:"id"`
		Type Loose `json:"type"`
	} `json:"device"`
	UserAgent   Loose `json:"userAgent"`
	Locale      Loose `json:"locale"`
	TimeZone    Loose `json:"timezone"`
	Traits      Raw   `json:"traits"` // RudderStack and Segment's mobile clients put them here
	ExternalIDs []struct {
		ID   Loose `json:"id"`
		Type Loose `json:"type"`
	} `json:"externalIds"`
	Consent struct {
		CategoryPreferences map[string]Raw `json:"categoryPreferences"`
	} `json:"consent"`
}

// Origin is by whom and when messages came.
type Origin struct {
	Source        string    // the door and the writer: "segment/website"
	Server        bool      // its key is known to servers only
	Region        string    // ISO 3166 code of the country whose telephone numbers come without a country code
	Received      time.Time // when the door had it
	KeepAddresses bool      // network addresses stay whole
	SentAt        Text      // when the client sent the request, by its own clock; a message may say so itself
}

// Draft is an event on its way to a shopper's name.
type Draft struct {
	Event     offers.Event
	IDs       []offers.Identifier
	Consents  []offers.Consent
	UserAgent string // of the browser or app, as far as the message says
	Original  []byte // the call as it came
	Clamped   bool   // the client's clock was ahead of ours
	Derived   bool   // concluded from another message, not told
}

// Unfold reads what surrounds a call, once, and puts traits that lie there in
// their place.
func (m *Message) Unfold() *Context {
	if m.Around == nil {
		m.Around = new(Context)
		if len(m.Context) > 0 {
			_ = Unmarshal(m.Context, m.Around) // what is of another shape says nothing
		}
	}
	if len(m.Traits) == 0 {
		m.Traits = m.Around.Traits
	}
	return m.Around
}

// Read makes an event of a message.
func (o *Origin) Read(m *Message) (*Draft, *Bad) {
	body := m.Original
	if len(body) > MaxEvent {
		return nil, Badf(offers.ReasonSize, body, "An event has at most %d kB; this one has %d.", MaxEvent>>10, (len(body)+1023)>>10)
	}
	as := strings.ToLower(string(m.Type))
	around := m.Unfold()
	g := &Draft{Event: offers.Event{Received: o.Received, Source: o.Source}, UserAgent: string(around.UserAgent), Original: body}
	e := &g.Event
	clamped, why := o.stamp(e, m)
	if why != "" {
		return nil, Badf(offers.ReasonClock, body, "%s", why)
	}
	g.Clamped = clamped
	g.IDs = identity.Clean(identifiers(as, m, around), o.Region)

	payload := m.Properties
	if as == "identify" || as == "group" {
		payload = m.Traits
	}
	var f fields
	if len(payload) > 0 && payload[0] == '{' {
		if err := Unmarshal(payload, &f); err != nil {
			return nil, Badf(offers.ReasonSchema, body, "The properties cannot be read: %v.", err)
		}
		e.Properties = []byte(payload)
		if !o.KeepAddresses {
			e.Properties = TruncateIPs(e.Properties)
		}
	} else if len(payload) > 0 && !bytes.Equal(payload, []byte("null")) {
		return nil, Badf(offers.ReasonSchema, body, "properties and traits are objects, not %.20s.", payload)
	}
	switch as {
	case "track":
		e.Type = canonical(string(m.Event))
		if e.Type == "" {
			return nil, Badf(offers.ReasonSchema, body, "A track call names its event.")
		}
		if reserved[e.Type] {
			return nil, Badf(offers.ReasonSchema, body, "%q is said by the house's own sensors only; give the event another name.", m.Event)
		}
		f.commerce(e)
		if e.Type == "segment_consent_preference_updated" || e.Type == "consent_preferences" {
			g.Consents = o.consents(around, nil, e)
		}
	case "page", "screen":
		e.Type = offers.PageViewed
		if as == "screen" {
			e.Type = "screen_viewed"
		}
		f.page(e, m, around)
	case "identify":
		e.Type = offers.Identified
		e.Traits = f.traits(around, o.Region)
		// The claims of an identify say who someone is: its traits count as names.
		var more []offers.Identifier
		if e.Traits.Phone != "" {
			more = append(more, offers.Identifier{Type: offers.Phone, Value: e.Traits.Phone})
		}
		if e.Traits.Email != "" {
			more = append(more, offers.Identifier{Type: offers.Email, Value: e.Traits.Email})
		}
		g.IDs = identity.Clean(append(g.IDs, more...), o.Region)
		g.Consents = o.consents(around, payload, e)
	case "group":
		e.Type = "grouped"
	case "alias":
		e.Type = "aliased"
	case "":
		return nil, Badf(offers.ReasonSchema, body, "The event has no type: want track, identify, page, screen, group or alias.")
	default:
		return nil, Badf(offers.ReasonSchema, body, "There is no type %.40q: want track, identify, page, screen, group or alias.", as)
	}
	for _, p := range m.Refuses {
		g.Consents = slices.DeleteFunc(g.Consents, func(c offers.Consent) bool { return c.Purpose == p })
		g.Consents = append(g.Consents, offers.Consent{Purpose: p, At: e.Time, Source: o.Source})
	}
	if len(g.IDs) == 0 {
		return nil, Badf(offers.ReasonSchema, body, "The event names nobody: userId and anonymousId are missing, or are values such as null, 0 or anonymous.")
	}
	e.ID = o.eventID(string(m.MessageID), body)
	e.Identifiers = g.IDs
	return g, nil
}

// eventID is the client's message id, or else what the message says, under the
// source's name: two sources may count alike.
func (o *Origin) eventID(messageID string, body []byte) offers.EventID {
	if messageID == "" || len(messageID) > 120 || strings.ContainsFunc(messageID, unicode.IsControl) {
		h := sha256.Sum256(append([]byte(messageID), body...))
		messageID = hex.EncodeToString(h[:12])
	}
	return offers.EventID(o.Source + "/" + messageID)
}

// identifiers are the names by which a message knows its shopper.
func identifiers(as string, m *Message, around *Context) []offers.Identifier {
	ids := make([]offers.Identifier, 0, 4+len(m.Identifiers))
	add := func(t offers.IdentifierType, v string) {
		if v != "" {
			ids = append(ids, offers.Identifier{Type: t, Value: v})
		}
	}
	add(offers.CustomerID, string(m.UserID))
	add(offers.Cookie, string(m.AnonymousID))
	if as == "alias" {
		add(offers.Cookie, string(m.PreviousID))
		if m.UserID != "" {
			// It may be a customer's old id. Two customers never become one by what
			// an event says: that one said so is noted, for a person to decide.
			add(offers.CustomerID, string(m.PreviousID))
		}
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
	return append(ids, m.Identifiers...)
}
