package console

import (
	"cmp"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/unicode/norm"

	"aisle/offers"
	"aisle/offers/message"
	"aisle/services/catalog"
)

func (s *Service) campaignRoutes(api fiber.Router) {
	api.Get("/campaigns", s.allow(catalog.RoleViewer, s.getCampaigns))
	api.Post("/campaigns", s.allow(catalog.RoleMarketer, s.createCampaign))
	api.Get("/campaigns/:campaign", s.allow(catalog.RoleViewer, s.getCampaign))
	api.Put("/campaigns/:campaign", s.allow(catalog.RoleMarketer, s.putCampaign))
	api.Delete("/campaigns/:campaign", s.allow(catalog.RoleMarketer, s.deleteCampaign))
	api.Get("/campaigns/:campaign/history", s.allow(catalog.RoleViewer, s.getCampaignHistory))
	for path, status := range map[string]offers.CampaignStatus{
		"live": offers.CampaignLive, "pause": offers.CampaignPaused, "archive": offers.CampaignArchived,
	} {
		api.Post("/campaigns/:campaign/"+path, s.allow(catalog.RoleMarketer, s.setStatus(status)))
	}
	api.Post("/campaigns/:campaign/ask", s.allow(catalog.RoleMarketer, s.askApproval))
	api.Post("/campaigns/:campaign/approve", s.allow(catalog.RoleApprover, s.approveCampaign))
	api.Post("/campaigns/:campaign/decline", s.allow(catalog.RoleApprover, s.declineCampaign))
}

type campaignWithStats struct {
	Campaign offers.Campaign `json:"campaign"`
	Stats    campaignStats   `json:"stats"`
	Approval *approval       `json:"approval,omitempty"` // where a second person looks at campaigns
}

func (s *Service) getCampaigns(c *fiber.Ctx) error {
	ctx := c.UserContext()
	campaigns, err := s.catalog.Campaigns(ctx)
	if err != nil {
		return err
	}
	report, err := s.reports.now(ctx, time.Now())
	if err != nil {
		return err
	}
	asked, err := s.askedFor(ctx)
	if err != nil {
		return err
	}
	all := make([]campaignWithStats, len(campaigns))
	for i, k := range campaigns {
		all[i] = campaignWithStats{wholeCampaign(k), report.of(k.ID), asked[k.ID]}
	}
	return c.JSON(fiber.Map{"campaigns": all, "totals": report.totals})
}

func (s *Service) getCampaign(c *fiber.Ctx) error {
	ctx := c.UserContext()
	campaign, err := s.catalog.Campaign(ctx, offers.CampaignID(param(c, "campaign")))
	if err != nil {
		return err
	}
	report, err := s.reports.now(ctx, time.Now())
	if err != nil {
		return err
	}
	approval, err := s.approvalOf(c, campaign.ID)
	if err != nil {
		return err
	}
	return c.JSON(campaignWithStats{wholeCampaign(campaign), report.of(campaign.ID), approval})
}

func (s *Service) getCampaignHistory(c *fiber.Ctx) error {
	versions, err := s.catalog.CampaignHistory(c.UserContext(), offers.CampaignID(param(c, "campaign")))
	if err != nil {
		return err
	}
	for i := range versions {
		versions[i].Campaign = wholeCampaign(versions[i].Campaign)
	}
	return c.JSON(fiber.Map{"versions": versions})
}

// wholeCampaign is a campaign whose lists are [] in JSON, never null.
func wholeCampaign(k offers.Campaign) offers.Campaign {
	k.Channels, k.Offers = list(k.Channels), list(k.Offers)
	return k
}

