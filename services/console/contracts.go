package console

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/formats"
	"aisle/services/formats/contract"
	"aisle/services/formats/drift"
	"aisle/services/stream"
)

func (s *Service) contractRoutes(api fiber.Router) {
	api.Get("/contracts", s.allow(catalog.RoleViewer, s.getContracts))
	api.Get("/contracts/:event", s.allow(catalog.RoleViewer, s.getContract))
	api.Put("/contracts/:event", s.allow(catalog.RoleMarketer, s.putContract))
	api.Post("/contracts/:event/check", s.allow(catalog.RoleMarketer, s.checkContract))
	api.Get("/contracts/:event/proposal", s.allow(catalog.RoleMarketer, s.proposeContract))
	api.Post("/contracts/:event/publish", s.allow(catalog.RoleMarketer, s.publishContract))
	api.Post("/contracts/:event/retire", s.allow(catalog.RoleMarketer, s.retireContract))
}

type contractSummary struct {
	Event   string    `json:"event"`
	Live    int       `json:"live,omitempty"`
	Latest  int       `json:"latest"`
	Sources []string  `json:"sources"`
	Updated time.Time `json:"updated"`
	By      string    `json:"by"`
	Note    string    `json:"note,omitempty"`
	Refused int       `json:"refused,omitempty"`
}

func (s *Service) getContracts(c *fiber.Ctx) error {
	states, err := s.catalog.Contracts(c.UserContext())
	if err != nil {
		return err
	}
	refused := s.door.shelf.refused(offers.ReasonSchema, time.Now().Add(-24*time.Hour))
	all := make([]contractSummary, len(states))
	for i, k := range states {
		sources := k.Latest.Sources
		if k.Live > 0 {
			sources = k.Holds.Sources
		}
		all[i] = contractSummary{k.Latest.Event, k.Live, k.Latest.Version, sources, k.Latest.At, k.Latest.By, k.Latest.Note, refused[k.Latest.Event]}
	}
	return c.JSON(fiber.Map{"contracts": all})
}

func (s *Service) getContract(c *fiber.Ctx) error { return s.sendContract(c, param(c, "event")) }

func (s *Service) sendContract(c *fiber.Ctx, event string) error {
	live, versions, err := s.catalog.ContractHistory(c.UserContext(), event)
	if err != nil {
		return err
	}
	return c.JSON(struct {
		Event    string             `json:"event"`
		Live     int                `json:"live,omitempty"`
		Latest   int                `json:"latest"`
		Versions []catalog.Contract `json:"versions"`
	}{event, live, versions[0].Version, versions})
}

const (
	maxNote        = 500
	maxSourceNames = 100
	maxSourceName  = 200
)

// checkSources says what is wrong with names of sources.
func checkSources(wrong *fieldErrors, sources []string) {
	wrong.add(len(sources) <= maxSourceNames, "at most 100", "sources")
	for i, name := range sources {
		wrong.add(name != "" && len(name) <= maxSourceName && utf8.ValidString(name), "want the name of a source, such as segment/website", "sources[%d]", i)
	}
}

