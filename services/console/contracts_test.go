package console_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/stream"
)

func (h *house) happened(id, source string, typ offers.EventType, properties string) {
	h.t.Helper()
	e := offers.Event{ID: offers.EventID(id), Type: typ, Shopper: offers.ShopperID("s" + id), Time: time.Now(), Received: time.Now(), Source: source, Properties: json.RawMessage(properties)}
	h.produce("events", string(e.Shopper), id, string(typ), e)
}

type contractWhole struct {
	Event        string
	Live, Latest int
	Versions     []struct {
		Version    int
		Status, By string
		Sources    []string
	}
}

func (w *contractWhole) String() string {
	s := fmt.Sprintf("%s live %d latest %d:", w.Event, w.Live, w.Latest)
	for _, v := range w.Versions {
		s += fmt.Sprintf(" %d %s by %s %v", v.Version, v.Status, v.By, v.Sources)
	}
	return s
}

func TestContracts(t *testing.T) {
	h := open(t)
	marketer, viewer := h.as(catalog.RoleMarketer), h.as(catalog.RoleViewer)
	schema := map[string]any{"required": []string{"price"}, "properties": map[string]any{"price": map[string]any{"type": "number"}}}
	const at = "/api/contracts/product_viewed"
	viewer.call("GET", at, nil, 404, nil)

	var got contractWhole
	marketer.call("PUT", at, map[string]any{"version": 0, "schema": schema, "sources": []string{"segment/website", "segment/app", "segment/app"}, "note": "prices"}, 200, &got)
	if want := "product_viewed live 0 latest 1: 1 draft by marketer [segment/app segment/website]"; got.String() != want {
		t.Errorf("got %s, want %s", got.String(), want)
	}
	marketer.call("PUT", at, map[string]any{"version": 0, "schema": schema}, 409, nil)
	marketer.call("POST", at+"/publish", map[string]any{"version": 1}, 200, nil)
	marketer.call("PUT", at, map[string]any{"version": 1, "schema": map[string]any{}}, 200, nil)
	got = contractWhole{}
	viewer.call("GET", at, nil, 200, &got)
	if want := "product_viewed live 1 latest 2: 2 draft by marketer [] 1 live by marketer [segment/app segment/website]"; got.String() != want {
		t.Errorf("got %s, want %s", got.String(), want)
	}
	marketer.call("POST", at+"/publish", map[string]any{"version": 7}, 404, nil)
	marketer.call("POST", at+"/publish", map[string]any{"version": 0}, 400, nil)

	h.putAside("x", offers.ReasonSchema, "segment/website", "?", `{"event":"Product Viewed"}`, time.Now())
	marketer.quarantineOf("", 1)
	var list struct {
		Contracts []struct {
			Event                 string
			Live, Latest, Refused int
			Sources               []string
		}
	}
	viewer.call("GET", "/api/contracts", nil, 200, &list)
	if len(list.Contracts) != 1 || list.Contracts[0].Live != 1 || list.Contracts[0].Latest != 2 || list.Contracts[0].Refused != 1 || len(list.Contracts[0].Sources) != 2 {
		t.Errorf("contracts %+v", list.Contracts)
	}
	got = contractWhole{}
	marketer.call("POST", at+"/retire", nil, 200, &got)
	if got.Live != 0 || got.Versions[1].Status != "retired" {
		t.Errorf("retired: %s", got.String())
	}

	for name, test := range map[string]struct {
		path  string
		body  any
		field string
	}{
		"a schema that is none":   {at, map[string]any{"version": 2, "schema": map[string]any{"properties": map[string]any{"price": map[string]any{"type": "nmber"}}}}, "schema"},
		"a schema from elsewhere": {at, map[string]any{"version": 2, "schema": map[string]any{"$ref": "http://127.0.0.1/x"}}, "schema"},
		"no schema":               {at, map[string]any{"version": 2}, "schema"},
		"another spelling":        {"/api/contracts/Product%20Viewed", map[string]any{"version": 0, "schema": map[string]any{}}, "event"},
		"an empty source":         {at, map[string]any{"version": 2, "schema": map[string]any{}, "sources": []string{""}}, "sources[0]"},
		"a long note":             {at, map[string]any{"version": 2, "schema": map[string]any{}, "note": strings.Repeat("x", 501)}, "note"},
	} {
		status, body := marketer.try("PUT", test.path, test.body)
		if got := fields(t, body); status != 400 || got != test.field {
			t.Errorf("%s: %d, fields %q, want 400 and %q: %s", name, status, got, test.field, body)
		}
	}
}

