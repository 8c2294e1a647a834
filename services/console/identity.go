package console

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/offers/identity/likeness"
	"aisle/services/catalog"
	"aisle/services/state"
	"aisle/services/stream"
)

func (s *Service) identityRoutes(api fiber.Router) {
	api.Get("/identity/alike", s.allow(catalog.RoleViewer, s.getAlike))
	api.Get("/people/:shopper/identity", s.allow(catalog.RoleViewer, s.getIdentity))
	api.Post("/people/:shopper/separate", s.allow(catalog.RoleMarketer, s.separate))
	api.Post("/people/:shopper/detach", s.allow(catalog.RoleMarketer, s.detach))
	api.Post("/people/:shopper/join", s.allow(catalog.RoleMarketer, s.joinShoppers))
	api.Post("/people/:shopper/apart", s.allow(catalog.RoleMarketer, s.keepApart))
}

// tie is an identifier of a shopper's, with why it is theirs.
type tie struct {
	Type   offers.IdentifierType `json:"type"`
	Value  string                `json:"value"`
	Since  time.Time             `json:"since,omitzero"`
	Source string                `json:"source,omitempty"`
	From   offers.ShopperID      `json:"from,omitempty"` // who brought it by a merge
}

// mergedIn is somebody who turned out to be the shopper.
type mergedIn struct {
	Shopper     offers.ShopperID `json:"shopper"`
	Label       string           `json:"label"`
	Into        offers.ShopperID `json:"into"`
	At          time.Time        `json:"at,omitzero"`
	Since       time.Time        `json:"since,omitzero"`
	Identifiers int              `json:"identifiers"` // that would leave with them
}

// other is a shopper whom another is not.
type other struct {
	Shopper    offers.ShopperID `json:"shopper"`
	Label      string           `json:"label"`
	Name       string           `json:"name,omitempty"`
	Since      time.Time        `json:"since"`
	Unfinished bool             `json:"unfinished,omitempty"` // taken apart, and not told to all: to be done again
}

type identityAnswer struct {
	Shopper     offers.ShopperID `json:"shopper"`
	Label       string           `json:"label"`
	Since       time.Time        `json:"since,omitzero"`
	Identifiers []tie            `json:"identifiers"`
	Merged      []mergedIn       `json:"merged"`
	Apart       []other          `json:"apart"`
}

// familyMost bounds how many who turned out to be one shopper are looked at.
const familyMost = 200

// family is what is kept of a shopper's identity, and of all who turned out to
// be them, the shopper first.
func (s *Service) family(ctx context.Context, shopper offers.ShopperID) ([]state.Known, error) {
	var all []state.Known
	seen := map[offers.ShopperID]bool{shopper: true}
	for todo := []offers.ShopperID{shopper}; len(todo) > 0 && len(all) < familyMost; {
		known, err := s.store.Known(ctx, todo)
		if err != nil {
			return nil, err
		}
		todo = nil
		for _, k := range known {
			all = append(all, k)
			for _, e := range k.Edges {
				if e.From != "" && !seen[e.From] {
					seen[e.From] = true
					todo = append(todo, e.From)
				}
			}
		}
	}
	return all, nil
}

func (s *Service) getIdentity(c *fiber.Ctx) error {
	ctx, role := c.UserContext(), person(c).Role
	shopper, err := s.store.Resolve(ctx, offers.ShopperID(param(c, "shopper")))
	if err != nil {
		return err
	}
	all, err := s.family(ctx, shopper)
	if err != nil {
		return err
	}
	root := all[0]
	answer := identityAnswer{Shopper: shopper, Label: label(shopper), Since: root.Since, Identifiers: []tie{}, Merged: []mergedIn{}, Apart: []other{}}
	show := func(t tie) {
		if !role.Includes(catalog.RoleMarketer) {
			t.Value = mask(t.Value)
		}
		answer.Identifiers = append(answer.Identifiers, t)
	}
	for _, e := range root.Edges {
		show(tie{e.Identifier.Type, e.Identifier.Value, e.Since, e.Source, e.From})
	}
	if len(root.Edges) == 0 { // nothing is kept of their identity but what was folded
		p, err := s.profile(ctx, shopper)
		if err != nil {
			return err
		}
		for _, id := range p.Identifiers {
			show(tie{Type: id.Type, Value: id.Value})
		}
	}
	for _, k := range all[1:] {
		if k.Into == "" {
			continue // was forgotten since: what they brought can be moved out one by one
		}
		m := mergedIn{Shopper: k.Shopper, Label: label(k.Shopper), Into: k.Into, At: k.Merged, Since: k.Since}
		for _, e := range k.Edges {
			if root.Has(e.Identifier) {
				m.Identifiers++
			}
		}
		answer.Merged = append(answer.Merged, m)
	}
	if answer.Apart, err = s.others(ctx, &root, role); err != nil {
		return err
	}
	return c.JSON(answer)
}

