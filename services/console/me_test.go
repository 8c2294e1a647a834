package console_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/state"
	"aisle/services/stream"
)

// phone opens a shopper's app by their personal link.
func (h *house) phone(shopper offers.ShopperID) *visitor {
	h.t.Helper()
	var link struct{ Link, Token string }
	h.as(catalog.RoleMarketer).call("POST", "/api/people/"+string(shopper)+"/link", nil, 201, &link)
	if !strings.HasSuffix(link.Link, "/shopper/#t="+link.Token) {
		h.t.Errorf("link %q does not open the app", link.Link)
	}
	v := h.visitor()
	v.call("POST", "/api/me/session", map[string]string{"token": link.Token}, 200, nil)
	return v
}

// inbox puts an offer where the notifier's app channel does.
func (h *house) inbox(d offers.Decision) {
	h.t.Helper()
	entry, err := json.Marshal(offers.Inbox{Decision: d.ID, Campaign: d.Campaign, Offer: *d.Offer, Code: "ABCD1234", Shop: d.Shop, Zone: d.Zone, At: d.Time, Expires: d.Expires})
	if err != nil {
		h.t.Fatal(err)
	}
	key := state.InboxKey(h.log.PartitionOf(string(d.Shopper)), d.Shopper)
	if err := h.store.Client().HSet(h.t.Context(), key, string(d.ID), entry).Err(); err != nil {
		h.t.Fatal(err)
	}
}

// eventsOf are a shopper's events of a type, as they lie on the stream.
func (h *house) eventsOf(shopper offers.ShopperID, kind offers.EventType) []offers.Event {
	h.t.Helper()
	records, err := h.log.Newest(h.t.Context(), stream.Events, h.log.PartitionOf(string(shopper)), 1000)
	if err != nil {
		h.t.Fatal(err)
	}
	var all []offers.Event
	for i := range records {
		var e offers.Event
		if json.Unmarshal(records[i].Value, &e) == nil && e.Shopper == shopper && e.Type == kind {
			all = append(all, e)
			if trace := records[i].Header("traceparent"); len(trace) != 55 {
				h.t.Errorf("event %s is on no trace: %q", e.ID, trace)
			}
		}
	}
	return all
}

type meOf struct {
	Shopper, Name, Phone string
	Consents             []offers.Consent
	Face                 struct{ Enrolled bool }
	Visit                *struct {
		ShopName string `json:"shop_name"`
		ZoneName string `json:"zone_name"`
	}
}

func TestMe(t *testing.T) {
	h, _ := liveShop(t)
	h.keep(profileOf("smia"))
	mia := h.phone("smia")
	var me meOf
	mia.call("GET", "/api/me", nil, 200, &me)
	if me.Name != "Mia" || me.Phone != "••••10" || len(me.Consents) != len(offers.Purposes) || me.Visit == nil || me.Visit.ZoneName != "Shoes" {
		t.Errorf("me: %+v", me)
	}
	for _, c := range me.Consents {
		if c.Granted {
			t.Errorf("%s is granted before anybody was asked", c.Purpose)
		}
	}
	session := func() (me *meOf) {
		t.Helper()
		var got struct{ Me *meOf }
		mia.call("GET", "/api/me/session", nil, 200, &got)
		return got.Me
	}
	if diff := cmp.Diff(&me, session()); diff != "" {
		t.Errorf("the session's shopper (-me +session):\n%s", diff)
	}
	mia.call("DELETE", "/api/me/session", nil, 204, nil)
	mia.call("GET", "/api/me", nil, 401, nil)
	if got := session(); got != nil {
		t.Errorf("the session of nobody: %+v", got)
	}
}

func TestTokensOfOthers(t *testing.T) {
	h, _ := liveShop(t)
	h.keep(profileOf("smia"))
	secrets, err := h.catalog.Secrets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, token := range map[string]string{
		"another key":      catalog.SignToken([]byte("another"), catalog.TokenLink, "smia", now.Add(time.Hour)),
		"for enrolling":    catalog.SignToken(secrets.Token, catalog.TokenEnrol, "smia", now.Add(time.Hour)),
		"its time is over": catalog.SignToken(secrets.Token, catalog.TokenLink, "smia", now.Add(-time.Second)),
		"nothing":          "",
		"of a session":     catalog.Sign(secrets.Session, catalog.TokenEnrol, "smia", now.Add(time.Hour)),
	} {
		v := h.visitor()
		if status, _ := v.try("POST", "/api/me/session", map[string]string{"token": token}); status != 401 {
			t.Errorf("%s: %d, want 401", name, status)
		}
		v.header.Set("Authorization", "Bearer "+token)
		if status, _ := v.try("GET", "/api/me", nil); status != 401 {
			t.Errorf("%s as a bearer: %d, want 401", name, status)
		}
	}
	v := h.visitor()
	v.header.Set("Authorization", "Bearer "+catalog.SignToken(secrets.Token, catalog.TokenLink, "smia", now.Add(time.Hour)))
	v.call("GET", "/api/me", nil, 200, nil)
}

