// Package watch is the shop's doubt about its own experience: it learns from what
// came of offers, compares what the model in use had expected of them with what
// older versions would have expected, and goes back to one that knew better.
//
// It takes in only decisions whose window is over, in the order in which they
// were made, taken and left alike. Yeses are known early and noes only at a
// window's end, so whoever goes by what is known today sees too many yeses: the
// model would expect too much, and a watch take a slow day for a bad model. As
// each outcome is judged before it is learned, no version knows what it is judged
// by. What the model in use expected is what the decision recorded.
package watch

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"aisle/offers"
	"aisle/offers/rank"
)

// Settings of a watch. The zero value works.
type Settings struct {
	Cohort int     // decisions in a cohort, at whose end something may be done; default 500
	Kept   int     // older versions to compare with, at least 2; default 6
	Rare   float64 // least mean number of decisions between two times that it goes back wrongly; default a million
	Margin float64 // how much more surprise than the older version's, as a share, is no reason yet; default .1
	Resume float64 // the chance to take up a line again that is worse than that; default .05
}

// WithDefaults fills in what is 0.
func (s Settings) WithDefaults() Settings {
	s.Cohort, s.Kept = cmp.Or(s.Cohort, 500), cmp.Or(s.Kept, 6)
	s.Rare, s.Margin, s.Resume = cmp.Or(s.Rare, 1e6), cmp.Or(s.Margin, .1), cmp.Or(s.Resume, .05)
	return s
}

// Version is a snapshot that is kept to compare with, and to go back to.
type Version struct {
	Number  uint64    `json:"number"`
	At      time.Time `json:"at"`
	Learned uint64    `json:"learned"` // outcomes, when it was made
	Age     int       `json:"age"`     // in cohorts

	Judged  int     `json:"judged"` // decisions that it was judged by
	Loss    float64 `json:"loss"`   // sum of its surprise at them, in nats
	Served  float64 `json:"served"` // the same, of what was in use
	Against Wager   `json:"against"`
}

// Name is the version's, as decisions carry it.
func (v *Version) Name() string { return rank.New().As(v.Number).Version() }

// Hold says that one version is in use and does not learn, while the learning
// goes on beside it.
type Hold struct {
	Of     uint64    `json:"of"` // the kept version that is in use, under newer numbers
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"` // who pinned it; empty: the watch went back
	Reason string    `json:"reason"`
	Beside Wager     `json:"beside"` // that the line beside is not worse
}

// Kind is what happened to the model in use.
type Kind string

// Kinds of turns.
const (
	RolledBack Kind = "rolled_back" // by the watch
	Resumed    Kind = "resumed"     // the line beside has proved itself
	Pinned     Kind = "pinned"      // by a person
	Released   Kind = "released"    // by a person
)

// Turn is one of those.
type Turn struct {
	At     time.Time `json:"at"`
	Kind   Kind      `json:"kind"`
	From   uint64    `json:"from"` // in use before
	To     uint64    `json:"to"`   // in use since
	Of     uint64    `json:"of"`   // whose belief that is
	By     string    `json:"by,omitempty"`
	Reason string    `json:"reason"`
}

// Cohort is what came of some decisions in a row, all of whose windows are over.
type Cohort struct {
	First    time.Time   `json:"first"` // decision
	Last     time.Time   `json:"last"`
	Models   [2]uint64   `json:"models"` // first and last version that made them
	N        int         `json:"n"`
	Taken    float64     `json:"taken"`
	Expected float64     `json:"expected"` // sum of the propensities
	Loss     float64     `json:"loss"`     // sum of the surprise, in nats
	Bins     [bins]Share `json:"bins"`     // by what was expected
}

// Share is what was expected and what came of some decisions.
type Share struct {
	N        int     `json:"n"`
	Expected float64 `json:"expected"`
	Taken    float64 `json:"taken"`
}

const bins = 10

// binEnds are where a calibration's bins end: finer where offers mostly are.
var binEnds = [bins - 1]float64{.01, .02, .03, .05, .08, .12, .2, .35, .6}

