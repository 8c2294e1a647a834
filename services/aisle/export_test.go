package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/offers/feature"
	"aisle/services/stream"
)

// What is exported is what the decisions saw, and what came of them.
func TestExportIsWhatDecisionsSaw(t *testing.T) {
	g := newPastGround(t)
	g.put(stream.Campaigns, offers.CampaignKey("shoes"), offers.Campaign{
		ID: "shoes", Name: "Shoes", Status: offers.CampaignLive, Trigger: offers.Trigger{Event: offers.ProductViewed},
		Eligibility: "orders >= 0.0", Cap: offers.Cap{Times: 3, Per: time.Hour}, Channels: []offers.Channel{offers.ChannelApp},
		Offers: []offers.Offer{{ID: "a", Title: "A", Value: offers.Money{Minor: 1000}, Valid: time.Hour}, {ID: "b", Title: "B", Value: offers.Money{Minor: 900}, Valid: time.Hour}},
	})
	stop := g.decide(feature.Default())
	for i := range 30 {
		g.produce(offers.Event{
			ID: offers.EventID(fmt.Sprint("push", i)), Type: offers.ConsentChanged, Shopper: offers.ShopperID(fmt.Sprint("s", i)),
			Time: noon, Received: noon, Consent: &offers.Consent{Purpose: offers.ConsentPush, Granted: true, At: noon},
		})
	}
	g.produce(g.happen(400)...)
	g.settle()
	stop()

	saw := map[string]*offers.Decision{}
	var made []*offers.Decision
	err := readAll(t.Context(), g.log, stream.Decisions, func(r *stream.Record) error {
		d := new(offers.Decision)
		if err := r.Decode(d); err != nil {
			return err
		}
		saw[string(d.ID)] = d
		if d.Verdict == offers.Offered {
			made = append(made, d)
		}
		return g.log.Produce(t.Context(), *r) // a decider that died writes it again
	})
	if err != nil || len(made) < 4 {
		t.Fatalf("%d offers made, %v", len(made), err)
	}
	slices.SortFunc(made, func(a, b *offers.Decision) int { return strings.Compare(string(a.ID), string(b.ID)) })
	outcome := func(d *offers.Decision, typ offers.EventType, after time.Duration) {
		g.produce(offers.Event{
			ID: offers.EventID(string(typ) + string(d.ID)), Type: typ, Shopper: d.Shopper, Decision: d.ID,
			Time: d.Time.Add(after), Received: d.Received.Add(after),
		})
	}
	outcome(made[0], offers.OfferRedeemed, time.Hour)
	outcome(made[1], offers.OfferRedeemed, 3*time.Hour) // too late to be its own
	outcome(made[1], offers.OfferViewed, time.Minute)
	g.produce(offers.Event{ID: "end", Type: offers.PageViewed, Shopper: "s1", Time: g.at.Add(5 * time.Hour), Received: g.at.Add(5 * time.Hour)})

	set := feature.Default()
	x, out := export{features: set, window: 2 * time.Hour}, &bytes.Buffer{}
	rows, err := x.do(t.Context(), g.log, out)
	if err != nil {
		t.Fatal(err)
	}
	candidates := 0
	for _, d := range saw {
		candidates += len(d.Candidates)
	}
	got := readTable(t, out.Bytes())
	if rows != candidates || len(got) != candidates {
		t.Fatalf("%d rows, %d in the file, want the %d candidates, each once", rows, len(got), candidates)
	}
	rewards := map[string]any{}
	for _, row := range got {
		d := saw[row["decision"].(string)]
		if diff := cmp.Diff(valuesOf(t, d.Features), featuresOf(set, row)); diff != "" {
			t.Fatalf("%s (-saw +exported):\n%s", d.ID, diff)
		}
		if row["chosen"].(bool) {
			rewards[string(d.ID)] = row["reward"]
			if p := row["probability"].(float64); p != d.Candidates[0].Probability || p <= 0 {
				t.Errorf("%s has probability %v, want %v", d.ID, p, d.Candidates[0].Probability)
			}
		}
	}
	for i, want := range []any{1., 0., nil} {
		if got := rewards[string(made[i].ID)]; got != want {
			t.Errorf("reward of %s is %v, want %v", made[i].ID, got, want)
		}
	}
}

