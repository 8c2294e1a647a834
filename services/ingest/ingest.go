// Package ingest reads the files in which other programs have written down what
// shoppers did, and brings them to the shop's front door: the logs of web
// servers, tables that tills and mailing systems export, events from elsewhere.
// It reads them once, or follows them as they grow.
//
// Its rules: it goes through the same door as everybody. Every line becomes an
// event, or is left out for a reason that is counted, or lies in quarantine.
// Killed at any point and started again, it goes on where it was, and nothing is
// told twice: it notes its progress after the door has said yes, and the door
// knows what it has taken. Addresses of visitors are cut before they leave this
// process. Whatever a file holds, a bounded part of it is in memory.
package ingest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"aisle/offers"
	"aisle/services/formats/bots"
	"aisle/services/formats/feed"
)

// Config says what is read, how, and where it goes.
type Config struct {
	To        string     // the collector's address; default http://127.0.0.1:8080
	Key       string     // write key of a source
	Feed      string     // a feed of the house's own, which has its plan; empty: by Plan
	Plan      *feed.Plan // how to read the files; nil: what is proposed for each
	Ask       Ask        // for what a proposal cannot know
	Follow    bool       // wait at the end for more, and for the file that takes its name
	Rate      float64    // records a second at most; 0 is as fast as the door takes them
	Batch     int        // records in a request at most; default 500
	State     string     // the file of the progress; empty: none is kept
	FromStart bool       // what was read is read again
	DryRun    bool       // say what would be sent
	SavePlan  string     // write the plan to this file

	Out      io.Writer     // what people are told; default nobody
	Terminal bool          // Out is one
	Stdin    io.Reader     // default os.Stdin
	Client   *http.Client  // default one of its own
	Poll     time.Duration // how often a followed file is looked at; default 250ms
	Grace    time.Duration // how long a renamed file may still be written to; default 2s
}

// Ask is what somebody says about files beside what is in them.
type Ask struct {
	Format     string        // one of feed.Formats, csv, tsv or parquet; empty: what it looks like
	Event      string        // what records tell that do not say it themselves
	Shop       offers.ShopID // where it happened
	Zone       string        // IANA zone of times that tell none
	User       string        // the field that tells a shopper's customer id
	Cookie     string        // or another id of a device
	KeepAssets bool
	Nameless   bool
}

// Report is what became of everything.
type Report struct {
	Counts
	Files   int // that were read
	Bytes   int64
	Took    time.Duration
	Unread  []error // files that could not be read, or not to their end
	Stopped bool    // somebody ended it
}

const (
	defaultBatch = 500
	maxBody      = 400 << 10 // bytes of a request, unpacked, before it is sent
	maxSkipped   = 20_000    // lines that need no request before progress is noted
)

func (c Config) withDefaults() Config {
	c.To = strings.TrimRight(cmp.Or(c.To, "http://127.0.0.1:8080"), "/")
	c.Batch = min(cmp.Or(c.Batch, defaultBatch), feed.MaxRecords)
	c.Poll = cmp.Or(c.Poll, 250*time.Millisecond)
	c.Grace = cmp.Or(c.Grace, 2*time.Second)
	if c.Out == nil {
		c.Out = io.Discard
	}
	if c.Stdin == nil {
		c.Stdin = os.Stdin
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: requestWithin}
	}
	return c
}

func (c Config) check(paths []string) error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{offers.ErrInvalid}, args...)...)
	}
	switch {
	case len(paths) == 0:
		return wrong("name the files to read, or - for the standard input")
	case !strings.HasPrefix(c.To, "http://") && !strings.HasPrefix(c.To, "https://"):
		return wrong("-to %q: want the address of the house, such as https://aisle.example.com", c.To)
	case c.Key == "" && !c.DryRun:
		return fmt.Errorf("%w: a write key is missing: make a source in the console under Sources and give its key by -key or AISLE_WRITE_KEY (-dry-run needs none)", offers.ErrDenied)
	case c.Batch < 1:
		return wrong("-batch %d: want 1 to %d records", c.Batch, feed.MaxRecords)
	case c.Rate < 0:
		return wrong("-rate %v: want records a second", c.Rate)
	case c.Follow && c.DryRun:
		return wrong("-dry-run does not follow")
	case c.Plan != nil && c.Feed != "":
		return wrong("the house has the plan of feed:%s; leave -parser out", c.Feed)
	}
	seen := map[string]bool{}
	for _, p := range paths {
		if seen[p] {
			return wrong("%s is named twice", p)
		}
		seen[p] = true
	}
	if c.Plan != nil {
		return c.Plan.Check()
	}
	return nil
}

