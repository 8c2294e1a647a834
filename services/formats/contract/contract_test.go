package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/formats"
)

const productViewed = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "required": ["product_id", "price"],
  "properties": {
    "product_id": {"type": "string", "minLength": 1},
    "price": {"type": "number", "minimum": 0.01, "maximum": 100000},
    "currency": {"enum": ["EUR", "USD"]},
    "quantity": {"type": "integer", "minimum": 1},
    "contact": {"type": "string", "format": "email"},
    "sizes": {"type": "array", "items": {"$ref": "#/$defs/size"}, "maxItems": 3},
    "colour": {"anyOf": [{"type": "string"}, {"type": "integer"}]}
  },
  "additionalProperties": false,
  "$defs": {"size": {"type": "string", "pattern": "^[0-9]{2}$"}}
}`

func set(t testing.TB, contracts ...Contract) *Set {
	t.Helper()
	s, err := Compile(contracts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCheck(t *testing.T) {
	s := set(t, Contract{Event: offers.ProductViewed, Version: 3, Schema: json.RawMessage(productViewed)})
	tests := map[string]struct {
		properties string
		want       []Problem
	}{
		"as it should be": {`{"product_id":"p1","price":19.99,"currency":"EUR","quantity":2,"sizes":["38","39"],"colour":"red"}`, nil},
		"nothing":         {``, []Problem{{"/price", "price is missing."}, {"/product_id", "product_id is missing."}}},
		"null":            {`null`, []Problem{{"/price", "price is missing."}, {"/product_id", "product_id is missing."}}},
		"a list":          {`[]`, []Problem{{"", "The whole is a list, want an object."}}},
		"not JSON":        {`{"a":x`, []Problem{{"", "The properties cannot be read: invalid character 'x' looking for beginning of value."}}},
		"a price in quotes": {`{"product_id":"p1","price":"19.99"}`,
			[]Problem{{"/price", "price is a text, want a number: send it without quotes."}}},
		"an id as a number": {`{"product_id":7,"price":1}`,
			[]Problem{{"/product_id", "product_id is a number, want a text: send it in quotes."}}},
		"too small, unknown, half": {`{"product_id":"","price":0,"currency":"GBP","quantity":1.5,"brand":"x"}`, []Problem{
			{"/brand", "brand is not in the contract: leave it out, or add it there."},
			{"/currency", `currency is none of "EUR", "USD".`},
			{"/price", "price is too small, want at least 0.01."},
			{"/product_id", "product_id is empty."},
			{"/quantity", "quantity is a number, want a whole number: send it without decimals."},
		}},
		"within a list": {`{"product_id":"p","price":1,"sizes":["38","large","1","2"]}`, []Problem{
			{"/sizes", "sizes has 4 entries, want at most 3."},
			{"/sizes/1", "sizes.1 does not fit the pattern ^[0-9]{2}$."},
			{"/sizes/2", "sizes.2 does not fit the pattern ^[0-9]{2}$."},
			{"/sizes/3", "sizes.3 does not fit the pattern ^[0-9]{2}$."},
		}},
		"none of several": {`{"product_id":"p","price":1,"colour":true}`,
			[]Problem{{"/colour", "colour fits none of the alternatives: colour is true or false, want a text: send it in quotes; or colour is true or false, want a whole number."}}},
		"a format": {`{"product_id":"p","price":1,"contact":"mia at home"}`,
			[]Problem{{"/contact", "contact is not an e-mail address."}}},
		"a name with a slash": {`{"product_id":"p","price":1,"a/b":1}`,
			[]Problem{{"/a~1b", "a/b is not in the contract: leave it out, or add it there."}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			version, got := s.Check(offers.ProductViewed, "segment/website", []byte(test.properties))
			if version != 3 {
				t.Errorf("version %d, want 3", version)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckOnlyWhatAContractIsFor(t *testing.T) {
	never := json.RawMessage(`{"required":["never"]}`)
	s := set(t,
		Contract{Event: "a", Version: 1, Schema: never},
		Contract{Event: "b", Version: 2, Schema: never, Sources: []string{"segment/website"}})
	tests := map[string]struct {
		event   offers.EventType
		source  string
		version int
	}{
		"everywhere":       {"a", "snowplow/app", 1},
		"the source named": {"b", "segment/website", 2},
		"another source":   {"b", "segment/app", 0},
		"another event":    {"c", "segment/website", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			version, problems := s.Check(test.event, test.source, []byte(`{}`))
			if version != test.version || len(problems) != min(version, 1) || s.Version(test.event, test.source) != version {
				t.Errorf("version %d and %v, want %d", version, problems, test.version)
			}
		})
	}
	if v, p := (*Set)(nil).Check("a", "b", nil); v != 0 || p != nil {
		t.Error("no set refuses")
	}
}

func TestProblemsDoNotRepeatWhatWasSaid(t *testing.T) {
	s := set(t, Contract{Event: "e", Version: 1, Schema: json.RawMessage(`{"properties":{
		"a":{"type":"number"},"b":{"enum":["x"]},"c":{"const":"x"},"d":{"pattern":"^x$"},"e":{"format":"email"},"f":{"maxLength":1},
		"g":{"not":{"type":"string"}},"h":{"oneOf":[{"type":"number"},{"minLength":50}]},"i":{"format":"date-time"}}}`)})
	secret := "mia@example"
	properties := map[string]string{}
	for f := range strings.SplitSeq("abcdefghi", "") {
		properties[f] = secret
	}
	body, _ := json.Marshal(properties)
	_, problems := s.Check("e", "", body)
	if len(problems) != 9-1 { // e: an address without a dot is one
		t.Errorf("%d problems, want 8: %v", len(problems), problems)
	}
	if said := fmt.Sprint(problems); strings.Contains(said, "mia") {
		t.Errorf("told what the event said: %s", said)
	}
}

func TestCompileRefuses(t *testing.T) {
	deep := strings.Repeat(`{"properties":{"a":`, 40) + `{}` + strings.Repeat(`}}`, 40)
	// Each definition refers twice to the next: 2^40 steps for one event.
	var bomb strings.Builder
	bomb.WriteString(`{"$ref":"#/$defs/d0","$defs":{`)
	for i := range 30 {
		fmt.Fprintf(&bomb, `"d%d":{"allOf":[{"$ref":"#/$defs/d%d"},{"$ref":"#/$defs/d%d"}]},`, i, i+1, i+1)
	}
	bomb.WriteString(`"d30":{}}}`)
	tests := map[string]struct {
		schema, pointer, says string
	}{
		"not JSON":          {`{`, "", "it is not JSON"},
		"no object":         {`[]`, "", "want an object"},
		"true":              {`true`, "", "want an object"},
		"a misspelt type":   {`{"properties":{"price":{"type":"nmber"}}}`, "/properties/price/type", "none of the alternatives"},
		"a broken pattern":  {`{"properties":{"price":{"pattern":"["}}}`, "", "pattern"},
		"required no list":  {`{"required":"price"}`, "/required", "required is a text, want a list"},
		"a negative length": {`{"minLength":-1}`, "/minLength", "too small"},
		"elsewhere":         {`{"$ref":"https://example.com/a.json"}`, "/$ref", "is elsewhere"},
		"a file":            {`{"properties":{"a":{"$ref":"file:///etc/passwd"}}}`, "/properties/a/$ref", "is elsewhere"},
		"relative":          {`{"$ref":"other.json"}`, "/$ref", "is elsewhere"},
		"not there":         {`{"$ref":"#/$defs/size"}`, "/$ref", "there is no #/$defs/size"},
		"itself":            {`{"properties":{"a":{"$ref":"#"}}}`, "/properties/a/$ref", "refers to itself"},
		"in a circle": {`{"$ref":"#/$defs/a","$defs":{"a":{"items":{"$ref":"#/$defs/b"}},"b":{"items":{"$ref":"#/$defs/a"}}}}`,
			"", "refers to itself"},
		"an id within":     {`{"properties":{"a":{"$id":"https://example.com/x"}}}`, "/properties/a/$id", "leave it out"},
		"a dynamic one":    {`{"$dynamicRef":"#x"}`, "/$dynamicRef", "use $ref"},
		"another dialect":  {`{"$schema":"https://example.com/mine"}`, "/$schema", "want https://json-schema.org"},
		"within, too":      {`{"properties":{"a":{"$schema":"http://json-schema.org/draft-07/schema#"}}}`, "/properties/a/$schema", "top only"},
		"too deep":         {deep, "", "nested more than 32 deep"},
		"a bomb":           {bomb.String(), "", "more than"},
		"many for each":    {`{"additionalProperties":{"anyOf":[` + strings.Repeat(`{"type":"string"},`, 250) + `{}]}}`, "", "more than"},
		"too large":        {`{"title":"` + strings.Repeat("x", MaxSchema) + `"}`, "", "and may have 64"},
		"a number of 10^9": {`{"minimum":1e999999999}`, "", "it is not JSON"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			s, err := Compile([]Contract{{Event: "e", Version: 1, Schema: json.RawMessage(test.schema)}, {Event: "good", Version: 1, Schema: json.RawMessage(`{}`)}})
			wrong, ok := errors.AsType[*Error](err)
			if !ok || !errors.Is(err, offers.ErrInvalid) || wrong.Event != "e" {
				t.Fatalf("got %v, want an Error of e", err)
			}
			if test.pointer != "" && wrong.Pointer != test.pointer || !strings.Contains(wrong.Message, test.says) {
				t.Errorf("at %q: %q, want at %q: …%s…", wrong.Pointer, wrong.Message, test.pointer, test.says)
			}
			if strings.Contains(wrong.Message, place) {
				t.Errorf("%q tells of our own ways", wrong.Message)
			}
			if s.Version("good", "") != 1 {
				t.Error("the other contract is gone")
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func TestCompileTakesOlderDrafts(t *testing.T) {
	for name, schema := range map[string]string{
		"draft 7 with definitions":  `{"$schema":"http://json-schema.org/draft-07/schema#","$id":"https://example.com/x.json","properties":{"a":{"$ref":"#/definitions/n"}},"definitions":{"n":{"type":"number"}}}`,
		"draft 4":                   `{"$schema":"http://json-schema.org/draft-04/schema#","properties":{"a":{"type":"number","minimum":1,"exclusiveMinimum":true}}}`,
		"fields called as keywords": `{"properties":{"a":{"type":"number"},"$id":{"type":"string"},"$ref":{"type":"string"},"$schema":{"type":"string"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := set(t, Contract{Event: "e", Version: 1, Schema: json.RawMessage(schema)})
			if _, p := s.Check("e", "", []byte(`{"a":2}`)); p != nil {
				t.Errorf("refused: %v", p)
			}
			if _, p := s.Check("e", "", []byte(`{"a":"2"}`)); len(p) != 1 {
				t.Errorf("got %v, want one problem", p)
			}
		})
	}
}

func TestTwoContractsOfOneEvent(t *testing.T) {
	_, err := Compile([]Contract{{Event: "e", Version: 1, Schema: json.RawMessage(`{}`)}, {Event: "e", Version: 2, Schema: json.RawMessage(`{}`)}})
	if !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestDetail(t *testing.T) {
	var problems []Problem
	for i := range 7 {
		problems = append(problems, Problem{Says: fmt.Sprintf("p%d.", i)})
	}
	got, want := Detail("product_viewed", 2, problems), "Not as version 2 of the contract of product_viewed: p0. p1. p2. p3. p4. And 2 more."
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCheckFromManyGoroutines(t *testing.T) {
	s := set(t, Contract{Event: "e", Version: 1, Schema: json.RawMessage(productViewed)})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				if _, p := s.Check("e", "", []byte(`{"product_id":"p","price":"1"}`)); len(p) != 1 {
					t.Errorf("got %v", p)
					return
				}
			}
		})
	}
	wg.Wait()
}

