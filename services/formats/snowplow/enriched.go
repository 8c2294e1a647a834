package snowplow

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"aisle/offers"
	"aisle/services/formats"
)

// kind is what a column of an enriched event holds.
type kind byte

const (
	isText kind = iota
	isTime
	isInt
	isFloat
	isBool
	isContexts
	isUnstruct
)

// columns are those of an enriched event, in their order.
// https://docs.snowplow.io/docs/fundamentals/canonical-event/understanding-the-enriched-tsv-format/
var columns = []struct {
	name string
	kind kind
}{
	{"app_id", isText}, {"platform", isText}, {"etl_tstamp", isTime}, {"collector_tstamp", isTime}, {"dvce_created_tstamp", isTime},
	{"event", isText}, {"event_id", isText}, {"txn_id", isInt}, {"name_tracker", isText}, {"v_tracker", isText}, {"v_collector", isText}, {"v_etl", isText},
	{"user_id", isText}, {"user_ipaddress", isText}, {"user_fingerprint", isText}, {"domain_userid", isText}, {"domain_sessionidx", isInt}, {"network_userid", isText},
	{"geo_country", isText}, {"geo_region", isText}, {"geo_city", isText}, {"geo_zipcode", isText}, {"geo_latitude", isFloat}, {"geo_longitude", isFloat}, {"geo_region_name", isText},
	{"ip_isp", isText}, {"ip_organization", isText}, {"ip_domain", isText}, {"ip_netspeed", isText}, //nolint:misspell // a name of Snowplow's
	{"page_url", isText}, {"page_title", isText}, {"page_referrer", isText},
	{"page_urlscheme", isText}, {"page_urlhost", isText}, {"page_urlport", isInt}, {"page_urlpath", isText}, {"page_urlquery", isText}, {"page_urlfragment", isText},
	{"refr_urlscheme", isText}, {"refr_urlhost", isText}, {"refr_urlport", isInt}, {"refr_urlpath", isText}, {"refr_urlquery", isText}, {"refr_urlfragment", isText},
	{"refr_medium", isText}, {"refr_source", isText}, {"refr_term", isText},
	{"mkt_medium", isText}, {"mkt_source", isText}, {"mkt_term", isText}, {"mkt_content", isText}, {"mkt_campaign", isText},
	{"contexts", isContexts},
	{"se_category", isText}, {"se_action", isText}, {"se_label", isText}, {"se_property", isText}, {"se_value", isFloat},
	{"unstruct_event", isUnstruct},
	{"tr_orderid", isText}, {"tr_affiliation", isText}, {"tr_total", isFloat}, {"tr_tax", isFloat}, {"tr_shipping", isFloat}, {"tr_city", isText}, {"tr_state", isText}, {"tr_country", isText},
	{"ti_orderid", isText}, {"ti_sku", isText}, {"ti_name", isText}, {"ti_category", isText}, {"ti_price", isFloat}, {"ti_quantity", isInt},
	{"pp_xoffset_min", isInt}, {"pp_xoffset_max", isInt}, {"pp_yoffset_min", isInt}, {"pp_yoffset_max", isInt},
	{"useragent", isText}, {"br_name", isText}, {"br_family", isText}, {"br_version", isText}, {"br_type", isText}, {"br_renderengine", isText}, {"br_lang", isText},
	{"br_features_pdf", isBool}, {"br_features_flash", isBool}, {"br_features_java", isBool}, {"br_features_director", isBool}, {"br_features_quicktime", isBool},
	{"br_features_realplayer", isBool}, {"br_features_windowsmedia", isBool}, {"br_features_gears", isBool}, {"br_features_silverlight", isBool},
	{"br_cookies", isBool}, {"br_colordepth", isText}, {"br_viewwidth", isInt}, {"br_viewheight", isInt},
	{"os_name", isText}, {"os_family", isText}, {"os_manufacturer", isText}, {"os_timezone", isText},
	{"dvce_type", isText}, {"dvce_ismobile", isBool}, {"dvce_screenwidth", isInt}, {"dvce_screenheight", isInt},
	{"doc_charset", isText}, {"doc_width", isInt}, {"doc_height", isInt},
	{"tr_currency", isText}, {"tr_total_base", isFloat}, {"tr_tax_base", isFloat}, {"tr_shipping_base", isFloat},
	{"ti_currency", isText}, {"ti_price_base", isFloat}, {"base_currency", isText}, {"geo_timezone", isText},
	{"mkt_clickid", isText}, {"mkt_network", isText}, {"etl_tags", isText}, {"dvce_sent_tstamp", isTime},
	{"refr_domain_userid", isText}, {"refr_dvce_tstamp", isTime}, {"derived_contexts", isContexts}, {"domain_sessionid", isText}, {"derived_tstamp", isTime},
	{"event_vendor", isText}, {"event_name", isText}, {"event_format", isText}, {"event_version", isText}, {"event_fingerprint", isText}, {"true_tstamp", isTime},
}