// run is one call of Run.
type run struct {
	Config
	bots     *bots.Detector
	limit    *rate.Limiter
	progress *progress
	meter    *meter
	door     *door
}

// Run reads the files and ends, or follows them until ctx ends. The report is
// right also beside an error.
func Run(ctx context.Context, c Config, paths []string) (*Report, error) {
	began := time.Now()
	c = c.withDefaults()
	if err := c.check(paths); err != nil {
		return &Report{}, err
	}
	r := &run{Config: c, bots: bots.New(0), meter: newMeter(c.Out, c.Terminal)}
	r.door = &door{client: c.Client, to: c.To, key: c.Key, patient: c.Follow, tell: r.meter.say}
	if c.Feed != "" {
		var err error
		if r.Plan, err = r.door.plan(ctx, c.Feed); err != nil {
			return &Report{}, err
		}
	}
	if c.DryRun {
		return &Report{}, r.dryRun(paths)
	}
	if c.Rate > 0 {
		r.limit = rate.NewLimiter(rate.Limit(c.Rate), max(1, min(c.Batch, int(c.Rate))))
	}
	var err error
	if r.progress, err = openProgress(c.State); err != nil {
		return &Report{}, err
	}
	stop := r.meter.start()
	if c.Follow {
		g, gctx := errgroup.WithContext(ctx)
		for _, path := range paths {
			g.Go(func() error { return r.follow(gctx, path) })
		}
		err = g.Wait()
	} else {
		r.meter.expect(paths)
		for _, path := range paths {
			if err = r.once(ctx, path); err != nil {
				break
			}
		}
	}
	stop()
	if e := r.progress.close(); err == nil {
		err = e
	}
	report := r.meter.report()
	report.Took = time.Since(began)
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		report.Stopped, err = true, nil
	}
	r.meter.summary(report)
	switch {
	case err != nil:
	case len(report.Unread) > 0:
		err = errors.Join(report.Unread...)
	case report.Lines > 0 && report.Accepted+report.Repeated+total(report.Skipped) == 0:
		err = fmt.Errorf("%w: all %s lines lie in quarantine; -dry-run says why, -format or -parser how else to read them", offers.ErrInvalid, count(report.Lines))
	}
	return report, err
}

// once reads one file from where it was left to its end. Its error ends
// everything; a file that cannot be read does not.
func (r *run) once(ctx context.Context, path string) error {
	f, err := r.open(path)
	if err != nil {
		r.meter.unread(path, err)
		return nil
	}
	defer f.Close()
	return r.file(ctx, f, nil)
}

func (r *run) open(path string) (*file, error) {
	if path == Stdin {
		return openStdin(r.Stdin)
	}
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return openFile(path)
}

