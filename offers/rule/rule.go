// Package rule decides whether a campaign may speak to somebody, by rules that
// marketers write: searches["footwear"] >= 1 && zone == "footwear".
//
// Rules are CEL, the Common Expression Language: type-checked when they are
// saved, with a bound on what they may cost, so that no rule can hold up the
// shop. What nobody knows of a shopper is nought or an empty word, never an
// error.
package rule

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"

	"aisle/offers"
	"aisle/offers/feature"
)

// Bounds of a rule.
const (
	longest  = 4000 // characters
	mostCost = 2000 // units of CEL's cost model; a usual rule has 10 to 60
)

// Vars are what a rule may look at: one moment. They do not change once a rule
// has looked, and are for one goroutine.
type Vars struct {
	Features *feature.Values
	Event    *offers.Event
	Category string // of the event
	Shop     string
	Zone     string
	ZoneKind string
	ZoneOf   string // the category that is found there
	Tier     string
	Hour     int // in the shop's zone
	Weekday  int // 0 is Sunday
	InShop   bool
	Minutes  float64 // in the shop on this visit
	Dwell    float64 // seconds in the present zone
	Senses   int     // that witness the visit

	seen activation
}

// Again is vars of another moment that nothing is known of yet, with the room of
// these, which are not to be used any more.
func (v *Vars) Again() Vars {
	clear(v.seen.asked)
	return Vars{Features: v.Features, seen: activation{boxed: v.seen.boxed, asked: v.seen.asked}}
}

// Field is one thing that a rule may look at, for completion.
type Field struct {
	Name string `json:"name"`
	Type string `json:"type"` // number, text, yes or no, numbers by key
	Doc  string `json:"doc"`
}

// A context field is known of the moment, not of the shopper's past.
type context struct {
	Field
	cel *cel.Type
	of  resolver
}

// A resolver gives a field's value at a moment. What it gave at the one before is
// its to give again, or to use again.
type resolver func(v *Vars, before ref.Val) ref.Val

func text(name, doc string, of func(*Vars) string) context {
	return context{Field{name, "text", doc}, cel.StringType, func(v *Vars, before ref.Val) ref.Val { return box(before, types.String(of(v))) }}
}

func number(name, doc string, of func(*Vars) float64) context {
	return context{Field{name, "number", doc}, cel.DoubleType, func(v *Vars, before ref.Val) ref.Val { return box(before, types.Double(of(v))) }}
}

// box is a value as CEL has it, without an allocation where it is as it was.
func box[T interface {
	types.Double | types.String
	ref.Val
}](before ref.Val, now T) ref.Val {
	if was, ok := before.(T); ok && was == now {
		return before
	}
	return now
}

var contexts = []context{
	text("event.type", "What the shopper just did: zone_dwelled, recognised, product_searched", func(v *Vars) string { return string(v.Event.Type) }),
	text("event.category", "The category of what they just did", func(v *Vars) string { return v.Category }),
	text("event.query", "What they just searched for", func(v *Vars) string { return v.Event.Query }),
	text("event.product", "The product that it was about", func(v *Vars) string { return v.Event.Product }),
	number("event.dwell_seconds", "How long they stayed in the zone, of zone_dwelled and zone_left", func(v *Vars) float64 { return v.Event.Dwell.Seconds() }),
	number("event.value", "The money that it was about, in major units", func(v *Vars) float64 { return v.Event.Value.Major() }),
	text("shop", "The shop that they are in", func(v *Vars) string { return v.Shop }),
	text("zone", "The zone that they are in", func(v *Vars) string { return v.Zone }),
	text("zone_kind", "Its kind: sales, entrance, checkout", func(v *Vars) string { return v.ZoneKind }),
	text("zone_category", "The category of goods that is found there", func(v *Vars) string { return v.ZoneOf }),
	text("tier", "Their tier in the loyalty programme", func(v *Vars) string { return v.Tier }),
	number("hour", "The hour of the day in the shop, 0 to 23", func(v *Vars) float64 { return float64(v.Hour) }),
	number("weekday", "The day of the week in the shop, 0 is Sunday", func(v *Vars) float64 { return float64(v.Weekday) }),
	number("minutes_in_shop", "How long this visit lasts already", func(v *Vars) float64 { return v.Minutes }),
	number("dwell_seconds", "How long they have been in this zone", func(v *Vars) float64 { return v.Dwell }),
	number("witnesses", "How many senses saw them on this visit: camera, beacon, app, till", func(v *Vars) float64 { return float64(v.Senses) }),
	{Field{"in_shop", "yes or no", "Whether they are in a shop"}, cel.BoolType, func(v *Vars, _ ref.Val) ref.Val { return types.Bool(v.InShop) }},
}

