package console

import (
	"context"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/formats"
	"aisle/services/formats/mapping"
	"aisle/services/stream"
)

func (s *Service) mappingRoutes(api fiber.Router) {
	api.Get("/mappings", s.allow(catalog.RoleViewer, s.getMappings))
	api.Get("/mapping", s.allow(catalog.RoleViewer, s.getMapping))
	api.Put("/mapping", s.allow(catalog.RoleMarketer, s.putMapping))
	api.Post("/mapping/try", s.allow(catalog.RoleMarketer, s.tryMapping))
}

func (s *Service) getMappings(c *fiber.Ctx) error {
	all, err := s.catalog.Mappings(c.UserContext())
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"mappings": list(all)})
}

func (s *Service) getMapping(c *fiber.Ctx) error { return s.sendMapping(c, query(c, "source")) }

func (s *Service) sendMapping(c *fiber.Ctx, source string) error {
	history, err := s.catalog.MappingHistory(c.UserContext(), source)
	if err != nil {
		return err
	}
	now := catalog.Mapping{Source: source, Steps: json.RawMessage("[]")}
	if len(history) > 0 {
		now = history[0]
	}
	return c.JSON(fiber.Map{"mapping": now, "history": list(history)})
}

func (s *Service) putMapping(c *fiber.Ctx) error {
	var in struct {
		Version int            `json:"version"`
		Steps   []mapping.Step `json:"steps"`
		Note    string         `json:"note"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	source := query(c, "source")
	var wrong fieldErrors
	wrong.add(source != "" && len(source) <= maxSourceName && utf8.ValidString(source), "want the name of a source, such as segment/website", "source")
	wrong.add(in.Version >= 0, "counts from 0", "version")
	wrong.add(utf8.RuneCountInString(in.Note) <= maxNote, "at most 500 characters", "note")
	if err := wrong.err(); err != nil {
		return err
	}
	if _, err := mapping.Compile(mapping.Steps{Source: source, Steps: in.Steps}); err != nil {
		return wrongSteps(err)
	}
	steps, err := json.Marshal(list(in.Steps))
	if err != nil {
		return fmt.Errorf("steps: %w: %w", offers.ErrInvalid, err)
	}
	if _, err := s.catalog.SaveMapping(c.UserContext(), catalog.Mapping{Source: source, Version: in.Version, Steps: steps, Note: in.Note}, by(c)); err != nil {
		return err
	}
	return s.sendMapping(c, source)
}

// How much of a source its steps are tried on.
const (
	originalsLooked   = 300 // of each partition
	messagesTried     = 1_000
	quarantineTried   = 100
	examplesOfMapping = 20
)

type mappingExample struct {
	Event      string          `json:"event"`
	AfterEvent string          `json:"after_event,omitempty"`
	Before     json.RawMessage `json:"before"`
	After      json.RawMessage `json:"after,omitempty"`
	Dropped    bool            `json:"dropped"`
	Error      string          `json:"error,omitempty"`
}

// mappingTrial counts what steps would do.
type mappingTrial struct {
	Tested   int              `json:"tested"`
	Changed  int              `json:"changed"`
	Dropped  int              `json:"dropped"`
	Failed   int              `json:"failed"`
	Mended   int              `json:"mended"`
	Examples []mappingExample `json:"examples"`

	compiled *mapping.Mapping
	before   *rehearsal
	after    *rehearsal
}

func (s *Service) tryMapping(c *fiber.Ctx) error {
	var in struct {
		Steps []mapping.Step `json:"steps"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	ctx, source := c.UserContext(), query(c, "source")
	rules, err := s.catalog.Rules(ctx)
	if err != nil {
		return err
	}
	t := mappingTrial{Examples: []mappingExample{}}
	if t.compiled, err = mapping.Compile(mapping.Steps{Source: source, Steps: in.Steps}); err != nil {
		return wrongSteps(err)
	}
	if t.after, err = rehearse(&rules, source, list(in.Steps), nil); err != nil {
		return err
	}
	if t.before, err = rehearse(&rules, source, nil, nil); err != nil {
		return err
	}
	if err := s.tryOnOriginals(ctx, source, &t); err != nil {
		return err
	}
	if t.Tested == 0 { // the house keeps none: events have the house's names and no originals
		err := s.latestEvents(ctx, "", func(e *offers.Event) bool {
			if e.Source == source {
				t.try(&formats.Message{Type: "track", Event: formats.Text(e.Type), Properties: formats.Raw(e.Properties)})
			}
			return t.Tested < messagesTried
		})
		if err != nil {
			return err
		}
	}
	found, _ := s.door.shelf.find(sought{source: source})
	for i := range found[:min(len(found), quarantineTried)] {
		if found[i].state() == stateReplayed {
			continue
		}
		q, err := s.fetchQuarantined(ctx, &found[i])
		if err != nil {
			continue // it is gone from the log
		}
		t.Tested++
		again := q
		if _, was := t.before.request(&q); !all(was) {
			if _, is := t.after.request(&again); all(is) {
				t.Mended++
			}
		}
	}
	return c.JSON(t)
}

// all tells whether all would become events, or be dropped on purpose.
func all(of []outcome) bool {
	for i := range of {
		if of[i].bad != nil {
			return false
		}
	}
	return len(of) > 0
}

// tryOnOriginals tries the steps on requests as they came.
func (s *Service) tryOnOriginals(ctx context.Context, source string, t *mappingTrial) error {
	done, err := s.door.look(ctx)
	if err != nil {
		return err
	}
	defer done()
	for p := range s.log.Partitions() {
		newest, err := s.log.Newest(ctx, stream.Originals, p, originalsLooked)
		if err != nil {
			return err
		}
		for i := len(newest) - 1; i >= 0; i-- {
			if newest[i].Header("ce_type") != source {
				continue
			}
			q := stream.OriginalOf(&newest[i])
			for _, m := range messagesOf(&q) {
				if t.try(&m); t.Tested >= messagesTried {
					return nil
				}
			}
		}
	}
	return nil
}

// try does the steps to one message.
func (t *mappingTrial) try(m *formats.Message) {
	t.Tested++
	x := mappingExample{Event: string(m.Event), Before: object(m)}
	if x.Event == "" {
		x.Event = string(m.Type)
	}
	changed, dropped, err := t.compiled.Apply(m)
	switch {
	case err != nil:
		t.Failed++
		x.Error = sentence(err)
	case dropped:
		t.Dropped++
		x.Dropped = true
	case changed:
		t.Changed++
		x.After = object(m)
		if name := string(m.Event); name != x.Event {
			x.AfterEvent = name
		}
	default:
		return
	}
	if len(t.Examples) < examplesOfMapping {
		t.Examples = append(t.Examples, x)
	}
}

// object are the properties or traits of a message, {} if there are none.
func object(m *formats.Message) json.RawMessage {
	for _, raw := range []formats.Raw{m.Properties, m.Traits} {
		if len(raw) > 0 && raw[0] == '{' {
			return json.RawMessage(raw)
		}
	}
	return json.RawMessage("{}")
}