// Columns are the names of an enriched event's columns, in their order.
func Columns() []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return names
}

// split is a line in its columns. Later pipelines add columns behind.
func split(line []byte) ([]string, *formats.Bad) {
	if !utf8.Valid(line) {
		return nil, formats.Badf(offers.ReasonEncoding, line, "The line is not UTF-8.")
	}
	values := strings.Split(strings.TrimRight(string(line), "\r\n"), "\t")
	if len(values) < len(columns) {
		return nil, formats.Badf(offers.ReasonSchema, line, "An enriched event has %d columns, parted by tabs; this line has %d.", len(columns), len(values))
	}
	return values, nil
}

// Enriched is an enriched event as JSON, in the form in which Snowplow's
// analytics SDKs give it: typed, without what is empty, each entity under the
// name of its schema.
func Enriched(line []byte) ([]byte, *formats.Bad) { return enriched(line, false) }

// EnrichedWithGeo is Enriched with geo_location too, "latitude,longitude".
func EnrichedWithGeo(line []byte) ([]byte, *formats.Bad) { return enriched(line, true) }

func enriched(line []byte, geo bool) ([]byte, *formats.Bad) {
	values, bad := split(line)
	if bad != nil {
		return nil, bad
	}
	out := make(map[string]any, len(columns))
	latitude, longitude := "", ""
	for i, c := range columns {
		v := values[i]
		if v == "" {
			continue
		}
		switch c.name {
		case "geo_latitude":
			latitude = v
		case "geo_longitude":
			longitude = v
		}
		var err error
		switch c.kind {
		case isText:
			out[c.name] = v
		case isTime:
			t, ok := formats.ParseTime(v)
			if !ok {
				return nil, formats.Badf(offers.ReasonSchema, line, "%s is %.40q: want a time such as 2006-01-02 15:04:05.000.", c.name, v)
			}
			out[c.name] = t.Format("2006-01-02T15:04:05.000Z")
		case isInt:
			out[c.name], err = strconv.ParseInt(v, 10, 64)
		case isFloat:
			out[c.name], err = number(v)
		case isBool:
			out[c.name], err = truth(v)
		case isContexts:
			all, wrong := columnEntities(v)
			if wrong != "" {
				return nil, formats.Badf(offers.ReasonSchema, line, "%s: %s", c.name, wrong)
			}
			for _, e := range all {
				name := shredded("contexts", e.key)
				list, _ := out[name].([]formats.Raw)
				out[name] = append(list, e.Data)
			}
		case isUnstruct:
			e, wrong := unstructured(map[string]string{"ue_pr": v})
			if wrong != "" {
				return nil, formats.Badf(offers.ReasonSchema, line, "%s: %s", c.name, wrong)
			}
			out[shredded("unstruct_event", e.key)] = e.Data
		}
		if err != nil {
			return nil, formats.Badf(offers.ReasonSchema, line, "%s is %.40q: %v.", c.name, v, err)
		}
	}
	if geo && latitude != "" && longitude != "" {
		out["geo_location"] = latitude + "," + longitude
	}
	body, err := formats.Marshal(out)
	if err != nil {
		return nil, formats.Badf(offers.ReasonSchema, line, "The event cannot be written: %v.", err)
	}
	return body, nil
}

func number(s string) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err == nil && (f-f != 0) {
		err = strconv.ErrRange // JSON has no infinity
	}
	return f, err
}

// truth reads a yes or no as the pipeline writes it: 1 and 0, or in words.
func truth(s string) (bool, error) {
	switch s {
	case "1", "true", "TRUE", "t":
		return true, nil
	case "0", "false", "FALSE", "f":
		return false, nil
	}
	return false, strconv.ErrSyntax
}

