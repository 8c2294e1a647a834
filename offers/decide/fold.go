package decide

import (
	"maps"
	"slices"
	"time"

	"aisle/offers"
	"aisle/offers/feature"
	"aisle/offers/scenario"
	"aisle/offers/visit"
)

// Fold adds one event to what is known of its shopper. It looks at nothing
// but the event and the profile, so that a replay folds the same. Late is how
// many features it came too late for: no moment looks back that far any more.
func Fold(features *feature.Set, p *offers.Profile, e *offers.Event) (late int) {
	if e.Backfill != nil { // of nothing that the shopper did
		switch e.Type {
		case offers.BackfillBegun:
			features.Begin(p, e.Backfill)
		case offers.BackfillFound:
			features.Complete(p, e.Backfill)
		}
		return 0
	}
	if p.First.IsZero() || e.Time.Before(p.First) {
		p.First = e.Time
	}
	if e.Time.After(p.Last) {
		p.Last = e.Time
	}
	for _, id := range e.Identifiers {
		addIdentifier(p, id)
	}
	switch e.Type {
	case offers.ProfileMoved:
		moveIn(features, p, e.Profile)
		return 0
	case offers.Separated:
		takeApart(features, p, e)
		return 0
	case offers.Identified:
		if e.Traits != nil {
			tell(p, e.Traits, func(string) time.Time { return e.Time })
		}
	case offers.ConsentChanged:
		if e.Consent != nil {
			setConsent(p, e.Consent.Purpose, *e.Consent)
		}
	case offers.OfferRedeemed, offers.RedemptionUndone:
		at := e.Time
		if e.Type == offers.RedemptionUndone {
			at = time.Time{}
		}
		for i := range p.Contacts {
			if p.Contacts[i].Decision == e.Decision {
				p.Contacts[i].Redeemed = at
			}
		}
	}
	visit.Fold(p, e)
	return features.Fold(p, e)
}

// moveIn folds into p what another profile left to it. Newer answers win, what
// is known here is not overwritten, and sums add up.
func moveIn(features *feature.Set, p, from *offers.Profile) {
	if from == nil || slices.Contains(p.Absorbed, from.Shopper) {
		return
	}
	for _, id := range append([]offers.ShopperID{from.Shopper}, from.Absorbed...) {
		if !slices.Contains(p.Absorbed, id) {
			p.Absorbed = append(p.Absorbed, id)
		}
	}
	for _, id := range from.Identifiers {
		addIdentifier(p, id)
	}
	tell(p, &from.Traits, func(name string) time.Time { return from.Told[name] })
	for purpose, c := range from.Consents {
		setConsent(p, purpose, c)
	}
	features.Merge(p, from)
	scenario.Merge(p, from)
	p.Contacts = append(p.Contacts, from.Contacts...)
	slices.SortStableFunc(p.Contacts, func(a, b offers.Contact) int { return a.At.Compare(b.At) })
	if over := len(p.Contacts) - offers.MaxContacts; over > 0 {
		p.Contacts = slices.Delete(p.Contacts, 0, over)
	}
	p.Visit = visit.Join(p.Visit, from.Visit)
	visit.JoinLent(p, from)
	if p.First.IsZero() || !from.First.IsZero() && from.First.Before(p.First) {
		p.First = from.First
	}
	if from.Last.After(p.Last) {
		p.Last = from.Last
	}
}

// takeApart makes p who they are after two shoppers were taken apart: their
// identifiers and consents are those of the event. What was folded while they
// were one stays where it is, but for addresses that are the other's and for
// what was kept by a consent that was the other's.
func takeApart(features *feature.Set, p *offers.Profile, e *offers.Event) {
	if e.Profile == nil || e.Profile.Shopper != p.Shopper {
		return // for somebody who was not merged after all
	}
	p.Into = ""
	for _, id := range p.Identifiers {
		if slices.Contains(e.Profile.Identifiers, id) {
			continue
		}
		if id.Type == offers.Phone && p.Traits.Phone == id.Value {
			p.Traits.Phone = ""
			delete(p.Told, "phone")
		}
		if id.Type == offers.Email && p.Traits.Email == id.Value {
			p.Traits.Email = ""
			delete(p.Told, "email")
		}
	}
	tell(p, &e.Profile.Traits, func(string) time.Time { return time.Time{} })
	p.Identifiers = slices.Clone(e.Profile.Identifiers)
	p.Consents = maps.Clone(e.Profile.Consents)
	features.Fold(p, &offers.Event{Type: offers.ConsentChanged, Time: e.Time}) // lets go of what nobody here agreed to
	p.Absorbed = slices.DeleteFunc(p.Absorbed, func(id offers.ShopperID) bool { return slices.Contains(e.Apart, id) })
	for _, id := range e.Profile.Absorbed {
		if !slices.Contains(p.Absorbed, id) {
			p.Absorbed = append(p.Absorbed, id)
		}
	}
}

func addIdentifier(p *offers.Profile, id offers.Identifier) {
	if !slices.Contains(p.Identifiers, id) {
		p.Identifiers = append(p.Identifiers, id)
	}
}

func setConsent(p *offers.Profile, purpose offers.Purpose, c offers.Consent) {
	if have, ok := p.Consents[purpose]; ok && have.At.After(c.At) {
		return
	}
	if p.Consents == nil {
		p.Consents = map[offers.Purpose]offers.Consent{}
	}
	p.Consents[purpose] = c
}

// tell folds traits into a profile. Of each the one that was told last holds,
// in whatever order they come; one of which it is not known when it was told
// only fills what is empty.
func tell(p *offers.Profile, told *offers.Traits, at func(name string) time.Time) {
	newer := func(name string, empty bool) bool {
		when := at(name)
		if !empty && (when.IsZero() || when.Before(p.Told[name])) {
			return false
		}
		if !when.IsZero() {
			if p.Told == nil {
				p.Told = offers.Told{}
			}
			p.Told[name] = when
		}
		return true
	}
	for _, f := range []struct {
		name     string
		to, from *string
	}{
		{"name", &p.Traits.Name, &told.Name},
		{"phone", &p.Traits.Phone, &told.Phone},
		{"email", &p.Traits.Email, &told.Email},
		{"locale", &p.Traits.Locale, &told.Locale},
		{"time_zone", &p.Traits.TimeZone, &told.TimeZone},
		{"tier", &p.Traits.Tier, &told.Tier},
		{"birthday", &p.Traits.Birthday, &told.Birthday},
		{"street", &p.Traits.Street, &told.Street},
		{"postcode", &p.Traits.Postcode, &told.Postcode},
		{"city", &p.Traits.City, &told.City},
	} {
		if *f.from != "" && newer(f.name, *f.to == "") {
			*f.to = *f.from
		}
	}
	if told.Wishes != nil && newer("wishes", p.Traits.Wishes == nil) {
		p.Traits.Wishes = told.Wishes
	}
}