func TestCheckContract(t *testing.T) {
	h := open(t)
	for i := range 6 {
		h.happened(fmt.Sprint("g", i), "segment/website", "product_viewed", `{"price":1.5,"sizes":["a"]}`)
	}
	h.happened("b1", "segment/website", "product_viewed", `{"price":"1.5"}`)
	h.happened("b2", "segment/app", "product_viewed", `{"price":"1.5","sizes":["a",1,2]}`)
	h.happened("o", "segment/app", "order_completed", `{}`)
	marketer := h.as(catalog.RoleMarketer)
	type checked struct {
		OK             bool
		Error, Pointer string
		Tested, Failed int
		Problems       []struct {
			At, Says, Source string
			Count            int
		}
	}
	schema := map[string]any{"properties": map[string]any{"price": map[string]any{"type": "number"}, "sizes": map[string]any{"items": map[string]any{"type": "string"}}}}
	var got checked
	marketer.call("POST", "/api/contracts/product_viewed/check", map[string]any{"schema": schema}, 200, &got)
	if !got.OK || got.Tested != 8 || got.Failed != 2 || len(got.Problems) != 2 {
		t.Fatalf("got %+v, want 2 of 8 refused for two reasons", got)
	}
	for i, want := range []string{"/price price is a text, want a number: send it without quotes.", "/sizes/0 sizes.0 is a number, want a text: send it in quotes."} {
		if p := got.Problems[i]; p.At+" "+p.Says != want || p.Count != 2 {
			t.Errorf("problem %+v, want twice %s", p, want)
		}
	}
	got = checked{}
	marketer.call("POST", "/api/contracts/product_viewed/check", map[string]any{"schema": schema, "sources": []string{"segment/app"}}, 200, &got)
	if got.Tested != 1 || got.Failed != 1 {
		t.Errorf("for one source: %+v", got)
	}
	got = checked{}
	marketer.call("POST", "/api/contracts/product_viewed/check", map[string]any{"schema": map[string]any{"properties": map[string]any{"price": map[string]any{"minimum": "1"}}}}, 200, &got)
	if got.OK || got.Pointer != "/properties/price/minimum" || got.Error == "" || got.Tested != 0 {
		t.Errorf("a schema that is none: %+v", got)
	}
}

func TestMappings(t *testing.T) {
	h := open(t)
	marketer, viewer := h.as(catalog.RoleMarketer), h.as(catalog.RoleViewer)
	const at = "/api/mapping?source=segment%2Fwebsite"
	type whole struct {
		Mapping struct {
			Source, By string
			Version    int
			Steps      []map[string]any
		}
		History []struct{ Version int }
	}
	var got whole
	viewer.call("GET", at, nil, 200, &got)
	if got.Mapping.Source != "segment/website" || got.Mapping.Version != 0 || len(got.History) != 0 {
		t.Errorf("of none: %+v", got)
	}
	steps := []map[string]any{{"do": "move", "event": "ItemViewed", "field": "sku", "to": "product_id"}, {"do": "default", "field": "n", "value": false}}
	marketer.call("PUT", at, map[string]any{"version": 0, "steps": steps, "note": "n"}, 200, &got)
	if diff := cmp.Diff(steps, got.Mapping.Steps); diff != "" || got.Mapping.Version != 1 || got.Mapping.By != "marketer" {
		t.Errorf("version %d by %s (-want +got):\n%s", got.Mapping.Version, got.Mapping.By, diff)
	}
	marketer.call("PUT", at, map[string]any{"version": 0, "steps": steps}, 409, nil)
	marketer.call("PUT", at, map[string]any{"version": 1, "steps": nil}, 200, &got)
	if len(got.Mapping.Steps) != 0 || len(got.History) != 2 {
		t.Errorf("without steps: %+v", got)
	}
	status, body := marketer.try("PUT", at, map[string]any{"version": 2, "steps": []any{map[string]any{"do": "exclude", "field": "a"}, map[string]any{"do": "convert", "field": "a", "as": "money"}}})
	if status != 400 || fields(t, body) != "steps[1].as" {
		t.Errorf("%d %s", status, body)
	}
	var list struct{ Mappings []struct{ Source string } }
	viewer.call("GET", "/api/mappings", nil, 200, &list)
	if len(list.Mappings) != 1 || list.Mappings[0].Source != "segment/website" {
		t.Errorf("mappings %+v", list)
	}
}

