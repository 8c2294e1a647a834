// Package evallogs measures how well unknown logs, dates and tables are read:
// by logs whose true templates are known, dates whose instants are, and tables
// whose cells are.
//
// The measure for templates is the field's: grouping accuracy, the share of
// the lines whose group holds exactly the lines of their true template (Zhu et
// al., "Tools and Benchmarks for Automated Log Parsing", 2019).
package evallogs

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"aisle/offers"
	"aisle/services/formats/discover"
	"aisle/services/formats/weblog"
)

// Published mean grouping accuracies of two methods on all of loghub's systems,
// both with expressions and thresholds made for each system.
const (
	Drain = .865
	Brain = .983
)

// Report is what was measured.
type Report struct {
	Systems []System
	Dates   Count
	Tables  Count
	Access  Count // lines of the access log
	Failed  []string
}

// System is one log with known templates.
type System struct {
	Name     string
	Lines    int
	True     int     // templates
	Found    int     // templates
	Accuracy float64 // grouping accuracy of the messages
	Raw      float64 // and of the whole lines, with the header discovered; -1 where they are not there
	PerSec   float64 // lines a second
}

// Count is how many of some were right.
type Count struct{ Right, Of int }

// Mean is the mean grouping accuracy over all systems.
func (r Report) Mean() float64 {
	if len(r.Systems) == 0 {
		return 0
	}
	sum := 0.0
	for _, s := range r.Systems {
		sum += s.Accuracy
	}
	return sum / float64(len(r.Systems))
}

// RawMean is that from whole lines.
func (r Report) RawMean() float64 {
	sum, n := 0.0, 0
	for _, s := range r.Systems {
		if s.Raw >= 0 {
			sum += s.Raw
			n++
		}
	}
	return sum / float64(max(1, n))
}

func (r Report) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "system\tlines\ttrue\tfound\taccuracy\tfrom whole lines\tlines/s\t")
	for _, s := range r.Systems {
		raw := "-"
		if s.Raw >= 0 {
			raw = fmt.Sprintf("%.3f", s.Raw)
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%.3f\t%s\t%.0f\t\n", s.Name, s.Lines, s.True, s.Found, s.Accuracy, raw, s.PerSec)
	}
	fmt.Fprintf(w, "mean\t\t\t\t%.3f\t%.3f\t\t\n", r.Mean(), r.RawMean())
	w.Flush()
	fmt.Fprintf(&b, "published means, tuned by system: Drain %.3f, Brain %.3f\n", Drain, Brain)
	fmt.Fprintf(&b, "dates %d/%d, tables %d/%d, access lines %d/%d\n",
		r.Dates.Right, r.Dates.Of, r.Tables.Right, r.Tables.Of, r.Access.Right, r.Access.Of)
	for _, f := range r.Failed {
		fmt.Fprintln(&b, "wrong:", f)
	}
	return b.String()
}

// maxFailed is how many failures a Report tells.
const maxFailed = 20

func (r *Report) fail(format string, args ...any) {
	if len(r.Failed) < maxFailed {
		r.Failed = append(r.Failed, fmt.Sprintf(format, args...))
	}
}

// Evaluate measures what lies in logs/ of a folder of data: loghub, dateparse,
// csv-spectrum and apache, as far as they are there. clock times it.
func Evaluate(data fs.FS, clock func() time.Time) (Report, error) {
	var r Report
	for _, part := range []func(fs.FS, func() time.Time) error{r.systems, r.dates, r.tables, r.access} {
		if err := part(data, clock); err != nil {
			return r, err
		}
	}
	if len(r.Systems) == 0 && r.Dates.Of == 0 && r.Tables.Of == 0 && r.Access.Of == 0 {
		return r, fmt.Errorf("evaluate logs: %w: there is none in logs/", offers.ErrNotFound)
	}
	return r, nil
}

func (r *Report) systems(data fs.FS, clock func() time.Time) error {
	files, err := fs.Glob(data, "logs/loghub/*/*_structured.csv")
	if err != nil {
		return err
	}
	for _, file := range files {
		s, err := system(data, file, clock)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		r.Systems = append(r.Systems, s)
	}
	return nil
}