func (s *Service) createCampaign(c *fiber.Ctx) error {
	var k offers.Campaign
	if err := read(c, &k); err != nil {
		return err
	}
	if k.ID == "" {
		k.ID = offers.CampaignID(idFrom("campaign", k.Name))
	}
	k.Status, k.Version, k.Updated = offers.CampaignDraft, 0, time.Time{}
	if err := s.checkCampaign(c, &k); err != nil {
		return err
	}
	kept, err := s.catalog.CreateCampaign(c.UserContext(), k, by(c))
	if errors.Is(err, offers.ErrConflict) {
		return fmt.Errorf("%w: there is a campaign %q already: choose another id", offers.ErrConflict, k.ID)
	}
	if err != nil {
		return err
	}
	s.tell(c.UserContext())
	return c.Status(fiber.StatusCreated).JSON(wholeCampaign(kept))
}

func (s *Service) putCampaign(c *fiber.Ctx) error {
	var k offers.Campaign
	if err := read(c, &k); err != nil {
		return err
	}
	if err := named(c, "campaign", &k.ID); err != nil {
		return err
	}
	kept, err := s.catalog.Campaign(c.UserContext(), k.ID)
	if err != nil {
		return err
	}
	k.Status = kept.Status // it has doors of its own
	if err := s.checkCampaign(c, &k); err != nil {
		return err
	}
	if kept.Status == offers.CampaignArchived {
		return fmt.Errorf("%w: campaign %q is archived: copy it to change it", offers.ErrConflict, k.ID)
	}
	if kept.Status == offers.CampaignLive {
		if err := s.unapproved(c, &kept); err != nil {
			return err
		}
		if err := s.checkFallback(c, &k); err != nil {
			return err
		}
		if err := s.keepFallback(c, &kept, &k); err != nil {
			return err
		}
	}
	if k, err = s.catalog.UpdateCampaign(c.UserContext(), k, by(c)); err != nil {
		return err
	}
	s.tell(c.UserContext())
	return c.JSON(wholeCampaign(k))
}

func (s *Service) deleteCampaign(c *fiber.Ctx) error {
	k, err := s.catalog.Campaign(c.UserContext(), offers.CampaignID(param(c, "campaign")))
	if err != nil {
		return err
	}
	if k.Status != offers.CampaignDraft && k.Status != offers.CampaignArchived {
		return fmt.Errorf("%w: campaign %q is %s: archive it first", offers.ErrConflict, k.ID, k.Status)
	}
	if err := s.catalog.DeleteCampaign(c.UserContext(), k.ID, by(c)); err != nil {
		return err
	}
	s.tell(c.UserContext())
	return c.SendStatus(fiber.StatusNoContent)
}

// setStatus sends a campaign live, pauses or archives it. Doing so twice is
// doing so once.
func (s *Service) setStatus(status offers.CampaignStatus) fiber.Handler {
	return func(c *fiber.Ctx) error {
		k, err := s.catalog.Campaign(c.UserContext(), offers.CampaignID(param(c, "campaign")))
		if err != nil {
			return err
		}
		if k.Status == status {
			return c.JSON(wholeCampaign(k))
		}
		switch {
		case k.Status == offers.CampaignArchived:
			return fmt.Errorf("%w: campaign %q is archived: copy it to use it again", offers.ErrConflict, k.ID)
		case status == offers.CampaignPaused && k.Status != offers.CampaignLive:
			return fmt.Errorf("%w: campaign %q is %s: only a live one can be paused", offers.ErrConflict, k.ID, k.Status)
		case status == offers.CampaignLive:
			if err := s.approved(c, k.ID); err != nil {
				return err
			}
			// What was right when it was written may not be any more: zones go.
			if err := s.checkCampaign(c, &k); err != nil {
				return err
			}
			if err := s.checkFallback(c, &k); err != nil {
				return err
			}
		case k.Status == offers.CampaignLive:
			if err := s.keepFallback(c, &k, nil); err != nil {
				return err
			}
		}
		k.Status = status
		if k, err = s.catalog.UpdateCampaign(c.UserContext(), k, by(c)); err != nil {
			return err
		}
		s.tell(c.UserContext())
		return c.JSON(wholeCampaign(k))
	}
}

