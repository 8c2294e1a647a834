package evalrank

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"

	"aisle/offers"
	"aisle/offers/rank/trees"
)

// Order is how well the members of the later lists are put in order, by
// several ways of doing it: the mean NDCG@10 of lists with a click.
type Order struct {
	Lists, Learned, Judged int
	Ways                   []Way
	Columns                []trees.Gain
}

// Way of ordering, with its mean NDCG@10 and that mean's standard error.
type Way struct {
	Name     string
	NDCG, SE float64
}

const top = 10

// laterShare of the lists, by time, judges.
const laterShare = 0.2

// logged is a line of the log: an item, a list that was shown, or a click.
type logged struct {
	Event     string  `json:"event"`
	ID        string  `json:"id"`
	Item      string  `json:"item"`
	Ranking   string  `json:"ranking"`
	User      string  `json:"user"`
	Type      string  `json:"type"`
	Timestamp string  `json:"timestamp"`
	Fields    []field `json:"fields"`
	Items     []struct {
		ID string `json:"id"`
	} `json:"items"`
	at int64
}

type field struct {
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value"`
}

// orderOf learns from the earlier lists of a log to order the later ones. What
// is known of a list is what lay on the log before it was shown.
func orderOf(fsys fs.FS, file string) (*Order, error) {
	f, err := fsys.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", file, offers.ErrInvalid, err)
	}
	log, err := readLog(z)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	lists := watch(log)
	if len(lists) < 10 {
		return nil, fmt.Errorf("%s: %w: %d lists are too few", file, offers.ErrInvalid, len(lists))
	}
	split := len(lists) - int(laterShare*float64(len(lists)))
	learn, judged := table(lists[:split]), lists[split:]
	m, _, err := trees.Choose(context.Background(), learn, trees.Presets(trees.Order), 1)
	if err != nil {
		return nil, err
	}
	out := &Order{Lists: len(lists), Learned: split, Columns: m.Gains}
	for _, way := range []struct {
		name  string
		score func(l *list, i int) float64
	}{
		{"as shown", func(_ *list, i int) float64 { return -float64(i) }},
		{"by popularity", func(l *list, i int) float64 { return l.columns[i][columnNamed("popularity")] }},
		{"by clicks a view", func(l *list, i int) float64 { return l.columns[i][columnNamed("ctr")] }},
		{"by trees", func(l *list, i int) float64 { return m.Score(l.columns[i]) }},
	} {
		var sum, squares, n float64
		for _, l := range judged {
			score := make([]float64, len(l.label))
			for i := range score {
				score[i] = way.score(l, i)
			}
			if x, ok := trees.NDCG(l.label, score, top); ok {
				sum, squares, n = sum+x, squares+x*x, n+1
			}
		}
		mean := sum / n
		out.Judged = int(n)
		out.Ways = append(out.Ways, Way{way.name, mean, math.Sqrt((squares/n - mean*mean) / n)})
	}
	return out, nil
}

func readLog(r io.Reader) ([]logged, error) {
	var log []logged
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var e logged
		err := json.Unmarshal(lines.Bytes(), &e)
		if err == nil {
			e.at, err = strconv.ParseInt(e.Timestamp, 10, 64)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w: %w", n, offers.ErrInvalid, err)
		}
		log = append(log, e)
	}
	if err := lines.Err(); err != nil {
		return nil, errors.Join(offers.ErrInvalid, err)
	}
	slices.SortStableFunc(log, func(a, b logged) int { return cmp.Compare(a.at, b.at) })
	return log, nil
}

// item is what is known of one that can be shown.
type item struct {
	numbers map[string]float64
	words   []string // genre:…, tag:…, actor:…, director:…
}

// list is one that was shown, as it was known then.
type list struct {
	columns [][]float64 // by member
	label   []float64
}

func table(lists []*list) *trees.Table {
	t := &trees.Table{Names: columnNames, Columns: make([][]float64, len(columnNames))}
	for _, l := range lists {
		for i := range l.columns {
			for c, x := range l.columns[i] {
				t.Columns[c] = append(t.Columns[c], x)
			}
		}
		t.Label = append(t.Label, l.label...)
		t.Lists = append(t.Lists, len(l.label))
	}
	return t
}

