package snowplow

import (
	"strings"

	"aisle/offers"
	"aisle/services/formats"
)

// ecommerce is the vendor of the ecommerce plugin's schemas; enhanced is that
// of the older one, which writes as Google Analytics did.
const (
	ecommerce = "com.snowplowanalytics.snowplow.ecommerce"
	enhanced  = "com.google.analytics.enhanced-ecommerce"
)

// actions are what shoppers do by the words of both plugins. Words that are not
// here pass.
var actions = map[string]offers.EventType{
	"product_view": offers.ProductViewed, "detail": offers.ProductViewed,
	"list_view":  offers.ProductListViewed,
	"list_click": "product_clicked", "click": "product_clicked",
	"add_to_cart": offers.ProductAdded, "add": offers.ProductAdded,
	"remove_from_cart": offers.ProductRemoved, "remove": offers.ProductRemoved,
	"cart_view":   offers.CartViewed,
	"transaction": offers.OrderCompleted, "purchase": offers.OrderCompleted,
	"transaction_error": "order_failed",
	"refund":            "order_refunded",
	"promo_view":        "promotion_viewed", "view": "promotion_viewed",
	"promo_click": "promotion_clicked",
}

// describe makes a self-describing event a call: its data are the properties,
// its schema's name is the event. What the shop's plugins tell in entities
// beside it is told in the properties too, in the words in which every other
// client says it.
func describe(m *formats.Message, props map[string]any, told entity, entities []entity) error {
	k := told.key
	var data map[string]formats.Raw
	if len(told.Data) > 0 && told.Data[0] == '{' {
		if err := formats.Unmarshal(told.Data, &data); err != nil {
			return err
		}
		for name, v := range data {
			props[name] = v
		}
	} else {
		props["data"] = told.Data
	}
	m.Event = formats.Text(k.name)
	switch {
	case k.name == "screen_view" && strings.HasPrefix(k.vendor, "com.snowplowanalytics."):
		m.Type = "screen"
		m.Name = formats.Text(text(data["name"]))
	case k.vendor == "com.snowplowanalytics.snowplow" && k.name == "site_search":
		missing(props, "query", query(data["terms"]))
	case k.vendor == "com.snowplowanalytics.snowplow" && (k.name == "add_to_cart" || k.name == "remove_from_cart"):
		if price, ok := data["unitPrice"]; ok {
			missing(props, "price", price)
		}
	case k.vendor == ecommerce && k.name == "snowplow_ecommerce_action":
		act(m, props, text(data["type"]), entities)
	case k.vendor == enhanced && k.name == "action":
		act(m, props, text(data["action"]), entities)
	}
	return nil
}

// act fills in what a shopper did by one of the plugins.
func act(m *formats.Message, props map[string]any, action string, entities []entity) {
	as, known := actions[action]
	if !known {
		as = offers.EventType(action)
	}
	var products []map[string]any
	for _, e := range entities {
		k := e.key
		if k.vendor != ecommerce && k.vendor != enhanced {
			continue
		}
		var data map[string]formats.Raw
		if formats.Unmarshal(e.Data, &data) != nil {
			continue // it says nothing; it is in the contexts all the same
		}
		switch k.name {
		case "product", "productFieldObject", "impressionFieldObject":
			products = append(products, product(data))
		case "transaction", "refund", "actionFieldObject":
			rename(props, data, map[string]string{
				"transaction_id": "order_id", "id": "order_id", "revenue": "revenue", "currency": "currency", "tax": "tax", "shipping": "shipping",
				"discount_code": "coupon", "coupon": "coupon", "payment_method": "payment_method", "total_quantity": "total_quantity",
				"refund_amount": "value", "refund_reason": "reason",
			})
		case "cart":
			rename(props, data, map[string]string{"cart_id": "cart_id", "currency": "currency"})
			if as == offers.CartViewed || as == "checkout_step" || as == "checkout" {
				rename(props, data, map[string]string{"total_value": "total"})
			}
		case "checkout_step":
			rename(props, data, map[string]string{"step": "step", "coupon_code": "coupon", "payment_method": "payment_method", "shipping_full_address": "shipping_address"})
		case "promotion", "promoFieldObject":
			rename(props, data, map[string]string{"id": "promotion_id", "name": "name", "creative_id": "creative", "creative": "creative", "slot": "position", "position": "position"})
		}
	}
	if as == "checkout_step" || as == "checkout" {
		as = offers.CheckoutStarted
		if step, ok := props["step"].(formats.Raw); ok && text(step) != "1" {
			as = "checkout_step_viewed"
		}
	}
	m.Event = formats.Text(as)
	if len(products) == 0 {
		return
	}
	missing(props, "products", products)
	switch as {
	case offers.OrderCompleted, offers.CheckoutStarted, offers.ProductListViewed, offers.CartViewed, "order_refunded", "checkout_step_viewed":
		missing(props, "currency", products[0]["currency"])
	default: // about one product
		for _, name := range []string{"product_id", "name", "category", "price", "currency", "quantity", "brand", "variant"} {
			missing(props, name, products[0][name])
		}
	}
}

