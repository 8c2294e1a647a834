package cloudevent

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"aisle/offers"
	"aisle/offers/identity"
	"aisle/services/formats"
)

// Decode reads a request: one event, or a batch of them. Its key is what the
// events' source is called, for those who have no other.
func Decode(r *formats.Request) (*formats.Decoded, *formats.Bad) {
	d := new(formats.Decoded)
	mode := ModeOf(r.Header["content-type"])
	if r.Item { // of a batch
		mode = Structured
	}
	if mode != Batch {
		read := FromHTTP
		if mode == Structured {
			read = func(r *formats.Request) (*Event, *formats.Bad) { return FromJSON(r.Body) }
		}
		e, bad := read(r)
		if bad != nil {
			return nil, bad
		}
		d.Trace = e.Extensions["traceparent"]
		add(d, e, r.Body)
		return d, nil
	}
	body, bad := formats.Valid(r.Body)
	if bad != nil {
		return nil, bad
	}
	var all []formats.Raw
	switch err := formats.Unmarshal(body, &all); {
	case err != nil || all == nil:
		return nil, formats.Badf(offers.ReasonSchema, r.Body, "This is no batch of CloudEvents: want an array.")
	case len(all) > MaxBatch:
		return nil, formats.Badf(offers.ReasonSchema, r.Body, "A batch has at most %d CloudEvents; this one has %d.", MaxBatch, len(all))
	}
	for _, one := range all {
		e, bad := FromJSON(one)
		if bad != nil {
			d.Bad = append(d.Bad, bad)
			continue
		}
		add(d, e, one)
	}
	return d, nil
}

func add(d *formats.Decoded, e *Event, original []byte) {
	if d.Key == "" {
		d.Key = e.sender()
	}
	m, bad := e.Message(original)
	if bad != nil {
		d.Bad = append(d.Bad, bad)
		return
	}
	d.Messages = append(d.Messages, *m)
}

// sender is who the source is, in short: the host of its address, or the first
// part of its path.
func (e *Event) sender() string {
	u, err := url.Parse(e.Source)
	if err != nil {
		return ""
	}
	name := u.Host
	if name == "" {
		name, _, _ = strings.Cut(strings.TrimLeft(u.Path+u.Opaque, "/"), "/")
	}
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, strings.ToLower(name))
	return strings.Trim(name[:min(len(name), 40)], "-.")
}

// Message is what the event says, as a call of Segment's kind: data that is
// such a call itself, or else a track call named by the event's type. It is a
// Bad of reason unknown if it names no shopper.
func (e *Event) Message(original []byte) (*formats.Message, *formats.Bad) {
	var data map[string]formats.Raw
	if isJSON(e.DataContentType) && len(e.Data) > 0 {
		if valid, bad := formats.Valid(e.Data); bad == nil {
			e.Data = bytes.TrimSpace(valid)
			_ = formats.Unmarshal(valid, &data) // what is no object is told by name only
		} else {
			bad.Body = original
			return nil, bad
		}
	}
	m := new(formats.Message)
	if !call(data) || formats.Unmarshal(e.Data, m) != nil {
		*m = formats.Message{Type: "track", Event: formats.Text(eventName(e.Type)), Properties: e.properties(data)}
	}
	if m.Timestamp == "" && m.OriginalTimestamp == "" {
		m.Timestamp = formats.Text(e.Time)
	}
	m.MessageID = formats.Text(e.messageID())
	m.Original = original
	if m.UserID == "" && m.AnonymousID == "" {
		m.Identifiers = e.who(data)
	}
	if m.UserID == "" && m.AnonymousID == "" && len(m.Identifiers) == 0 {
		return nil, formats.Badf(offers.ReasonUnknown, original,
			"The CloudEvent names no shopper: neither data nor extensions have userId, customer_id, anonymousId, email or phone, and the subject %.60q is nobody's.", e.Subject)
	}
	return m, nil
}

// call tells whether data is a call of Segment's.
func call(data map[string]formats.Raw) bool {
	switch kind, _ := scalar(data["type"]); strings.ToLower(kind) {
	case "track":
		return !null(data["event"])
	case "identify", "page", "screen", "group", "alias":
		return !null(data["userId"]) || !null(data["anonymousId"])
	}
	return false
}

// messageID is the event's name among all events, which is its source and its
// id together. The same whether percents in the source were decoded or not.
func (e *Event) messageID() string {
	source, ok := unescape(e.Source)
	if !ok {
		source = e.Source
	}
	id := source + "|" + e.ID
	if len(id) > 100 || strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r == utf8.RuneError }) {
		h := sha256.Sum256([]byte(id))
		return hex.EncodeToString(h[:12])
	}
	return id
}