func columnEntities(v string) ([]entity, string) {
	body, bad := formats.Valid([]byte(v))
	if bad != nil {
		return nil, bad.Detail
	}
	return entities(body)
}

// shredded is the name of an entity's column: contexts_com_acme_user_1.
func shredded(prefix string, k key) string {
	var b strings.Builder
	b.WriteString(prefix)
	b.WriteByte('_')
	b.WriteString(strings.ToLower(strings.NewReplacer(".", "_", "-", "_").Replace(k.vendor)))
	b.WriteByte('_')
	runes := []rune(k.name)
	for i, r := range runes {
		switch {
		case r == '.' || r == '-':
			r = '_'
		case unicode.IsUpper(r) && i > 0 && runes[i-1] != '_' && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	b.WriteByte('_')
	b.WriteString(k.model())
	return b.String()
}

// ofTracker are the names that the tracker protocol has for what a column
// tells. Columns without one keep their own.
var ofTracker = map[string]string{
	"app_id": "aid", "platform": "p", "event_id": "eid", "name_tracker": "tna", "v_tracker": "tv", "user_id": "uid", "user_ipaddress": "ip", "user_fingerprint": "fp",
	"domain_userid": "duid", "domain_sessionidx": "vid", "domain_sessionid": "sid", "network_userid": "nuid", "txn_id": "tid",
	"page_url": "url", "page_title": "page", "page_referrer": "refr", "useragent": "ua", "br_lang": "lang", "os_timezone": "tz", "br_colordepth": "cd", "doc_charset": "cs",
	"se_category": "se_ca", "se_action": "se_ac", "se_label": "se_la", "se_property": "se_pr", "se_value": "se_va",
	"tr_orderid": "tr_id", "tr_affiliation": "tr_af", "tr_total": "tr_tt", "tr_tax": "tr_tx", "tr_shipping": "tr_sh", "tr_city": "tr_ci", "tr_state": "tr_st", "tr_country": "tr_co", "tr_currency": "tr_cu",
	"ti_orderid": "ti_id", "ti_sku": "ti_sk", "ti_name": "ti_nm", "ti_category": "ti_ca", "ti_price": "ti_pr", "ti_quantity": "ti_qu", "ti_currency": "ti_cu",
	"unstruct_event": "ue_pr", "contexts": "co",
}

// kinds are the events of the tracker protocol by the pipeline's names.
var kinds = map[string]string{
	"page_view": "pv", "page_ping": "pp", "struct": "se", "unstruct": "ue", "transaction": "tr", "transaction_item": "ti",
}

// enriched reads one line of what the pipeline wrote. Its columns are told by
// the tracker's names where it has some: an event is the same, whether it comes
// from the tracker or out of the warehouse.
func (b *batch) enriched(line []byte) {
	refuse := func(bad *formats.Bad) { b.bad = append(b.bad, bad) }
	values, bad := split(line)
	if bad != nil {
		refuse(bad)
		return
	}
	it := item{fields: make(map[string]string, 40), original: line}
	for i, c := range columns {
		v := values[i]
		switch {
		case v == "":
		case c.name == "derived_contexts":
			more, wrong := columnEntities(v)
			if wrong != "" {
				refuse(formats.Badf(offers.ReasonSchema, line, "%s: %s", c.name, wrong))
				return
			}
			it.more = more
		case c.name == "event":
			if it.fields["e"] = kinds[v]; it.fields["e"] == "" {
				it.fields["e"] = v
			}
		case ofTracker[c.name] != "":
			it.fields[ofTracker[c.name]] = v
		default:
			it.fields[c.name] = v
		}
	}
	// A self-describing event is what it says, whatever the column says of it.
	if it.fields["ue_pr"] != "" && it.fields["e"] != "ue" && it.fields["event_name"] != "" && it.fields["event_name"] != it.fields["event"] {
		it.fields["e"] = "ue"
	}
	for _, name := range []string{"true_tstamp", "derived_tstamp", "collector_tstamp"} {
		if t, ok := formats.ParseTime(it.fields[name]); ok && it.derived == "" {
			it.derived = t.UTC().Format(time.RFC3339Nano)
		}
	}
	if it.derived == "" {
		refuse(formats.Badf(offers.ReasonClock, line, "The event has no time: derived_tstamp and collector_tstamp are empty or cannot be read."))
		return
	}
	b.items = append(b.items, it)
}