func (s *Service) putContract(c *fiber.Ctx) error {
	var in struct {
		Version int             `json:"version"`
		Schema  json.RawMessage `json:"schema"`
		Sources []string        `json:"sources"`
		Note    string          `json:"note"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	event := param(c, "event")
	var wrong fieldErrors
	spelt := formats.Snake(event)
	wrong.add(event != "" && len(event) <= 100 && event == spelt, fmt.Sprintf("write it as the house spells it: %.100s", spelt), "event")
	wrong.add(in.Version >= 0, "counts from 0", "version")
	wrong.add(utf8.RuneCountInString(in.Note) <= maxNote, "at most 500 characters", "note")
	checkSources(&wrong, in.Sources)
	if err := wrong.err(); err != nil {
		return err
	}
	if _, err := contract.Compile([]contract.Contract{{Event: offers.EventType(event), Version: 1, Schema: in.Schema}}); err != nil {
		return wrongSchema(err)
	}
	slices.Sort(in.Sources)
	_, err := s.catalog.SaveContract(c.UserContext(),
		catalog.Contract{Event: event, Version: in.Version, Schema: in.Schema, Sources: slices.Compact(in.Sources), Note: in.Note}, by(c))
	if err != nil {
		return err
	}
	return s.sendContract(c, event)
}

// How many of the latest events a contract, or a mapping, is tried on.
const (
	eventsLooked = 1_500 // of each partition
	eventsTried  = 2_000
)

// latestEvents calls fn with the latest events that fit their type, or all if
// that is empty, until it says that it has enough.
func (s *Service) latestEvents(ctx context.Context, typ string, fn func(e *offers.Event) (more bool)) error {
	done, err := s.door.look(ctx)
	if err != nil {
		return err
	}
	defer done()
	for p := range s.log.Partitions() {
		newest, err := s.log.Newest(ctx, stream.Events, p, eventsLooked)
		if err != nil {
			return err
		}
		for i := len(newest) - 1; i >= 0; i-- {
			r := &newest[i]
			if typ != "" && r.Header("ce_type") != typ {
				continue
			}
			var e offers.Event
			if err := r.Decode(&e); err != nil {
				s.metrics.unread.WithLabelValues(r.Stream).Inc()
				continue
			}
			if !fn(&e) {
				return nil
			}
		}
	}
	return nil
}

type foundProblem struct {
	At     string `json:"at"`
	Says   string `json:"says"`
	Count  int    `json:"count"`
	Source string `json:"source,omitempty"`
}

const problemsShown = 20

func (s *Service) checkContract(c *fiber.Ctx) error {
	var in struct {
		Schema  json.RawMessage `json:"schema"`
		Sources []string        `json:"sources"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	var wrong fieldErrors
	checkSources(&wrong, in.Sources)
	if err := wrong.err(); err != nil {
		return err
	}
	event := param(c, "event")
	answer := struct {
		OK       bool           `json:"ok"`
		Error    string         `json:"error,omitempty"`
		Pointer  string         `json:"pointer,omitempty"`
		Tested   int            `json:"tested"`
		Failed   int            `json:"failed"`
		Problems []foundProblem `json:"problems"`
	}{Problems: []foundProblem{}}
	set, err := contract.Compile([]contract.Contract{{Event: offers.EventType(event), Version: 1, Schema: in.Schema, Sources: in.Sources}})
	if err != nil {
		answer.Error = err.Error()
		if wrong, ok := errors.AsType[*contract.Error](err); ok {
			answer.Error, answer.Pointer = wrong.Message, wrong.Pointer
		}
		return c.JSON(answer)
	}
	answer.OK = true
	found := map[contract.Problem]*foundProblem{}
	err = s.latestEvents(c.UserContext(), event, func(e *offers.Event) bool {
		version, problems := set.Check(e.Type, e.Source, e.Properties)
		if version == 0 {
			return true // it is not for this source
		}
		answer.Tested++
		if len(problems) > 0 {
			answer.Failed++
		}
		for _, p := range problems {
			p.At, p.Says = groupOf(p.At), groupOfPath(p)
			f := found[p]
			if f == nil {
				if len(found) >= 10*problemsShown {
					continue
				}
				f = &foundProblem{At: p.At, Says: p.Says, Source: e.Source}
				found[p] = f
			}
			f.Count++
		}
		return answer.Tested < eventsTried
	})
	if err != nil {
		return err
	}
	for _, p := range slices.SortedFunc(maps.Values(found), func(a, b *foundProblem) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.At, b.At), cmp.Compare(a.Says, b.Says))
	}) {
		if len(answer.Problems) < problemsShown {
			answer.Problems = append(answer.Problems, *p)
		}
	}
	return c.JSON(answer)
}

// groupOfPath is what a problem says, the same for all entries of a list.
func groupOfPath(p contract.Problem) string {
	if groupOf(p.At) == p.At {
		return p.Says
	}
	return numbers.ReplaceAllString(p.Says, "0")
}

func (s *Service) proposeContract(c *fiber.Ctx) error {
	event := param(c, "event")
	kept, err := s.catalog.Shapes(c.UserContext())
	if err != nil {
		return err
	}
	var of []*drift.Shape
	for i := range kept {
		if kept[i].Event == event {
			if shape, err := shapeOf(&kept[i]); err == nil {
				of = append(of, shape)
			}
		}
	}
	if len(of) == 0 {
		return fmt.Errorf("event %.100q: %w: no such event came yet", event, offers.ErrNotFound)
	}
	return c.JSON(fiber.Map{"schema": drift.Propose(of...)})
}

func (s *Service) publishContract(c *fiber.Ctx) error {
	var in struct {
		Version int `json:"version"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	event := param(c, "event")
	if err := s.catalog.PublishContract(c.UserContext(), event, in.Version, by(c)); err != nil {
		return err
	}
	return s.sendContract(c, event)
}

func (s *Service) retireContract(c *fiber.Ctx) error {
	event := param(c, "event")
	if err := s.catalog.RetireContract(c.UserContext(), event, by(c)); err != nil {
		return err
	}
	return s.sendContract(c, event)
}
