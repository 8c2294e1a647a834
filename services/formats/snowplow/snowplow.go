// Package snowplow reads what Snowplow's trackers and webhooks send, and what
// its pipeline writes, so that a shop which measures with Snowplow points it
// here and changes nothing else.
//
// Trackers speak the tracker protocol: short names and texts, of which some
// hold JSON, in plain or in base64. One request is one event in the address
// (GET /i), or several in a payload_data (POST …/tp2). Where a redirect or a
// webhook has no event of its own, one is made as Snowplow makes it.
// https://docs.snowplow.io/docs/sources/trackers/snowplow-tracker-protocol/
//
// Its rules: nothing that was sent is lost, all of it is in the properties; but
// of who wishes to be nobody (SP-Anonymous) no name on the network is kept. The time of an event is what Snowplow calls
// derived_tstamp.
package snowplow

import (
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"aisle/offers"
	"aisle/services/formats"
)

// MaxBatch is how many events one request may have.
const MaxBatch = 2_500

// Headers that say how to read a request: those of trackers, and what the door
// says of a cookie of its own.
const (
	HeaderAnonymous   = "sp-anonymous"    // "*": no identifier of the network, neither address nor cookie
	HeaderNetworkUser = "sp-network-user" // the cookie that the client brought
	HeaderFirstTime   = "sp-first-time"   // the cookie that it is given with this answer
	HeaderOptOut      = "sec-gpc"         // Global Privacy Control: "1" refuses
)

// Reader decodes for some apps only. The zero Reader does for all.
type Reader struct {
	Apps []string // the app ids that may write; empty lets in any
}

// Decode reads a request of any app.
func Decode(r *formats.Request) (*formats.Decoded, *formats.Bad) { return Reader{}.Decode(r) }

// Decode reads a request. What writes under the id of an app that may not is
// bad, for lack of a right. Of who wishes to be nobody the request itself is
// rewritten: it may be kept.
func (rd Reader) Decode(r *formats.Request) (*formats.Decoded, *formats.Bad) {
	if r.Header[HeaderAnonymous] != "" {
		forget(r)
	}
	in, bad := payloads(r)
	if bad != nil {
		return nil, bad
	}
	d := &formats.Decoded{Bad: in.bad, Messages: make([]formats.Message, 0, len(in.items))}
	around := surroundings{
		anonymous: r.Header[HeaderAnonymous] != "", optOut: r.Header[HeaderOptOut] == "1",
		network: r.Header[HeaderNetworkUser], fresh: r.Header[HeaderFirstTime],
		agent: r.Header["user-agent"], referer: r.Header["referer"],
	}
	if !strings.HasPrefix(around.agent, "Mozilla/") {
		around.agent = "" // of a server that speaks for somebody
	}
	sold := soldWith(in.items)
	for _, it := range in.items {
		app := it.fields["aid"]
		if len(rd.Apps) > 0 && !slices.Contains(rd.Apps, app) {
			d.Bad = append(d.Bad, formats.Badf(offers.ReasonAuth, it.original, "No app %.60q may write here. Add its id to collector.snowplow_apps.", app))
			continue
		}
		if d.Key == "" {
			d.Key = app
		}
		m, bad := it.message(&around, sold)
		if bad != nil {
			d.Bad = append(d.Bad, bad)
			continue
		}
		d.Messages = append(d.Messages, m)
	}
	return d, nil
}

// item is one event as the tracker protocol has it.
type item struct {
	fields   map[string]string
	original []byte // as JSON

	// Of an event that was enriched elsewhere:
	derived string   // its time, known already
	more    []entity // beside those in co and cx
}

// batch is what was in a request.
type batch struct {
	items []item
	bad   []*formats.Bad
}

// payloads finds the events of a request, by its kind.
func payloads(r *formats.Request) (*batch, *formats.Bad) {
	b := new(batch)
	switch {
	case r.Item && isTable(r):
		b.enriched(r.Body)
	case r.Item:
		body, bad := formats.Valid(r.Body)
		if bad != nil {
			return nil, bad
		}
		b.add(body)
	case isTable(r):
		for line := range strings.SplitSeq(string(r.Body), "\n") {
			if line = strings.TrimSuffix(line, "\r"); line != "" {
				b.enriched([]byte(line))
			}
		}
	case isWebhook(r.Path):
		return webhook(r)
	case strings.HasPrefix(r.Path, "/r/"):
		fields, bad := queryFields(r)
		if bad != nil {
			return nil, bad
		}
		return redirect(fields, r)
	case len(r.Body) == 0:
		fields, bad := queryFields(r)
		if bad != nil {
			return nil, bad
		}
		return b, b.addFields(fields)
	default:
		return payloadData(r)
	}
	return b, nil
}