// product is one in the words of the ecommerce spec.
func product(data map[string]formats.Raw) map[string]any {
	p := make(map[string]any, len(data)+1)
	for name, v := range data {
		if name == "id" {
			name = "product_id"
		}
		p[name] = v
	}
	return p
}

// rename copies what is told under a name of the entity's to the name that the
// properties have for it.
func rename(props map[string]any, data map[string]formats.Raw, names map[string]string) {
	for from, to := range names {
		if v, ok := data[from]; ok && string(v) != "null" {
			missing(props, to, v)
		}
	}
}

// missing sets what the event does not tell itself.
func missing(props map[string]any, name string, value any) {
	switch v := value.(type) {
	case nil:
		return
	case string:
		if v == "" {
			return
		}
	}
	if _, ok := props[name]; !ok {
		props[name] = value
	}
}

// structured fills in what a structured event tells. Its label is the thing
// that the action was about, by Snowplow's own advice: a product, if the action
// is one that is done to products.
func structured(props map[string]any, f map[string]string) {
	for from, to := range map[string]string{"se_ca": "se_category", "se_ac": "se_action", "se_la": "se_label", "se_pr": "se_property", "se_va": "se_value"} {
		put(props, to, f[from])
	}
	action := strings.ToLower(f["se_ac"])
	if strings.Contains(action, "search") {
		put(props, "query", f["se_la"])
		return
	}
	for _, thing := range []string{"product", "cart", "basket", "item"} {
		if strings.Contains(action, thing) {
			put(props, "product_id", f["se_la"])
			return
		}
	}
}

// ordered fills in what a classic transaction tells.
func ordered(props map[string]any, f map[string]string) {
	for from, to := range map[string]string{
		"tr_id": "order_id", "tr_af": "affiliation", "tr_tt": "total", "tr_tx": "tax", "tr_sh": "shipping",
		"tr_ci": "city", "tr_st": "state", "tr_co": "country", "tr_cu": "currency",
	} {
		put(props, to, f[from])
	}
}

// itemSold is an item of a classic transaction as a product.
func itemSold(f map[string]string) map[string]any {
	p := map[string]any{}
	for from, to := range map[string]string{"ti_sk": "product_id", "ti_nm": "name", "ti_ca": "category", "ti_pr": "price", "ti_qu": "quantity", "ti_cu": "currency"} {
		put(p, to, f[from])
	}
	return p
}

// soldWith are the items of classic transactions that came with them, by order.
func soldWith(items []item) map[string][]map[string]any {
	var sold map[string][]map[string]any
	for i := range items {
		if f := items[i].fields; f["e"] == "ti" {
			if sold == nil {
				sold = map[string][]map[string]any{}
			}
			sold[f["ti_id"]] = append(sold[f["ti_id"]], itemSold(f))
		}
	}
	return sold
}

// preferences hands on the answer of a visitor to a banner of the consent
// plugin: by its scopes, as far as they are purposes of the house.
func preferences(m *formats.Message, told entity) {
	k := told.key
	if k.vendor != "com.snowplowanalytics.snowplow" || k.name != "consent_preferences" {
		return
	}
	var said struct {
		Event  formats.Loose   `json:"eventType"`
		Scopes []formats.Loose `json:"consentScopes"`
	}
	if formats.Unmarshal(told.Data, &said) != nil {
		return
	}
	answers := map[string]formats.Raw{}
	switch said.Event {
	case "allow_all", "allow_selected":
		for _, s := range said.Scopes {
			answers[string(s)] = formats.Raw("true")
		}
	case "deny_all", "withdrawn":
		m.Refuses = []offers.Purpose{offers.ConsentSearch}
		for _, s := range said.Scopes {
			answers[string(s)] = formats.Raw("false")
		}
	}
	m.Around.Consent.CategoryPreferences = answers
}

// text is a JSON text or number as it reads.
func text(v formats.Raw) string {
	var s formats.Loose
	if len(v) == 0 || formats.Unmarshal(v, &s) != nil {
		return ""
	}
	return string(s)
}

// query is what was searched for: one text or its words.
func query(v formats.Raw) string {
	var words []formats.Loose
	if len(v) > 0 && v[0] == '[' {
		if formats.Unmarshal(v, &words) != nil {
			return ""
		}
		parts := make([]string, 0, len(words))
		for _, w := range words {
			parts = append(parts, string(w))
		}
		return strings.Join(parts, " ")
	}
	return text(v)
}
