package console_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"testing"

	"aisle/offers"
)

func TestBrowsersSubscribe(t *testing.T) {
	h, _ := liveShop(t)
	h.keep(profileOf("smia"))
	h.keep(profileOf("sben"))
	mia, ben := h.phone("smia"), h.phone("sben")
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	type keys = map[string]string
	browser := map[string]any{"endpoint": "https://push.example.com/abc", "expirationTime": nil, "keys": keys{
		"p256dh": base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), "auth": "BTBZMqHH6r4Tts7J_aSIgg",
	}}
	var push struct {
		Key      string
		Browsers int
	}
	mia.call("GET", "/api/me/push", nil, 200, &push)
	point, err := base64.RawURLEncoding.DecodeString(push.Key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ecdh.P256().NewPublicKey(point); err != nil || push.Browsers != 0 {
		t.Errorf("key %q, %v, %d browsers", push.Key, err, push.Browsers)
	}
	mia.call("POST", "/api/me/push", browser, 204, nil)
	mia.call("POST", "/api/me/push", browser, 204, nil)
	before := push.Key
	mia.call("GET", "/api/me/push", nil, 200, &push)
	if push.Browsers != 1 || push.Key != before {
		t.Errorf("%d browsers, want one; key %q, want %q", push.Browsers, push.Key, before)
	}
	kept, err := h.catalog.Subscriptions(t.Context(), "smia")
	if err != nil || len(kept) != 1 || kept[0].Shopper != offers.ShopperID("smia") || string(kept[0].P256dh) != string(key.PublicKey().Bytes()) {
		t.Errorf("kept %v, %v", kept, err)
	}

	for name, test := range map[string]struct{ change, fields string }{
		"inside":       {`{"endpoint": "https://127.0.0.1/x"}`, "endpoint keys.p256dh keys.auth"},
		"of a cloud":   {`{"endpoint": "https://169.254.169.254/x", "keys": {"p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", "auth": "BTBZMqHH6r4Tts7J_aSIgg"}}`, "endpoint"},
		"no key":       {`{"endpoint": "https://push.example.com/x", "keys": {"p256dh": "AAAA", "auth": "BTBZMqHH6r4Tts7J_aSIgg=="}}`, "keys.p256dh"},
		"short secret": {`{"endpoint": "https://push.example.com/x", "keys": {"p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4=", "auth": "AAAA"}}`, "keys.auth"},
	} {
		if status, body := mia.try("POST", "/api/me/push", test.change); status != 400 || fields(t, body) != test.fields {
			t.Errorf("%s: %d %s, want 400 for %s", name, status, body, test.fields)
		}
	}

	ben.call("DELETE", "/api/me/push", map[string]string{"endpoint": "https://push.example.com/abc"}, 204, nil)
	if mia.call("GET", "/api/me/push", nil, 200, &push); push.Browsers != 1 {
		t.Errorf("another let it go: %d browsers", push.Browsers)
	}
	mia.call("DELETE", "/api/me/push", map[string]string{}, 204, nil)
	if mia.call("GET", "/api/me/push", nil, 200, &push); push.Browsers != 0 {
		t.Errorf("%d browsers", push.Browsers)
	}
}
