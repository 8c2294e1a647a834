package snowplow

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/formats"
)

var received = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

// drafts is what becomes of a request.
func drafts(t *testing.T, r *formats.Request) (all []*formats.Draft, bad []*formats.Bad) {
	t.Helper()
	in, wrong := Decode(r)
	if wrong != nil {
		return nil, []*formats.Bad{wrong}
	}
	o := formats.Origin{Source: "snowplow/" + in.Key, Region: "ES", Received: received, SentAt: in.SentAt}
	bad = in.Bad
	for i := range in.Messages {
		g, wrong := o.Read(&in.Messages[i])
		if wrong != nil {
			bad = append(bad, wrong)
			continue
		}
		all = append(all, g)
	}
	return all, bad
}

// payload is the body of a POST with these events.
func payload(events ...string) []byte {
	return []byte(`{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[` + strings.Join(events, ",") + `]}`)
}

// told is a self-describing event's field, in plain or packed.
func told(packed bool, schema, data string) string {
	s := `{"schema":"` + unstructSchema + `","data":{"schema":"iglu:` + schema + `","data":` + data + `}}`
	if packed {
		return `"ue_px":"` + base64.RawURLEncoding.EncodeToString([]byte(s)) + `"`
	}
	b, _ := json.Marshal(s)
	return `"ue_pr":` + string(b)
}

// beside are the entities around an event, by schema and data in turn.
func beside(packed bool, pairs ...string) string {
	var all []string
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, `{"schema":"iglu:`+pairs[i]+`","data":`+pairs[i+1]+`}`)
	}
	s := `{"schema":"` + contextsSchema + `","data":[` + strings.Join(all, ",") + `]}`
	if packed {
		return `"cx":"` + base64.URLEncoding.EncodeToString([]byte(s)) + `"`
	}
	b, _ := json.Marshal(s)
	return `"co":` + string(b)
}

const (
	someone  = `"eid":"e1","aid":"web","duid":"d1"`
	product1 = "com.snowplowanalytics.snowplow.ecommerce/product/jsonschema/1-0-0"
	action   = "com.snowplowanalytics.snowplow.ecommerce/snowplow_ecommerce_action/jsonschema/1-0-2"
	boots    = `{"id":"B-7","name":"Hill boots","category":"Boots","price":120.5,"currency":"EUR","quantity":2}`
)

