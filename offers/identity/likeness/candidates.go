package likeness

import (
	"cmp"
	"slices"
)

// key is a way to bring records together: those of which two fields sound the
// same, or one field that is telling enough.
type key struct{ f, g int }

// of is the key's value for a record, empty where a field is missing.
func (k key) of(model *Model, e entry) string {
	a, b := e[k.f].sound, e[k.g].sound
	switch {
	case a == "" || b == "":
		return ""
	case k.f == k.g:
		return e[k.f].text
	case model.swaps[k.f] == k.g && b < a: // in either order
		return b + "\x00" + a
	}
	return a + "\x00" + b
}

// candidates are the pairs that some key brings together, within the budget of
// so many a record: keys that bring together the fewest come first, blocks that
// are too large for what a key can tell are left out.
func (model *Model) candidates(perRecord int) []Pair {
	type block struct {
		key     key
		members []int32
	}
	type cost struct {
		blocks []block
		pairs  int
	}
	const largest = 100 // records that one value of a key may bring together
	var all []cost
	for f := range model.schema {
		for g := f; g < len(model.schema); g++ {
			if f == g && model.schema[f].Kind == Number {
				continue
			}
			k := key{f, g}
			found := map[string][]int32{}
			for i, e := range model.records {
				if v := k.of(model, e); v != "" {
					found[v] = append(found[v], int32(i))
				}
			}
			var c cost
			for _, members := range found {
				if n := len(members); n > 1 && n <= largest {
					c.blocks = append(c.blocks, block{k, members})
					c.pairs += n * (n - 1) / 2
				}
			}
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b cost) int { return cmp.Compare(a.pairs, b.pairs) })
	budget := perRecord * len(model.records)
	seen := map[uint64]bool{}
	for _, c := range all {
		if c.pairs > budget {
			break
		}
		budget -= c.pairs
		for _, b := range c.blocks {
			for i, x := range b.members {
				for _, y := range b.members[:i] {
					seen[uint64(y)<<32|uint64(x)] = true
				}
			}
		}
	}
	pairs := make([]Pair, 0, len(seen))
	for p := range seen {
		pairs = append(pairs, Pair{A: int(p >> 32), B: int(uint32(p))})
	}
	slices.SortFunc(pairs, func(a, b Pair) int { return cmp.Or(a.A-b.A, a.B-b.B) })
	return pairs
}

// Groups are the records that are taken for one person's, at the threshold: each
// record in one group, also alone. The strongest pair joins first, and two
// groups join only if all pairs between them have, on average, more evidence
// for it than against.
func (model *Model) Groups(threshold float64) [][]int {
	group := make([]int, len(model.records))
	members := make([][]int, len(model.records))
	for i := range group {
		group[i], members[i] = i, []int{i}
	}
	at := make([]Level, len(model.schema))
	for _, p := range model.pairs {
		if p.Weight < threshold {
			break
		}
		a, b := group[p.A], group[p.B]
		if a == b {
			continue
		}
		sum := 0.
		for _, x := range members[a] {
			for _, y := range members[b] {
				model.levels(model.records[x], model.records[y], at)
				sum += min(max(model.weigh(model.records[x], at, nil), -30), 30)
			}
		}
		if sum <= 0 {
			continue
		}
		for _, y := range members[b] {
			group[y] = a
		}
		members[a], members[b] = append(members[a], members[b]...), nil
	}
	var groups [][]int
	for i, m := range members {
		if group[i] == i || len(m) > 0 {
			slices.Sort(m)
			groups = append(groups, m)
		}
	}
	slices.SortFunc(groups, func(a, b []int) int { return a[0] - b[0] })
	return groups
}
