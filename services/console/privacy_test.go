package console_test

import (
	"crypto/ed25519"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/state"
	"aisle/services/stream"
)

type statementOf struct {
	Signed    string
	Signature []byte
}

// erasureIn reads a receipt, and checks its signature by the key that the house
// shows to everybody.
func (v *visitor) erasureIn(said statementOf) (e struct {
	What string
	catalog.Erasure
	Says string
}) {
	v.t.Helper()
	var key struct{ Public []byte }
	v.call("GET", "/api/house-key", nil, 200, &key)
	if !ed25519.Verify(key.Public, []byte(said.Signed), said.Signature) {
		v.t.Error("the receipt is not signed by the house")
	}
	if err := json.Unmarshal([]byte(said.Signed), &e); err != nil {
		v.t.Fatal(err)
	}
	return e
}

// TestEraseMe: afterwards no store but the log has anything of a shopper, and the
// receipt says so with the counts, and what is left until when.
func TestEraseMe(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	ana := h.visitor()
	var joined struct {
		Me    whoOf
		Token string
	}
	ana.call("POST", "/api/me/join", map[string]any{"name": "Ana", "phone": "+31612345678", "consents": []string{"sms"}}, 201, &joined)
	status, body := ana.try("POST", "/api/me/code/check", map[string]string{"to": "+31612345678", "code": ana.sentTo("+31612345678")})
	if status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	shopper := joined.Me.Shopper
	h.keep(profileOf(shopper))
	partition := h.log.PartitionOf(string(shopper))

	var said statementOf
	ana.call("DELETE", "/api/me", nil, 200, &said)
	e := ana.erasureIn(said)
	before, left := map[string]int{}, 0
	for _, p := range e.Places {
		before[p.Name] += p.Before
		left += p.After
	}
	if left != 0 || before["state: profile"] != 1 || before["state: consents"] == 0 || before["state: identifiers that lead to them"] != 2 || e.Shopper != shopper {
		t.Errorf("the receipt: %+v, want a profile, consents and two identifiers before, and nothing after", e)
	}
	events := false
	for _, r := range e.Remains {
		if r.Name == "stream: events" {
			events = r.Until.After(time.Now().Add(stream.Kept(stream.Events)-time.Hour)) && r.Until.Before(time.Now().Add(stream.Kept(stream.Events)+time.Hour))
		}
	}
	if !events {
		t.Errorf("the receipt does not say until when events are left: %+v", e.Remains)
	}

	// Nothing in state names her, under whatever key.
	var keys []string
	for at := uint64(0); ; {
		found, next, err := h.store.Client().Scan(ctx, at, "*", 1000).Result()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, found...)
		if at = next; at == 0 {
			break
		}
	}
	for _, key := range keys {
		if strings.Contains(key, string(shopper)) || strings.Contains(key, "31612345678") {
			t.Errorf("state still has %s", key)
		}
	}

	// Neither her cookie nor her link opens anything.
	ana.call("GET", "/api/me", nil, 401, nil)
	ana.call("POST", "/api/me/session", map[string]string{"token": joined.Token}, 401, nil)

	// What a decider had in hand comes back, and is erased again.
	h.keep(profileOf(shopper))
	if err := h.service.Sweep(ctx, time.Now().Add(2*time.Minute), false); err != nil {
		t.Fatal(err)
	}
	if n, err := h.store.Client().Exists(ctx, state.ProfileKey(partition, shopper)).Result(); err != nil || n != 0 {
		t.Errorf("the profile that came back: %d %v, want it erased again", n, err)
	}
	h.as(catalog.RoleApprover).call("GET", "/api/privacy/receipts/"+e.ID, nil, 200, &said)
	if e := ana.erasureIn(said); e.Back != 1 || e.Checked.IsZero() {
		t.Errorf("the receipt afterwards: %+v, want one that came back", e)
	}

	// The same number is somebody new.
	again := h.visitor()
	status, body = again.try("POST", "/api/me/code/check", map[string]string{"to": "+31612345678", "code": again.codeFor("+31612345678")})
	var me whoOf
	decode(t, body, &me)
	if status != 200 || me.Shopper == shopper || me.Name != "" {
		t.Errorf("%d %+v, want somebody new", status, me)
	}
}

