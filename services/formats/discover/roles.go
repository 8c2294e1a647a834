package discover

import (
	"slices"
	"strings"
)

// Role is what a field means to the shop.
type Role string

// The roles. Only CustomerID, Cookie, EmailOf and PhoneOf tell who the shopper
// is: an address of a network with a browser never does.
const (
	RoleTime       Role = "time"
	RoleCustomerID Role = "customer_id"
	RoleCookie     Role = "cookie"
	RoleEmail      Role = "email"
	RolePhone      Role = "phone"
	RoleEvent      Role = "event"
	RoleQuery      Role = "query"
	RoleProduct    Role = "product"
	RoleCategory   Role = "category"
	RolePrice      Role = "price"
	RoleValue      Role = "value"
	RoleCurrency   Role = "currency"
	RoleQuantity   Role = "quantity"
	RoleOrder      Role = "order"
	RoleURL        Role = "url"
	RoleReferrer   Role = "referrer"
	RoleUserAgent  Role = "user_agent"
	RoleIP         Role = "ip"
	RoleLevel      Role = "level"
	RoleMessage    Role = "message"
)

// part is how fields that have a role are called and typed. Names are tried in
// their order, the earlier the better; a name fits as a whole or as the last
// words of a longer one.
type part struct {
	role  Role
	types []Type // any of them; none is any type
	names []string
}

var parts = []part{
	{RoleTime, []Type{Time}, []string{"timestamp", "event_time", "time", "occurred_at", "datetime", "date_time", "ts", "original_timestamp", "created_at", "received_at", "sent_at", "date", "created", "when", "day", "zeit", "datum"}},
	{RoleEmail, []Type{Email}, []string{"email", "e_mail", "mail", "email_address"}},
	{RolePhone, []Type{Phone, String, Integer}, []string{"phone", "phone_number", "mobile", "msisdn", "telephone", "tel", "cell", "telefon"}},
	{RoleCookie, nil, []string{"anonymous_id", "cookie", "cookie_id", "visitor_id", "client_id", "domain_userid", "device_id", "session_id", "fingerprint", "anon_id", "visitor", "session"}},
	{RoleCustomerID, nil, []string{"customer_id", "user_id", "member_id", "shopper_id", "loyalty_id", "account_id", "client_no", "customer", "customer_no", "customer_number", "kundennummer", "uid", "userid", "customerid", "member", "loyalty_card", "card_no", "user"}},
	{RoleEvent, []Type{String}, []string{"event", "event_name", "event_type", "action", "activity", "interaction", "type", "verb"}},
	{RoleQuery, []Type{String}, []string{"query", "search_query", "search_term", "search_terms", "searchterm", "keyword", "keywords", "search", "q", "term", "suchbegriff"}},
	{RoleProduct, nil, []string{"product_id", "sku", "product_sku", "item_id", "product", "product_name", "article", "article_no", "asin", "gtin", "ean", "item", "artikel", "stock_code"}},
	{RoleCategory, nil, []string{"category", "product_category", "category_name", "category_code", "category_id", "department", "kategorie", "aisle"}},
	{RolePrice, []Type{Number, Integer}, []string{"price", "unit_price", "item_price", "preis", "list_price", "sale_price"}},
	{RoleValue, []Type{Number, Integer}, []string{"value", "total", "revenue", "amount", "order_total", "order_value", "subtotal", "sum", "betrag", "turnover", "sales"}},
	{RoleCurrency, []Type{String}, []string{"currency", "currency_code", "waehrung"}},
	{RoleQuantity, []Type{Integer, Number}, []string{"quantity", "qty", "count", "units", "menge", "items"}},
	{RoleOrder, nil, []string{"order_id", "transaction_id", "order_no", "order_number", "invoice_no", "invoice", "receipt", "receipt_no", "basket_id", "order"}},
	{RoleReferrer, []Type{URL, String}, []string{"referrer", "referer", "http_referer", "page_referrer", "refr"}},
	{RoleURL, []Type{URL, String}, []string{"url", "page_url", "uri", "request_uri", "page", "href", "path", "location", "link"}},
	{RoleUserAgent, []Type{UserAgent, String}, []string{"user_agent", "useragent", "ua", "agent", "browser"}},
	{RoleIP, []Type{IP}, []string{"client_ip", "ip", "ip_address", "remote_addr", "client", "remote_ip", "addr", "address", "host"}},
	{RoleLevel, []Type{String}, []string{"level", "severity", "loglevel", "log_level", "lvl"}},
	{RoleMessage, []Type{String}, []string{"message", "msg", "log", "text"}},
}

// soleTypes are types that tell the role by themselves, whatever a field is
// called, if only one field is of it.
var soleTypes = map[Type]Role{Time: RoleTime, Email: RoleEmail, Phone: RolePhone, UserAgent: RoleUserAgent, IP: RoleIP, URL: RoleURL}

// cast gives fields their roles: each to one field at most, each field one at
// most.
func cast(p *Parser, reports []Report) {
	type fit struct{ part, name, field int }
	var fits []fit
	for i, pt := range parts {
		for j, f := range p.Fields {
			if len(pt.types) > 0 && !slices.Contains(pt.types, f.Type) || f.Type == Object || f.Type == Boolean || isBirth(f.Name) {
				continue
			}
			if (pt.role == RoleURL || pt.role == RoleReferrer) && f.Type == String && !addressed(reports[j]) {
				continue
			}
			if n, ok := pt.fits(f.Name); ok {
				fits = append(fits, fit{i, n, j})
			}
		}
	}
	slices.SortStableFunc(fits, func(a, b fit) int { return a.name - b.name })
	taken := map[Role]bool{}
	give := func(role Role, field int) {
		if p.Fields[field].Role != "" || taken[role] {
			return
		}
		taken[role] = true
		p.Fields[field].Role, reports[field].Role = role, role
	}
	for _, f := range fits {
		give(parts[f.part].role, f.field)
	}
	for t, role := range soleTypes {
		only, n := 0, 0
		for i, f := range p.Fields {
			if f.Type == t && !isBirth(f.Name) {
				only, n = i, n+1
			}
		}
		if n == 1 {
			give(role, only)
		}
	}
}

// isBirth tells the one time that is no event's.
func isBirth(name string) bool { return strings.Contains(name, "birth") || name == "dob" }

// addressed tells whether texts are addresses of pages.
func addressed(r Report) bool {
	for _, x := range r.Examples {
		if strings.HasPrefix(x, "/") || strings.Contains(x, "://") {
			return true
		}
	}
	return r.Nulls == 1
}

// fits tells how well a name fits: the less the better; as part of a longer
// name less well than as a whole.
func (pt part) fits(name string) (int, bool) {
	for i, n := range pt.names {
		if name == n {
			return i, true
		}
	}
	for i, n := range pt.names {
		if strings.HasSuffix(name, "_"+n) && len(n) > 2 {
			return 100 + i, true
		}
	}
	return 0, false
}