// Bounds of what is told.
const (
	cohortsTold = 48
	turnsTold   = 50
	// young is how many cohorts the line learns before a version of it is kept: what
	// knows next to nothing changes its mind too often to be compared.
	young = 4
	// oldest is after how many cohorts a version is let go in any case: what it
	// knew of is another season.
	oldest = 32
)

// State is all that a watch has to know to go on, beside the beliefs themselves.
type State struct {
	Versions []*Version `json:"versions"` // oldest first
	Since    uint64     `json:"since"`    // decisions by older versions say nothing of the line in use
	Hold     *Hold      `json:"hold,omitempty"`
	Cohort   Cohort     `json:"cohort"`  // under way
	Cohorts  []Cohort   `json:"cohorts"` // newest last
	Turns    []Turn     `json:"turns"`   // newest last
	Inputs   Inputs     `json:"inputs"`
}

// Bookmark is what lies beside the published model: how far it has learned, and
// what its watch has to know.
type Bookmark struct {
	Applied map[int]int64 `json:"applied"` // by partition, the last chunk of outcomes
	Watch   State         `json:"watch"`
	Line    []byte        `json:"line,omitempty"` // what learns, encoded, while something else is in use
}

// Wish is what a person wants of the model in use: that a kept version be it, or,
// without a version, that the line that learns be it again.
type Wish struct {
	Pin    uint64    `json:"pin,omitempty"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// Watch keeps the line that learns, the versions that it is compared with, and
// what is in use. One goroutine owns it.
type Watch struct {
	State

	settings Settings
	line     *rank.Learner
	number   uint64 // of the newest version, published or kept
	beliefs  map[uint64]*rank.Model
	closed   bool // a cohort, since the last Turn
}

// New goes on from a state: the line as it was, and the beliefs of those versions
// that can be read. A version whose belief is lost is let go.
func New(s Settings, state State, number uint64, line *rank.Model, beliefs map[uint64]*rank.Model) *Watch {
	w := &Watch{State: state, settings: s.WithDefaults(), line: rank.NewLearner(line), number: number, beliefs: beliefs}
	if w.beliefs == nil {
		w.beliefs = map[uint64]*rank.Model{}
	}
	w.Versions = slices.DeleteFunc(slices.Clone(w.Versions), func(v *Version) bool { return w.beliefs[v.Number] == nil })
	if w.Hold != nil && w.beliefs[w.Hold.Of] == nil {
		w.Hold = nil
	}
	return w
}

// Learned is the number of outcomes that the line has learned from.
func (w *Watch) Learned() uint64 { return w.line.Learned() }

// Line is what the line believes now.
func (w *Watch) Line() *rank.Model { return w.line.Snapshot() }

// Outcome is a decision whose window is over.
type Outcome struct {
	Context offers.Context `json:"context"`
	Arm     rank.Arm       `json:"arm"`
	Taken   float64        `json:"taken"` // 1: it was; less: what else became of it
	Time    time.Time      `json:"time"`  // of the decision

	// The version that made the decision, and the propensity that it recorded. 0:
	// it was not the house's model, and says nothing of it.
	Model    uint64  `json:"model,omitempty"`
	Expected float64 `json:"expected,omitempty"`
}

// Take judges by an outcome, and then learns from it. They come in the order of
// their decisions. It returns the probability that the line had expected.
func (w *Watch) Take(o *Outcome) float64 {
	if o.Model > 0 {
		w.judge(o)
	}
	return w.line.Learn(&o.Context, &o.Arm, o.Taken)
}

func (w *Watch) judge(o *Outcome) {
	served := surprise(o.Expected, o.Taken)
	w.Cohort.add(o, served)
	for _, v := range w.Versions {
		if v.Number >= o.Model || o.Model < w.Since {
			continue // it was not there yet, or another line was in use
		}
		var one [1]rank.Estimate
		expected := w.beliefs[v.Number].Predict(one[:0], &o.Context, []rank.Arm{o.Arm})[0].Mean
		loss := surprise(expected, o.Taken)
		v.Judged++
		v.Loss += loss
		v.Served += served
		margin := w.settings.Margin * entropy(expected)
		switch {
		case w.Hold == nil || v.Number < w.Hold.Of:
			v.Against.Bet(served-loss-margin, apart(o.Expected, expected)+margin)
			v.Against.renew()
		case v == w.Versions[len(w.Versions)-1] && v.Number > w.Hold.Of:
			w.Hold.Beside.Bet(served-loss+margin, apart(o.Expected, expected)+margin)
		}
	}
	if w.Cohort.N < w.settings.Cohort {
		return
	}
	w.Cohorts = append(w.Cohorts, w.Cohort)
	w.Cohorts = w.Cohorts[max(0, len(w.Cohorts)-cohortsTold):]
	w.Cohort, w.closed = Cohort{}, true
	for _, v := range w.Versions {
		v.Age++
	}
}

func (c *Cohort) add(o *Outcome, surprise float64) {
	if c.N == 0 {
		c.First, c.Models[0] = o.Time, o.Model
	}
	c.Last, c.Models[1] = o.Time, o.Model
	c.N++
	c.Taken += o.Taken
	c.Expected += o.Expected
	c.Loss += surprise
	at, _ := slices.BinarySearch(binEnds[:], o.Expected)
	b := &c.Bins[at]
	b.N++
	b.Expected += o.Expected
	b.Taken += o.Taken
}

// sure is as sure as any model is taken to be, so that one surprise is finite.
const sure = 1e-6

func surprise(expected, taken float64) float64 {
	expected = min(max(expected, sure), 1-sure)
	return -taken*math.Log(expected) - (1-taken)*math.Log(1-expected)
}

// apart is how much more surprised one of two expectations can be.
func apart(a, b float64) float64 {
	a, b = min(max(a, sure), 1-sure), min(max(b, sure), 1-sure)
	return max(math.Abs(math.Log(a/b)), math.Abs(math.Log((1-a)/(1-b))))
}

// entropy is the surprise that an expectation expects.
func entropy(p float64) float64 { return surprise(p, p) }

// Published is what is to be in use from now on, and what is to be kept for it.
type Published struct {
	Model *rank.Model
	Keep  *rank.Model // a new version; nil: none
	Drop  []string    // versions that are compared with no more
	Turn  *Turn       // nil: it goes on as it did
}

// Publish makes the version that is in use from now on.
func (w *Watch) Publish(now time.Time) Published {
	var p Published
	if w.closed {
		w.closed = false
		switch better := w.better(); {
		case better != nil:
			p.Turn = w.rollBack(better, now, &p)
		case w.Hold != nil && w.Hold.By == "" && w.Hold.Beside.Sure(w.settings.Resume):
			p.Turn = w.release(Resumed, "", "the learning beside it expects what comes as well again", now)
		case w.line.Learned() >= uint64(young*w.settings.Cohort):
			p.Keep = w.keep(now, &p)
		}
	}
	w.use(&p)
	return p
}

// use puts the model in use under a number of its own, and notes the turn that
// led to it, if one did: what older versions decided is not about it.
func (w *Watch) use(p *Published) {
	w.number++
	if w.Hold != nil {
		p.Model = w.beliefs[w.Hold.Of].As(w.number)
	} else {
		p.Model = w.line.Snapshot().As(w.number)
	}
	if p.Turn == nil {
		return
	}
	p.Turn.To, w.Since = w.number, w.number
	if w.Hold == nil {
		p.Turn.Of = w.number
	}
	w.Turns = append(w.Turns, *p.Turn)
	w.Turns = w.Turns[max(0, len(w.Turns)-turnsTold):]
}

// better is the version to go back to, nil if there is none: of those that were
// surely less surprised than what is in use, the one that was so most.
func (w *Watch) better() *Version {
	if w.Hold != nil && w.Hold.By != "" {
		return nil // a person chose what is in use
	}
	var best *Version
	for _, v := range w.Versions {
		if v.Against.Sure(1/(w.settings.Rare*float64(w.settings.Kept))) && (best == nil || v.Against.Mean() > best.Against.Mean()) {
			best = v
		}
	}
	return best
}

// rollBack goes back to a version. The line begins anew from it: what it has
// learned since is what made it worse.
func (w *Watch) rollBack(to *Version, now time.Time, p *Published) *Turn {
	reason := fmt.Sprintf("at the last %d decisions it was more surprised than %s would have been, by %.3f nats each beyond what it may be", to.Against.N, to.Name(), to.Against.Mean())
	t := &Turn{At: now, Kind: RolledBack, From: w.number, Of: to.Number, Reason: reason}
	w.Versions = slices.DeleteFunc(w.Versions, func(v *Version) bool {
		if v.Number <= to.Number {
			return false
		}
		p.Drop = append(p.Drop, v.Name())
		delete(w.beliefs, v.Number)
		return true
	})
	w.line = rank.NewLearner(w.beliefs[to.Number])
	w.Hold = &Hold{Of: to.Number, At: now, Reason: reason}
	w.again()
	return t
}

// again begins all comparisons anew: another line is in use.
func (w *Watch) again() {
	for _, v := range w.Versions {
		v.Against, v.Judged, v.Loss, v.Served = Wager{}, 0, 0, 0
	}
}

func (w *Watch) release(kind Kind, by, reason string, now time.Time) *Turn {
	t := &Turn{At: now, Kind: kind, From: w.number, By: by, Reason: reason}
	w.Hold = nil
	w.again()
	return t
}

// Pin has a kept version in use, by a person's word, until Release. It reports
// false if the version is not kept.
func (w *Watch) Pin(number uint64, by, reason string, now time.Time) (Published, bool) {
	if w.beliefs[number] == nil {
		return Published{}, false
	}
	p := Published{Turn: &Turn{At: now, Kind: Pinned, From: w.number, Of: number, By: by, Reason: reason}}
	w.Hold = &Hold{Of: number, At: now, By: by, Reason: reason}
	w.again()
	w.use(&p)
	return p, true
}

// Release has the line that learns in use again, by a person's word. It reports
// false if it is.
func (w *Watch) Release(by, reason string, now time.Time) (Published, bool) {
	if w.Hold == nil {
		return Published{}, false
	}
	p := Published{Turn: w.release(Released, by, reason, now)}
	w.use(&p)
	return p, true
}

// keep makes a version of the line as it is, and lets go of one if there are too
// many.
func (w *Watch) keep(now time.Time, p *Published) *rank.Model {
	w.number++
	m := w.line.Snapshot().As(w.number)
	w.beliefs[w.number] = m
	w.Versions = append(w.Versions, &Version{Number: w.number, At: now, Learned: m.Learned()})
	for len(w.Versions) > w.settings.Kept || w.Versions[0].Age > oldest && !w.held(0) {
		i := w.spare()
		if i < 0 {
			break
		}
		p.Drop = append(p.Drop, w.Versions[i].Name())
		delete(w.beliefs, w.Versions[i].Number)
		w.Versions = slices.Delete(w.Versions, i, i+1)
	}
	return m
}

func (w *Watch) held(i int) bool { return w.Hold != nil && w.Versions[i].Number == w.Hold.Of }

// spare is the version that is missed least: one too old, or one whose
// neighbours are nearest in age, so that ages double from one to the next. The
// newest, the oldest and the one in use stay.
func (w *Watch) spare() int {
	if w.Versions[0].Age > oldest && !w.held(0) {
		return 0
	}
	least, at := math.Inf(1), -1
	for i := 1; i < len(w.Versions)-1; i++ {
		if w.held(i) {
			continue
		}
		if gap := float64(w.Versions[i-1].Age+1) / float64(w.Versions[i+1].Age+1); gap < least {
			least, at = gap, i
		}
	}
	return at
}
