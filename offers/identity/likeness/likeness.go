// Package likeness says which records may be of one person though no identifier
// says so: who is written twice, once with a slip of the pen. It proposes; a
// person decides.
//
// Its method is probabilistic record linkage (Fellegi and Sunter, 1969). Each
// field of two records is compared to a level, from the same to different, which
// weighs log2(m/u): m is how often records of one person are at that level, u how
// often those of strangers are, and a rare value that agrees weighs more than a
// common one. The sum of the weights and of the odds that any two records are
// one person's is the evidence. u is counted among pairs drawn at random; m and
// the odds are found by expectation maximisation over the pairs that some
// blocking key brings together. No labels are looked at, and where there are few
// records the priors written here hold.
//
// Groups are built from the strongest pair down, and two groups join only if
// all their members together speak for it: that A is like B and B like C does
// not yet make A and C one.
//
// The package is pure: nothing is stored here, and the same records give the
// same answer.
package likeness

import (
	"math"
	"slices"
)

// Kind is how the values of a field are compared.
type Kind int

// Kinds of fields.
const (
	Word    Kind = iota + 1 // one of few: a state, a time zone
	Name                    // words that people mishear and misspell: a name, a street, a town
	Number                  // a short number: of a house
	Code                    // letters and digits in an order of their own: a postcode, a customer number, a telephone number
	Date                    // a day, year first: 1970-01-31 or 19700131
	Address                 // of e-mail
)

// Field is one field of the records.
type Field struct {
	Name string
	Kind Kind
	// Swaps is the field whose value is written here, and this one's there, by
	// those who fill in a form in the wrong order; empty if none.
	Swaps string
	// Group is of fields that say the same once more, as town and postcode do:
	// where they agree only the strongest counts in full.
	Group string
	// Differs is how often two records of one person are not alike here, where
	// that is more than by mistakes, as with telephones: people have several. 0
	// is what mistakes make.
	Differs float64
}

// Record is what one source says of somebody: a value for each field, in the
// order of the schema, empty where nothing is known.
type Record []string

// Level is how much two values agree.
type Level uint8

// Levels of agreement.
const (
	Missing Level = iota // one is not known: says nothing
	Differs
	Alike   // some likeness: a nickname, two slips
	Near    // one slip: a letter, two swapped, day and month
	Same    // as it is compared, without case and punctuation
	Swapped // as the value of the other field
	levels
)

func (l Level) String() string {
	return [...]string{"missing", "differs", "alike", "near", "same", "swapped"}[l]
}

// Reason is what one field says of two records.
type Reason struct {
	Field  string
	Level  Level
	Weight float64 // bits of evidence that they are one person's, below 0 against it
}

// Match is what is to be said of two records.
type Match struct {
	Weight      float64 // bits, with the odds of before: above 0 is more likely one person than not
	Probability float64 // that they are one person's, as far as the fields are independent
	Reasons     []Reason
}

// Pair is two records by their place, the lower first.
type Pair struct {
	A, B   int
	Weight float64
}

// Priors, for before anything was counted: how often fields of one person are
// at each level (from what is published of typing errors in registers: most
// fields are right, a slip of one letter is the commonest mistake), and how often
// those of two strangers are the same.
var (
	oneself = [levels]float64{Differs: .08, Alike: .03, Near: .06, Same: .81, Swapped: .02}
	chance  = map[Kind]float64{Word: .2, Name: .005, Number: .02, Code: .0005, Date: .0003, Address: .0002}
)

// own is the prior of m for a field.
func own(f Field) [levels]float64 {
	m := oneself
	if f.Differs > 0 {
		for l := range m {
			m[l] *= (1 - f.Differs) / (1 - oneself[Differs])
		}
		m[Differs] = f.Differs
	}
	return m
}

// strangers is the prior of u for a kind.
func strangers(k Kind) [levels]float64 {
	same := chance[k]
	u := [levels]float64{Same: same, Near: same, Alike: 4 * same, Swapped: same / 4}
	switch k {
	case Word:
		u[Near], u[Alike], u[Swapped] = .01, .01, .001
	case Number:
		u[Near] = .1
	}
	u[Differs] = 1 - u[Same] - u[Near] - u[Alike] - u[Swapped]
	return u
}

