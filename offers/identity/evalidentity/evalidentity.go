// Package evalidentity measures how well records of one person are found
// again: on the FEBRL data, in which the truth is known since the mistakes were
// made by a program. Precision comes first: a message for one person must not
// reach another.
package evalidentity

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"aisle/offers"
	"aisle/offers/identity"
	"aisle/offers/identity/likeness"
)

// Schema is that of the FEBRL files.
func Schema() []likeness.Field {
	return []likeness.Field{
		{Name: "given_name", Kind: likeness.Name, Swaps: "surname"},
		{Name: "surname", Kind: likeness.Name, Swaps: "given_name"},
		{Name: "street_number", Kind: likeness.Number, Group: "street"},
		{Name: "address_1", Kind: likeness.Name, Swaps: "address_2", Group: "street"},
		{Name: "address_2", Kind: likeness.Name, Swaps: "address_1", Group: "street"},
		{Name: "suburb", Kind: likeness.Name, Group: "place"},
		{Name: "postcode", Kind: likeness.Code, Group: "place"},
		{Name: "state", Kind: likeness.Word, Group: "place"},
		{Name: "date_of_birth", Kind: likeness.Date},
		{Name: "soc_sec_id", Kind: likeness.Code},
	}
}

const (
	perRecord = 60   // candidate pairs
	wrong     = .005 // of the pairs taken, as the model itself expects: half of what is allowed
)

// Score compares pairs that were found with those that are true.
type Score struct {
	Found, True, Right int
}

// Precision is the part of what was found that is right.
func (s Score) Precision() float64 { return part(s.Right, s.Found) }

// Recall is the part of what is true that was found.
func (s Score) Recall() float64 { return part(s.Right, s.True) }

// F1 is the harmonic mean of both.
func (s Score) F1() float64 { return part(2*s.Right, s.Found+s.True) }

func part(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

// File is what came of one file, or of two that belong together.
type File struct {
	Name       string
	Records    int
	Candidates int           // pairs that were compared
	Blocked    float64       // part of the true pairs among them that was worth keeping
	Took       time.Duration // zero without a clock
	Likeness   Score
	Joined     Score // by soc_sec_id as a customer id, through the house's own rules
}

// Report is what came of all files.
type Report struct{ Files []File }

// Evaluate measures all dataset*.csv of a folder, or of its folder "identity".
// Two files that end in a and b are one set. Clock, if given, times it.
//
// Errors: ErrNotFound if there is none, ErrInvalid for one that cannot be read.
func Evaluate(fsys fs.FS, clock ...func() time.Time) (Report, error) {
	var names []string
	for _, pattern := range []string{"identity/dataset*.csv", "dataset*.csv"} {
		found, err := fs.Glob(fsys, pattern)
		if err != nil {
			return Report{}, err
		}
		if names = found; len(names) > 0 {
			break
		}
	}
	if len(names) == 0 {
		return Report{}, fmt.Errorf("identity data: %w: there is no dataset*.csv", offers.ErrNotFound)
	}
	var report Report
	sets := map[string][]string{}
	for _, name := range names {
		set := half.ReplaceAllString(strings.TrimSuffix(path.Base(name), ".csv"), "$1")
		if len(sets[set]) == 0 {
			report.Files = append(report.Files, File{Name: set})
		}
		sets[set] = append(sets[set], name)
	}
	for i := range report.Files {
		f := &report.Files[i]
		var records []likeness.Record
		var truth []string
		for _, name := range sets[f.Name] {
			some, persons, err := Read(fsys, name)
			if err != nil {
				return Report{}, err
			}
			records, truth = append(records, some...), append(truth, persons...)
		}
		var began time.Time
		if len(clock) > 0 {
			began = clock[0]()
		}
		model := likeness.Learn(Schema(), records, perRecord)
		groups := model.Groups(model.Threshold(wrong))
		if len(clock) > 0 {
			f.Took = clock[0]().Sub(began)
		}
		f.Records, f.Candidates = len(records), model.Candidates()
		found := make([]int, len(records))
		for g, members := range groups {
			for _, m := range members {
				found[m] = g
			}
		}
		f.Likeness = score(found, truth)
		within := 0
		for _, p := range model.Pairs() {
			if truth[p.A] == truth[p.B] {
				within++
			}
		}
		f.Blocked = part(within, f.Likeness.True)
		f.Joined = score(join(records), truth)
	}
	return report, nil
}

var (
	half   = regexp.MustCompile(`^(dataset\d+)[ab]$`)
	person = regexp.MustCompile(`^rec-(\d+)-(org|dup-\d+)$`)
)

// Read is one file: its records by Schema, and whose each is.
func Read(fsys fs.FS, name string) (records []likeness.Record, truth []string, err error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w: %w", name, offers.ErrNotFound, err)
	}
	defer f.Close()
	in := csv.NewReader(f)
	in.TrimLeadingSpace, in.FieldsPerRecord = true, -1
	head, err := in.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w: %w", name, offers.ErrInvalid, err)
	}
	at := map[string]int{}
	for i, column := range head {
		at[strings.TrimSpace(column)] = i
	}
	schema := Schema()
	if _, ok := at["rec_id"]; !ok {
		return nil, nil, fmt.Errorf("%s: %w: no column rec_id", name, offers.ErrInvalid)
	}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return records, truth, nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w: %w", name, offers.ErrInvalid, err)
		}
		cell := func(column string) string {
			if i, ok := at[column]; ok && i < len(row) {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		id := person.FindStringSubmatch(cell("rec_id"))
		if id == nil {
			return nil, nil, fmt.Errorf("%s: %w: rec_id %.40q is not rec-<n>-org or rec-<n>-dup-<k>", name, offers.ErrInvalid, cell("rec_id"))
		}
		r := make(likeness.Record, len(schema))
		for i, field := range schema {
			r[i] = cell(field.Name)
		}
		records, truth = append(records, r), append(truth, id[1])
	}
}

