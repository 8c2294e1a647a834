package console

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
)

// approval is how far a campaign is past a second person.
type approval struct {
	catalog.Approval
	Needed  bool     `json:"needed"`  // it says something that is not approved
	Authors []string `json:"authors"` // who wrote that: none of them may approve it
	May     bool     `json:"may"`     // whether who reads this may
}

// askedFor is what second persons were asked last of each campaign; nothing where
// the house does without.
func (s *Service) askedFor(ctx context.Context) (map[offers.CampaignID]*approval, error) {
	house, err := s.catalog.House(ctx)
	if err != nil || !house.Approvals {
		return nil, err
	}
	latest, err := s.catalog.Approvals(ctx)
	if err != nil {
		return nil, err
	}
	asked := map[offers.CampaignID]*approval{}
	for id, a := range latest {
		asked[id] = &approval{Approval: a, Needed: a.State != catalog.ApprovalGiven, Authors: []string{}}
	}
	return asked, nil
}

// approvalOf is how far one campaign is past a second person; nil where the house
// does without.
func (s *Service) approvalOf(c *fiber.Ctx, id offers.CampaignID) (*approval, error) {
	asked, err := s.askedFor(c.UserContext())
	if err != nil || asked == nil {
		return nil, err
	}
	authors, err := s.catalog.CampaignAuthors(c.UserContext(), id)
	if err != nil {
		return nil, err
	}
	a := asked[id]
	if a == nil {
		a = &approval{Authors: []string{}}
	}
	a.Needed = len(authors) > 0
	for _, author := range authors {
		a.Authors = append(a.Authors, author.Name)
	}
	a.May = a.Needed && person(c).Role.Includes(catalog.RoleApprover) && !wrote(authors, person(c))
	return a, nil
}

func wrote(authors []catalog.By, p catalog.Person) bool {
	return slices.ContainsFunc(authors, func(by catalog.By) bool { return by.ID == p.ID })
}

// approved refuses to send live what a second person has to look at first.
func (s *Service) approved(c *fiber.Ctx, id offers.CampaignID) error {
	a, err := s.approvalOf(c, id)
	if err != nil || a == nil || !a.Needed {
		return err
	}
	return fmt.Errorf("%w: what campaign %q says is not approved: ask for approval; anybody may approve it but %s, who wrote it",
		offers.ErrConflict, id, strings.Join(a.Authors, ", "))
}

// unapproved refuses to change what is live past the second person.
func (s *Service) unapproved(c *fiber.Ctx, k *offers.Campaign) error {
	house, err := s.catalog.House(c.UserContext())
	if err != nil || !house.Approvals {
		return err
	}
	return fmt.Errorf("%w: campaign %q is live, and a second person looks at each change: pause it first", offers.ErrConflict, k.ID)
}

// asks is which version somebody looked at, and what they say of it.
type asks struct {
	Version int    `json:"version"`
	Note    string `json:"note"`
}

// waiting reads a question or an answer about a campaign that waits to go live.
func (s *Service) waiting(c *fiber.Ctx) (offers.Campaign, asks, error) {
	var in asks
	if err := read(c, &in); err != nil {
		return offers.Campaign{}, in, err
	}
	k, err := s.catalog.Campaign(c.UserContext(), offers.CampaignID(param(c, "campaign")))
	switch {
	case err != nil:
		return k, in, err
	case !atMost(in.Note, 1000):
		return k, in, fieldErrors{{"note", "is too long: at most 1000 characters"}}
	case k.Version != in.Version:
		return k, in, fmt.Errorf("%w: campaign %q is at version %d, not %d: look at it again", offers.ErrConflict, k.ID, k.Version, in.Version)
	case k.Status != offers.CampaignDraft && k.Status != offers.CampaignPaused:
		return k, in, fmt.Errorf("%w: campaign %q is %s: there is nothing to approve", offers.ErrConflict, k.ID, k.Status)
	}
	return k, in, nil
}

// askApproval asks second persons to look at a campaign as it could go live.
func (s *Service) askApproval(c *fiber.Ctx) error {
	k, _, err := s.waiting(c)
	if err != nil {
		return err
	}
	if err := s.checkCampaign(c, &k); err != nil {
		return err
	}
	if err := s.catalog.AskApproval(c.UserContext(), k.ID, k.Version, by(c)); err != nil {
		return err
	}
	return s.sendApproval(c, k.ID)
}

// answer is waiting, for who did not write the campaign.
func (s *Service) answer(c *fiber.Ctx) (offers.Campaign, asks, error) {
	k, in, err := s.waiting(c)
	if err != nil {
		return k, in, err
	}
	authors, err := s.catalog.CampaignAuthors(c.UserContext(), k.ID)
	if err == nil && wrote(authors, person(c)) {
		err = fmt.Errorf("%w: you wrote it: somebody else has to look at it", offers.ErrDenied)
	}
	return k, in, err
}

// approveCampaign approves what a campaign says, and sends it live.
func (s *Service) approveCampaign(c *fiber.Ctx) error {
	k, in, err := s.answer(c)
	if err != nil {
		return err
	}
	if err := s.catalog.SettleApproval(c.UserContext(), k.ID, in.Version, catalog.ApprovalGiven, in.Note, by(c)); err != nil {
		return err
	}
	return s.setStatus(offers.CampaignLive)(c)
}

// declineCampaign says what has to be changed first.
func (s *Service) declineCampaign(c *fiber.Ctx) error {
	k, in, err := s.answer(c)
	if err != nil {
		return err
	}
	if strings.TrimSpace(in.Note) == "" {
		return fieldErrors{{"note", "say what is to be changed"}}
	}
	if err := s.catalog.SettleApproval(c.UserContext(), k.ID, in.Version, catalog.ApprovalDeclined, in.Note, by(c)); err != nil {
		return err
	}
	return s.sendApproval(c, k.ID)
}

func (s *Service) sendApproval(c *fiber.Ctx, id offers.CampaignID) error {
	a, err := s.approvalOf(c, id)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"approval": a})
}