// idFrom makes an id of the name of one of a kind: "20% off shoes" is
// "20-off-shoes". A name in other than Latin letters gives a number.
func idFrom(kind, name string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(norm.NFD.String(name)) {
		if unicode.Is(unicode.Mn, r) {
			continue // an accent
		}
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		if b.WriteRune(r); b.Len() == 60 {
			break
		}
	}
	if b.Len() == 0 {
		h := fnv.New32a()
		h.Write([]byte(name))
		return fmt.Sprintf("%s-%08x", kind, h.Sum32())
	}
	return b.String()
}

const maxRule = 4000

// atMost tells whether a text has at most so many characters, in whatever script.
func atMost(text string, most int) bool { return utf8.RuneCountInString(text) <= most }

// checkCampaign tells all that is wrong with a campaign.
func (s *Service) checkCampaign(c *fiber.Ctx, k *offers.Campaign) error {
	var wrong fieldErrors
	wrong.add(idPattern.MatchString(string(k.ID)), idAdvice, "id")
	wrong.add(strings.TrimSpace(k.Name) != "" && atMost(k.Name, 160), "write a name, at most 160 characters", "name")
	wrong.add(atMost(k.Description, 2000), "is too long: at most 2000 characters", "description")
	wrong.add(len(k.Tags) <= 20, "are too many: at most 20", "tags")
	asked := len(k.Placements)+len(k.Fallback) > 0 // by pages and screens
	wrong.add(k.Trigger.Event != "" || asked, "choose the event that wakes the campaign, or where it is asked for", "trigger.event")
	checkPlacements(&wrong, k)
	wrong.add(k.Trigger.Scenario == "" || k.Trigger.Event == offers.ScenarioCompleted, "is only for campaigns that wake at scenario_completed", "trigger.scenario")
	wrong.add(atMost(k.Group, 60), "is too long: at most 60 characters", "group")
	checkSchedule(&wrong, k.Schedule)
	s.checkRules(&wrong, k)
	if err := s.checkSegments(c, &wrong, k); err != nil {
		return err
	}
	wrong.add(k.Cap.Times >= 0 && k.Cap.Per >= 0, "cannot be negative", "cap")
	wrong.add(k.Cap.Times == 0 || k.Cap.Per > 0, "say within which time", "cap.per_ns")
	wrong.add(k.Cap.Times <= offers.MaxPlaced || len(k.Placements) == 0, "is more than is remembered of what pages show one shopper: at most 20, or 0 for no limit", "cap.times")
	wrong.add(k.Cooldown >= 0, "cannot be negative", "cooldown_ns")
	wrong.add(len(k.Channels) > 0 || k.Trigger.Event == "", "choose at least one way to reach shoppers", "channels")
	for i, channel := range k.Channels {
		wrong.add(channel.Purpose() != "", "choose app, push, sms, email or webhook", "channels[%d]", i)
	}
	wrong.add(len(k.Offers) > 0, "write at least one offer", "offers")
	wrong.add(len(k.Offers) <= 50, "are too many: at most 50", "offers")
	ids := map[offers.OfferID]bool{}
	for i := range k.Offers {
		checkOffer(&wrong, &k.Offers[i], i)
		wrong.add(!ids[k.Offers[i].ID], "is there twice", "offers[%d].id", i)
		ids[k.Offers[i].ID] = true
	}
	wrong.add(isFraction(k.Holdout), "is a share from 0 to 1", "holdout")
	wrong.add(isFraction(k.Split), "is a share from 0 to 1", "split")
	wrong.add(k.Split == 0 || len(k.Offers) > 1, "compares offers: write at least two", "split")
	wrong.add(k.Weight >= 0 && k.Weight <= 100, "is from 0 to 100", "weight")
	wrong.add(k.Lever >= -100 && k.Lever <= 1000, "is per cent, -100 to 1000", "lever")
	wrong.add(k.Budget.Minor >= 0, "cannot be negative", "budget")
	wrong.add(k.Budget.IsZero() || currencyPattern.MatchString(k.Budget.Currency), "needs a currency, as EUR", "budget.currency")
	if err := s.checkPlaces(c, k, &wrong); err != nil {
		return err
	}
	if err := s.checkModel(c, &wrong, k); err != nil {
		return err
	}
	if id := k.Trigger.Scenario; id != "" {
		_, err := s.catalog.Scenario(c.UserContext(), id)
		if err != nil && !errors.Is(err, offers.ErrNotFound) {
			return err
		}
		wrong.add(err == nil, "there is no such scenario", "trigger.scenario")
	}
	return wrong.err()
}

