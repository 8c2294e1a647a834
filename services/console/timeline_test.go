package console_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/stream"
)

type timelineOf struct {
	Happenings []struct {
		At       time.Time
		ShopName string `json:"shop_name"`
		ZoneName string `json:"zone_name"`
		Event    *offers.Event
		Decision *struct {
			ID       offers.DecisionID
			Title    string
			Redeemed time.Time
		}
		Message *offers.Delivery
	}
	Until time.Time
	Next  string
}

// whole is a shopper's timeline to its end, in pages of a size, as one line each.
func (v *visitor) timeline(shopper offers.ShopperID, limit int) (lines []string, pages int) {
	v.t.Helper()
	for next := ""; ; {
		var page timelineOf
		v.call("GET", fmt.Sprintf("/api/people/%s/timeline?limit=%d&before=%s", shopper, limit, next), nil, 200, &page)
		if pages++; pages > 100 {
			v.t.Fatal("the timeline never ends")
		}
		if len(page.Happenings) > limit {
			v.t.Errorf("a page of %d, want at most %d", len(page.Happenings), limit)
		}
		for _, h := range page.Happenings {
			switch {
			case h.Event != nil:
				lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s", h.Event.Type, h.Event.Query, h.ZoneName)))
			case h.Decision != nil:
				lines = append(lines, "decision "+h.Decision.Title)
			case h.Message != nil:
				lines = append(lines, fmt.Sprintf("%s %s", h.Message.Channel, h.Message.State))
			}
		}
		if next = page.Next; next == "" {
			return lines, pages
		}
		if page.Until.IsZero() {
			v.t.Error("there is more, and it is not said how far back this page looked")
		}
	}
}

func TestTimeline(t *testing.T) {
	h, staff := liveShop(t)
	marketer, viewer := h.as(catalog.RoleMarketer), h.as(catalog.RoleViewer)
	p := profileOf("smia")
	for _, purpose := range []offers.Purpose{offers.ConsentLocation, offers.ConsentSearch} {
		p.Consents[purpose] = offers.Consent{Purpose: purpose, Granted: true, At: p.First}
	}
	p.Absorbed = []offers.ShopperID{"sbrowser"}
	h.keep(p)
	did := func(who offers.ShopperID, e offers.Event) {
		e.ID, e.Shopper, e.Time, e.Received, e.Source = offers.EventID(e.Type+"/"+offers.EventType(e.Query)), who, time.Now().UTC(), time.Now().UTC(), "segment/website"
		e.Identifiers, e.Properties = ids("email:mia@example.com"), []byte(`{"note":"private"}`)
		h.produce("events", string(who), string(e.ID), string(e.Type), e)
		time.Sleep(2 * time.Millisecond) // the log's clock counts in these
	}
	did("sbrowser", offers.Event{Type: offers.ProductSearched, Query: "shoes"})
	did("sother", offers.Event{Type: offers.ProductSearched, Query: "of another"})
	did("smia", offers.Event{Type: offers.Merged, Into: "smia"})
	did("smia", offers.Event{Type: offers.Recognised, Shop: "centraal", Zone: "entrance"}) // to which she does not agree any more
	did("smia", offers.Event{Type: offers.TimerDue})
	did("smia", offers.Event{Type: offers.ZoneDwelled, Shop: "centraal", Zone: "shoes"})
	h.offer("smia", 0, "shoes", 120*time.Millisecond)
	time.Sleep(2 * time.Millisecond)
	h.redeem("smia", 0, 12_50)
	want := []string{"offer_redeemed", "app sent", "decision " + testCampaign("shoes").Offers[0].Title, "zone_dwelled  Shoes", "merged", "product_searched shoes"}
	for _, limit := range []int{1, 2, 50} {
		got, _ := staff.timeline("smia", limit)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("in pages of %d (-want +got):\n%s", limit, diff)
		}
	}

	// What names her is masked as everywhere, and the code is the staff's.
	eventOf := func(v *visitor) (e *offers.Event, m *offers.Delivery) {
		var page timelineOf
		v.call("GET", "/api/people/smia/timeline", nil, 200, &page)
		for _, x := range page.Happenings {
			if x.Event != nil && x.Event.Type == offers.ZoneDwelled {
				e = x.Event
			}
			if x.Message != nil {
				m = x.Message
			}
		}
		if e == nil || m == nil {
			t.Fatalf("%+v, want what she did and what she was told", page)
		}
		return e, m
	}
	for name, v := range map[string]*visitor{"viewer": viewer, "staff": staff} {
		e, m := eventOf(v)
		if len(e.Identifiers) != 1 || e.Identifiers[0].Value != "••••om" || e.Properties != nil {
			t.Errorf("a %s sees %+v", name, e)
		}
		if (m.Code != "") != (name == "staff") {
			t.Errorf("a %s sees the code %q", name, m.Code)
		}
	}
	if e, _ := eventOf(marketer); e.Identifiers[0].Value != "mia@example.com" || e.Properties == nil {
		t.Errorf("a marketer sees %+v", e)
	}

	for path, status := range map[string]int{
		"/api/people/snobody/timeline":                             404,
		"/api/people/smia/timeline?limit=201":                      400,
		"/api/people/smia/timeline?limit=x":                        400,
		"/api/people/smia/timeline?before=x":                       400,
		"/api/people/smia/timeline?before=0.99.1":                  400,
		"/api/people/smia/timeline?before=3.0.1":                   400,
		"/api/people/smia/timeline?before=0.0.-1":                  400,
		"/api/people/smia/timeline?before=0.0.99999999":            200,
		"/api/people/smia/timeline?before=0.0.1-0.1.1-1.0.1-2.0.1": 200,
	} {
		if got, body := staff.try("GET", path, nil); got != status {
			t.Errorf("%s: %d, want %d\n%s", path, got, status, body)
		}
	}
}

// A shopper who was here long ago is behind all that others did since. A page says
// that it has not found the end, and the next one goes on.
func TestTimelineBehindOthers(t *testing.T) {
	h, staff := liveShop(t)
	h.keep(profileOf("smia"))
	h.redeem("smia", 7, 1)
	partition := h.log.PartitionOf("smia")
	var key string
	for i := 0; key == ""; i++ {
		if other := fmt.Sprint("sother", i); h.log.PartitionOf(other) == partition {
			key = other
		}
	}
	crowd := make([]stream.Record, 21_000)
	for i := range crowd {
		crowd[i] = stream.Record{Stream: stream.Events, Key: []byte(key), Value: []byte("{}")}
	}
	for some := range slices.Chunk(crowd, 1_000) {
		if err := h.log.Produce(t.Context(), some...); err != nil {
			t.Fatal(err)
		}
	}
	h.redeem("smia", 8, 2)
	got, pages := staff.timeline("smia", 50)
	if diff := cmp.Diff([]string{"offer_redeemed", "offer_redeemed"}, got); diff != "" || pages != 2 {
		t.Errorf("%d pages, want 2 (-want +got):\n%s", pages, diff)
	}
}