// What trackers send becomes the events of the house.
func TestEvents(t *testing.T) {
	type event struct {
		Type                           offers.EventType
		Query, Category, Product, Name string
		Quantity                       int
		Value                          offers.Money
	}
	for _, c := range []struct {
		name, item string
		want       event
	}{
		{"page view", `{"e":"pv",` + someone + `,"url":"https://s.example/","page":"Home"}`, event{Type: offers.PageViewed, Name: "Home"}},
		{"a page that shows a search", `{"e":"pv",` + someone + `,"url":"https://s.example/find?q=rain%20coat","page":"Found"}`, event{Type: offers.PageViewed, Query: "rain coat", Name: "Found"}},
		{"page ping", `{"e":"pp",` + someone + `,"url":"https://s.example/find?q=rain","page":"Found","pp_may":"900"}`, event{Type: "page_pinged", Name: "Found"}},
		{"structured", `{"e":"se",` + someone + `,"se_ca":"shop","se_ac":"add-to-cart","se_la":"B-7","se_va":"2"}`, event{Type: offers.ProductAdded, Product: "B-7"}},
		{"structured, in a basket", `{"e":"se",` + someone + `,"se_ca":"shop","se_ac":"add-to-basket","se_la":"B-7","se_va":"2"}`, event{Type: offers.ProductAdded, Product: "B-7"}},
		{"structured, about no product", `{"e":"se",` + someone + `,"se_ca":"video","se_ac":"play","se_la":"V-1"}`, event{Type: "play"}},
		{"structured search", `{"e":"se",` + someone + `,"se_ca":"shop","se_ac":"Search","se_la":"hats"}`, event{Type: offers.ProductSearched, Query: "hats"}},
		{"site search", `{"e":"ue",` + someone + `,` + told(false, "com.snowplowanalytics.snowplow/site_search/jsonschema/1-0-0", `{"terms":["rain","coat"],"totalResults":3}`) + `}`, event{Type: offers.ProductSearched, Query: "rain coat"}},
		{"site search, packed", `{"e":"ue",` + someone + `,` + told(true, "com.snowplowanalytics.snowplow/site_search/jsonschema/1-0-0", `{"terms":["paraguas ñ ☔"]}`) + `}`, event{Type: offers.ProductSearched, Query: "paraguas ñ ☔"}},
		{"product view", `{"e":"ue",` + someone + `,` + told(true, action, `{"type":"product_view"}`) + `,` + beside(true, product1, boots) + `}`, event{Type: offers.ProductViewed, Product: "B-7", Name: "Hill boots", Category: "boots", Quantity: 2, Value: offers.Money{Minor: 12050, Currency: "EUR"}}},
		{"add to cart", `{"e":"ue",` + someone + `,` + told(false, action, `{"type":"add_to_cart"}`) + `,` + beside(false, product1, boots, "com.snowplowanalytics.snowplow.ecommerce/cart/jsonschema/1-0-0", `{"total_value":999,"currency":"EUR"}`) + `}`, event{Type: offers.ProductAdded, Product: "B-7", Name: "Hill boots", Category: "boots", Quantity: 2, Value: offers.Money{Minor: 24100, Currency: "EUR"}}},
		{"remove from cart", `{"e":"ue",` + someone + `,` + told(false, action, `{"type":"remove_from_cart"}`) + `,` + beside(false, product1, boots) + `}`, event{Type: offers.ProductRemoved, Product: "B-7", Name: "Hill boots", Category: "boots", Quantity: 2, Value: offers.Money{Minor: 24100, Currency: "EUR"}}},
		{"list view", `{"e":"ue",` + someone + `,` + told(false, action, `{"type":"list_view","name":"winter"}`) + `,` + beside(false, product1, boots) + `}`, event{Type: offers.ProductListViewed, Name: "winter", Category: "boots"}},
		{"list click", `{"e":"ue",` + someone + `,` + told(false, action, `{"type":"list_click","name":"winter"}`) + `,` + beside(false, product1, boots) + `}`, event{Type: "product_clicked", Product: "B-7", Name: "winter", Category: "boots", Quantity: 2, Value: offers.Money{Minor: 24100, Currency: "EUR"}}},
		{"first step of the checkout", `{"e":"ue",` + someone + `,` + told(false, action, `{"type":"checkout_step"}`) + `,` + beside(false, "com.snowplowanalytics.snowplow.ecommerce/checkout_step/jsonschema/1-0-0", `{"step":1}`) + `}`, event{Type: offers.CheckoutStarted}},
		{"next step of the checkout", `{"e":"ue",` + someone + `,` + told(false, action, `{"type":"checkout_step"}`) + `,` + beside(false, "com.snowplowanalytics.snowplow.ecommerce/checkout_step/jsonschema/1-0-0", `{"step":2}`) + `}`, event{Type: "checkout_step_viewed"}},
		{"transaction", `{"e":"ue",` + someone + `,` + told(false, action, `{"type":"transaction"}`) + `,` + beside(false, product1, boots, "com.snowplowanalytics.snowplow.ecommerce/transaction/jsonschema/1-0-0", `{"transaction_id":"t9","revenue":241,"currency":"EUR","payment_method":"card"}`) + `}`, event{Type: offers.OrderCompleted, Category: "boots", Value: offers.Money{Minor: 24100, Currency: "EUR"}}},
		{"refund", `{"e":"ue",` + someone + `,` + told(false, action, `{"type":"refund"}`) + `,` + beside(false, "com.snowplowanalytics.snowplow.ecommerce/refund/jsonschema/1-0-0", `{"transaction_id":"t9","refund_amount":20,"currency":"EUR"}`) + `}`, event{Type: "order_refunded", Value: offers.Money{Minor: 2000, Currency: "EUR"}}},
		{"promotion", `{"e":"ue",` + someone + `,` + told(false, action, `{"type":"promo_view"}`) + `,` + beside(false, "com.snowplowanalytics.snowplow.ecommerce/promotion/jsonschema/1-0-0", `{"id":"p1","name":"Week"}`) + `}`, event{Type: "promotion_viewed", Name: "Week"}},
		{"a word of the plugin to come", `{"e":"ue",` + someone + `,` + told(false, action, `{"type":"gift_wrap"}`) + `}`, event{Type: "gift_wrap"}},
		{"the older plugin", `{"e":"ue",` + someone + `,` + told(false, "com.google.analytics.enhanced-ecommerce/action/jsonschema/1-0-0", `{"action":"purchase"}`) + `,` + beside(false, "com.google.analytics.enhanced-ecommerce/productFieldObject/jsonschema/1-0-0", `{"id":"B-7","price":"10","quantity":1}`, "com.google.analytics.enhanced-ecommerce/actionFieldObject/jsonschema/1-0-0", `{"id":"t1","revenue":"10.00","currency":"EUR"}`) + `}`, event{Type: offers.OrderCompleted, Value: offers.Money{Minor: 1000, Currency: "EUR"}}},
		{"the schema of before", `{"e":"ue",` + someone + `,` + told(false, "com.snowplowanalytics.snowplow/add_to_cart/jsonschema/1-0-0", `{"sku":"B-7","quantity":3,"unitPrice":2.5,"currency":"EUR","category":"Socks"}`) + `}`, event{Type: offers.ProductAdded, Product: "B-7", Category: "socks", Quantity: 3, Value: offers.Money{Minor: 750, Currency: "EUR"}}},
		{"link", `{"e":"ue",` + someone + `,` + told(false, "com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1", `{"targetUrl":"https://x.example"}`) + `}`, event{Type: "link_click"}},
		{"screen", `{"e":"ue","p":"mob",` + someone + `,` + told(false, "com.snowplowanalytics.mobile/screen_view/jsonschema/1-0-0", `{"id":"s","name":"Basket"}`) + `}`, event{Type: "screen_viewed", Name: "Basket"}},
		{"of one's own", `{"e":"ue",` + someone + `,` + told(false, "com.acme/fittingRoomAsked/jsonschema/2-0-0", `{"room":3}`) + `}`, event{Type: "fitting_room_asked"}},
		{"classic transaction", `{"e":"tr",` + someone + `,"tr_id":"t9","tr_tt":"20.50","tr_cu":"EUR"}`, event{Type: offers.OrderCompleted, Value: offers.Money{Minor: 2050, Currency: "EUR"}}},
		{"classic item", `{"e":"ti",` + someone + `,"ti_id":"t9","ti_sk":"B-7","ti_nm":"Hill boots","ti_ca":"Boots","ti_pr":"10.25","ti_qu":"2","ti_cu":"EUR"}`, event{Type: "transaction_item", Product: "B-7", Name: "Hill boots", Category: "boots", Quantity: 2, Value: offers.Money{Minor: 2050, Currency: "EUR"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range []*formats.Request{
				{Path: "/com.snowplowanalytics.snowplow/tp2", Body: payload(c.item)},
				{Path: "/com.acme/track", Body: payload(c.item)},
				{Path: "/com.snowplowanalytics.snowplow/tp2", Body: []byte(c.item), Item: true},
				{Path: "/i", Query: query1(t, c.item)},
			} {
				all, bad := drafts(t, r)
				if len(all) != 1 || len(bad) != 0 {
					t.Fatalf("%s: %d events, bad: %v", r.Path, len(all), bad)
				}
				e := &all[0].Event
				got := event{e.Type, e.Query, e.Category, e.Product, e.Title, e.Quantity, e.Value}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", r.Path, diff)
				}
				if e.ID != "snowplow/web/e1" {
					t.Errorf("%s: id %q", r.Path, e.ID)
				}
			}
		})
	}
}