func isTable(r *formats.Request) bool {
	return strings.HasPrefix(strings.ToLower(r.Header["content-type"]), "text/tab-separated-values")
}

// payloadData reads the body of a POST.
func payloadData(r *formats.Request) (*batch, *formats.Bad) {
	body, bad := formats.Valid(r.Body)
	if bad != nil {
		return nil, bad
	}
	var in struct {
		Schema formats.Text  `json:"schema"`
		Data   []formats.Raw `json:"data"`
	}
	if err := formats.Unmarshal(body, &in); err != nil {
		return nil, formats.Badf(offers.ReasonSchema, r.Body, "The body is not a payload of Snowplow's trackers: %v.", err)
	}
	k, ok := parseKey(string(in.Schema))
	switch {
	case !ok || k.name != "payload_data" || k.vendor != "com.snowplowanalytics.snowplow":
		return nil, formats.Badf(offers.ReasonSchema, r.Body, "The body is not a payload of Snowplow's trackers: schema is %.80q, want iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4.", in.Schema)
	case len(in.Data) == 0:
		return nil, formats.Badf(offers.ReasonSchema, r.Body, "The payload is empty: data holds no event.")
	case len(in.Data) > MaxBatch:
		return nil, formats.Badf(offers.ReasonSize, r.Body, "%d events in one payload, want at most %d.", len(in.Data), MaxBatch)
	}
	b := &batch{items: make([]item, 0, len(in.Data))}
	for _, one := range in.Data {
		b.add(one)
	}
	return b, nil
}

// add reads one of the events of a payload.
func (b *batch) add(body []byte) {
	if len(body) > formats.MaxEvent {
		b.bad = append(b.bad, formats.Badf(offers.ReasonSize, body, "An event has at most %d kB; this one has %d.", formats.MaxEvent>>10, (len(body)+1023)>>10))
		return
	}
	fields, err := texts(body)
	if err != nil || fields == nil {
		b.bad = append(b.bad, formats.Badf(offers.ReasonSchema, body, "An event of the payload is an object of texts: %v.", err))
		return
	}
	b.items = append(b.items, item{fields: fields, original: body})
}

// texts reads an object of texts, as trackers send it. Some write numbers where
// they are meant.
func texts(body []byte) (map[string]string, error) {
	var fields map[string]string
	if formats.Unmarshal(body, &fields) == nil {
		return fields, nil
	}
	var loose map[string]formats.Text
	if err := formats.Unmarshal(body, &loose); err != nil || loose == nil {
		return nil, err
	}
	fields = make(map[string]string, len(loose))
	for name, v := range loose {
		fields[name] = string(v)
	}
	return fields, nil
}

// addFields adds an event of which there is no JSON yet.
func (b *batch) addFields(fields map[string]string) *formats.Bad {
	body, err := formats.Marshal(fields)
	if err != nil {
		return formats.Badf(offers.ReasonEncoding, nil, "The address cannot be read: %v.", err)
	}
	if len(body) > formats.MaxEvent {
		b.bad = append(b.bad, formats.Badf(offers.ReasonSize, body, "An event has at most %d kB; this one has %d.", formats.MaxEvent>>10, (len(body)+1023)>>10))
		return nil
	}
	b.items = append(b.items, item{fields: fields, original: body})
	return nil
}

// queryFields are what the address says behind its question mark.
func queryFields(r *formats.Request) (map[string]string, *formats.Bad) {
	if r.Query == "" {
		return nil, formats.Badf(offers.ReasonEncoding, nil, "The address says nothing: want /i?e=pv&….")
	}
	values, err := url.ParseQuery(r.Query)
	if err != nil {
		return nil, formats.Badf(offers.ReasonEncoding, []byte(r.Query), "The address cannot be read: %v.", err)
	}
	fields := make(map[string]string, len(values))
	for name, v := range values {
		if v[0] != "" {
			fields[name] = strings.ToValidUTF8(v[0], "\uFFFD")
		}
	}
	return fields, nil
}

const redirectSchema = "iglu:com.snowplowanalytics.snowplow/uri_redirect/jsonschema/1-0-0"

