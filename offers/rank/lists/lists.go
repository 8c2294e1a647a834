package lists

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"aisle/offers"
	"aisle/offers/rank"
	"aisle/offers/rank/trees"
)

// SnapshotName is the name under which the ranker of lists lies in state.
const SnapshotName = "lists"

// Shown is one place of a list that somebody saw.
type Shown struct {
	Decision offers.DecisionID
	Time     time.Time
	Context  offers.Context
	Arm      rank.Arm
	Expected float64 // the propensity that was recorded
	Worth    float64 // what came of it: 0 nothing, 1 clicked, 2 redeemed
}

// Model is a trained ranker. It does not change, and is safe for concurrent use.
type Model struct {
	Number  uint64       `json:"number"`
	At      time.Time    `json:"at"`
	Lists   int          `json:"lists"`
	Rows    int          `json:"rows"`
	Trees   *trees.Model `json:"trees"`
	Slope   float64      `json:"slope"` // from scores to log-odds
	Shift   float64      `json:"shift"`
	Trial   Trial        `json:"trial"`
	columns *Columns
	scenes  *sync.Pool // of *Scene
}

// Trial is how the ranker did on the newest lists, which it was not trained on,
// beside what was in use.
type Trial struct {
	Lists     int     `json:"lists"` // with something taken
	NDCG      float64 `json:"ndcg"`
	Before    float64 `json:"ndcg_before"`
	Loss      float64 `json:"loss"` // nats a place
	LossSoFar float64 `json:"loss_before"`
}

// Told tells whether there were lists enough to tell by.
func (t *Trial) Told() bool { return t.Lists >= leastTried }

// AsGood tells whether the ranker put lists into an order at least as good as what
// was in use, as far as so few can tell.
func (t *Trial) AsGood() bool { return t.Told() && t.NDCG >= t.Before }

// Training is how it went when a ranker was last to be made of what pages showed.
type Training struct {
	Began   time.Time `json:"began"`
	Ended   time.Time `json:"ended,omitzero"` // zero: it goes on
	Result  Result    `json:"result,omitempty"`
	Version string    `json:"version,omitempty"` // that was made
	Lists   int       `json:"lists"`             // that were seen
	Taken   int       `json:"taken"`             // offers of them
	Trial   *Trial    `json:"trial,omitempty"`
	Problem string    `json:"problem,omitempty"` // why there is no result
}

// Result is what came of a training.
type Result string

// Results.
const (
	InUse  Result = "in_use"  // what was made is in use now
	Worse  Result = "worse"   // it orders lists worse than what is in use, which stays
	TooFew Result = "too_few" // lists to learn of, or to tell by
	Failed Result = "failed"
)

// TrainingName is the name under which the last Training lies in state.
const TrainingName = "lists-training"

const (
	versionPrefix = "lists-"
	top           = 10
	// newest is the share of the lists, by their time, that the trial is made on.
	newest = .2
	// clearly is by how much NDCG trees for the order must be better.
	clearly = .02
	// Least is how many lists must have been seen, and offers of them taken, for
	// anything to be learned.
	Least = 50
	// leastTried is how many of the newest lists must have something taken of them.
	leastTried = 20
)

// Version names the ranker; candidates carry it.
func (m *Model) Version() string { return versionPrefix + strconv.FormatUint(m.Number, 10) }

