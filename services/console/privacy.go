package console

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/state"
	"aisle/services/stream"
)

func (s *Service) privacyRoutes(api fiber.Router) {
	api.Get("/privacy/requests", s.allow(catalog.RoleApprover, s.getRequests))
	api.Post("/privacy/requests", s.allow(catalog.RoleStaff, s.openRequest))
	api.Post("/privacy/requests/:id/answer", s.allow(catalog.RoleApprover, s.answerRequest))
	api.Post("/privacy/requests/:id/refuse", s.allow(catalog.RoleApprover, s.refuseRequest))
	api.Get("/privacy/receipts/:id", s.allow(catalog.RoleApprover, s.getErasure))
	api.Get("/people/:shopper/export", s.allow(catalog.RoleApprover, s.exportPerson))
}

// Bounds of requests.
const (
	requestsMost = 500
	maxReason    = 1000
)

var requestKinds = []catalog.RequestKind{catalog.RequestAccess, catalog.RequestErasure, catalog.RequestRestriction}

func (s *Service) getRequests(c *fiber.Ctx) error {
	all, err := s.catalog.Requests(c.UserContext(), requestsMost)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"requests": list(all)})
}

// openRequest takes in what a shopper asked for at the desk or in a letter.
func (s *Service) openRequest(c *fiber.Ctx) error {
	var in struct {
		Shopper offers.ShopperID    `json:"shopper"`
		Kind    catalog.RequestKind `json:"kind"`
		Note    string              `json:"note"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	var wrong fieldErrors
	wrong.add(slices.Contains(requestKinds, in.Kind), "choose access, erasure or restriction", "kind")
	wrong.add(utf8.RuneCountInString(in.Note) <= maxReason, "is too long", "note")
	if err := wrong.err(); err != nil {
		return err
	}
	p, err := s.profile(c.UserContext(), in.Shopper)
	if err != nil {
		return err
	}
	r, err := s.catalog.OpenRequest(c.UserContext(), catalog.Request{Shopper: p.Shopper, Kind: in.Kind, Note: strings.TrimSpace(in.Note)}, by(c))
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(r)
}

// answerRequest does what was asked for. For access that is handing over the
// export, which is a door of its own.
func (s *Service) answerRequest(c *fiber.Ctx) error {
	ctx := c.UserContext()
	r, err := s.catalog.Request(ctx, param(c, "id"))
	if err != nil {
		return err
	}
	if !r.Done.IsZero() {
		return fmt.Errorf("%w: it was answered already", offers.ErrConflict)
	}
	switch r.Kind {
	case catalog.RequestErasure:
		e, err := s.erase(ctx, r.Shopper, "request "+r.ID, time.Now())
		if err != nil {
			return err
		}
		r.Receipt = e.ID
	case catalog.RequestRestriction:
		if err := s.restrict(ctx, r.Shopper, time.Now()); err != nil {
			return err
		}
	}
	if r, err = s.catalog.CloseRequest(ctx, r, by(c)); err != nil {
		return err
	}
	return c.JSON(r)
}

// refuseRequest says no, and why: the law wants a reason.
func (s *Service) refuseRequest(c *fiber.Ctx) error {
	var in struct {
		Note string `json:"note"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	var wrong fieldErrors
	in.Note = strings.TrimSpace(in.Note)
	wrong.add(in.Note != "", "write why: they have a right to know", "note")
	wrong.add(utf8.RuneCountInString(in.Note) <= maxReason, "is too long", "note")
	if err := wrong.err(); err != nil {
		return err
	}
	r, err := s.catalog.Request(c.UserContext(), param(c, "id"))
	if err != nil {
		return err
	}
	r.Refused, r.Note = true, in.Note
	if r, err = s.catalog.CloseRequest(c.UserContext(), r, by(c)); err != nil {
		return err
	}
	return c.JSON(r)
}

// restrict withdraws every consent: what is known stays, and is used for nothing
// that needs one until they say yes themselves.
func (s *Service) restrict(ctx context.Context, shopper offers.ShopperID, now time.Time) error {
	who, err := s.nowKnownAs(ctx, shopper)
	if err != nil {
		return err
	}
	for _, purpose := range offers.Purposes {
		consent := offers.Consent{Purpose: purpose, At: now.UTC().Truncate(time.Millisecond), Source: "restriction"}
		if err := s.setConsent(ctx, who, consent); err != nil {
			return err
		}
	}
	_, err = s.removeFace(ctx, who, "restriction", now)
	return err
}

func (s *Service) exportPerson(c *fiber.Ctx) error {
	p, err := s.profile(c.UserContext(), offers.ShopperID(param(c, "shopper")))
	if err != nil {
		return err
	}
	if err := s.catalog.Audit(c.UserContext(), by(c), "export", "shopper/"+string(p.Shopper)); err != nil {
		return err
	}
	return s.export(c, p.Shopper, "what-is-known-of-"+label(p.Shopper)+".json")
}

// remains are the streams on which records of a shopper lie that cannot be taken
// out of the middle of a log, and until when. Nothing leads to them any more: who
// has the shopper's number or mailbox does not come to their id.
var remains = []struct{ stream, what string }{
	{stream.Events, "what they did, under an id that nothing leads to; also what they told of themselves"},
	{stream.Decisions, "what was decided for that id, and why"},
	{stream.Deliveries, "what became of messages to that id"},
	{stream.Originals, "requests as their clients sent them, for a replay"},
	{stream.Quarantine, "requests that could not be read, whole"},
	{stream.Sightings, "positions"},
}

// checkFor is how long it is looked again whether something came back that was
// under way, and checkEvery how often.
const (
	checkFor   = 24 * time.Hour
	checkEvery = time.Minute
)

// erase forgets a shopper: their face and its copies at the cameras, all that state
// and the catalog have of them under all their names, and what leads to them. The
// receipt says what was there before and after, and what is left until when.
func (s *Service) erase(ctx context.Context, shopper offers.ShopperID, why string, now time.Time) (catalog.Erasure, error) {
	who, err := s.nowKnownAs(ctx, shopper)
	if err != nil {
		return catalog.Erasure{}, err
	}
	all, err := s.selves(ctx, who)
	if err != nil {
		return catalog.Erasure{}, err
	}
	face, err := s.removeFace(ctx, who, why, now)
	if err != nil {
		return catalog.Erasure{}, err
	}
	e := catalog.Erasure{Shopper: who, Why: why, Face: face.ID, Places: slices.Clone(face.Places), Remains: []catalog.Remains{}}
	found, err := s.eraseState(ctx, all)
	if err != nil {
		return catalog.Erasure{}, err
	}
	e.Places = append(e.Places, found...)
	for _, r := range remains {
		e.Remains = append(e.Remains, catalog.Remains{Name: "stream: " + r.stream, What: r.what, Until: now.Add(stream.Kept(r.stream)).UTC().Truncate(time.Second)})
	}
	e.Remains = append(e.Remains,
		catalog.Remains{Name: "state: deliveries", What: "what was to be sent to that id, and how that went, until a week after its offer ends"},
		catalog.Remains{Name: "state: codes", What: "which offer to that id a code stands for, so that it is used once", Until: now.Add(state.CouponsStay).UTC().Truncate(time.Second)},
		catalog.Remains{Name: "state: sandbox", What: "the latest 200 messages, where a shop tries without sending"},
		catalog.Remains{Name: "catalog: consents to be recognised", What: "the signed notices, as evidence that we were allowed to"},
		catalog.Remains{Name: "catalog: audit", What: "that colleagues opened or changed their record, by its id"})
	return s.catalog.Erase(ctx, e, all, now.Add(checkFor))
}

// eraseState erases what state has of shoppers, place by place.
func (s *Service) eraseState(ctx context.Context, all []offers.ShopperID) ([]catalog.Place, error) {
	var places []catalog.Place
	for _, self := range all {
		found, err := s.store.Erase(ctx, s.log.PartitionOf(string(self)), self)
		if err != nil {
			return nil, err
		}
		for i, f := range found {
			if i == len(places) {
				places = append(places, catalog.Place{Name: f.Place})
			}
			places[i].Before += f.Before
			places[i].After += f.After
		}
	}
	return places, nil
}

// lookAgain erases what came back of those who were erased: an event that was on
// its way, a profile that a decider had in hand.
func (s *Service) lookAgain(ctx context.Context, now time.Time) error {
	due, err := s.catalog.ErasuresToCheck(ctx, now.Add(-checkEvery), now, sweepMost)
	if err != nil {
		return err
	}
	for _, e := range due {
		all, err := s.catalog.ErasedNames(ctx, e.ID)
		if err != nil {
			return err
		}
		found, err := s.eraseState(ctx, all)
		if err != nil {
			return err
		}
		back := 0
		for _, p := range found {
			back += p.Before
		}
		if err := s.catalog.CheckedErasure(ctx, e, back, now); err != nil {
			return err
		}
	}
	return nil
}

// erasureStatement is the proof of an erasure, as it is signed.
type erasureStatement struct {
	What string `json:"what"` // "aisle erasure 1"
	catalog.Erasure
	Issued time.Time `json:"issued"`
	Says   string    `json:"says"`
}

func (s *Service) signErasure(ctx context.Context, e catalog.Erasure) (statement, error) {
	before, after := 0, 0
	for _, p := range e.Places {
		before, after = before+p.Before, after+p.After
	}
	says := fmt.Sprintf("%d records were there before, %d after.", before, after)
	if e.Face != "" {
		d, err := s.catalog.Deletions(ctx, []offers.ShopperID{e.Shopper})
		if err != nil {
			return statement{}, err
		}
		if i := slices.IndexFunc(d, func(d catalog.Deletion) bool { return d.ID == e.Face }); i >= 0 {
			if d[i], err = s.confirm(ctx, d[i]); err != nil {
				return statement{}, err
			}
			says += fmt.Sprintf(" %d of %d processes at cameras have not confirmed yet that they forgot.", d[i].Waits(), len(d[i].Edges))
		}
	}
	if e.Checked.IsZero() {
		says += " It was not yet looked again whether anything came back."
	} else {
		says += fmt.Sprintf(" It was looked again on %s: %d records had come back, and were erased again.", e.Checked.Format(time.RFC3339), e.Back)
	}
	says += " What remains lies under an id that nothing leads to, and goes by itself on the days that are named."
	return s.sign(ctx, erasureStatement{"aisle erasure 1", e, time.Now().UTC().Truncate(time.Second), says})
}

func (s *Service) getErasure(c *fiber.Ctx) error {
	e, err := s.catalog.Erasure(c.UserContext(), param(c, "id"))
	if err != nil {
		return err
	}
	said, err := s.signErasure(c.UserContext(), e)
	if err != nil {
		return err
	}
	return download(c, "aisle-erasure-"+e.ID+".json", said)
}

// eraseMe is a shopper's own wish. The answer is the receipt: afterwards nobody
// knows them who could give it once more but the house, by its id.
func (s *Service) eraseMe(c *fiber.Ctx, shopper offers.ShopperID) error {
	ctx := c.UserContext()
	e, err := s.erase(ctx, shopper, "app", time.Now())
	if err != nil {
		return err
	}
	if err := s.catalog.Audit(ctx, catalog.By{ID: string(e.Shopper), Name: "the shopper"}, "erase", "shopper/"+string(e.Shopper)); err != nil {
		return err
	}
	said, err := s.signErasure(ctx, e)
	if err != nil {
		return err
	}
	s.dropCookie(c, shopperCookie, "/api/me")
	return download(c, "aisle-erasure-"+e.ID+".json", said)
}