// others are those whom a shopper is not, by the names that they have now.
func (s *Service) others(ctx context.Context, k *state.Known, role catalog.Role) ([]other, error) {
	list := []other{}
	for id, since := range k.Apart {
		now, err := s.store.Resolve(ctx, id)
		if err != nil {
			return nil, err
		}
		if now == k.Shopper || slices.ContainsFunc(list, func(o other) bool { return o.Shopper == now }) {
			continue
		}
		list = append(list, other{Shopper: now, Label: label(now), Since: since})
	}
	slices.SortFunc(list, func(a, b other) int {
		return cmp.Or(b.Since.Compare(a.Since), cmp.Compare(a.Shopper, b.Shopper))
	})
	ids := make([]offers.ShopperID, len(list))
	for i := range list {
		ids[i] = list[i].Shopper
	}
	known, err := s.store.Known(ctx, ids)
	if err != nil {
		return nil, err
	}
	profiles, err := s.profiles(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Unfinished = known[i].Leaving
		if profiles[i] != nil {
			list[i].Name = maskTraits(profiles[i].Traits, role).Name
		}
	}
	return list, nil
}

// maySeparate tells whether who turned out to be the shopper, or has left them
// and not all were told.
func (s *Service) maySeparate(ctx context.Context, who, shopper offers.ShopperID) (bool, error) {
	now, err := s.store.Resolve(ctx, who)
	if err != nil || who == shopper {
		return false, err
	}
	if now == shopper {
		return true, nil
	}
	known, err := s.store.Known(ctx, []offers.ShopperID{who})
	if err != nil || !known[0].Leaving {
		return false, err
	}
	for id := range known[0].Apart {
		if now, err := s.store.Resolve(ctx, id); err != nil || now == shopper {
			return err == nil, err
		}
	}
	return false, nil
}

type separated struct {
	Shopper     offers.ShopperID `json:"shopper"`
	From        offers.ShopperID `json:"from"`
	Identifiers int              `json:"identifiers"`
}

