package formats

import (
	"math"
	"strconv"
	"strings"
	"unicode"

	"aisle/offers"
)

// spellings are the names that clients have for what the house understands, in
// canonical spelling: Segment's ecommerce spec in both of its versions, GA4's
// recommended events, and what people write by hand.
var spellings = func() map[offers.EventType]offers.EventType {
	all := map[offers.EventType]offers.EventType{}
	for t, names := range map[offers.EventType][]string{
		offers.ProductSearched:   {"products_searched", "searched_products", "searched_product", "searched", "search", "search_performed", "site_search", "site_searched", "view_search_results", "product_search"},
		offers.ProductListViewed: {"product_category_viewed", "viewed_product_category", "viewed_product_list", "category_viewed", "viewed_category", "collection_viewed", "view_item_list", "product_list"},
		offers.ProductViewed:     {"viewed_product", "view_item", "viewed_item", "item_viewed", "product_detail_viewed", "product_view", "view_product"},
		offers.ProductAdded:      {"added_product", "product_added_to_cart", "added_to_cart", "add_to_cart", "added_product_to_cart", "cart_item_added", "item_added", "add_to_basket", "added_to_basket"},
		offers.ProductRemoved:    {"removed_product", "product_removed_from_cart", "removed_from_cart", "remove_from_cart", "cart_item_removed", "item_removed", "remove_from_basket", "removed_from_basket"},
		offers.CartViewed:        {"viewed_cart", "view_cart", "basket_viewed", "view_basket", "viewed_basket"},
		offers.CheckoutStarted:   {"started_checkout", "begin_checkout", "checkout_begun", "checkout", "initiate_checkout", "checkout_initiated"},
		offers.OrderCompleted:    {"completed_order", "purchase", "purchased", "order_placed", "placed_order", "checkout_completed", "order_complete"},
		offers.OfferViewed:       {"viewed_offer"},
		offers.OfferClicked:      {"clicked_offer"},
	} {
		all[t] = t
		for _, name := range names {
			all[offers.EventType(name)] = t
		}
	}
	return all
}()

// reserved are events that only the house itself can know of. A write key is
// in the page of a web site for all to see, and must not redeem an offer.
var reserved = map[offers.EventType]bool{
	offers.Identified: true, offers.ConsentChanged: true, offers.Merged: true, offers.ProfileMoved: true, offers.Separated: true,
	offers.Recognised: true, offers.ZoneEntered: true, offers.ZoneDwelled: true, offers.ZoneLeft: true, offers.OfferRedeemed: true, offers.RedemptionUndone: true,
	offers.CheckedIn: true, offers.DeviceLent: true, offers.OfferPlaced: true,
}

// canonical is an event's name as the house spells it: "Product Viewed",
// "productViewed" and "product-viewed" are product_viewed. What the house does
// not know passes in the same spelling.
func canonical(name string) offers.EventType {
	t := offers.EventType(Snake(name))
	if known, ok := spellings[t]; ok {
		return known
	}
	return t
}

// Known tells whether the house understands what clients tell by this name,
// however it is spelled.
func Known(name string) bool {
	t := canonical(name)
	return t != "" && spellings[t] == t
}

// Snake is a name as the house spells names: "Product Viewed", "productViewed"
// and "product-viewed" are product_viewed.
func Snake(name string) string {
	var b strings.Builder
	prev := rune(0)
	for _, r := range strings.TrimSpace(name) {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			r = '_'
		case unicode.IsUpper(r):
			if unicode.IsLower(prev) || unicode.IsDigit(prev) {
				b.WriteByte('_')
			}
		}
		if r != '_' || prev != '_' && b.Len() > 0 {
			b.WriteRune(unicode.ToLower(r))
		}
		prev = r
		if b.Len() > 100 {
			break
		}
	}
	return strings.TrimRight(b.String(), "_")
}

// commerce fills in what an event of a shop tells.
func (f *fields) commerce(e *offers.Event) {
	if e.Type == offers.ProductSearched {
		e.Query = short(first(f.Query, f.Search, Loose(queryOf(string(f.URL)))))
	} else {
		e.Query = short(f.Query)
	}
	e.Category = category(f.Category)
	if e.Category == "" && len(f.Products) > 0 {
		var products []struct {
			Category Loose `json:"category"`
		}
		if Unmarshal(f.Products, &products) == nil && len(products) > 0 {
			e.Category = category(products[0].Category)
		}
	}
	switch e.Type {
	case offers.ProductListViewed, offers.ProductSearched, offers.CartViewed, offers.CheckoutStarted, offers.OrderCompleted:
	default:
		e.Product = short(first(f.ProductID, f.ProductIDCC, f.SKU))
	}
	if e.Type == offers.ProductViewed && e.Product == "" {
		e.Product = short(f.ID)
	}
	e.Title = short(first(f.Name, f.Title))
	quantity, ok := number(f.Quantity)
	if ok && quantity >= 1 && quantity < 1e6 {
		e.Quantity = int(quantity)
	}
	currency := strings.ToUpper(strings.TrimSpace(string(f.Currency)))
	if len(currency) != 3 || strings.Trim(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		currency = ""
	}
	var amount float64
	var known bool
	switch e.Type {
	case offers.OrderCompleted, offers.CheckoutStarted:
		amount, known = number(first(f.Revenue, f.Total, f.Value))
	default:
		if amount, known = number(f.Value); !known {
			amount, known = number(f.Price)
			if known && e.Quantity > 1 && e.Type != offers.ProductViewed {
				amount *= float64(e.Quantity)
			}
		}
	}
	if known {
		e.Value = offers.MoneyOf(amount, currency)
	}
	if e.Type == offers.OfferViewed || e.Type == offers.OfferClicked {
		e.Decision = offers.DecisionID(short(first(f.DecisionID, f.Decision)))
	}
}

// category is a category's name in the spelling in which they are compared.
func category(t Loose) string { return strings.ToLower(short(t)) }

// number reads an amount as clients write it: 19.99, "19.99", "$1,299.00".
func number(t Loose) (float64, bool) {
	s := strings.TrimSpace(string(t))
	s = strings.TrimLeft(s, "$€£¥ ")
	if strings.Contains(s, ".") || strings.Count(s, ",") > 1 {
		s = strings.ReplaceAll(s, ",", "")
	} else {
		s = strings.Replace(s, ",", ".", 1)
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(n) || math.Abs(n) > 1e12 {
		return 0, false
	}
	return n, true
}
