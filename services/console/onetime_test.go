package console_test

import (
	"encoding/json"
	"strings"
	"testing"

	"aisle/offers"
)

// codeFor asks for a code and gives what would be sent.
func (v *visitor) codeFor(to string) string {
	v.t.Helper()
	v.call("POST", "/api/me/code", map[string]string{"to": to}, 202, nil)
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

func decode(t *testing.T, body []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(body, v); err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
}