// properties are the data, with what the envelope tells under cloudevent.
func (e *Event) properties(data map[string]formats.Raw) formats.Raw {
	around := make(map[string]string, len(e.Extensions)+4)
	maps.Copy(around, e.Extensions)
	for name, value := range map[string]string{"source": e.Source, "type": e.Type, "subject": e.Subject, "dataschema": e.DataURI} {
		if value != "" {
			around[name] = value
		}
	}
	envelope, err := formats.Marshal(around)
	if err != nil {
		return nil
	}
	p := append([]byte(`{"cloudevent":`), envelope...)
	switch {
	case len(data) > 0 && e.Data[0] == '{':
		p = append(append(p, ','), e.Data[1:]...)
		return p
	case data != nil || len(e.Data) == 0:
	case isJSON(e.DataContentType):
		p = append(append(p, `,"data":`...), e.Data...)
	case utf8.Valid(e.Data):
		if text, err := formats.Marshal(string(e.Data)); err == nil {
			p = append(append(p, `,"data":`...), text...)
		}
	}
	return append(p, '}')
}

// named are the fields and extensions that name a shopper, surest first.
var named = []struct {
	kind  offers.IdentifierType
	names []string
}{
	{offers.CustomerID, []string{"userId", "user_id", "userid", "customerId", "customer_id", "customerid", "person_id", "shopper_id"}},
	{offers.Email, []string{"email"}},
	{offers.Phone, []string{"phone"}},
	{offers.Cookie, []string{"anonymousId", "anonymous_id", "anonymousid"}},
}

// who are the names by which the event knows its shopper, at most one of a
// person beside a cookie: whoever reaches the door may send an event, and must
// not tie one person's number to another's name by it.
func (e *Event) who(data map[string]formats.Raw) []offers.Identifier {
	var ids []offers.Identifier
	add := func(kind offers.IdentifierType, value string) {
		person := identity.Person(kind)
		if value = strings.TrimSpace(value); value == "" || person && len(ids) > 0 {
			return
		}
		id := offers.Identifier{Type: kind, Value: value}
		// A telephone number may need the region that only the door knows.
		if kind == offers.Phone || len(identity.Clean([]offers.Identifier{id}, "")) > 0 {
			ids = append(ids, id)
		}
	}
	for _, n := range named {
		for _, name := range n.names {
			if value, ok := scalar(data[name]); ok {
				add(n.kind, value)
			}
			add(n.kind, e.Extensions[name])
		}
	}
	if len(ids) == 0 {
		if id, ok := person(e.Subject); ok {
			add(id.Type, id.Value)
		}
	}
	return ids
}

var (
	// customers/42, user:42
	typed = regexp.MustCompile(`^(?i:customers?|users?|shoppers?|members?|clients?|persons?|people|accounts?)[/:]([^/:\s]{1,100})$`)
	// cust-100042, user_42: the name that the shop gave, whole
	prefixed = regexp.MustCompile(`^(?i:cust|customer|usr|user|shopper|member|client|person)[-_][A-Za-z0-9._-]{1,100}$`)
	address  = regexp.MustCompile(`^[^\s@/]+@[^\s@/]+\.[^\s@/]+$`)
	number   = regexp.MustCompile(`^\+[0-9]{7,15}$`)
)

// person tells whom a subject names, if it names a person: an e-mail address,
// a telephone number with its country code, customers/42 and its like, or a
// name such as cust-42. All else may be a product, a shelf or a file.
func person(subject string) (offers.Identifier, bool) {
	switch {
	case address.MatchString(subject):
		return offers.Identifier{Type: offers.Email, Value: subject}, true
	case number.MatchString(subject):
		return offers.Identifier{Type: offers.Phone, Value: subject}, true
	case prefixed.MatchString(subject):
		return offers.Identifier{Type: offers.CustomerID, Value: subject}, true
	}
	if m := typed.FindStringSubmatch(strings.TrimPrefix(subject, "/")); m != nil {
		return offers.Identifier{Type: offers.CustomerID, Value: m[1]}, true
	}
	return offers.Identifier{}, false
}

// domains are the first parts of names that begin with a domain, backwards.
var domains = func() map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq("com org net io dev app shop store biz info edu gov eu es pt fr de it uk ie nl be ch at pl se no dk fi us ca mx br ar cl co pe au nz jp cn in kr sg example local internal") {
		all[name] = true
	}
	return all
}()

var version = regexp.MustCompile(`^v[0-9]+([._-][0-9]+)*$`)

// eventName is the name in an event's type: its longest end that the house
// knows, com.example.web.product.viewed is product viewed; or else what comes
// after the domain, com.example.parcel.lost is parcel lost. A version at the
// end is none of it.
func eventName(kind string) string {
	parts := strings.FieldsFunc(kind, func(r rune) bool { return r == '.' || r == '/' || r == ':' })
	for len(parts) > 1 && (version.MatchString(parts[len(parts)-1]) || strings.Trim(parts[len(parts)-1], "0123456789") == "") {
		parts = parts[:len(parts)-1]
	}
	for i := max(0, len(parts)-4); i < len(parts); i++ {
		name := strings.Join(parts[i:], " ")
		// One word by itself may be about anything: com.example.job.search.
		if words := strings.ContainsAny(name[1:], " _-ABCDEFGHIJKLMNOPQRSTUVWXYZ"); words && formats.Known(name) {
			return name
		}
	}
	if len(parts) > 2 && domains[strings.ToLower(parts[0])] {
		parts = parts[2:]
	}
	return strings.Join(parts, " ")
}
