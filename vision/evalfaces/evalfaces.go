// Package evalfaces measures how well the house knows those who enrolled, and
// that strangers stay strangers, on pictures and clips that others made.
//
// People are pictures of heads, a folder a person. Each picture is enlarged and
// given an edge, so that it looks like a frame with a face in it; then the
// product's own detector finds the face, and its describer describes it. A
// picture in which no face is found is a miss wherever it is looked for.
//
// Nothing is learned from the people who are judged. How a default face is
// described was chosen on twenty of AT&T's people (s1 to s20) by the figures
// that this package prints, on random splits of these; people whom nobody looked
// at are the better judge.
package evalfaces

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"aisle/offers"
	"aisle/vision"
)

// Pipeline is one way of finding and describing faces.
type Pipeline struct {
	Name      string
	Detector  vision.Detector
	Describer vision.Describer
	Limits    vision.Limits
	Floor     map[int][2]float64 // by photos: rank-1 and true accepts at 1 % that were planned with, in percent
}

// What is measured.
var (
	photos      = []int{1, 3, 5} // enrolled of each person
	falseShares = []float64{.01, .001}
)

const (
	splits     = 40 // random ones, from one seed
	leastFaces = 4  // pictures that a person needs
)

// Report is what was measured.
type Report struct {
	People, Pictures int
	Rows             []Row
	Clips            []ClipRow
	Notes            []string
}

// Row is one pipeline with so many photos enrolled. Shares are of all splits
// together; each has the range that 95 of 100 splits lie in.
type Row struct {
	Pipeline string
	Photos   int
	Missed   int // pictures without a face

	Rank1 Share // the nearest person is the right one, everybody enrolled

	// Half of the people are enrolled, the others strangers. True accepts, where
	// 1 in 100 and 1 in 1000 strangers are taken for somebody.
	Accepted, Accepted1000 Share

	// The same, with the threshold set on half of the strangers, and judged on
	// the other half: true accepts, and strangers taken for somebody.
	OnOthers, OnOthersFalse Share

	// Visits of three pictures, decided by the gallery that calibrated itself:
	// named rightly, given another's name, strangers who were given a name.
	Named, Misnamed, StrangersNamed Share
}

// Share is a part of 1.
type Share struct{ Mean, Low, High float64 }

func (s Share) String() string {
	return fmt.Sprintf("%.1f (%.0f–%.0f)", 100*s.Mean, 100*s.Low, 100*s.High)
}

// String prints the report as tables.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d people, %d pictures; %d random splits; in percent, in brackets where 95 of 100 splits lie\n", r.People, r.Pictures, splits)
	t := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "pipeline\tphotos\tno face in\trank-1\taccepted at 1 %\tat 0.1 %\ton other strangers, false\tvisits of 3: named, misnamed, strangers named")
	for _, w := range r.Rows {
		fmt.Fprintf(t, "%s\t%d\t%d\t%v\t%v\t%v\t%v, %v\t%v, %v, %v\n", w.Pipeline, w.Photos, w.Missed, w.Rank1, w.Accepted, w.Accepted1000,
			w.OnOthers, w.OnOthersFalse, w.Named, w.Misnamed, w.StrangersNamed)
	}
	_ = t.Flush()
	fmt.Fprintf(&b, "a rate of 0 among %d people is one of no more than %.0f %%, by the rule of three\n", r.People, min(100, 300/float64(r.People)))
	if len(r.Clips) > 0 {
		fmt.Fprintln(&b, "\nclips of strangers, with all these people enrolled")
		t = tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
		fmt.Fprintln(t, "clip\tpipeline\tseconds\tframes\tfaces\tpeople said\tstrangers named")
		for _, c := range r.Clips {
			fmt.Fprintf(t, "%s\t%s\t%.0f\t%d\t%d\t%d\t%d\n", c.Clip, c.Pipeline, c.Length.Seconds(), c.Frames, c.Faces, c.People, c.Named)
		}
		_ = t.Flush()
	}
	for _, n := range r.Notes {
		fmt.Fprintln(&b, n)
	}
	return b.String()
}