// Env is what rules are written against: the moment and the features. It is
// safe for concurrent use.
type Env struct {
	cel     *cel.Env
	fields  []Field
	slots   map[string]int // of a field, in fields and resolve
	resolve []resolver
}

// New makes an environment of a set of features.
func New(features *feature.Set) (*Env, error) {
	e := &Env{slots: map[string]int{}}
	options := []cel.EnvOption{
		cel.CrossTypeNumericComparisons(true),
		cel.ParserRecursionLimit(50),
		ext.Strings(),
	}
	for _, c := range contexts {
		options = append(options, cel.Variable(c.Name, c.cel))
		e.add(c.Field, c.of)
	}
	for i, d := range features.Definitions() {
		if _, ok := e.slots[d.Name]; ok {
			return nil, fmt.Errorf("feature %q: %w: the moment has a field of that name", d.Name, offers.ErrInvalid)
		}
		f := Field{Name: d.Name, Doc: d.Doc}
		var of resolver
		switch d.Type() {
		case feature.Text:
			f.Type = "text"
			options = append(options, cel.Variable(d.Name, cel.StringType))
			of = func(v *Vars, before ref.Val) ref.Val { return box(before, types.String(v.Features.Text[i])) }
		case feature.Number:
			f.Type = "number"
			options = append(options, cel.Variable(d.Name, cel.DoubleType))
			of = func(v *Vars, before ref.Val) ref.Val { return box(before, types.Double(v.Features.Number[i])) }
		case feature.Numbers:
			f.Type = "numbers by " + cmp.Or(d.By, d.Of)
			missing := d.Missing()
			options = append(options, cel.Variable(d.Name, cel.MapType(cel.StringType, cel.DoubleType)))
			of = func(v *Vars, before ref.Val) ref.Val { return numbersOf(before, v.Features.Numbers[i], missing) }
		}
		e.add(f, of)
	}
	var err error
	e.cel, err = cel.NewEnv(options...)
	return e, err
}

func (e *Env) add(f Field, of resolver) {
	e.slots[f.Name] = len(e.fields)
	e.fields, e.resolve = append(e.fields, f), append(e.resolve, of)
}

// Fields lists what a rule may look at.
func (e *Env) Fields() []Field { return e.fields }

// Rule is a compiled rule, safe for concurrent use.
type Rule struct {
	env        *Env
	expression string
	program    cel.Program
}

// Compile checks a rule and makes it ready. The error is an *Error, of kind
// ErrInvalid.
func (e *Env) Compile(expression string) (*Rule, error) {
	if len(expression) > longest {
		return nil, &Error{Message: fmt.Sprintf("the rule has %d characters, at most %d are allowed", len(expression), longest)}
	}
	if strings.TrimSpace(expression) == "" {
		return nil, &Error{Message: "the rule is empty: it would be true for everyone; write true if that is meant"}
	}
	ast, issues := e.cel.Compile(expression)
	if issues.Err() != nil {
		first := issues.Errors()[0]
		return nil, &Error{Line: first.Location.Line(), Column: first.Location.Column() + 1, Message: e.explain(first.Message)}
	}
	if ast.OutputType() != cel.BoolType {
		return nil, &Error{Message: fmt.Sprintf("the rule answers with %s, and should answer yes or no: compare it with something", ast.OutputType())}
	}
	cost, err := e.cel.EstimateCost(ast, sizes{})
	if err != nil {
		return nil, &Error{Message: err.Error()}
	}
	if cost.Max > mostCost {
		return nil, &Error{Message: fmt.Sprintf("the rule may cost %d units, at most %d are allowed: take out a loop", cost.Max, mostCost)}
	}
	program, err := e.cel.Program(ast, cel.EvalOptions(cel.OptOptimize), cel.CustomDecoratorV2(compareNumbers))
	if err != nil {
		return nil, &Error{Message: err.Error()}
	}
	return &Rule{env: e, expression: expression, program: program}, nil
}

