package rule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a tree.
const (
	deepest   = 8   // groups within groups
	mostNodes = 100 // conditions and groups
)

// A node of the visual builder's tree: a group of conditions, or one condition.
// It is the JSON that react-querybuilder exports; Key is ours, for fields that
// are numbers by key: which one.
type node struct {
	ID         string          `json:"id"`   // the builder's own, no matter here
	Path       json.RawMessage `json:"path"` // likewise
	Combinator string          `json:"combinator"`
	Not        bool            `json:"not"`
	Rules      *[]node         `json:"rules"`

	Field       string          `json:"field"`
	Key         string          `json:"key"`
	Operator    string          `json:"operator"`
	Value       json.RawMessage `json:"value"`
	ValueSource string          `json:"valueSource"`
	Type        string          `json:"type"`
	InputType   string          `json:"inputType"`
	ValueEditor string          `json:"valueEditorType"`
}

// Forms are operators by the kind of field, and how each is written in CEL: %[1]s is the
// field, %[2]s the value, %[3]s the second value of a pair.
var forms = map[string]map[string]string{
	"number": {
		"=": "%[1]s == %[2]s", "!=": "%[1]s != %[2]s", "<": "%[1]s < %[2]s", "<=": "%[1]s <= %[2]s", ">": "%[1]s > %[2]s", ">=": "%[1]s >= %[2]s",
		"in": "%[1]s in %[2]s", "notIn": "!(%[1]s in %[2]s)",
		"between": "(%[1]s >= %[2]s && %[1]s <= %[3]s)", "notBetween": "(%[1]s < %[2]s || %[1]s > %[3]s)",
	},
	"text": {
		"=": "%[1]s == %[2]s", "!=": "%[1]s != %[2]s",
		"contains": "%[1]s.contains(%[2]s)", "doesNotContain": "!%[1]s.contains(%[2]s)",
		"beginsWith": "%[1]s.startsWith(%[2]s)", "doesNotBeginWith": "!%[1]s.startsWith(%[2]s)",
		"endsWith": "%[1]s.endsWith(%[2]s)", "doesNotEndWith": "!%[1]s.endsWith(%[2]s)",
		"in": "%[1]s in %[2]s", "notIn": "!(%[1]s in %[2]s)",
		"null": `%[1]s == ""`, "notNull": `%[1]s != ""`,
	},
	"yes or no": {"=": "%[1]s == %[2]s", "!=": "%[1]s != %[2]s"},
}

