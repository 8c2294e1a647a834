package rule

import (
	"encoding/json"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// built is a node of the visual builder's tree as it is written for it.
type built struct {
	Combinator string   `json:"combinator,omitempty"`
	Not        bool     `json:"not,omitempty"`
	Rules      []*built `json:"rules,omitempty"`

	Field    string `json:"field,omitempty"`
	Key      string `json:"key,omitempty"`
	Operator string `json:"operator,omitempty"`
	Value    any    `json:"value,omitempty"`
}

// ToTree writes a rule as the visual builder's tree, of which FromTree makes a
// rule that answers the same; false where it says what cannot be built.
func (e *Env) ToTree(expression string) (json.RawMessage, bool) {
	if _, err := e.Compile(expression); err != nil {
		return nil, false
	}
	checked, issues := e.cel.Compile(expression)
	if issues.Err() != nil {
		return nil, false
	}
	b := builder{fields: map[string]string{}}
	for _, f := range e.fields {
		b.fields[f.Name] = f.Type
	}
	root := b.build(checked.NativeRep().Expr())
	if root == nil {
		return nil, false
	}
	if root.Rules == nil {
		root = &built{Combinator: "and", Rules: []*built{root}}
	}
	tree, err := json.Marshal(root)
	if err != nil {
		return nil, false
	}
	_, err = e.FromTree(tree) // it may be too deep, or too large
	return tree, err == nil
}

// builder takes expressions apart. What it cannot is nil, and then so is all.
type builder struct {
	fields map[string]string // types, by name
}

func (b *builder) build(x ast.Expr) *built {
	if c, ok := b.condition(x); ok {
		return c
	}
	if x.Kind() != ast.CallKind {
		return nil
	}
	call := x.AsCall()
	switch call.FunctionName() {
	case operators.LogicalAnd:
		return b.group("and", x)
	case operators.LogicalOr:
		return b.group("or", x)
	case operators.LogicalNot:
		return b.not(call.Args()[0])
	}
	return nil
}

// group joins what is joined alike, however deep CEL's parser has put it.
func (b *builder) group(combinator string, x ast.Expr) *built {
	function := map[string]string{"and": operators.LogicalAnd, "or": operators.LogicalOr}[combinator]
	g := &built{Combinator: combinator}
	ok := true
	var join func(x ast.Expr)
	join = func(x ast.Expr) {
		if x.Kind() == ast.CallKind && x.AsCall().FunctionName() == function {
			for _, part := range x.AsCall().Args() {
				join(part)
			}
			return
		}
		part := b.build(x)
		ok = ok && part != nil
		g.Rules = append(g.Rules, part)
	}
	join(x)
	if !ok {
		return nil
	}
	return g
}

// opposites are the operators that say the contrary.
var opposites = map[string]string{
	"=": "!=", "!=": "=", "in": "notIn", "contains": "doesNotContain", "beginsWith": "doesNotBeginWith", "endsWith": "doesNotEndWith",
	"null": "notNull", "notNull": "null",
}

func (b *builder) not(x ast.Expr) *built {
	part := b.build(x)
	switch {
	case part == nil:
		return nil
	case part.Rules != nil && !part.Not:
		part.Not = true
		return part
	case part.Rules == nil && opposites[part.Operator] != "":
		part.Operator = opposites[part.Operator]
		return part
	}
	return &built{Combinator: "and", Not: true, Rules: []*built{part}}
}

// comparisons are CEL's, and the same with the sides exchanged.
var comparisons = map[string][2]string{
	operators.Equals: {"=", "="}, operators.NotEquals: {"!=", "!="},
	operators.Less: {"<", ">"}, operators.LessEquals: {"<=", ">="}, operators.Greater: {">", "<"}, operators.GreaterEquals: {">=", "<="},
}

var searches = map[string]string{"contains": "contains", "startsWith": "beginsWith", "endsWith": "endsWith"}

// condition is one field compared with what is written there.
func (b *builder) condition(x ast.Expr) (*built, bool) {
	if c, kind, ok := b.field(x); ok && kind == "yes or no" {
		c.Operator, c.Value = "=", true
		return c, true
	}
	if x.Kind() != ast.CallKind {
		return nil, false
	}
	call := x.AsCall()
	if call.IsMemberFunction() {
		c, kind, ok := b.field(call.Target())
		if ok = ok && kind == "text" && len(call.Args()) == 1; !ok {
			return nil, false
		}
		c.Operator = searches[call.FunctionName()]
		c.Value, ok = constant(call.Args()[0], kind)
		return c, ok && c.Operator != ""
	}
	if len(call.Args()) != 2 {
		return nil, false
	}
	left, right := call.Args()[0], call.Args()[1]
	side := 0
	c, kind, ok := b.field(left)
	if !ok {
		side = 1
		if c, kind, ok = b.field(right); !ok {
			return nil, false
		}
		right = left
	}
	if call.FunctionName() == operators.In && side == 0 {
		c.Operator = "in"
		c.Value, ok = constants(right, kind)
		return c, ok
	}
	c.Operator = comparisons[call.FunctionName()][side]
	if _, ok := forms[kind][c.Operator]; !ok {
		return nil, false
	}
	c.Value, ok = constant(right, kind)
	if kind == "text" && c.Value == "" {
		c.Operator, c.Value = map[string]string{"=": "null", "!=": "notNull"}[c.Operator], nil
	}
	return c, ok
}

// field is what an expression names, and what it is compared as.
func (b *builder) field(x ast.Expr) (*built, string, bool) {
	if name, ok := nameOf(x); ok {
		kind, known := b.fields[name]
		return &built{Field: name}, kind, known && kindOf(kind) == kind
	}
	if x.Kind() != ast.CallKind || x.AsCall().FunctionName() != operators.Index {
		return nil, "", false
	}
	of, key := x.AsCall().Args()[0], x.AsCall().Args()[1]
	name, ok := nameOf(of)
	if !ok || key.Kind() != ast.LiteralKind || key.AsLiteral().Type() != types.StringType {
		return nil, "", false
	}
	word := string(key.AsLiteral().(types.String))
	return &built{Field: name, Key: word}, kindOf(b.fields[name]), word != "" && strings.HasPrefix(b.fields[name], "numbers by ")
}

// nameOf is a field's name: zone, or event.type.
func nameOf(x ast.Expr) (string, bool) {
	switch x.Kind() {
	case ast.IdentKind:
		return x.AsIdent(), true
	case ast.SelectKind:
		of, ok := nameOf(x.AsSelect().Operand())
		return of + "." + x.AsSelect().FieldName(), ok && !x.AsSelect().IsTestOnly()
	}
	return "", false
}

// constant is what is written there, if it is of the kind that the field is.
func constant(x ast.Expr, kind string) (any, bool) {
	if x.Kind() != ast.LiteralKind {
		return nil, false
	}
	switch v := x.AsLiteral().(type) {
	case types.Double:
		return float64(v), kind == "number"
	case types.Int:
		return int64(v), kind == "number"
	case types.String:
		return string(v), kind == "text"
	case types.Bool:
		return bool(v), kind == "yes or no"
	}
	return nil, false
}

func constants(x ast.Expr, kind string) ([]any, bool) {
	if x.Kind() != ast.ListKind || x.AsList().Size() == 0 {
		return nil, false
	}
	var all []any
	for _, one := range x.AsList().Elements() {
		v, ok := constant(one, kind)
		if !ok {
			return nil, false
		}
		all = append(all, v)
	}
	return all, true
}