// checkRules tells what is wrong with a campaign's rules. One that was built is what
// its tree says, whatever stands beside it.
func (s *Service) checkRules(wrong *fieldErrors, k *offers.Campaign) {
	built := 0
	for _, r := range []struct {
		field      string
		expression *string
	}{
		{"eligibility", &k.Eligibility}, {"applicability", &k.Applicability}, {"suitability", &k.Suitability},
	} {
		answer := ruleCheck{OK: true}
		if tree, ok := k.Trees[r.field]; ok {
			built++
			answer = s.rules.checkTree(tree)
			*r.expression = answer.Expression
		} else if *r.expression != "" {
			answer = s.rules.check(*r.expression)
		}
		wrong.add(answer.OK, answer.Error, "%s", r.field)
	}
	wrong.add(built == len(k.Trees), "are of eligibility, applicability and suitability", "trees")
}

func checkSchedule(wrong *fieldErrors, schedule offers.Schedule) {
	from, until := schedule.From, schedule.Until
	wrong.add(from.IsZero() || until.IsZero() || from.Before(until), "ends before it begins", "schedule.until")
	for i, day := range schedule.Days {
		wrong.add(day >= time.Sunday && day <= time.Saturday, "is a day of the week, 0 (Sunday) to 6", "schedule.days[%d]", i)
	}
	wrong.add(isMinute(schedule.FromMinute), "is a minute after midnight, 0 to 1440", "schedule.from_minute")
	wrong.add(isMinute(schedule.UntilMinute), "is a minute after midnight, 0 to 1440", "schedule.until_minute")
	wrong.add(schedule.FromMinute == 0 || schedule.FromMinute != cmp.Or(schedule.UntilMinute, 24*60), "ends before it begins", "schedule.until_minute")
}

func checkOffer(wrong *fieldErrors, o *offers.Offer, i int) {
	if o.ID == "" {
		o.ID = offers.OfferID(idFrom("offer", o.Title))
	}
	wrong.add(idPattern.MatchString(string(o.ID)), idAdvice, "offers[%d].id", i)
	wrong.add(strings.TrimSpace(o.Title) != "" && atMost(o.Title, 160), "write a title, at most 160 characters", "offers[%d].title", i)
	wrong.add(atMost(o.Body, 2000), "is too long: at most 2000 characters", "offers[%d].body", i)
	wrong.add(atMost(o.SMS, 1000), "is too long: at most 1000 characters", "offers[%d].sms", i)
	checkTemplate(wrong, o.Title, "offers[%d].title", i)
	checkTemplate(wrong, o.Body, "offers[%d].body", i)
	checkTemplate(wrong, o.SMS, "offers[%d].sms", i)
	for language, text := range o.Translations {
		wrong.add(atMost(text, 1000), "is too long: at most 1000 characters", "offers[%d].sms_translations.%s", i, language)
		checkTemplate(wrong, text, "offers[%d].sms_translations.%s", i, language)
	}
	wrong.add(o.Value.Minor >= 0, "cannot be negative", "offers[%d].value", i)
	wrong.add(o.Value.IsZero() || currencyPattern.MatchString(o.Value.Currency), "needs a currency, as EUR", "offers[%d].value.currency", i)
	checkRepresentations(wrong, o, i)
	wrong.add(isFraction(o.Discount), "is a share from 0 to 1", "offers[%d].discount", i)
	wrong.add(o.Valid > 0 && o.Valid <= 366*24*time.Hour, "say how long it can be redeemed, at most a year", "offers[%d].valid_ns", i)
	wrong.add(o.Away >= 0 && o.Away <= o.Valid, "is from 0 to how long it can be redeemed", "offers[%d].away_ns", i)
}