func TestTryMapping(t *testing.T) {
	h := open(t)
	original := func(id, source, body string) {
		r := stream.Record{Stream: stream.Originals, Key: []byte(id), Value: []byte(body), Headers: stream.Headers(id, "test", source, time.Now(), "")}
		r.Headers = append(r.Headers, stream.Header{Key: stream.OriginalHeader + "path", Value: []byte("/v1/batch")})
		if err := h.log.Produce(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	original("1", "segment/website", `{"batch":[{"type":"track","event":"ItemViewed","anonymousId":"a","properties":{"sku":"p1"}},{"type":"page","anonymousId":"a"}]}`)
	original("2", "segment/website", `{"batch":[{"type":"track","event":"Heartbeat","anonymousId":"a"},{"type":"track","event":"ItemViewed","anonymousId":"a","properties":{"sku":["x"]}}]}`)
	original("3", "segment/app", `{"batch":[{"type":"track","event":"ItemViewed","anonymousId":"a"}]}`)
	h.putAside("q", offers.ReasonSchema, "segment/website", "?", `{"type":"track","event":"merged","anonymousId":"a"}`, time.Now())
	marketer := h.as(catalog.RoleMarketer)
	marketer.quarantineOf("", 1)
	type tried struct {
		Tested, Changed, Dropped, Failed, Mended int
		Examples                                 []struct {
			Event         string
			AfterEvent    string `json:"after_event"`
			Before, After json.RawMessage
			Dropped       bool
			Error         string
		}
	}
	var got tried
	marketer.call("POST", "/api/mapping/try?source=segment%2Fwebsite", map[string]any{"steps": []map[string]any{
		{"do": "rename_event", "event": "item viewed", "to": "Product Viewed"}, {"do": "convert", "field": "sku", "as": "text"}, {"do": "move", "field": "sku", "to": "product_id"},
		{"do": "drop_event", "event": "heartbeat"}, {"do": "rename_event", "event": "merged", "to": "Lists Merged"},
	}}, 200, &got)
	if got.Tested != 5 || got.Changed != 1 || got.Dropped != 1 || got.Failed != 1 || got.Mended != 1 || len(got.Examples) != 3 {
		t.Fatalf("tried %+v; want 5 tested, one each changed, dropped, failed and mended", got)
	}
	for _, x := range got.Examples {
		if x.AfterEvent == "Product Viewed" && string(x.After) == `{"product_id":"p1"}` && string(x.Before) == `{"sku":"p1"}` || x.Dropped && x.Event == "Heartbeat" || strings.Contains(x.Error, "Step 2: sku is a list") {
			continue
		}
		t.Errorf("example %+v", x)
	}
	// Where the house keeps no originals, events under its own names serve.
	h.happened("e1", "open/x", "item_seen", `{"sku":"p1"}`)
	got = tried{}
	marketer.call("POST", "/api/mapping/try?source=open/x", map[string]any{"steps": []map[string]any{{"do": "exclude", "event": "ItemSeen", "field": "sku"}}}, 200, &got)
	if got.Tested != 1 || got.Changed != 1 {
		t.Errorf("on events: %+v", got)
	}
	marketer.call("POST", "/api/mapping/try?source=x", map[string]any{"steps": []map[string]any{{"do": "dance"}}}, 400, nil)
}
