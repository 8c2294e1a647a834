package feature

import (
	"cmp"
	"hash/fnv"
	"slices"
	"time"

	"aisle/offers"
)

// keptGaps is for how many of its gaps a session that is over is kept, for late
// events that belong to it.
const keptGaps = 100

// start is where a contribution's cell begins, in Unix ms. Calendars count as
// if their clock were UTC: the day is the same day in any shop.
func (s *Set) start(d *Definition, e *reading) int64 {
	switch {
	case d.Gap > 0, d.newestOfKey():
		return e.at
	case d.Calendar != "":
		return d.Calendar.start(e.Time, s.clockOf(d, e.Shop)).UnixMilli()
	case d.Window > 0:
		return floor(e.at, d.Bucket.Milliseconds())
	}
	return 0
}

func floor(at, size int64) int64 { return at - (at%size+size)%size }

// start is where the stretch that holds a time begins, on a clock's face.
func (c Calendar) start(t time.Time, clock *time.Location) time.Time {
	t = t.In(clock)
	year, month, day := t.Date()
	hour := 0
	switch c {
	case Hour:
		hour = t.Hour()
	case Week:
		day -= (int(t.Weekday()) + 6) % 7
	case Month:
		day = 1
	}
	return time.Date(year, month, day, hour, 0, 0, 0, time.UTC)
}

// back is the start of the n-th stretch before.
func (c Calendar) back(start time.Time, n int) time.Time {
	switch c {
	case Hour:
		return start.Add(-time.Duration(n) * time.Hour)
	case Week:
		return start.AddDate(0, 0, -7*n)
	case Month:
		return start.AddDate(0, -n, 0)
	}
	return start.AddDate(0, 0, -n)
}

// newestOfKey tells whether all that matters of a key is when it came last.
func (d *Definition) newestOfKey() bool {
	return d.Aggregate == Since || d.Aggregate == Distinct && d.Calendar == "" && d.Gap == 0
}

// wordInCell tells whether a cell's Key is the value, and its N the value's
// time, rather than the group.
func (d *Definition) wordInCell() bool { return d.Aggregate == First || d.Aggregate == Last }

// grouped tells whether cells are told apart by a key.
func (d *Definition) grouped() bool {
	return d.By != "" || d.Aggregate == Distinct || d.Aggregate == Top
}

// expired tells whether no moment from newest on looks at a cell any more. Of a
// calendar one stretch more is kept, for moments that come late themselves.
func (d *Definition) expired(c *offers.FeatureCell, newest int64) bool {
	switch {
	case d.Gap > 0 && d.Aggregate == Sessions:
		return c.End <= newest-d.Window.Milliseconds()
	case d.Gap > 0:
		return c.End <= newest-keptGaps*d.Gap.Milliseconds()
	case d.Calendar != "":
		return c.Start < d.Calendar.back(time.UnixMilli(newest).UTC(), d.Ago+1).UnixMilli()
	case d.Window > 0 && d.newestOfKey():
		return c.Start <= newest-d.Window.Milliseconds()
	case d.Window > 0:
		return c.Start+d.Bucket.Milliseconds() <= newest-d.Window.Milliseconds()
	}
	return false
}

// newest is the time that cells expire by, c among them: of the newest
// contribution, or of the newest stretch of a calendar.
func (d *Definition) newest(st *offers.FeatureState, c *offers.FeatureCell) int64 {
	if d.Calendar == "" {
		return st.At.UnixMilli()
	}
	if n := len(st.Cells); n > 0 {
		return max(st.Cells[n-1].Start, c.Start)
	}
	return c.Start
}

// order is that of cells in a state: by time, a session's own cell before those
// of its groups.
func order(a, b offers.FeatureCell) int {
	if a.Start != b.Start {
		return cmp.Compare(a.Start, b.Start)
	}
	if (a.End == 0) != (b.End == 0) {
		return cmp.Compare(b.End, a.End)
	}
	return cmp.Compare(a.Key, b.Key)
}

// put adds a cell to those of a state that are of the same stretch and key. The
// state's At tells of it already. It reports false where the cell's time is over.
func (d *Definition) put(st *offers.FeatureState, c offers.FeatureCell) bool {
	newest := d.newest(st, &c)
	switch {
	case d.Gap > 0:
		return d.putSession(st, c, newest)
	case d.expired(&c, newest):
		return false
	case d.newestOfKey():
		i := slices.IndexFunc(st.Cells, func(have offers.FeatureCell) bool { return have.Key == c.Key })
		if i >= 0 {
			if st.Cells[i].Start >= c.Start {
				return true
			}
			st.Cells = slices.Delete(st.Cells, i, i+1)
		}
	}
	i, found := d.find(st.Cells, c)
	if found {
		d.combine(&st.Cells[i], c)
	} else {
		st.Cells = slices.Insert(st.Cells, i, c)
	}
	d.trim(st, newest)
	return true
}

// find is where a cell stands, or would.
func (d *Definition) find(cells []offers.FeatureCell, c offers.FeatureCell) (int, bool) {
	if d.wordInCell() {
		return slices.BinarySearchFunc(cells, c, func(a, b offers.FeatureCell) int { return cmp.Compare(a.Start, b.Start) })
	}
	if n := len(cells); n > 0 && order(cells[n-1], c) < 0 {
		return n, false // most events are the newest
	}
	return slices.BinarySearchFunc(cells, c, order)
}

