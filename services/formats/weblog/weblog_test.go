package weblog

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
)

var noon = time.Date(2024, 5, 17, 10, 5, 3, 0, time.UTC)

func TestParse(t *testing.T) {
	tests := []struct {
		name, line string
		want       Hit
	}{
		{
			"common", `203.0.113.7 - - [17/May/2024:12:05:03 +0200] "GET /shoes?q=trail HTTP/1.1" 200 5120`,
			Hit{Client: "203.0.113.0", Time: noon, Method: "GET", URL: "/shoes?q=trail", Protocol: "HTTP/1.1", Status: 200, Bytes: 5120, Form: Common},
		},
		{
			"combined", `2001:db8:1:2:3::9 - ada [17/May/2024:10:05:03 +0000] "POST /cart HTTP/2.0" 302 - "https://shop.example/p/1" "Mozilla/5.0 (X11)"`,
			Hit{Client: "2001:db8:1::", User: "ada", Time: noon, Method: "POST", URL: "/cart", Protocol: "HTTP/2.0", Status: 302,
				Referrer: "https://shop.example/p/1", UserAgent: "Mozilla/5.0 (X11)", Form: Combined},
		},
		{
			"virtual host", `shop.example:443 203.0.113.7 - - [17/May/2024:10:05:03 +0000] "GET / HTTP/1.1" 200 7 "-" "-"`,
			Hit{Host: "shop.example:443", Client: "203.0.113.0", Time: noon, Method: "GET", URL: "/", Protocol: "HTTP/1.1", Status: 200, Bytes: 7, Form: VhostCombined},
		},
		{
			"how long it took, by nginx", `203.0.113.7 - - [17/May/2024:10:05:03 +0000] "GET / HTTP/1.1" 200 7 "-" "x" "198.51.100.9" rt=0.012 uct="0.000"`,
			Hit{Client: "203.0.113.0", Time: noon, Method: "GET", URL: "/", Protocol: "HTTP/1.1", Status: 200, Bytes: 7, UserAgent: "x", Form: Combined,
				Took: 12 * time.Millisecond, Extra: []string{"198.51.100.9", "rt=0.012", `uct="0.000"`}},
		},
		{
			"how long it took, by Apache", `203.0.113.7 - - [17/May/2024:10:05:03 +0000] "GET / HTTP/1.1" 200 7 1500`,
			Hit{Client: "203.0.113.0", Time: noon, Method: "GET", URL: "/", Protocol: "HTTP/1.1", Status: 200, Bytes: 7, Form: Common,
				Took: 1500 * time.Microsecond, Extra: []string{"1500"}},
		},
		{
			"escaped quotes and bytes", `203.0.113.7 - - [17/May/2024:10:05:03 +0000] "GET /\"a\x22 HTTP/1.0" 404 1 "-" "say \"hi\" \\ \xc3\xa9"`,
			Hit{Client: "203.0.113.0", Time: noon, Method: "GET", URL: `/"a"`, Protocol: "HTTP/1.0", Status: 404, Bytes: 1, UserAgent: `say "hi" \ é`, Form: Combined},
		},
		{
			"no HTTP", `203.0.113.7 - - [17/May/2024:10:05:03 +0000] "\x16\x03\x01" 400 226 "-" "-"`,
			Hit{Client: "203.0.113.0", Time: noon, Request: "\x16\x03\x01", Status: 400, Bytes: 226, Form: Combined},
		},
		{
			"spaces in the address and no protocol", `203.0.113.7 - - [17/May/2024:10:05:03 +0000] "GET /a b" 200 1`,
			Hit{Client: "203.0.113.0", Time: noon, Method: "GET", URL: "/a b", Status: 200, Bytes: 1, Form: Common},
		},
		{
			"a user of two words, a named host", `host.example - Ada L [17/May/2024:10:05:03 +0000] "GET / HTTP/1.1" 200 1`,
			Hit{User: "Ada L", Time: noon, Method: "GET", URL: "/", Protocol: "HTTP/1.1", Status: 200, Bytes: 1, Form: Common},
		},
		{
			"through proxies", `203.0.113.7, 198.51.100.1 - - [17/May/2024:10:05:03 +0000] "GET / HTTP/1.1" 200 1`,
			Hit{Client: "203.0.113.0", Time: noon, Method: "GET", URL: "/", Protocol: "HTTP/1.1", Status: 200, Bytes: 1, Form: Common},
		},
		{
			"broken off", `203.0.113.7 - - [17/May/2024:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "Mozilla/5.0 (`,
			Hit{Client: "203.0.113.0", Time: noon, Method: "GET", URL: "/", Protocol: "HTTP/1.1", Status: 200, Bytes: 1, UserAgent: "Mozilla/5.0 (", Form: Combined, Cut: true},
		},
		{
			"time as ISO 8601", `203.0.113.7 - - [2024-05-17T12:05:03+02:00] "GET / HTTP/1.1" 200 1`,
			Hit{Client: "203.0.113.0", Time: noon, Method: "GET", URL: "/", Protocol: "HTTP/1.1", Status: 200, Bytes: 1, Form: Common},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse([]byte(tt.line + "\r\n"))
			if err != nil {
				t.Fatal(err)
			}
			got.Time = got.Time.UTC()
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Parse differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct {
		name, line string
		want       error
	}{
		{"nothing", "  ", ErrEmpty},
		{"too long", strings.Repeat("x", MaxLine+1), ErrTooLong},
		{"prose", "the shop opens at nine", ErrNoTime},
		{"a time of no calendar", `a - - [31/Jun/2024:10:05:03 +0000] "GET / HTTP/1.1" 200 1`, ErrTime},
		{"no ident", `a - [17/May/2024:10:05:03 +0000] "GET / HTTP/1.1" 200 1`, ErrFields},
		{"no request", `a - - [17/May/2024:10:05:03 +0000] 200 1`, ErrRequest},
		{"a status of letters", `a - - [17/May/2024:10:05:03 +0000] "GET / HTTP/1.1" OK 1`, ErrStatus},
		{"bytes of letters", `a - - [17/May/2024:10:05:03 +0000] "GET / HTTP/1.1" 200 many`, ErrBytes},
		{"an ended line", `a - - [17/May/2024:10:05:03 +0000] "GET / HTTP/1.1"`, ErrStatus},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse([]byte(tt.line))
			if !errors.Is(err, tt.want) || !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("Parse = %v, want %v as invalid", err, tt.want)
			}
		})
	}
}

