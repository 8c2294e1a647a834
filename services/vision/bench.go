//go:build gocv

package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/pprof/profile"

	"aisle/offers"
	"aisle/vision"
	"aisle/vision/drawn"
	"aisle/vision/evalfaces"
)

// What is looked at in the bench: a shop's door, nearly always with somebody in
// it, as a network camera sends it.
const (
	benchRate   = 6 // frames a second of one camera
	benchLength = 16 * time.Second
	benchWidth  = 640
	benchHeight = 360
)

// bench measures what a frame costs, in processor time: others may be busy on
// the same machine.
func bench(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("aisle-vision bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	models := flags.String("models", "../shared/models", "folder of the better models; what is not there is left out")
	seconds := flags.Int("seconds", 10, "how long to look, with each method")
	if err := flags.Parse(args); err != nil {
		return err
	}
	pipelines, notes, err := evalPipelines(*models)
	if err != nil {
		return err
	}
	frames, err := benchFrames()
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "cameras: %d by %d pixels, JPEG, somebody in %d of %d frames\n", benchWidth, benchHeight, frames.busy, len(frames.jpegs))
	for _, line := range pipelines {
		if err := benchLine(line, frames, time.Duration(*seconds)*time.Second, stdout); err != nil {
			return fmt.Errorf("%s: %w", line.Name, err)
		}
	}
	for _, n := range notes {
		fmt.Fprintln(stdout, "cameras:", n)
	}
	return nil
}

type benchClip struct {
	jpegs [][]byte
	busy  int
}

func benchFrames() (benchClip, error) {
	scene := drawn.NewScene(benchWidth, benchHeight)
	var walks []drawn.Walk
	for i, person := range []int{0, 9, 3, 5} {
		walks = append(walks, drawn.Walk{Person: drawn.NewPerson(person), Start: time.Duration(i) * 3500 * time.Millisecond, Duration: 5 * time.Second})
	}
	var c benchClip
	for at := time.Duration(0); at < benchLength; at += time.Second / benchRate {
		jpeg, err := drawn.JPEG(scene.Frame(at, walks))
		if err != nil {
			return c, err
		}
		c.jpegs = append(c.jpegs, jpeg)
		if len(scene.Heads(at, walks)) > 0 {
			c.busy++
		}
	}
	return c, nil
}

// benchLine looks at the frames again and again, each time as others' visits.
func benchLine(line evalfaces.Pipeline, clip benchClip, atLeast time.Duration, out io.Writer) error {
	e := &engine{detector: line.Detector, describer: line.Describer, limits: line.Limits}
	people, err := benchPeople(e)
	if err != nil {
		return err
	}
	gallery := vision.NewGallery(line.Describer, line.Limits, people)
	watcher := vision.NewWatcher(vision.Place{Camera: "bench"}, "1", line.Detector, line.Describer, vision.DefaultGate, vision.DefaultGate.MinSidePx)
	visit := time.Unix(0, 0)
	var took []float64 // milliseconds of one frame
	look := func() error {
		for i, jpeg := range clip.jpegs {
			began := time.Now()
			f, err := e.decode(jpeg, visit.Add(time.Duration(i)*time.Second/benchRate))
			if err != nil {
				return err
			}
			if _, err := watcher.See(f, gallery); err != nil {
				return err
			}
			took = append(took, time.Since(began).Seconds()*1000)
		}
		visit = visit.Add(time.Hour)
		return nil
	}
	if err := look(); err != nil { // warms up
		return err
	}
	took = nil
	before := 0 // frames by half time
	var samples bytes.Buffer
	memory, cpu, began := resident(), processorTime(), time.Now()
	if err := pprof.StartCPUProfile(&samples); err != nil {
		return err
	}
	for time.Since(began) < atLeast && err == nil {
		if time.Since(began) < atLeast/2 {
			memory, before = resident(), len(took)
		}
		err = look()
	}
	pprof.StopCPUProfile()
	if err != nil {
		return err
	}
	cpu = processorTime() - cpu
	inside, err := insideOpenCV(&samples)
	if err != nil {
		return err
	}
	grown := resident() - memory
	n := float64(len(took))
	slices.Sort(took)
	each := cpu.Seconds() * 1000 / n
	fmt.Fprintf(out, "cameras, %s: %.1f ms of a core a frame, %.1f cameras of %d frames/s on one core; waited for p50 %.1f ms, p95 %.1f ms; %.0f %% of the time inside OpenCV; memory %d MB, %+d kB in the latter %d of %d frames\n",
		line.Name, each, 1000/each/benchRate, benchRate, took[len(took)/2], took[len(took)*95/100], 100*inside, resident()>>10, grown, len(took)-before, len(took))
	return nil
}

// benchPeople enrols three drawn people; the fourth who walks is a stranger.
func benchPeople(e *engine) (map[offers.ShopperID][]vision.Vector, error) {
	people := map[offers.ShopperID][]vision.Vector{}
	for _, person := range []int{0, 3, 5} {
		for _, img := range drawn.Portraits(person, 3) {
			jpeg, err := drawn.JPEG(img)
			if err != nil {
				return nil, err
			}
			f, err := e.decode(jpeg, time.Time{})
			if err != nil {
				return nil, err
			}
			faces, err := e.detector.Detect(f, 64)
			if err != nil || len(faces) == 0 {
				return nil, fmt.Errorf("%w: no face in a portrait: %w", offers.ErrInvalid, err)
			}
			v, err := e.describer.Describe(f, faces[0])
			if err != nil {
				return nil, err
			}
			id := offers.ShopperID(strconv.Itoa(person))
			people[id] = append(people[id], v)
		}
	}
	return people, nil
}

// insideOpenCV is the share of samples that were taken in C++: below a call of
// it, or in a thread of its own.
func insideOpenCV(samples io.Reader) (float64, error) {
	p, err := profile.Parse(samples)
	if err != nil {
		return 0, err
	}
	var inside, all int64
	for _, s := range p.Sample {
		all += s.Value[0]
		if slices.ContainsFunc(s.Location, func(l *profile.Location) bool {
			return slices.ContainsFunc(l.Line, func(l profile.Line) bool {
				return l.Function != nil && (l.Function.Name == "runtime.cgocall" || l.Function.Name == "runtime._ExternalCode")
			})
		}) {
			inside += s.Value[0]
		}
	}
	if all == 0 {
		return 0, fmt.Errorf("%w: no samples", offers.ErrUnavailable)
	}
	return float64(inside) / float64(all), nil
}

// processorTime is what this process has used of all cores.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// resident is this process's memory, in kB.
func resident() int {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(b))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.Atoi(fields[1])
	return pages * os.Getpagesize() >> 10
}