// Evaluate measures the pipelines on the people below a folder of recordings,
// then on clips, whose people none of them is. No people at all is ErrNotFound.
func Evaluate(fsys fs.FS, pipelines []Pipeline, clips []Source) (Report, error) {
	var r Report
	people, err := read(fsys)
	if err != nil {
		return r, err
	}
	r.People = len(people)
	for _, p := range people {
		r.Pictures += len(p.frames)
	}
	for _, line := range pipelines {
		described, missed, err := describe(line, people)
		if err != nil {
			return r, fmt.Errorf("%s: %w", line.Name, err)
		}
		table := distances(line.Describer, described)
		for _, n := range photos {
			if slices.ContainsFunc(people, func(p person) bool { return len(p.frames) <= n }) {
				r.Notes = append(r.Notes, fmt.Sprintf("%s, %d photos: not measured, some people have no more pictures", line.Name, n))
				continue
			}
			row := measure(line, described, table, n)
			row.Missed = missed
			r.Rows = append(r.Rows, row)
			if f, ok := line.Floor[n]; ok {
				r.Notes = append(r.Notes, fmt.Sprintf("%s, photos %d: planned with rank-1 %.1f and %.1f accepted at 1 %%", line.Name, n, f[0], f[1]))
			}
		}
		for _, c := range clips {
			row, err := watch(line, described, c)
			if err != nil {
				return r, fmt.Errorf("%s: %s: %w", c.Name, line.Name, err)
			}
			r.Clips = append(r.Clips, row)
		}
	}
	return r, nil
}

// person is somebody's pictures.
type person struct {
	name   string
	frames []*vision.Frame
}