func TestTruncateIP(t *testing.T) {
	tests := map[string]string{
		"203.0.113.7":              "203.0.113.0",
		"::ffff:203.0.113.7":       "203.0.113.0",
		"2001:db8:1:2::3":          "2001:db8:1::",
		"fe80::1%eth0":             "fe80::",
		"host.example":             "",
		"203.0.113.7:80":           "",
		"":                         "",
		"203.0.113.7, 198.51.1.99": "",
	}
	for in, want := range tests {
		if got := TruncateIP(in); got != want {
			t.Errorf("TruncateIP(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTerms(t *testing.T) {
	tests := []struct{ name, referrer, engine, query string }{
		{"google", "https://www.google.com/search?q=trail+running%20shoes&hl=en", "google", "trail running shoes"},
		{"google of a country", "http://www.google.co.uk/url?sa=t&q=red+mug&url=http%3A%2F%2Fshop.example%2F", "google", "red mug"},
		{"google with nothing to say", "https://www.google.de/", "google", ""},
		{"behind the #", "https://www.google.fr/?gws_rd=ssl#q=caf%C3%A9", "google", "café"},
		{"searched anew", "https://www.google.com/search?q=old#q=new", "google", "new"},
		{"latin1", "http://www.google.de/search?q=m%FCtze&ie=ISO-8859-1", "google", "mütze"},
		{"from the cache", "http://webcache.googleusercontent.com/search?q=cache:abc:shop.example/+red+mug", "", ""},
		{"cache of google itself", "http://www.google.com/search?q=cache:abc:shop.example/+red+mug", "google", "red mug"},
		{"pictures", "http://www.google.com/imgres?imgurl=a.png&prev=/images%3Fq%3Dred%2Bmug%26num%3D10", "google", "red mug"},
		{"an address, no search", "http://www.google.com/url?q=https://shop.example/", "google", ""},
		{"an address, searched for", "http://images.google.com/images?q=http://shop.example/", "google", "http://shop.example/"},
		{"bing", "https://www.bing.com/search?q=red%20mug&form=QBLH", "bing", "red mug"},
		{"yahoo", "https://uk.search.yahoo.com/search;_ylt=A?p=red+mug&fr=x", "yahoo", "red mug"},
		{"duckduckgo", "https://duckduckgo.com/?q=red+mug&t=h_", "duckduckgo", "red mug"},
		{"yandex", "https://yandex.ru/search/?text=%D0%BA%D1%80%D1%83%D0%B6%D0%BA%D0%B0&lr=213", "yandex", "кружка"},
		{"yandex before UTF-8", "http://yandex.ru/yandsearch?text=%EA%F0%F3%E6%EA%E0", "yandex", "кружка"},
		{"baidu", "http://www.baidu.com/s?wd=%E6%9D%AF%E5%AD%90", "baidu", "杯子"},
		{"baidu in GBK", "http://www.baidu.com/s?wd=%B1%AD%D7%D3&ie=gb2312", "baidu", "杯子"},
		{"ecosia", "https://www.ecosia.org/search?q=red+mug", "ecosia", "red mug"},
		{"brave", "https://search.brave.com/search?q=red+mug", "brave", "red mug"},
		{"the makers of brave", "https://brave.com/?q=red+mug", "", ""},
		{"naver", "https://search.naver.com/search.naver?query=%EC%BB%B5", "naver", "컵"},
		{"a shop", "https://shop.example/search?q=mug", "", ""},
		{"a pretender", "https://google.shop.example.com/search?q=mug", "", ""},
		{"mail, no search", "https://mail.ru/?q=mug", "", ""},
		{"no address", "red mug", "", ""},
		{"nothing", "", "", ""},
		{"a port and capitals", "HTTPS://WWW.GOOGLE.COM:443/search?q=mug", "google", "mug"},
		{"codes cut off", "https://www.google.com/search?q=mug%2", "google", "mug%2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			engine, query := Terms(tt.referrer)
			if engine != tt.engine || query != tt.query {
				t.Errorf("Terms(%q) = %q, %q; want %q, %q", tt.referrer, engine, query, tt.engine, tt.query)
			}
		})
	}
}

// The access log of a real site, where it is at hand.
func TestRealLog(t *testing.T) {
	file := filepath.Join("..", "..", "..", "..", "shared", "data", "logs", "apache", "access.log")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("%s is not here: no real log is read", file)
	}
	lines, searched := 0, 0
	for s := bufio.NewScanner(bytes.NewReader(raw)); s.Scan(); {
		lines++
		h, err := Parse(s.Bytes())
		if err != nil {
			t.Errorf("line %d: %v", lines, err)
			continue
		}
		if _, query := Terms(h.Referrer); query != "" {
			searched++
		}
	}
	if lines < 1000 || searched < 10 {
		t.Errorf("%d lines and %d searches were read", lines, searched)
	}
	t.Logf("%d lines, %d searches", lines, searched)
}

func BenchmarkParse(b *testing.B) {
	line := []byte(`203.0.113.7 - - [17/May/2024:12:05:03 +0200] "GET /shoes?q=trail HTTP/1.1" 200 5120 "https://www.google.com/" "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"`)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(line); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, line := range []string{
		"", "-", `a - - [17/May/2024:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "x`,
		`v:80 203.0.113.7, 1.2.3.4 - - [17/May/2024:10:05:03 +0000] "\x16" 400 - "\"" "\\" rt=0.1 12`,
		`a - - [] "" - -`, ` [`, ` []`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		h, err := Parse(line)
		if err != nil && !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("Parse(%q) = %v, want an invalid", line, err)
		}
		if err == nil && (h.Time.IsZero() && h.Time.Year() != 1 || h.Status < 0 || h.Bytes < 0 || h.Took < 0) {
			t.Errorf("Parse(%q) = %+v", line, h)
		}
		if h.Client != "" && TruncateIP(h.Client) != h.Client {
			t.Errorf("Parse(%q) left the address whole: %q", line, h.Client)
		}
	})
}

func FuzzTerms(f *testing.F) {
	for _, ref := range []string{"", "https://www.google.com/search?q=%", "http://yandex.ru/?text=%ff", "https://www.google.com/imgres?prev=%2F%3Fq%3Da", "://"} {
		f.Add(ref)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		engine, query := Terms(ref)
		if engine == "" && query != "" || len(query) > 200 || strings.ContainsAny(query, "\r\n") || query != strings.ToValidUTF8(query, "") {
			t.Errorf("Terms(%q) = %q, %q", ref, engine, query)
		}
		NewReferrer(ref)
	})
}
