package trees

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"aisle/offers"
)

// ReadLightGBM reads a model as LightGBM's save_model writes it: of one class,
// with questions about numbers. The objectives binary, regression and lambdarank
// are known. Questions about categories, zero_as_missing, linear_tree and reg_sqrt
// are not; the error is ErrInvalid and says so.
func ReadLightGBM(r io.Reader) (*Model, error) {
	m, err := readLightGBM(r)
	if err == nil {
		err = m.Check()
	}
	if err != nil {
		return nil, fmt.Errorf("lightgbm: %w: %w", offers.ErrInvalid, err)
	}
	return m, nil
}

// mostLine bounds a line of a file: there is one for the names of all columns.
const mostLine = 4 << 20

func readLightGBM(r io.Reader) (*Model, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, mostLine)
	if !lines.Scan() || strings.TrimSpace(lines.Text()) != "tree" {
		return nil, fmt.Errorf("it does not begin with a line %q", "tree")
	}
	m := &Model{}
	head, trees := map[string]string{}, 0
	at := head // the section that lines belong to
	for more := true; more; {
		more = lines.Scan()
		line := strings.TrimSpace(lines.Text())
		name, value, _ := strings.Cut(line, "=")
		switch end := !more || line == "end of trees"; {
		case end || name == "Tree":
			if trees > 0 {
				if err := m.addLightGBM(at); err != nil {
					return nil, fmt.Errorf("tree %d: %w", trees-1, err)
				}
			} else if err := m.headLightGBM(head); err != nil {
				return nil, err
			}
			if end {
				return m, lines.Err()
			}
			if trees++; trees > mostTrees {
				return nil, fmt.Errorf("more than %d trees", mostTrees)
			}
			at = map[string]string{}
		case name != "":
			at[name] = value
		}
	}
	return m, lines.Err()
}

func (m *Model) headLightGBM(head map[string]string) error {
	objective := strings.Fields(head["objective"])
	if len(objective) == 0 {
		return fmt.Errorf("there is no objective")
	}
	switch objective[0] {
	case "binary":
		m.Goal = Chance
		for _, o := range objective[1:] {
			if o != "sigmoid:1" && strings.HasPrefix(o, "sigmoid:") {
				return fmt.Errorf("objective binary with %s; want sigmoid:1", o)
			}
		}
	case "regression", "regression_l2", "l2", "mean_squared_error":
		m.Goal = Amount
		if slices.Contains(objective[1:], "sqrt") {
			return fmt.Errorf("objective regression of square roots (reg_sqrt); want it without")
		}
	case "lambdarank", "rank_xendcg":
		m.Goal = Order
	default:
		return fmt.Errorf("objective %.40q; want binary, regression or lambdarank", objective[0])
	}
	if n := head["num_class"]; n != "" && n != "1" {
		return fmt.Errorf("%s classes; want 1", n)
	}
	if _, ok := head["average_output"]; ok {
		return fmt.Errorf("its trees are averaged (boosting rf); want gbdt")
	}
	m.Names = strings.Fields(head["feature_names"])
	return nil
}

// Bits of decision_type.
const (
	byCategory  = 1
	lostLeft    = 2
	missingMask = 12
	missingZero = 4
	missingNaN  = 8
)

// addLightGBM adds a tree. Its leaves are numbered by themselves, and a child is
// a leaf where it is negative.
func (m *Model) addLightGBM(tree map[string]string) error {
	leaves, err := numbersOf[float64](tree["leaf_value"], parseFloat)
	if err != nil || len(leaves) == 0 || len(leaves) > mostLeaves {
		return fmt.Errorf("%d leaves: %w", len(leaves), orNothing(err))
	}
	if n := tree["num_cat"]; n != "" && n != "0" {
		return fmt.Errorf("it asks for categories; train with columns such as tier=gold in their place")
	}
	if n := tree["is_linear"]; n != "" && n != "0" {
		return fmt.Errorf("its leaves are lines (linear_tree); want numbers")
	}
	root := int32(len(m.Nodes))
	m.Roots = append(m.Roots, root)
	if len(leaves) == 1 {
		m.Nodes = append(m.Nodes, node{At: leaves[0]})
		return nil
	}
	threshold, err := numbersOf[float64](tree["threshold"], parseFloat)
	if err != nil {
		return err
	}
	questions := len(leaves) - 1
	ints := map[string][]int{}
	for _, name := range []string{"split_feature", "decision_type", "left_child", "right_child"} {
		if ints[name], err = numbersOf[int](tree[name], strconv.Atoi); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if len(ints[name]) != questions || len(threshold) != questions {
			return fmt.Errorf("%d %s and %d thresholds for %d leaves", len(ints[name]), name, len(threshold), len(leaves))
		}
	}
	// Children behind their parents, each once: a way that does not end, or two
	// that meet, would make more nodes than there are.
	place := map[int]int32{0: root}
	m.Nodes = append(m.Nodes, node{})
	for todo := []int{0}; len(todo) > 0; todo = todo[1:] {
		q := todo[0]
		kind := ints["decision_type"][q]
		if kind&byCategory != 0 {
			return fmt.Errorf("it asks for categories")
		}
		if kind&missingMask == missingZero {
			return fmt.Errorf("it takes 0 for what is not known (zero_as_missing)")
		}
		n := node{Column: int32(ints["split_feature"][q]), At: threshold[q], Lost: kind&lostLeft != 0}
		if kind&missingMask != missingNaN { // what is not known is 0
			n.Lost = n.At >= 0
		}
		for side, child := range [2]int{ints["left_child"][q], ints["right_child"][q]} {
			at := int32(len(m.Nodes))
			if side == 0 {
				n.Left = at
			} else {
				n.Right = at
			}
			if child < 0 {
				if ^child >= len(leaves) {
					return fmt.Errorf("no leaf %d", ^child)
				}
				m.Nodes = append(m.Nodes, node{At: leaves[^child]})
				continue
			}
			if _, twice := place[child]; twice || child >= questions {
				return fmt.Errorf("question %d leads to question %d", q, child)
			}
			place[child] = at
			m.Nodes = append(m.Nodes, node{})
			todo = append(todo, child)
		}
		m.Nodes[place[q]] = n
	}
	return nil
}

func orNothing(err error) error {
	if err == nil {
		return fmt.Errorf("want 1 to %d", mostLeaves)
	}
	return err
}

func parseFloat(s string) (float64, error) {
	x, err := strconv.ParseFloat(s, 64)
	if err == nil && math.IsNaN(x) {
		err = strconv.ErrSyntax
	}
	return x, err
}

func numbersOf[T any](list string, parse func(string) (T, error)) ([]T, error) {
	var all []T
	for s := range strings.FieldsSeq(list) {
		x, err := parse(s)
		if err != nil {
			return nil, fmt.Errorf("%.20q is no number", s)
		}
		all = append(all, x)
	}
	return all, nil
}
