package snowplow

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"aisle/offers"
	"aisle/services/formats"
)

// surroundings are what a request says of all its events.
type surroundings struct {
	anonymous, optOut bool
	network, fresh    string // the door's cookie: that which came, or that which is given now
	agent, referer    string
}

// ofJSON are the fields that hold JSON, which properties have unpacked.
var ofJSON = []string{"co", "cx", "ue_pr", "ue_px"}

// message is the call that an event is.
func (it *item) message(around *surroundings, sold map[string][]map[string]any) (formats.Message, *formats.Bad) {
	f := it.fields
	refuse := func(reason offers.Reason, format string, args ...any) (formats.Message, *formats.Bad) {
		return formats.Message{}, formats.Badf(reason, it.original, format, args...)
	}
	entities, wrong := contextsOf(f)
	if wrong != "" {
		return refuse(offers.ReasonSchema, "%s", wrong)
	}
	entities = append(entities, it.more...)

	m := formats.Message{MessageID: formats.Text(f["eid"]), Original: it.original, Around: it.context(around)}
	props := map[string]any{}
	told := entity{}
	switch e := f["e"]; e {
	case "pv":
		m.Type = "page"
		put(props, "title", f["page"])
		put(props, "url", f["url"])
		put(props, "referrer", f["refr"])
	case "pp":
		m.Type, m.Event = "track", "page_pinged"
		put(props, "title", f["page"])
		put(props, "url", f["url"])
	case "se":
		if f["se_ca"] == "" || f["se_ac"] == "" {
			return refuse(offers.ReasonSchema, "A structured event has a category and an action: se_ca and se_ac.")
		}
		m.Type, m.Event = "track", formats.Text(f["se_ac"])
		structured(props, f)
	case "ue":
		if told, wrong = unstructured(f); wrong != "" {
			return refuse(offers.ReasonSchema, "%s", wrong)
		}
		m.Type = "track"
		if err := describe(&m, props, told, entities); err != nil {
			return refuse(offers.ReasonSchema, "The data of the event cannot be read: %v.", err)
		}
	case "tr":
		m.Type, m.Event = "track", formats.Text(offers.OrderCompleted)
		ordered(props, f)
		if products := sold[f["tr_id"]]; len(products) > 0 {
			props["products"] = products
		}
	case "ti":
		m.Type, m.Event = "track", "transaction_item"
		maps.Copy(props, itemSold(f))
		put(props, "order_id", f["ti_id"])
	case "":
		return refuse(offers.ReasonSchema, "The event does not say what it is: want e=pv, pp, se, ue, tr or ti.")
	default:
		return refuse(offers.ReasonSchema, "There is no event %.20q: want pv, pp, se, ue, tr or ti.", e)
	}
	if bot(entities) {
		return refuse(offers.ReasonBot, "Seen by a program, not by a person, as the pipeline says that enriched it.")
	}
	if wrong := it.stamp(&m); wrong != "" {
		return refuse(offers.ReasonClock, "%s", wrong)
	}
	it.identify(&m, around, entities)
	if around.optOut {
		m.Refuses = []offers.Purpose{offers.ConsentSearch}
	}
	preferences(&m, told)

	body, err := properties(f, props, told.Schema, entities, around.optOut)
	if err != nil {
		return refuse(offers.ReasonSchema, "The event cannot be read: %v.", err)
	}
	m.Properties = body
	return m, nil
}

// properties are what the event tells, and beside it, as "snowplow", all that
// the tracker sent.
func properties(fields map[string]string, props map[string]any, schema string, entities []entity, optOut bool) (formats.Raw, error) {
	sent := make(map[string]string, len(fields)+2)
	for name, v := range fields {
		if v != "" && !slices.Contains(ofJSON, name) {
			sent[name] = v
		}
	}
	if schema != "" {
		sent["schema"] = schema
	}
	if optOut {
		sent["sec_gpc"] = "1"
	}
	envelope, err := formats.Marshal(sent)
	if err != nil {
		return nil, err
	}
	if taken, ok := props["snowplow"]; ok { // what an event told under this name itself
		if envelope, err = with(envelope, "data", taken); err != nil {
			return nil, err
		}
		delete(props, "snowplow")
	}
	if len(entities) > 0 {
		if envelope, err = with(envelope, "contexts", list(entities)); err != nil {
			return nil, err
		}
	}
	out := []byte("{}")
	for _, name := range slices.Sorted(maps.Keys(props)) {
		if out, err = with(out, name, props[name]); err != nil {
			return nil, err
		}
	}
	return with(out, "snowplow", formats.Raw(envelope))
}

// with is a JSON object with one member more. JSON that is there already is
// not written anew.
func with(object []byte, name string, value any) ([]byte, error) {
	raw, ok := value.(formats.Raw)
	if !ok {
		var err error
		if raw, err = formats.Marshal(value); err != nil {
			return nil, err
		}
	}
	key, err := formats.Marshal(name)
	if err != nil {
		return nil, err
	}
	object = object[:len(object)-1]
	if len(object) > 1 {
		object = append(object, ',')
	}
	object = append(append(object, key...), ':')
	return append(append(object, raw...), '}'), nil
}

