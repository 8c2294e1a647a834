package cloudevent

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/formats"
)

// binary is a request with the headers that every event has, and those given
// as "name: value".
func binary(body string, headers ...string) *formats.Request {
	r := &formats.Request{Path: "/events", Body: []byte(body), Header: map[string]string{
		"content-type": "application/json", "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/till/4", "ce-type": "com.example.product.viewed",
	}}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header[name] = value
	}
	maps.DeleteFunc(r.Header, func(_, value string) bool { return value == "" })
	return r
}

func structured(body string) *formats.Request {
	return &formats.Request{Path: "/events", Body: []byte(body), Header: map[string]string{"content-type": "application/cloudevents+json; charset=utf-8"}}
}

func TestFromHTTP(t *testing.T) {
	for name, c := range map[string]struct {
		request *formats.Request
		want    Event
	}{
		"percents in headers": {
			binary(`{}`, "ce-subject: Euro%20%E2%82%AC%20%F0%9F%98%80 100% %zz", "ce-source: /b%C3%BAsqueda"),
			Event{SpecVersion: "1.0", ID: "1", Source: "/búsqueda", Type: "com.example.product.viewed", Subject: "Euro € 😀 100% %zz", DataContentType: "application/json", Data: []byte(`{}`)},
		},
		"Latin-1 in headers": {
			binary(`1`, "ce-subject: ni\xf1o"),
			Event{SpecVersion: "1.0", ID: "1", Source: "/till/4", Type: "com.example.product.viewed", Subject: "niño", DataContentType: "application/json", Data: []byte(`1`)},
		},
		"quotes around headers": {
			binary(`7`, `ce-subject: "say \"ok\" %22"`),
			Event{SpecVersion: "1.0", ID: "1", Source: "/till/4", Type: "com.example.product.viewed", Subject: `say "ok" "`, DataContentType: "application/json", Data: []byte(`7`)},
		},
		"extensions, and a header that is none": {
			binary(``, "ce-sampledrate: 3", "traceparent: 00-x", "ce-dataschema: https://example.com/s"),
			Event{SpecVersion: "1.0", ID: "1", Source: "/till/4", Type: "com.example.product.viewed", DataURI: "https://example.com/s", DataContentType: "application/json", Extensions: map[string]string{"sampledrate": "3"}, Data: []byte(``)},
		},
		"structured, bytes": {
			structured(`{"specversion":"1.0","id":"1","source":"/cam","type":"frame","datacontenttype":"image/jpeg","data_base64":"/9j/4A=="}`),
			Event{SpecVersion: "1.0", ID: "1", Source: "/cam", Type: "frame", DataContentType: "image/jpeg", Data: []byte("\xff\xd8\xff\xe0")},
		},
		"structured, text": {
			structured(`{"specversion":"1.0","id":"1","source":"/log","type":"line","datacontenttype":"text/plain","data":"a \"b\"","count":3,"ok":true,"no":null}`),
			Event{SpecVersion: "1.0", ID: "1", Source: "/log", Type: "line", DataContentType: "text/plain", Extensions: map[string]string{"count": "3", "ok": "true"}, Data: []byte(`a "b"`)},
		},
		"a text that is JSON": {
			structured(`{"specversion":"1.0","id":"1","source":"/log","type":"line","data":"a","time":"2026-11-20T10:00:00.1234567+01:00"}`),
			Event{SpecVersion: "1.0", ID: "1", Source: "/log", Type: "line", Time: "2026-11-20T10:00:00.1234567+01:00", Data: []byte(`"a"`)},
		},
		"of version 0.3": {
			structured(`{"specversion":"0.3","id":"1","source":"/cam","type":"frame","schemaurl":"https://example.com/s","datacontenttype":"text/plain","datacontentencoding":"base64","data":"b2s="}`),
			Event{SpecVersion: "0.3", ID: "1", Source: "/cam", Type: "frame", DataURI: "https://example.com/s", DataContentType: "text/plain", Extensions: map[string]string{}, Data: []byte("ok")},
		},
	} {
		got, bad := FromHTTP(c.request)
		if bad != nil {
			t.Errorf("%s: %v", name, bad)
			continue
		}
		if diff := cmp.Diff(&c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		request *formats.Request
		reason  offers.Reason
		says    string
	}{
		"no event at all":       {binary(`{"a":1}`, "ce-specversion: "), offers.ReasonSchema, "ce-specversion"},
		"of another version":    {binary(`{}`, "ce-specversion: 0.2"), offers.ReasonSchema, `"0.2"`},
		"without an id":         {binary(`{}`, "ce-id: "), offers.ReasonSchema, "id is missing"},
		"without a source":      {structured(`{"specversion":"1.0","id":"1","type":"t"}`), offers.ReasonSchema, "source is missing"},
		"without a type":        {structured(`{"specversion":"1.0","id":"1","source":"/s","type":null}`), offers.ReasonSchema, "type is missing"},
		"a time that is none":   {binary(`{}`, "ce-time: yesterday"), offers.ReasonClock, "RFC 3339"},
		"a header not of UTF-8": {binary(`{}`, "ce-subject: %ff"), offers.ReasonEncoding, "ce-subject"},
		"data twice":            {structured(`{"specversion":"1.0","id":"1","source":"/s","type":"t","data":1,"data_base64":"AA=="}`), offers.ReasonSchema, "not both"},
		"data not of base64":    {structured(`{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"?"}`), offers.ReasonEncoding, "base64"},
		"an id that is a list":  {structured(`{"specversion":"1.0","id":[1],"source":"/s","type":"t"}`), offers.ReasonSchema, "attribute id"},
		"no JSON":               {structured(`{`), offers.ReasonEncoding, "not JSON"},
		"a list by itself":      {structured(`[]`), offers.ReasonSchema, "want an object"},
		"nothing":               {structured(`null`), offers.ReasonSchema, "want an object"},
		"an unknown format":     {&formats.Request{Header: map[string]string{"content-type": "application/cloudevents+avro"}, Body: []byte("x")}, offers.ReasonEncoding, "avro"},
		"data that is no JSON":  {binary(`{`), offers.ReasonEncoding, "not JSON"},
		"no shopper":            {binary(`{"sku":"G-32"}`), offers.ReasonUnknown, "names no shopper"},
		"a picture":             {binary("\xff\xd8\xff", "content-type: image/jpeg"), offers.ReasonUnknown, "names no shopper"},
		"a subject nobody has":  {binary(`{}`, "ce-subject: shelf-4"), offers.ReasonUnknown, `"shelf-4"`},
		"a name of nobody":      {binary(`{"user_id":"null"}`), offers.ReasonUnknown, "names no shopper"},
	} {
		d, bad := Decode(c.request)
		if bad == nil && len(d.Bad) == 1 {
			bad = d.Bad[0]
		}
		if bad == nil {
			t.Errorf("%s is taken: %+v", name, d)
			continue
		}
		if bad.Reason != c.reason || !strings.Contains(bad.Detail, c.says) {
			t.Errorf("%s is refused as %s: %s; want %s, with %q", name, bad.Reason, bad.Detail, c.reason, c.says)
		}
	}
}

func TestFromKafka(t *testing.T) {
	e, bad := FromKafka(map[string]string{
		"ce_specversion": "1.0", "ce_id": "7", "ce_source": "/pos", "ce_type": "com.example.order.completed", "ce_subject": "100%25", "content-type": "application/json; charset=utf-8", "other": "x",
	}, []byte("cust-42"), []byte(`{"total":9}`))
	if bad != nil {
		t.Fatal(bad)
	}
	want := &Event{SpecVersion: "1.0", ID: "7", Source: "/pos", Type: "com.example.order.completed", Subject: "100%25", // not decoded: no HTTP
		DataContentType: "application/json; charset=utf-8", Extensions: map[string]string{"partitionkey": "cust-42"}, Data: []byte(`{"total":9}`)}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	e, bad = FromKafka(map[string]string{"content-type": "application/cloudevents+json"}, []byte("k"), []byte(`{"specversion":"1.0","id":"1","source":"/s","type":"t","partitionkey":"own"}`))
	if bad != nil || e.Extensions["partitionkey"] != "own" {
		t.Errorf("structured: %+v, %v", e, bad)
	}
	if _, bad := FromKafka(map[string]string{"content-type": "application/cloudevents-batch+json"}, nil, []byte(`[]`)); bad == nil {
		t.Error("a batch is taken from Kafka, which has none")
	}
}

func TestMessages(t *testing.T) {
	customer := func(v string) []offers.Identifier { return []offers.Identifier{{Type: offers.CustomerID, Value: v}} }
	for name, c := range map[string]struct {
		request    *formats.Request
		event      string
		id         string
		ids        []offers.Identifier
		user       string
		properties string
	}{
		"a name in the data": {binary(`{"customer_id":"42","sku":"G-32"}`), "product viewed", "/till/4|1", customer("42"), "",
			`{"cloudevent":{"source":"/till/4","type":"com.example.product.viewed"},"customer_id":"42","sku":"G-32"}`},
		"a number in the data": {binary(` { "userId" : 42 } `), "product viewed", "/till/4|1", customer("42"), "",
			`{"cloudevent":{"source":"/till/4","type":"com.example.product.viewed"},"userId":42}`},
		"a name in an extension": {binary(``, "ce-userid: u7"), "product viewed", "/till/4|1", customer("u7"), "",
			`{"cloudevent":{"source":"/till/4","type":"com.example.product.viewed","userid":"u7"}}`},
		"of two persons' names the surest, and the cookie": {binary(`{"email":"a@example.com","customerId":"42","anonymousId":"c9"}`), "product viewed", "/till/4|1",
			[]offers.Identifier{{Type: offers.CustomerID, Value: "42"}, {Type: offers.Cookie, Value: "c9"}}, "", ""},
		"a subject": {binary(`[1]`, "ce-subject: cust-42"), "product viewed", "/till/4|1", customer("cust-42"), "",
			`{"cloudevent":{"source":"/till/4","subject":"cust-42","type":"com.example.product.viewed"},"data":[1]}`},
		"a subject with its kind": {binary(``, "ce-subject: customers/42"), "product viewed", "/till/4|1", customer("42"), "", ""},
		"an address as subject":   {binary(``, "ce-subject: ana@example.com"), "product viewed", "/till/4|1", []offers.Identifier{{Type: offers.Email, Value: "ana@example.com"}}, "", ""},
		"a text": {binary("a \"b\"", "content-type: text/plain", "ce-userid: u7"), "product viewed", "/till/4|1", customer("u7"), "",
			`{"cloudevent":{"source":"/till/4","type":"com.example.product.viewed","userid":"u7"},"data":"a \"b\""}`},
		"a call of Segment's": {binary(`{"type":"track","event":"Product Added","userId":"u7","properties":{"sku":"G-32"}}`), "Product Added", "/till/4|1", nil, "u7", `{"sku":"G-32"}`},
		"an item of a batch": {&formats.Request{Path: "/events", Item: true, Header: map[string]string{"content-type": "application/cloudevents-batch+json"},
			Body: []byte(`{"specversion":"1.0","id":"i","source":"https://shop.example/x","type":"parcel.lost","data":{"user_id":"u"}}`)}, "parcel lost", "https://shop.example/x|i", customer("u"), "", ""},
		"a long id": {binary(``, "ce-userid: u7", "ce-id: "+strings.Repeat("x", 200)), "product viewed", "", customer("u7"), "", ""},
	} {
		d, bad := Decode(c.request)
		if bad != nil || len(d.Messages) != 1 {
			t.Errorf("%s: %v, %+v", name, bad, d)
			continue
		}
		m := d.Messages[0]
		if string(m.Event) != c.event || c.id != "" && string(m.MessageID) != c.id || m.MessageID == "" || len(m.MessageID) > 100 || string(m.UserID) != c.user {
			t.Errorf("%s: %q with id %q of user %q, want %q, %q, %q", name, m.Event, m.MessageID, m.UserID, c.event, c.id, c.user)
		}
		if diff := cmp.Diff(c.ids, m.Identifiers); diff != "" {
			t.Errorf("%s: names (-want +got):\n%s", name, diff)
		}
		if c.properties != "" && !cmp.Equal(parsed(t, m.Properties), parsed(t, []byte(c.properties))) {
			t.Errorf("%s: properties are %s, want %s", name, m.Properties, c.properties)
		}
	}
}

// One event has one id, in whatever mode and spelling it comes.
func TestSameEvent(t *testing.T) {
	ids := map[formats.Text]bool{}
	for _, r := range []*formats.Request{
		binary(`{"userId":"u"}`, "ce-source: /b%C3%BAsqueda"),
		structured(`{"specversion":"1.0","id":"1","source":"/b%C3%BAsqueda","type":"t","data":{"userId":"u"}}`),
		structured(`{"specversion":"1.0","id":"1","source":"/búsqueda","type":"t","data":{"userId":"u"}}`),
	} {
		d, bad := Decode(r)
		if bad != nil {
			t.Fatal(bad)
		}
		ids[d.Messages[0].MessageID] = true
	}
	if len(ids) != 1 {
		t.Errorf("ids are %v, want one", ids)
	}
}

func TestBatch(t *testing.T) {
	r := &formats.Request{Path: "/events", Header: map[string]string{"content-type": "application/cloudevents-batch+json"}}
	r.Body = []byte(`[]`)
	if d, bad := Decode(r); bad != nil || len(d.Messages)+len(d.Bad) != 0 {
		t.Errorf("an empty batch: %+v, %v", d, bad)
	}
	r.Body = []byte(`[{"specversion":"1.0","id":"1","source":"/pos/4","type":"t","data":{"userId":"u"}},{"id":"2"},3,{"specversion":"1.0","id":"3","source":"/cam","type":"t"}]`)
	d, bad := Decode(r)
	if bad != nil || len(d.Messages) != 1 || len(d.Bad) != 3 || d.Key != "pos" {
		t.Fatalf("%+v, %v", d, bad)
	}
	if string(d.Bad[0].Body) != `{"id":"2"}` {
		t.Errorf("put aside is %s", d.Bad[0].Body)
	}
	for _, body := range []string{`{}`, `null`, `"`, ``} {
		r.Body = []byte(body)
		if d, bad := Decode(r); bad == nil {
			t.Errorf("%q is a batch: %+v", body, d)
		}
	}
}

func TestEventName(t *testing.T) {
	for kind, want := range map[string]string{
		"com.example.product.viewed": "product viewed", "com.example.web.product.viewed": "product viewed", "com.example.search": "search", "com.example.job.search": "job search",
		"com.example.face.recognised": "face recognised", "Order.Completed.v2": "Order Completed", "com.github.pull_request.opened": "pull_request opened",
		"io.cloudevents.minimum": "minimum", "orderPlaced": "orderPlaced", "com.example.parcel.lost.1.0": "parcel lost", "a.b": "a b", "...": "", "com.example": "com example",
		"com.example.zone.entered": "zone entered", "shop/ProductViewed": "ProductViewed",
	} {
		if got := eventName(kind); got != want {
			t.Errorf("eventName(%q) = %q, want %q", kind, got, want)
		}
	}
}

func TestSender(t *testing.T) {
	for source, want := range map[string]string{
		"/stores/acoruna-01/camera/3": "stores", "https://Shop.Example:8080/x": "shop.example-8080", "//github.com/x": "github.com", "urn:uuid:6e8bc430": "uuid-6e8bc430",
		"pos": "pos", "/": "", "%": "", "/niño/": "ni-o", "..": "",
	} {
		if got := (&Event{Source: source}).sender(); got != want {
			t.Errorf("sender of %q is %q, want %q", source, got, want)
		}
	}
}

// Whatever strangers send becomes whole events or is refused with a reason.
func FuzzDecode(f *testing.F) {
	for _, s := range [][2]string{
		{"application/json", `{"customer_id":"42","sku":"G-32"}`},
		{"application/json", `{"type":"identify","userId":"u","traits":{"email":"a@b.c"}}`},
		{"text/plain", `GET /search?q=shoes`},
		{"application/cloudevents+json", `{"specversion":"1.0","id":"1","source":"/s","type":"com.example.product.viewed","subject":"cust-1","data_base64":"AA==","time":"2026-11-20T10:00:00Z"}`},
		{"application/cloudevents-batch+json", `[{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"user_id":7}},null,{"specversion":"0.3"}]`},
		{"application/cloudevents+xml", `<e/>`}, {"application/cloudevents+json", `{"specversion":"1.0","id":"\ud800","source":"\"","type":".","data":[1]}`},
	} {
		f.Add(s[0], "cust-1%20", []byte(s[1]))
	}
	received := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, contentType, subject string, body []byte) {
		r := &formats.Request{Path: "/events", Body: body, Header: map[string]string{
			"content-type": contentType, "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s/" + subject, "ce-type": subject, "ce-subject": subject, "ce-x": subject,
		}}
		_, _ = FromKafka(map[string]string{"content-type": contentType, "ce_specversion": "1.0", "ce_id": subject, "ce_source": "/", "ce_type": "t"}, []byte(subject), body)
		in, bad := Decode(r)
		if bad != nil {
			in = &formats.Decoded{Bad: []*formats.Bad{bad}}
		}
		for _, bad := range in.Bad {
			if bad.Reason == "" || bad.Detail == "" {
				t.Fatalf("refused without a reason: %+v", bad)
			}
		}
		o := formats.Origin{Source: "cloudevent/fuzz", Region: "ES", Received: received}
		for i := range in.Messages {
			g, bad := o.Read(&in.Messages[i])
			if bad != nil {
				continue
			}
			value, err := formats.Marshal(&g.Event)
			if err != nil || !json.Valid(value) {
				t.Fatalf("an event that cannot be written: %v: %s", err, value)
			}
			if e := &g.Event; e.ID == "" || e.Type == "" || e.Time.IsZero() || e.Time.After(received) || len(g.IDs) == 0 {
				t.Fatalf("half an event: %s", value)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	data := `{"customer_id":"42","product_id":"507f1f77bcf86cd799439011","sku":"G-32","category":"Footwear","name":"Trail runner 2","price":89.95,"currency":"EUR"}`
	one := `{"specversion":"1.0","id":"A234-1234-1234","source":"/stores/centre/till/4","type":"com.example.product.viewed","time":"2026-11-20T10:00:00.123Z","datacontenttype":"application/json","data":` + data + `}`
	for name, r := range map[string]*formats.Request{
		"binary": binary(data, "ce-time: 2026-11-20T10:00:00.123Z"), "structured": structured(one),
		"batch-of-20": {Path: "/events", Header: map[string]string{"content-type": "application/cloudevents-batch+json"}, Body: []byte("[" + strings.Repeat(one+",", 19) + one + "]")},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			events := 0
			for b.Loop() {
				d, bad := Decode(r)
				if bad != nil || len(d.Bad) > 0 {
					b.Fatal(bad, d)
				}
				events += len(d.Messages)
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
