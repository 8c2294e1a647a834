package evalrank

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml"

	"aisle/offers"
	"aisle/offers/evaluate"
	"aisle/offers/rank/trees"
)

// Bandit is what one policy's log says of another, in data where both ran.
type Bandit struct {
	Campaign     string
	Judged       string // policy
	Log          string // of which policy
	Report       *evaluate.Report
	Own          float64 // what the policy judged earned in a log of its own
	OwnN, Clicks int     // rows of that log, clicks of the log used
	Conclusion   evaluate.Conclusion
}

// shown is one line of an Open Bandit log.
type shown struct {
	item, position int
	click          float64
	propensity     float64
	user           []string
	affinity       []float64 // of the user with each item
}

// bandits judge, in every campaign that is there, the Bernoulli Thompson
// sampling of the authors on the log of the random policy, and the other way
// round.
func bandits(fsys fs.FS) ([]Bandit, error) {
	priors, err := fs.ReadFile(fsys, "prior_bts.yaml")
	if err != nil {
		return nil, err
	}
	var prior map[string]struct{ Alpha, Beta []float64 }
	if err := yaml.Unmarshal(priors, &prior); err != nil {
		return nil, fmt.Errorf("prior_bts.yaml: %w: %w", offers.ErrInvalid, err)
	}
	folders, err := fs.Glob(fsys, "open-bandit-*/random/*")
	if err != nil {
		return nil, err
	}
	slices.Sort(folders)
	var out []Bandit
	for _, folder := range folders {
		campaign := path.Base(folder)
		root := path.Dir(path.Dir(folder))
		random, err := readShown(fsys, path.Join(folder, campaign+".csv"))
		if err != nil {
			return nil, err
		}
		bts, err := readShown(fsys, path.Join(root, "bts", campaign, campaign+".csv"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, err
		}
		p, ok := prior[campaign]
		items := len(p.Alpha)
		if !ok || items < positions || items != len(p.Beta) {
			return nil, fmt.Errorf("prior_bts.yaml: %w: nothing that fits campaign %q", offers.ErrInvalid, campaign)
		}
		for _, way := range []struct {
			judged, by string
			log, own   []shown
			target     [][positions]float64
		}{
			{"bts", "random", random, bts, sampled(p.Alpha, p.Beta)},
			{"random", "bts", bts, random, uniform(items)},
		} {
			b, err := bandit(way.log, way.target)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", campaign, err)
			}
			b.Campaign, b.Judged, b.Log, b.OwnN = campaign, way.judged, way.by, len(way.own)
			for _, s := range way.own {
				b.Own += s.click / float64(len(way.own))
			}
			out = append(out, *b)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("open-bandit-*: %w", offers.ErrNotFound)
	}
	return out, nil
}

// positions are the places of the page on which items are shown.
const positions = 3

// uniform shows every item everywhere as often.
func uniform(items int) [][positions]float64 {
	target := make([][positions]float64, items)
	for i := range target {
		for p := range target[i] {
			target[i][p] = 1 / float64(items)
		}
	}
	return target
}

// How the authors simulate their policy.
const (
	authorsSeed  = 12345
	authorsDraws = 100_000
)

// sampled is how often Thompson sampling shows each item at each place: it draws
// what each may be worth and shows the best, the better the higher.
func sampled(alpha, beta []float64) [][positions]float64 {
	m := newMersenne(authorsSeed)
	target := make([][positions]float64, len(alpha))
	for range authorsDraws {
		var best [positions]int
		var worth [positions]float64
		for i := range alpha {
			w, at := m.beta(alpha[i], beta[i]), i
			for p := range best {
				if w > worth[p] {
					best[p], worth[p], at, w = at, w, best[p], worth[p]
				}
			}
		}
		for p, i := range best {
			target[i][p] += 1. / authorsDraws
		}
	}
	return target
}

func readShown(fsys fs.FS, file string) ([]shown, error) {
	f, err := fsys.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", file, offers.ErrInvalid, err)
	}
	at := map[string]int{}
	var users, affinities []int
	for i, name := range rows[0] {
		at[name] = i
		switch {
		case len(name) > 13 && name[:13] == "user_feature_":
			users = append(users, i)
		case len(name) > 19 && name[:19] == "user-item_affinity_":
			affinities = append(affinities, i)
		}
	}
	var out []shown
	for n, row := range rows[1:] {
		var wrong error
		number := func(i int) float64 {
			x, err := strconv.ParseFloat(row[i], 64)
			wrong = errors.Join(wrong, err)
			return x
		}
		s := shown{
			item: int(number(at["item_id"])), position: int(number(at["position"])) - 1,
			click: number(at["click"]), propensity: number(at["propensity_score"]),
		}
		for _, i := range users {
			s.user = append(s.user, row[i])
		}
		for _, i := range affinities {
			s.affinity = append(s.affinity, number(i))
		}
		if wrong != nil || s.position < 0 || s.position >= positions || s.item < 0 {
			return nil, fmt.Errorf("%s: line %d: %w: %w", file, n+2, offers.ErrInvalid, wrong)
		}
		out = append(out, s)
	}
	return out, nil
}

