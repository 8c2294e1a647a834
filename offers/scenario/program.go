package scenario

import (
	"math"
	"math/bits"
	"slices"

	"aisle/offers"
	"aisle/offers/rule"
)

// program is a scenario made ready to be followed.
type program struct {
	*offers.Scenario
	hash   uint32
	stages []stage
	where  []*rule.Rule // by step; nil: any
	spare  int64        // how much later than Lateness its own inputs come
}

// stage is what a shopper in a scenario waits for: a step, and meanwhile none of
// those that must not happen; or for a time to pass without them.
type stage struct {
	step   int    // that it is counted for
	hit    uint32 // the bit of that step; 0: time passes it
	breaks uint32 // bits of the steps that must not happen meanwhile
	times  int
	in     int64 // microseconds, as the next
	within int64 // when it is over: failed, or passed if time passes it
}

// compiled checks a scenario and makes it ready.
func compiled(s *offers.Scenario, compile Compile) (*program, error) {
	p := &program{Scenario: s, hash: Hash(s), where: make([]*rule.Rule, len(s.Steps))}
	if err := p.check(compile).err(); err != nil {
		return nil, err
	}
	var breaks uint32
	for i := range s.Steps {
		st := &s.Steps[i]
		switch {
		case st.Not && st.For == 0: // until the next step
			breaks |= 1 << i
			continue
		case st.Not:
			p.stages = append(p.stages, stage{step: i, breaks: breaks | 1<<i, within: st.For.Microseconds()})
		default:
			p.stages = append(p.stages, stage{
				step: i, hit: 1 << i, breaks: breaks,
				times: max(1, st.Times), in: st.In.Microseconds(), within: st.Within.Microseconds(),
			})
		}
		breaks = 0
	}
	return p, nil
}

// key is the run that an event belongs to, if it belongs to one.
func (p *program) key(e *offers.Event, vars func() *rule.Vars) (string, bool) {
	about := ""
	switch p.By {
	case "":
		return string(p.ID), true
	case byCategory:
		if about = vars().Category; about == "" {
			about = vars().ZoneOf
		}
	case byProduct:
		about = e.Product
	case byZone:
		about = vars().Zone
	case byShop:
		about = vars().Shop
	}
	const longest = 64
	if about == "" || len(about) > longest {
		return "", false
	}
	return string(p.ID) + "/" + about, true
}

// settled is the time before which nothing is taken any more.
func (p *program) settled(now *offers.Progress) int64 {
	return now.Seen - p.spare - Lateness.Microseconds()
}

// sure is the time up to which what did not happen did not.
func (p *program) sure(now *offers.Progress) int64 {
	return max(now.Seen-patience.Microseconds(), now.Due) - p.spare
}

// wake is when somebody at a place has to be looked at again.
func (p *program) wake(s *place) int64 {
	if d := p.deadline(s); d != math.MaxInt64 {
		return d + p.spare
	}
	return math.MaxInt64
}

// place is where somebody stands in a scenario.
type place struct {
	stage        int
	began, since int64
	hits         []int64
	rest, done   int64
}

func placeOf(r *offers.ScenarioRun) place {
	return place{r.Stage, r.Started, r.Since, r.Hits, r.Rest, r.Done}
}

// clone is a place that can be moved on by itself.
func (s *place) clone() place {
	c := *s
	c.hits = slices.Clone(s.hits)
	return c
}

// idle tells whether a run is at its beginning, and nothing is known that would
// begin it.
func (p *program) idle(r *offers.ScenarioRun) bool {
	return r.Stage == 0 && len(r.Hits) == 0 &&
		!slices.ContainsFunc(r.Late, func(m offers.Mark) bool { return m.Steps&p.stages[0].hit != 0 })
}

func (s *place) leave() {
	s.stage, s.began, s.since, s.hits = 0, 0, 0, s.hits[:0]
}

// end is a way through a scenario.
type end struct{ began, at int64 }

// ledger is what happens on the way.
type ledger struct {
	ends   []end
	counts [mostSteps]Count
}

