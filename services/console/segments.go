package console

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
)

func (s *Service) segmentRoutes(api fiber.Router) {
	api.Get("/segments", s.allow(catalog.RoleViewer, s.getSegments))
	api.Post("/segments", s.allow(catalog.RoleMarketer, s.createSegment))
	api.Get("/segments/:segment", s.allow(catalog.RoleViewer, s.getSegment))
	api.Put("/segments/:segment", s.allow(catalog.RoleMarketer, s.putSegment))
	api.Delete("/segments/:segment", s.allow(catalog.RoleMarketer, s.deleteSegment))
	api.Get("/segments/:segment/history", s.allow(catalog.RoleViewer, s.getSegmentHistory))
}

// segmentWithUses is a segment with the campaigns that are for it.
type segmentWithUses struct {
	Segment offers.Segment `json:"segment"`
	Used    []segmentUse   `json:"used"`
}

type segmentUse struct {
	ID     offers.CampaignID     `json:"id"`
	Name   string                `json:"name"`
	Status offers.CampaignStatus `json:"status"`
}

func (s *Service) getSegments(c *fiber.Ctx) error {
	all, err := s.usedSegments(c)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"segments": list(all)})
}

func (s *Service) getSegment(c *fiber.Ctx) error {
	one, err := s.usedSegment(c)
	if err != nil {
		return err
	}
	return c.JSON(one)
}

// usedSegments lists the segments, with their uses. An archived campaign uses
// nothing any more: it keeps what its audience was.
func (s *Service) usedSegments(c *fiber.Ctx) ([]segmentWithUses, error) {
	segments, err := s.catalog.Segments(c.UserContext())
	if err != nil {
		return nil, err
	}
	campaigns, err := s.catalog.Campaigns(c.UserContext())
	if err != nil {
		return nil, err
	}
	all := make([]segmentWithUses, len(segments))
	for i := range segments {
		all[i] = segmentWithUses{segments[i], []segmentUse{}}
		for j := range campaigns {
			if k := &campaigns[j]; segments[i].In(k) && k.Status != offers.CampaignArchived {
				all[i].Used = append(all[i].Used, segmentUse{k.ID, k.Name, k.Status})
			}
		}
	}
	return all, nil
}

// usedSegment is the one that a call's address names.
func (s *Service) usedSegment(c *fiber.Ctx) (segmentWithUses, error) {
	id := offers.SegmentID(param(c, "segment"))
	all, err := s.usedSegments(c)
	if err != nil {
		return segmentWithUses{}, err
	}
	i := slices.IndexFunc(all, func(one segmentWithUses) bool { return one.Segment.ID == id })
	if i < 0 {
		return segmentWithUses{}, fmt.Errorf("%w: there is no segment %q", offers.ErrNotFound, id)
	}
	return all[i], nil
}

func (s *Service) getSegmentHistory(c *fiber.Ctx) error {
	versions, err := s.catalog.SegmentHistory(c.UserContext(), offers.SegmentID(param(c, "segment")))
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"versions": versions})
}

func (s *Service) createSegment(c *fiber.Ctx) error {
	var seg offers.Segment
	if err := read(c, &seg); err != nil {
		return err
	}
	if seg.ID == "" {
		seg.ID = offers.SegmentID(idFrom("segment", seg.Name))
	}
	seg.Version, seg.Updated = 0, time.Time{}
	if err := s.checkSegment(&seg); err != nil {
		return err
	}
	kept, err := s.catalog.CreateSegment(c.UserContext(), seg, by(c))
	if errors.Is(err, offers.ErrConflict) {
		return fmt.Errorf("%w: there is a segment %q already: choose another id", offers.ErrConflict, seg.ID)
	}
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(kept)
}

// putSegment changes a segment and what the campaigns say that are for it. A
// second person looks at what is live, where the house wants it so: then those
// are paused first.
func (s *Service) putSegment(c *fiber.Ctx) error {
	var seg offers.Segment
	if err := read(c, &seg); err != nil {
		return err
	}
	if err := named(c, "segment", &seg.ID); err != nil {
		return err
	}
	if err := s.checkSegment(&seg); err != nil {
		return err
	}
	changed, err := s.saidAnew(c, &seg)
	if err != nil {
		return err
	}
	if seg, err = s.catalog.UpdateSegment(c.UserContext(), seg, changed, by(c)); err != nil {
		return err
	}
	s.tell(c.UserContext())
	return c.JSON(seg)
}