const (
	priorPairs  = 40.  // how many pairs of one person the prior of m counts as
	priorRandom = 400. // how many of strangers that of u
	priorValues = 200. // how many values of a field that of how common one is
	drawn       = 100_000
	iterations  = 25
	settled     = 1e-4
	fewest      = 50 // records from which the odds are learned
)

// Model is what was learned of some records.
type Model struct {
	schema  []Field
	records []entry
	counts  []map[string]int // of each field's values
	filled  []int            // records that have the field
	m, u    [][levels]float64
	odds    float64 // log2, that two records are one person's
	looked  int     // candidate pairs
	pairs   []Pair
	swaps   []int // index of the field that it swaps with, -1
}

// Learn looks at all records together. It keeps at most perRecord candidate
// pairs a record, by the keys that bring together the fewest first: so its work
// grows with the number of records, not with its square.
func Learn(schema []Field, records []Record, perRecord int) *Model {
	model := &Model{schema: schema, records: make([]entry, len(records)), counts: make([]map[string]int, len(schema)), filled: make([]int, len(schema)), swaps: make([]int, len(schema))}
	for f := range schema {
		model.counts[f] = map[string]int{}
		model.swaps[f] = slices.IndexFunc(schema, func(o Field) bool { return schema[f].Swaps != "" && o.Name == schema[f].Swaps })
	}
	for i, r := range records {
		model.records[i] = model.read(r)
		for f, v := range model.records[i] {
			if v.text != "" {
				model.counts[f][v.text]++
				model.filled[f]++
			}
		}
	}
	model.priors()
	model.countStrangers()
	model.learn(model.candidates(perRecord))
	return model
}

func (model *Model) priors() {
	model.m, model.u = make([][levels]float64, len(model.schema)), make([][levels]float64, len(model.schema))
	for f, field := range model.schema {
		model.m[f], model.u[f] = own(field), strangers(field.Kind)
	}
	n := float64(len(model.records))
	model.odds = -math.Log2(max(n, fewest)) // as if half of the records had a twin
}

// countStrangers counts how often pairs drawn at random are at each level. Hardly
// any is of one person.
func (model *Model) countStrangers() {
	n := uint64(len(model.records))
	if n < 2 {
		return
	}
	seen := make([][levels]float64, len(model.schema))
	state := uint64(1)
	next := func(n uint64) uint64 { // splitmix64: the same draw each time
		state += 0x9e3779b97f4a7c15
		z := state
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return (z ^ z>>31) % n
	}
	at := make([]Level, len(model.schema))
	for range min(drawn, n*(n-1)/2) {
		a, b := next(n), next(n)
		if a == b {
			continue
		}
		model.levels(model.records[a], model.records[b], at)
		for f, l := range at {
			seen[f][l]++
		}
	}
	for f := range seen {
		blend(&model.u[f], &seen[f], strangers(model.schema[f].Kind), priorRandom)
	}
}

// blend makes p what was seen and the prior together, without what is missing.
func blend(p, seen *[levels]float64, prior [levels]float64, worth float64) {
	total := worth
	for l := Differs; l < levels; l++ {
		total += seen[l]
	}
	for l := Differs; l < levels; l++ {
		p[l] = (seen[l] + worth*prior[l]) / total
	}
}

