package mapping

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/formats"
)

func made(t testing.TB, steps ...Step) *Mapping {
	t.Helper()
	m, err := Compile(Steps{Source: "segment/website", Version: 1, Steps: steps})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestApply(t *testing.T) {
	tests := map[string]struct {
		steps             []Step
		in, want          string // properties
		event             string // of the message; "ItemViewed" without
		wantEvent         string // "" as before
		dropped, unmended bool
	}{
		"an event's name": {
			steps: []Step{{Do: RenameEvent, Event: "item viewed", To: "Product Viewed"}}, in: `{"b":1,"a":2}`, want: `{"b":1,"a":2}`, wantEvent: "Product Viewed"},
		"not another event's name": {
			steps: []Step{{Do: RenameEvent, Event: "items_viewed", To: "Product Viewed"}}, in: `{}`, want: `{}`, unmended: true},
		"a later step knows the new name": {
			steps: []Step{{Do: RenameEvent, Event: "ItemViewed", To: "Product Viewed"}, {Do: Exclude, Event: "product_viewed", Field: "a"}, {Do: Exclude, Event: "ItemViewed", Field: "b"}},
			in:    `{"a":1,"b":2}`, want: `{"b":2}`, wantEvent: "Product Viewed"},
		"move a field":          {steps: []Step{{Do: Move, Field: "item.sku", To: "product_id"}}, in: `{"item":{"sku":"p1","x":1}}`, want: `{"item":{"x":1},"product_id":"p1"}`},
		"move into one":         {steps: []Step{{Do: Move, Field: "sku", To: "product.id"}}, in: `{"sku":"p1"}`, want: `{"product":{"id":"p1"}}`},
		"move over nothing":     {steps: []Step{{Do: Move, Field: "sku", To: "id"}}, in: `{"sku":"p1","id":"p2"}`, want: `{"sku":"p1","id":"p2"}`, unmended: true},
		"move over null":        {steps: []Step{{Do: Move, Field: "sku", To: "id"}}, in: `{"sku":"p1","id":null}`, want: `{"id":"p1"}`},
		"move nothing":          {steps: []Step{{Do: Move, Field: "sku", To: "id"}}, in: `{"x":1}`, want: `{"x":1}`, unmended: true},
		"move into a text":      {steps: []Step{{Do: Move, Field: "sku", To: "id.of"}}, in: `{"sku":"p1","id":"p2"}`, want: `{"sku":"p1","id":"p2"}`, unmended: true},
		"move in a list":        {steps: []Step{{Do: Move, Field: "products.*.sku", To: "products.*.product_id"}}, in: `{"products":[{"sku":"a"},7,{"x":1},{"sku":"b"}]}`, want: `{"products":[{"product_id":"a"},7,{"x":1},{"product_id":"b"}]}`},
		"default":               {steps: []Step{{Do: Default, Field: "currency", Value: "EUR"}}, in: `{"price":1}`, want: `{"currency":"EUR","price":1}`},
		"default of null":       {steps: []Step{{Do: Default, Field: "n", Value: 5.0}}, in: `{"n":null}`, want: `{"n":5}`},
		"default is there":      {steps: []Step{{Do: Default, Field: "currency", Value: "EUR"}}, in: `{"currency":"USD"}`, want: `{"currency":"USD"}`, unmended: true},
		"default of none":       {steps: []Step{{Do: Default, Field: "a.b", Value: false}}, in: ``, want: `{"a":{"b":false}}`},
		"default in a list":     {steps: []Step{{Do: Default, Field: "products.*.n", Value: 1.0}}, in: `{"products":[{},{"n":2}]}`, want: `{"products":[{"n":1},{"n":2}]}`},
		"number":                {steps: []Step{{Do: Convert, Field: "price", As: "number"}}, in: `{"price":"1.299,50 €"}`, want: `{"price":1299.5}`},
		"a number stays exact":  {steps: []Step{{Do: Exclude, Field: "x"}}, in: `{"x":1,"id":12345678901234567890123,"p":0.10}`, want: `{"id":12345678901234567890123,"p":0.10}`},
		"number of nothing":     {steps: []Step{{Do: Convert, Field: "price", As: "number"}}, in: `{"price":"","b":null}`, want: `{"price":"","b":null}`, unmended: true},
		"numbers in a list":     {steps: []Step{{Do: Convert, Field: "sizes.*", As: "number"}}, in: `{"sizes":["38",39,"40"]}`, want: `{"sizes":[38,39,40]}`},
		"lists in lists":        {steps: []Step{{Do: Convert, Field: "a.*.b.*.c", As: "text"}}, in: `{"a":[{"b":[{"c":1},{"c":true}]},{"b":7}]}`, want: `{"a":[{"b":[{"c":"1"},{"c":"true"}]},{"b":7}]}`},
		"boolean":               {steps: []Step{{Do: Convert, Field: "new", As: "boolean"}}, in: `{"new":"Yes"}`, want: `{"new":true}`},
		"text":                  {steps: []Step{{Do: Convert, Field: "id", As: "text"}}, in: `{"id":12345678901234567890}`, want: `{"id":"12345678901234567890"}`},
		"time":                  {steps: []Step{{Do: Convert, Field: "at", As: "time", Layout: "DD.MM.YYYY HH:mm", Zone: "Europe/Berlin"}}, in: `{"at":"01.07.2026 14:30"}`, want: `{"at":"2026-07-01T12:30:00.000Z"}`},
		"time of seconds":       {steps: []Step{{Do: Convert, Field: "at", As: "time", Layout: "unix"}}, in: `{"at":1767225600}`, want: `{"at":"2026-01-01T00:00:00.000Z"}`},
		"time of any spelling":  {steps: []Step{{Do: Convert, Field: "at", As: "time"}}, in: `{"at":"2026-01-01 10:00:00"}`, want: `{"at":"2026-01-01T10:00:00.000Z"}`},
		"a time already":        {steps: []Step{{Do: Convert, Field: "at", As: "time", Layout: "DD.MM.YYYY"}}, in: `{"at":"2026-01-01T10:00:00+02:00"}`, want: `{"at":"2026-01-01T10:00:00+02:00"}`, unmended: true},
		"normalise":             {steps: []Step{{Do: Normalise, Field: "c", How: "trim"}, {Do: Normalise, Field: "c", How: "lower"}}, in: `{"c":" Schuhe "}`, want: `{"c":"schuhe"}`},
		"normalise no text":     {steps: []Step{{Do: Normalise, Field: "c", How: "trim"}}, in: `{"c":[1]}`, want: `{"c":[1]}`, unmended: true},
		"exclude":               {steps: []Step{{Do: Exclude, Field: "user.name"}}, in: `{"user":{"name":"Mia","a":"<&>"}}`, want: `{"user":{"a":"<&>"}}`},
		"drop":                  {steps: []Step{{Do: DropEvent, Event: "ItemViewed"}, {Do: Convert, Field: "a", As: "number"}}, in: `{"a":"x"}`, want: `{"a":"x"}`, dropped: true, unmended: true},
		"no object":             {steps: []Step{{Do: Exclude, Field: "a"}}, in: `[1]`, want: `[1]`, unmended: true},
		"for another event":     {steps: []Step{{Do: Exclude, Event: "b", Field: "a"}}, in: `{"a":1}`, want: `{"a":1}`, unmended: true},
		"an event without name": {steps: []Step{{Do: Exclude, Event: "page", Field: "a"}}, in: `{"a":1}`, want: `{"a":1}`, event: "page", unmended: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			event := test.event
			if event == "" {
				event = "ItemViewed"
			}
			m := formats.Message{Type: "track", Event: formats.Text(event), Properties: formats.Raw(test.in), Original: []byte("as it came")}
			changed, dropped, err := made(t, test.steps...).Apply(&m)
			if err != nil {
				t.Fatal(err)
			}
			if changed == test.unmended || dropped != test.dropped {
				t.Errorf("changed %t, dropped %t; want %t, %t", changed, dropped, !test.unmended, test.dropped)
			}
			want := test.wantEvent
			if want == "" {
				want = event
			}
			if string(m.Properties) != test.want || string(m.Event) != want || string(m.Original) != "as it came" {
				t.Errorf("%s %s, want %s %s", m.Event, m.Properties, want, test.want)
			}
		})
	}
}