// known is what one who watches the log knows at a time.
type known struct {
	items  map[string]*item
	shown  map[string]rate            // by item, and by word of items
	liked  map[string][]string        // by user: items clicked
	beside map[string]map[string]rate // by item clicked: how often another was clicked by the same user, of times shown to them
	all    rate
}

// rate is clicks of views.
type rate struct{ clicks, views float64 }

// share is the rate, drawn to the one of all by so many views.
func (r rate) share(all rate, views float64) float64 {
	mean := .05
	if all.views > 0 {
		mean = all.clicks / all.views
	}
	return (r.clicks + views*mean) / (r.views + views)
}

var numbers = []string{"popularity", "vote_avg", "vote_cnt", "budget", "runtime", "release_date"}

// relative are columns that count against the mean of their list, too.
var relative = []string{"popularity", "vote_avg", "vote_cnt", "release_date", "ctr", "beside", "alike"}

var columnNames = func() []string {
	names := append(slices.Clone(numbers),
		"title_words", "views", "clicks", "ctr", "words_ctr", "genre_ctr", "best_word_ctr",
		"liked", "alike", "alike_best", "alike_genres", "beside", "beside_best", "seen_before", "list_alike")
	for _, r := range relative {
		names = append(names, r+"_above_list")
	}
	return append(names, "ctr_place", "alike_place", "beside_place")
}()

func columnNamed(name string) int { return slices.Index(columnNames, name) }

// watch goes through a log and writes down every list as it was known when it
// was shown.
func watch(log []logged) []*list {
	k := &known{items: map[string]*item{}, shown: map[string]rate{}, liked: map[string][]string{}, beside: map[string]map[string]rate{}}
	user := map[string]string{} // by list: interactions tell whose it was
	for i := range log {
		if log[i].Event == "interaction" {
			user[log[i].Ranking] = log[i].User
		}
	}
	var lists []*list
	byID := map[string]*list{}
	members := map[string]map[string]int{}
	for i := range log {
		e := &log[i]
		switch e.Event {
		case "item":
			k.items[e.Item] = itemOf(e.Fields)
		case "ranking":
			who := cmp.Or(e.User, user[e.ID])
			l := k.list(e, who)
			lists, byID[e.ID], members[e.ID] = append(lists, l), l, map[string]int{}
			for j, m := range e.Items {
				members[e.ID][m.ID] = j
			}
			k.view(e, who)
		case "interaction":
			if e.Type != "click" || byID[e.Ranking] == nil {
				continue
			}
			if j, ok := members[e.Ranking][e.Item]; ok {
				byID[e.Ranking].label[j] = 1
			}
			k.click(e.Item, e.User)
		}
	}
	return lists
}

func itemOf(fields []field) *item {
	it := &item{numbers: map[string]float64{}}
	for _, f := range fields {
		var number float64
		var word string
		var words []string
		switch {
		case json.Unmarshal(f.Value, &number) == nil:
			it.numbers[f.Name] = number
		case json.Unmarshal(f.Value, &words) == nil:
			for _, w := range words {
				it.words = append(it.words, f.Name+":"+w)
			}
		case json.Unmarshal(f.Value, &word) == nil && f.Name == "title":
			it.numbers["title_words"] = float64(len(strings.Fields(word)))
		case json.Unmarshal(f.Value, &word) == nil && f.Name != "description":
			it.words = append(it.words, f.Name+":"+word)
		}
	}
	return it
}

func (k *known) view(e *logged, who string) {
	for _, m := range e.Items {
		k.count(m.ID, rate{views: 1})
		for _, l := range k.liked[who] {
			r := k.pair(l, m.ID)
			r.views++
			k.beside[l][m.ID] = r
		}
	}
	k.all.views += float64(len(e.Items))
}

