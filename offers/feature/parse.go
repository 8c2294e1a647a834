package feature

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"aisle/offers"
)

// words is a YAML value that may be one word or a list of them.
type words []string

// UnmarshalYAML takes either form.
func (w *words) UnmarshalYAML(b []byte) error {
	var one string
	if err := yaml.Unmarshal(b, &one); err == nil {
		*w = words{one}
		return nil
	}
	var many []string
	if err := yaml.Unmarshal(b, &many); err != nil {
		return err
	}
	*w = many
	return nil
}

type entry struct {
	Doc       string         `yaml:"doc"`
	Event     words          `yaml:"event"`
	Per       words          `yaml:"per"`
	Where     string         `yaml:"where"`
	Aggregate Aggregate      `yaml:"aggregate"`
	Of        string         `yaml:"of"`
	By        string         `yaml:"by"`
	Most      int            `yaml:"most"`
	Prior     float64        `yaml:"prior"`
	Weight    float64        `yaml:"weight"`
	Window    time.Duration  `yaml:"window"`
	Bucket    time.Duration  `yaml:"bucket"`
	Calendar  Calendar       `yaml:"calendar"`
	Ago       int            `yaml:"ago"`
	Zone      string         `yaml:"zone"`
	Gap       time.Duration  `yaml:"gap"`
	Age       time.Duration  `yaml:"age"`
	MaxCells  int            `yaml:"max_cells"`
	Consent   offers.Purpose `yaml:"consent"`
}

// What a feature may be told apart by, and what may be summed.
var (
	textFields   = []string{"category", "query", "zone", "product", "offer", "shop", "title"}
	numberFields = []string{"value", "dwell", "quantity"}
)

const (
	defaultCells  = 100
	mostCells     = 1000
	mostFeatures  = 300
	mostWords     = 20      // of top
	mostAgo       = 31      // stretches of a calendar
	mostBytes     = 1 << 20 // of a file
	mostSynonyms  = 10_000
	longestWindow = 10 * 366 * 24 * time.Hour
)

// Parse reads declarations. Unknown keys are errors. The error is of kind
// ErrInvalid, and says of each mistake in which line and feature it is.
func Parse(raw []byte) (*Set, error) { return (&Set{clock: time.UTC}).With(raw) }