// read finds the folders of people: those that hold enough pictures, here or
// anywhere below. Folders and files are in the order of their numbers.
func read(fsys fs.FS) ([]person, error) {
	folders := map[string][]string{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() && strings.EqualFold(path.Ext(name), ".pgm") {
			folders[path.Dir(name)] = append(folders[path.Dir(name)], name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var people []person
	for dir, files := range folders {
		if len(files) < leastFaces {
			continue
		}
		slices.SortFunc(files, byNumber)
		p := person{name: dir}
		for _, file := range files {
			b, err := fs.ReadFile(fsys, file)
			if err != nil {
				return nil, err
			}
			f, err := portrait(b)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			p.frames = append(p.frames, f)
		}
		people = append(people, p)
	}
	if len(people) < 8 {
		return nil, fmt.Errorf("people: %w: %d folders with %d pictures (.pgm) or more; 8 are needed", offers.ErrNotFound, len(people), leastFaces)
	}
	slices.SortFunc(people, func(a, b person) int { return byNumber(a.name, b.name) })
	return people, nil
}

// byNumber orders s2 before s10.
func byNumber(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// A head that fills its picture is no frame of a camera: it is enlarged until
// its lesser side is as long as this, and what is at its edge goes on for a
// fifth of that.
const (
	portraitSide = 276
	portraitEdge = portraitSide / 5
)

// portrait makes a frame of a grey picture (PGM).
func portrait(pgm []byte) (*vision.Frame, error) {
	var width, height, white int
	head, err := fmt.Fscanf(bytes.NewReader(pgm), "P5\n%d %d\n%d", &width, &height, &white)
	if head != 3 || err != nil || white != 255 || width < 8 || height < 8 || width > 4096 || height > 4096 || len(pgm) < width*height {
		return nil, fmt.Errorf("%w: no grey picture of 8 bits (PGM, P5)", offers.ErrInvalid)
	}
	pix := pgm[len(pgm)-width*height:]
	scale := max(1, portraitSide/float64(min(width, height)))
	w, h := int(float64(width)*scale)+2*portraitEdge, int(float64(height)*scale)+2*portraitEdge
	f := &vision.Frame{Width: w, Height: h, Gray: make([]byte, w*h), BGR: make([]byte, 3*w*h)}
	for y := range h {
		sy := min(max((float64(y-portraitEdge)+.5)/scale-.5, 0), float64(height-1))
		y0 := min(int(sy), height-2)
		fy := sy - float64(y0)
		for x := range w {
			sx := min(max((float64(x-portraitEdge)+.5)/scale-.5, 0), float64(width-1))
			x0 := min(int(sx), width-2)
			fx := sx - float64(x0)
			at := y0*width + x0
			top := float64(pix[at])*(1-fx) + float64(pix[at+1])*fx
			low := float64(pix[at+width])*(1-fx) + float64(pix[at+width+1])*fx
			v := byte(top*(1-fy) + low*fy + .5)
			i := y*w + x
			f.Gray[i], f.BGR[3*i], f.BGR[3*i+1], f.BGR[3*i+2] = v, v, v, v
		}
	}
	return f, nil
}

// face is one picture as a pipeline sees it; the vector is nil where it found
// no face.
type face struct {
	person int
	vector vision.Vector
}

func describe(line Pipeline, people []person) (faces []face, missed int, err error) {
	for i, p := range people {
		for _, f := range p.frames {
			found, err := line.Detector.Detect(f, portraitSide/3)
			if err != nil {
				return nil, 0, err
			}
			one := face{person: i}
			if len(found) > 0 {
				largest := slices.MaxFunc(found, func(a, b vision.Face) int { return cmp.Compare(a.Side(), b.Side()) })
				if one.vector, err = line.Describer.Describe(f, largest); err != nil {
					return nil, 0, err
				}
			} else {
				missed++
			}
			faces = append(faces, one)
		}
	}
	return faces, missed, nil
}

// distances are from each face to each; infinite where none was found.
func distances(d vision.Describer, faces []face) [][]float64 {
	table := make([][]float64, len(faces))
	for i := range faces {
		table[i] = make([]float64, len(faces))
		for j := range faces {
			table[i][j] = math.Inf(1)
			if faces[i].vector != nil && faces[j].vector != nil {
				table[i][j] = d.Distance(faces[i].vector, faces[j].vector)
			}
		}
	}
	return table
}

// looked is a describer whose vectors are faces' numbers: their distances have
// been measured once.
type looked struct {
	vision.Describer
	table [][]float64
}

func (l looked) Distance(a, b vision.Vector) float64 { return l.table[int(a[0])][int(b[0])] }

func numbered(face int) vision.Vector { return vision.Vector{float32(face)} }

// split is who is enrolled by which faces, and who comes.
type split struct {
	enrolled [][]int // faces by person
	probes   [][]int
	known    []bool // by person
	judges   []bool // of the strangers, those on whom no threshold is set
}

func draw(r *rand.Rand, faces []face, n int) split {
	people := faces[len(faces)-1].person + 1
	s := split{enrolled: make([][]int, people), probes: make([][]int, people), known: make([]bool, people), judges: make([]bool, people)}
	for _, at := range r.Perm(len(faces)) {
		p := faces[at].person
		if len(s.enrolled[p]) < n && faces[at].vector != nil {
			s.enrolled[p] = append(s.enrolled[p], at)
		} else {
			s.probes[p] = append(s.probes[p], at)
		}
	}
	for k, p := range r.Perm(people) {
		s.known[p] = k < people/2
		s.judges[p] = k >= people*3/4
	}
	return s
}

// nearest is the person of the gallery that a face is nearest to.
func (s split) nearest(table [][]float64, face int, all bool) (who int, distance float64) {
	who, distance = -1, math.Inf(1)
	for p, enrolled := range s.enrolled {
		if !all && !s.known[p] {
			continue
		}
		for _, at := range enrolled {
			if table[face][at] < distance {
				who, distance = p, table[face][at]
			}
		}
	}
	return who, distance
}

// score is one face that came while half the people were enrolled.
type score struct {
	distance float64
	right    bool // nearest to its own person
	judge    bool // of a stranger
}

func measure(line Pipeline, faces []face, table [][]float64, n int) Row {
	row := Row{Pipeline: line.Name, Photos: n}
	var rank1, named, misnamed, strangersNamed, onOthers, onOthersFalse []float64
	var own [][]score // by split
	var all []float64 // of strangers
	for seed := range splits {
		s := draw(rand.New(rand.NewPCG(uint64(seed), uint64(n))), faces, n)
		var right, count int
		var mine, others []score
		for p, probes := range s.probes {
			for _, at := range probes {
				who, _ := s.nearest(table, at, true)
				count++
				if who == p {
					right++
				}
				who, d := s.nearest(table, at, false)
				one := score{distance: d, right: who == p, judge: s.judges[p]}
				if s.known[p] {
					mine = append(mine, one)
				} else {
					others = append(others, one)
					all = append(all, d)
				}
			}
		}
		rank1 = append(rank1, float64(right)/float64(count))
		own = append(own, mine)

		threshold := quantile(distancesOf(others, func(x score) bool { return !x.judge }), falseShares[0])
		onOthers = append(onOthers, accepted(mine, threshold))
		onOthersFalse = append(onOthersFalse, below(distancesOf(others, func(x score) bool { return x.judge }), threshold))

		v := visits(looked{line.Describer, table}, line.Limits, faces, s)
		named, misnamed, strangersNamed = append(named, v[0]), append(misnamed, v[1]), append(strangersNamed, v[2])
	}
	row.Rank1 = share(rank1)
	for i, to := range []*Share{&row.Accepted, &row.Accepted1000} {
		threshold := quantile(all, falseShares[i])
		var by []float64
		for _, mine := range own {
			by = append(by, accepted(mine, threshold))
		}
		*to = share(by)
	}
	row.OnOthers, row.OnOthersFalse = share(onOthers), share(onOthersFalse)
	row.Named, row.Misnamed, row.StrangersNamed = share(named), share(misnamed), share(strangersNamed)
	return row
}

// visits lets everybody come, three pictures a time, before a gallery of the
// known: shares named rightly and wrongly, and of strangers who were named.
func visits(d vision.Describer, limits vision.Limits, faces []face, s split) [3]float64 {
	people := map[offers.ShopperID][]vision.Vector{}
	id := func(p int) offers.ShopperID { return offers.ShopperID(fmt.Sprintf("s%03d", p)) }
	for p, enrolled := range s.enrolled {
		for _, at := range enrolled {
			if s.known[p] {
				people[id(p)] = append(people[id(p)], numbered(at))
			}
		}
	}
	g := vision.NewGallery(d, limits, people)
	var named, misnamed, strangers, known, unknown float64
	for p, probes := range s.probes {
		for three := range slices.Chunk(probes, 3) {
			if len(three) < 3 {
				continue
			}
			votes := g.Votes()
			for _, at := range three {
				if faces[at].vector != nil {
					votes.Add(numbered(at), 1)
				}
			}
			who := votes.Decide().Shopper
			switch {
			case !s.known[p]:
				unknown++
				if who != "" {
					strangers++
				}
			default:
				known++
				if who == id(p) {
					named++
				} else if who != "" {
					misnamed++
				}
			}
		}
	}
	if known == 0 || unknown == 0 {
		return [3]float64{} // nobody has three pictures left
	}
	return [3]float64{named / known, misnamed / known, strangers / unknown}
}

func distancesOf(scores []score, which func(score) bool) []float64 {
	var d []float64
	for _, s := range scores {
		if which(s) {
			d = append(d, s.distance)
		}
	}
	return d
}

// quantile is the distance below which no more than a share of them lie.
func quantile(distances []float64, share float64) float64 {
	sorted := slices.Sorted(slices.Values(distances))
	return sorted[int(share*float64(len(sorted)))]
}

func below(distances []float64, threshold float64) float64 {
	n := 0
	for _, d := range distances {
		if d < threshold {
			n++
		}
	}
	return float64(n) / float64(len(distances))
}

func accepted(scores []score, threshold float64) float64 {
	n := 0
	for _, s := range scores {
		if s.right && s.distance < threshold {
			n++
		}
	}
	return float64(n) / float64(len(scores))
}

func share(values []float64) Share {
	sorted := slices.Sorted(slices.Values(values))
	var s Share
	for _, v := range sorted {
		s.Mean += v / float64(len(sorted))
	}
	cut := len(sorted) / 40
	s.Low, s.High = sorted[cut], sorted[len(sorted)-1-cut]
	return s
}

// Source is a clip of people of whom none is enrolled.
type Source struct {
	Name string
	Open func() (Clip, error)
}

// Clip is a video: vision.Video is one.
type Clip interface {
	Next() bool
	At() time.Duration
	Frame(colour bool, at time.Time) (*vision.Frame, error)
	Close() error
}

// ClipRow is what was seen in a clip.
type ClipRow struct {
	Clip, Pipeline string
	Length         time.Duration
	Frames, Faces  int // looked at
	People         int // sightings: a person from coming to going
	Named          int // of these, given a name
}

// rate is how many frames a second are looked at.
const rate = 6

// watch looks at a clip as a camera's process does, with everybody enrolled by
// three pictures.
func watch(line Pipeline, faces []face, source Source) (row ClipRow, err error) {
	clip, err := source.Open()
	if err != nil {
		return row, err
	}
	defer func() { err = errors.Join(err, clip.Close()) }()
	people := map[offers.ShopperID][]vision.Vector{}
	for _, f := range faces {
		id := offers.ShopperID(fmt.Sprintf("s%03d", f.person))
		if f.vector != nil && len(people[id]) < 3 {
			people[id] = append(people[id], f.vector)
		}
	}
	g := vision.NewGallery(line.Describer, line.Limits, people)
	row = ClipRow{Clip: source.Name, Pipeline: line.Name}
	w := vision.NewWatcher(vision.Place{Camera: "clip"}, "1", line.Detector, line.Describer, vision.DefaultGate, vision.DefaultGate.MinSidePx)
	began := time.Unix(0, 0).UTC()
	var said []offers.Sighting
	next := time.Duration(0)
	for clip.Next() {
		at := clip.At()
		row.Length = at
		if at < next {
			continue
		}
		next += time.Second / rate
		f, err := clip.Frame(line.Detector.NeedsColour() || line.Describer.NeedsColour(), began.Add(at))
		if err != nil {
			return row, err
		}
		s, err := w.See(f, g)
		if err != nil {
			return row, err
		}
		said = append(said, s...)
		row.Frames++
	}
	said = append(said, w.Idle(began.Add(row.Length+time.Minute), g)...)
	row.Faces = w.Counts().Seen
	tracks := map[string]offers.ShopperID{}
	for _, s := range said {
		tracks[s.Track] = cmp.Or(tracks[s.Track], s.Shopper)
	}
	row.People = len(tracks)
	for _, name := range tracks {
		if name != "" {
			row.Named++
		}
	}
	return row, nil
}
