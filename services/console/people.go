package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/state"
	"aisle/services/stream"
)

func (s *Service) peopleRoutes(api fiber.Router) {
	api.Get("/people", s.allow(catalog.RoleViewer, s.getPeople))
	api.Get("/people/:shopper", s.allow(catalog.RoleViewer, s.getPerson))
	api.Get("/people/:shopper/timeline", s.allow(catalog.RoleViewer, s.getTimeline))
	api.Post("/people/:shopper/link", s.allow(catalog.RoleMarketer, s.personalLink))
	api.Delete("/people/:shopper/face", s.allow(catalog.RoleStaff, s.forgetFaceOf))
}

// profiles reads what is known of shoppers, in one round trip; nil where
// nothing is.
func (s *Service) profiles(ctx context.Context, ids []offers.ShopperID) ([]*offers.Profile, error) {
	pipe := s.store.Client().Pipeline()
	answers := make([]*redis.StringCmd, len(ids))
	for i, id := range ids {
		answers[i] = pipe.Get(ctx, state.ProfileKey(s.log.PartitionOf(string(id)), id))
	}
	if len(ids) > 0 {
		if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
			return nil, fmt.Errorf("profiles: %w: %w", offers.ErrUnavailable, err)
		}
	}
	all := make([]*offers.Profile, len(ids))
	for i, answer := range answers {
		value, err := answer.Bytes()
		if errors.Is(err, redis.Nil) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("profile of %s: %w: %w", ids[i], offers.ErrUnavailable, err)
		}
		p := new(offers.Profile)
		if err := state.DecodeProfile(value, p); err != nil {
			return nil, fmt.Errorf("profile of %s: %w", ids[i], err)
		}
		all[i] = p
	}
	return all, nil
}

const maxMerges = 16 // of merges of merges

// profile is what is known of a shopper, of the one whom they turned out to be
// if they were merged. ErrNotFound if nothing is known.
func (s *Service) profile(ctx context.Context, id offers.ShopperID) (*offers.Profile, error) {
	for range maxMerges {
		found, err := s.profiles(ctx, []offers.ShopperID{id})
		if err != nil {
			return nil, err
		}
		p := found[0]
		if p == nil {
			return nil, fmt.Errorf("shopper %s: %w: nobody is known by this name", id, offers.ErrNotFound)
		}
		if p.Into == "" {
			p.Shopper = cmp.Or(p.Shopper, id)
			return p, nil
		}
		id = p.Into
	}
	return nil, fmt.Errorf("shopper %s: %w: its merges go in a circle", id, offers.ErrConflict)
}

type shopperSummary struct {
	Shopper  offers.ShopperID `json:"shopper"`
	Label    string           `json:"label"`
	Name     string           `json:"name,omitempty"`
	Tier     string           `json:"tier,omitempty"`
	Last     time.Time        `json:"last"`
	Shop     offers.ShopID    `json:"shop,omitempty"`
	Zone     offers.ZoneID    `json:"zone,omitempty"`
	ZoneName string           `json:"zone_name,omitempty"`
	Senses   []offers.Sensor  `json:"senses,omitempty"`
	Consents []offers.Purpose `json:"consents"`
	Offers   int              `json:"offers"`
	Redeemed int              `json:"redeemed"`
	Face     bool             `json:"face"`
}

// visitOver is how long after they were last seen somebody has left.
const visitOver = 15 * time.Minute

// presentVisit is the visit that goes on, nil if there is none.
func presentVisit(p *offers.Profile, now time.Time) *offers.Visit {
	if p.Visit == nil || now.Sub(p.Visit.LastSeen) > visitOver {
		return nil
	}
	return p.Visit
}

func (s *Service) getPeople(c *fiber.Ctx) error {
	ctx := c.UserContext()
	limit, err := limitOf(c)
	if err != nil {
		return err
	}
	words := query(c, "q")
	if len(words) > findLongest {
		return fieldErrors{{"q", fmt.Sprintf("is at most %d characters", findLongest)}}
	}
	var found []*offers.Profile
	if plainWords(words) != "" {
		found, err = s.find(ctx, words, person(c).Role, limit)
	} else {
		found, err = s.profiles(ctx, s.recent.shoppers(limit))
	}
	if err != nil {
		return err
	}
	var everyone []offers.ShopperID // with those who turned out to be one of them
	for _, p := range found {
		if p != nil {
			everyone = append(append(everyone, p.Shopper), p.Absorbed...)
		}
	}
	faces, err := s.catalog.FacesBy(ctx, everyone)
	if err != nil {
		return err
	}
	people, now := []shopperSummary{}, time.Now()
	for _, p := range found {
		if p == nil || p.Into != "" {
			continue
		}
		traits := maskTraits(p.Traits, person(c).Role)
		one := shopperSummary{
			Shopper: p.Shopper, Label: label(p.Shopper), Name: traits.Name, Tier: traits.Tier, Last: p.Last,
			Consents: []offers.Purpose{}, Offers: len(p.Contacts), Face: faces[p.Shopper] > 0 || slices.ContainsFunc(p.Absorbed, func(id offers.ShopperID) bool { return faces[id] > 0 }),
		}
		for _, contact := range p.Contacts {
			if !contact.Redeemed.IsZero() {
				one.Redeemed++
			}
		}
		for _, purpose := range offers.Purposes {
			if p.Consented(purpose) {
				one.Consents = append(one.Consents, purpose)
			}
		}
		if v := presentVisit(p, now); v != nil {
			one.Shop, one.Zone, one.ZoneName = v.Shop, v.Zone, zoneName(s.shop(v.Shop), v.Zone)
			for sensor := range v.Witnesses {
				one.Senses = append(one.Senses, sensor)
			}
			slices.Sort(one.Senses)
		}
		people = append(people, one)
	}
	return c.JSON(fiber.Map{"people": people})
}