// NumberOf is the number of a version, 0 if it is none.
func NumberOf(version string) uint64 {
	digits, _ := strings.CutPrefix(version, versionPrefix)
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Train makes a ranker of lists that were seen: each list's places together, in
// the order of time. Trees for the order of a list (LambdaMART) and trees for the
// chance of each offer are tried on the newest, and trained on all. The former
// must be clearly better: their scores compare the offers of one list, and make
// poorer chances, which are weighed with what offers are worth. It ends soon after
// ctx does. The error is ErrInvalid where there are too few.
func Train(ctx context.Context, number uint64, at time.Time, rows []Shown, seed uint64) (*Model, error) {
	if seen, taken := Count(rows); seen < Least || taken < Least {
		return nil, fmt.Errorf("lists: %w: %d were seen and %d offers of them taken; want at least %d of each", offers.ErrInvalid, seen, taken, Least)
	}
	ends := endsOf(rows)
	cut := ends[len(ends)-1-int(newest*float64(len(ends)))]
	var best *Model
	for _, goal := range []trees.Goal{trees.Chance, trees.Order} {
		tried, err := train(ctx, goal, rows[:cut], seed)
		if err != nil {
			return nil, err
		}
		if tried.Trial = tried.try(rows[cut:]); best == nil || tried.Trial.NDCG > best.Trial.NDCG+clearly {
			best = tried
		}
	}
	m, err := train(ctx, best.Trees.Goal, rows, seed)
	if err != nil {
		return nil, err
	}
	// The slope comes from lists that the trees have not seen: on those that they
	// have they are surer than they may be.
	m.Slope, m.Shift = best.calibrate(rows[cut:])
	m.Number, m.At, m.Trial = number, at, best.Trial
	return m, nil
}

// Count is how many lists were seen, and how many offers of them taken.
func Count(rows []Shown) (seen, taken int) {
	for i := range rows {
		taken += int(is(rows[i].Worth > 0))
	}
	return len(endsOf(rows)), taken
}

// endsOf are where lists end.
func endsOf(rows []Shown) (ends []int) {
	for i := range rows {
		if i+1 == len(rows) || rows[i+1].Decision != rows[i].Decision {
			ends = append(ends, i+1)
		}
	}
	return ends
}

func train(ctx context.Context, goal trees.Goal, rows []Shown, seed uint64) (*Model, error) {
	columns, err := NewColumns(Found(rows))
	if err != nil {
		return nil, err
	}
	t := &trees.Table{Names: columns.Names(), Columns: make([][]float64, len(columns.of))}
	var s Scene
	from := 0
	for _, end := range endsOf(rows) {
		if err := columns.Look(&s, &rows[from].Context); err != nil {
			return nil, err
		}
		for i := from; i < end; i++ {
			for c, x := range columns.Row(&s, &rows[i].Arm) {
				t.Columns[c] = append(t.Columns[c], x)
			}
			worth := rows[i].Worth
			if goal == trees.Chance {
				worth = is(worth > 0)
			}
			t.Label = append(t.Label, worth)
		}
		t.Lists = append(t.Lists, end-from)
		from = end
	}
	model, err := trees.Train(ctx, t, trees.Settings{Goal: goal, Trees: 80, Leaves: 8, Rate: .1, Seed: seed})
	if err != nil {
		return nil, err
	}
	m := &Model{Lists: len(t.Lists), Rows: len(rows), Trees: model, Slope: 1, columns: columns, scenes: new(sync.Pool)}
	m.Slope, m.Shift = m.calibrate(rows)
	return m, nil
}

// scores are those of rows, each by itself.
func (m *Model) scores(rows []Shown) []float64 {
	scores := make([]float64, len(rows))
	var s Scene
	for i := range rows {
		if i == 0 || rows[i].Decision != rows[i-1].Decision {
			if m.columns.Look(&s, &rows[i].Context) != nil {
				continue
			}
		}
		scores[i] = m.Trees.Score(m.columns.Row(&s, &rows[i].Arm))
	}
	return scores
}

// calibrate fits log-odds to scores by Newton's method (Platt: Probabilistic
// outputs, 1999), a little drawn to no slope at all.
func (m *Model) calibrate(rows []Shown) (slope, shift float64) {
	scores := m.scores(rows)
	const ridge = 1.
	yes := 1.
	for i := range rows {
		yes += is(rows[i].Worth > 0)
	}
	shift = math.Log(yes / (float64(len(rows)) + 2 - yes))
	for range 25 {
		var gs, gb, hss, hsb, hbb float64
		for i, x := range scores {
			p := 1 / (1 + math.Exp(-(slope*x + shift)))
			d, h := p-is(rows[i].Worth > 0), max(p*(1-p), 1e-9)
			gs, gb = gs+d*x, gb+d
			hss, hsb, hbb = hss+h*x*x, hsb+h*x, hbb+h
		}
		gs, hss = gs+ridge*slope, hss+ridge
		det := hss*hbb - hsb*hsb
		if !(det > 1e-12) {
			break
		}
		ds, db := (gs*hbb-gb*hsb)/det, (gb*hss-gs*hsb)/det
		slope, shift = slope-ds, shift-db
		if math.Abs(ds)+math.Abs(db) < 1e-9 {
			break
		}
	}
	return max(slope, 0), shift // worse than nothing is nothing
}

func (m *Model) chance(score float64) float64 {
	return min(max(1/(1+math.Exp(-(m.Slope*score+m.Shift))), 1e-6), 1-1e-6)
}

func (m *Model) try(rows []Shown) Trial {
	var t Trial
	scores := m.scores(rows)
	from := 0
	for _, end := range endsOf(rows) {
		label, before := make([]float64, end-from), make([]float64, end-from)
		for i := range label {
			label[i], before[i] = rows[from+i].Worth, rows[from+i].Expected
		}
		if got, ok := trees.NDCG(label, scores[from:end], top); ok {
			was, _ := trees.NDCG(label, before, top)
			t.Lists++
			t.NDCG += got
			t.Before += was
		}
		from = end
	}
	for i := range rows {
		y := is(rows[i].Worth > 0)
		p, q := m.chance(scores[i]), min(max(rows[i].Expected, 1e-6), 1-1e-6)
		t.Loss -= y*math.Log(p) + (1-y)*math.Log(1-p)
		t.LossSoFar -= y*math.Log(q) + (1-y)*math.Log(1-q)
	}
	n, l := max(float64(len(rows)), 1), max(float64(t.Lists), 1)
	t.NDCG, t.Before, t.Loss, t.LossSoFar = t.NDCG/l, t.Before/l, t.Loss/n, t.LossSoFar/n
	return t
}

// Refine says of each offer of a list how likely it is to be taken, in the place
// of what the house's model said of it. How unsure that is stays as it was.
func (m *Model) Refine(estimates []rank.Estimate, c *offers.Context, arms []rank.Arm) {
	s, ok := m.scenes.Get().(*Scene)
	if !ok {
		s = new(Scene)
	}
	defer m.scenes.Put(s)
	if m.columns.Look(s, c) != nil {
		return
	}
	s.rows, s.scores = s.rows[:0], slices.Grow(s.scores[:0], len(arms))[:len(arms)]
	for i := range arms {
		s.rows = append(s.rows, m.columns.Row(s, &arms[i])...)
	}
	m.Trees.ScoreAll(s.scores, s.rows)
	version := m.Version()
	for i, score := range s.scores {
		estimates[i].Mean, estimates[i].By = m.chance(score), version
	}
}

// Calibrated are trees whose score is the log-odds that an offer is taken: the
// ranker's, with its slope and shift grown into them.
func (m *Model) Calibrated() *trees.Model { return m.Trees.Line(m.Slope, m.Shift) }

// Encode packs the ranker.
func (m *Model) Encode() ([]byte, error) {
	raw, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("lists: %w: %w", offers.ErrInvalid, err)
	}
	return raw, nil
}

// Decode unpacks a ranker. The error is ErrInvalid.
func Decode(raw []byte) (*Model, error) {
	m := &Model{scenes: new(sync.Pool)}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(m); err != nil {
		return nil, fmt.Errorf("lists: %w: %w", offers.ErrInvalid, err)
	}
	if m.Trees == nil || slices.ContainsFunc([]float64{m.Slope, m.Shift}, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }) {
		return nil, fmt.Errorf("lists: %w: there are no trees", offers.ErrInvalid)
	}
	if err := m.Trees.Check(); err != nil {
		return nil, err
	}
	var err error
	m.columns, err = NewColumns(m.Trees.Names)
	return m, err
}
