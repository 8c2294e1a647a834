// Package canary measures how well the house locates, all day: tags that are
// fixed to known places are located like any other, and the difference is the
// error that shoppers are located with around there.
//
// Where the error of the worst twentieth is more than half of the zone's width,
// a position says too little of the zone: location offers of that zone are held
// back, and the receiver is named that is most likely to blame.
package canary

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"aisle/beacons/locate"
	"aisle/beacons/polygon"
	"aisle/offers"
)

// Config bounds what is remembered. Zero fields have defaults.
type Config struct {
	Window  time.Duration // over which errors are counted; 15 min
	Every   time.Duration // between two errors of a canary; 5 s
	Least   int           // errors before a zone is judged; 12
	MostTag int           // canaries; 200
}

func (c Config) withDefaults() Config {
	c.Window = cmp.Or(c.Window, 15*time.Minute)
	c.Every = cmp.Or(c.Every, 5*time.Second)
	c.Least = cmp.Or(c.Least, 12)
	c.MostTag = cmp.Or(c.MostTag, 200)
	return c
}

// Watch watches the canaries of one shop. One goroutine owns it.
type Watch struct {
	config    Config
	shop      *offers.Shop
	zones     map[offers.ZoneID]float64 // width in metres
	canaries  map[string]*bird
	receivers map[offers.ReceiverID]offers.Receiver
}

// bird is one canary.
type bird struct {
	offers.Canary
	zone   offers.ZoneID
	errors []measured // oldest first
	heard  map[offers.ReceiverID]*ear
}

type measured struct {
	at    time.Time
	metre float64
	floor bool // the right one
}

// ear is how one receiver hears a canary: against what it heard at first.
type ear struct {
	usual   float64 // gain, learned slowly
	now     float64 // gain, of late
	packets float64 // a second, of late
	often   float64 // a second, usually
	last    time.Time
	since   time.Time
}

const (
	usualOver = 2 * time.Hour
	nowOver   = time.Minute
	deafAfter = 30 * time.Second
)

// New watches a shop's canaries. Those outside of all zones are measured and
// hold nothing back; more than fit are left out.
func New(s *offers.Shop, c Config) *Watch {
	w := &Watch{config: c.withDefaults(), shop: s, zones: map[offers.ZoneID]float64{}, canaries: map[string]*bird{}, receivers: map[offers.ReceiverID]offers.Receiver{}}
	for _, r := range s.Receivers {
		w.receivers[r.ID] = r
	}
	for _, z := range s.Zones {
		w.zones[z.ID] = polygon.Width(z.Polygon)
	}
	for _, c := range s.Canaries {
		if len(w.canaries) == w.config.MostTag {
			break
		}
		b := &bird{Canary: c, heard: map[offers.ReceiverID]*ear{}}
		for _, z := range s.Zones {
			if z.Floor == c.Floor && polygon.Contains(z.Polygon, c.At) {
				b.zone = z.ID
				break
			}
		}
		w.canaries[c.Tag] = b
	}
	return w
}

// Canary tells whether a tag is one: then it is nobody's.
func (w *Watch) Canary(tag string) bool { return w.canaries[tag] != nil }

// Hear notes a packet of a canary. Other tags change nothing.
func (w *Watch) Hear(tag string, r offers.ReceiverID, gainDB float64, at time.Time) {
	b := w.canaries[tag]
	if b == nil || math.IsNaN(gainDB) {
		return
	}
	if _, ok := w.receivers[r]; !ok {
		return
	}
	e := b.heard[r]
	if e == nil {
		b.heard[r] = &ear{usual: gainDB, now: gainDB, last: at, since: at}
		return
	}
	passed := at.Sub(e.last)
	if passed < 0 {
		return
	}
	e.fade(at)
	share := func(over time.Duration) float64 { return 1 - math.Exp(-max(passed.Seconds(), 0.1)/over.Seconds()) }
	// At first, the usual is the mean so far.
	e.usual += (gainDB - e.usual) * max(share(usualOver), share(at.Sub(e.since)+time.Second))
	e.now += (gainDB - e.now) * share(nowOver)
	e.packets += 1 / nowOver.Seconds()
	e.often += 1 / usualOver.Seconds()
	e.last = at
}

// fade lets the rates of packets fall since the last one.
func (e *ear) fade(at time.Time) {
	passed := max(at.Sub(e.last), 0).Seconds()
	e.packets *= math.Exp(-passed / nowOver.Seconds())
	e.often *= math.Exp(-passed / usualOver.Seconds())
}

// Observe notes where the house believes a canary is. Other tags change
// nothing.
func (w *Watch) Observe(tag string, floor offers.FloorID, at offers.Point, when time.Time) {
	b := w.canaries[tag]
	if b == nil {
		return
	}
	if n := len(b.errors); n > 0 && when.Sub(b.errors[n-1].at) < w.config.Every {
		return
	}
	b.errors = append(b.errors, measured{when, math.Hypot(at.X-b.At.X, at.Y-b.At.Y), floor == b.Floor})
	w.trim(b, when)
}

// trim forgets what is older than the window.
func (w *Watch) trim(b *bird, now time.Time) {
	old := 0
	for old < len(b.errors) && now.Sub(b.errors[old].at) > w.config.Window {
		old++
	}
	b.errors = slices.Delete(b.errors, 0, old)
}

