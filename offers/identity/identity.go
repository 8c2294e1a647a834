// Package identity says who is who: whether the phone number that a web site
// tells, the cookie of a browser and the tag at a bag are one shopper's, and
// when they must not be taken for one.
//
// Its rules: a person identifier (customer id, phone, e-mail) says who someone
// is; a device identifier (app install, face, tag, cookie) says only what was
// in the room, and rooms have shared tablets. A known person never becomes
// another known person by what a device says, nor where both have a customer
// id, a phone or an e-mail and it is not the same: an event that names a family's
// telephone beside another's e-mail proves nothing. Only what completes joins:
// who left nothing but a phone is the customer whose event names that phone.
// Where taking all identifiers of an event together would break a rule, those
// of the lowest priority are left out. Everything that was ever joined keeps
// the edge that joined it, so that it can be taken apart again, and who was
// taken apart stays so until a person says otherwise.
//
// The package is pure: times are arguments, and nothing is stored here.
package identity

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"time"

	"aisle/offers"
)

// Rule is what holds for one type of identifier.
type Rule struct {
	Type   offers.IdentifierType
	Person bool          // names a person, not a device
	Limit  int           // how many values one shopper may have
	Per    time.Duration // counting those first seen within it; 0 means ever
}

// Rules are the types of identifiers, highest priority first.
func Rules() []Rule {
	return []Rule{
		{Type: offers.CustomerID, Person: true, Limit: 1},
		{Type: offers.Phone, Person: true, Limit: 3},
		{Type: offers.Email, Person: true, Limit: 5},
		{Type: offers.AppInstall, Limit: 5},
		{Type: offers.Face, Limit: 1},
		{Type: offers.Tag, Limit: 5},
		{Type: offers.Cookie, Limit: 5, Per: 7 * 24 * time.Hour},
	}
}

var rules = Rules()

// Priority is 0 for the type that says most surely who someone is, and grows.
// The ok result is false for a type that does not exist.
func Priority(t offers.IdentifierType) (priority int, ok bool) {
	for i := range rules {
		if rules[i].Type == t {
			return i, true
		}
	}
	return len(rules), false
}

// Person tells whether identifiers of the type name a person.
func Person(t offers.IdentifierType) bool {
	i, ok := Priority(t)
	return ok && rules[i].Person
}

var names = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewShopperID is the name of a shopper who was first met by the identifier,
// the highest of the event. It depends on nothing else, so that retries and
// doors that meet the same person at the same time agree.
func NewShopperID(id offers.Identifier) offers.ShopperID {
	h := sha256.New()
	h.Write([]byte(id.Type))
	h.Write([]byte{0})
	h.Write([]byte(id.Value))
	return offers.ShopperID("s" + names.EncodeToString(h.Sum(nil)[:15]))
}

// Edge is why an identifier is a shopper's.
type Edge struct {
	Identifier offers.Identifier
	Since      time.Time
	From       offers.ShopperID // who brought it by a merge; empty: an event named it
	Source     string           // the door and writer whose event named it first, if known
}

// Cluster is one shopper's identifiers, each with the edge that tied it.
type Cluster struct {
	Shopper offers.ShopperID
	Since   time.Time // when the shopper was first met; never changes
	Edges   []Edge
	Apart   []offers.ShopperID // whom a person said they are not
	Leaving bool               // is being taken apart: merges with nobody until that is done
}

// Known tells whether any identifier names a person.
func (c *Cluster) Known() bool {
	return slices.ContainsFunc(c.Edges, func(e Edge) bool { return Person(e.Identifier.Type) })
}

// Customer tells whether the shopper is a customer of the house.
func (c *Cluster) Customer() bool {
	return slices.ContainsFunc(c.Edges, func(e Edge) bool { return e.Identifier.Type == offers.CustomerID })
}

// Has tells whether the identifier is the shopper's.
func (c *Cluster) Has(id offers.Identifier) bool {
	return slices.ContainsFunc(c.Edges, func(e Edge) bool { return e.Identifier == id })
}

// Absorb is c with all that loser has. Each edge remembers where it came from.
func (c Cluster) Absorb(loser Cluster) Cluster {
	c.Edges = slices.Clone(c.Edges)
	for _, e := range loser.Edges {
		if !c.Has(e.Identifier) {
			e.From = loser.Shopper
			c.Edges = append(c.Edges, e)
		}
	}
	return c
}

// Without undoes Absorb: c with nothing that loser brought.
func (c Cluster) Without(loser offers.ShopperID) Cluster {
	c.Edges = slices.DeleteFunc(slices.Clone(c.Edges), func(e Edge) bool { return e.From == loser })
	return c
}

// Apart tells whether a person said that these two are not one.
func Apart(a, b *Cluster) bool {
	return slices.Contains(a.Apart, b.Shopper) || slices.Contains(b.Apart, a.Shopper)
}

// Winner says which of two shoppers stays when a person says that they are one.
func Winner(a, b *Cluster) (winner, loser *Cluster) {
	if b.outranks(a) {
		return b, a
	}
	return a, b
}

// differ tells whether two known shoppers both have a person identifier of one
// type: not the same then, since an identifier has one owner.
func differ(a, b *Cluster) bool {
	return slices.ContainsFunc(a.Edges, func(e Edge) bool {
		return Person(e.Identifier.Type) &&
			slices.ContainsFunc(b.Edges, func(o Edge) bool { return o.Identifier.Type == e.Identifier.Type })
	})
}