// saidAnew are the campaigns that say something else once a segment is as it is
// here.
func (s *Service) saidAnew(c *fiber.Ctx, seg *offers.Segment) ([]offers.Campaign, error) {
	segments, err := s.catalog.Segments(c.UserContext())
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(segments, func(one offers.Segment) bool { return one.ID == seg.ID }); i >= 0 {
		segments[i] = *seg
	}
	campaigns, err := s.catalog.Campaigns(c.UserContext())
	if err != nil {
		return nil, err
	}
	var changed []offers.Campaign
	for i := range campaigns {
		k := &campaigns[i]
		before := k.Audience
		if !seg.In(k) || k.Status == offers.CampaignArchived {
			continue
		}
		var wrong fieldErrors
		if s.expand(&wrong, k, segments); wrong != nil {
			return nil, fmt.Errorf("%w: campaign %q could not be so: %w", offers.ErrConflict, k.ID, wrong)
		}
		if k.Audience == before {
			continue
		}
		if k.Status == offers.CampaignLive {
			if err := s.unapproved(c, k); err != nil {
				return nil, err
			}
		}
		changed = append(changed, *k)
	}
	return changed, nil
}

func (s *Service) deleteSegment(c *fiber.Ctx) error {
	one, err := s.usedSegment(c)
	if err != nil {
		return err
	}
	if len(one.Used) > 0 {
		names := make([]string, len(one.Used))
		for i, u := range one.Used {
			names[i] = string(u.ID)
		}
		return fmt.Errorf("%w: segment %q is whom %s speak to: change or archive that first", offers.ErrConflict, one.Segment.ID, strings.Join(names, ", "))
	}
	if err := s.catalog.DeleteSegment(c.UserContext(), one.Segment.ID, by(c)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// checkSegment tells all that is wrong with a segment. One that was built is what
// its tree says, whatever stands beside it.
func (s *Service) checkSegment(seg *offers.Segment) error {
	var wrong fieldErrors
	wrong.add(idPattern.MatchString(string(seg.ID)), idAdvice, "id")
	wrong.add(strings.TrimSpace(seg.Name) != "" && atMost(seg.Name, 160), "write a name, at most 160 characters", "name")
	wrong.add(atMost(seg.Description, 2000), "is too long: at most 2000 characters", "description")
	var answer ruleCheck
	if len(seg.Tree) > 0 {
		answer = s.rules.checkTree(seg.Tree)
		seg.Rule = answer.Expression
	} else {
		answer = s.rules.check(seg.Rule)
	}
	wrong.add(answer.OK, answer.Error, "rule")
	return wrong.err()
}

// mostSegments bounds how many segments a campaign is for at once.
const mostSegments = 20

// checkSegments writes into a campaign whom its segments mean.
func (s *Service) checkSegments(c *fiber.Ctx, wrong *fieldErrors, k *offers.Campaign) error {
	k.Audience = ""
	if len(k.Segments) == 0 {
		return nil
	}
	segments, err := s.catalog.Segments(c.UserContext())
	if err != nil {
		return err
	}
	s.expand(wrong, k, segments)
	return nil
}

// expand writes into a campaign whom those of the segments mean that it is for.
func (s *Service) expand(wrong *fieldErrors, k *offers.Campaign, segments []offers.Segment) {
	wrong.add(len(k.Segments) <= mostSegments, fmt.Sprintf("are too many: at most %d", mostSegments), "segments")
	var of []offers.Segment
	for i, id := range k.Segments {
		at := slices.IndexFunc(segments, func(one offers.Segment) bool { return one.ID == id })
		wrong.add(at >= 0, "there is no such segment", "segments[%d]", i)
		if at >= 0 {
			of = append(of, segments[at])
		}
	}
	if k.Audience = offers.Audience(of...); k.Audience == "" || len(*wrong) > 0 {
		return
	}
	// Each by itself is right; together they may be too long, or cost too much.
	answer := s.rules.check(k.Whom())
	wrong.add(answer.OK, "with the rule of eligibility, this "+answer.Error, "segments")
}
