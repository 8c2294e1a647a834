package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/stream"
)

const (
	shopperCookie = "aisle_shopper"
	shopperTime   = 90 * 24 * time.Hour
	enrolTime     = 10 * time.Minute
	tokenApp      = "app" // what the cookie is signed for
)

func (s *Service) meRoutes(api fiber.Router) {
	api.Get("/demo/shoppers", s.getDemoShoppers)
	api.Get("/me/session", s.getMySession)
	api.Post("/me/session", s.openMySession)
	api.Delete("/me/session", s.closeMySession)
	api.Post("/me/join", s.join)
	api.Get("/me", s.mine(s.getMe))
	api.Get("/me/offers", s.mine(s.getMyOffers))
	api.Get("/me/live", s.mine(s.myLive))
	api.Put("/me/consents/:purpose", s.mine(s.putConsent))
	api.Get("/me/offers/:decision/why", s.mine(s.whyMyOffer))
	api.Post("/me/offers/:decision/viewed", s.mine(s.viewedMyOffer))
	api.Post("/me/enrolment-token", s.mine(s.enrolmentToken))
	api.Delete("/me/face", s.mine(s.forgetMyFace))
	s.pushRoutes(api)
	api.Get("/me/export", s.mine(s.exportMe))
	api.Delete("/me", s.mine(s.eraseMe))
	api.Post("/me/code", s.sendCode)
	api.Post("/me/code/check", s.useCode)
	s.wishRoutes(api)
}

// mine lets a shopper in, who holds the cookie or a token, as the one who they
// turned out to be by now.
func (s *Service) mine(handle func(c *fiber.Ctx, shopper offers.ShopperID) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		shopper, err := s.shopperOf(c)
		if err != nil {
			return err
		}
		return handle(c, shopper)
	}
}

// shopperOf is the shopper of a call; errSignIn if it is nobody's.
func (s *Service) shopperOf(c *fiber.Ctx) (offers.ShopperID, error) {
	keys, err := s.keys(c.UserContext())
	if err != nil {
		return "", err
	}
	shopper, err := offers.ShopperID(""), errSignIn
	if token := c.Cookies(shopperCookie); token != "" {
		shopper, err = catalog.OpenToken(keys.Token, tokenApp, token, time.Now())
	}
	if token, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer "); ok && err != nil {
		shopper, err = catalog.OpenToken(keys.Token, catalog.TokenLink, token, time.Now())
	}
	if err != nil {
		return "", fmt.Errorf("%w: open your personal link again", errSignIn)
	}
	return s.nowKnownAs(c.UserContext(), shopper)
}

// getMySession is whose phone it is, if anybody's: an app that is opened for the
// first time asks too, and to be nobody is no mistake.
func (s *Service) getMySession(c *fiber.Ctx) error {
	shopper, err := s.shopperOf(c)
	if errors.Is(err, errSignIn) {
		return c.JSON(fiber.Map{})
	}
	if err != nil {
		return err
	}
	mine, err := s.me(c.UserContext(), shopper)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"me": mine})
}

// nowKnownAs is who a shopper turned out to be.
func (s *Service) nowKnownAs(ctx context.Context, shopper offers.ShopperID) (offers.ShopperID, error) {
	p, err := s.profile(ctx, shopper)
	if errors.Is(err, offers.ErrNotFound) {
		// Joined a moment ago, when nothing is folded yet, or gone for good.
		switch erased, err := s.catalog.Erased(ctx, shopper); {
		case err != nil:
			return "", err
		case erased:
			return "", fmt.Errorf("%w: what was known by this name was deleted", errSignIn)
		}
		return shopper, nil
	}
	if err != nil {
		return "", err
	}
	return p.Shopper, nil
}

func (s *Service) setShopper(c *fiber.Ctx, shopper offers.ShopperID) error {
	keys, err := s.keys(c.UserContext())
	if err != nil {
		return err
	}
	until := time.Now().Add(shopperTime)
	s.setCookie(c, shopperCookie, "/api/me", catalog.SignToken(keys.Token, tokenApp, shopper, until), until)
	return nil
}

