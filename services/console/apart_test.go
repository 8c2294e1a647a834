package console_test

import (
	"bytes"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/catalog"
)

// TestShoppersApart tries what is one shopper's as another who knows its name, and
// as nobody: by a session whose time is over, and by tokens for something else.
func TestShoppersApart(t *testing.T) {
	h, _ := liveShop(t)
	for _, id := range []offers.ShopperID{"smia", "sben"} {
		p := profileOf(id)
		p.Traits.Name, p.Traits.Phone, p.Traits.Email = "Name-of-"+string(id), "", string(id)+"@example.com"
		h.keep(p)
	}
	mia, ben := h.phone("smia"), h.phone("sben")
	bens := h.offer("sben", 0, "shoes", time.Millisecond)
	h.inbox(bens)
	ben.call("PUT", "/api/me/consents/face", map[string]bool{"granted": true}, 200, nil)
	signed := ben.sign("Ben")
	browser := map[string]any{"endpoint": "https://push.example.com/of-ben", "keys": map[string]string{
		"p256dh": "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM", "auth": "tBHItJI5svbpez7KI4CCXg"}}
	ben.call("POST", "/api/me/push", browser, 204, nil)
	ben.call("GET", "/api/me/recognition/consents/"+signed, nil, 200, nil)
	eventually(t, "the console has heard of Ben's message", func() bool {
		_, body := ben.try("GET", "/api/me/messages", nil)
		return bytes.Contains(body, []byte(bens.ID))
	})

	named := []struct{ name, method, path string }{
		{"why his offer", "GET", "/api/me/offers/" + string(bens.ID) + "/why"},
		{"that it was looked at", "POST", "/api/me/offers/" + string(bens.ID) + "/viewed"},
		{"what he signed", "GET", "/api/me/recognition/consents/" + signed},
		{"a receipt of his", "GET", "/api/me/recognition/receipts/" + signed},
		{"who he was taken for", "POST", "/api/me/recognition/seen/recognised-sben/wrong"},
	}
	for _, tt := range named {
		if got, body := mia.try(tt.method, tt.path, nil); got != 404 {
			t.Errorf("%s: %d, want 404 as of what is not there\n%s", tt.name, got, body)
		}
	}
	// What is asked for without a name is one's own, whoever else is named beside.
	for _, path := range []string{"", "/offers", "/messages", "/ranking", "/export", "/push", "/recognition", "/cameras"} {
		got, body := mia.try("GET", "/api/me"+path+"?shopper=sben", nil)
		if got != 200 {
			t.Errorf("%s: %d\n%s", path, got, body)
		}
		for _, his := range []string{"sben", "of-ben", string(bens.ID)} {
			if bytes.Contains(body, []byte(his)) {
				t.Errorf("%s of Mia tells of Ben: %s", path, body)
			}
		}
	}
	mia.call("PUT", "/api/me/wishes?shopper=sben", offers.Wishes{Budget: 3}, 200, nil)
	if told := h.eventsOf("sben", offers.Identified); len(told) != 0 {
		t.Errorf("Mia's wish is Ben's: %+v", told)
	}
	mia.try("DELETE", "/api/me/push", map[string]string{"endpoint": "https://push.example.com/of-ben"})
	mia.call("DELETE", "/api/me/face", nil, 200, nil)
	mia.call("DELETE", "/api/me", nil, 200, nil)
	var push struct{ Browsers int }
	ben.call("GET", "/api/me/push", nil, 200, &push)
	given, err := h.store.Consents(t.Context(), h.log.PartitionOf("sben"), "sben")
	if push.Browsers != 1 || err != nil || !given[offers.ConsentFace].Granted {
		t.Errorf("what Mia deleted was Ben's: %d browsers, %v, %v", push.Browsers, given, err)
	}
	mia.call("GET", "/api/me", nil, 401, nil)

	secrets, err := h.catalog.Secrets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, cookie := range map[string]string{
		"a session whose time is over": catalog.SignToken(secrets.Token, "app", "sben", now.Add(-time.Second)),
		"a link's token":               catalog.SignToken(secrets.Token, catalog.TokenLink, "sben", now.Add(time.Hour)),
		"one for the cameras":          catalog.SignToken(secrets.Token, catalog.TokenEnrol, "sben", now.Add(time.Hour)),
		"one that nobody signed":       catalog.SignToken([]byte("another"), "app", "sben", now.Add(time.Hour)),
		"his name":                     "sben",
	} {
		v := h.visitor()
		v.header.Set("Cookie", "aisle_shopper="+cookie)
		if got, _ := v.try("GET", "/api/me/offers", nil); got != 401 {
			t.Errorf("%s as the cookie: %d, want 401", name, got)
		}
	}
	v := h.visitor()
	v.header.Set("Cookie", "aisle_shopper="+catalog.SignToken(secrets.Token, "app", "sben", now.Add(time.Hour)))
	v.call("GET", "/api/me/offers", nil, 200, nil)
}