func TestApplyToOtherCalls(t *testing.T) {
	m := made(t, Step{Do: Exclude, Event: "identify", Field: "ssn"}, Step{Do: Exclude, Event: "Page Viewed", Field: "debug"}, Step{Do: RenameEvent, Event: "screen", To: "Product Viewed"})
	identify := formats.Message{Type: "Identify", Traits: formats.Raw(`{"ssn":1,"name":"x"}`)}
	page := formats.Message{Type: "page", Properties: formats.Raw(`{"debug":1,"ssn":2}`)}
	screen := formats.Message{Type: "screen", Name: "Shoe", Properties: formats.Raw(`{"sku":"s"}`)}
	for _, msg := range []*formats.Message{&identify, &page, &screen} {
		if changed, _, err := m.Apply(msg); !changed || err != nil {
			t.Fatalf("%s: changed %t, %v", msg.Type, changed, err)
		}
	}
	if string(identify.Traits) != `{"name":"x"}` || string(page.Properties) != `{"ssn":2}` || screen.Type != "track" || screen.Event != "Product Viewed" {
		t.Errorf("got %s, %s, %s %s", identify.Traits, page.Properties, screen.Type, screen.Event)
	}
}

func TestApplySaysWhatCannotBeDone(t *testing.T) {
	tests := map[string]struct {
		step       Step
		properties string
		want       string
	}{
		"a word as a number": {Step{Do: Convert, Field: "price", As: "number"}, `{"price":"mia@example.com"}`, "step 1: invalid: price is a text that cannot be made a number"},
		"yes as a number":    {Step{Do: Convert, Field: "price", As: "number"}, `{"price":true}`, "price is true or false that cannot be made a number"},
		"a list":             {Step{Do: Convert, Field: "products.*.price", As: "number"}, `{"products":[{"price":[1]}]}`, "products.*.price is a list, and cannot be made a number"},
		"an object as text":  {Step{Do: Convert, Field: "a", As: "text"}, `{"a":{}}`, "a is an object, and cannot be made a text"},
		"perhaps":            {Step{Do: Convert, Field: "a", As: "boolean"}, `{"a":"perhaps"}`, "a is a text that cannot be made true or false"},
		"another date":       {Step{Do: Convert, Field: "a", As: "time", Layout: "DD.MM.YYYY"}, `{"a":"31.02.2026"}`, "a is a text that cannot be read as a time written as DD.MM.YYYY"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := made(t, test.step).Apply(&formats.Message{Type: "track", Event: "e", Properties: formats.Raw(test.properties)})
			if !errors.Is(err, offers.ErrInvalid) || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "mia") {
				t.Errorf("got %v, want …%s", err, test.want)
			}
		})
	}
}