type featureValue struct {
	Name  string    `json:"name"`
	Value any       `json:"value"`
	Doc   string    `json:"doc,omitempty"`
	At    time.Time `json:"at,omitzero"`
}

type face struct {
	Enrolled bool      `json:"enrolled"`
	At       time.Time `json:"at,omitzero"`
	Vectors  int       `json:"vectors,omitempty"`
}

type shopperDetail struct {
	Shopper     offers.ShopperID    `json:"shopper"`
	Label       string              `json:"label"`
	Identifiers []offers.Identifier `json:"identifiers"`
	Traits      offers.Traits       `json:"traits"`
	Consents    []offers.Consent    `json:"consents"`
	Features    []featureValue      `json:"features"`
	Visit       *offers.Visit       `json:"visit,omitempty"`
	Contacts    []offers.Contact    `json:"contacts"`
	Decisions   []decisionSummary   `json:"decisions"`
	Face        face                `json:"face"`
	Absorbed    []offers.ShopperID  `json:"absorbed,omitempty"`
	First       time.Time           `json:"first"`
	Last        time.Time           `json:"last"`
	Profile     *offers.Profile     `json:"profile,omitempty"` // as it lies in state, for marketers
}

func (s *Service) getPerson(c *fiber.Ctx) error {
	ctx, role := c.UserContext(), person(c).Role
	p, err := s.profile(ctx, offers.ShopperID(param(c, "shopper")))
	if err != nil {
		return err
	}
	detail := shopperDetail{
		Shopper: p.Shopper, Label: label(p.Shopper), Identifiers: list(p.Identifiers), Traits: maskTraits(p.Traits, role),
		Features: s.features(p, time.Now()), Visit: presentVisit(p, time.Now()), Contacts: list(slices.Clone(p.Contacts)),
		Absorbed: p.Absorbed, First: p.First, Last: p.Last,
	}
	if !role.Includes(catalog.RoleMarketer) {
		detail.Identifiers = slices.Clone(detail.Identifiers)
		for i := range detail.Identifiers {
			detail.Identifiers[i].Value = mask(detail.Identifiers[i].Value)
		}
	} else {
		detail.Profile = p
	}
	slices.Reverse(detail.Contacts)
	if detail.Consents, err = s.consents(ctx, p.Shopper); err != nil {
		return err
	}
	if detail.Face, err = s.faceOf(ctx, p.Shopper); err != nil {
		return err
	}
	detail.Decisions = s.recent.list(wanted{shopper: p.Shopper, limit: 50})
	return c.JSON(detail)
}

// features are the values that say something, as rules would see them now.
func (s *Service) features(p *offers.Profile, now time.Time) []featureValue {
	set := s.rules.features.In(s.catalogue().Shops) // by the clocks on their walls
	known := set.Values(nil, p, now)
	values := []featureValue{}
	for i, d := range set.Definitions() {
		if value, ok := known.Value(i); ok {
			values = append(values, featureValue{d.Name, value, d.Doc, p.Feature(d.Name).At})
		}
	}
	return values
}

// consents are the shopper's latest answers for every purpose, in the order in
// which they are asked. No answer is a no.
func (s *Service) consents(ctx context.Context, shopper offers.ShopperID) ([]offers.Consent, error) {
	given, err := s.store.Consents(ctx, s.log.PartitionOf(string(shopper)), shopper)
	if err != nil {
		return nil, err
	}
	all := make([]offers.Consent, len(offers.Purposes))
	for i, purpose := range offers.Purposes {
		all[i] = given[purpose]
		all[i].Purpose = purpose
	}
	return all, nil
}