func (k *known) click(id, who string) {
	k.count(id, rate{clicks: 1})
	k.all.clicks++
	for _, l := range k.liked[who] {
		for _, p := range [][2]string{{l, id}, {id, l}} {
			r := k.pair(p[0], p[1])
			r.clicks++
			k.beside[p[0]][p[1]] = r
		}
	}
	k.liked[who] = append(k.liked[who], id)
}

func (k *known) pair(a, b string) rate {
	if k.beside[a] == nil {
		k.beside[a] = map[string]rate{}
	}
	return k.beside[a][b]
}

func (k *known) count(id string, more rate) {
	add := func(key string) {
		r := k.shown[key]
		k.shown[key] = rate{r.clicks + more.clicks, r.views + more.views}
	}
	add(id)
	if it := k.items[id]; it != nil {
		for _, w := range it.words {
			add(w)
		}
	}
}

// list writes down what is known of the members of a list.
func (k *known) list(e *logged, who string) *list {
	l := &list{label: make([]float64, len(e.Items)), columns: make([][]float64, len(e.Items))}
	nowhere := &item{}
	words := map[string]float64{} // of the list: in how many members
	for _, m := range e.Items {
		for _, w := range cmp.Or(k.items[m.ID], nowhere).words {
			words[w]++
		}
	}
	liked := map[string]float64{}
	for _, id := range k.liked[who] {
		for _, w := range cmp.Or(k.items[id], nowhere).words {
			liked[w]++
		}
	}
	for i, m := range e.Items {
		it := cmp.Or(k.items[m.ID], nowhere)
		row := make([]float64, 0, len(columnNames))
		for _, n := range append(numbers, "title_words") {
			x, ok := it.numbers[n]
			if !ok {
				x = math.NaN()
			}
			row = append(row, x)
		}
		own := k.shown[m.ID]
		row = append(row, own.views, own.clicks, own.share(k.all, 20))

		var mean, genre, genres, best float64
		for _, w := range it.words {
			s := k.shown[w].share(k.all, 50)
			mean += s / float64(len(it.words))
			best = max(best, s)
			if strings.HasPrefix(w, "genres:") {
				genre += s
				genres++
			}
		}
		row = append(row, mean, genre/max(genres, 1), best)

		n := float64(len(k.liked[who]))
		var alike, alikeGenres, listAlike float64
		for _, w := range it.words {
			rare := 1 / math.Sqrt(1+k.shown[w].views)
			alike += liked[w] * rare
			listAlike += words[w] - 1
			if strings.HasPrefix(w, "genres:") {
				alikeGenres += liked[w]
			}
		}
		alikeBest, beside, besideBest, seen := 0.0, 0.0, 0.0, 0.0
		for _, id := range k.liked[who] {
			alikeBest = max(alikeBest, overlap(it.words, cmp.Or(k.items[id], nowhere).words))
			s := k.beside[id][m.ID].share(k.all, 5)
			beside += s / n
			besideBest = max(besideBest, s)
			if id == m.ID {
				seen++
			}
		}
		if n == 0 {
			beside = math.NaN()
		}
		row = append(row, n, alike/max(n, 1), alikeBest, alikeGenres/max(n, 1), beside, besideBest, seen, listAlike/float64(len(e.Items)))
		l.columns[i] = row
	}
	for _, name := range relative {
		c := columnNamed(name)
		sum, n := 0.0, 0.0
		for _, row := range l.columns {
			if !math.IsNaN(row[c]) {
				sum, n = sum+row[c], n+1
			}
		}
		for i := range l.columns {
			l.columns[i] = append(l.columns[i], l.columns[i][c]-sum/n)
		}
	}
	for _, name := range []string{"ctr", "alike", "beside"} {
		c := columnNamed(name)
		for i := range l.columns {
			place := 0.0
			for _, other := range l.columns {
				if other[c] > l.columns[i][c] {
					place++
				}
			}
			l.columns[i] = append(l.columns[i], place)
		}
	}
	return l
}

// overlap is Jaccard's index.
func overlap(a, b []string) float64 {
	both := 0
	for _, w := range a {
		if slices.Contains(b, w) {
			both++
		}
	}
	return float64(both) / max(float64(len(a)+len(b)-both), 1)
}