func system(data fs.FS, file string, clock func() time.Time) (System, error) {
	raw, err := fs.ReadFile(data, file)
	if err != nil {
		return System{}, err
	}
	r := csv.NewReader(bytes.NewReader(raw))
	r.LazyQuotes = true
	rows, err := r.ReadAll()
	if err != nil {
		return System{}, fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	if len(rows) < 2 {
		return System{}, fmt.Errorf("%w: no lines", offers.ErrInvalid)
	}
	content, event := slices.Index(rows[0], "Content"), slices.Index(rows[0], "EventId")
	if content < 0 || event < 0 {
		return System{}, fmt.Errorf("%w: no Content or no EventId", offers.ErrInvalid)
	}
	var messages, truth []string
	for _, row := range rows[1:] {
		messages, truth = append(messages, row[content]), append(truth, row[event])
	}
	start := clock()
	groups := Group(messages)
	took := clock().Sub(start)
	s := System{Name: path.Base(path.Dir(file)), Lines: len(messages), True: distinct(truth), Found: distinct(groups), Accuracy: Accuracy(groups, truth), Raw: -1}
	if took > 0 {
		s.PerSec = float64(len(messages)) / took.Seconds()
	}
	if whole, err := fs.ReadFile(data, strings.TrimSuffix(file, "_structured.csv")); err == nil {
		lines := strings.Split(strings.TrimRight(strings.ReplaceAll(string(whole), "\r\n", "\n"), "\n"), "\n")
		if len(lines) == len(truth) {
			h := discover.NewHeader(lines)
			for i, line := range lines {
				_, lines[i], _ = h.Cut(line)
			}
			s.Raw = Accuracy(Group(lines), truth)
		}
	}
	return s, nil
}

// Group finds the group of each message, all of them known.
func Group(messages []string) []int {
	m := discover.NewMiner(0)
	ids := make([]int, len(messages))
	for i, msg := range messages {
		ids[i] = m.Add(msg)
	}
	m.Settle()
	for i, id := range ids {
		ids[i] = m.Group(id)
	}
	return ids
}

// Accuracy is the grouping accuracy: the share of the items whose group holds
// the same items as their true one.
func Accuracy[G, T comparable](groups []G, truth []T) float64 {
	size, trueSize := map[G]int{}, map[T]int{}
	both := map[struct {
		g G
		t T
	}]int{}
	for i := range groups {
		size[groups[i]]++
		trueSize[truth[i]]++
		both[struct {
			g G
			t T
		}{groups[i], truth[i]}]++
	}
	right := 0
	for k, n := range both {
		if n == size[k.g] && n == trueSize[k.t] {
			right += n
		}
	}
	return float64(right) / float64(max(1, len(groups)))
}

func distinct[T comparable](all []T) int {
	seen := map[T]bool{}
	for _, x := range all {
		seen[x] = true
	}
	return len(seen)
}

// dates: a row expects an instant in UTC; or a layout; or, by its error, that
// the date is refused; or, empty, that it is refused as one that may be read in
// two ways or in none.
func (r *Report) dates(data fs.FS, _ func() time.Time) error {
	raw, err := fs.ReadFile(data, "logs/dateparse/cases.tsv")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	for i, line := range strings.Split(strings.TrimRight(string(raw), "\r\n"), "\n") {
		cells := append(strings.Split(strings.TrimRight(line, "\r"), "\t"), "", "", "")
		if i == 0 {
			continue
		}
		r.Dates.Of++
		if got, ok := date(cells[0], cells[1], cells[2], cells[3] == "true"); ok {
			r.Dates.Right++
		} else {
			r.fail("date %q: %s, want %s", cells[0], got, cells[1])
		}
	}
	return nil
}

func date(in, want, zone string, refused bool) (got string, ok bool) {
	switch {
	case refused:
		t, err := discover.ParseTime(in, nil)
		return t.String(), err != nil
	case want == "":
		t, err := discover.ParseStrict(in, nil)
		return t.String(), err != nil
	case !strings.HasSuffix(want, " UTC"):
		layout, err := discover.FormatOf(in)
		return layout, err == nil && layout == want
	}
	var loc *time.Location
	if zone != "" {
		var err error
		if loc, err = time.LoadLocation(zone); err != nil {
			return err.Error(), false
		}
	}
	t, err := discover.ParseTime(in, loc)
	if err != nil {
		return err.Error(), false
	}
	return t.UTC().String(), t.UTC().String() == want
}

func (r *Report) tables(data fs.FS, _ func() time.Time) error {
	files, err := fs.Glob(data, "logs/csv-spectrum/csvs/*.csv")
	if err != nil {
		return err
	}
	for _, file := range files {
		raw, err := fs.ReadFile(data, file)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(path.Base(file), ".csv")
		expected, err := fs.ReadFile(data, "logs/csv-spectrum/json/"+name+".json")
		if err != nil {
			return err
		}
		var want []map[string]string
		if err := json.Unmarshal(expected, &want); err != nil {
			return fmt.Errorf("%s.json: %w: %w", name, offers.ErrInvalid, err)
		}
		r.Tables.Of++
		got, err := table(raw)
		if err == nil && reflect.DeepEqual(got, want) {
			r.Tables.Right++
		} else {
			r.fail("table %s: %v (%v), want %v", name, got, err, want)
		}
	}
	return nil
}

// table reads a table with nothing said about it.
func table(raw []byte) ([]map[string]string, error) {
	d, ok := discover.NewDialect(raw)
	if !ok || !d.Header {
		return nil, fmt.Errorf("%w: taken for %+v", offers.ErrInvalid, d)
	}
	var rows []map[string]string
	var head []string
	for r := discover.NewReader(bytes.NewReader(raw), d, 0, 0); ; {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return rows, err
		}
		if head == nil {
			head = rec.Fields
			continue
		}
		row := map[string]string{}
		for i, name := range head[:min(len(head), len(rec.Fields))] {
			row[name] = rec.Fields[i]
		}
		rows = append(rows, row)
	}
}

func (r *Report) access(data fs.FS, _ func() time.Time) error {
	f, err := data.Open("logs/apache/access.log")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer f.Close()
	reasons := map[string]int{}
	for lines := discover.NewLines(f, weblog.MaxLine, 0); ; {
		rec, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			_, err = weblog.Parse(rec.Raw)
		}
		r.Access.Of++
		if err != nil {
			reasons[err.Error()]++
			continue
		}
		r.Access.Right++
	}
	for _, why := range slices.Sorted(maps.Keys(reasons)) {
		r.fail("%d access lines: %s", reasons[why], why)
	}
	return nil
}