// Operators lists what the visual builder may offer for a field's type, by the
// names that react-querybuilder gives them.
func Operators(fieldType string) []string {
	var names []string
	for name := range forms[kindOf(fieldType)] {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// kindOf is what a condition on a field compares. Numbers by key compare as
// numbers: the condition says which key.
func kindOf(fieldType string) string {
	if strings.HasPrefix(fieldType, "numbers by ") {
		return "number"
	}
	return fieldType
}

// FromTree writes the visual builder's tree as a rule, which compiles. The
// error is an *Error, of kind ErrInvalid, and says which condition to mend.
// A tree without conditions is refused: it would be true for everyone.
func (e *Env) FromTree(tree []byte) (string, error) {
	var root node
	d := json.NewDecoder(bytes.NewReader(tree))
	d.DisallowUnknownFields()
	if err := d.Decode(&root); err != nil {
		return "", &Error{Message: "the tree cannot be read: " + err.Error()}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return "", &Error{Message: "the tree cannot be read: there is more behind it"}
	}
	w := treeWriter{fields: map[string]string{}}
	for _, f := range e.fields {
		w.fields[f.Name] = f.Type
	}
	expression, err := w.write(&root, 0)
	if err != nil {
		return "", &Error{Message: err.Error()}
	}
	if _, err := e.Compile(expression); err != nil {
		return "", err
	}
	return expression, nil
}

type treeWriter struct {
	fields map[string]string // types, by name
	nodes  int
}

func (w *treeWriter) write(n *node, depth int) (string, error) {
	if w.nodes++; w.nodes > mostNodes {
		return "", fmt.Errorf("the tree has more than %d conditions: split the campaign", mostNodes)
	}
	if n.Rules == nil {
		return w.condition(n)
	}
	switch {
	case depth >= deepest:
		return "", fmt.Errorf("groups lie %d deep, at most %d are allowed", depth+1, deepest)
	case n.Field != "" || n.Operator != "":
		return "", errors.New("one node is both a group and a condition")
	case len(*n.Rules) == 0:
		return "", errors.New("a group is empty, and would be true for everyone: add a condition, or remove the group")
	}
	var join string
	switch n.Combinator {
	case "and":
		join = " && "
	case "or":
		join = " || "
	default:
		return "", fmt.Errorf("a group joins its conditions by %q: choose and, or or", n.Combinator)
	}
	parts := make([]string, len(*n.Rules))
	for i := range *n.Rules {
		part, err := w.write(&(*n.Rules)[i], depth+1)
		if err != nil {
			return "", err
		}
		parts[i] = part
	}
	all := strings.Join(parts, join)
	switch {
	case n.Not:
		return "!(" + all + ")", nil
	case depth > 0 && len(parts) > 1:
		return "(" + all + ")", nil
	}
	return all, nil
}

func (w *treeWriter) condition(n *node) (string, error) {
	if n.Field == "" {
		return "", errors.New("a condition names no field")
	}
	fieldType, ok := w.fields[n.Field]
	if !ok {
		return "", fmt.Errorf("there is no %q; the list of fields shows what a rule may look at", n.Field)
	}
	kind, field := kindOf(fieldType), n.Field
	byKey := kind != fieldType
	switch {
	case byKey && n.Key == "":
		return "", fmt.Errorf("%s has %s: say which", n.Field, fieldType)
	case !byKey && n.Key != "":
		return "", fmt.Errorf("%s has no keys, such as %q", n.Field, n.Key)
	case byKey:
		field += "[" + quote(n.Key) + "]"
	case n.Not || n.Combinator != "":
		return "", fmt.Errorf("%s: only a group is negated or joined", n.Field)
	}
	if n.ValueSource != "" && n.ValueSource != "value" {
		return "", fmt.Errorf("%s is compared with another %s: only values are allowed", n.Field, n.ValueSource)
	}
	form, ok := forms[kind][n.Operator]
	if !ok {
		return "", fmt.Errorf("%s cannot be compared by %q: choose one of %s", n.Field, n.Operator, strings.Join(Operators(fieldType), ", "))
	}
	values, err := literals(kind, n.Operator, n.Value)
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", n.Field, n.Operator, err)
	}
	return fill(form, append([]string{field}, values...)), nil
}

// fill puts the parts into a form. It is not fmt's, which complains of parts
// that a form does not use.
func fill(form string, parts []string) string {
	for i, part := range parts {
		// Parts never hold a verb of the form: quote escapes the brackets' %.
		form = strings.ReplaceAll(form, "%["+strconv.Itoa(i+1)+"]s", part)
	}
	return form
}

// literals are a condition's values as CEL writes them.
func literals(kind, operator string, raw json.RawMessage) ([]string, error) {
	switch operator {
	case "null", "notNull":
		return nil, nil
	case "in", "notIn", "between", "notBetween":
		list, err := listOf(raw)
		if err != nil {
			return nil, err
		}
		values := make([]string, len(list))
		for i, r := range list {
			if values[i], err = literal(kind, r); err != nil {
				return nil, err
			}
		}
		if operator == "in" || operator == "notIn" {
			if len(values) == 0 {
				return nil, errors.New("the list is empty")
			}
			return []string{"[" + strings.Join(values, ", ") + "]"}, nil
		}
		if len(values) != 2 {
			return nil, errors.New("give the least and the greatest value")
		}
		return values, nil
	}
	one, err := literal(kind, raw)
	return []string{one}, err
}

// listOf reads a list, or the words between commas as the builder's plain
// editor writes a list.
func listOf(raw json.RawMessage) ([]json.RawMessage, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err == nil && list != nil {
		return list, nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return nil, errors.New("a list is needed")
	}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		b, err := json.Marshal(part)
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, nil
}

// literal is one value. Editors of numbers and of yes and no may give them as
// texts.
func literal(kind string, raw json.RawMessage) (string, error) {
	var value any
	if len(raw) == 0 || json.Unmarshal(raw, &value) != nil || value == nil {
		return "", errors.New("a value is needed")
	}
	switch kind {
	case "number":
		var x float64
		switch v := value.(type) {
		case float64:
			x = v
		case string:
			var err error
			if x, err = strconv.ParseFloat(strings.TrimSpace(v), 64); err != nil {
				return "", fmt.Errorf("%q is no number", v)
			}
		default:
			return "", errors.New("a number is needed")
		}
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return "", errors.New("a finite number is needed")
		}
		text := strconv.FormatFloat(x, 'f', -1, 64)
		if !strings.Contains(text, ".") {
			text += ".0"
		}
		return text, nil
	case "text":
		v, ok := value.(string)
		if !ok {
			return "", errors.New("a text is needed")
		}
		return quote(v), nil
	default:
		switch value {
		case true, "true":
			return "true", nil
		case false, "false":
			return "false", nil
		}
		return "", errors.New("true or false is needed")
	}
}

// quote writes a text as CEL does. Go's escapes are CEL's too, as long as the
// text is valid UTF-8; the % is escaped for fill.
func quote(s string) string {
	return strings.ReplaceAll(strconv.Quote(strings.ToValidUTF8(s, "\uFFFD")), "%", `\u0025`)
}
