package formats

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
)

func TestCanonical(t *testing.T) {
	for name, want := range map[string]offers.EventType{
		"Products Searched": offers.ProductSearched, "products_searched": offers.ProductSearched, "productsSearched": offers.ProductSearched,
		"Product Viewed": offers.ProductViewed, "product_viewed": offers.ProductViewed, "Viewed Product": offers.ProductViewed, "view_item": offers.ProductViewed,
		"PRODUCT VIEWED": offers.ProductViewed, " Product - Viewed ": offers.ProductViewed, "ProductViewed": offers.ProductViewed,
		"Product List Viewed": offers.ProductListViewed, "Product Added": offers.ProductAdded, "Product Removed": offers.ProductRemoved,
		"Cart Viewed": offers.CartViewed, "Checkout Started": offers.CheckoutStarted, "Order Completed": offers.OrderCompleted, "Completed Order": offers.OrderCompleted,
		"Promotion Clicked": "promotion_clicked", "Añadido": "añadido", "": "", "---": "",
	} {
		if got := canonical(name); got != want {
			t.Errorf("canonical(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestParseTime(t *testing.T) {
	want := time.Date(2026, 11, 20, 10, 0, 0, 123e6, time.UTC)
	for _, s := range []string{"2026-11-20T10:00:00.123Z", "2026-11-20T11:00:00.123+01:00", "2026-11-20T11:00:00.123+0100", "2026-11-20 10:00:00.123", "1795168800123", "1795168800.123"} {
		if got, ok := ParseTime(s); !ok || !got.Equal(want) {
			t.Errorf("ParseTime(%q) = %v, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "now", "20.11.2026", "1e300", "NaN", "-"} {
		if got, ok := ParseTime(s); ok {
			t.Errorf("ParseTime(%q) = %v", s, got)
		}
	}
}

func TestQueryOf(t *testing.T) {
	for address, want := range map[string]string{
		"https://shop.example/search?q=running%20shoes&size=42": "running shoes",
		"?q=zapatillas+trail":                 "zapatillas trail",
		"/s?SEARCH=Boots#top":                 "Boots",
		"https://shop.example/p/1?utm_term=x": "",
		"https://shop.example/":               "",
		"?q=%zz&query=ok":                     "ok",
		"?q=":                                 "",
	} {
		if got := queryOf(address); got != want {
			t.Errorf("queryOf(%q) = %q, want %q", address, got, want)
		}
	}
}

func TestMoneyAndNumbers(t *testing.T) {
	for s, want := range map[Loose]float64{"19.99": 19.99, "1,299.00": 1299, "$5": 5, "19,5": 19.5, "1,299,000": 1299000, "-3": -3} {
		if got, ok := number(s); !ok || got != want {
			t.Errorf("number(%q) = %v, %v", s, got, ok)
		}
	}
	for _, s := range []Loose{"", "free", "NaN", "1e300"} {
		if got, ok := number(s); ok {
			t.Errorf("number(%q) = %v", s, got)
		}
	}
	got := []offers.Money{offers.MoneyOf(19.999, "EUR"), offers.MoneyOf(500, "JPY"), offers.MoneyOf(1.5, "KWD"), offers.MoneyOf(0.1+0.2, "")}
	want := []offers.Money{{Minor: 2000, Currency: "EUR"}, {Minor: 500, Currency: "JPY"}, {Minor: 1500, Currency: "KWD"}, {Minor: 30}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("money (-want +got):\n%s", diff)
	}
}

func TestTruncateIPs(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"IPv4", `{"context":{"ip":"203.0.113.77"}}`, `{"context":{"ip":"203.0.113.0"}}`},
		{"IPv6, spaces", `{"ip" : "2001:db8:1:2:3::4"}`, `{"ip" : "2001:db8:1::"}`},
		{"other names", `{"client_ip":"10.1.2.3","remoteAddr":"10.1.2.3","user_ipaddress":"10.1.2.3"}`, `{"client_ip":"10.1.2.0","remoteAddr":"10.1.2.0","user_ipaddress":"10.1.2.0"}`},
		{"none", `{"version":"1.2.3.4","zip":"28001","ip":null,"tip":"12:30"}`, `{"version":"1.2.3.4","zip":"28001","ip":null,"tip":"12:30"}`},
		{"cut short", `{"ip":"203.0.113.7`, `{"ip":"203.0.113.7`},
		{"not JSON", `""""":"1.1.1.1"`, `""""":"1.1.1.1"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(TruncateIPs([]byte(tt.body))); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	if got, want := TruncateIPsInQuery("e=pv&ip=203.0.113.7&page=ip"), "e=pv&ip=203.0.113.0&page=ip"; got != want {
		t.Errorf("query %s, want %s", got, want)
	}
}

// What somebody looks for is found wherever a page view tells it.
func TestSearches(t *testing.T) {
	tests := []struct{ name, page, want string }{
		{"the site's own search", `"url":"https://shop.example/search?q=trail%20shoes&size=42"`, "trail shoes"},
		{"its part behind the question mark", `"search":"?keywords=rain+jacket"`, "rain jacket"},
		{"a search engine", `"url":"https://shop.example/","referrer":"https://www.bing.com/search?q=wool+socks"`, "wool socks"},
		{"an engine that tells nothing", `"url":"https://shop.example/","referrer":"https://www.google.com/"`, ""},
		{"a page of its own", `"url":"https://shop.example/p/507?colour=red"`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Origin{Source: "segment/website", Received: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)}
			m := &Message{Type: "page", MessageID: "m", AnonymousID: "a", Context: Raw(`{"page":{` + tt.page + `}}`)}
			g, bad := o.Read(m)
			if bad != nil {
				t.Fatal(bad)
			}
			got := ""
			if s := g.Search(); s != nil {
				if s.Event.Type != offers.ProductSearched || s.Event.ID != "segment/website/m/search" || g.Event.Type != offers.PageViewed {
					t.Errorf("%s %s beside %s", s.Event.Type, s.Event.ID, g.Event.Type)
				}
				got = s.Event.Query
			}
			if got != tt.want {
				t.Errorf("searched for %q, want %q", got, tt.want)
			}
		})
	}
}
