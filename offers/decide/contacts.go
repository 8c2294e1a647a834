package decide

import (
	"slices"

	"aisle/offers"
)

// Remember notes in the profile what was decided, for caps and cooldowns: at
// once, not when it is sent, so that two moments in a row do not both spend the
// same allowance. A fallback is nobody's contact.
func Remember(p *offers.Profile, d *offers.Decision) {
	switch {
	case d.Placement != "":
		rememberShown(p, d)
	case d.Verdict == offers.Offered && d.Offer != nil:
		addContact(p, offers.Contact{Decision: d.ID, Campaign: d.Campaign, Offer: d.Offer.ID, At: d.Time})
	}
}

func addContact(p *offers.Profile, c offers.Contact) {
	if over := len(p.Contacts) + 1 - offers.MaxContacts; over > 0 { // before, so that it need not grow
		p.Contacts = slices.Delete(p.Contacts, 0, over)
	}
	p.Contacts = append(p.Contacts, c)
}

// Shown are the contacts of what a page shows. A fallback is nobody's.
func Shown(d *offers.Decision) []offers.Contact {
	if d.Verdict != offers.Offered || d.Fallback {
		return nil
	}
	shown := make([]offers.Contact, len(d.Placed))
	for i := range d.Placed {
		one := &d.Placed[i]
		shown[i] = offers.Contact{Decision: d.ID, Campaign: one.Campaign, Offer: one.Offer.ID, At: d.Time, Placement: d.Placement}
	}
	return shown
}

// SameShown tells whether two contacts are of one answer: its decision has
// another id on the log than at the door.
func SameShown(a, b *offers.Contact) bool {
	return a.Placement == b.Placement && a.Campaign == b.Campaign && a.Offer == b.Offer && a.At.Equal(b.At)
}

// rememberShown notes what a page shows. One answer that is on the log twice is
// noted once, under its later id.
func rememberShown(p *offers.Profile, d *offers.Decision) {
	for _, c := range Shown(d) {
		i := slices.IndexFunc(p.Contacts, func(had offers.Contact) bool { return SameShown(&had, &c) })
		if i >= 0 {
			p.Contacts[i].Decision = c.Decision
			continue
		}
		p.Contacts = append(p.Contacts, c)
	}
	p.Contacts = FewerShown(p.Contacts)
	if over := len(p.Contacts) - offers.MaxContacts; over > 0 {
		p.Contacts = slices.Delete(p.Contacts, 0, over)
	}
}

// FewerShown lets go of what pages have shown beyond what is remembered: each
// time the oldest of the campaign that was shown most. Who turns many pages makes
// the house forget neither what it sent nor the caps of what is shown seldom.
func FewerShown(contacts []offers.Contact) []offers.Contact {
	for {
		all, most, shown := 0, 0, map[offers.CampaignID]int{}
		for i := range contacts {
			if contacts[i].Placement != "" {
				all++
				shown[contacts[i].Campaign]++
				most = max(most, shown[contacts[i].Campaign])
			}
		}
		if all <= offers.MaxPlaced {
			return contacts
		}
		i := slices.IndexFunc(contacts, func(c offers.Contact) bool { return c.Placement != "" && shown[c.Campaign] == most })
		contacts = slices.Delete(contacts, i, i+1)
	}
}