func TestCompileSaysWhatIsWrong(t *testing.T) {
	tests := map[string]struct {
		step  Step
		field string
	}{
		"no kind":            {Step{}, "do"},
		"another kind":       {Step{Do: "explode", Field: "a"}, "do"},
		"no new name":        {Step{Do: RenameEvent, Event: "a"}, "to"},
		"no old name":        {Step{Do: RenameEvent, To: "a"}, "event"},
		"a name of signs":    {Step{Do: RenameEvent, Event: "--", To: "a"}, "event"},
		"a long name":        {Step{Do: DropEvent, Event: strings.Repeat("x", 101)}, "event"},
		"drops everything":   {Step{Do: DropEvent}, "event"},
		"no field":           {Step{Do: Exclude}, "field"},
		"too much":           {Step{Do: Exclude, Field: "a", How: "trim"}, "how"},
		"an empty part":      {Step{Do: Exclude, Field: "a..b"}, "field"},
		"a star first":       {Step{Do: Exclude, Field: "*.b"}, "field"},
		"a star last":        {Step{Do: Exclude, Field: "a.*"}, "field"},
		"too deep":           {Step{Do: Exclude, Field: "a.b.c.d.e.f.g.h.i"}, "field"},
		"moves out of lists": {Step{Do: Move, Field: "products.*.sku", To: "sku"}, "to"},
		"moves into itself":  {Step{Do: Move, Field: "a", To: "a.b"}, "to"},
		"moves nowhere":      {Step{Do: Move, Field: "a.b", To: "a.b"}, "to"},
		"no value":           {Step{Do: Default, Field: "a"}, "value"},
		"an object as value": {Step{Do: Default, Field: "a", Value: map[string]any{}}, "value"},
		"as what":            {Step{Do: Convert, Field: "a", As: "money"}, "as"},
		"a layout of none":   {Step{Do: Convert, Field: "a", As: "number", Layout: "unix"}, "layout"},
		"a layout in Go":     {Step{Do: Convert, Field: "a", As: "time", Layout: "2006-01-02"}, "layout"},
		"a layout, no day":   {Step{Do: Convert, Field: "a", As: "time", Layout: "HH:mm"}, "layout"},
		"nowhere":            {Step{Do: Convert, Field: "a", As: "time", Zone: "Mars/Olympus"}, "zone"},
		"how else":           {Step{Do: Normalise, Field: "a", How: "shout"}, "how"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m, err := Compile(Steps{Steps: []Step{{Do: Exclude, Field: "fine"}, test.step}})
			wrong, ok := errors.AsType[*Error](err)
			if !ok || wrong.Step != 1 || wrong.Field != test.field || m != nil || !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("got %v, want what is wrong with %q of step 1", err, test.field)
			}
		})
	}
	if _, err := Compile(Steps{Steps: make([]Step, 201)}); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("201 steps: %v", err)
	}
}