// With is the set with more declarations: features of the same name take the
// place of the set's, and synonyms are added. Errors are those of Parse.
func (s *Set) With(raw []byte) (with *Set, err error) {
	defer func() {
		if r := recover(); r != nil { // goccy/go-yaml 1.19 does on some broken tags
			with, err = nil, fmt.Errorf("features: %w: the YAML cannot be read: %v", offers.ErrInvalid, r)
		}
	}()
	if len(raw) > mostBytes {
		return nil, fmt.Errorf("features: %w: the file has %d bytes, at most %d are read", offers.ErrInvalid, len(raw), mostBytes)
	}
	file, err := parser.ParseBytes(bytes.TrimPrefix(raw, []byte("\ufeff")), 0) // of some editors
	if err != nil {
		return nil, mistake(err, 0, "")
	}
	next := &Set{
		definitions: slices.Clone(s.definitions), index: maps.Clone(s.index),
		synonyms: maps.Clone(s.synonyms), longest: s.longest, clock: s.clock, clocks: s.clocks,
	}
	if next.index == nil {
		next.index, next.synonyms = map[string]int{}, map[string]string{}
	}
	var wrong []error
	seen := map[string]int{}
	for _, doc := range file.Docs {
		wrong = append(wrong, next.take(doc.Body, seen)...)
	}
	if n := len(next.definitions); n > mostFeatures {
		wrong = append(wrong, fmt.Errorf("features: %w: %d of them, at most %d", offers.ErrInvalid, n, mostFeatures))
	}
	if n := len(next.synonyms); n > mostSynonyms {
		wrong = append(wrong, fmt.Errorf("features: %w: %d synonyms, at most %d", offers.ErrInvalid, n, mostSynonyms))
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	next.listen()
	return next, nil
}

func union(a, b []offers.EventType) []offers.EventType {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// mistake is an error with its place. What the YAML's reader says has one of
// its own.
func mistake(err error, line int, name string) error {
	text := err.Error()
	if e, ok := errors.AsType[yaml.Error](err); ok {
		text = e.GetMessage()
		if t := e.GetToken(); t != nil && t.Position != nil {
			line = t.Position.Line
		}
	}
	where := "features"
	if line > 0 {
		where += fmt.Sprintf(": line %d", line)
	}
	if name != "" {
		where += fmt.Sprintf(": %q", name)
	}
	return fmt.Errorf("%s: %w: %s", where, offers.ErrInvalid, text)
}

// take reads one document into the set. Seen is in which line the file's features
// are declared so far.
func (s *Set) take(body ast.Node, seen map[string]int) (wrong []error) {
	if body == nil {
		return nil
	}
	pairs, ok := body.(ast.MapNode)
	if !ok {
		return []error{mistake(errors.New("want features: with a list of names"), 0, "")}
	}
	for it := pairs.MapRange(); it.Next(); {
		var err error
		line := lineOf(it.Key())
		switch key := it.Key().String(); key {
		case "zone":
			var zone string
			if err = yaml.NodeToValue(it.Value(), &zone); err == nil {
				s.clock, err = clock(zone)
			}
		case "synonyms":
			var synonyms map[string]words
			if err = yaml.NodeToValue(it.Value(), &synonyms); err == nil {
				s.addSynonyms(synonyms)
			}
		case "features":
			all, ok := it.Value().(ast.MapNode)
			if !ok {
				if _, none := it.Value().(*ast.NullNode); !none {
					err = errors.New("features: want a name for each")
				}
				break
			}
			for f := all.MapRange(); f.Next(); {
				wrong = append(wrong, s.declare(f, seen)...)
			}
		default:
			err = fmt.Errorf("%q is none of zone, synonyms, features", key)
		}
		if err != nil {
			wrong = append(wrong, mistake(err, line, ""))
		}
	}
	return wrong
}

func lineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

func clock(zone string) (*time.Location, error) {
	if zone == "" || zone == "Local" { // Local is where the server stands
		return nil, fmt.Errorf("zone: %q is no time zone, such as Europe/Vienna", zone)
	}
	at, err := time.LoadLocation(zone)
	if err != nil {
		return nil, fmt.Errorf("zone: %q is no time zone, such as Europe/Vienna", zone)
	}
	return at, nil
}

func (s *Set) addSynonyms(synonyms map[string]words) {
	for category, phrases := range synonyms {
		for _, p := range append(phrases, category) {
			p = normal(p)
			s.synonyms[p] = normal(category)
			s.longest = max(s.longest, len(strings.Fields(p)))
		}
	}
}

// declare adds one feature, or puts it in the place of that of the same name.
func (s *Set) declare(f *ast.MapNodeIter, seen map[string]int) []error {
	name, line := f.Key().String(), lineOf(f.Key())
	if before, twice := seen[name]; twice {
		return []error{mistake(fmt.Errorf("declared twice, first in line %d", before), line, name)}
	}
	seen[name] = line
	lines := map[string]int{}
	var wrong []error
	if keys, ok := f.Value().(ast.MapNode); ok {
		for it := keys.MapRange(); it.Next(); {
			key := it.Key().String()
			lines[key] = lineOf(it.Key())
			if text := misread(key, it.Value()); text != "" {
				wrong = append(wrong, mistake(keyError{key, text}, lines[key], name))
			}
		}
	}
	if len(wrong) > 0 {
		return wrong
	}
	var e entry
	if err := yaml.NodeToValue(f.Value(), &e, yaml.Strict()); err != nil {
		return []error{mistake(err, line, name)}
	}
	d := Definition{
		Name: name, Doc: e.Doc, Where: e.Where, Aggregate: e.Aggregate, Of: e.Of, By: e.By,
		Most: e.Most, Prior: e.Prior, Weight: e.Weight,
		Window: e.Window, Bucket: e.Bucket, Calendar: e.Calendar, Ago: e.Ago, Zone: e.Zone, Gap: e.Gap,
		Age: e.Age, MaxCells: e.MaxCells, Consent: e.Consent,
	}
	for _, t := range e.Event {
		d.Events = append(d.Events, offers.EventType(t))
	}
	for _, t := range e.Per {
		d.Per = append(d.Per, offers.EventType(t))
	}
	for _, w := range d.check() {
		at, ok := lines[w.key]
		if !ok {
			at = line
		}
		wrong = append(wrong, mistake(w, at, name))
	}
	if len(wrong) > 0 {
		return wrong
	}
	s.add(d)
	return nil
}

// misread says what is wrong with a key's value before it is read, where its
// reader would not say in which line, or would cut it; "" if nothing is.
func misread(key string, value ast.Node) string {
	text := value.String()
	switch value.(type) {
	case *ast.AliasNode, *ast.AnchorNode, *ast.MergeKeyNode:
		return "write it out: & and * are not read here"
	}
	switch key {
	case "<<":
		return "write it out: & and * are not read here"
	case "window", "bucket", "gap", "age":
		if t, ok := value.(*ast.StringNode); ok {
			text = t.Value
		}
		if _, err := time.ParseDuration(text); err != nil {
			return fmt.Sprintf("%.40s is no time, such as 90s or 336h", text)
		}
	case "most", "ago", "max_cells":
		if _, ok := value.(*ast.IntegerNode); !ok {
			return fmt.Sprintf("%.40s is no whole number", text)
		}
	case "event", "per":
		if _, ok := value.(ast.MapNode); ok {
			return "write one event, or a list of them"
		}
	}
	return ""
}

// keyError is what is wrong with one key of a feature.
type keyError struct{ key, text string }

func (w keyError) Error() string {
	if w.key == "" {
		return w.text
	}
	return w.key + ": " + w.text
}

// check says what is wrong, and fills in what may be left out.
func (d *Definition) check() (wrong []keyError) {
	no := func(key, format string, args ...any) {
		wrong = append(wrong, keyError{key, fmt.Sprintf(format, args...)})
	}
	if !isName(d.Name) {
		no("", "a name is lower_snake_case, such as searches_today")
	}
	if slices.Contains(keywords, d.Name) {
		no("", "rules have this word for something else")
	}
	if len(d.Events) == 0 || slices.Contains(d.Events, "") || slices.Contains(d.Per, "") {
		no("event", "which events count?")
	}
	d.checkAggregate(no)
	d.checkTime(no)
	if d.Where != "" {
		var err error
		if d.where, err = compileWhere(d.Where); err != nil {
			no("where", "%s", err)
		}
	}
	if d.Consent != "" && !slices.Contains(offers.Purposes, d.Consent) {
		no("consent", "%q is no purpose: one of %s", d.Consent, list(offers.Purposes))
	}
	if d.MaxCells == 0 {
		d.MaxCells = defaultCells
	}
	if d.MaxCells < 2 || d.MaxCells > mostCells {
		no("max_cells", "from 2 to %d", mostCells)
	}
	h := fnv.New32a()
	fmt.Fprintf(h, "%q %q %q %q %q %q %v %v %q %d %q %v %v %q", d.Events, d.Per, d.Where, d.Aggregate, d.Of, d.By, d.Window, d.Bucket, d.Calendar, d.Ago, d.Zone, d.Gap, d.MaxCells, d.Consent)
	d.version = h.Sum32()
	return wrong
}

// takes says which keys each aggregate has use for.
var takes = map[Aggregate]struct{ number, word, by, per, most, window, calendar, gap bool }{
	Count:    {by: true, window: true, calendar: true, gap: true},
	Sum:      {number: true, by: true, window: true, calendar: true, gap: true},
	Min:      {number: true, by: true, window: true, calendar: true, gap: true},
	Max:      {number: true, by: true, window: true, calendar: true, gap: true},
	Avg:      {number: true, by: true, window: true, calendar: true, gap: true},
	First:    {word: true, window: true, calendar: true, gap: true},
	Last:     {word: true, calendar: true, gap: true},
	Distinct: {word: true, window: true, calendar: true, gap: true},
	Top:      {word: true, most: true, window: true, calendar: true, gap: true},
	Rate:     {by: true, per: true, window: true, calendar: true, gap: true},
	Since:    {by: true},
	Sessions: {window: true, gap: true},
}

var aggregates = []Aggregate{Count, Sum, Min, Max, Avg, First, Last, Distinct, Top, Rate, Since, Sessions}

func (d *Definition) checkAggregate(no func(key, format string, args ...any)) {
	t, ok := takes[d.Aggregate]
	if !ok {
		no("aggregate", "%q is none of %s", d.Aggregate, list(aggregates))
		return
	}
	switch {
	case t.number && !slices.Contains(numberFields, d.Of):
		no("of", "%q is none of %s", d.Of, list(numberFields))
	case t.word && !slices.Contains(textFields, d.Of):
		no("of", "%q is none of %s", d.Of, list(textFields))
	case !t.number && !t.word && d.Of != "":
		no("of", "%s counts events, and takes none", d.Aggregate)
	}
	switch {
	case d.By != "" && !t.by:
		no("by", "%s is not told apart by anything", d.Aggregate)
	case d.By != "" && !slices.Contains(textFields, d.By):
		no("by", "%q is none of %s", d.By, list(textFields))
	}
	if !t.most && d.Most != 0 {
		no("most", "only top takes it")
	}
	if t.most && d.Most == 0 {
		d.Most = 1
	}
	if d.Most < 0 || d.Most > mostWords {
		no("most", "from 1 to %d", mostWords)
	}
	if t.per != (len(d.Per) > 0) {
		if t.per {
			no("per", "a rate is of one event for each of another: which?")
		} else {
			no("per", "only rate takes it")
		}
	}
	if !t.per && (d.Prior != 0 || d.Weight != 0) {
		no("prior", "only rate takes prior and weight")
	}
	if t.per && (!(d.Weight > 0) || math.IsInf(d.Weight, 0) || !(d.Prior >= 0) || math.IsInf(d.Prior, 0)) {
		no("weight", "a rate is taken to be prior as if from weight events: prior is not negative, weight is more than 0")
	}
}

func (d *Definition) checkTime(no func(key, format string, args ...any)) {
	t, ok := takes[d.Aggregate]
	if !ok {
		return
	}
	if d.Window < 0 || d.Bucket < 0 || d.Age < 0 || d.Gap < 0 || d.Ago < 0 || max(d.Window, d.Age, d.Gap) > longestWindow {
		no("window", "window, bucket, gap, age and ago are not negative, and at most ten years")
		return
	}
	for _, k := range []struct {
		key          string
		there, takes bool
	}{{"window", d.Window > 0, t.window}, {"calendar", d.Calendar != "", t.calendar}, {"gap", d.Gap > 0, t.gap}} {
		if k.there && !k.takes {
			no(k.key, "%s takes none: age says how old a value may be", d.Aggregate)
			return
		}
	}
	switch {
	case d.Aggregate == Sessions && (d.Gap == 0 || d.Window == 0):
		no("gap", "sessions end by a pause longer than gap, and are counted in a window: say both")
	case d.Aggregate == Sessions && d.Window/max(d.Gap, 1) > mostCells:
		no("gap", "at least a thousandth of the window")
	case d.Aggregate != Sessions && (d.Window > 0 && d.Calendar != "" || d.Window > 0 && d.Gap > 0 || d.Calendar != "" && d.Gap > 0):
		no("window", "one of window, calendar and gap")
	case d.Bucket > d.Window && d.Window > 0:
		no("bucket", "at most the window that it is a part of")
	case d.Gap > 0 && d.Gap < time.Second:
		no("gap", "at least a second")
	}
	if d.Calendar != "" && !slices.Contains([]Calendar{Hour, Day, Week, Month}, d.Calendar) {
		no("calendar", "%q is none of hour, day, week, month", d.Calendar)
	}
	if d.Calendar == "" && (d.Ago != 0 || d.Zone != "") {
		no("calendar", "ago and zone are of a calendar")
	}
	if d.Ago > mostAgo {
		no("ago", "at most %d", mostAgo)
	}
	if d.Zone != "" {
		var err error
		if d.clock, err = clock(d.Zone); err != nil {
			no("zone", "%q is no time zone, such as Europe/Vienna", d.Zone)
		}
	}
	if d.Window == 0 || d.Aggregate == Sessions || d.newestOfKey() {
		if d.Bucket != 0 {
			no("bucket", "there is no window that it is a part of")
		}
		return
	}
	if d.Bucket == 0 {
		d.Bucket = max(time.Minute, d.Window/100)
	}
	d.Bucket = d.Bucket.Truncate(time.Second)
	if d.Bucket < time.Second || d.Window/d.Bucket > mostCells {
		no("bucket", "at least a second and a thousandth of the window")
	}
}

func list[T ~string](names []T) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = string(n)
	}
	return strings.Join(all, ", ")
}

// keywords are the words of CEL that no name may be.
var keywords = []string{
	"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
	"namespace", "null", "package", "return", "true", "var", "void", "while",
}

func isName(s string) bool {
	for i, r := range s {
		if !(r >= 'a' && r <= 'z' || i > 0 && (r == '_' || r >= '0' && r <= '9')) {
			return false
		}
	}
	return s != ""
}

// normal is how words are compared: lower case, single spaces.
func normal(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }
