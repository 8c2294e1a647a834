package likeness

import "aisle/offers"

// Shoppers is the schema of what shoppers told of themselves. Who has the same
// telephone number or e-mail address is one shopper already, unless a rule
// forbade it: so those of one person mostly differ.
func Shoppers() []Field {
	return []Field{
		{Name: "name", Kind: Name},
		{Name: "birthday", Kind: Date},
		{Name: "phone", Kind: Code, Differs: .6},
		{Name: "email", Kind: Address, Differs: .6},
		{Name: "street", Kind: Name, Group: "place", Differs: .2},
		{Name: "postcode", Kind: Code, Group: "place", Differs: .2},
		{Name: "city", Kind: Name, Group: "place", Differs: .2},
		{Name: "time_zone", Kind: Word, Group: "place"},
		{Name: "locale", Kind: Word},
	}
}

// OfTraits is the record, by Shoppers, of what a shopper told.
func OfTraits(t offers.Traits) Record {
	return Record{t.Name, t.Birthday, t.Phone, t.Email, t.Street, t.Postcode, t.City, t.TimeZone, t.Locale}
}
