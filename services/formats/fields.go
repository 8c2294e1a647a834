package formats

import (
	"strings"
	"time"

	"aisle/offers"
	"aisle/offers/identity"
	"aisle/services/formats/weblog"
)

// fields are the properties and traits of which something is made.
type fields struct {
	Query, Search, Title, Name, URL, Referrer Loose

	ProductID   Loose `json:"product_id"`
	ProductIDCC Loose `json:"productId"`
	SKU         Loose `json:"sku"`
	ID          Loose `json:"id"`
	Category    Loose `json:"category"`
	Currency    Loose `json:"currency"`
	Price       Loose `json:"price"`
	Quantity    Loose `json:"quantity"`
	Value       Loose `json:"value"`
	Revenue     Loose `json:"revenue"`
	Total       Loose `json:"total"`
	DecisionID  Loose `json:"decision_id"`
	Decision    Loose `json:"decision"`
	Products    Raw   `json:"products"`

	FirstName   Loose `json:"firstName"`
	FirstNameSC Loose `json:"first_name"`
	LastName    Loose `json:"lastName"`
	LastNameSC  Loose `json:"last_name"`
	Email       Loose `json:"email"`
	Phone       Loose `json:"phone"`
	Locale      Loose `json:"locale"`
	TimeZone    Loose `json:"timezone"`
	Birthday    Loose `json:"birthday"`
	Address     Raw   `json:"address"` // an object, of which traits makes something
	Tier        Loose `json:"tier"`
	LoyaltyTier Loose `json:"loyalty_tier"`
	LoyaltyCC   Loose `json:"loyaltyTier"`
}

// traits are what an identify call told.
func (f *fields) traits(around *Context, region string) *offers.Traits {
	t := &offers.Traits{
		Name:     short(first(f.Name, join(first(f.FirstName, f.FirstNameSC), first(f.LastName, f.LastNameSC)))),
		Locale:   short(first(f.Locale, around.Locale)),
		TimeZone: short(first(f.TimeZone, around.TimeZone)),
		Tier:     strings.ToLower(short(first(f.Tier, f.LoyaltyTier, f.LoyaltyCC))),
	}
	var address struct {
		Street, City Loose
		PostalCode   Loose `json:"postalCode"`
		PostalCodeSC Loose `json:"postal_code"`
	}
	if len(f.Address) > 0 && f.Address[0] == '{' && Unmarshal(f.Address, &address) == nil {
		t.Street, t.City = short(address.Street), short(address.City)
		t.Postcode = short(first(address.PostalCode, address.PostalCodeSC))
	}
	if day, ok := ParseTime(string(f.Birthday)); ok && day.Year() >= 1900 {
		t.Birthday = day.Format(time.DateOnly)
	}
	if id, ok := identity.Normalise(offers.Identifier{Type: offers.Phone, Value: string(f.Phone)}, region); ok {
		t.Phone = id.Value
	}
	if id, ok := identity.Normalise(offers.Identifier{Type: offers.Email, Value: string(f.Email)}, region); ok {
		t.Email = id.Value
	}
	if _, err := time.LoadLocation(t.TimeZone); err != nil || t.TimeZone == "Local" {
		t.TimeZone = ""
	}
	return t
}

// page fills in what a page tells: its title, and the search that it answers.
func (f *fields) page(e *offers.Event, m *Message, around *Context) {
	e.Title = short(first(Loose(m.Name), f.Name, f.Title, around.Page.Title))
	e.Category = category(first(f.Category, Loose(m.Category)))
	e.Query = short(first(f.Query, Loose(queryOf(string(f.Search))), Loose(queryOf(string(f.URL))),
		Loose(queryOf(string(around.Page.Search))), Loose(queryOf(string(around.Page.URL)))))
	if e.Query == "" {
		_, terms := weblog.Terms(string(first(f.Referrer, around.Page.Referrer)))
		e.Query = short(Loose(terms))
	}
}

func first(values ...Loose) Loose {
	for _, v := range values {
		if strings.TrimSpace(string(v)) != "" {
			return v
		}
	}
	return ""
}

func join(a, b Loose) Loose { return Loose(strings.TrimSpace(string(a) + " " + string(b))) }

// short is a text for people, on one line and not longer than a line.
func short(t Loose) string {
	s := strings.Join(strings.Fields(string(t)), " ")
	if len(s) <= 200 {
		return s
	}
	return strings.ToValidUTF8(s[:200], "")
}
