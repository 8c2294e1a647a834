package console_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/offers/experiment"
	"aisle/services/catalog"
	"aisle/services/stream"
)

// lastLine is the last of an answer's lines of JSON.
func lastLine(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (line any, err error) {
	for d := json.NewDecoder(body); err == nil; {
		err = d.Decode(&line)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return line, err
}

// lines makes a call that is answered with lines of JSON, holds each of them
// against a schema, and reads the report of the last one into out.
func (v *visitor) lines(method, path, schema string, in, out any) {
	v.t.Helper()
	status, body := v.try(method, path, in)
	if status != 200 {
		v.t.Fatalf("%s %s: %d %s", method, path, status, body)
	}
	all := bytes.Split(bytes.TrimSpace(body), []byte("\n"))
	for _, line := range all {
		checkSchema(v.t, schema, line)
	}
	var last struct {
		Report  json.RawMessage `json:"report"`
		Problem string          `json:"problem"`
	}
	if err := json.Unmarshal(all[len(all)-1], &last); err != nil || last.Problem != "" || len(last.Report) == 0 {
		v.t.Fatalf("%s %s: %v %q\n%s", method, path, err, last.Problem, body)
	}
	if err := json.Unmarshal(last.Report, out); err != nil {
		v.t.Fatal(err)
	}
}

type preflightReport struct {
	Moments  int `json:"moments"`
	Campaign struct {
		Offered int `json:"offered"`
		Persons int `json:"persons"`
	} `json:"campaign"`
	Reasons []struct {
		Out     string `json:"out"`
		Persons int    `json:"persons"`
	} `json:"reasons"`
	Judged struct {
		Conclusion struct{ Finding, Reason string } `json:"conclusion"`
	} `json:"judged"`
	Sample []struct {
		Shopper offers.ShopperID `json:"shopper"`
	} `json:"sample"`
	Labels  []string `json:"labels"`
	Digest  string   `json:"digest"`
	Covered struct {
		Events     int `json:"events"`
		Partitions int `json:"partitions"`
		Of         int `json:"of"`
	} `json:"covered"`
}

// dwelled writes what people did on the log: each dwells among the shoes, some
// of them having agreed to notifications long ago.
func (h *house) dwelled(people int) (agreed int) {
	h.t.Helper()
	now := time.Now().UTC()
	for i := range people {
		id := offers.ShopperID(fmt.Sprintf("01SHOPPER%04d", i))
		if i%4 != 0 {
			agreed++
			h.keep(offers.Profile{Shopper: id, Consents: map[offers.Purpose]offers.Consent{
				offers.ConsentPush: {Purpose: offers.ConsentPush, Granted: true, At: now.AddDate(0, -6, 0)},
			}})
		}
		e := offers.Event{ID: offers.EventID("dwell-" + string(id)), Type: offers.ZoneDwelled, Shopper: id, Time: now.Add(-3 * time.Hour), Received: now.Add(-3 * time.Hour), Source: "test"}
		h.produce(stream.Events, string(id), string(e.ID), string(e.Type), e)
	}
	return agreed
}

func anyCampaign() map[string]any {
	return map[string]any{
		"id": "hats", "name": "Hats", "trigger": map[string]any{"event": "zone_dwelled"}, "channels": []string{"app"},
		"offers": []map[string]any{{"id": "hat-10", "title": "Hats", "valid_ns": 3600e9, "value": map[string]any{"minor": 500, "currency": "EUR"}}},
	}
}

func TestPreflight(t *testing.T) {
	h := open(t)
	agreed := h.dwelled(40)
	v := h.as(catalog.RoleMarketer)
	var first, second preflightReport
	ask := map[string]any{"campaign": anyCampaign(), "days": 7}
	v.lines("POST", "/api/preflight", "PreflightLine", ask, &first)
	if first.Moments != 40 || first.Campaign.Offered != agreed || first.Campaign.Persons != agreed {
		t.Errorf("%+v, want an offer to each of the %d who agreed", first, agreed)
	}
	if len(first.Reasons) != 1 || first.Reasons[0].Out != "consent" || first.Reasons[0].Persons != 40-agreed {
		t.Errorf("reasons %+v, want no consent of %d", first.Reasons, 40-agreed)
	}
	if first.Covered.Events != 40 || first.Covered.Partitions != first.Covered.Of || len(first.Labels) != len(first.Sample) {
		t.Errorf("covered %+v, %d labels of %d", first.Covered, len(first.Labels), len(first.Sample))
	}
	if c := first.Judged.Conclusion; c.Finding != "too_little" {
		t.Errorf("judged %+v: the log knows nothing of hats", c)
	}
	v.lines("POST", "/api/preflight", "PreflightLine", ask, &second)
	if first.Digest != second.Digest {
		t.Error("the same past gave two answers")
	}
	var kept struct {
		Campaigns []any `json:"campaigns"`
	}
	v.call("GET", "/api/campaigns", nil, 200, &kept)
	if len(kept.Campaigns) != 0 {
		t.Error("a preflight keeps nothing")
	}
}

func TestPreflightRefuses(t *testing.T) {
	h := open(t)
	broken := anyCampaign()
	broken["eligibility"] = "tier =="
	for _, test := range []struct {
		name   string
		role   catalog.Role
		in     any
		status int
	}{
		{"viewers", catalog.RoleViewer, map[string]any{"campaign": anyCampaign(), "days": 7}, 403},
		{"staff", catalog.RoleStaff, map[string]any{"campaign": anyCampaign(), "days": 7}, 403},
		{"no days", catalog.RoleMarketer, map[string]any{"campaign": anyCampaign(), "days": 0}, 400},
		{"too many days", catalog.RoleMarketer, map[string]any{"campaign": anyCampaign(), "days": 31}, 400},
		{"a broken rule", catalog.RoleMarketer, map[string]any{"campaign": broken, "days": 7}, 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := h.as(test.role)
			if status, body := v.try("POST", "/api/preflight", test.in); status != test.status {
				t.Errorf("%d %s, want %d", status, body, test.status)
			}
		})
	}
	if status, _ := h.visitor().try("POST", "/api/preflight", map[string]any{}); status != 401 {
		t.Errorf("a stranger: %d, want 401", status)
	}
}

func TestHouse(t *testing.T) {
	h := open(t)
	v := h.as(catalog.RoleAdmin)
	var got offers.House
	v.call("GET", "/api/house", nil, 200, &got)
	if got.Holdout != 0 || got.Version != 0 {
		t.Errorf("%+v, want nobody held out at first", got)
	}
	v.call("PUT", "/api/house", map[string]any{"holdout": .05, "version": 0}, 200, &got)
	if got.Holdout != .05 || got.Version != 1 {
		t.Errorf("%+v, want it kept", got)
	}
	v.call("PUT", "/api/house", map[string]any{"holdout": .1, "version": 1}, 200, nil)
	if status, _ := v.try("PUT", "/api/house", map[string]any{"holdout": .2, "version": 1}); status != 409 {
		t.Errorf("a change of an old version: %d, want 409", status)
	}
	if status, _ := v.try("PUT", "/api/house", map[string]any{"holdout": .6, "version": 2}); status != 400 {
		t.Errorf("more than half: %d, want 400", status)
	}
	if status, _ := h.as(catalog.RoleMarketer).try("PUT", "/api/house", map[string]any{"holdout": .2, "version": 2}); status != 403 {
		t.Errorf("a marketer: %d, want 403", status)
	}
	// The deciders hear of it, also those that start later.
	h.restart()
	c, err := h.log.Catalogue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the stream has the house", func() bool { return c.Now().House.Holdout == .1 })
}

func TestExperiments(t *testing.T) {
	h := open(t)
	admin := h.as(catalog.RoleAdmin)
	campaign := anyCampaign()
	campaign["holdout"] = .5
	admin.call("POST", "/api/campaigns", campaign, 201, nil)
	admin.call("POST", "/api/campaigns/hats/live", nil, 200, nil)
	kept, err := h.catalog.Campaign(t.Context(), "hats")
	if err != nil {
		t.Fatal(err)
	}
	held := 0
	at := time.Now().UTC().Add(2 * time.Minute) // when the deciders have heard of it
	for i := range 200 {
		id := offers.ShopperID(fmt.Sprintf("01SHOPPER%04d", i))
		e := offers.Event{ID: offers.EventID("dwell-" + string(id)), Type: offers.ZoneDwelled, Shopper: id, Time: at, Received: at, Source: "test"}
		h.produce(stream.Events, string(id), string(e.ID), string(e.Type), e)
		partition := h.log.PartitionOf(string(id))
		_, end, err := h.log.Span(t.Context(), stream.Events, partition)
		if err != nil {
			t.Fatal(err)
		}
		d := offers.Decision{ID: decide.DecisionID(partition, end-1, 0), Offset: end - 1, Shopper: id, Time: at, Verdict: offers.Offered, Campaign: "hats", Offer: &kept.Offers[0]}
		if decide.CampaignHolds(&kept, id) {
			d.Verdict, d.HeldBy = offers.HeldOut, offers.HeldByCampaign
			held++
		}
		h.produce(stream.Decisions, string(id), string(d.ID), "decision", d)
	}
	var got struct {
		Results []experiment.Result `json:"results"`
	}
	h.as(catalog.RoleViewer).lines("GET", "/api/experiments", "ExperimentsLine", nil, &got)
	if len(got.Results) != 1 || got.Results[0].Kind != experiment.OfCampaign {
		t.Fatalf("%+v, want the campaign's holdout", got.Results)
	}
	r := got.Results[0]
	if r.Arms[0].People != 200-held || r.Arms[1].People != held || r.Mixed != 0 || r.Verdict.Finding != experiment.NotYet {
		t.Errorf("%+v, want %d and %d people, and no verdict yet", r, 200-held, held)
	}
	// Another experiment is not what was said a moment ago.
	admin.call("PUT", "/api/house", map[string]any{"holdout": .1, "version": 0}, 200, nil)
	h.as(catalog.RoleViewer).lines("GET", "/api/experiments", "ExperimentsLine", nil, &got)
	if len(got.Results) != 2 || got.Results[0].Kind != experiment.OfHouse {
		t.Errorf("%+v, want the house's holdout first", got.Results)
	}
}

// Whoever goes away, or is many, leaves room for the others.
func TestManyPreflights(t *testing.T) {
	h := open(t)
	h.dwelled(40)
	v := h.as(catalog.RoleMarketer)
	ask, err := json.Marshal(map[string]any{"campaign": anyCampaign(), "days": 7})
	if err != nil {
		t.Fatal(err)
	}
	for range 6 { // they do not wait for the end
		ctx, cancel := context.WithCancel(t.Context())
		req, err := http.NewRequestWithContext(ctx, "POST", h.url+"/api/preflight", bytes.NewReader(ask))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = v.header.Clone()
		resp, err := v.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := resp.Body.Read(make([]byte, 1)); err != nil {
			t.Error(err)
		}
		cancel()
		resp.Body.Close()
	}
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			if status, body := v.try("POST", "/api/preflight", string(ask)); status != 200 {
				t.Errorf("%d %s, want it to wait for its turn", status, body)
			}
		})
	}
	all.Wait()
}
