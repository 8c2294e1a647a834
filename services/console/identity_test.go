package console_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/state"
	"aisle/services/stream"
)

func ids(s string) (all []offers.Identifier) {
	for f := range strings.FieldsSeq(s) {
		kind, value, _ := strings.Cut(f, ":")
		all = append(all, offers.Identifier{Type: offers.IdentifierType(kind), Value: value})
	}
	return all
}

func (h *house) identify(s string) state.Identity {
	h.t.Helper()
	who, err := h.store.Identify(h.t.Context(), ids(s), stream.NewTrace, "segment/website")
	if err != nil {
		h.t.Fatal(err)
	}
	return who
}

// known is somebody with a profile, of whom the console has heard.
func (h *house) known(s string, traits offers.Traits) offers.ShopperID {
	h.t.Helper()
	who := h.identify(s).Shopper
	h.keep(offers.Profile{Shopper: who, Traits: traits, Identifiers: ids(s), First: time.Now().UTC(), Last: time.Now().UTC()})
	h.produce("events", string(who), "seen-"+string(who), "page_viewed", offers.Event{ID: offers.EventID("seen-" + who), Type: offers.PageViewed, Shopper: who,
		Time: time.Now().UTC(), Received: time.Now().UTC(), Source: "segment/website"})
	return who
}

type identityOf struct {
	Shopper     offers.ShopperID
	Identifiers []struct {
		Type, Value, Source string
		From                offers.ShopperID
		Since               time.Time
	}
	Merged []struct {
		Shopper, Into offers.ShopperID
		Identifiers   int
	}
	Apart []struct {
		Shopper    offers.ShopperID
		Name       string
		Unfinished bool
	}
}

func (v *visitor) identity(shopper offers.ShopperID) (got identityOf) {
	v.t.Helper()
	v.call("GET", "/api/people/"+string(shopper)+"/identity", nil, 200, &got)
	return got
}