// follow takes somebody on by what they did, and by the time up to which that
// is all they did. It does not conclude that something did not happen before
// that is sure: what came after waits.
func (p *program) follow(s *place, marks []offers.Mark, sure int64, l *ledger) {
	for _, m := range marks {
		if !p.until(s, m.At, sure, l) {
			return
		}
		p.take(s, m, l)
	}
	p.until(s, sure, sure, l)
}

// settle makes what lies before a time part of where the run stands, and the
// oldest of what is too much to keep.
func (p *program) settle(r *offers.ScenarioRun, s *place, before int64) {
	at := s.clone()
	s = &at
	var l ledger
	n := 0
	for n < len(r.Late) && (r.Late[n].At < before || len(r.Late)-n > mostMarks) {
		p.until(s, r.Late[n].At, math.MaxInt64, &l)
		p.take(s, r.Late[n], &l)
		n++
	}
	p.until(s, before, before, &l)
	r.Late = slices.Delete(r.Late, 0, n)
	r.Stage, r.Started, r.Since, r.Hits, r.Rest, r.Done = s.stage, s.began, s.since, s.hits, s.rest, s.done
}

// deadline is when time moves somebody on.
func (p *program) deadline(s *place) int64 {
	st := &p.stages[s.stage]
	switch {
	case s.stage > 0:
		return s.since + st.within
	case len(s.hits) > 0:
		return s.hits[len(s.hits)-1] + st.in
	}
	return math.MaxInt64
}

// until lets time pass. It is false where somebody waits for something not to
// happen, and it is not sure yet that it did not.
func (p *program) until(s *place, at, sure int64, l *ledger) bool {
	for d := p.deadline(s); d <= at; d = p.deadline(s) {
		st := &p.stages[s.stage]
		if st.hit != 0 {
			l.counts[st.step].TimedOut++
			s.leave()
			continue
		}
		if d > sure {
			return false
		}
		p.pass(s, d, l)
	}
	return true
}

// take is an event. One that ends a way may begin the next.
func (p *program) take(s *place, m offers.Mark, l *ledger) {
	if s.stage > 0 {
		st := &p.stages[s.stage]
		switch {
		case m.Steps&st.breaks != 0:
			l.counts[st.step].Stopped++
			if by := bits.TrailingZeros32(m.Steps & st.breaks); by != st.step {
				l.counts[by].Stopped++
			}
		case m.Steps&st.hit != 0:
			p.hit(s, m.At, l)
			return
		case p.Restart && m.Steps&p.stages[0].hit != 0:
			l.counts[st.step].LetGo++
		default:
			return
		}
		s.leave()
	}
	if m.Steps&p.stages[0].hit != 0 && m.At >= s.rest {
		p.hit(s, m.At, l)
	}
}

// hit is once what a stage waits for.
func (p *program) hit(s *place, at int64, l *ledger) {
	st := &p.stages[s.stage]
	if s.stage == 0 && len(s.hits) == 0 {
		l.counts[st.step].Entered++
	}
	if st.in > 0 {
		s.hits = slices.DeleteFunc(s.hits, func(h int64) bool { return at-h >= st.in })
	}
	if s.hits = append(s.hits, at); len(s.hits) < st.times {
		return
	}
	if s.stage == 0 {
		s.began = s.hits[0]
	}
	p.pass(s, at, l)
}

// pass moves on to the next stage, or to the end.
func (p *program) pass(s *place, at int64, l *ledger) {
	l.counts[p.stages[s.stage].step].Passed++
	s.stage, s.since, s.hits = s.stage+1, at, s.hits[:0]
	if s.stage < len(p.stages) {
		l.counts[p.stages[s.stage].step].Entered++
		return
	}
	l.ends = append(l.ends, end{s.began, at})
	s.rest, s.done = at+max(1, p.Again.Microseconds()), at // not at the same instant
	s.leave()
}

// inserted puts a mark behind those of its time and earlier.
func inserted(marks []offers.Mark, m offers.Mark) []offers.Mark {
	i := len(marks)
	for i > 0 && marks[i-1].At > m.At {
		i--
	}
	return slices.Insert(marks, i, m)
}
