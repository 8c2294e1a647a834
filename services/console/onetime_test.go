package console_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/stream"
)

// codeFor asks for a code and gives what would be sent.
func (v *visitor) codeFor(to string) string {
	v.t.Helper()
	v.call("POST", "/api/me/code", map[string]string{"to": to}, 202, nil)
	return v.sentTo(to)
}

// sentTo gives the code that would be sent next.
func (v *visitor) sentTo(to string) string {
	v.t.Helper()
	n, ok, err := v.h.store.TakeNotice(v.t.Context())
	if err != nil || !ok {
		v.t.Fatalf("nothing to send: %v", err)
	}
	code, _, _ := strings.Cut(n.Text, " ")
	if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
		v.t.Fatalf("the message %q begins with no code", n.Text)
	}
	if want := offers.ChannelSMS; strings.Contains(to, "@") == (n.Channel == want) {
		v.t.Errorf("%s goes by %s", to, n.Channel)
	}
	return code
}

type whoOf struct {
	Shopper offers.ShopperID
	Name    string
}

func TestSignInByCode(t *testing.T) {
	h := open(t)
	for _, to := range []string{"", "12345", "+31 6", "x@", "Ana <ana@example.com>", strings.Repeat("9", 300)} {
		if status, body := h.visitor().try("POST", "/api/me/code", map[string]string{"to": to}); status != 400 || fields(t, body) != "to" {
			t.Errorf("to %q: %d %s, want 400 about to", to, status, body)
		}
	}

	const number = "+31 6 1234 5678"
	ana := h.visitor()
	code := ana.codeFor(number)
	use := func(v *visitor, to, code string) (int, whoOf) {
		var me whoOf
		status, body := v.try("POST", "/api/me/code/check", map[string]string{"to": to, "code": code})
		if status == 200 {
			decode(t, body, &me)
		}
		return status, me
	}
	wrong := "000000"
	if code == wrong {
		wrong = "111111"
	}
	status, body := ana.try("POST", "/api/me/code/check", map[string]string{"to": number, "code": wrong})
	var refused problemOf
	decode(t, body, &refused)
	if want := "the code is not right, or its time is over: ask for another"; status != 403 || refused.Detail != want {
		t.Errorf("a wrong code: %d %s, want 403 and %q", status, body, want)
	}
	if status, _ := use(ana, "+31687654321", code); status != 403 {
		t.Errorf("the code of another number: %d, want 403", status)
	}
	status, first := use(ana, "+31612345678", code[:3]+" "+code[3:])
	if status != 200 {
		t.Fatalf("the code: %d, want 200", status)
	}
	ana.call("GET", "/api/me", nil, 200, nil)
	if status, _ := use(h.visitor(), number, code); status != 403 {
		t.Errorf("the code once more: %d, want 403", status)
	}

	// The same number is the same shopper, on any phone.
	again := h.visitor()
	if _, me := use(again, number, again.codeFor(number)); me.Shopper != first.Shopper {
		t.Errorf("on another phone: %s, want %s", me.Shopper, first.Shopper)
	}

	// Who joined in this browser stays who they are when their mailbox is new.
	bo := h.visitor()
	var joined struct{ Me whoOf }
	bo.call("POST", "/api/me/join", map[string]any{"name": "Bo", "consents": []string{}}, 201, &joined)
	if _, me := use(bo, "bo@example.com", bo.codeFor("bo@example.com")); me.Shopper != joined.Me.Shopper {
		t.Errorf("joined as %s, and is %s by code", joined.Me.Shopper, me.Shopper)
	}

	// Five to one number within an hour, whoever asks.
	for range 3 {
		h.visitor().codeFor(number)
	}
	if status, _ := h.visitor().try("POST", "/api/me/code", map[string]string{"to": number}); status != 429 {
		t.Errorf("the sixth to one number: %d, want 429", status)
	}
	if _, ok, _ := h.store.TakeNotice(t.Context()); ok {
		t.Error("the sixth would be sent")
	}
}

func TestCodeSpeaksTheAppsLanguage(t *testing.T) {
	h := open(t)
	for asked, want := range map[string]string{"nl": "nl", "ar": "ar", "en": "en", "sv": "en", "": "en"} {
		v := h.visitor()
		v.header.Set("Accept-Language", asked)
		v.call("POST", "/api/me/code", map[string]string{"to": "ana+" + asked + "@example.com"}, 202, nil)
		n, ok, err := h.store.TakeNotice(t.Context())
		if err != nil || !ok {
			t.Fatalf("nothing to send: %v", err)
		}
		first := map[string]string{"nl": "is je code", "ar": "هو رمزك", "en": "is your code"}[want]
		if n.Language != want || n.Title == "" || !strings.Contains(n.Text, first) {
			t.Errorf("asked in %q: %+v, want it in %s", asked, n, want)
		}
	}
}