// context is what surrounds a call.
func (it *item) context(around *surroundings) *formats.Context {
	f, c := it.fields, new(formats.Context)
	c.Page.Title = formats.Loose(f["page"])
	c.Page.Referrer = formats.Loose(f["refr"])
	address := f["url"]
	if address == "" && f["e"] != "ue" {
		address = around.referer // an image in a page without scripts says no more
	}
	c.Page.URL = formats.Loose(address)
	if u, err := url.Parse(address); err == nil {
		c.Page.Path = formats.Loose(u.Path)
		if u.RawQuery != "" {
			c.Page.Search = formats.Loose("?" + u.RawQuery)
		}
	}
	c.UserAgent = formats.Loose(f["ua"])
	if c.UserAgent == "" {
		c.UserAgent = formats.Loose(around.agent)
	}
	c.Locale, c.TimeZone = formats.Loose(f["lang"]), formats.Loose(f["tz"])
	return c
}

// identify names the shopper. The cookie that a client is given only now would
// be one more for each request of a client that keeps none, so it counts where
// there is no other name. Who has none at all is a stranger for a visit, a page
// or this event.
func (it *item) identify(m *formats.Message, around *surroundings, entities []entity) {
	f := it.fields
	var session struct {
		UserID    formats.Loose `json:"userId"`
		SessionID formats.Loose `json:"sessionId"`
	}
	var page struct {
		ID formats.Loose `json:"id"`
	}
	var user struct {
		ID    formats.Loose `json:"id"`
		Email formats.Loose `json:"email"`
		Guest bool          `json:"is_guest"`
	}
	for _, e := range entities {
		k := e.key
		// What has another shape says nothing; it is in the properties all the same.
		switch {
		case k.name == "client_session":
			_ = formats.Unmarshal(e.Data, &session)
		case k.name == "web_page":
			_ = formats.Unmarshal(e.Data, &page)
		case k.name == "user" && k.vendor == ecommerce:
			_ = formats.Unmarshal(e.Data, &user)
		}
	}
	ids := make([]offers.Identifier, 0, 5)
	add := func(t offers.IdentifierType, v string) {
		if v != "" && strings.Trim(v, "0-") != "" {
			ids = append(ids, offers.Identifier{Type: t, Value: v})
		}
	}
	m.UserID = formats.Text(f["uid"])
	if m.UserID == "" && !user.Guest {
		m.UserID = formats.Text(user.ID)
	}
	add(offers.Email, string(user.Email))
	network := f["tnuid"]
	if network == "" {
		network = f["nuid"]
	}
	if network == "" && !around.anonymous {
		network = around.network
	}
	// The browser's own name comes last: it is there from the first request on,
	// and tellings of one search are known by the last name.
	add(offers.Cookie, network)
	device := f["duid"]
	if device == "" {
		device = string(session.UserID)
	}
	if f["p"] == "mob" {
		add(offers.AppInstall, device)
	} else {
		add(offers.Cookie, device)
	}
	if m.UserID == "" && len(ids) == 0 {
		stranger := ""
		if !around.anonymous {
			stranger = around.fresh
		}
		for _, v := range []string{f["sid"], string(session.SessionID), string(page.ID), f["eid"]} {
			if stranger == "" && strings.Trim(v, "0-") != "" {
				stranger = v
			}
		}
		if stranger == "" {
			h := sha256.Sum256(it.original)
			stranger = hex.EncodeToString(h[:12])
		}
		add(offers.Cookie, stranger)
	}
	m.Identifiers = ids
}

// stamp says when it happened, so that it is corrected as Snowplow derives it:
// the true time if the tracker knows it; else the time of receipt, less what
// the tracker waited before it sent. Only differences of the tracker's clock
// count, however wrong it is.
func (it *item) stamp(m *formats.Message) (wrong string) {
	f := it.fields
	if it.derived != "" {
		m.Timestamp = formats.Text(it.derived)
		return ""
	}
	truth, wrong := millis(f, "ttm")
	if wrong != "" {
		return wrong
	}
	created, wrong := millis(f, "dtm")
	if wrong != "" {
		return wrong
	}
	sent, wrong := millis(f, "stm")
	switch {
	case wrong != "":
		return wrong
	case !truth.IsZero():
		m.OriginalTimestamp = instant(truth)
	case !created.IsZero() && created.Before(sent):
		if created.Before(formats.Oldest) { // a clock that was never set
			moved := formats.Oldest.Add(24 * time.Hour).Sub(created)
			created, sent = created.Add(moved), sent.Add(moved)
		}
		m.OriginalTimestamp, m.SentAt = instant(created), instant(sent)
	}
	return ""
}

func instant(t time.Time) formats.Text {
	return formats.Text(t.UTC().Format("2006-01-02T15:04:05.000Z"))
}

// millis reads a time of the tracker's clock.
func millis(f map[string]string, name string) (t time.Time, wrong string) {
	s := f[name]
	if s == "" {
		return t, ""
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > 253402300799999 { // the end of the year 9999
		return t, fmt.Sprintf("%s is %.40q: want milliseconds since 1970.", name, s)
	}
	return time.UnixMilli(n).UTC(), ""
}

// bot tells whether the pipeline that enriched an event took its visitor for
// a program.
func bot(entities []entity) bool {
	for _, e := range entities {
		if k := e.key; k.vendor == "com.iab.snowplow" && k.name == "spiders_and_robots" {
			var said struct {
				Spider bool `json:"spiderOrRobot"`
			}
			if formats.Unmarshal(e.Data, &said) == nil && said.Spider {
				return true
			}
		}
	}
	return false
}

// put sets what is known.
func put(props map[string]any, name, value string) {
	if value != "" {
		props[name] = value
	}
}