// query1 is an event as an address tells it.
func query1(t *testing.T, item string) string {
	t.Helper()
	var fields map[string]string
	if err := json.Unmarshal([]byte(item), &fields); err != nil {
		t.Fatal(err)
	}
	v := url.Values{}
	for name, s := range fields {
		v.Set(name, s)
	}
	return v.Encode()
}

// Nothing that was sent is lost.
func TestProperties(t *testing.T) {
	item := `{"e":"ue","eid":"e1","aid":"web","duid":"d1","tv":"js-4","res":"1x1","unheard_of":"kept","ip":"203.0.113.77",` +
		told(true, "com.acme/thing/jsonschema/1-0-0", `{"snowplow":"falls","depth":{"m":3}}`) + `,` + beside(true, "com.acme/user/jsonschema/1-0-0", `{"tier":"gold"}`) + `}`
	all, bad := drafts(t, &formats.Request{Path: "/com.snowplowanalytics.snowplow/tp2", Body: payload(item)})
	if len(all) != 1 {
		t.Fatal(bad)
	}
	var got map[string]any
	if err := json.Unmarshal(all[0].Event.Properties, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"depth": map[string]any{"m": 3.0},
		"snowplow": map[string]any{
			"e": "ue", "eid": "e1", "aid": "web", "duid": "d1", "tv": "js-4", "res": "1x1", "unheard_of": "kept", "ip": "203.0.113.0",
			"schema": "iglu:com.acme/thing/jsonschema/1-0-0", "data": "falls",
			"contexts": []any{map[string]any{"schema": "iglu:com.acme/user/jsonschema/1-0-0", "data": map[string]any{"tier": "gold"}}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
}

// Who somebody is.
func TestIdentifiers(t *testing.T) {
	cookie := func(v string) offers.Identifier { return offers.Identifier{Type: offers.Cookie, Value: v} }
	customer := func(v string) offers.Identifier {
		return offers.Identifier{Type: offers.CustomerID, Value: v}
	}
	session := beside(false, "com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2", `{"userId":"00000000-0000-0000-0000-000000000000","sessionId":"s7"}`)
	user := beside(false, "com.snowplowanalytics.snowplow.ecommerce/user/jsonschema/1-0-0", `{"id":"c9","is_guest":false,"email":"Ana@example.com"}`)
	for _, c := range []struct {
		name, fields string
		header       map[string]string
		want         []offers.Identifier
	}{
		{"all of them", `"uid":"c9","duid":"d1","tnuid":"n1"`, nil, []offers.Identifier{customer("c9"), cookie("n1"), cookie("d1")}},
		{"the door's cookie", `"duid":"d1"`, map[string]string{HeaderNetworkUser: "n2"}, []offers.Identifier{cookie("n2"), cookie("d1")}},
		{"the tracker's before the door's", `"nuid":"n1"`, map[string]string{HeaderNetworkUser: "n2"}, []offers.Identifier{cookie("n1")}},
		{"given just now, beside a name", `"duid":"d1"`, map[string]string{HeaderFirstTime: "n3"}, []offers.Identifier{cookie("d1")}},
		{"given just now, and no other", `"tz":"UTC"`, map[string]string{HeaderFirstTime: "n3"}, []offers.Identifier{cookie("n3")}},
		{"of the shop's plugin", user, nil, []offers.Identifier{customer("c9"), {Type: offers.Email, Value: "ana@example.com"}}},
		{"anonymous", `"ip":"203.0.113.7","nuid":"n1","tnuid":"n1",` + session, map[string]string{HeaderAnonymous: "*", HeaderNetworkUser: "n2", HeaderFirstTime: "n3"}, []offers.Identifier{cookie("s7")}},
		{"anonymous, of a page", beside(false, "com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0", `{"id":"page1"}`), map[string]string{HeaderAnonymous: "*"}, []offers.Identifier{cookie("page1")}},
		{"nothing at all", `"tz":"UTC"`, nil, []offers.Identifier{cookie("e1")}},
		{"an app", `"p":"mob","duid":"i1"`, nil, []offers.Identifier{{Type: offers.AppInstall, Value: "i1"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &formats.Request{Path: "/com.snowplowanalytics.snowplow/tp2", Query: "tnuid=n1&ip=203.0.113.7", Header: c.header, Body: payload(`{"e":"pv","eid":"e1",` + c.fields + `}`)}
			all, bad := drafts(t, r)
			if len(all) != 1 {
				t.Fatal(bad)
			}
			if diff := cmp.Diff(c.want, all[0].IDs); diff != "" {
				t.Errorf("identifiers (-want +got):\n%s", diff)
			}
			if c.header[HeaderAnonymous] != "" {
				for _, part := range []string{"203.0.113", "n1", "n2", "n3", "nuid"} {
					if kept := fmt.Sprintf("%s %s %+v", all[0].Event.Properties, all[0].IDs, *r); strings.Contains(kept, part) || strings.Contains(string(r.Body), part) {
						t.Errorf("%q in %s", part, kept)
					}
				}
			}
		})
	}
}

// Time is what Snowplow derives.
func TestDerivedTime(t *testing.T) {
	ms := func(at time.Time) string { return fmt.Sprint(at.UnixMilli()) }
	wrong := received.Add(-36 * time.Hour) // a tracker's clock
	for _, c := range []struct {
		name, created, sent, truth string
		want                       time.Time
	}{
		{"waited four seconds", ms(wrong), ms(wrong.Add(4 * time.Second)), "", received.Add(-4 * time.Second)},
		{"a clock of tomorrow", ms(received.Add(30 * time.Hour)), ms(received.Add(30*time.Hour + time.Minute)), "", received.Add(-time.Minute)},
		{"a clock that was never set", "1000", "61000", "", received.Add(-time.Minute)},
		{"sent at once", ms(wrong), ms(wrong), "", received},
		{"sent before it happened", ms(wrong), ms(wrong.Add(-time.Second)), "", received},
		{"not said when it was sent", ms(wrong), "", "", received},
		{"not said when it was", "", ms(wrong), "", received},
		{"the true time", ms(wrong), ms(wrong.Add(time.Second)), ms(received.Add(-90 * time.Minute)), received.Add(-90 * time.Minute)},
	} {
		t.Run(c.name, func(t *testing.T) {
			item := fmt.Sprintf(`{"e":"pv",%s,"dtm":%q,"stm":%q,"ttm":%q}`, someone, c.created, c.sent, c.truth)
			all, bad := drafts(t, &formats.Request{Path: "/com.snowplowanalytics.snowplow/tp2", Body: payload(item)})
			if len(all) != 1 {
				t.Fatal(bad)
			}
			if got := all[0].Event.Time; !got.Equal(c.want) {
				t.Errorf("time %v, want %v", got, c.want)
			}
		})
	}
}

// Items of a classic transaction that come with it are its products.
func TestClassicTransaction(t *testing.T) {
	all, bad := drafts(t, &formats.Request{Path: "/com.snowplowanalytics.snowplow/tp2", Body: payload(
		`{"e":"tr","eid":"1","duid":"d","tr_id":"t9","tr_tt":"30","tr_cu":"EUR"}`,
		`{"e":"ti","eid":"2","duid":"d","ti_id":"t9","ti_sk":"A","ti_ca":"Hats","ti_pr":"10","ti_qu":"1"}`,
		`{"e":"ti","eid":"3","duid":"d","ti_id":"t9","ti_sk":"B","ti_pr":"20","ti_qu":"1"}`,
		`{"e":"ti","eid":"4","duid":"d","ti_id":"other","ti_sk":"C","ti_pr":"5","ti_qu":"1"}`)})
	if len(all) != 4 {
		t.Fatal(len(all), bad)
	}
	var p struct {
		OrderID  string `json:"order_id"`
		Products []struct {
			ProductID string `json:"product_id"`
		}
	}
	if err := json.Unmarshal(all[0].Event.Properties, &p); err != nil {
		t.Fatal(err)
	}
	if p.OrderID != "t9" || len(p.Products) != 2 || p.Products[0].ProductID != "A" || p.Products[1].ProductID != "B" || all[0].Event.Category != "hats" {
		t.Errorf("order %+v, category %q", p, all[0].Event.Category)
	}
}

// Webhooks and redirects have no event of their own, so one is made.
func TestWebhooksAndRedirects(t *testing.T) {
	for _, c := range []struct {
		name  string
		r     formats.Request
		types []offers.EventType
		has   string
	}{
		{"in the address", formats.Request{Path: "/com.snowplowanalytics.iglu/v1", Query: "schema=iglu%3Acom.acme%2Fcampaign%2Fjsonschema%2F1-0-0&name=download&aid=mail&uid=c1"}, []offers.EventType{"campaign"}, `"name":"download"`},
		{"self-describing", formats.Request{Path: "/com.snowplowanalytics.iglu/v1", Body: []byte(`{"schema":"iglu:com.acme/campaign/jsonschema/1-0-0","data":{"name":"x"}}`)}, []offers.EventType{"campaign"}, `"name":"x"`},
		{"several", formats.Request{Path: "/com.snowplowanalytics.iglu/v1", Query: "schema=iglu%3Acom.acme%2Fa%2Fjsonschema%2F1-0-0", Body: []byte(`[{"n":1},{"n":2}]`)}, []offers.EventType{"a", "a"}, `"n":1`},
		{"a form", formats.Request{Path: "/com.snowplowanalytics.iglu/v1", Query: "schema=iglu%3Acom.acme%2Fa%2Fjsonschema%2F1-0-0", Header: map[string]string{"content-type": "application/x-www-form-urlencoded"}, Body: []byte(`n=one`)}, []offers.EventType{"a"}, `"n":"one"`},
		{"redirect", formats.Request{Path: "/r/tp2", Query: "u=https%3A%2F%2Fs.example%2Fsale&aid=mail&duid=d1"}, []offers.EventType{"uri_redirect"}, `"uri":"https://s.example/sale"`},
		{"redirect with an event", formats.Request{Path: "/r/tp2", Query: "u=https%3A%2F%2Fs.example%2Fsale&e=se&se_ca=mail&se_ac=clicked&duid=d1"}, []offers.EventType{"clicked"}, `uri_redirect`},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, bad := drafts(t, &c.r)
			var types []offers.EventType
			for _, g := range all {
				types = append(types, g.Event.Type)
			}
			if diff := cmp.Diff(c.types, types); diff != "" {
				t.Fatalf("types (-want +got):\n%s%v", diff, bad)
			}
			if !strings.Contains(string(all[0].Event.Properties), c.has) {
				t.Errorf("no %s in %s", c.has, all[0].Event.Properties)
			}
		})
	}
}

// What fails says why, whole, and does not hold up what came with it.
func TestBad(t *testing.T) {
	good := `{"e":"pv",` + someone + `}`
	deep, _ := json.Marshal(map[string]string{"e": "pv", "eid": "e", "page": strings.Repeat("x", formats.MaxEvent)})
	for _, c := range []struct {
		name, item string
		reason     offers.Reason
	}{
		{"no event", `{"eid":"e"}`, offers.ReasonSchema},
		{"an event that there is not", `{"e":"zz","eid":"e"}`, offers.ReasonSchema},
		{"not an object", `["pv"]`, offers.ReasonSchema},
		{"nothing", `null`, offers.ReasonSchema},
		{"an object for a text", `{"e":"pv","page":{"a":1}}`, offers.ReasonSchema},
		{"no action", `{"e":"se","se_ca":"shop"}`, offers.ReasonSchema},
		{"not base64", `{"e":"ue","ue_px":"%%%"}`, offers.ReasonSchema},
		{"no JSON in base64", `{"e":"ue","ue_px":"bm90IGpzb24"}`, offers.ReasonSchema},
		{"no schema around", `{"e":"ue","ue_pr":"{\"data\":{}}"}`, offers.ReasonSchema},
		{"no schema of its own", `{"e":"ue","ue_pr":"{\"schema\":\"` + unstructSchema + `\",\"data\":{\"data\":{}}}"}`, offers.ReasonSchema},
		{"no self-describing event", `{"e":"ue"}`, offers.ReasonSchema},
		{"contexts that are none", `{"e":"pv","co":"[]"}`, offers.ReasonSchema},
		{"a context without a schema", `{"e":"pv",` + strings.Replace(beside(false, "com.acme/user/jsonschema/1-0-0", "{}"), "com.acme/user/", "", 1) + `}`, offers.ReasonSchema},
		{"of the house's sensors", `{"e":"ue",` + told(false, "com.acme/offer_redeemed/jsonschema/1-0-0", `{}`) + `}`, offers.ReasonSchema},
		{"a time that is none", `{"e":"pv","dtm":"yesterday"}`, offers.ReasonClock},
		{"a true time before there were shops", `{"e":"pv","ttm":"1000"}`, offers.ReasonClock},
		{"too large", string(deep), offers.ReasonSize},
		{"seen by a bot", `{"e":"pv",` + beside(false, "com.iab.snowplow/spiders_and_robots/jsonschema/1-0-0", `{"spiderOrRobot":true}`) + `}`, offers.ReasonBot},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, bad := drafts(t, &formats.Request{Path: "/com.snowplowanalytics.snowplow/tp2", Body: payload(good, c.item)})
			if len(all) != 1 || len(bad) != 1 {
				t.Fatalf("%d events, bad: %v", len(all), bad)
			}
			if bad[0].Reason != c.reason || bad[0].Detail == "" || string(bad[0].Body) != c.item {
				t.Errorf("%s: %s (%.60s), want %s", bad[0].Reason, bad[0].Detail, bad[0].Body, c.reason)
			}
		})
	}
	for _, c := range []struct {
		name, body string
		reason     offers.Reason
	}{
		{"not JSON", `{"schema":`, offers.ReasonEncoding},
		{"not UTF-8", "{\"a\":\"\xff\"}", offers.ReasonEncoding},
		{"of another schema", `{"schema":"iglu:com.acme/x/jsonschema/1-0-0","data":[{}]}`, offers.ReasonSchema},
		{"empty", string(payload()), offers.ReasonSchema},
		{"too many", string(payload(strings.TrimSuffix(strings.Repeat(good+",", MaxBatch+1), ","))), offers.ReasonSize},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, bad := Decode(&formats.Request{Path: "/com.snowplowanalytics.snowplow/tp2", Body: []byte(c.body)}); bad == nil || bad.Reason != c.reason || bad.Detail == "" {
				t.Errorf("bad %+v, want %s", bad, c.reason)
			}
		})
	}
}