// FuzzCheck looks for properties that make a check fail or take long.
func FuzzCheck(f *testing.F) {
	s := set(f, Contract{Event: "e", Version: 1, Schema: json.RawMessage(productViewed)})
	f.Add([]byte(`{"product_id":"p1","price":19.99,"sizes":["38"],"colour":null}`))
	f.Add([]byte(`{"price":1e308,"quantity":1e300,"product_id":"\ud83d\ude00"}`))
	f.Add([]byte(`{"price":1e-300,"a/b~c":{"":[[]]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		properties, bad := formats.Valid(body)
		if bad != nil {
			return
		}
		_, first := s.Check("e", "", properties)
		_, second := s.Check("e", "", properties)
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("not the same twice:\n%s", diff)
		}
		for _, p := range first {
			if p.Says == "" || len(p.Says) > 310 {
				t.Errorf("says %q", p.Says)
			}
		}
	})
}

// FuzzCompile looks for contracts that cannot be refused in words or in time.
func FuzzCompile(f *testing.F) {
	f.Add([]byte(productViewed), []byte(`{"product_id":"p"}`))
	f.Add([]byte(`{"$ref":"#/$defs/a","$defs":{"a":{"allOf":[{"$ref":"#/$defs/b"}]},"b":{}}}`), []byte(`{}`))
	f.Add([]byte(`{"items":[{"$ref":"#/items/1"},{}],"if":{},"then":{"not":true},"dependentSchemas":{"a":{"minProperties":1}}}`), []byte(`[1,2]`))
	f.Fuzz(func(t *testing.T, schema, properties []byte) {
		s, err := Compile([]Contract{{Event: "e", Version: 1, Schema: schema}})
		if err != nil {
			if !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("%v is of no kind", err)
			}
			return
		}
		p, bad := formats.Valid(properties)
		if bad != nil {
			return
		}
		_, problems := s.Check("e", "", p)
		c := s.of["e"]
		var v any
		if len(problems) == 0 && formats.Unmarshal(p, &v) == nil && v != nil {
			if err := c.schema.Validate(v); err != nil {
				t.Errorf("let in what the library refuses: %v", err)
			}
		}
	})
}

var sink []Problem

func BenchmarkCheck(b *testing.B) {
	s := set(b, Contract{Event: offers.ProductViewed, Version: 1, Schema: json.RawMessage(productViewed)})
	good := []byte(`{"product_id":"p1","price":19.99,"currency":"EUR","quantity":2,"sizes":["38","39"],"colour":"red"}`)
	bad := []byte(`{"product_id":"p1","price":"19.99","currency":"EUR","quantity":2}`)
	for name, of := range map[string]struct {
		event      offers.EventType
		properties []byte
	}{"good": {offers.ProductViewed, good}, "bad": {offers.ProductViewed, bad}, "no contract": {offers.PageViewed, good}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, sink = s.Check(of.event, "segment/website", of.properties)
			}
		})
	}
}