// explain adds what can be mended to CEL's message.
func (e *Env) explain(message string) string {
	if strings.Contains(message, "(double, int)") || strings.Contains(message, "(int, double)") {
		return "numbers have a decimal point when they are compared by == or !=, or reckoned with: write 1.0 for 1"
	}
	name, ok := strings.CutPrefix(message, "undeclared reference to '")
	if !ok {
		return message
	}
	name, _, _ = strings.Cut(name, "'")
	names := make([]string, len(e.fields))
	for i, f := range e.fields {
		names[i] = f.Name
	}
	if near := offers.Nearest(name, names); near != "" {
		return fmt.Sprintf("there is no %q; did you mean %q?", name, near)
	}
	return fmt.Sprintf("there is no %q; the list of fields shows what a rule may look at", name)
}

// Names lists the fields that a rule looks at, sorted; none of one that does not
// compile.
func (e *Env) Names(expression string) []string {
	checked, issues := e.cel.Compile(expression)
	if issues.Err() != nil {
		return nil
	}
	names := map[string]bool{}
	for _, r := range checked.NativeRep().ReferenceMap() {
		if _, ok := e.slots[r.Name]; ok {
			names[r.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Expression is the rule as it was written.
func (r *Rule) Expression() string { return r.expression }

// Eval answers for one moment. An error means that the rule has no answer,
// such as a division by nought; the campaign is then out.
func (r *Rule) Eval(v *Vars) (bool, error) {
	if v.seen.env != r.env {
		boxed, asked := v.seen.boxed, v.seen.asked
		if n := len(r.env.fields); len(boxed) != n {
			boxed, asked = make([]ref.Val, n), make([]bool, n)
		}
		v.seen = activation{r.env, v, boxed, asked}
	}
	out, _, err := r.program.Eval(&v.seen)
	if err != nil {
		return false, fmt.Errorf("rule %q: %w: %w", r.expression, offers.ErrInvalid, err)
	}
	yes, ok := out.Value().(bool)
	if !ok {
		return false, fmt.Errorf("rule %q: %w: answers %v", r.expression, offers.ErrInvalid, out)
	}
	return yes, nil
}

// Error is what is wrong with a rule, and where. Line and Column count from 1;
// nought means the whole rule.
type Error struct {
	Line, Column int
	Message      string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return "rule: " + e.Message
	}
	return fmt.Sprintf("rule: line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// Unwrap says that every such error is the writer's to mend.
func (e *Error) Unwrap() error { return offers.ErrInvalid }

// activation resolves fields as rules ask for them. A field's CEL value is made
// once a moment, however many rules ask: making it costs more than a rule.
type activation struct {
	env   *Env
	vars  *Vars
	boxed []ref.Val // by slot, of this moment where asked for, else of one before
	asked []bool
}

// ResolveName implements cel.Activation.
func (a *activation) ResolveName(name string) (any, bool) {
	i, ok := a.env.slots[name]
	if !ok {
		return nil, false
	}
	if !a.asked[i] {
		a.boxed[i], a.asked[i] = a.env.resolve[i](a.vars, a.boxed[i]), true
	}
	return a.boxed[i], true
}

// Parent implements cel.Activation.
func (a *activation) Parent() cel.Activation { return nil }

// sizes bounds what CEL cannot know the size of when it estimates a cost.
type sizes struct{}

// EstimateSize implements cost.Estimator.
func (sizes) EstimateSize(node checker.AstNode) *checker.SizeEstimate {
	if len(node.Path()) > 0 {
		return &checker.SizeEstimate{Min: 0, Max: 100}
	}
	return nil
}

// EstimateCallCost implements cost.Estimator.
func (sizes) EstimateCallCost(_, _ string, _ *checker.AstNode, _ []checker.AstNode) *checker.CallEstimate {
	return nil
}