// checkPlacements tells what is wrong with where a campaign is asked for.
func checkPlacements(wrong *fieldErrors, k *offers.Campaign) {
	places := func(field string, all []offers.PlacementID, shows func(*offers.Offer, offers.PlacementID) bool) {
		wrong.add(len(all) <= 50, "are too many: at most 50", "%s", field)
		for i, p := range all {
			wrong.add(isPlacement(p) && !slices.Contains(sent, p.Kind()), placementAdvice, "%s[%d]", field, i)
			shown := false
			for j := range k.Offers {
				shown = shown || shows(&k.Offers[j], p)
			}
			wrong.add(shown, "is nowhere that one of the offers has a representation for", "%s[%d]", field, i)
		}
	}
	represented := func(o *offers.Offer, p offers.PlacementID) bool { _, ok := o.In(p); return ok }
	places("fallback", k.Fallback, represented)
	places("placements", k.Placements, func(o *offers.Offer, p offers.PlacementID) bool {
		return represented(o, p) || slices.ContainsFunc(o.Representations, func(r offers.Representation) bool { return p.Covers(r.Placement) })
	})
	wrong.add(len(k.Contexts) <= 50, "are too many: at most 50", "contexts")
	for i, c := range k.Contexts {
		wrong.add(c.Key != "" && atMost(c.Key, 100) && c.Value != "" && atMost(c.Value, 100), "has a key and a value, of at most 100 characters", "contexts[%d]", i)
		wrong.add(c.Percent >= -100 && c.Percent <= 1000, "is per cent, -100 to 1000", "contexts[%d].percent", i)
	}
}

// placement is what placements look like: a kind, and which of it.
var placement = regexp.MustCompile(`^(sms|push|email|app|wall|web)(/[A-Za-z0-9][A-Za-z0-9_.:-]{0,79})?$`)

// sent are the kinds of placements that messages are, which nobody asks for.
var sent = []offers.PlacementID{offers.PlacementSMS, offers.PlacementPush, offers.PlacementEmail}

const placementAdvice = "is web, app or wall, and which of them: web/home-banner"

func isPlacement(p offers.PlacementID) bool { return placement.MatchString(string(p)) }

func checkRepresentations(wrong *fieldErrors, o *offers.Offer, i int) {
	wrong.add(len(o.Representations) <= 50, "are too many: at most 50", "offers[%d].representations", i)
	seen := map[offers.PlacementID]bool{}
	for j, r := range o.Representations {
		field := fmt.Sprintf("offers[%d].representations[%d]", i, j)
		wrong.add(isPlacement(r.Placement), placementAdvice, "%s.placement", field)
		wrong.add(r.Placement != offers.PlacementSMS && r.Placement != offers.PlacementApp, "is what title, body and sms say", "%s.placement", field)
		wrong.add(!seen[r.Placement], "is there twice", "%s.placement", field)
		wrong.add(r.Title != "" || r.Text != "" || r.Image != "", "shows nothing: write a title, a text or a picture", "%s", field)
		wrong.add(atMost(r.Title, 160) && atMost(r.Text, 2000) && atMost(r.Button, 60), "is too long", "%s", field)
		if slices.Contains(sent, r.Placement.Kind()) {
			checkTemplate(wrong, r.Title, "%s.title", field)
			checkTemplate(wrong, r.Text, "%s.text", field)
		}
		wrong.add(isAddress(r.Image) && isAddress(r.Link), "has addresses that begin with https:// or /", "%s", field)
		seen[r.Placement] = true
	}
}

// isAddress tells whether a page may lead there, or show it: never a script.
func isAddress(s string) bool {
	u, err := url.Parse(s)
	return s == "" || err == nil && len(s) <= 2000 && (u.Scheme == "https" && u.Host != "" || u.Scheme == "" && u.Host == "" && strings.HasPrefix(s, "/"))
}