// Zone is how well a zone's tags are located.
type Zone struct {
	Zone       offers.ZoneID `json:"zone"`
	Canaries   int           `json:"canaries"`
	Errors     int           `json:"errors"` // counted in the window
	P50M       float64       `json:"p50_m"`
	P95M       float64       `json:"p95_m"`
	WrongFloor float64       `json:"wrong_floor"` // share
	WidthM     float64       `json:"width_m"`

	Held bool              `json:"held"` // no location offers there for now
	Why  string            `json:"why,omitempty"`
	Mend offers.ReceiverID `json:"mend,omitempty"` // the receiver that is most likely to blame
	What string            `json:"what,omitempty"` // is wrong with it
}

// Report judges the zones that have a canary, in the order of the shop's zones.
func (w *Watch) Report(now time.Time) (zones []Zone) {
	for _, z := range w.shop.Zones {
		report := Zone{Zone: z.ID, WidthM: w.zones[z.ID]}
		var metres []float64
		var birds []*bird
		wrong := 0
		for _, tag := range slices.Sorted(maps.Keys(w.canaries)) {
			b := w.canaries[tag]
			if b.zone != z.ID {
				continue
			}
			birds = append(birds, b)
			w.trim(b, now)
			for _, e := range b.errors {
				metres = append(metres, e.metre)
				if !e.floor {
					wrong++
				}
			}
		}
		report.Canaries, report.Errors = len(birds), len(metres)
		if len(birds) == 0 {
			continue
		}
		if len(metres) > 0 {
			slices.Sort(metres)
			report.P50M, report.P95M = quantile(metres, .5), quantile(metres, .95)
			report.WrongFloor = float64(wrong) / float64(len(metres))
		}
		switch half := report.WidthM / 2; {
		case len(metres) == 0 && w.deaf(birds, now):
			report.Held, report.Why = true, "its canaries are heard by nobody"
		case len(metres) < w.config.Least:
			report.Why = fmt.Sprintf("%d of %d measurements that it takes", len(metres), w.config.Least)
		case report.WrongFloor > 0.05:
			report.Held, report.Why = true, fmt.Sprintf("%.0f %% of positions are on another floor", 100*report.WrongFloor)
		case report.P95M > half:
			report.Held, report.Why = true, fmt.Sprintf("one position in twenty is more than %.1f m off, in a zone %.1f m wide", report.P95M, report.WidthM)
		}
		if report.Held {
			report.Mend, report.What = w.blame(birds, now)
		}
		zones = append(zones, report)
	}
	return zones
}

// deaf tells whether canaries that were heard once are not any more.
func (w *Watch) deaf(birds []*bird, now time.Time) bool {
	for _, b := range birds {
		for _, e := range b.heard {
			if now.Sub(e.last) > deafAfter {
				return true
			}
		}
	}
	return false
}

// blame finds the receiver that hears the canaries of a zone least like it
// usually does, or least like the law has it: silent ones first, then those
// that lose packets, then those that are too loud or too soft.
func (w *Watch) blame(birds []*bird, now time.Time) (worst offers.ReceiverID, what string) {
	most := 0.0
	for _, b := range birds {
		for _, id := range slices.Sorted(maps.Keys(b.heard)) {
			e := *b.heard[id]
			e.fade(now)
			r := w.receivers[id]
			distance := math.Hypot(r.At.X-b.At.X, r.At.Y-b.At.Y)
			near := 1 / (1 + distance/5) // the near ones count most
			warm := e.last.Sub(e.since) > nowOver
			off := e.now - e.usual
			law := locate.Law{OffsetDB: r.OffsetDB, Exponent: r.Exponent}
			if law.Exponent <= 0 {
				law = locate.DefaultLaw
			}
			strange := e.now - law.GainDB(distance)
			for _, c := range []struct {
				score float64
				what  string
			}{
				{bit(warm && now.Sub(e.last) > deafAfter) * 100 * near, fmt.Sprintf("it has not heard %s for %.0f s", b.Tag, now.Sub(e.last).Seconds())},
				{bit(warm && e.often > 0 && e.packets < e.usually(now)/3) * 40 * near, fmt.Sprintf("it loses packets of %s", b.Tag)},
				{bit(math.Abs(off) > 4) * math.Abs(off) * 2 * near, fmt.Sprintf("it hears %s %.0f dB %s than it used to", b.Tag, math.Abs(off), louder(off))},
				{bit(math.Abs(strange) > 8) * math.Abs(strange) * near / 2, fmt.Sprintf("it hears %s %.0f dB %s than its distance has it", b.Tag, math.Abs(strange), louder(strange))},
			} {
				if c.score > most {
					worst, most, what = id, c.score, c.what
				}
			}
		}
	}
	return worst, what
}

// usually is the rate of packets over the long run, corrected for how short
// that was.
func (e *ear) usually(now time.Time) float64 {
	seen := now.Sub(e.since).Seconds()
	return e.often / max(1-math.Exp(-seen/usualOver.Seconds()), 1e-3)
}

func louder(db float64) string {
	if db > 0 {
		return "louder"
	}
	return "softer"
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// quantile is of sorted values.
func quantile(sorted []float64, q float64) float64 {
	return sorted[min(int(math.Ceil(q*float64(len(sorted)))), len(sorted))-1]
}