// combine adds two cells. It commutes and associates.
func (d *Definition) combine(a *offers.FeatureCell, b offers.FeatureCell) {
	switch d.Aggregate {
	case Min:
		a.N = min(a.N, b.N)
	case Max:
		a.N = max(a.N, b.N)
	case First:
		if b.N < a.N || b.N == a.N && b.Key < a.Key {
			a.N, a.Key = b.N, b.Key
		}
	case Last:
		if b.N > a.N || b.N == a.N && b.Key > a.Key {
			a.N, a.Key = b.N, b.Key
		}
	default:
		a.N += b.N
		a.M += b.M
	}
}

// trim lets go of cells whose time is over, and of the oldest where there are
// too many. Among those of the same time a hash of their keys decides. None of
// that looks at what a cell counts, so a cell that had to go can never come
// back, and the same events leave the same cells in whatever order they came.
func (d *Definition) trim(st *offers.FeatureState, newest int64) {
	n := 0
	for n < len(st.Cells) && d.expired(&st.Cells[n], newest) {
		n++
	}
	if n > 0 {
		st.Cells = slices.Delete(st.Cells, 0, n)
	}
	if !d.grouped() {
		return // at most one cell a bucket
	}
	for len(st.Cells) > d.MaxCells {
		out := 0
		for i := 1; i < len(st.Cells) && st.Cells[i].Start == st.Cells[0].Start; i++ {
			if farther(st.Cells[i].Key, st.Cells[out].Key) {
				out = i
			}
		}
		st.Cells = slices.Delete(st.Cells, out, out+1)
	}
}

// farther orders keys by chance, the same each time.
func farther(a, b string) bool {
	x, y := hash(a), hash(b)
	return x > y || x == y && a > b
}

func hash(key string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(key))
	return h.Sum64()
}

// putSession adds a cell of a session. A session's own cell, which has an end,
// becomes one with all sessions that it is within a gap of; a group's cell
// belongs to the session that holds its start.
func (d *Definition) putSession(st *offers.FeatureState, c offers.FeatureCell, newest int64) bool {
	if c.End == 0 {
		for _, s := range st.Cells {
			if s.End != 0 && s.Start <= c.Start && c.Start <= s.End {
				c.Start = s.Start
				if i, found := slices.BinarySearchFunc(st.Cells, c, order); found {
					d.combine(&st.Cells[i], c)
				} else {
					st.Cells = slices.Insert(st.Cells, i, c)
				}
				d.trimSessions(st, newest)
				return true
			}
		}
		return false
	}
	gap, joined := d.Gap.Milliseconds(), 0
	lo, hi := c.Start, c.End
	for _, s := range st.Cells {
		if s.End != 0 && s.Start-gap <= c.End && c.Start <= s.End+gap {
			lo, hi, joined = min(lo, s.Start), max(hi, s.End), joined+1
		}
	}
	if joined == 0 {
		if d.expired(&c, newest) {
			return false
		}
		i, _ := slices.BinarySearchFunc(st.Cells, c, order)
		st.Cells = slices.Insert(st.Cells, i, c)
		d.trimSessions(st, newest)
		return true
	}
	var own []int // the sessions that become one: their cells begin at lo now
	for i := range st.Cells {
		if s := &st.Cells[i]; s.Start >= lo && s.Start <= hi {
			if s.End != 0 {
				own = append(own, i)
			}
			s.Start = lo
		}
	}
	one := st.Cells[own[0]]
	for _, i := range own[1:] {
		d.combine(&one, st.Cells[i])
	}
	d.combine(&one, c)
	one.Start, one.End = lo, hi
	st.Cells[own[0]] = one
	if joined > 1 { // the groups of several sessions are to be those of one
		drop := own[1:]
		kept := st.Cells[:0]
		for i, s := range st.Cells {
			if !slices.Contains(drop, i) {
				kept = append(kept, s)
			}
		}
		slices.SortFunc(kept, order)
		st.Cells = kept[:0]
		for _, s := range kept {
			if n := len(st.Cells); n > 0 && s.End == 0 && order(st.Cells[n-1], s) == 0 {
				d.combine(&st.Cells[n-1], s)
			} else {
				st.Cells = append(st.Cells, s)
			}
		}
	}
	d.trimSessions(st, newest)
	return true
}

// trimSessions lets go of sessions that are over for long, and where there are
// too many cells of the oldest, and then of groups.
func (d *Definition) trimSessions(st *offers.FeatureState, newest int64) {
	first := 0 // cell that stays
	for i, s := range st.Cells {
		if s.End == 0 || i == first {
			continue
		}
		if over := &st.Cells[first]; !d.expired(over, newest) && (!d.grouped() || len(st.Cells)-first <= d.MaxCells) {
			break
		}
		first = i
	}
	if first > 0 {
		st.Cells = slices.Delete(st.Cells, 0, first)
	}
	for d.grouped() && len(st.Cells) > d.MaxCells {
		out := 1
		for i := range st.Cells[2:] {
			if farther(st.Cells[2+i].Key, st.Cells[out].Key) {
				out = 2 + i
			}
		}
		st.Cells = slices.Delete(st.Cells, out, out+1)
	}
}
