package console_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/formats/contract"
	"aisle/services/formats/drift"
)

// learn stores what a watcher learns of events that come one a second, and the
// notices, as the collector does.
func (h *house) learn(source string, event offers.EventType, bodies ...string) {
	h.t.Helper()
	w := drift.NewWatcher()
	stored, err := h.catalog.Shapes(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, s := range stored {
		if err := w.Restore(s.Body); err != nil {
			h.t.Fatal(err)
		}
	}
	at := time.Now().Add(-time.Hour)
	for i, body := range bodies {
		w.Observe(source, event, []byte(body), at.Add(time.Duration(i)*time.Second))
	}
	var fresh []catalog.Shape
	for _, s := range w.Take() {
		body, err := json.Marshal(&s)
		if err != nil {
			h.t.Fatal(err)
		}
		fresh = append(fresh, catalog.Shape{Source: s.Source, Event: s.Event, Body: body})
	}
	saved, err := h.catalog.SaveShapes(h.t.Context(), fresh, drift.Merge)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, s := range saved {
		if err := w.Restore(s.Body); err != nil {
			h.t.Fatal(err)
		}
	}
	var notices []catalog.Notice
	for _, n := range w.Notices() {
		notices = append(notices, catalog.Notice{ID: n.ID, Source: n.Source, Event: n.Event, Field: n.Field, Kind: string(n.Kind), Was: n.Was, Now: n.Now, Since: n.Since, Last: n.Last, Count: n.Count})
	}
	if _, err := h.catalog.AddNotices(h.t.Context(), notices); err != nil {
		h.t.Fatal(err)
	}
}

func times(n int, body string) []string { return slices.Repeat([]string{body}, n) }

func TestShapesAndDrift(t *testing.T) {
	h := open(t)
	h.learn("segment/website", "product_viewed", times(250, `{"price":1.5,"email":"mia@example.com","item":{"sku":"p1"}}`)...)
	h.learn("segment/website", "product_viewed", times(10, `{"price":"1.5","email":"mia@example.com","item":{"sku":"p1"},"colour":"red"}`)...)
	if _, err := h.catalog.SaveContract(t.Context(), catalog.Contract{Event: "product_viewed", Schema: json.RawMessage(`{"required":["price"],"properties":{"price":{}}}`)}, catalog.By{}); err != nil {
		t.Fatal(err)
	}
	if err := h.catalog.PublishContract(t.Context(), "product_viewed", 1, catalog.By{}); err != nil {
		t.Fatal(err)
	}
	viewer, marketer := h.as(catalog.RoleViewer), h.as(catalog.RoleMarketer)

	var list struct {
		Shapes []struct {
			Source, Event string
			Count         int
			Learned       bool
			OpenNotices   int `json:"open_notices"`
			Contract      int
		}
	}
	viewer.call("GET", "/api/shapes", nil, 200, &list)
	if len(list.Shapes) != 1 || list.Shapes[0].Count != 260 || !list.Shapes[0].Learned || list.Shapes[0].OpenNotices != 2 || list.Shapes[0].Contract != 1 {
		t.Fatalf("shapes %+v", list.Shapes)
	}
	const at = "/api/shape?source=segment/website&event=product_viewed"
	var shape struct {
		Fields []struct {
			Path               string
			Types              map[string]float64
			Share              float64
			Examples, Baseline []string
			Required           bool `json:"required_by_contract"`
		}
		Notices []struct{ Kind, Field string }
	}
	viewer.call("GET", at, nil, 200, &shape)
	var paths []string
	for _, f := range shape.Fields {
		paths = append(paths, f.Path)
		if f.Path == "price" && (!f.Required || f.Types["text"] < .03 || f.Types["text"] > .05 || !slices.Equal(f.Baseline, []string{"number"}) || f.Share != 1) {
			t.Errorf("price %+v", f)
		}
	}
	if !slices.Equal(paths, []string{"colour", "email", "item", "item.sku", "price"}) || len(shape.Notices) != 2 {
		t.Errorf("fields %v, notices %+v", paths, shape.Notices)
	}
	if _, body := viewer.try("GET", at, nil); strings.Contains(string(body), "mia") {
		t.Errorf("examples tell who: %s", body)
	}
	viewer.call("GET", "/api/shape?source=segment/website&event=other", nil, 404, nil)

	type notices struct {
		Open    int
		Notices []struct{ ID, Kind, Field, Was, Now, State, By string }
	}
	var got notices
	viewer.call("GET", "/api/drift?state=open&source=segment%2Fwebsite", nil, 200, &got)
	if got.Open != 2 || len(got.Notices) != 2 {
		t.Fatalf("notices %+v", got)
	}
	for _, n := range got.Notices {
		decide := map[string]string{"new_field": "accept", "retyped_field": "wrong"}[n.Kind]
		marketer.call("POST", "/api/drift/"+n.ID+"/"+decide, nil, 200, nil)
	}
	h.learn("segment/website", "product_viewed", times(5, `{"price":"1.5","email":"mia@example.com","item":{"sku":"p1"},"colour":"red"}`)...)
	got = notices{}
	viewer.call("GET", "/api/drift", nil, 200, &got)
	if got.Open != 0 || len(got.Notices) != 2 {
		t.Fatalf("after the decisions: %+v", got)
	}
	for _, n := range got.Notices {
		if want := map[string]string{"new_field": "accepted", "retyped_field": "wrong"}[n.Kind]; n.State != want || n.By != "marketer" {
			t.Errorf("notice %+v, want it %s", n, want)
		}
	}
	shape.Fields = nil
	viewer.call("GET", at, nil, 200, &shape)
	if f := shape.Fields[0]; f.Path != "colour" || !slices.Equal(f.Baseline, []string{"text"}) {
		t.Errorf("accepted, and %+v", f)
	}
	viewer.call("GET", "/api/drift?state=mad", nil, 400, nil)
	marketer.call("POST", "/api/drift/nothing/accept", nil, 404, nil)

	var proposal struct{ Schema json.RawMessage }
	marketer.call("GET", "/api/contracts/product_viewed/proposal", nil, 200, &proposal)
	set, err := contract.Compile([]contract.Contract{{Event: "product_viewed", Version: 1, Schema: proposal.Schema}})
	if err != nil {
		t.Fatal(err)
	}
	if _, p := set.Check("product_viewed", "x", []byte(`{"item":{"sku":"p1"}}`)); len(p) != 2 {
		t.Errorf("the proposal %s finds %v, want price and email missing", proposal.Schema, p)
	}
	marketer.call("GET", "/api/contracts/never_seen/proposal", nil, 404, nil)
}

// post sends bytes as they are.
func (v *visitor) post(path string, body []byte) (int, []byte) {
	v.t.Helper()
	header := v.header
	defer func() { v.header = header }()
	v.header = header.Clone()
	return v.try("POST", path, string(body))
}

const till = "id;when;customer;total\n1;01.03.2026 10:00;k-77;12,50\n2;01.03.2026 10:05;k-78;8,00\n3;01.03.2026 10:06;k-79;7,10\n4;01.03.2026 10:08;k-80;100,00\n"

func TestFeeds(t *testing.T) {
	h := open(t)
	marketer, viewer := h.as(catalog.RoleMarketer), h.as(catalog.RoleViewer)
	type preview struct {
		Plan                           map[string]any
		Says                           string
		Fields                         []map[string]any
		Rows                           []map[string]any
		Read, Skipped, Bad, Unassigned int
	}
	status, body := marketer.post("/api/feeds/propose?name=till.csv", []byte(till))
	if status != http.StatusOK {
		t.Fatalf("proposed %d %s", status, body)
	}
	var got preview
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if got.Plan["format"] != "table" || got.Says == "" || len(got.Fields) != 4 || got.Read != 4 || len(got.Rows) != 5 {
		t.Fatalf("proposed %+v", got)
	}
	var again preview
	marketer.call("POST", "/api/feeds/preview", map[string]any{"plan": got.Plan, "sample": till + "5;yesterday;k-81;1,00\n"}, 200, &again)
	if again.Read+again.Bad != 5 || again.Bad+again.Unassigned != 1 {
		t.Errorf("a row that does not fit: %+v", again)
	}

	viewer.call("GET", "/api/feeds/till-csv", nil, 404, nil)
	marketer.call("PUT", "/api/feeds/till-csv", map[string]any{"version": 0, "plan": got.Plan, "note": "of the tills"}, 200, nil)
	marketer.call("PUT", "/api/feeds/till-csv", map[string]any{"version": 0, "plan": got.Plan}, 409, nil)
	var whole struct {
		Feed    struct{ Name, By string }
		History []struct{ Version int }
	}
	viewer.call("GET", "/api/feeds/till-csv", nil, 200, &whole)
	if whole.Feed.Name != "till-csv" || whole.Feed.By != "marketer" || len(whole.History) != 1 {
		t.Errorf("kept %+v", whole)
	}
	var list struct{ Feeds []struct{ Name string } }
	viewer.call("GET", "/api/feeds", nil, 200, &list)
	if len(list.Feeds) != 1 {
		t.Errorf("feeds %+v", list)
	}
	for name, test := range map[string]struct {
		path  string
		plan  any
		field string
	}{
		"a name that is none":  {"/api/feeds/Till%20CSV", got.Plan, "feed"},
		"a name that is taken": {"/api/feeds/propose", got.Plan, "feed"},
		"no plan":              {"/api/feeds/x", map[string]any{"format": "table"}, "plan"},
		"another format":       {"/api/feeds/x", map[string]any{"format": "fax"}, "plan"},
		"a text as plan":       {"/api/feeds/x", "table", "plan"},
	} {
		status, body := marketer.try("PUT", test.path, map[string]any{"version": 0, "plan": test.plan})
		if status != 400 || fields(t, body) != test.field {
			t.Errorf("%s: %d %s, want 400 for %s", name, status, body, test.field)
		}
	}
	if status, _ := marketer.post("/api/feeds/propose", []byte(strings.Repeat("x", 257<<10))); status != 400 {
		t.Errorf("a large sample: %d", status)
	}
	for _, sample := range [][]byte{nil, {0, 1, 2}, []byte("PK\x03\x04")} {
		if status, body := marketer.post("/api/feeds/propose", sample); status != 400 {
			t.Errorf("%q as a sample: %d %s", sample, status, body)
		}
	}
	marketer.call("DELETE", "/api/feeds/till-csv", nil, 204, nil)
	marketer.call("DELETE", "/api/feeds/till-csv", nil, 404, nil)
}