func TestPrivacyRequests(t *testing.T) {
	h := open(t)
	for _, id := range []offers.ShopperID{"smia", "sbo"} {
		h.keep(profileOf(id))
	}
	staff, approver := h.as(catalog.RoleStaff), h.as(catalog.RoleApprover)
	take := func(shopper, kind string) catalog.Request {
		var r catalog.Request
		staff.call("POST", "/api/privacy/requests", map[string]string{"shopper": shopper, "kind": kind}, 201, &r)
		return r
	}
	erasure, access, restriction := take("smia", "erasure"), take("sbo", "access"), take("sbo", "restriction")
	if days := erasure.Due.Sub(erasure.Opened).Hours() / 24; days < 28 || days > 31 {
		t.Errorf("due after %.1f days, want a month", days)
	}
	staff.call("POST", "/api/privacy/requests", map[string]string{"shopper": "smia", "kind": "erasure"}, 409, nil)
	staff.call("POST", "/api/privacy/requests", map[string]string{"shopper": "snobody", "kind": "erasure"}, 404, nil)
	staff.call("POST", "/api/privacy/requests", map[string]string{"shopper": "smia", "kind": "revenge"}, 400, nil)

	approver.call("GET", "/api/people/sbo/export", nil, 200, nil)
	approver.call("POST", "/api/privacy/requests/"+access.ID+"/answer", nil, 200, nil)
	approver.call("POST", "/api/privacy/requests/"+access.ID+"/answer", nil, 409, nil)
	approver.call("POST", "/api/privacy/requests/"+restriction.ID+"/answer", nil, 200, nil)
	given, err := h.store.Consents(t.Context(), h.log.PartitionOf("sbo"), "sbo")
	if err != nil {
		t.Fatal(err)
	}
	for _, purpose := range offers.Purposes {
		if c := given[purpose]; c.Granted || c.Source != "restriction" {
			t.Errorf("%s after the restriction: %+v", purpose, c)
		}
	}

	approver.call("POST", "/api/privacy/requests/"+take("sbo", "access").ID+"/refuse", map[string]string{"note": " "}, 400, nil)
	var done catalog.Request
	approver.call("POST", "/api/privacy/requests/"+erasure.ID+"/answer", nil, 200, &done)
	if done.Receipt == "" || done.DoneBy == "" {
		t.Errorf("the answer: %+v, want a receipt", done)
	}
	approver.call("GET", "/api/people/smia", nil, 404, nil)
	var all struct{ Requests []catalog.Request }
	approver.call("GET", "/api/privacy/requests", nil, 200, &all)
	if len(all.Requests) != 4 || !all.Requests[0].Done.IsZero() {
		t.Errorf("requests: %+v, want four, the open one first", all.Requests)
	}
}

func TestAudit(t *testing.T) {
	h := open(t)
	admin := h.admin()
	admin.call("POST", "/api/sources", map[string]string{"name": "=HYPERLINK(1)", "kind": "till"}, 201, nil)
	admin.call("POST", "/api/sources", map[string]string{"name": "50%_off", "kind": "till"}, 201, nil)
	var all struct{ Acts []catalog.Act }
	for query, want := range map[string]int{
		"": 3, "by=ADA": 3, "by=bo": 0, "what=source": 2, "what=50%25_": 1, "what=%25_%25": 0, "after=2100-01-01T00:00:00Z": 0, "before=2000-01-01T00:00:00Z": 0, "limit=1": 1,
	} {
		if admin.call("GET", "/api/audit?"+query, nil, 200, &all); len(all.Acts) != want {
			t.Errorf("%q: %d acts, want %d: %+v", query, len(all.Acts), want, all.Acts)
		}
	}
	admin.call("GET", "/api/audit?after=yesterday", nil, 400, nil)
	status, body := admin.try("GET", "/api/audit?format=csv", nil)
	if lines := strings.Split(strings.TrimSpace(string(body)), "\n"); status != 200 || len(lines) != 4 || lines[0] != "at,by,action,object" {
		t.Errorf("as CSV: %d %s", status, body)
	}
}