// separate takes somebody apart who was merged into the shopper.
func (s *Service) separate(c *fiber.Ctx) error {
	ctx := c.UserContext()
	var in struct {
		Who offers.ShopperID `json:"who"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	shopper, err := s.store.Resolve(ctx, offers.ShopperID(param(c, "shopper")))
	if err != nil {
		return err
	}
	if may, err := s.maySeparate(ctx, in.Who, shopper); err != nil {
		return err
	} else if !may {
		return fmt.Errorf("%w: %s did not turn out to be %s", offers.ErrConflict, in.Who, shopper)
	}
	// The log has to know of the merge before it hears of its end.
	who, err := s.store.IdentifyShopper(ctx, in.Who, stream.NewTrace)
	if err != nil {
		return err
	}
	if err := s.write(ctx, who); err != nil {
		return err
	}
	sep, err := s.store.Separate(ctx, in.Who, s.log.PartitionOf)
	if err != nil {
		return err
	}
	return s.separated(c, sep, "take apart from")
}

// detach moves one identifier out of the shopper's.
func (s *Service) detach(c *fiber.Ctx) error {
	ctx := c.UserContext()
	var in offers.Identifier
	if err := read(c, &in); err != nil {
		return err
	}
	shopper, err := s.store.Resolve(ctx, offers.ShopperID(param(c, "shopper")))
	if err != nil {
		return err
	}
	sep, err := s.store.Detach(ctx, shopper, in, s.log.PartitionOf)
	if err != nil {
		return err
	}
	return s.separated(c, sep, "move out of")
}

// separated tells the log, and whoever asked.
func (s *Service) separated(c *fiber.Ctx, sep state.Separation, what string) error {
	ctx := c.UserContext()
	if err := s.tellSeparation(ctx, sep); err != nil {
		return err
	}
	s.alike.forget()
	if err := s.catalog.Audit(ctx, by(c), what+" "+string(sep.From), "shopper/"+string(sep.Shopper)); err != nil {
		return err
	}
	return c.JSON(separated{sep.Shopper, sep.From, len(sep.Gone)})
}

// tellSeparation writes who both are from now on. What is for the one who is
// left goes the way of who left, who had been merged: behind the profile that
// moved there, and that it corrects.
func (s *Service) tellSeparation(ctx context.Context, sep state.Separation) error {
	with := []offers.ShopperID{}
	for _, id := range sep.With {
		all, err := s.family(ctx, id)
		if err != nil {
			return err
		}
		for _, k := range all {
			with = append(with, k.Shopper)
		}
	}
	who, err := s.store.IdentifyShopper(ctx, sep.Shopper, stream.NewTrace)
	if err != nil {
		return err
	}
	now, id := time.Now().UTC(), "separated/"+string(sep.Shopper)+"/"+strconv.Itoa(sep.Nth)
	left := offers.Event{ID: offers.EventID(id + "/left"), Type: offers.Separated, Shopper: sep.From,
		Apart:   append([]offers.ShopperID{sep.Shopper}, with...),
		Profile: &offers.Profile{Shopper: sep.From, Consents: byPurpose(sep.Keeps)}}
	for _, e := range sep.Left.Edges {
		left.Profile.Identifiers = append(left.Profile.Identifiers, e.Identifier)
	}
	if sep.Merged {
		left.Shopper = sep.Shopper
	}
	gone := offers.Event{ID: offers.EventID(id), Type: offers.Separated, Shopper: sep.Shopper, Apart: []offers.ShopperID{sep.From},
		Profile: &offers.Profile{Shopper: sep.Shopper, Consents: byPurpose(sep.Told), Absorbed: with}}
	for _, e := range sep.Cluster.Edges {
		gone.Profile.Identifiers = append(gone.Profile.Identifiers, e.Identifier)
		switch t := &gone.Profile.Traits; {
		case e.Identifier.Type == offers.Phone && t.Phone == "":
			t.Phone = e.Identifier.Value
		case e.Identifier.Type == offers.Email && t.Email == "":
			t.Email = e.Identifier.Value
		}
	}
	var records []stream.Record
	for _, e := range []offers.Event{left, gone} {
		e.Time, e.Received, e.Source = now, now, "console/identity"
		r, err := stream.EventRecord(&e, source, stream.NewSpan(who.Trace))
		if err != nil {
			return err
		}
		records = append(records, r)
	}
	if err := s.log.Produce(ctx, records...); err != nil {
		return err
	}
	return s.store.Separated(ctx, sep)
}

func byPurpose(consents []offers.Consent) map[offers.Purpose]offers.Consent {
	all := make(map[offers.Purpose]offers.Consent, len(consents))
	for _, consent := range consents {
		all[consent.Purpose] = consent
	}
	return all
}

type joined struct {
	Shopper offers.ShopperID `json:"shopper"` // who they both are
	Merged  offers.ShopperID `json:"merged"`  // who turned out to be them
}

// joinShoppers makes the shopper and another one, since a person said so.
func (s *Service) joinShoppers(c *fiber.Ctx) error {
	ctx := c.UserContext()
	var in struct {
		With offers.ShopperID `json:"with"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	m, err := s.store.Join(ctx, offers.ShopperID(param(c, "shopper")), in.With, stream.NewTrace)
	if err != nil {
		return err
	}
	who, err := s.store.IdentifyShopper(ctx, m.Loser, stream.NewTrace)
	if err != nil {
		return err
	}
	if err := s.write(ctx, who); err != nil {
		return err
	}
	s.alike.forget()
	if err := s.catalog.Audit(ctx, by(c), "join with "+string(m.Winner), "shopper/"+string(m.Loser)); err != nil {
		return err
	}
	return c.JSON(joined{m.Winner, m.Loser})
}

// keepApart notes that the shopper and another are not one.
func (s *Service) keepApart(c *fiber.Ctx) error {
	ctx := c.UserContext()
	var in struct {
		From offers.ShopperID `json:"from"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	shopper := offers.ShopperID(param(c, "shopper"))
	if err := s.store.KeepApart(ctx, shopper, in.From); err != nil {
		return err
	}
	s.alike.forget()
	if err := s.catalog.Audit(ctx, by(c), "keep apart from "+string(in.From), "shopper/"+string(shopper)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

const (
	alikeLooked = 5_000            // shoppers that are compared, the latest heard of
	alikeAtOnce = 500              // profiles that are read in one round trip
	alikePairs  = 30               // candidate pairs a shopper
	alikeShown  = 100              // pairs that are shown, the likeliest first
	alikeKept   = 30 * time.Second // before it is looked again
)

// alike is what was found when it was last looked who may be the same.
type alike struct {
	mu     sync.Mutex // guards all below, also while it is looked: once is enough
	at     time.Time
	looked int
	pairs  []alikePair
}

type alikePair struct {
	a, b    *offers.Profile
	match   likeness.Match
	claimed time.Time // when an event called them the same; zero if none did
}

func (k *alike) forget() {
	k.mu.Lock()
	k.at = time.Time{}
	k.mu.Unlock()
}

// findAlike compares the shoppers heard of lately.
func (s *Service) findAlike(ctx context.Context) (pairs []alikePair, looked int, err error) {
	k := &s.alike
	k.mu.Lock()
	defer k.mu.Unlock()
	if time.Since(k.at) < alikeKept {
		return k.pairs, k.looked, nil
	}
	var people []*offers.Profile
	at := map[offers.ShopperID]int{}
	var records []likeness.Record
	for ids := range slices.Chunk(s.recent.shoppers(alikeLooked), alikeAtOnce) {
		found, err := s.profiles(ctx, ids)
		if err != nil {
			return nil, 0, err
		}
		for i, p := range found {
			if p == nil || p.Into != "" {
				continue
			}
			p.Shopper = cmp.Or(p.Shopper, ids[i])
			if _, ok := at[p.Shopper]; !ok {
				at[p.Shopper] = len(people)
				people, records = append(people, p), append(records, likeness.OfTraits(p.Traits))
			}
		}
	}
	known := make([]state.Known, 0, len(people))
	for some := range slices.Chunk(people, alikeAtOnce) {
		ids := make([]offers.ShopperID, len(some))
		for i, p := range some {
			ids[i] = p.Shopper
		}
		part, err := s.store.Known(ctx, ids)
		if err != nil {
			return nil, 0, err
		}
		known = append(known, part...)
	}
	model := likeness.Learn(likeness.Shoppers(), records, alikePairs)
	pairs = []alikePair{}
	apart := func(x, y *state.Known) (bool, error) {
		for id := range x.Apart {
			if now, err := s.store.Resolve(ctx, id); err != nil || now == y.Shopper {
				return true, err
			}
		}
		return false, nil
	}
	add := func(a, b int, claimed time.Time) error {
		x, y := &known[a], &known[b]
		if x.Into != "" || y.Into != "" || len(pairs) >= alikeShown {
			return nil
		}
		if not, err := apart(x, y); not || err != nil {
			return err
		}
		if not, err := apart(y, x); not || err != nil {
			return err
		}
		if slices.ContainsFunc(pairs, func(p alikePair) bool {
			return p.a == people[a] && p.b == people[b] || p.a == people[b] && p.b == people[a]
		}) {
			return nil
		}
		pairs = append(pairs, alikePair{people[a], people[b], model.Compare(records[a], records[b]), claimed})
		return nil
	}
	for a := range known { // what an event said comes first
		for id, claimed := range known[a].Claims {
			if len(pairs) == alikeShown {
				break
			}
			now, err := s.store.Resolve(ctx, id)
			if err != nil {
				return nil, 0, err
			}
			if b, ok := at[now]; ok && b != a {
				if err := add(a, b, claimed); err != nil {
					return nil, 0, err
				}
			}
		}
	}
	for _, p := range model.Pairs() {
		if p.Weight < 0 {
			break
		}
		if err := add(p.A, p.B, time.Time{}); err != nil {
			return nil, 0, err
		}
	}
	k.at, k.looked, k.pairs = time.Now(), len(people), pairs
	return pairs, k.looked, nil
}

type alikeSide struct {
	Shopper offers.ShopperID `json:"shopper"`
	Label   string           `json:"label"`
	Name    string           `json:"name,omitempty"`
	First   time.Time        `json:"first"`
	Last    time.Time        `json:"last"`
}

type alikeReason struct {
	Field  string  `json:"field"`
	Level  string  `json:"level"`
	Weight float64 `json:"weight"` // bits
	A      string  `json:"a,omitempty"`
	B      string  `json:"b,omitempty"`
}

type alikeAnswer struct {
	A           alikeSide     `json:"a"`
	B           alikeSide     `json:"b"`
	Probability float64       `json:"probability"`
	Weight      float64       `json:"weight"`
	Claimed     time.Time     `json:"claimed,omitzero"`
	Reasons     []alikeReason `json:"reasons"`
}

func (s *Service) getAlike(c *fiber.Ctx) error {
	role := person(c).Role
	found, looked, err := s.findAlike(c.UserContext())
	if err != nil {
		return err
	}
	fields := likeness.Shoppers()
	side := func(p *offers.Profile) (alikeSide, likeness.Record) {
		traits := maskTraits(p.Traits, role)
		return alikeSide{p.Shopper, label(p.Shopper), traits.Name, p.First, p.Last}, likeness.OfTraits(traits)
	}
	pairs := []alikeAnswer{}
	for _, p := range found {
		answer := alikeAnswer{Probability: p.match.Probability, Weight: p.match.Weight, Claimed: p.claimed, Reasons: []alikeReason{}}
		var a, b likeness.Record
		answer.A, a = side(p.a)
		answer.B, b = side(p.b)
		for _, r := range p.match.Reasons {
			i := slices.IndexFunc(fields, func(f likeness.Field) bool { return f.Name == r.Field })
			answer.Reasons = append(answer.Reasons, alikeReason{r.Field, r.Level.String(), r.Weight, a[i], b[i]})
		}
		pairs = append(pairs, answer)
	}
	return c.JSON(fiber.Map{"pairs": pairs, "looked": looked, "limit": alikeLooked})
}
