package console

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/formats/drift"
)

func (s *Service) shapeRoutes(api fiber.Router) {
	api.Get("/drift", s.allow(catalog.RoleViewer, s.getDrift))
	api.Post("/drift/:notice/accept", s.allow(catalog.RoleMarketer, s.decideDrift(catalog.NoticeAccepted)))
	api.Post("/drift/:notice/wrong", s.allow(catalog.RoleMarketer, s.decideDrift(catalog.NoticeWrong)))
	api.Get("/shapes", s.allow(catalog.RoleViewer, s.getShapes))
	api.Get("/shape", s.allow(catalog.RoleViewer, s.getShape))
}

// noticesMost bounds how many notices one list has.
const noticesMost = 500

func (s *Service) getDrift(c *fiber.Ctx) error {
	limit, err := wholeNumber(c, "limit", 1, noticesMost, 100)
	if err != nil {
		return err
	}
	state := query(c, "state")
	if state != "" && !slices.Contains([]string{catalog.NoticeOpen, catalog.NoticeAccepted, catalog.NoticeWrong}, state) {
		return fieldErrors{{"state", "choose open, accepted or wrong"}}
	}
	notices, open, err := s.catalog.Notices(c.UserContext(), state, query(c, "source"), limit)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"notices": list(notices), "open": open})
}

// decideDrift says of a notice whether it is right so. What is accepted is the
// baseline from then on, in the shape that collectors learn from.
func (s *Service) decideDrift(state string) fiber.Handler {
	var change func(n catalog.Notice, stored json.RawMessage) (json.RawMessage, error)
	if state == catalog.NoticeAccepted {
		change = func(n catalog.Notice, stored json.RawMessage) (json.RawMessage, error) {
			return drift.Accept(stored, &drift.Notice{ID: n.ID, Source: n.Source, Event: n.Event, Field: n.Field, Kind: drift.Kind(n.Kind)})
		}
	}
	return func(c *fiber.Ctx) error {
		n, err := s.catalog.DecideNotice(c.UserContext(), param(c, "notice"), state, by(c), change)
		if err != nil {
			return err
		}
		return c.JSON(n)
	}
}

// shapeOf reads what is stored of a shape.
func shapeOf(kept *catalog.Shape) (*drift.Shape, error) {
	shape := new(drift.Shape)
	if err := json.Unmarshal(kept.Body, shape); err != nil {
		return nil, fmt.Errorf("shape of %s from %s: %w: %w", kept.Event, kept.Source, offers.ErrInvalid, err)
	}
	return shape, nil
}

type shapeSummary struct {
	Source      string    `json:"source"`
	Event       string    `json:"event"`
	Count       int64     `json:"count"`
	Fields      int       `json:"fields"`
	First       time.Time `json:"first"`
	Last        time.Time `json:"last"`
	Learned     bool      `json:"learned"`
	OpenNotices int       `json:"open_notices"`
	Contract    int       `json:"contract,omitempty"`
	Mapping     int       `json:"mapping,omitempty"`
}

func (s *Service) getShapes(c *fiber.Ctx) error {
	ctx := c.UserContext()
	kept, err := s.catalog.Shapes(ctx)
	if err != nil {
		return err
	}
	rules, err := s.catalog.Rules(ctx)
	if err != nil {
		return err
	}
	notices, _, err := s.catalog.Notices(ctx, catalog.NoticeOpen, "", 10*noticesMost)
	if err != nil {
		return err
	}
	open := map[[2]string]int{}
	for _, n := range notices {
		open[[2]string{n.Source, n.Event}]++
	}
	all := []shapeSummary{}
	for i := range kept {
		shape, err := shapeOf(&kept[i])
		if err != nil {
			s.logger.Warn("console: a shape cannot be read", "err", err)
			continue
		}
		one := shapeSummary{Source: shape.Source, Event: shape.Event, Count: shape.Count, Fields: len(shape.Fields), First: shape.First, Last: shape.Last,
			Learned: !shape.Learned.IsZero(), OpenNotices: open[[2]string{shape.Source, shape.Event}], Contract: contractFor(&rules, shape).Version}
		for _, m := range rules.Mappings {
			if m.Source == shape.Source {
				one.Mapping = m.Version
			}
		}
		all = append(all, one)
	}
	return c.JSON(fiber.Map{"shapes": all})
}

// contractFor is the contract that holds for a shape, the zero Contract if none
// does.
func contractFor(rules *catalog.Rules, shape *drift.Shape) catalog.Contract {
	for _, k := range rules.Contracts {
		if k.Event == shape.Event && (len(k.Sources) == 0 || slices.Contains(k.Sources, shape.Source)) {
			return k
		}
	}
	return catalog.Contract{}
}

type shapeField struct {
	Path       string             `json:"path"`
	Types      map[string]float64 `json:"types"`
	Share      float64            `json:"share"`
	Count      int64              `json:"count"`
	First      time.Time          `json:"first"`
	Last       time.Time          `json:"last"`
	Examples   []string           `json:"examples,omitempty"`
	Baseline   []string           `json:"baseline,omitempty"`
	ByContract bool               `json:"required_by_contract,omitempty"`
}

func (s *Service) getShape(c *fiber.Ctx) error {
	ctx := c.UserContext()
	kept, err := s.catalog.Shape(ctx, query(c, "source"), query(c, "event"))
	if err != nil {
		return err
	}
	shape, err := shapeOf(&kept)
	if err != nil {
		return err
	}
	rules, err := s.catalog.Rules(ctx)
	if err != nil {
		return err
	}
	all, _, err := s.catalog.Notices(ctx, "", shape.Source, noticesMost)
	if err != nil {
		return err
	}
	notices := slices.DeleteFunc(all, func(n catalog.Notice) bool { return n.Event != shape.Event })
	held := contractFor(&rules, shape)
	expected := drift.FieldsOf(held.Schema)
	fields := []shapeField{}
	for path, f := range shape.Fields {
		if f.Count == 0 {
			continue // a contract expects it, and it never came
		}
		one := shapeField{Path: path, Types: map[string]float64{}, Share: shape.Share(f), Count: f.Count, First: f.First, Last: f.Last, Examples: f.Examples}
		total := int64(0)
		for _, n := range f.Types {
			total += n
		}
		for t, n := range f.Types {
			if n > 0 {
				one.Types[drift.Type(t).String()] = float64(n) / float64(total)
			}
		}
		if f.Was != nil {
			one.Baseline = f.Was.Types
		}
		one.ByContract = expected[path] != nil && expected[path].Share == 1
		fields = append(fields, one)
	}
	slices.SortFunc(fields, func(a, b shapeField) int { return strings.Compare(a.Path, b.Path) })
	return c.JSON(struct {
		Source    string           `json:"source"`
		Event     string           `json:"event"`
		Count     int64            `json:"count"`
		Seen      int64            `json:"seen"`
		First     time.Time        `json:"first"`
		Last      time.Time        `json:"last"`
		Learned   bool             `json:"learned"`
		Truncated bool             `json:"truncated,omitempty"`
		Contract  int              `json:"contract,omitempty"`
		Fields    []shapeField     `json:"fields"`
		Notices   []catalog.Notice `json:"notices"`
	}{shape.Source, shape.Event, shape.Count, shape.Seen, shape.First, shape.Last, !shape.Learned.IsZero(), shape.Truncated, held.Version, fields, list(notices)})
}