func TestNumber(t *testing.T) {
	for in, want := range map[string]string{
		"19.99": "19.99", " 7 ": "7", "-3": "-3", "1,299.00": "1299", "1.299,00": "1299", "$1,299": "1299", "12,50 €": "12.5", "1'299.50": "1299.5",
		"1.299.000": "1299000", "1,299,000": "1299000", "1 299,5": "1299.5", "1.299": "1.299", "1e3": "1000",
		"": "", "x": "", "1_000": "", "0x10": "", "Inf": "", "NaN": "", "1e400": "", "12,50,1.5.2": "", "--1": "",
	} {
		got, ok := number(in)
		if ok != (want != "") || ok && got != json.Number(want) {
			t.Errorf("number(%q) = %v, %t; want %q", in, got, ok, want)
		}
	}
}

func TestStepsAreJSON(t *testing.T) {
	in := `{"source":"segment/website","version":2,"steps":[{"do":"move","event":"ItemViewed","field":"a.b","to":"product_id"},{"do":"default","field":"c","value":false}]}`
	var s Steps
	if err := json.Unmarshal([]byte(in), &s); err != nil {
		t.Fatal(err)
	}
	out, _ := json.Marshal(s)
	if diff := cmp.Diff(in, string(out)); diff != "" {
		t.Error(diff)
	}
	m, err := Compile(s)
	if err != nil || m.Version() != 2 || (*Mapping)(nil).Version() != 0 {
		t.Errorf("version %d, %v", m.Version(), err)
	}
}