func (s *Service) openMySession(c *fiber.Ctx) error {
	var in struct {
		Token string `json:"token"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	keys, err := s.keys(c.UserContext())
	if err != nil {
		return err
	}
	shopper, err := catalog.OpenToken(keys.Token, catalog.TokenLink, in.Token, time.Now())
	if err != nil {
		return fmt.Errorf("%w: this link is not valid any more: ask for a new one", errSignIn)
	}
	if shopper, err = s.nowKnownAs(c.UserContext(), shopper); err != nil {
		return err
	}
	if err := s.setShopper(c, shopper); err != nil {
		return err
	}
	return s.getMe(c, shopper)
}

func (s *Service) closeMySession(c *fiber.Ctx) error {
	s.dropCookie(c, shopperCookie, "/api/me")
	return c.SendStatus(fiber.StatusNoContent)
}

type myVisit struct {
	Shop     offers.ShopID `json:"shop"`
	ShopName string        `json:"shop_name"`
	Zone     offers.ZoneID `json:"zone,omitempty"`
	ZoneName string        `json:"zone_name,omitempty"`
	Since    time.Time     `json:"since"`
}

type me struct {
	Shopper  offers.ShopperID `json:"shopper"`
	Name     string           `json:"name,omitempty"`
	Phone    string           `json:"phone,omitempty"`
	Tier     string           `json:"tier,omitempty"`
	Consents []offers.Consent `json:"consents"`
	Face     face             `json:"face"`
	Visit    *myVisit         `json:"visit,omitempty"`
	Wishes   *offers.Wishes   `json:"wishes,omitempty"`
}

func (s *Service) getMe(c *fiber.Ctx, shopper offers.ShopperID) error {
	mine, err := s.me(c.UserContext(), shopper)
	if err != nil {
		return err
	}
	return c.JSON(mine)
}

// me is what the house knows of a shopper, for themselves.
func (s *Service) me(ctx context.Context, shopper offers.ShopperID) (me, error) {
	mine := me{Shopper: shopper}
	p, err := s.profile(ctx, shopper)
	switch {
	case errors.Is(err, offers.ErrNotFound): // joined a moment ago
	case err != nil:
		return me{}, err
	default:
		mine.Name, mine.Phone, mine.Tier, mine.Wishes = p.Traits.Name, p.Traits.Phone, p.Traits.Tier, p.Traits.Wishes
		if v := presentVisit(p, time.Now()); v != nil {
			visit := s.myVisit(v)
			mine.Visit = &visit
		}
	}
	if mine.Phone == "" { // confirmed a moment ago, and not folded yet
		known, err := s.store.Known(ctx, []offers.ShopperID{shopper})
		if err != nil {
			return me{}, err
		}
		for _, e := range known[0].Edges {
			if e.Identifier.Type == offers.Phone {
				mine.Phone = e.Identifier.Value
			}
		}
	}
	if mine.Phone != "" {
		mine.Phone = mask(mine.Phone) // the link may have been opened by another
	}
	if mine.Consents, err = s.consents(ctx, shopper); err != nil {
		return me{}, err
	}
	if mine.Face, err = s.faceOf(ctx, shopper); err != nil {
		return me{}, err
	}
	return mine, nil
}

func (s *Service) myVisit(v *offers.Visit) myVisit {
	visit := myVisit{Shop: v.Shop, ShopName: string(v.Shop), Zone: v.Zone, Since: v.Started}
	if shop := s.shop(v.Shop); shop != nil {
		visit.ShopName = shop.Name
		visit.ZoneName = zoneName(shop, v.Zone)
	}
	return visit
}

type joining struct {
	Name     string           `json:"name"`
	Phone    string           `json:"phone"`
	TimeZone string           `json:"time_zone"`
	Locale   string           `json:"locale"`
	Consents []offers.Purpose `json:"consents"`
}

var localePattern = regexp.MustCompile(`^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$`)

func (j *joining) check() error {
	var wrong fieldErrors
	j.Name = strings.TrimSpace(j.Name)
	wrong.add(j.Name != "" && utf8.RuneCountInString(j.Name) <= 120, "write the name by which we may call you", "name")
	_, isPhone := phoneOf(j.Phone)
	wrong.add(j.Phone == "" || isPhone, "write your number with its country, as +31612345678", "phone")
	_, err := time.LoadLocation(j.TimeZone)
	wrong.add(err == nil && j.TimeZone != "Local", "is no time zone that we know", "time_zone")
	wrong.add(j.Locale == "" || localePattern.MatchString(j.Locale), "is no language that we know", "locale")
	for i, purpose := range j.Consents {
		wrong.add(slices.Contains(offers.Purposes, purpose), "we do not ask for this", "consents[%d]", i)
	}
	return wrong.err()
}

// join makes a new shopper. A number that they tell may be another's: it is kept
// nowhere, and nothing is sent to it but a code, by which it becomes theirs.
func (s *Service) join(c *fiber.Ctx) error {
	var in joining
	if err := read(c, &in); err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	if err := s.attempts.join(c.IP(), time.Now()); err != nil {
		return err
	}
	ctx := c.UserContext()
	install := offers.Identifier{Type: offers.AppInstall, Value: uuid.NewString()}
	who, err := s.store.Identify(ctx, []offers.Identifier{install}, stream.NewTrace, "console/app")
	if err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	events := []offers.Event{{
		Type: offers.Identified, Identifiers: []offers.Identifier{install}, Time: now, Source: "app",
		Traits: &offers.Traits{Name: in.Name, TimeZone: in.TimeZone, Locale: in.Locale},
	}}
	mine := me{Shopper: who.Shopper, Name: in.Name}
	for _, purpose := range offers.Purposes {
		consent := offers.Consent{Purpose: purpose, Granted: slices.Contains(in.Consents, purpose), At: now, Source: "app"}
		if err := s.store.SetConsent(ctx, s.log.PartitionOf(string(who.Shopper)), who.Shopper, consent); err != nil {
			return err
		}
		events = append(events, offers.Event{Type: offers.ConsentChanged, Time: now, Source: "app", Consent: &consent})
		mine.Consents = append(mine.Consents, consent)
	}
	if err := s.write(ctx, who, events...); err != nil {
		return err
	}
	if err := s.setShopper(c, who.Shopper); err != nil {
		return err
	}
	link, err := s.linkFor(ctx, who.Shopper)
	if err != nil {
		return err
	}
	out := joinedMe{Me: mine, Token: link.Token}
	if phone, ok := phoneOf(in.Phone); ok && slices.Contains(in.Consents, offers.ConsentSMS) {
		if out.CodeUntil, err = s.sendCodeTo(c, phone, offers.ChannelSMS); err != nil {
			s.logger.Warn("console: who joined is sent no code", "err", err) // they may ask for another
		}
	}
	return c.Status(fiber.StatusCreated).JSON(out)
}

type joinedMe struct {
	Me        me        `json:"me"`
	Token     string    `json:"token"`
	CodeUntil time.Time `json:"code_until,omitzero"` // of the code that was sent to the number
}

type myOffer struct {
	Decision offers.DecisionID `json:"decision"`
	Campaign offers.CampaignID `json:"campaign"`
	Offer    offers.Offer      `json:"offer"`
	Code     string            `json:"code"`
	Shop     offers.ShopID     `json:"shop,omitempty"`
	ShopName string            `json:"shop_name,omitempty"`
	Zone     offers.ZoneID     `json:"zone,omitempty"`
	ZoneName string            `json:"zone_name,omitempty"`
	At       time.Time         `json:"at"`
	Expires  time.Time         `json:"expires"`
	Redeemed time.Time         `json:"redeemed,omitzero"`
}

type myRedeemed struct {
	Decision offers.DecisionID `json:"decision"`
	At       time.Time         `json:"at"`
}

func (s *Service) myOffer(e offers.Inbox) myOffer {
	o := myOffer{Decision: e.Decision, Campaign: e.Campaign, Offer: e.Offer, Code: e.Code, Shop: e.Shop, Zone: e.Zone,
		At: e.At, Expires: e.Expires, Redeemed: e.Redeemed}
	o.Offer.SMS, o.Offer.Value = "", offers.Money{} // what it is worth to the shop is the shop's
	if o.Zone == "" {
		o.Zone = e.Offer.Zone
	}
	if shop := s.shop(e.Shop); shop != nil {
		o.ShopName = shop.Name
		o.ZoneName = zoneName(shop, o.Zone)
	}
	return o
}

func (s *Service) getMyOffers(c *fiber.Ctx, shopper offers.ShopperID) error {
	all, err := s.myOffers(c.UserContext(), shopper)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"offers": all})
}

func (s *Service) myOffers(ctx context.Context, shopper offers.ShopperID) ([]myOffer, error) {
	entries, err := s.inbox(ctx, shopper)
	if err != nil {
		return nil, err
	}
	all := make([]myOffer, len(entries))
	for i := range entries {
		all[i] = s.myOffer(entries[i])
	}
	return all, nil
}

// replayMargin is how much further back than the last id offers are told
// again: an offer's time is that of its decision, before it was sent. The app
// knows what it shows already.
const replayMargin = 2 * time.Minute

func (s *Service) myLive(c *fiber.Ctx, shopper offers.ShopperID) error {
	since := lastEventID(c)
	r, ok := s.phones.add(shopper)
	if !ok {
		return fmt.Errorf("live: %w: too many apps are open", offers.ErrUnavailable)
	}
	begin := func(ctx context.Context) ([]frame, error) {
		mine, err := s.me(ctx, shopper)
		if err != nil {
			return nil, err
		}
		first, err := frameOf("me", mine)
		if err != nil || since == 0 {
			return []frame{first}, err
		}
		missed, err := s.missed(ctx, shopper, mine.Consents, time.UnixMicro(since).Add(-replayMargin))
		return append([]frame{first}, missed...), err
	}
	return s.serveFeed(c, "phone", r, begin, func() { s.phones.remove(shopper, r) })
}

// missed is what happened to a shopper after a time. It is read from what is
// kept, so that no phone has to be remembered.
func (s *Service) missed(ctx context.Context, shopper offers.ShopperID, consents []offers.Consent, after time.Time) ([]frame, error) {
	entries, err := s.inbox(ctx, shopper)
	if err != nil {
		return nil, err
	}
	var frames []frame
	add := func(event string, v any) error {
		f, err := frameOf(event, v)
		f.id = s.phones.ids.next(time.Now())
		frames = append(frames, f)
		return err
	}
	for i := len(entries) - 1; i >= 0; i-- {
		e := &entries[i]
		if e.At.After(after) {
			if err := add("offer", s.myOffer(*e)); err != nil {
				return nil, err
			}
		}
		if e.Redeemed.After(after) {
			if err := add("redeemed", myRedeemed{e.Decision, e.Redeemed}); err != nil {
				return nil, err
			}
		}
	}
	for _, consent := range consents {
		if consent.At.After(after) {
			if err := add("consent", consent); err != nil {
				return nil, err
			}
		}
	}
	return frames, nil
}

// putConsent takes an answer. It holds at once: whoever says no to being
// recognised is forgotten by the cameras, too.
func (s *Service) putConsent(c *fiber.Ctx, shopper offers.ShopperID) error {
	purpose := offers.Purpose(param(c, "purpose"))
	if !slices.Contains(offers.Purposes, purpose) {
		return fmt.Errorf("%w: there is no consent %q", offers.ErrNotFound, purpose)
	}
	var in struct {
		Granted *bool `json:"granted"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	if in.Granted == nil {
		return fieldErrors{{"granted", "say true or false"}}
	}
	consent := offers.Consent{Purpose: purpose, Granted: *in.Granted, At: time.Now().UTC().Truncate(time.Millisecond), Source: "app"}
	if err := s.setConsent(c.UserContext(), shopper, consent); err != nil {
		return err
	}
	if purpose == offers.ConsentFace && !consent.Granted {
		if _, err := s.removeFace(c.UserContext(), shopper, "app", consent.At); err != nil {
			return err
		}
	}
	return c.JSON(consent)
}

// myDecision is a decision, if it is this shopper's: of another's nobody says
// even that it exists.
func (s *Service) myDecision(ctx context.Context, shopper offers.ShopperID, id offers.DecisionID) (offers.Decision, error) {
	d, _, err := findDecision(ctx, s.log, id)
	if err != nil {
		return d, err
	}
	owner := d.Shopper
	if owner != shopper {
		if owner, err = s.nowKnownAs(ctx, owner); err != nil {
			return d, err
		}
	}
	if owner != shopper {
		return offers.Decision{}, fmt.Errorf("decision %q: %w", id, offers.ErrNotFound)
	}
	return d, nil
}

func (s *Service) whyMyOffer(c *fiber.Ctx, shopper offers.ShopperID) error {
	d, err := s.myDecision(c.UserContext(), shopper, offers.DecisionID(param(c, "decision")))
	if err != nil {
		return err
	}
	if d.Offer == nil {
		return fmt.Errorf("decision %q: %w: nothing was offered", d.ID, offers.ErrNotFound)
	}
	return c.JSON(fiber.Map{"title": d.Offer.Title, "reasons": whyWords(&d, s.shop(d.Shop))})
}

func (s *Service) viewedMyOffer(c *fiber.Ctx, shopper offers.ShopperID) error {
	d, err := s.myDecision(c.UserContext(), shopper, offers.DecisionID(param(c, "decision")))
	if err != nil {
		return err
	}
	var offer offers.OfferID
	if d.Offer != nil {
		offer = d.Offer.ID
	}
	// The id is the decision's: seeing it ten times is one event.
	err = s.emit(c.UserContext(), offers.Event{
		ID: offers.EventID("viewed/" + d.ID), Type: offers.OfferViewed, Shopper: shopper, Time: time.Now().UTC(), Source: "app",
		Shop: d.Shop, Zone: d.Zone, Decision: d.ID, Offer: offer,
	})
	if err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// enrolmentToken is a ticket that the cameras' process takes beside pictures.
func (s *Service) enrolmentToken(c *fiber.Ctx, shopper offers.ShopperID) error {
	ctx := c.UserContext()
	signed, err := s.signed(ctx, shopper)
	if err != nil {
		return err
	}
	if !signed {
		return fmt.Errorf("%w: read the notice on being recognised, and sign it first", offers.ErrDenied)
	}
	keys, err := s.keys(ctx)
	if err != nil {
		return err
	}
	until := time.Now().Add(enrolTime).UTC().Truncate(time.Second)
	return c.Status(fiber.StatusCreated).JSON(fiber.Map{
		"token":  catalog.SignToken(keys.Token, catalog.TokenEnrol, shopper, until),
		"upload": "/vision/enrolments", "until": until,
	})
}

// removed is what became of a face. Without a receipt there was nothing.
type removed struct {
	Removed int    `json:"removed"` // vectors
	Receipt string `json:"receipt,omitempty"`
}

func (s *Service) forgetMyFace(c *fiber.Ctx, shopper offers.ShopperID) error {
	d, err := s.forgetFace(c.UserContext(), shopper, "app", time.Now())
	if err != nil {
		return err
	}
	return c.JSON(removed{vectorsOf(d), d.ID})
}

// exportMe is everything that is known of a shopper, as a file.
func (s *Service) exportMe(c *fiber.Ctx, shopper offers.ShopperID) error {
	return s.export(c, shopper, "what-is-known-of-me.json")
}

// export sends all that is known of a shopper.
func (s *Service) export(c *fiber.Ctx, shopper offers.ShopperID, name string) error {
	ctx := c.UserContext()
	mine, err := s.me(ctx, shopper)
	if err != nil {
		return err
	}
	all, err := s.myOffers(ctx, shopper)
	if err != nil {
		return err
	}
	recognition, err := s.recognitionOf(ctx, shopper)
	if err != nil {
		return err
	}
	p, err := s.profile(ctx, shopper)
	if err != nil && !errors.Is(err, offers.ErrNotFound) {
		return err
	}
	export := struct {
		At          time.Time         `json:"at"`
		Me          me                `json:"me"`
		Profile     *offers.Profile   `json:"profile"`
		Offers      []myOffer         `json:"offers"`
		Decisions   []offers.Decision `json:"decisions"`
		Recognition myRecognition     `json:"recognition"`
	}{time.Now().UTC(), mine, p, all, []offers.Decision{}, recognition}
	if p == nil {
		export.Profile = &offers.Profile{Shopper: shopper}
	}
	for i := range export.Profile.Contacts {
		d, _, err := findDecision(ctx, s.log, export.Profile.Contacts[i].Decision)
		if errors.Is(err, offers.ErrNotFound) {
			continue // retention has passed it
		}
		if err != nil {
			return err
		}
		export.Decisions = append(export.Decisions, d)
	}
	body, err := json.MarshalIndent(export, "", "  ")
	if err != nil {
		return fmt.Errorf("export: %w: %w", offers.ErrInvalid, err)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	return c.Send(body)
}

func (s *Service) getDemoShoppers(c *fiber.Ctx) error {
	type demoShopper struct {
		Shopper offers.ShopperID `json:"shopper"`
		Name    string           `json:"name"`
		Link    string           `json:"link"`
	}
	all, more := []demoShopper{}, false
	if s.config.Demo == nil {
		return c.JSON(fiber.Map{"shoppers": all, "more": more})
	}
	for _, shopper := range s.config.Demo.Shoppers {
		if _, err := s.profile(c.UserContext(), shopper.ID); errors.Is(err, offers.ErrNotFound) {
			more = true // not met yet
			continue
		} else if err != nil {
			return err
		}
		link, err := s.linkFor(c.UserContext(), shopper.ID)
		if err != nil {
			return err
		}
		all = append(all, demoShopper{shopper.ID, shopper.Name, link.Link})
	}
	return c.JSON(fiber.Map{"shoppers": all, "more": more})
}