// redirect reads a click that is sent on to the address u: an event of its own,
// or beside the event that the address tells.
func redirect(fields map[string]string, r *formats.Request) (*batch, *formats.Bad) {
	to := fields["u"]
	if to == "" {
		return nil, formats.Badf(offers.ReasonSchema, []byte(r.Query), "The address does not say where to: want /r/tp2?u=https://….")
	}
	delete(fields, "u")
	it := entity{Schema: redirectSchema}
	data, err := formats.Marshal(map[string]string{"uri": to})
	if err != nil {
		return nil, formats.Badf(offers.ReasonEncoding, []byte(r.Query), "The address cannot be read: %v.", err)
	}
	it.Data = data
	b := new(batch)
	if fields["e"] == "" {
		fields["e"] = "ue"
		pr, err := formats.Marshal(entity{Schema: unstructSchema, Data: it.raw()})
		if err != nil {
			return nil, formats.Badf(offers.ReasonEncoding, []byte(r.Query), "The address cannot be read: %v.", err)
		}
		fields["ue_pr"] = string(pr)
		return b, b.addFields(fields)
	}
	around, bad := contextsOf(fields)
	if bad != "" {
		return nil, formats.Badf(offers.ReasonSchema, []byte(r.Query), "%s", bad)
	}
	delete(fields, "cx")
	co, err := formats.Marshal(entity{Schema: contextsSchema, Data: list(append(around, it))})
	if err != nil {
		return nil, formats.Badf(offers.ReasonEncoding, []byte(r.Query), "The address cannot be read: %v.", err)
	}
	fields["co"] = string(co)
	return b, b.addFields(fields)
}

func isWebhook(p string) bool {
	return path.Dir(p) == "/com.snowplowanalytics.iglu"
}

// ofProtocol are the names in a webhook's address that are of the tracker
// protocol, not of the event.
var ofProtocol = []string{"aid", "cv", "cx", "co", "eid", "nuid", "p", "ttm", "url", "uid", "duid", "tna"}

// webhook reads what any service may send as long as it says its schema: in the
// address beside the event, or around it as a self-describing JSON.
func webhook(r *formats.Request) (*batch, *formats.Bad) {
	query, _ := url.ParseQuery(r.Query) // what is readable of it
	protocol, told := map[string]string{"e": "ue", "p": "app"}, map[string]string{}
	schema := query.Get("schema")
	for name, v := range query {
		switch {
		case slices.Contains(ofProtocol, name):
			protocol[name] = v[0]
		case name != "schema":
			told[name] = v[0]
		}
	}
	b := new(batch)
	add := func(e entity) *formats.Bad {
		fields := maps.Clone(protocol)
		if !hasKey(e.Schema) || len(e.Data) == 0 {
			b.bad = append(b.bad, formats.Badf(offers.ReasonSchema, r.Body, "A webhook's event says its schema and data: want iglu:com.acme/event/jsonschema/1-0-0, not %.80q.", e.Schema))
			return nil
		}
		pr, err := formats.Marshal(entity{Schema: unstructSchema, Data: e.raw()})
		if err != nil {
			return formats.Badf(offers.ReasonEncoding, r.Body, "The event cannot be read: %v.", err)
		}
		fields["ue_pr"] = string(pr)
		return b.addFields(fields)
	}
	if len(r.Body) == 0 || isForm(r) {
		if isForm(r) {
			form, err := url.ParseQuery(string(r.Body))
			if err != nil {
				return nil, formats.Badf(offers.ReasonEncoding, r.Body, "The form cannot be read: %v.", err)
			}
			for name, v := range form {
				if name == "schema" && schema == "" {
					schema = v[0]
				} else {
					told[name] = v[0]
				}
			}
		}
		data, err := formats.Marshal(told)
		if err != nil {
			return nil, formats.Badf(offers.ReasonEncoding, r.Body, "The address cannot be read: %v.", err)
		}
		return b, add(entity{Schema: schema, Data: data})
	}
	body, bad := formats.Valid(r.Body)
	if bad != nil {
		return nil, bad
	}
	all := []formats.Raw{body}
	if strings.HasPrefix(strings.TrimLeft(string(body[:min(len(body), 64)]), " \t\r\n"), "[") {
		all = nil
		if err := formats.Unmarshal(body, &all); err != nil {
			return nil, formats.Badf(offers.ReasonSchema, r.Body, "The events cannot be read: %v.", err)
		}
	}
	if len(all) == 0 || len(all) > MaxBatch {
		return nil, formats.Badf(offers.ReasonSchema, r.Body, "%d events, want 1 to %d.", len(all), MaxBatch)
	}
	for _, one := range all {
		e := entity{Schema: schema, Data: one}
		if schema == "" {
			e = entity{}
			if err := formats.Unmarshal(one, &e); err != nil {
				b.bad = append(b.bad, formats.Badf(offers.ReasonSchema, one, "A webhook's event is a self-describing JSON: %v.", err))
				continue
			}
		}
		if bad := add(e); bad != nil {
			return nil, bad
		}
	}
	return b, nil
}

func isForm(r *formats.Request) bool {
	return strings.HasPrefix(strings.ToLower(r.Header["content-type"]), "application/x-www-form-urlencoded")
}