// steps that do the same when done again: all, as what one of them makes is not
// what it looks for. They are chosen by the bytes of a fuzzer's input.
var idempotent = []Step{
	{Do: Move, Field: "a", To: "b"}, {Do: Move, Field: "c.d", To: "e"}, {Do: Move, Field: "l.*.a", To: "l.*.b"},
	{Do: Default, Field: "f", Value: "x"}, {Do: Default, Field: "l.*.f.g", Value: true},
	{Do: Convert, Field: "a", As: "number"}, {Do: Convert, Field: "b", As: "text"}, {Do: Convert, Field: "c.d", As: "boolean"},
	{Do: Convert, Field: "t", As: "time"}, {Do: Convert, Field: "t", As: "time", Layout: "unix_ms"}, {Do: Convert, Field: "l.*", As: "text"},
	{Do: Normalise, Field: "e", How: "trim"}, {Do: Normalise, Field: "e", How: "lower"}, {Do: Normalise, Field: "b", How: "upper"},
	{Do: Exclude, Field: "g"}, {Do: Exclude, Field: "c.h"}, {Do: RenameEvent, Event: "E", To: "Product Viewed"},
}

// FuzzApply holds that one step done twice is the step done once, whatever the
// properties are.
func FuzzApply(f *testing.F) {
	f.Add([]byte(`{"a":"1,5","b":2,"c":{"d":"yes","h":1},"e":" X ","g":[],"t":"2026-01-01","l":[{"a":1},{"f":{}},"x",3]}`), byte(0))
	f.Add([]byte(`{"t":1767225600000,"a":null,"c":"no object","l":{"a":1}}`), byte(9))
	f.Add([]byte(`{"a":-0.0,"e":"İ","b":"ß"}`), byte(12))
	f.Fuzz(func(t *testing.T, body []byte, which byte) {
		properties, bad := formats.Valid(body)
		if bad != nil {
			return
		}
		m := made(t, idempotent[int(which)%len(idempotent)])
		msg := formats.Message{Type: "track", Event: "e", Properties: properties}
		if _, _, err := m.Apply(&msg); err != nil {
			return
		}
		once := fmt.Sprint(msg.Event, string(msg.Properties))
		if !json.Valid(msg.Properties) {
			t.Fatalf("made %s", msg.Properties)
		}
		changed, _, err := m.Apply(&msg)
		if err != nil {
			t.Fatalf("the second time: %v", err)
		}
		if twice := fmt.Sprint(msg.Event, string(msg.Properties)); twice != once || changed {
			t.Errorf("twice %s, once %s", twice, once)
		}
	})
}

// FuzzCompile looks for steps that are compiled and then fail.
func FuzzCompile(f *testing.F) {
	f.Add([]byte(`[{"do":"move","field":"a.*.b","to":"a.*.c"},{"do":"convert","field":"a","as":"time","layout":"DD.MM.YY hh:mm A"}]`), []byte(`{"a":[{"b":1}]}`))
	f.Add([]byte(`[{"do":"default","field":"a.b","value":1},{"do":"exclude","field":"a.b.c"}]`), []byte(`{}`))
	f.Fuzz(func(t *testing.T, steps, body []byte) {
		var s Steps
		if json.Unmarshal(steps, &s.Steps) != nil {
			return
		}
		m, err := Compile(s)
		if err != nil {
			if !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("%v is of no kind", err)
			}
			return
		}
		properties, bad := formats.Valid(body)
		if bad != nil {
			return
		}
		if _, _, err := m.Apply(&formats.Message{Type: "track", Event: "e", Properties: properties}); err != nil && !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("%v is of no kind", err)
		}
	})
}

func BenchmarkApply(b *testing.B) {
	steps := []Step{{Do: Move, Event: "Item Viewed", Field: "item.sku", To: "product_id"}, {Do: Convert, Event: "Item Viewed", Field: "price", As: "number"}}
	m := made(b, steps...)
	properties := formats.Raw(`{"item":{"sku":"p1"},"price":"19.99","currency":"EUR","title":"A shoe"}`)
	for name, msg := range map[string]formats.Message{
		"mended": {Type: "track", Event: "Item Viewed", Properties: properties}, "another event": {Type: "track", Event: "Product Viewed", Properties: properties},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				of := msg
				if _, _, err := m.Apply(&of); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