// checkFallback tells whether pages would stay empty: where a campaign is asked
// for on the web, there is something for everybody.
func (s *Service) checkFallback(c *fiber.Ctx, k *offers.Campaign) error {
	if !slices.ContainsFunc(k.Placements, func(p offers.PlacementID) bool { return p.Kind() == offers.PlacementWeb }) {
		return nil
	}
	all, err := s.catalog.Campaigns(c.UserContext())
	if err != nil {
		return err
	}
	var wrong fieldErrors
	for i, p := range k.Placements {
		wrong.add(p.Kind() != offers.PlacementWeb || fallsBack(append(all, *k), k.ID, p),
			"would be empty for who gets nothing else: send a campaign live first whose fallback it is", "placements[%d]", i)
	}
	return wrong.err()
}

// keepFallback tells whether live campaigns would miss the fallback that a live
// one was, were it as it is now; nil is no more.
func (s *Service) keepFallback(c *fiber.Ctx, was, now *offers.Campaign) error {
	if len(was.Fallback) == 0 {
		return nil
	}
	all, err := s.catalog.Campaigns(c.UserContext())
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(other offers.Campaign) bool { return other.ID == was.ID })
	if now != nil {
		all = append(all, *now)
	}
	for i := range all {
		for _, p := range all[i].Placements {
			if all[i].Status == offers.CampaignLive && p.Kind() == offers.PlacementWeb && !fallsBack(all, "", p) {
				return fmt.Errorf("%w: %s would be empty without it, where campaign %q is live: send another fallback live first", offers.ErrConflict, p, all[i].ID)
			}
		}
	}
	return nil
}

// fallsBack tells whether one of the campaigns that live, or the one that is
// about to, is a placement's fallback.
func fallsBack(all []offers.Campaign, also offers.CampaignID, p offers.PlacementID) bool {
	return slices.ContainsFunc(all, func(k offers.Campaign) bool {
		return (k.Status == offers.CampaignLive || k.ID == also) &&
			slices.ContainsFunc(k.Fallback, func(f offers.PlacementID) bool { return f.Covers(p) })
	})
}

// checkTemplate tells which variable of a text that is sent has no value in any
// message, braces that are not closed too: it would reach nobody.
func checkTemplate(wrong *fieldErrors, template, field string, args ...any) {
	for {
		_, after, opened := strings.Cut(template, "{{")
		if !opened {
			return
		}
		name, rest, _ := strings.Cut(after, "}}")
		name = strings.TrimSpace(name)
		known := slices.ContainsFunc(message.Variables, func(v message.Variable) bool { return v.Name == name })
		wrong.add(known && strings.Contains(after, "}}"), "knows no {{"+name+"}}: use name, title, code, shop, zone, value, discount, until or link", field, args...)
		template = rest
	}
}

// checkPlaces tells which shops and zones of a campaign do not exist.
func (s *Service) checkPlaces(c *fiber.Ctx, k *offers.Campaign, wrong *fieldErrors) error {
	if k.Trigger.Shop == "" && len(k.Trigger.Zones) == 0 {
		return nil
	}
	shops, err := s.catalog.Shops(c.UserContext())
	if err != nil {
		return err
	}
	known, zones := k.Trigger.Shop == "", map[offers.ZoneID]bool{}
	for i := range shops {
		if k.Trigger.Shop != "" && shops[i].ID != k.Trigger.Shop {
			continue
		}
		known = true
		for _, z := range shops[i].Zones {
			zones[z.ID] = true
		}
	}
	wrong.add(known, "there is no such shop", "trigger.shop")
	for i, z := range k.Trigger.Zones {
		wrong.add(!known || zones[z], "there is no such zone", "trigger.zones[%d]", i)
	}
	return nil
}

func isFraction(f float64) bool { return f >= 0 && f <= 1 && !math.IsNaN(f) }