// follow reads a file and those that take its name after it.
func (r *run) follow(ctx context.Context, path string) error {
	if path == Stdin {
		return r.once(ctx, path)
	}
	missing := false
	for ctx.Err() == nil {
		// Before each file those that had its name since the last one.
		if err := r.catchUp(ctx, path); err != nil {
			return err
		}
		f, err := r.open(path)
		for err == nil && len(f.head) == 0 && f.stdin == nil || errors.Is(err, offers.ErrNotFound) {
			if err == nil { // it is made, and nobody knows yet what will be in it
				f.Close()
			}
			if !missing {
				missing = true
				r.meter.say("%s is not there, or empty; waiting for it", path)
			}
			if !sleep(ctx, r.Poll) {
				return ctx.Err()
			}
			if f, err = r.open(path); err == nil && len(f.head) > 0 {
				f.Close()
				if err = r.catchUp(ctx, path); err == nil {
					f, err = r.open(path)
				}
			}
		}
		if err != nil {
			return err
		}
		missing = false
		if f.packing != "" || f.stdin != nil {
			r.meter.say("%s is packed or a pipe; it is read once", path)
			err := r.file(ctx, f, nil)
			f.Close()
			return err
		}
		err = r.file(ctx, f, &tail{ctx: ctx, file: f, poll: r.Poll, grace: r.Grace})
		f.Close()
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// catchUp reads what is left of the file that had the name when it was read
// last, and those that came between that one and the present: a log is renamed,
// or copied and cut, while nobody looks.
func (r *run) catchUp(ctx context.Context, path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil
	}
	if !r.progress.knows(abs, r.To, r.feedName()) {
		return nil // nothing of it was read: older logs are nobody's wish
	}
	found := false
	for _, old := range olds(abs) {
		f, err := openFile(old)
		if err != nil {
			continue
		}
		e, err := r.progress.find(f, r.To, r.feedName())
		known := err == nil && e.Sent+e.Offset > 0
		if known {
			found = true
		}
		if found && err == nil {
			f.path = old
			err = r.file(ctx, f, nil)
		}
		f.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// feedName tells doors apart in the progress: how a file is read may be found
// again at each start, and is no part of it.
func (r *run) feedName() string { return cmp.Or(r.Feed, "plan") }

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// load is what goes to the door at once, and the progress when it has arrived.
type load struct {
	batch   feed.Batch
	skipped map[string]int64
	lines   int64
	after   Entry // without what the door will say
}

// file reads one file, from where it was left. With a tail it waits for more.
func (r *run) file(ctx context.Context, f *file, t *tail) error {
	entry, err := r.progress.find(f, r.To, r.feedName())
	if err != nil {
		r.meter.unread(f.path, err)
		return nil
	}
	if len(f.head) == 0 {
		r.meter.begun(&entry)
		return nil
	}
	anew := r.FromStart && !r.meter.has(entry.ID)
	if anew {
		entry.Plan = nil
		entry.Offset, entry.Open, entry.Sent, entry.Line, entry.Counts = 0, 0, 0, 0, Counts{}
	}
	plan, err := r.planOf(f, &entry)
	if err != nil {
		r.meter.unread(f.path, err)
		if t != nil {
			return err // it would be no better the next time
		}
		return nil
	}
	decoder, err := feed.NewDecoder(plan, r.bots, nil)
	if err != nil {
		return err
	}
	// The file's name in its events is known before the first of them leaves.
	if err := r.progress.put(entry, true); err != nil {
		return err
	}
	r.meter.begun(&entry)
	r.meter.opened(f, entry.Offset)
	loads := make(chan *load, 2)
	g, gctx := errgroup.WithContext(ctx)
	var broken *unreadable // what came before it is still to be sent
	g.Go(func() error {
		defer close(loads)
		rd := &reading{run: r, file: f, tail: t, plan: plan, decoder: decoder, entry: entry, anew: anew, out: loads, ctx: gctx}
		if err := rd.read(); !errors.As(err, &broken) {
			return err
		}
		return nil
	})
	g.Go(func() error { return r.send(gctx, f, plan, &entry, loads) })
	if err := g.Wait(); err != nil {
		return err
	}
	if broken != nil {
		r.meter.unread(f.path, broken.cause)
	}
	return nil
}

// unreadable is an error of the file, not of the way to the door.
type unreadable struct{ cause error }

func (u *unreadable) Error() string { return u.cause.Error() }
func (u *unreadable) Unwrap() error { return u.cause }

// reading makes loads of a file's records.
type reading struct {
	*run
	ctx     context.Context // of the goroutine that reads
	file    *file
	tail    *tail
	plan    *feed.Plan
	decoder *feed.Decoder
	entry   Entry
	anew    bool
	out     chan<- *load

	now  *load
	size int   // bytes of the records in now
	next int64 // from where to read on after the records in now
	sent int64 // up to where loads with records have gone
	line int64 // lines before next
	open int64 // bytes after next that went as a line without an end

	titles []string // of a table, if they are not the plan's
}

func (rd *reading) read() error {
	rd.now, rd.next, rd.sent, rd.line = &load{}, rd.entry.Offset, rd.entry.Sent, rd.entry.Line
	if rd.tail != nil {
		rd.tail.idle = func() error { return rd.flush(false) }
		rd.tail.at = rd.entry.Offset
	}
	if err := rd.head(); err != nil {
		return &unreadable{err}
	}
	source, err := rd.source()
	if err != nil {
		return &unreadable{err}
	}
	defer source.Close()
	long := false
	for {
		r, next, err := source.Next()
		switch {
		case rd.tail != nil && rd.tail.stopped:
			return rd.flush(false) // what has no end yet will be read next time
		case errors.Is(err, io.EOF):
			if long { // where the last record ends is known only now
				rd.next, rd.line = source.End(), rd.line+1
			}
			return rd.flush(long)
		case err != nil:
			if e := rd.flush(false); e != nil {
				return e
			}
			return &unreadable{fmt.Errorf("%w: after line %d: %w", offers.ErrInvalid, rd.line, err)}
		}
		long = r.Size > 0
		r.Line += rd.entry.Line
		if err := rd.add(source, r, next); err != nil {
			return err
		}
	}
}

// head finds the titles of a table that is read on from its middle.
func (rd *reading) head() error {
	if rd.entry.Offset == 0 || rd.file.stdin != nil {
		return nil
	}
	in, err := rd.file.from(0)
	if err != nil {
		return err
	}
	defer in.Close()
	if first, _, err := rd.plan.Split(in, 0).Next(); err == nil && rd.plan.Heads(&first) {
		rd.titles = rd.plan.Titles(first.Text)
	}
	return nil
}

// add puts a record with the others.
func (rd *reading) add(source source, r feed.Record, next int64) error {
	lines := int64(1 + bytes.Count(r.Text, []byte("\n")))
	if rd.plan.Heads(&r) {
		rd.titles = rd.plan.Titles(r.Text)
	}
	half := rd.tail == nil && rd.file.stdin == nil && source.Half(next)
	if half {
		// The last line has no end: it may be half of one. It is sent, and read
		// again if it has grown the next time.
		if r.At == rd.entry.Offset && next-r.At == rd.entry.Open {
			return nil // it has not
		}
		rd.open, next, lines = next-r.At, r.At, 0
	}
	rd.now.lines++
	rd.next, rd.line = next, r.Line-1+lines
	if r.Size > 0 {
		rd.line--
	}
	switch skip := rd.skips(&r); {
	case skip != "":
		if rd.now.skipped == nil {
			rd.now.skipped = map[string]int64{}
		}
		rd.now.skipped[string(skip)]++
	default:
		r.Text = feed.Anonymise(bytes.Clone(r.Text))
		rd.now.batch.Records = append(rd.now.batch.Records, r)
		rd.size += len(r.Text) + 60
	}
	if half || len(rd.now.batch.Records) >= rd.Batch || rd.size >= maxBody || rd.now.lines >= maxSkipped {
		return rd.flush(false)
	}
	return nil
}

// skips tells what need not go to the door, which would leave it out as well.
func (rd *reading) skips(r *feed.Record) feed.Skip {
	switch {
	case r.Size > 0:
		return ""
	case len(bytes.TrimSpace(r.Text)) == 0:
		return feed.SkipEmpty
	case rd.plan.Format == feed.Access:
		return rd.decoder.Read(&feed.Head{}, r).Skip
	}
	return ""
}

// flush sends what there is on its way. With force the place is noted, even if
// there is nothing.
func (rd *reading) flush(force bool) error {
	l := rd.now
	if l.lines == 0 && !force {
		return rd.ctx.Err()
	}
	l.batch.Head = feed.Head{File: rd.entry.ID, Name: filepath.Base(rd.file.path), From: rd.sent, To: rd.next, Anew: rd.anew, Titles: rd.titles}
	if rd.Feed == "" {
		l.batch.Plan = rd.plan
	}
	if len(l.batch.Records) > 0 {
		rd.sent, rd.anew = rd.next, false
	}
	l.after = rd.entry
	l.after.Offset, l.after.Line, l.after.Open, l.after.Sent = rd.next, rd.line, rd.open, rd.sent
	l.after.Tail, l.after.TailSum = rd.fingerprint(rd.next)
	select {
	case rd.out <- l:
	case <-rd.ctx.Done():
		return rd.ctx.Err()
	}
	rd.now, rd.size, rd.open = &load{}, 0, 0
	return nil
}

// fingerprint is the hash of what lies before a place, where that can be read
// at no great cost.
func (rd *reading) fingerprint(offset int64) (int, string) {
	if rd.file.stdin != nil || rd.file.packing != "" || offset == 0 {
		return 0, ""
	}
	b := make([]byte, min(offset, tailSize))
	if _, err := rd.file.handle.ReadAt(b, offset-int64(len(b))); err != nil {
		return 0, ""
	}
	return len(b), hashOf(b)
}

// send brings loads to the door, one after the other, and notes the progress.
func (r *run) send(ctx context.Context, f *file, plan *feed.Plan, entry *Entry, loads <-chan *load) error {
	counts := entry.Counts
	for l := range loads {
		c := Counts{Lines: l.lines, Skipped: l.skipped}
		if n := len(l.batch.Records); n > 0 {
			if r.limit != nil {
				for left := n; left > 0; {
					take := min(left, r.limit.Burst())
					if err := r.limit.WaitN(ctx, take); err != nil {
						return err
					}
					left -= take
				}
			}
			answer, err := r.door.post(ctx, r.pathOf(plan), &l.batch)
			if err != nil {
				return fmt.Errorf("%s: line %d: %w", f.path, l.batch.Records[0].Line, err)
			}
			c.add(answer)
		}
		counts.add(c)
		l.after.Counts = counts
		if err := r.progress.put(l.after, false); err != nil {
			return err
		}
		r.meter.add(c)
	}
	return nil
}

// pathOf is the door's path.
func (r *run) pathOf(p *feed.Plan) string { return "/v1/feeds/" + cmp.Or(r.Feed, p.Format) }