// bandit judges a policy on a log. What a model of clicks expects of a line is
// learned from other lines.
func bandit(log []shown, target [][positions]float64) (*Bandit, error) {
	b := &Bandit{}
	rows := make([]evaluate.Row, len(log))
	for i, s := range log {
		if s.item >= len(target) {
			return nil, fmt.Errorf("%w: item %d of %d", offers.ErrInvalid, s.item, len(target))
		}
		rows[i] = evaluate.Row{Reward: s.click, Logged: s.propensity, Target: target[s.item][s.position]}
		b.Clicks += int(s.click)
	}
	for k := range folds {
		clicks, err := learnClicks(log, k)
		if err != nil {
			return nil, err
		}
		for i := k; i < len(log); i += folds {
			s := &log[i]
			rows[i].Model = clicks.chance(s, s.item)
			for item := range target {
				if share := target[item][s.position]; share > 0 {
					rows[i].Policy += share * clicks.chance(s, item)
				}
			}
		}
	}
	var err error
	if b.Report, err = evaluate.Of(rows, evaluate.Options{Seed: 1}); err != nil {
		return nil, err
	}
	b.Conclusion = b.Report.Conclude()
	return b, nil
}

// clicks is a model of who clicks on what, where.
type clicks struct {
	model *trees.Model
	item  map[int]float64
	user  []map[string]float64
	rate  float64
	row   []float64
}

// learnClicks learns from all lines but every fifth, from k on.
func learnClicks(log []shown, k int) (*clicks, error) {
	c := &clicks{}
	var learn []*shown
	for i := range log {
		if i%folds != k {
			learn = append(learn, &log[i])
			c.rate += log[i].click
		}
	}
	c.rate /= float64(len(learn))
	for u := range log[0].user {
		c.user = append(c.user, worthOf(learn, c.rate, func(s *shown) string { return s.user[u] }))
	}
	c.item = worthOf(learn, c.rate, func(s *shown) int { return s.item })
	t := &trees.Table{Names: []string{"position", "item", "affinity"}}
	for u := range c.user {
		t.Names = append(t.Names, fmt.Sprintf("user %d", u))
	}
	t.Columns = make([][]float64, len(t.Names))
	for _, s := range learn {
		for i, x := range c.look(s, s.item) {
			t.Columns[i] = append(t.Columns[i], x)
		}
		t.Label = append(t.Label, s.click)
	}
	var err error
	c.model, err = trees.Train(context.Background(), t, trees.Settings{Trees: 50, Leaves: 4, LeastRows: 200, Ridge: 5})
	return c, err
}

// worthOf is the share of clicks by a key, drawn to the rate of all.
func worthOf[K comparable](lines []*shown, rate float64, key func(*shown) K) map[K]float64 {
	const shrink = 300
	seen := map[K]struct{ clicks, n float64 }{}
	for _, s := range lines {
		w := seen[key(s)]
		w.clicks += s.click
		w.n++
		seen[key(s)] = w
	}
	worth := map[K]float64{}
	for k, w := range seen {
		worth[k] = (w.clicks + shrink*rate) / (w.n + shrink)
	}
	return worth
}

// look is a line as the model sees it, had it shown the item.
func (c *clicks) look(s *shown, item int) []float64 {
	known := func(x float64, ok bool) float64 {
		if !ok {
			return math.NaN()
		}
		return x
	}
	worth, ok := c.item[item]
	c.row = append(c.row[:0], float64(s.position), known(worth, ok))
	if item < len(s.affinity) {
		c.row = append(c.row, s.affinity[item])
	} else {
		c.row = append(c.row, math.NaN())
	}
	for u, by := range c.user {
		worth, ok := by[s.user[u]]
		c.row = append(c.row, known(worth, ok))
	}
	return c.row
}

func (c *clicks) chance(s *shown, item int) float64 { return c.model.Chance(c.look(s, item)) }
