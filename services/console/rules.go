package console

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"aisle/offers/feature"
	"aisle/offers/rule"
	"aisle/services/catalog"
)

func (s *Service) ruleRoutes(api fiber.Router) {
	api.Post("/rules/check", s.allow(catalog.RoleViewer, s.checkRule))
	api.Post("/rules/count", s.allow(catalog.RoleViewer, s.countAudience))
	api.Get("/rules/fields", s.allow(catalog.RoleViewer, s.getRuleFields))
}

// rules are what campaigns' rules are written against.
type rules struct {
	features *feature.Set
	env      *rule.Env
	err      error // why there is no env
}

func loadRules(features *feature.Set) *rules {
	if features == nil {
		features = feature.Default()
	}
	r := &rules{features: features}
	r.env, r.err = rule.New(r.features)
	return r
}

type ruleCheck struct {
	OK         bool            `json:"ok"`
	Error      string          `json:"error,omitempty"`
	Position   *int            `json:"position,omitempty"`   // of the mistake, in characters
	Expression string          `json:"expression,omitempty"` // what a right tree says
	Tree       json.RawMessage `json:"tree,omitempty"`       // what a right expression says, if it can be built
}

// check tells whether an expression is a rule that can be live.
func (r *rules) check(expression string) ruleCheck {
	switch {
	case r.err != nil:
		return ruleCheck{Error: r.err.Error()}
	case strings.TrimSpace(expression) == "":
		// An empty rule would let everyone in, perhaps by mistake.
		return ruleCheck{Error: "is empty: leave the field out where everyone may, or write a rule"}
	case len(expression) > maxRule:
		return ruleCheck{Error: "is too long"}
	}
	_, err := r.env.Compile(expression)
	if err != nil {
		return wrongRule(expression, err)
	}
	tree, _ := r.env.ToTree(expression)
	return ruleCheck{OK: true, Tree: tree}
}

// maxTree bounds what the visual builder may send: it says each condition in
// more letters than CEL.
const maxTree = 10 * maxRule

// checkTree tells whether what was built is a rule that can be live, and which.
func (r *rules) checkTree(tree json.RawMessage) ruleCheck {
	switch {
	case r.err != nil:
		return ruleCheck{Error: r.err.Error()}
	case len(tree) > maxTree:
		return ruleCheck{Error: "is too long"}
	}
	expression, err := r.env.FromTree(tree)
	if err != nil {
		return wrongRule("", err)
	}
	return ruleCheck{OK: true, Expression: expression}
}

func wrongRule(expression string, err error) ruleCheck {
	answer := ruleCheck{Error: err.Error()}
	if wrong, ok := errors.AsType[*rule.Error](err); ok {
		answer.Error = wrong.Message
		if wrong.Line > 0 {
			at := positionIn(expression, wrong.Line, wrong.Column)
			answer.Position = &at
		}
	}
	return answer
}

// positionIn is a line and column, from 1, as characters from the start.
func positionIn(text string, line, column int) int {
	at := 0
	for i, l := range strings.SplitAfter(text, "\n") {
		length := len([]rune(l))
		if i+1 == line {
			return at + min(max(column-1, 0), length)
		}
		at += length
	}
	return at
}

func (s *Service) checkRule(c *fiber.Ctx) error {
	var in struct {
		Expression string          `json:"expression"`
		Tree       json.RawMessage `json:"tree"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	if len(in.Tree) > 0 {
		return c.JSON(s.rules.checkTree(in.Tree))
	}
	return c.JSON(s.rules.check(in.Expression))
}

// ruleField is what a rule may look at, and how the visual builder may compare it.
type ruleField struct {
	rule.Field
	Operators []string `json:"operators"`
	Values    []string `json:"values,omitempty"` // those that are known of; others may be, too
}

func (s *Service) getRuleFields(c *fiber.Ctx) error {
	if s.rules.err != nil {
		return s.rules.err
	}
	fields, values := []ruleField{}, s.knownValues()
	for _, f := range s.rules.env.Fields() {
		fields = append(fields, ruleField{f, rule.Operators(f.Type), values[f.Name]})
	}
	return c.JSON(fiber.Map{"fields": fields})
}

// knownValues are words that fields of rules take, by the shops as they are.
// Under a field with numbers by category are the keys.
func (s *Service) knownValues() map[string][]string {
	known := map[string]map[string]bool{}
	add := func(value string, fields ...string) {
		for _, f := range fields {
			if known[f] == nil {
				known[f] = map[string]bool{}
			}
			known[f][value] = value != ""
		}
	}
	var byCategory, byZone []string
	for _, f := range s.rules.env.Fields() {
		switch f.Type {
		case "numbers by category":
			byCategory = append(byCategory, f.Name)
		case "numbers by zone":
			byZone = append(byZone, f.Name)
		}
	}
	house := s.catalogue()
	for id, shop := range house.Shops {
		add(string(id), "shop")
		for _, z := range shop.Zones {
			add(string(z.ID), append(byZone, "zone")...)
			add(string(z.Kind), "zone_kind")
			add(z.Category, append(byCategory, "zone_category", "event.category")...)
		}
	}
	for _, k := range house.Campaigns {
		add(string(k.Trigger.Event), "event.type")
		for i := range k.Offers {
			add(k.Offers[i].Category, append(byCategory, "event.category")...)
		}
	}
	values := map[string][]string{}
	for field, all := range known {
		maps.DeleteFunc(all, func(_ string, said bool) bool { return !said })
		values[field] = slices.Sorted(maps.Keys(all))
	}
	return values
}