func TestSeparatePerson(t *testing.T) {
	h, staff := liveShop(t)
	marketer := h.as(catalog.RoleMarketer)
	browser := h.identify("cookie:browser-1234567").Shopper
	phone := h.identify("phone:+34600111222 cookie:browser-1234567")
	if phone.Shopper != browser {
		t.Fatal("the browser is not who left the telephone number")
	}
	ana := h.identify("customer_id:7").Shopper
	merge := h.identify("customer_id:7 phone:+34600111222")
	if merge.Shopper != ana || len(merge.Merges) != 1 {
		t.Fatalf("%+v, want a merge into %s", merge, ana)
	}
	// The merge is told by the door here: the log must know of it first.
	for _, shopper := range []offers.ShopperID{ana, browser} {
		got := marketer.identity(shopper)
		if got.Shopper != ana || len(got.Identifiers) != 3 || len(got.Merged) != 1 || got.Merged[0].Shopper != browser || got.Merged[0].Identifiers != 2 {
			t.Fatalf("identity of %s: %+v", shopper, got)
		}
		if first, last := got.Identifiers[0], got.Identifiers[2]; first.Type != "customer_id" || first.From != "" || first.Source != "segment/website" || first.Since.IsZero() ||
			last.Value != "browser-1234567" || last.From != browser {
			t.Errorf("identifiers: %+v", got.Identifiers)
		}
	}
	if got := staff.identity(ana); got.Identifiers[2].Value != "••••67" {
		t.Errorf("staff are shown %q", got.Identifiers[2].Value)
	}
	path := "/api/people/" + string(ana)
	for name, body := range map[string]any{"nobody": map[string]any{"who": "sghost"}, "themselves": map[string]any{"who": ana}} {
		if status, answer := marketer.try("POST", path+"/separate", body); status != 409 {
			t.Errorf("take %s apart: %d %s, want 409", name, status, answer)
		}
	}
	var done struct {
		Shopper, From offers.ShopperID
		Identifiers   int
	}
	marketer.call("POST", path+"/separate", map[string]any{"who": browser}, 200, &done)
	if done.Shopper != browser || done.From != ana || done.Identifiers != 2 {
		t.Errorf("taken apart: %+v", done)
	}
	if status, _ := marketer.try("POST", path+"/separate", map[string]any{"who": browser}); status != 409 {
		t.Errorf("once more: %d, want 409", status)
	}

	// Both are told on the log, the one who is left behind the other's merge.
	merged := h.eventsOf(browser, offers.Merged)
	if len(merged) != 1 || merged[0].Into != ana {
		t.Fatalf("merged: %+v", merged)
	}
	told := h.eventsOf(browser, offers.Separated)
	if len(told) != 2 {
		t.Fatalf("separated: %+v, want one for each", told)
	}
	left, gone := told[0].Profile, told[1].Profile
	if left.Shopper != ana || !slices.Equal(told[0].Apart, []offers.ShopperID{browser}) || len(left.Identifiers) != 1 {
		t.Errorf("for who is left: %+v %+v", told[0], left)
	}
	if gone.Shopper != browser || len(gone.Identifiers) != 2 || gone.Traits.Phone != "+34600111222" || !slices.Equal(told[1].Apart, []offers.ShopperID{ana}) {
		t.Errorf("for who left: %+v %+v", told[1], gone)
	}
	got := marketer.identity(ana)
	if len(got.Identifiers) != 1 || len(got.Merged) != 0 || len(got.Apart) != 1 || got.Apart[0].Shopper != browser || got.Apart[0].Unfinished {
		t.Errorf("after: %+v", got)
	}
	if who := h.identify("customer_id:7 phone:+34600111222"); who.Shopper != ana || len(who.Dropped) != 1 {
		t.Errorf("the same event again: %+v, want the phone dropped", who)
	}

	// And together again.
	var one struct{ Shopper, Merged offers.ShopperID }
	marketer.call("POST", path+"/join", map[string]any{"with": browser}, 200, &one)
	if one.Shopper != ana || one.Merged != browser {
		t.Errorf("joined: %+v", one)
	}
	if merged := h.eventsOf(browser, offers.Merged); len(merged) != 2 || merged[0].ID == merged[1].ID {
		t.Errorf("merged: %+v, want another one", merged)
	}
	acts, err := h.catalog.Acts(t.Context(), catalog.ActsWanted{Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, a := range acts {
		actions = append(actions, a.Action+" of "+a.Object)
	}
	slices.Sort(actions)
	if diff := cmp.Diff([]string{"join with " + string(ana) + " of shopper/" + string(browser), "take apart from " + string(ana) + " of shopper/" + string(browser)}, actions); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

// A crash between what is kept and what the log is told is seen on the page, and
// the same call ends what was begun.
func TestSeparateAfterACrash(t *testing.T) {
	h, _ := liveShop(t)
	marketer := h.as(catalog.RoleMarketer)
	browser := h.identify("cookie:browser").Shopper
	ana := h.identify("customer_id:7").Shopper
	if err := h.store.Announced(t.Context(), h.identify("customer_id:7 cookie:browser").Merges); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Separate(t.Context(), browser, h.log.PartitionOf); err != nil {
		t.Fatal(err)
	}
	if got := marketer.identity(ana); len(got.Apart) != 1 || !got.Apart[0].Unfinished {
		t.Errorf("after the crash: %+v, want it said to be unfinished", got)
	}
	path := "/api/people/" + string(ana) + "/separate"
	marketer.call("POST", path, map[string]any{"who": browser}, 200, nil)
	if got := marketer.identity(ana); len(got.Apart) != 1 || got.Apart[0].Unfinished {
		t.Errorf("in the end: %+v", got)
	}
	if told := h.eventsOf(browser, offers.Separated); len(told) != 2 {
		t.Errorf("told %+v, want one for each", told)
	}
	if status, _ := marketer.try("POST", path, map[string]any{"who": browser}); status != 409 {
		t.Errorf("and again: %d, want 409", status)
	}
}

func TestDetachIdentifier(t *testing.T) {
	h, _ := liveShop(t)
	marketer := h.as(catalog.RoleMarketer)
	ana := h.identify("customer_id:7 cookie:tablet").Shopper
	path := "/api/people/" + string(ana) + "/detach"
	for name, tt := range map[string]struct {
		id   string
		want int
	}{
		"none of theirs": {"tag:t", 404}, "the one that is meant": {"cookie:tablet", 200}, "the only one": {"customer_id:7", 409},
	} {
		if name == "the only one" {
			continue // below, when it is
		}
		if status, body := marketer.try("POST", path, ids(tt.id)[0]); status != tt.want {
			t.Errorf("%s: %d %s, want %d", name, status, body, tt.want)
		}
	}
	if status, _ := marketer.try("POST", path, ids("customer_id:7")[0]); status != 409 {
		t.Errorf("the only one: %d, want 409", status)
	}
	got := marketer.identity(ana)
	if len(got.Identifiers) != 1 || len(got.Apart) != 1 {
		t.Fatalf("after: %+v", got)
	}
	tablet := got.Apart[0].Shopper
	if who := h.identify("customer_id:7 cookie:tablet"); who.Shopper != ana || len(who.Dropped) != 1 {
		t.Errorf("signed in on it: %+v", who)
	}
	if told := h.eventsOf(tablet, offers.Separated); len(told) != 1 || len(told[0].Profile.Identifiers) != 1 {
		t.Errorf("told: %+v", told)
	}
	if told := h.eventsOf(ana, offers.Separated); len(told) != 1 || len(told[0].Profile.Identifiers) != 1 {
		t.Errorf("told: %+v", told)
	}
}

func TestAlike(t *testing.T) {
	h, staff := liveShop(t)
	marketer, viewer := h.as(catalog.RoleMarketer), h.as(catalog.RoleViewer)
	one := h.known("customer_id:1", offers.Traits{Name: "Katharina Oyelaran", Phone: "+34600111222", Birthday: "1984-03-07", Postcode: "28004", City: "Madrid"})
	two := h.known("email:kat@example.com", offers.Traits{Name: "Katharina Oyelarran", Email: "kat@example.com", Birthday: "1984-07-03", Postcode: "28004", City: "Madrid"})
	h.known("customer_id:2", offers.Traits{Name: "Ben Carter", Phone: "+34600111999", Birthday: "1971-12-24", Postcode: "08001", City: "Barcelona"})
	h.known("customer_id:3", offers.Traits{Name: "Katharina Meier", Birthday: "1999-01-30", Postcode: "41001", City: "Sevilla"})
	old := h.known("customer_id:old", offers.Traits{Name: "Zoe"})
	if who := h.known("customer_id:new", offers.Traits{Name: "Zoe Wu"}); who == old {
		t.Fatal("two customers are one")
	}
	h.identify("customer_id:new customer_id:old cookie:old") // an alias
	type answer struct {
		Looked, Limit int
		Pairs         []struct {
			A, B struct {
				Shopper offers.ShopperID
				Name    string
			}
			Probability float64
			Claimed     time.Time
			Reasons     []struct {
				Field, Level, A, B string
				Weight             float64
			}
		}
	}
	var got answer
	// What was found is kept for a while: everybody is to be heard of first.
	eventually(t, "all were heard of", func() bool {
		var people struct{ People []struct{} }
		staff.call("GET", "/api/people", nil, 200, &people)
		return len(people.People) == 6
	})
	marketer.call("GET", "/api/identity/alike", nil, 200, &got)
	if got.Looked != 6 || got.Limit != 5000 || len(got.Pairs) != 2 {
		t.Fatalf("got %+v, want two pairs of six people", got)
	}
	if got.Pairs[0].Claimed.IsZero() || !got.Pairs[1].Claimed.IsZero() {
		t.Errorf("first %+v, want what an event claimed", got.Pairs[0])
	}
	pair := got.Pairs[1]
	both := []offers.ShopperID{pair.A.Shopper, pair.B.Shopper}
	if !slices.Contains(both, one) || !slices.Contains(both, two) || pair.Probability < .9 {
		t.Errorf("%+v, want %s and %s", pair, one, two)
	}
	levels := map[string]string{}
	for _, r := range pair.Reasons {
		levels[r.Field] = r.Level
	}
	if diff := cmp.Diff(map[string]string{"name": "near", "birthday": "near", "postcode": "same", "city": "same"}, levels); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	got = answer{}
	viewer.call("GET", "/api/identity/alike", nil, 200, &got)
	for _, r := range got.Pairs[1].Reasons {
		if r.Field != "city" && (r.A != "" || r.B != "") {
			t.Errorf("a viewer is shown the %s %q and %q", r.Field, r.A, r.B)
		}
	}

	marketer.call("POST", "/api/people/"+string(one)+"/apart", map[string]any{"from": two}, 204, nil)
	marketer.call("POST", "/api/people/"+string(got.Pairs[0].A.Shopper)+"/join", map[string]any{"with": got.Pairs[0].B.Shopper}, 200, nil)
	got = answer{}
	marketer.call("GET", "/api/identity/alike", nil, 200, &got)
	if len(got.Pairs) != 0 {
		t.Errorf("after they were answered: %+v", got.Pairs)
	}
	if who := h.identify("customer_id:1 email:kat@example.com"); len(who.Dropped) != 1 || len(who.Merges) != 0 {
		t.Errorf("an event with both: %+v, want them apart", who)
	}
	marketer.call("POST", "/api/people/"+string(one)+"/apart", map[string]any{"from": "sghost"}, 404, nil)
	marketer.call("POST", "/api/people/"+string(one)+"/join", map[string]any{"with": one}, 409, nil)
}