func TestConsents(t *testing.T) {
	h, _ := liveShop(t)
	h.keep(profileOf("smia"))
	mia := h.phone("smia")
	live := mia.listen("/api/me/live", 0)
	live.await("me", nil)
	mia.call("POST", "/api/me/enrolment-token", nil, 403, nil)

	for _, purpose := range offers.Purposes {
		mia.call("PUT", "/api/me/consents/"+string(purpose), map[string]bool{"granted": true}, 200, nil)
	}
	p := h.log.PartitionOf("smia")
	given, err := h.store.Consents(t.Context(), p, "smia")
	if err != nil || len(given) != len(offers.Purposes) || !given[offers.ConsentFace].Granted {
		t.Errorf("in state at once: %v, %v; want all granted", given, err)
	}
	if events := h.eventsOf("smia", offers.ConsentChanged); len(events) != len(offers.Purposes) || events[len(events)-1].Consent == nil || !events[len(events)-1].Consent.Granted {
		t.Errorf("on the stream: %+v, want an answer to each", events)
	}
	live.await("consent", has(`"face"`))

	mia.call("POST", "/api/me/enrolment-token", nil, 403, nil) // a yes is no signature
	mia.sign("Mia")
	var pass struct{ Token, Upload string }
	mia.call("POST", "/api/me/enrolment-token", nil, 201, &pass)
	secrets, _ := h.catalog.Secrets(t.Context())
	if who, err := catalog.OpenToken(secrets.Token, catalog.TokenEnrol, pass.Token, time.Now()); who != "smia" || err != nil || pass.Upload != "/vision/enrolments" {
		t.Errorf("ticket of %q, %v, for %q", who, err, pass.Upload)
	}
	enrol := func() {
		mia.sign("Mia")
		if err := h.catalog.AddFaces(t.Context(), "smia", "m", [][]byte{{1}, {2}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, how := range []struct {
		method, path string
		in           any
	}{
		{"PUT", "/api/me/consents/face", map[string]bool{"granted": false}},
		{"DELETE", "/api/me/face", nil},
	} {
		enrol()
		var me meOf
		mia.call("GET", "/api/me", nil, 200, &me)
		if !me.Face.Enrolled {
			t.Error("the app does not know of the enrolment")
		}
		mia.call(how.method, how.path, how.in, 200, nil)
		if n, _, _ := h.catalog.FacesOf(t.Context(), "smia"); n != 0 {
			t.Errorf("%s %s leaves %d vectors, want 0", how.method, how.path, n)
		}
		if now, _ := h.store.Consents(t.Context(), p, "smia"); now[offers.ConsentFace].Granted {
			t.Errorf("%s %s leaves the consent granted", how.method, how.path)
		}
	}
	enrol()
	var removed struct{ Removed int }
	h.as(catalog.RoleStaff).call("DELETE", "/api/people/smia/face", nil, 200, &removed)
	if removed.Removed != 2 {
		t.Errorf("staff removed %d vectors, want 2", removed.Removed)
	}
	mia.call("PUT", "/api/me/consents/soul", map[string]bool{"granted": true}, 404, nil)
	mia.call("PUT", "/api/me/consents/sms", `{}`, 400, nil)
}

type offersOf struct {
	Offers []struct {
		Decision, Code string
		ShopName       string `json:"shop_name"`
		ZoneName       string `json:"zone_name"`
		Redeemed       time.Time
	}
}

func TestMyOffers(t *testing.T) {
	h, _ := liveShop(t)
	h.keep(profileOf("smia"))
	h.keep(profileOf("snoor"))
	mia, noor := h.phone("smia"), h.phone("snoor")
	live, others := mia.listen("/api/me/live", 0), noor.listen("/api/me/live", 0)
	live.await("me", nil)
	others.await("me", nil)

	d := h.decision("smia", 1, "shoes")
	h.inbox(d)
	h.offer("smia", 1, "shoes", time.Millisecond)
	told := live.await("offer", has(string(d.ID)))
	if strings.Contains(string(told.data), "2500") || strings.Contains(string(told.data), "{{name}}") {
		t.Errorf("told %s: what the offer is worth to the shop is not the shopper's to know", told.data)
	}
	if !strings.Contains(string(told.data), "ABCD1234") || told.id == 0 {
		t.Errorf("told %d: %s; want the code and an id", told.id, told.data)
	}
	var all offersOf
	mia.call("GET", "/api/me/offers", nil, 200, &all)
	if len(all.Offers) != 1 || all.Offers[0].Code != "ABCD1234" || all.Offers[0].ShopName != "Centraal" || all.Offers[0].ZoneName != "Shoes" {
		t.Errorf("offers: %+v", all)
	}

	var why struct {
		Title   string
		Reasons []struct{ Text, Purpose string }
	}
	mia.call("GET", "/api/me/offers/"+string(d.ID)+"/why", nil, 200, &why)
	var texts []string
	for _, r := range why.Reasons {
		texts = append(texts, r.Text)
	}
	want := []string{
		"You looked for footwear on our site lately.", "You spent some time at Shoes.", "Our camera recognised you, as you asked us to.",
		"You are a silver member.", "We had 1 other offer for you, and thought that you would like this one. Now and then we try another, to learn.",
		"You agreed to get offers in this app and by text message.",
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("why (-want +got):\n%s", diff)
	}
	for _, path := range []string{"/why", "/viewed"} {
		method := map[string]string{"/why": "GET", "/viewed": "POST"}[path]
		if status, _ := noor.try(method, "/api/me/offers/"+string(d.ID)+path, nil); status != 404 {
			t.Errorf("somebody else asks for %s: %d, want 404", path, status)
		}
		if status, _ := mia.try(method, "/api/me/offers/0-99-0"+path, nil); status != 404 {
			t.Errorf("%s of no offer: %d, want 404", path, status)
		}
	}
	for range 3 {
		mia.call("POST", "/api/me/offers/"+string(d.ID)+"/viewed", nil, 204, nil)
	}
	viewed := h.eventsOf("smia", offers.OfferViewed)
	if len(viewed) == 0 || viewed[0].Decision != d.ID || viewed[0].ID != viewed[len(viewed)-1].ID {
		t.Errorf("viewed: %+v; want the same event each time", viewed)
	}

	h.redeem("smia", 1, 500)
	live.await("redeemed", has(string(d.ID)))
	mia.call("GET", "/api/me/offers", nil, 200, &all)
	if all.Offers[0].Redeemed.IsZero() {
		t.Error("the offer is not shown as used")
	}

	// Back after a while in a tunnel, without and with an id.
	live.close()
	again := mia.listen("/api/me/live", told.id)
	again.await("offer", has(string(d.ID)))
	again.await("redeemed", nil)

	others.close()
	for {
		select {
		case e := <-others.events:
			if e.name != "me" && e.name != "heartbeat" {
				t.Errorf("Noor was told %s: %s", e.name, e.data)
			}
			continue
		default:
		}
		break
	}
}

func TestMyOffersAfterAMerge(t *testing.T) {
	h, _ := liveShop(t)
	h.keep(profileOf("sold"))
	phone := h.phone("sold")
	merged := profileOf("sold")
	merged.Into = "smia"
	h.keep(merged)
	h.keep(profileOf("smia"))
	d := h.offer("sold", 1, "shoes", time.Millisecond) // from before
	h.inbox(h.decision("smia", 2, "shoes"))
	var me meOf
	phone.call("GET", "/api/me", nil, 200, &me)
	if me.Shopper != "smia" {
		t.Errorf("the old link shows %q, want whom they turned out to be", me.Shopper)
	}
	var all offersOf
	phone.call("GET", "/api/me/offers", nil, 200, &all)
	if len(all.Offers) != 1 {
		t.Errorf("offers: %+v, want the one", all)
	}
	// What is kept under the old name is theirs, too.
	now := profileOf("smia")
	now.Absorbed = []offers.ShopperID{"sold"}
	h.keep(now)
	h.inbox(d)
	h.enrol("sold")
	phone.call("GET", "/api/me/offers", nil, 200, &all)
	phone.call("GET", "/api/me", nil, 200, &me)
	if len(all.Offers) != 2 || !me.Face.Enrolled {
		t.Errorf("%d offers, enrolled: %t; want both, and the face", len(all.Offers), me.Face.Enrolled)
	}
	phone.call("DELETE", "/api/me/face", nil, 200, nil)
	if faces, _, _ := h.catalog.Faces(t.Context()); len(faces) != 0 {
		t.Errorf("%d vectors are left of whom they were", len(faces))
	}
	phone.call("GET", "/api/me/offers/"+string(d.ID)+"/why", nil, 200, nil)
}

func TestJoin(t *testing.T) {
	h, _ := liveShop(t)
	v := h.visitor()
	for name, test := range map[string]struct{ in, fields string }{
		"a name too long":    {`{"name":"` + strings.Repeat("م", 121) + `","consents":[]}`, "name"},
		"no name":            {`{"name":" ","consents":[]}`, "name"},
		"a number of nobody": {`{"name":"Mia","phone":"0612345678","consents":[]}`, "phone"},
		"a number made up":   {`{"name":"Mia","phone":"+5555555555","consents":[]}`, "phone"},
		"an odd consent":     {`{"name":"Mia","consents":["push","soul"]}`, "consents[1]"},
		"an odd zone":        {`{"name":"Mia","time_zone":"../../etc/passwd","consents":[]}`, "time_zone"},
		"an odd language":    {`{"name":"Mia","locale":"<script>","consents":[]}`, "locale"},
	} {
		if status, body := v.try("POST", "/api/me/join", test.in); status != 400 || fields(t, body) != test.fields {
			t.Errorf("%s: %d %s, want 400 about %s", name, status, body, test.fields)
		}
	}
	var joined struct {
		Me    meOf
		Token string
	}
	v.call("POST", "/api/me/join", map[string]any{"name": "Mia", "phone": "+44 7700 900110", "time_zone": "Europe/London", "locale": "en-GB", "consents": []string{"push", "sms"}}, 201, &joined)
	id := offers.ShopperID(joined.Me.Shopper)
	v.call("GET", "/api/me", nil, 200, nil)
	v.call("POST", "/api/me/session", map[string]string{"token": joined.Token}, 200, nil)
	given, err := h.store.Consents(t.Context(), h.log.PartitionOf(string(id)), id)
	if err != nil || !given[offers.ConsentSMS].Granted || given[offers.ConsentFace].Granted || len(given) != len(offers.Purposes) {
		t.Errorf("consents: %v, %v; want an answer to each, two of them yes", given, err)
	}
	identified := h.eventsOf(id, offers.Identified)
	if len(identified) != 1 || identified[0].Traits == nil || identified[0].Traits.Name != "Mia" || identified[0].Traits.Phone != "" {
		t.Fatalf("identified: %+v, want one with the name, and without a number that may be another's", identified)
	}
	for _, i := range identified[0].Identifiers {
		if i.Type != offers.AppInstall {
			t.Errorf("identified by %s: until it is confirmed, a number may be another's", i.Type)
		}
	}
	if n := len(h.eventsOf(id, offers.ConsentChanged)); n != len(offers.Purposes) {
		t.Errorf("%d answers on the stream, want %d", n, len(offers.Purposes))
	}
	long := strings.Repeat("م", 119) + "🦊" // letters are counted, not bytes
	if h.visitor().call("POST", "/api/me/join", map[string]any{"name": long, "consents": []string{}}, 201, &joined); joined.Me.Name != long {
		t.Errorf("joined as %q, want %q", joined.Me.Name, long)
	}
	second := h.visitor()
	second.call("POST", "/api/me/join", map[string]any{"name": "Mia", "phone": "+447700900110", "consents": []string{}}, 201, &joined)
	if joined.Me.Shopper == string(id) {
		t.Error("two who told the same number became one")
	}
}

func TestExport(t *testing.T) {
	h, _ := liveShop(t)
	d := h.offer("smia", 1, "shoes", time.Millisecond)
	p := profileOf("smia")
	p.Contacts = []offers.Contact{{Decision: d.ID, Campaign: "shoes", Offer: "shoes20", At: d.Time}, {Decision: "0-77777-0", Campaign: "old", At: d.Time}}
	h.keep(p)
	h.inbox(d)
	mia := h.phone("smia")
	var export struct {
		Me        meOf
		Profile   offers.Profile
		Offers    []any
		Decisions []offers.Decision
	}
	mia.call("GET", "/api/me/export", nil, 200, &export)
	if export.Profile.Traits.Phone != p.Traits.Phone || len(export.Offers) != 1 || len(export.Decisions) != 1 || export.Decisions[0].ID != d.ID {
		t.Errorf("export: %+v", export)
	}
	req, _ := http.NewRequestWithContext(t.Context(), "GET", h.url+"/api/me/export", nil)
	resp, err := mia.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got := resp.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment") {
		t.Errorf("Content-Disposition %q, want a file", got)
	}
}