// A list of apps keeps out the others.
func TestApps(t *testing.T) {
	in, bad := Reader{Apps: []string{"web"}}.Decode(&formats.Request{Path: "/com.snowplowanalytics.snowplow/tp2", Body: payload(
		`{"e":"pv","eid":"1","aid":"web"}`, `{"e":"pv","eid":"2","aid":"evil"}`, `{"e":"pv","eid":"3"}`)})
	if bad != nil {
		t.Fatal(bad)
	}
	if len(in.Messages) != 1 || in.Key != "web" || len(in.Bad) != 2 || in.Bad[0].Reason != offers.ReasonAuth {
		t.Errorf("%d messages of %q, bad %v", len(in.Messages), in.Key, in.Bad)
	}
}

// A refusal by the browser, or at the banner, is one for the house.
func TestRefusals(t *testing.T) {
	banner := func(kind, scopes string) string {
		return `{"e":"ue",` + someone + `,` + told(false, "com.snowplowanalytics.snowplow/consent_preferences/jsonschema/1-0-0", `{"eventType":"`+kind+`","consentScopes":[`+scopes+`]}`) + `}`
	}
	for _, c := range []struct {
		name, item string
		header     map[string]string
		want       map[offers.Purpose]bool
	}{
		{"nothing said", `{"e":"pv",` + someone + `}`, nil, map[offers.Purpose]bool{}},
		{"Global Privacy Control", `{"e":"pv",` + someone + `}`, map[string]string{HeaderOptOut: "1"}, map[offers.Purpose]bool{offers.ConsentSearch: false}},
		{"some allowed", banner("allow_selected", `"search","fonts"`), nil, map[offers.Purpose]bool{offers.ConsentSearch: true}},
		{"some allowed, and the browser says no", banner("allow_selected", `"search"`), map[string]string{HeaderOptOut: "1"}, map[offers.Purpose]bool{offers.ConsentSearch: false}},
		{"all denied", banner("deny_all", ``), nil, map[offers.Purpose]bool{offers.ConsentSearch: false}},
		{"nobody agrees to a face here", banner("allow_all", `"face"`), nil, map[offers.Purpose]bool{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, bad := drafts(t, &formats.Request{Path: "/com.snowplowanalytics.snowplow/tp2", Header: c.header, Body: payload(c.item)})
			if len(all) != 1 {
				t.Fatal(bad)
			}
			got := map[offers.Purpose]bool{}
			for _, a := range all[0].Consents {
				got[a.Purpose] = a.Granted
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("consents (-want +got):\n%s", diff)
			}
		})
	}
}

