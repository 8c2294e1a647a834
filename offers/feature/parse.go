package feature

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

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

type file struct {
	Synonyms map[string][]string `yaml:"synonyms"`
	Features yaml.MapSlice       `yaml:"features"`
}

type entry struct {
	Doc       string           `yaml:"doc"`
	Event     words            `yaml:"event"`
	Where     map[string]words `yaml:"where"`
	Aggregate Aggregate        `yaml:"aggregate"`
	Of        string           `yaml:"of"`
	By        string           `yaml:"by"`
	Window    time.Duration    `yaml:"window"`
	Bucket    time.Duration    `yaml:"bucket"`
	Age       time.Duration    `yaml:"age"`
	MaxGroups int              `yaml:"max_groups"`
	Consent   offers.Purpose   `yaml:"consent"`
}

// What a feature may be told apart by, and what may be summed.
var (
	textFields   = []string{"category", "query", "zone", "product", "shop", "title"}
	numberFields = []string{"value", "dwell", "quantity"}
)

const (
	defaultGroups = 16
	mostGroups    = 100
	mostFeatures  = 200
)

// Parse reads declarations. Unknown keys are errors; every error is ErrInvalid
// and says which feature.
func Parse(raw []byte) (s *Set, err error) {
	defer func() {
		if r := recover(); r != nil { // goccy/go-yaml 1.19 does on some broken tags
			s, err = nil, fmt.Errorf("features: %w: the YAML cannot be read: %v", offers.ErrInvalid, r)
		}
	}()
	var f file
	if err := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(&f); err != nil {
		return nil, fmt.Errorf("features: %w: %s", offers.ErrInvalid, yaml.FormatError(err, false, true))
	}
	s = &Set{byEvent: map[offers.EventType][]int{}, index: map[string]int{}, synonyms: map[string]string{}}
	for category, phrases := range f.Synonyms {
		for _, p := range append(phrases, category) {
			p = normal(p)
			s.synonyms[p] = normal(category)
			s.longest = max(s.longest, len(strings.Fields(p)))
		}
	}
	if len(f.Features) > mostFeatures {
		return nil, fmt.Errorf("features: %w: %d of them, at most %d", offers.ErrInvalid, len(f.Features), mostFeatures)
	}
	for _, item := range f.Features {
		name, _ := item.Key.(string)
		d, err := define(name, item.Value)
		if err != nil {
			return nil, fmt.Errorf("features: %q: %w: %w", name, offers.ErrInvalid, err)
		}
		if _, ok := s.index[name]; ok {
			return nil, fmt.Errorf("features: %q: %w: declared twice", name, offers.ErrInvalid)
		}
		s.index[name] = len(s.definitions)
		for _, t := range d.Events {
			s.byEvent[t] = append(s.byEvent[t], len(s.definitions))
		}
		s.definitions = append(s.definitions, d)
	}
	return s, nil
}

func define(name string, value any) (Definition, error) {
	raw, err := yaml.Marshal(value)
	if err != nil {
		return Definition{}, err
	}
	var e entry
	if err := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(&e); err != nil {
		return Definition{}, fmt.Errorf("%s", yaml.FormatError(err, false, false))
	}
	d := Definition{
		Name: name, Doc: e.Doc, Aggregate: e.Aggregate, Of: e.Of, By: e.By,
		Window: e.Window, Bucket: e.Bucket, Age: e.Age, MaxGroups: e.MaxGroups, Consent: e.Consent,
	}
	for _, t := range e.Event {
		d.Events = append(d.Events, offers.EventType(t))
	}
	if len(e.Where) > 0 {
		d.Where = map[string][]string{}
	}
	for field, values := range e.Where {
		d.Where[field] = values
	}
	return d, d.check()
}

// check says what is wrong, and fills in what may be left out.
func (d *Definition) check() error {
	if !isName(d.Name) {
		return fmt.Errorf("a name is lower_snake_case, such as searches_today")
	}
	if len(d.Events) == 0 {
		return fmt.Errorf("event: which events count?")
	}
	for field := range d.Where {
		if !slices.Contains(textFields, field) {
			return fmt.Errorf("where: %q is none of %s", field, strings.Join(textFields, ", "))
		}
	}
	switch d.Aggregate {
	case Count, Since:
		if d.Of != "" {
			return fmt.Errorf("of: %s counts events, and takes none", d.Aggregate)
		}
	case Sum:
		if !slices.Contains(numberFields, d.Of) {
			return fmt.Errorf("of: %q is none of %s", d.Of, strings.Join(numberFields, ", "))
		}
	case Last, Distinct:
		if !slices.Contains(textFields, d.Of) {
			return fmt.Errorf("of: %q is none of %s", d.Of, strings.Join(textFields, ", "))
		}
	default:
		return fmt.Errorf("aggregate: %q is none of count, sum, last, distinct, since", d.Aggregate)
	}
	if d.By != "" && (!slices.Contains(textFields, d.By) || d.Aggregate == Last || d.Aggregate == Distinct) {
		return fmt.Errorf("by: %q: counts, sums and since may be told apart by %s", d.By, strings.Join(textFields, ", "))
	}
	if d.Window < 0 || d.Bucket < 0 || d.Age < 0 || d.MaxGroups < 0 || d.MaxGroups > mostGroups {
		return fmt.Errorf("window, bucket and age are not negative, and max_groups is at most %d", mostGroups)
	}
	if d.Consent != "" && !slices.Contains(offers.Purposes, d.Consent) {
		return fmt.Errorf("consent: %q is no purpose", d.Consent)
	}
	if d.MaxGroups == 0 {
		d.MaxGroups = defaultGroups
	}
	if d.Window > 0 && d.Bucket == 0 {
		d.Bucket = max(time.Minute, d.Window/100)
	}
	d.Bucket = d.Bucket.Truncate(time.Second)
	if d.Window > 0 && (d.Bucket < time.Second || d.Window/d.Bucket > 1000) {
		return fmt.Errorf("bucket: between a second and a thousandth of the window")
	}
	return nil
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