// learn finds m and the odds from the candidate pairs, and keeps those that
// could be one person's.
func (model *Model) learn(candidates []Pair) {
	model.looked = len(candidates)
	n := float64(len(model.records))
	all := max(n*(n-1)/2, 1)
	width := len(model.schema)
	at := make([]Level, width*len(candidates))
	for i, c := range candidates {
		model.levels(model.records[c.A], model.records[c.B], at[i*width:(i+1)*width])
	}
	for range iterations {
		var found float64
		seen := make([][levels]float64, width)
		for i, c := range candidates {
			own := at[i*width : (i+1)*width]
			p := probability(model.weigh(model.records[c.A], own, nil))
			if p < 1e-6 {
				continue
			}
			found += p
			for f, l := range own {
				seen[f][l] += p
			}
		}
		moved := 0.
		for f := range seen {
			before := model.m[f]
			blend(&model.m[f], &seen[f], own(model.schema[f]), priorPairs)
			for l := range before {
				moved = max(moved, math.Abs(before[l]-model.m[f][l]))
			}
		}
		before := model.odds
		if n >= fewest {
			// Between one pair among them all and four a record.
			model.odds = min(math.Log2(min(max(found, 1), 4*n)/all), 0)
		}
		if moved < settled && math.Abs(before-model.odds) < settled {
			break
		}
	}
	for i, c := range candidates {
		c.Weight = model.weigh(model.records[c.A], at[i*width:(i+1)*width], nil)
		if c.Weight > worthLooking {
			model.pairs = append(model.pairs, c)
		}
	}
	slices.SortFunc(model.pairs, func(a, b Pair) int {
		switch {
		case a.Weight != b.Weight:
			if a.Weight > b.Weight {
				return -1
			}
			return 1
		case a.A != b.A:
			return a.A - b.A
		}
		return a.B - b.B
	})
}

// worthLooking is the weight below which a pair is dropped: one in a thousand.
const worthLooking = -10

func probability(weight float64) float64 { return 1 / (1 + math.Exp2(-weight)) }

// weigh sums the evidence of levels. Why, if not nil, gets each field's.
func (model *Model) weigh(a entry, at []Level, why func(f int, weight float64)) float64 {
	sum := model.odds
	best := map[string]float64{}
	for f, l := range at {
		if l == Missing {
			continue
		}
		w := math.Log2(model.m[f][l] / model.u[f][l])
		switch {
		case l == Same:
			// That two are called Nepomuk says more than that two are called Mary.
			// The two themselves do not make it common.
			others := float64(max(model.counts[f][a[f].text]-2, 0))
			same := (others + priorValues*chance[model.schema[f].Kind]) / (float64(model.filled[f]) + priorValues)
			w = (w + math.Log2(model.m[f][l]/same)) / 2
		case l > Differs:
			w = min(w, math.Log2(model.m[f][Same]/model.u[f][Same])) // never says more than the same would
		}
		if group := model.schema[f].Group; group != "" && w > 0 {
			// The strongest of a group counts in full, the others by a quarter.
			had := best[group]
			best[group] = max(had, w)
			w = max(w-had, 0) + min(w, had)/4
		}
		if why != nil {
			why(f, w)
		}
		sum += w
	}
	return sum
}

// Compare says what speaks for and against two records being one person's.
func (model *Model) Compare(a, b Record) Match {
	return model.compare(model.read(a), model.read(b))
}

func (model *Model) compare(a, b entry) Match {
	at := make([]Level, len(model.schema))
	model.levels(a, b, at)
	var m Match
	m.Weight = model.weigh(a, at, func(f int, w float64) {
		m.Reasons = append(m.Reasons, Reason{model.schema[f].Name, at[f], w})
	})
	m.Probability = probability(m.Weight)
	slices.SortStableFunc(m.Reasons, func(a, b Reason) int {
		switch d := math.Abs(b.Weight) - math.Abs(a.Weight); {
		case d > 0:
			return 1
		case d < 0:
			return -1
		}
		return 0
	})
	return m
}

// Candidates is how many pairs some key brought together: all that were
// compared.
func (model *Model) Candidates() int { return model.looked }

// Pairs are those of the records learned from that may be one person's, the
// likeliest first.
func (model *Model) Pairs() []Pair { return model.pairs }

// Threshold is the weight from which pairs are taken for one person's without
// asking, so that of those taken the part that is wrong is expected to be at
// most the given one. It knows no labels: it believes the probabilities, and so
// never goes below even odds, and asks for some margin, since fields are not
// as independent as they are taken for.
func (model *Model) Threshold(wrong float64) float64 {
	threshold, taken, bad := math.Inf(1), 0., 0.
	for _, p := range model.pairs {
		if p.Weight < margin {
			break
		}
		taken++
		bad += 1 - probability(p.Weight-margin)
		if bad > wrong*taken {
			break
		}
		threshold = p.Weight
	}
	return threshold
}

// margin is by how many bits a pair must be likelier one person's than not.
const margin = 1