// A number that was told is nobody's, and nothing is kept of it, until its owner
// has said the code.
func TestConfirmNumber(t *testing.T) {
	h := open(t)
	confirm := func(v *visitor, to, code string, want int) (me meOf) {
		t.Helper()
		status, body := v.try("POST", "/api/me/code/check", map[string]string{"to": to, "code": code})
		if status != want {
			t.Fatalf("the code for %s: %d %s, want %d", to, status, body, want)
		}
		if want == 200 {
			decode(t, body, &me)
		}
		return me
	}
	phones := func(shopper offers.ShopperID) (told []string) {
		for _, e := range h.eventsOf(shopper, offers.Identified) {
			if e.Traits != nil && e.Traits.Phone != "" {
				told = append(told, e.Traits.Phone)
			}
		}
		return told
	}
	type joinedOf struct {
		Me        meOf
		CodeUntil time.Time `json:"code_until"`
	}
	join := func(v *visitor, phone string, consents ...offers.Purpose) (in joinedOf) {
		t.Helper()
		v.call("POST", "/api/me/join", map[string]any{"name": "Ana", "phone": phone, "consents": consents}, 201, &in)
		return in
	}

	const number, next = "+31612345678", "+31687654321"
	ana := h.visitor()
	joined := join(ana, "+31 6 1234-5678", offers.ConsentPush, offers.ConsentSMS)
	shopper := offers.ShopperID(joined.Me.Shopper)
	if left := time.Until(joined.CodeUntil); left < 8*time.Minute || left > 10*time.Minute || joined.Me.Phone != "" {
		t.Errorf("joined: %+v; want a code for ten minutes, and no number yet", joined)
	}
	code := ana.sentTo(number)
	var me meOf
	if ana.call("GET", "/api/me", nil, 200, &me); me.Phone != "" || phones(shopper) != nil {
		t.Errorf("the number is %q and on the stream %v before anybody has confirmed it", me.Phone, phones(shopper))
	}
	if me = confirm(ana, number, code, 200); me.Shopper != string(shopper) || me.Phone != "••••78" {
		t.Errorf("confirmed: %+v, want the same shopper with the number", me)
	}
	if ana.call("GET", "/api/me", nil, 200, &me); me.Phone != "••••78" {
		t.Errorf("asked at once, before it is folded: %q", me.Phone)
	}
	if me = confirm(ana, next, ana.codeFor(next), 200); me.Shopper != string(shopper) || me.Phone != "••••21" {
		t.Errorf("another number: %+v, want the same shopper with it", me)
	}
	if diff := cmp.Diff([]string{number, next}, phones(shopper)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}

	// A number that is another's is not taken from them, nor are they merged.
	bo := h.visitor()
	other := join(bo, "+31611111112", offers.ConsentSMS)
	confirm(bo, "+31611111112", bo.sentTo("+31611111112"), 200)
	confirm(ana, "+31611111112", ana.codeFor("+31611111112"), 409)
	if bo.call("GET", "/api/me", nil, 200, &me); me.Shopper != other.Me.Shopper {
		t.Errorf("whose number was tried is %s now, want %s", me.Shopper, other.Me.Shopper)
	}
	if ana.call("GET", "/api/me", nil, 200, &me); me.Shopper != string(shopper) || len(phones(shopper)) != 2 {
		t.Errorf("who tried it is %s with %v", me.Shopper, phones(shopper))
	}

	// A customer who opened their link stays who they are.
	eva, err := h.store.Identify(t.Context(), []offers.Identifier{{Type: offers.CustomerID, Value: "c-1"}}, stream.NewTrace)
	if err != nil {
		t.Fatal(err)
	}
	h.keep(profileOf(eva.Shopper))
	if me = confirm(h.phone(eva.Shopper), "+31622222223", h.visitor().codeFor("+31622222223"), 200); me.Shopper != string(eva.Shopper) {
		t.Errorf("by their link they were %s, by the code %s", eva.Shopper, me.Shopper)
	}

	// No texts, no code; and a number that had enough of them gets no more.
	if in := join(h.visitor(), number, offers.ConsentPush); !in.CodeUntil.IsZero() {
		t.Errorf("a code is sent to who wants no texts: %+v", in)
	}
	for range 4 {
		join(h.visitor(), number, offers.ConsentSMS)
		h.visitor().sentTo(number)
	}
	if in := join(h.visitor(), number, offers.ConsentSMS); !in.CodeUntil.IsZero() {
		t.Errorf("the sixth code to one number: %+v, want none", in)
	}
	if _, ok, _ := h.store.TakeNotice(t.Context()); ok {
		t.Error("more is sent than was said")
	}
}

func decode(t *testing.T, body []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(body, v); err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
}
