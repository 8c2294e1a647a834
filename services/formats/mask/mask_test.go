package mask

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"running shoes":                                 "running shoes",
		"write to mia.m+x@example.com now":              "write to ••• now",
		"mia%40example.com":                             "•••",
		"+49 170 1234567":                               "•••",
		"call (030) 123 45-67!":                         "call •••!",
		"4111 1111 1111 1111":                           "•••",
		"from 192.168.10.44":                            "from •••",
		"2001:db8:85a3:0:0:8a2e:370:7334":               "•••",
		"2026-03-01T09:30:00.000Z":                      "2026-03-01T09:30:00.000Z",
		"2026-03-01":                                    "2026-03-01",
		"size 42, 19.99 EUR":                            "size 42, 19.99 EUR",
		strings.Repeat("eyJzY2hlbWEiOiJpZ2x1", 3):       "•••",
		"https://shop.example/?q=shoes&email=a@b.c&x=1": "https://shop.example/?q=shoes&email=•••&x=1",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	in := `{"type":"identify","userId":"u-77","traits":{"name":"Mia Mint","email":"mia@example.com","tier":"gold","address":{"street":"Long Lane 4","country":"DE"}},
	"properties":{"name":"Trail shoe","price":19.99,"quantity":2,"note":"for Mia, 0170 1234567","at":1767225600000,"order":4111111111111111,"a@b.c":1},
	"first_name":"Mia","context":{"ip":"1.2.3.4","page":{"title":"Shoes"}},"list":[{"phone":7}]}`
	out, ok := JSON([]byte(in))
	if !ok {
		t.Fatal("cannot be read")
	}
	for _, gone := range []string{"u-77", "Mia Mint", "mia@", "Long Lane", "0170", "1.2.3.4", "4111", "a@b.c", `"first_name":"Mia"`, `"phone":7`} {
		if strings.Contains(string(out), gone) {
			t.Errorf("%s is still in %s", gone, out)
		}
	}
	for _, stays := range []string{`"name":"Trail shoe"`, "19.99", `"tier":"gold"`, "1767225600000", `"title":"Shoes"`, `"type":"identify"`, `"quantity":2`} {
		if !strings.Contains(string(out), stays) {
			t.Errorf("%s is gone from %s", stays, out)
		}
	}
	for _, none := range []string{"", "{", "a=1&email=x", `{} {}`} {
		if out, ok := JSON([]byte(none)); ok {
			t.Errorf("%q is no document, got %s", none, out)
		}
	}
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"traits":{"name":"Mia"},"a":["mia@example.com",{"b":"+49 170 1234567"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		out, ok := JSON(body)
		if ok && !json.Valid(out) {
			t.Errorf("made %q", out)
		}
		if ok && address.Match(out) && !strings.Contains(string(body), "\\u") && strings.Contains(string(out), "@example.com") {
			t.Errorf("an address is left in %q", out)
		}
	})
}
