package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/formats"
	"aisle/services/formats/contract"
	"aisle/services/formats/families"
	"aisle/services/formats/mapping"
)

// wrongSteps is what is wrong with steps, for a form.
func wrongSteps(err error) error {
	var wrong fieldErrors
	for _, e := range unjoined(err) {
		if e, ok := errors.AsType[*mapping.Error](e); ok {
			wrong.add(false, e.Message, "steps[%d].%s", e.Step, e.Field)
		}
	}
	if len(wrong) == 0 {
		return err
	}
	return wrong
}

// wrongSchema is what is wrong with a schema, for a form.
func wrongSchema(err error) error {
	for _, e := range unjoined(err) {
		if e, ok := errors.AsType[*contract.Error](e); ok {
			at := e.Pointer
			if at == "" {
				return fieldErrors{{"schema", e.Message}}
			}
			return fieldErrors{{"schema", at + ": " + e.Message}}
		}
	}
	return err
}

// unjoined are the errors that errors.Join made one of.
func unjoined(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	return []error{err}
}

// rehearsal is the door without its log: what would come of a request.
type rehearsal struct {
	mapping   *mapping.Mapping
	contracts *contract.Set
}

// rehearse makes one of the rules that hold for a source, or of those given in
// their place.
func rehearse(rules *catalog.Rules, source string, steps []mapping.Step, given *contract.Contract) (*rehearsal, error) {
	of := mapping.Steps{Source: source, Steps: steps}
	if steps == nil {
		for _, m := range rules.Mappings {
			if m.Source == source {
				of.Version = m.Version
				if err := json.Unmarshal(m.Steps, &of.Steps); err != nil {
					return nil, fmt.Errorf("mapping of %q: %w: %w", source, offers.ErrInvalid, err)
				}
			}
		}
	}
	var r rehearsal
	var err error
	if r.mapping, err = mapping.Compile(of); err != nil {
		return nil, wrongSteps(err)
	}
	var contracts []contract.Contract
	for _, k := range rules.Contracts {
		if given == nil || k.Event != string(given.Event) {
			contracts = append(contracts, contract.Contract{Event: offers.EventType(k.Event), Version: k.Version, Schema: k.Schema, Sources: k.Sources})
		}
	}
	r.contracts, _ = contract.Compile(contracts) // those that were kept could be used
	if given != nil {
		if _, err := contract.Compile([]contract.Contract{*given}); err != nil {
			return nil, wrongSchema(err)
		}
		if r.contracts, err = contract.Compile(append(contracts, *given)); err != nil {
			return nil, wrongSchema(err)
		}
	}
	return &r, nil
}

// outcome is what would come of one message.
type outcome struct {
	event    *offers.Event
	changed  bool
	dropped  bool
	bad      *formats.Bad
	problems []contract.Problem
	name     string // of the event, as far as it is known
}

// message takes one message as the door would.
func (r *rehearsal) message(o *formats.Origin, m *formats.Message) outcome {
	out := outcome{name: string(m.Event)}
	var err error
	if out.changed, out.dropped, err = r.mapping.Apply(m); err != nil {
		out.bad = formats.Badf(offers.ReasonSchema, m.Original, "%s.", sentence(err))
		return out
	}
	if out.dropped {
		return out
	}
	draft, bad := o.Read(m)
	if bad != nil {
		out.bad = bad
		return out
	}
	out.event, out.name = &draft.Event, string(draft.Event.Type)
	if version, problems := r.contracts.Check(draft.Event.Type, o.Source, draft.Event.Properties); len(problems) > 0 {
		out.problems = problems
		out.bad = formats.Badf(offers.ReasonSchema, m.Original, "%s", contract.Detail(draft.Event.Type, version, problems))
	}
	return out
}

// sentence is an error as a sentence begins.
func sentence(err error) string {
	s := strings.Replace(err.Error(), offers.ErrInvalid.Error()+": ", "", 1)
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// request takes a request, or what was put aside of one, as the door would.
func (r *rehearsal) request(q *offers.Quarantined) (family string, all []outcome) {
	request := families.Again(q)
	family = families.Of(q.Source, request)
	in, bad := families.Decode(family, request)
	if bad != nil {
		return family, []outcome{{bad: bad}}
	}
	for _, b := range in.Bad {
		all = append(all, outcome{bad: b})
	}
	o := formats.Origin{Source: q.Source, Received: q.Received, SentAt: in.SentAt}
	for i := range in.Messages {
		all = append(all, r.message(&o, &in.Messages[i]))
	}
	return family, all
}

type triedEvent struct {
	Type        offers.EventType `json:"type"`
	Time        time.Time        `json:"time"`
	Changed     bool             `json:"changed"`
	Query       string           `json:"query,omitempty"`
	Category    string           `json:"category,omitempty"`
	Product     string           `json:"product,omitempty"`
	Title       string           `json:"title,omitempty"`
	Quantity    int              `json:"quantity,omitempty"`
	Value       offers.Money     `json:"value,omitzero"`
	Identifiers []string         `json:"identifiers,omitempty"`
	Properties  json.RawMessage  `json:"properties,omitempty"`
}

type triedBad struct {
	Reason   offers.Reason      `json:"reason"`
	Detail   string             `json:"detail"`
	Event    string             `json:"event,omitempty"`
	Problems []contract.Problem `json:"problems,omitempty"`
}

// triedShown bounds what an answer lists.
const triedShown = 50

func (s *Service) tryQuarantined(c *fiber.Ctx) error {
	var in struct {
		Steps    []mapping.Step `json:"steps"`
		Contract *struct {
			Event  string          `json:"event"`
			Schema json.RawMessage `json:"schema"`
		} `json:"contract"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	_, q, err := s.quarantinedOf(c.UserContext(), param(c, "id"))
	if err != nil {
		return err
	}
	switch family, _, _ := strings.Cut(q.Source, "/"); family {
	case "stream", "edge":
		return fmt.Errorf("%w: only what web sites, apps and servers sent can be tried; this came by %s", offers.ErrInvalid, q.Source)
	}
	rules, err := s.catalog.Rules(c.UserContext())
	if err != nil {
		return err
	}
	var given *contract.Contract
	if in.Contract != nil {
		given = &contract.Contract{Event: offers.EventType(in.Contract.Event), Version: 1, Schema: in.Contract.Schema}
	}
	r, err := rehearse(&rules, q.Source, in.Steps, given)
	if err != nil {
		return err
	}
	family, all := r.request(&q)
	events, bad, dropped := []triedEvent{}, []triedBad{}, 0
	for _, o := range all {
		switch {
		case o.dropped:
			dropped++
		case o.bad != nil:
			if len(bad) < triedShown {
				bad = append(bad, triedBad{o.bad.Reason, o.bad.Detail, o.name, o.problems})
			}
		case len(events) < triedShown:
			e := o.event
			t := triedEvent{Type: e.Type, Time: e.Time, Changed: o.changed, Query: e.Query, Category: e.Category, Product: e.Product,
				Title: e.Title, Quantity: e.Quantity, Value: e.Value, Properties: e.Properties}
			for _, id := range e.Identifiers {
				t.Identifiers = append(t.Identifiers, string(id.Type))
			}
			events = append(events, t)
		}
	}
	return c.JSON(fiber.Map{"family": family, "events": events, "bad": bad, "dropped": dropped})
}

// messagesOf are the messages of a request as it came.
func messagesOf(q *offers.Quarantined) []formats.Message {
	request := families.Again(q)
	in, bad := families.Decode(families.Of(q.Source, request), request)
	if bad != nil {
		return nil
	}
	return in.Messages
}
