package watch

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"

	"aisle/offers"
)

// Inputs are what decisions looked at, counted feature by feature: lately, and
// before that. How far the two lie apart is a figure to look at, and no reason
// for anything: shoppers may change without the model being any worse.
type Inputs struct {
	Before map[string]*Histogram `json:"before"` // older windows fade
	Lately map[string]*Histogram `json:"lately"` // the last window that is full
	Now    map[string]*Histogram `json:"now"`    // the one under way
	N      int                   `json:"n"`      // decisions in it
}

// Histogram counts the values of one feature: in step 0 those that are not
// known, in 1 those that are 0 or less, else numbers by powers of two, and words
// by a hash.
type Histogram [16]float64

const (
	window       = 2000 // decisions
	mostFeatures = 64
	fades        = .9 // how much of what was before stays with each window
)

// See counts what a decision looked at.
func (in *Inputs) See(d *offers.Decision) {
	known, err := d.Features.Values()
	if err != nil {
		return // it is none that the house wrote
	}
	if in.Now == nil {
		in.Now = map[string]*Histogram{}
	}
	c := &d.Context
	in.count("context hour", float64(c.Hour+1))
	in.count("context weekday", float64(c.Weekday+1))
	in.count("context tier", c.Tier)
	in.count("context category", c.Category)
	for name, value := range known {
		in.count(name, value)
	}
	if in.N++; in.N < window {
		return
	}
	for _, h := range in.Now { // what a decision did not have, it did not know
		rest := window - h.sum()
		h[0] += max(rest, 0)
	}
	if in.Before == nil {
		in.Before = map[string]*Histogram{}
	}
	for name, h := range in.Lately {
		b := in.Before[name]
		if b == nil {
			b = &Histogram{}
			in.Before[name] = b
		}
		for i := range b {
			b[i] = fades*b[i] + (1-fades)*h[i]
		}
	}
	in.Lately, in.Now, in.N = in.Now, nil, 0
}

func (in *Inputs) count(name string, value any) {
	h := in.Now[name]
	if h == nil {
		if len(in.Now) >= mostFeatures {
			return
		}
		h = &Histogram{}
		in.Now[name] = h
	}
	h[step(value)]++
}

func step(value any) int {
	switch v := value.(type) {
	case float64:
		if !(v > 0) {
			return 1
		}
		return min(max(int(math.Floor(math.Log2(v)))+5, 2), len(Histogram{})-1)
	case string:
		if v == "" {
			return 0
		}
		h := fnv.New32a()
		h.Write([]byte(v))
		return 1 + int(h.Sum32()%uint32(len(Histogram{})-1))
	case map[string]any:
		sum := 0.
		for _, n := range v {
			n, _ := n.(float64)
			sum += n
		}
		return step(sum)
	}
	return 0
}

func (h *Histogram) sum() float64 {
	sum := 0.
	for _, n := range h {
		sum += n
	}
	return sum
}

// Drift is how far a feature lies from where it was.
type Drift struct {
	Feature string  `json:"feature"`
	PSI     float64 `json:"psi"` // population stability index; .1 is little, .25 is much, by custom
}

// Drifts are those of all features, greatest first; none before two windows are
// full.
func (in *Inputs) Drifts() []Drift {
	var all []Drift
	for name, h := range in.Lately {
		if b := in.Before[name]; b != nil {
			all = append(all, Drift{name, psi(b, h)})
		}
	}
	slices.SortFunc(all, func(a, b Drift) int { return cmp.Or(cmp.Compare(b.PSI, a.PSI), cmp.Compare(a.Feature, b.Feature)) })
	return all
}

// psi compares two histograms; half a decision in each step keeps an empty one
// from counting without end.
func psi(before, lately *Histogram) float64 {
	n := float64(len(before))
	nb, nl := before.sum(), lately.sum()
	if nb == 0 || nl == 0 {
		return 0
	}
	sum := 0.
	for i := range before {
		b := (before[i]/nb*window + .5) / (window + n/2)
		l := (lately[i]/nl*window + .5) / (window + n/2)
		sum += (l - b) * math.Log(l/b)
	}
	return sum
}