func (s *Service) faceOf(ctx context.Context, shopper offers.ShopperID) (face, error) {
	all, err := s.selves(ctx, shopper)
	if err != nil {
		return face{}, err
	}
	var f face
	for _, self := range all {
		n, at, err := s.catalog.FacesOf(ctx, self)
		if err != nil {
			return face{}, err
		}
		f.Vectors += n
		if at.After(f.At) {
			f.At = at
		}
	}
	f.Enrolled = f.Vectors > 0
	return f, nil
}

// selvesMost bounds how many shoppers one is known to have been.
const selvesMost = 100

// selves are all names under which something may be kept of a shopper: their
// own, and of those who turned out to be them.
func (s *Service) selves(ctx context.Context, shopper offers.ShopperID) ([]offers.ShopperID, error) {
	all := []offers.ShopperID{shopper}
	for looked := 0; looked < len(all) && len(all) < selvesMost; {
		found, err := s.profiles(ctx, all[looked:])
		if err != nil {
			return nil, err
		}
		looked = len(all)
		for _, p := range found {
			if p == nil {
				continue
			}
			for _, id := range p.Absorbed {
				if !slices.Contains(all, id) {
					all = append(all, id)
				}
			}
		}
	}
	return all, nil
}

// linkTime is how long a personal link can be opened.
const linkTime = 30 * 24 * time.Hour

type personalLink struct {
	Link  string    `json:"link"`
	Token string    `json:"token"`
	Until time.Time `json:"until"`
}

func (s *Service) linkFor(ctx context.Context, shopper offers.ShopperID) (personalLink, error) {
	keys, err := s.keys(ctx)
	if err != nil {
		return personalLink{}, err
	}
	until := time.Now().Add(linkTime).UTC().Truncate(time.Second)
	token := catalog.SignToken(keys.Token, catalog.TokenLink, shopper, until)
	// After the #, so that it stands in no server's log.
	return personalLink{s.config.PublicURL + "/shopper/#t=" + token, token, until}, nil
}

func (s *Service) personalLink(c *fiber.Ctx) error {
	p, err := s.profile(c.UserContext(), offers.ShopperID(param(c, "shopper")))
	if err != nil {
		return err
	}
	link, err := s.linkFor(c.UserContext(), p.Shopper)
	if err != nil {
		return err
	}
	if err := s.catalog.Audit(c.UserContext(), by(c), "link", "shopper/"+string(p.Shopper)); err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(link)
}

func (s *Service) forgetFaceOf(c *fiber.Ctx) error {
	p, err := s.profile(c.UserContext(), offers.ShopperID(param(c, "shopper")))
	if err != nil {
		return err
	}
	d, err := s.forgetFace(c.UserContext(), p.Shopper, "console", time.Now())
	if err != nil {
		return err
	}
	if err := s.catalog.Audit(c.UserContext(), by(c), "forget face", "shopper/"+string(p.Shopper)); err != nil {
		return err
	}
	return c.JSON(removed{vectorsOf(d), d.ID})
}

// setConsent keeps an answer where the guards look at once, and writes the
// event that the profile learns it from.
func (s *Service) setConsent(ctx context.Context, shopper offers.ShopperID, consent offers.Consent) error {
	if err := s.store.SetConsent(ctx, s.log.PartitionOf(string(shopper)), shopper, consent); err != nil {
		return err
	}
	return s.emit(ctx, offers.Event{Type: offers.ConsentChanged, Shopper: shopper, Time: consent.At, Source: consent.Source, Consent: &consent})
}

// emit writes an event of a shopper, on the trace of their journey.
func (s *Service) emit(ctx context.Context, e offers.Event) error {
	who, err := s.store.IdentifyShopper(ctx, e.Shopper, stream.NewTrace)
	if err != nil {
		return err
	}
	return s.write(ctx, who, e)
}

// write writes events of one shopper, after the merges that were found with
// them.
func (s *Service) write(ctx context.Context, who state.Identity, events ...offers.Event) error {
	now := time.Now().UTC()
	if err := s.store.CarryConsents(ctx, who.Merges, s.log.PartitionOf); err != nil {
		return err
	}
	var records []stream.Record
	add := func(e offers.Event) error {
		e.Received = now
		if e.ID == "" {
			e.ID = offers.EventID("console/" + uuid.NewString())
		}
		r, err := stream.EventRecord(&e, source, stream.NewSpan(who.Trace))
		if err != nil {
			return err
		}
		records = append(records, r)
		return nil
	}
	for _, m := range who.Merges {
		err := add(offers.Event{ID: m.EventID(), Type: offers.Merged,
			Shopper: m.Loser, Into: m.Winner, Time: now, Source: "console/identity"})
		if err != nil {
			return err
		}
	}
	for _, e := range events {
		e.Shopper = who.Shopper
		if err := add(e); err != nil {
			return err
		}
	}
	if err := s.log.Produce(ctx, records...); err != nil {
		return err
	}
	return s.store.Announced(ctx, who.Merges)
}