// outranks tells which of two clusters stays when they become one: the
// customer, then the known person, then who was met first. A cluster's rank
// can only rise while it lives, which keeps doors that merge at the same time
// from merging in a circle.
func (c *Cluster) outranks(o *Cluster) bool {
	if a, b := c.Customer(), o.Customer(); a != b {
		return a
	}
	if a, b := c.Known(), o.Known(); a != b {
		return a
	}
	if !c.Since.Equal(o.Since) {
		return c.Since.Before(o.Since)
	}
	return c.Shopper < o.Shopper
}

// OwnAddresses is what a shopper told of themselves less the telephone number and
// e-mail address that cannot be theirs: a message for one person must not reach
// another.
func OwnAddresses(told *offers.Traits, dropped []offers.Identifier) *offers.Traits {
	if told == nil {
		return nil
	}
	own := *told
	for _, id := range dropped {
		if id.Type == offers.Phone && id.Value == own.Phone {
			own.Phone = ""
		}
		if id.Type == offers.Email && id.Value == own.Email {
			own.Email = ""
		}
	}
	return &own
}

// Plan is what to do with the identifiers of one event.
type Plan struct {
	Shopper offers.ShopperID    // whose event it is; empty if no identifier is left
	New     bool                // the shopper was not met before
	Attach  []offers.Identifier // that become the shopper's
	Merge   []offers.ShopperID  // who become this shopper
	Dropped []offers.Identifier // that cannot be this shopper's
}

// Resolve decides whose event it is that has these identifiers, clean and in
// order of priority, and what it joins. Owner gives the cluster that an
// identifier belongs to, nil if to none. An identifier that would make two
// known persons one, join who was taken apart, or exceed a limit, is dropped,
// the lowest priority first.
func Resolve(ids []offers.Identifier, owner func(offers.Identifier) *Cluster, now time.Time) Plan {
	var kept, dropped []offers.Identifier
	var u union
	for _, id := range ids {
		if next, ok := u.with(id, owner(id), now); ok {
			u, kept = next, append(kept, id)
		} else {
			dropped = append(dropped, id)
		}
	}
	p := Plan{Dropped: dropped}
	if len(kept) == 0 {
		return p
	}
	if len(u.members) == 0 {
		return Plan{Shopper: NewShopperID(kept[0]), New: true, Attach: kept, Dropped: dropped}
	}
	winner := u.members[0].cluster
	for _, m := range u.members[1:] {
		if m.cluster.outranks(winner) {
			winner = m.cluster
		}
	}
	p.Shopper = winner.Shopper
	for _, m := range u.members {
		if m.cluster != winner {
			p.Merge = append(p.Merge, m.cluster.Shopper)
		}
	}
	p.Attach = u.fresh
	return p
}

// union is what some identifiers of an event would be together.
type union struct {
	members []member            // clusters that were there
	fresh   []offers.Identifier // identifiers that were nobody's
	person  bool                // any of fresh names a person
}

type member struct {
	cluster *Cluster
	named   bool // by a person identifier, not only by a device's
}

// with is the union with one identifier more, and whether that may be.
func (u union) with(id offers.Identifier, c *Cluster, now time.Time) (union, bool) {
	u.members, u.fresh = slices.Clone(u.members), slices.Clone(u.fresh)
	person := Person(id.Type)
	switch i := slices.IndexFunc(u.members, func(m member) bool { return c != nil && m.cluster.Shopper == c.Shopper }); {
	case c == nil:
		u.fresh = append(u.fresh, id)
		u.person = u.person || person
	case i >= 0:
		u.members[i].named = u.members[i].named || person
	default:
		u.members = append(u.members, member{c, person})
	}
	return u, u.allowed(now)
}

func (u union) allowed(now time.Time) bool {
	if len(u.members) == 1 && len(u.fresh) == 0 {
		return true // nothing would change
	}
	known, unnamed := 0, false
	if u.person {
		known++
	}
	for _, m := range u.members {
		if m.cluster.Known() {
			known++
			unnamed = unnamed || !m.named
		}
	}
	if known > 1 && unnamed {
		return false // two persons, and only a device says that they are one
	}
	for i, m := range u.members {
		if m.cluster.Leaving && len(u.members) > 1 {
			return false
		}
		for _, o := range u.members[:i] {
			if Apart(m.cluster, o.cluster) || m.cluster.Known() && o.cluster.Known() && differ(m.cluster, o.cluster) {
				return false
			}
		}
	}
	return u.withinLimits(now)
}

// withinLimits tells whether nobody would have more identifiers of a type than
// the rules allow, or, where one of them has more already since a person joined
// two customers, more than that.
func (u union) withinLimits(now time.Time) bool {
	all, most := make([]int, len(rules)), make([]int, len(rules))
	seen := map[offers.Identifier]bool{}
	count := func(id offers.Identifier, since time.Time, to ...[]int) {
		i, ok := Priority(id.Type)
		if !ok || seen[id] || rules[i].Per > 0 && now.Sub(since) > rules[i].Per {
			return
		}
		seen[id] = true
		for _, n := range to {
			n[i]++
		}
	}
	for _, m := range u.members {
		own := make([]int, len(rules))
		for _, e := range m.cluster.Edges {
			count(e.Identifier, e.Since, all, own)
		}
		for i, n := range own {
			most[i] = max(most[i], n)
		}
	}
	for _, id := range u.fresh {
		count(id, now, all)
	}
	for i, n := range all {
		if n > max(rules[i].Limit, most[i]) {
			return false
		}
	}
	return true
}
