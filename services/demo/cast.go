package demo

import (
	"fmt"

	"aisle/offers"
)

// A person of the cast. Nobody here is real: names are common first names,
// numbers are from the range that is reserved for drama, faces are drawn.
type person struct {
	seat     int    // among the cast
	id       string // customer id at the web shop
	name     string
	phone    string
	tier     string
	tag      string // of the loyalty card
	face     int    // seed of the drawn face; 0: not enrolled
	yours    bool   // left to whoever holds their phone: they do not use their offers by themselves
	consents []offers.Purpose
	wants    []interest // what they search for on the web, dearest first
}

// An interest is what somebody searches for, and the zone where it is sold.
type interest struct {
	query, category, product string
	priceMinor               int64
	zone                     offers.ZoneID
}

var (
	shoes    = interest{"running shoes", "footwear", "Trail Runner 3", 12995, "footwear"}
	jacket   = interest{"rain jacket", "outdoor", "Stormline Jacket", 18900, "outdoor"}
	coffee   = interest{"espresso beans", "coffee", "House Espresso 1 kg", 1899, "coffee"}
	bread    = interest{"sourdough bread", "bakery", "Sourdough Loaf", 495, "bakery"}
	yoga     = interest{"yoga mat", "sports", "Everyday Mat", 3495, "sports"}
	lamp     = interest{"desk lamp", "home", "Arc Lamp", 5900, "home"}
	earbuds  = interest{"wireless earbuds", "electronics", "Quiet Buds", 8900, "electronics"}
	sunblock = interest{"sunscreen", "beauty", "Sun Cream 50", 1450, "beauty"}
)

// cast is everybody who has joined the programme. Mia goes first: her story is
// the one in the README.
func cast() []person {
	all := offers.Purposes
	noFace := []offers.Purpose{offers.ConsentPush, offers.ConsentSMS, offers.ConsentSearch, offers.ConsentLocation}
	appOnly := []offers.Purpose{offers.ConsentPush, offers.ConsentSearch, offers.ConsentLocation}
	people := []person{
		{id: "mia", name: "Mia", tier: "gold", face: 3, yours: true, consents: all, wants: []interest{shoes, yoga}},
		{id: "noor", name: "Noor", tier: "silver", face: 8, consents: all, wants: []interest{coffee, bread}},
		{id: "jonas", name: "Jonas", tier: "gold", face: 13, consents: all, wants: []interest{jacket, shoes}},
		{id: "ama", name: "Ama", tier: "silver", face: 17, consents: all, wants: []interest{yoga, sunblock}},
		{id: "luca", name: "Luca", consents: noFace, wants: []interest{earbuds, coffee}},
		{id: "sofia", name: "Sofia", tier: "silver", consents: noFace, wants: []interest{lamp, coffee}},
		{id: "emil", name: "Emil", consents: appOnly, wants: []interest{shoes, earbuds}},
		{id: "zeynep", name: "Zeynep", tier: "gold", consents: noFace, wants: []interest{sunblock, bread}},
		{id: "tom", name: "Tom", consents: appOnly, wants: []interest{coffee, jacket}},
		{id: "ines", name: "Inês", tier: "silver", consents: noFace, wants: []interest{shoes, bread}},
		{id: "kofi", name: "Kofi", consents: noFace, wants: []interest{jacket, earbuds}},
		{id: "hana", name: "Hana", tier: "gold", consents: appOnly, wants: []interest{yoga, lamp}},
	}
	for i := range people {
		people[i].seat = i
		people[i].phone = fmt.Sprintf("+4477009001%02d", 10+i)
		people[i].tag = fmt.Sprintf("iBeacon:a15e0000-0000-4000-8000-000000000001-7-%d", 100+i)
	}
	return people
}

// newcomers have these names, one after the other.
var newcomers = []string{
	"Anouk", "Ben", "Chiara", "Daan", "Elif", "Finn", "Giulia", "Hugo", "Isa", "Jun", "Karim", "Lena", "Marta",
	"Nils", "Olga", "Pim", "Quinn", "Ravi", "Sanne", "Theo", "Uma", "Vera", "Wim", "Xenia", "Youssef", "Zoë",
}

// newcomer is somebody new with p's tastes, the n-th to take that seat.
func (p person) newcomer(n int) person {
	number := n*len(cast()) + p.seat
	p.id = fmt.Sprintf("guest-%d", number)
	p.name = newcomers[number%len(newcomers)]
	p.phone = fmt.Sprintf("+447700900%03d", 200+number%800)
	p.tag = fmt.Sprintf("iBeacon:a15e0000-0000-4000-8000-000000000001-7-%d", 1000+number%60_000)
	return p
}

// strangers carry a tag that nobody has registered.
const strangers = 16

func strangerTag(i int) string {
	return fmt.Sprintf("iBeacon:5772a6e0-0000-4000-8000-000000000002-9-%d", 500+i)
}
