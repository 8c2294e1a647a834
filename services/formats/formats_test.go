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
	got := []offers.Money{money(19.999, "EUR"), money(500, "JPY"), money(1.5, "KWD"), money(0.1+0.2, "")}
	want := []offers.Money{{Minor: 2000, Currency: "EUR"}, {Minor: 500, Currency: "JPY"}, {Minor: 1500, Currency: "KWD"}, {Minor: 30}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("money (-want +got):\n%s", diff)
	}
}