func data(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../../../shared/data/events", name))
	if err != nil {
		t.Skip("the sample is not here: ", err)
	}
	return b
}

// An enriched event becomes what Snowplow's SDKs make of it.
func TestEnrichedSample(t *testing.T) {
	line := data(t, "snowplow-enriched/enriched_event.tsv")
	for file, enriched := range map[string]func([]byte) ([]byte, *formats.Bad){"expected_with_geo.json": EnrichedWithGeo, "expected_without_geo.json": Enriched} {
		got, bad := enriched(line)
		if bad != nil {
			t.Fatal(bad)
		}
		if diff := cmp.Diff(decoded(t, data(t, "snowplow-enriched/"+file)), decoded(t, got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
	all, bad := drafts(t, &formats.Request{Header: map[string]string{"content-type": "text/tab-separated-values"}, Body: line})
	if len(all) != 1 {
		t.Fatal(bad)
	}
	if e := &all[0].Event; e.Type != "link_click" || len(all[0].IDs) != 3 || e.Time.Year() != 2013 {
		t.Errorf("%s at %v by %v", e.Type, e.Time, all[0].IDs)
	}
}

func decoded(t *testing.T, b []byte) (v map[string]any) {
	t.Helper()
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// enrichedLine is a line with these columns set.
func enrichedLine(set map[string]string) string {
	values := make([]string, len(columns))
	for i, c := range columns {
		values[i] = set[c.name]
	}
	return strings.Join(values, "\t")
}

// What a pipeline enriched is the same event as what the tracker sent.
func TestEnriched(t *testing.T) {
	line := enrichedLine(map[string]string{
		"app_id": "web", "platform": "web", "event": "unstruct", "event_name": "site_search", "event_id": "e1", "collector_tstamp": "2026-11-20 09:00:00.500", "derived_tstamp": "2026-11-20 08:59:59",
		"user_id": "c1", "domain_userid": "d1", "geo_latitude": "40.5", "geo_longitude": "-3", "br_cookies": "1", "se_value": "1.5", "ti_quantity": "2",
		"unstruct_event": `{"schema":"` + unstructSchema + `","data":{"schema":"iglu:com.snowplowanalytics.snowplow/site_search/jsonschema/1-0-0","data":{"terms":["a","b"]}}}`,
		"contexts":       `{"schema":"` + contextsSchema + `","data":[{"schema":"iglu:org.example-shop/WebPageHTMLView/jsonschema/2-0-1","data":{"n":1}},{"schema":"iglu:org.example-shop/WebPageHTMLView/jsonschema/2-1-0","data":{"n":2}}]}`,
	})
	body, bad := EnrichedWithGeo([]byte(line + "\ta column to come"))
	if bad != nil {
		t.Fatal(bad)
	}
	want := map[string]any{
		"app_id": "web", "platform": "web", "event": "unstruct", "event_name": "site_search", "event_id": "e1", "collector_tstamp": "2026-11-20T09:00:00.500Z", "derived_tstamp": "2026-11-20T08:59:59.000Z",
		"user_id": "c1", "domain_userid": "d1", "geo_latitude": 40.5, "geo_longitude": -3.0, "geo_location": "40.5,-3", "br_cookies": true, "se_value": 1.5, "ti_quantity": 2.0,
		"unstruct_event_com_snowplowanalytics_snowplow_site_search_1": map[string]any{"terms": []any{"a", "b"}},
		"contexts_org_example_shop_web_page_html_view_2":              []any{map[string]any{"n": 1.0}, map[string]any{"n": 2.0}},
	}
	if diff := cmp.Diff(want, decoded(t, body)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	all, wrong := drafts(t, &formats.Request{Header: map[string]string{"content-type": "text/tab-separated-values; charset=utf-8"}, Body: []byte(line + "\r\n" + "too\tshort\n")})
	if len(all) != 1 || len(wrong) != 1 || wrong[0].Reason != offers.ReasonSchema || string(wrong[0].Body) != "too\tshort" {
		t.Fatalf("%d events, bad %v", len(all), wrong)
	}
	e := &all[0].Event
	if e.Type != offers.ProductSearched || e.Query != "a b" || !e.Time.Equal(time.Date(2026, 11, 20, 8, 59, 59, 0, time.UTC)) || e.ID != "snowplow/web/e1" {
		t.Errorf("%s %q at %v, %s", e.Type, e.Query, e.Time, e.ID)
	}
	for name, line := range map[string]string{
		"a number that is none": enrichedLine(map[string]string{"se_value": "much"}), "a time that is none": enrichedLine(map[string]string{"etl_tstamp": "soon"}),
		"an infinite number": enrichedLine(map[string]string{"se_value": "Inf"}), "a yes that is none": enrichedLine(map[string]string{"br_cookies": "maybe"}),
		"contexts that are none": enrichedLine(map[string]string{"contexts": "{}"}), "not UTF-8": enrichedLine(map[string]string{"app_id": "\xff"}),
	} {
		if _, bad := Enriched([]byte(line)); bad == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// Whatever strangers send becomes whole events or is refused with a reason.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		string(payload(`{"e":"pv",`+someone+`,"url":"https://s.example/?q=a","dtm":"1","stm":"2"}`, `{"e":"ue",`+told(true, action, `{"type":"transaction"}`)+`,`+beside(true, product1, boots)+`}`)),
		string(payload(`{"e":"tr","tr_id":"1"}`, `{"e":"ti","ti_id":"1"}`, `{"e":"se","se_ca":"a","se_ac":"b"}`, `null`, `[]`, `3`)),
		`{"e":"ue",` + told(false, "com.acme/x/jsonschema/1-0-0", `[1,"\ud800"]`) + `}`, `{"e":"pv",` + beside(false, "com.acme/x/jsonschema/1-0-0", `"\ud800"`) + `}`,
		`e=pv&aid=web&url=https%3A%2F%2Fs.example&cx=` + base64.URLEncoding.EncodeToString([]byte(`{"schema":"`+contextsSchema+`","data":[]}`)),
		`schema=iglu%3Acom.acme%2Fa%2Fjsonschema%2F1-0-0&n=1`, `u=https%3A%2F%2Fs.example&e=pv`, `[{"schema":"iglu:com.acme/a/jsonschema/1-0-0","data":{}}]`,
		enrichedLine(map[string]string{"event": "page_view", "event_id": "e", "derived_tstamp": "2026-11-20 08:59:59", "contexts": `{"schema":"` + contextsSchema + `","data":[]}`}),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, r := range []*formats.Request{
			{Path: "/com.snowplowanalytics.snowplow/tp2", Body: body}, {Path: "/com.acme/x", Body: body, Item: true},
			{Path: "/i", Query: string(body)}, {Path: "/r/tp2", Query: string(body)}, {Path: "/com.snowplowanalytics.iglu/v1", Query: string(body)},
			{Path: "/com.snowplowanalytics.iglu/v1", Body: body, Header: map[string]string{HeaderAnonymous: "*", HeaderOptOut: "1"}},
			{Body: body, Header: map[string]string{"content-type": "text/tab-separated-values"}},
		} {
			in, bad := Decode(r)
			if bad != nil {
				if bad.Reason == "" || bad.Detail == "" {
					t.Fatalf("refused without a reason: %+v", bad)
				}
				continue
			}
			o := formats.Origin{Source: "snowplow/fuzz", Region: "ES", Received: received, SentAt: in.SentAt}
			for i := range in.Messages {
				g, bad := o.Read(&in.Messages[i])
				if bad != nil {
					continue
				}
				value, err := formats.Marshal(&g.Event)
				if err != nil {
					t.Fatalf("an event that cannot be written: %v", err)
				}
				if !json.Valid(value) {
					t.Fatalf("not JSON: %s", value)
				}
				if e := &g.Event; e.ID == "" || e.Type == "" || e.Time.IsZero() || e.Time.After(received) || len(g.IDs) == 0 {
					t.Fatalf("half an event: %s", value)
				}
			}
		}
		if out, bad := Enriched(body); bad == nil && !json.Valid(out) {
			t.Fatalf("not JSON: %s", out)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	var events []string
	for i := range 10 {
		events = append(events, fmt.Sprintf(`{"e":"ue","eid":"e%d","aid":"web","tv":"js-4","tna":"sp","p":"web","cookie":"1","cs":"UTF-8","lang":"en-GB","res":"800x600","vp":"800x600","ds":"800x3000","cd":"24","tz":"UTC","dtm":"1795239505923","stm":"1795239505957","vid":"1","sid":"s1","duid":"d1","url":"https://s.example/find?q=boots",%s,%s}`,
			i, told(true, action, `{"type":"product_view"}`), beside(true, product1, boots, "com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0", `{"id":"p1"}`)))
	}
	r := &formats.Request{Path: "/com.snowplowanalytics.snowplow/tp2", Body: payload(events...)}
	o := formats.Origin{Source: "snowplow/web", Received: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)}
	b.SetBytes(int64(len(r.Body)))
	b.ReportAllocs()
	for b.Loop() {
		in, bad := Decode(r)
		if bad != nil || len(in.Messages) != 10 {
			b.Fatal(bad)
		}
		for i := range in.Messages {
			if _, bad := o.Read(&in.Messages[i]); bad != nil {
				b.Fatal(bad)
			}
		}
	}
}
