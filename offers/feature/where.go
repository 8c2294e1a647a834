package feature

import (
	"fmt"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"
)

// Bounds of a where.
const (
	longestWhere = 1000 // characters
	mostCost     = 500  // units of CEL's cost model; a usual one has 5 to 20
)

// environment is what a where is written against. It is made once: that costs
// more than all that is compiled in it.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	options := []cel.EnvOption{cel.CrossTypeNumericComparisons(true), cel.ParserRecursionLimit(50), ext.Strings()}
	for _, f := range append([]string{"type", "source"}, textFields...) {
		options = append(options, cel.Variable(f, cel.StringType))
	}
	for _, f := range append([]string{"confidence"}, numberFields...) {
		options = append(options, cel.Variable(f, cel.DoubleType))
	}
	return cel.NewEnv(options...)
})

// compileWhere checks a where and makes it ready.
func compileWhere(expression string) (cel.Program, error) {
	env, err := environment()
	if err != nil {
		return nil, err
	}
	if len(expression) > longestWhere {
		return nil, fmt.Errorf("it has %d characters, at most %d are allowed", len(expression), longestWhere)
	}
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		first := issues.Errors()[0]
		return nil, fmt.Errorf("column %d: %s", first.Location.Column()+1, first.Message)
	}
	if ast.OutputType() != cel.BoolType {
		return nil, fmt.Errorf("it answers with %s, and should answer yes or no: compare it with something", ast.OutputType())
	}
	cost, err := env.EstimateCost(ast, sizes{})
	if err != nil {
		return nil, err
	}
	if cost.Max > mostCost {
		return nil, fmt.Errorf("it may cost %d units, at most %d are allowed", cost.Max, mostCost)
	}
	return env.Program(ast, cel.EvalOptions(cel.OptOptimize))
}

// matches tells whether the event is one that the feature counts. A where that
// has no answer, such as a division by nought, does not count it.
func (d *Definition) matches(e *reading) bool {
	if d.where == nil {
		return true
	}
	out, _, err := d.where.Eval(e)
	return err == nil && out == types.True
}

// ResolveName implements cel.Activation: what an event says, by name.
func (e *reading) ResolveName(name string) (any, bool) {
	switch name {
	case "type":
		return types.String(e.Type), true
	case "source":
		return types.String(e.Source), true
	case "confidence":
		return types.Double(e.Confidence), true
	case "value", "dwell", "quantity":
		n, _ := e.number(name)
		return types.Double(float64(n) / unit(name)), true
	}
	return types.String(e.text(name)), true
}

// Parent implements cel.Activation.
func (e *reading) Parent() cel.Activation { return nil }

// sizes bounds what CEL cannot know the size of when it estimates a cost.
type sizes struct{}

// EstimateSize implements checker.CostEstimator.
func (sizes) EstimateSize(node checker.AstNode) *checker.SizeEstimate {
	if len(node.Path()) > 0 {
		return &checker.SizeEstimate{Min: 0, Max: longestText}
	}
	return nil
}

// EstimateCallCost implements checker.CostEstimator.
func (sizes) EstimateCallCost(_, _ string, _ *checker.AstNode, _ []checker.AstNode) *checker.CallEstimate {
	return nil
}