// What is said of a time is what had happened by then: nothing that came after
// it changes the answer, whoever the shopper has become.
func TestAsOfNeverKnowsTheFuture(t *testing.T) {
	g := newPastGround(t)
	set := feature.Default()
	events := g.happen(500)
	events = slices.DeleteFunc(events, func(e offers.Event) bool { return e.Type == offers.Merged })
	g.produce(events...)
	ask := func() (asked []asOf) {
		for i := range 60 {
			asked = append(asked, asOf{shopper: offers.ShopperID(fmt.Sprint("s", i%30)), at: noon.Add(time.Duration(i*7) * time.Minute), received: i%3 == 0})
		}
		return asked
	}
	answer := func() []map[string]any {
		out := &bytes.Buffer{}
		if n, err := exportAsOf(t.Context(), g.log, set, ask(), out); err != nil || n != 60 {
			t.Fatalf("%d rows, %v", n, err)
		}
		return readTable(t, out.Bytes())
	}
	rows := answer()
	for i, a := range ask() {
		p := &offers.Profile{Shopper: a.shopper}
		for j := range events {
			if e := &events[j]; e.Shopper == a.shopper && a.had(e) {
				decide.Fold(set, p, e)
			}
		}
		if diff := cmp.Diff(valuesOf(t, set.Values(nil, p, a.at).Known()), featuresOf(set, rows[i])); diff != "" {
			t.Fatalf("%s at %s (-what had happened +exported):\n%s", a.shopper, a.at, diff)
		}
	}
	g.at = noon.Add(9 * time.Hour) // all that is told from now on is of later
	more := g.happen(300)
	for i := range more {
		more[i].Time = more[i].Time.Add(2 * time.Hour)
	}
	g.produce(more...)
	if diff := cmp.Diff(rows, answer()); diff != "" {
		t.Errorf("the future changed the past (-before +after):\n%s", diff)
	}
}

func TestReadAsOfSaysWhatIsWrong(t *testing.T) {
	for name, tt := range map[string]struct{ csv, want string }{
		"no columns":  {"who,when\nmia,2026-11-20\n", "shopper and time"},
		"not a time":  {"shopper,time\nmia,2026-11-20\nmia,noon\n", "line 3"},
		"nobody":      {"shopper,time\n,2026-11-20\n", "line 2"},
		"empty":       {"", "EOF"},
		"ragged":      {"shopper,time\nmia\n", "line 2"},
		"other order": {"time,shopper\n2026-11-20T12:00:00+01:00,mia\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "at.csv")
			if err := os.WriteFile(path, []byte(tt.csv), 0o600); err != nil {
				t.Fatal(err)
			}
			all, err := readAsOf(path, false)
			if tt.want == "" {
				if err != nil || len(all) != 1 || all[0].shopper != "mia" || !all[0].at.Equal(noon.Add(-time.Hour)) {
					t.Errorf("read %v, %v", all, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func (g *pastGround) put(name, key string, value any) {
	g.Helper()
	b, err := json.Marshal(value)
	if err != nil {
		g.Fatal(err)
	}
	if err := g.log.Produce(g.Context(), stream.Record{Stream: name, Key: []byte(key), Value: b}); err != nil {
		g.Fatal(err)
	}
}

// readTable reads the rows of a Parquet file.
func readTable(t *testing.T, file []byte) []map[string]any {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	r := parquet.NewGenericReader[map[string]any](f, f.Schema())
	defer r.Close()
	all := make([]map[string]any, r.NumRows())
	for i := range all {
		all[i] = map[string]any{}
	}
	for n := 0; n < len(all); {
		k, err := r.Read(all[n:])
		n += k
		if err != nil && !errors.Is(err, io.EOF) || k == 0 {
			t.Fatalf("row %d of %d: %v", n, len(all), err)
		}
	}
	return all
}

// featuresOf are the features of a row, as a decision records them.
func featuresOf(set *feature.Set, row map[string]any) map[string]any {
	known := map[string]any{}
	for _, d := range set.Definitions() {
		switch v := row["feature_"+d.Name].(type) {
		case nil:
		case map[string]any:
			if len(v) > 0 {
				known[d.Name] = maps.Clone(v)
			}
		default:
			known[d.Name] = v
		}
	}
	return known
}

func valuesOf(t *testing.T, known offers.Features) map[string]any {
	t.Helper()
	values, err := known.Values()
	if err != nil {
		t.Fatal(err)
	}
	return values
}
