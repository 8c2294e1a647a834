package rule

import (
	"reflect"

	is "cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"
)

// numbers is a map that answers nought for a key that it lacks, or what else its
// feature says: nobody has to write has() to ask for searches["footwear"]. What
// was asked for once is kept, as many rules ask for the same.
type numbers struct {
	by      map[string]float64
	missing float64
	boxed   map[string]ref.Val
	whole   traits.Mapper // nil: no rule has looked at more than single keys
}

// mostBoxed bounds what is kept from moment to moment: keys may be strangers'
// words.
const mostBoxed = 64

// numbersOf are the numbers of a moment, in the room of those before.
func numbersOf(before ref.Val, by map[string]float64, missing float64) *numbers {
	n, ok := before.(*numbers)
	if !ok {
		n = &numbers{boxed: map[string]ref.Val{}}
	}
	if len(n.boxed) > mostBoxed {
		clear(n.boxed)
	}
	n.by, n.missing, n.whole = by, missing, nil
	return n
}

// Get is what stands under the key, or what is said where there is none.
func (n *numbers) Get(key ref.Val) ref.Val {
	v, _ := n.Find(key)
	return v
}

// Find is Get, in the words of traits.Mapper.
func (n *numbers) Find(key ref.Val) (ref.Val, bool) {
	k, ok := key.(types.String)
	if !ok {
		return types.ValOrErr(key, "keys are words"), false
	}
	v, known := n.by[string(k)]
	if !known {
		v = n.missing
	}
	before := n.boxed[string(k)]
	now := box(before, types.Double(v))
	if now != before {
		n.boxed[string(k)] = now
	}
	return now, true
}

func (n *numbers) mapper() traits.Mapper {
	if n.whole == nil {
		n.whole = types.DefaultTypeAdapter.NativeToValue(n.by).(traits.Mapper)
	}
	return n.whole
}

// What follows is of traits.Mapper, and of the keys that are there.

func (n *numbers) ConvertToNative(to reflect.Type) (any, error) {
	return n.mapper().ConvertToNative(to)
}
func (n *numbers) ConvertToType(to ref.Type) ref.Val { return n.mapper().ConvertToType(to) }
func (n *numbers) Equal(other ref.Val) ref.Val       { return n.mapper().Equal(other) }
func (n *numbers) Type() ref.Type                    { return types.MapType }
func (n *numbers) Value() any                        { return n.by }
func (n *numbers) Contains(key ref.Val) ref.Val      { return n.mapper().Contains(key) }
func (n *numbers) Iterator() traits.Iterator         { return n.mapper().Iterator() }
func (n *numbers) Size() ref.Val                     { return types.Int(len(n.by)) }

// compareNumbers makes a rule's <, <=, > and >= of numbers cheap: they are most
// of what rules do, and CEL's own allocate for each answer "less".
func compareNumbers(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	call, ok := i.(interpreter.InterpretableCall)
	if !ok || len(call.Args()) != 2 {
		return i, nil
	}
	var holds func(a, b float64) bool
	switch call.Function() {
	case is.Less:
		holds = func(a, b float64) bool { return a < b }
	case is.LessEquals:
		holds = func(a, b float64) bool { return a <= b }
	case is.Greater:
		holds = func(a, b float64) bool { return a > b }
	case is.GreaterEquals:
		holds = func(a, b float64) bool { return a >= b }
	default:
		return i, nil
	}
	return &comparison{call, call.Args()[0], call.Args()[1], holds}, nil
}

// comparison is of two sides. Where one is no number that a float64 holds
// exactly, CEL's own call answers.
type comparison struct {
	interpreter.InterpretableCall
	left, right interpreter.InterpretableV2
	holds       func(a, b float64) bool
}

// Exec implements interpreter.InterpretableV2.
func (c *comparison) Exec(f *interpreter.ExecutionFrame) ref.Val {
	if a, ok := exact(c.left.Exec(f)); ok {
		if b, ok := exact(c.right.Exec(f)); ok {
			return types.Bool(c.holds(a, b))
		}
	}
	return c.InterpretableCall.Exec(f)
}

// exact is a number as a float64; false: it is none, or too large to be one
// exactly.
func exact(v ref.Val) (float64, bool) {
	switch v := v.(type) {
	case types.Double:
		return float64(v), v == v
	case types.Int:
		return float64(v), -1<<53 <= v && v <= 1<<53
	}
	return 0, false
}