// join is the answer of the house's own rules, to which likeness is unknown: who
// has the same number is the same.
func join(records []likeness.Record) []int {
	at := slices.IndexFunc(Schema(), func(f likeness.Field) bool { return f.Name == "soc_sec_id" })
	now := time.Unix(0, 0)
	clusters := map[offers.Identifier]*identity.Cluster{}
	number := map[offers.ShopperID]int{}
	found := make([]int, len(records))
	for i, r := range records {
		found[i] = -1 - i // of nobody else
		ids := identity.Clean([]offers.Identifier{{Type: offers.CustomerID, Value: r[at]}}, "")
		plan := identity.Resolve(ids, func(id offers.Identifier) *identity.Cluster { return clusters[id] }, now)
		if plan.Shopper == "" {
			continue
		}
		if plan.New {
			number[plan.Shopper] = i
			c := &identity.Cluster{Shopper: plan.Shopper, Since: now}
			for _, id := range plan.Attach {
				c.Edges = append(c.Edges, identity.Edge{Identifier: id, Since: now})
				clusters[id] = c
			}
		}
		found[i] = number[plan.Shopper]
	}
	return found
}

// score counts pairs: found and truth say the group of each record.
func score(found []int, truth []string) Score {
	type both struct {
		found int
		truth string
	}
	groups, persons, shared := map[int]int{}, map[string]int{}, map[both]int{}
	for i := range found {
		groups[found[i]]++
		persons[truth[i]]++
		shared[both{found[i], truth[i]}]++
	}
	var s Score
	for _, n := range groups {
		s.Found += n * (n - 1) / 2
	}
	for _, n := range persons {
		s.True += n * (n - 1) / 2
	}
	for _, n := range shared {
		s.Right += n * (n - 1) / 2
	}
	return s
}

// String is the report as a table.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, "| data | records | method | true pairs | found | precision | recall | F1 | candidate pairs | true pairs among them | time |")
	fmt.Fprintln(&b, "|---|---|---|---|---|---|---|---|---|---|---|")
	for _, f := range r.Files {
		row := func(method string, s Score, rest string) {
			fmt.Fprintf(&b, "| %s | %d | %s | %d | %d | %.4f | %.4f | %.4f | %s |\n", f.Name, f.Records, method, s.True, s.Found, s.Precision(), s.Recall(), s.F1(), rest)
		}
		took := "–"
		if f.Took > 0 {
			took = f.Took.Round(time.Millisecond).String()
		}
		row("likeness", f.Likeness, fmt.Sprintf("%d | %.4f | %s", f.Candidates, f.Blocked, took))
		row("soc_sec_id as customer id", f.Joined, "– | – | –")
	}
	return b.String()
}
