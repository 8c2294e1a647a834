package drift

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/formats/contract"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

const website = "segment/website"

// stage is a watcher whose events come one a second, and which stores after
// each act as a collector does.
type stage struct {
	t       *testing.T
	w       *Watcher
	now     time.Time
	stored  map[string]json.RawMessage
	decided map[string]bool
}

func newStage(t *testing.T) *stage {
	return &stage{t: t, w: NewWatcher(), now: monday, stored: map[string]json.RawMessage{}, decided: map[string]bool{}}
}

func (s *stage) send(n int, event, properties string) *stage {
	for range n {
		s.now = s.now.Add(time.Second)
		s.w.Observe(website, offers.EventType(event), []byte(properties), s.now)
	}
	s.store()
	return s
}

func (s *stage) store() {
	s.t.Helper()
	for _, fresh := range s.w.Take() {
		b, err := json.Marshal(&fresh)
		if err != nil {
			s.t.Fatal(err)
		}
		key := fresh.Source + " " + fresh.Event
		if s.stored[key], err = Merge(s.stored[key], b); err != nil {
			s.t.Fatal(err)
		}
		if err := s.w.Restore(s.stored[key]); err != nil {
			s.t.Fatal(err)
		}
	}
}

// notices are those of now as short lines.
func (s *stage) notices() []string {
	lines := []string{}
	for _, n := range s.w.Notices() {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s: %s -> %s", n.Kind, n.Event, n.Field, n.Was, n.Now)))
	}
	return lines
}

func (s *stage) accept(kind Kind, field string) *stage {
	s.t.Helper()
	for _, n := range s.w.Notices() {
		if n.Kind == kind && n.Field == field {
			key := n.Source + " " + n.Event
			shape, err := Accept(s.stored[key], &n)
			if err != nil {
				s.t.Fatal(err)
			}
			s.stored[key] = shape
			if err := s.w.Restore(shape); err != nil {
				s.t.Fatal(err)
			}
			return s
		}
	}
	s.t.Fatalf("no notice %s of %q among %q", kind, field, s.notices())
	return nil
}

const shoe = `{"product_id":"p1","price":19.99,"product":{"brand":"x"},"tags":["a"],"size":null}`

func TestNotices(t *testing.T) {
	tests := map[string]struct {
		act  func(s *stage)
		want []string
	}{
		"nothing before it is learned": {func(s *stage) { s.send(100, "viewed", shoe).send(50, "viewed", `{"other":1}`) }, []string{}},
		"nothing while it stays":       {func(s *stage) { s.send(1000, "viewed", shoe) }, []string{}},
		"a whole number is a number": {func(s *stage) {
			s.send(300, "viewed", shoe).send(50, "viewed", strings.Replace(shoe, "19.99", "20", 1))
		}, []string{}},
		"a field that was null": {func(s *stage) { s.send(300, "viewed", shoe).send(50, "viewed", strings.Replace(shoe, "null", "38", 1)) }, []string{}},
		"a new field": {func(s *stage) {
			s.send(300, "viewed", shoe).send(50, "viewed", strings.Replace(shoe, `"tags"`, `"colour":"red","tags"`, 1))
		},
			[]string{"new_field viewed colour:  -> text in 50 % of the latest events"}},
		"a new field once or twice": {func(s *stage) {
			s.send(300, "viewed", shoe).send(2, "viewed", `{"product_id":"p","price":1,"product":{"brand":"x"},"tags":[],"x":1}`)
		}, []string{}},
		"of a new object only the object": {func(s *stage) {
			s.send(300, "viewed", shoe).send(3, "viewed", strings.Replace(shoe, `"tags"`, `"seller":{"id":1,"name":"x"},"tags"`, 1))
		},
			[]string{"new_field viewed seller:  -> object in 3 % of the latest events"}},
		"a missing field": {func(s *stage) {
			s.send(300, "viewed", shoe).send(150, "viewed", strings.Replace(shoe, `"product_id":"p1",`, "", 1))
		},
			[]string{"missing_field viewed product_id: in 100 % of events -> in 25 % of the latest events"}},
		"a field missing now and then": {func(s *stage) {
			s.send(300, "viewed", shoe)
			for range 60 {
				s.send(2, "viewed", shoe).send(1, "viewed", strings.Replace(shoe, `"product_id":"p1",`, "", 1))
			}
		}, []string{}},
		"of a missing object only the object": {func(s *stage) {
			s.send(300, "viewed", shoe).send(200, "viewed", strings.Replace(shoe, `"product":{"brand":"x"},`, "", 1))
		},
			[]string{"missing_field viewed product: in 100 % of events -> in 12 % of the latest events"}},
		"a field that few had": {func(s *stage) {
			s.send(30, "viewed", strings.Replace(shoe, "null", `"L"`, 1)+"").send(300, "viewed", shoe).send(500, "viewed", shoe)
		}, []string{}},
		"a retyped field": {func(s *stage) {
			s.send(300, "viewed", shoe).send(7, "viewed", strings.Replace(shoe, "19.99", `"19.99"`, 1))
		},
			[]string{"retyped_field viewed price: number -> text, in 7 events"}},
		"a retyped entry of a list": {func(s *stage) {
			s.send(300, "viewed", shoe).send(3, "viewed", strings.Replace(shoe, `["a"]`, `["a",{"b":1}]`, 1))
		},
			[]string{"new_field viewed tags.*.b:  -> integer in 3 % of the latest events", "retyped_field viewed tags.*: text -> object, in 3 events"}},
		"learned and changed before it is stored": {func(s *stage) {
			for i := range 260 {
				s.now = s.now.Add(time.Second)
				body := shoe
				if i >= 250 {
					body = strings.Replace(shoe, "19.99", `"19.99","colour":"red"`, 1)
				}
				s.w.Observe(website, "viewed", []byte(body), s.now)
			}
			s.store()
		}, []string{"new_field viewed colour:  -> text in 10 % of the latest events", "retyped_field viewed price: number -> text, in 10 events"}},
		"learned over two times of storing": {func(s *stage) {
			s.send(150, "viewed", shoe)
			for i := range 80 {
				s.now = s.now.Add(time.Second)
				body := shoe
				if i >= 70 {
					body = strings.Replace(shoe, "19.99", `"19.99"`, 1)
				}
				s.w.Observe(website, "viewed", []byte(body), s.now)
			}
			s.store()
		}, []string{"retyped_field viewed price: number -> text, in 10 events"}},
		"a rare type among the first": {func(s *stage) {
			s.send(150, "viewed", shoe).send(5, "viewed", strings.Replace(shoe, "19.99", `"19.99"`, 1)).send(100, "viewed", shoe)
		}, []string{"retyped_field viewed price: number -> text, in 5 events"}},
		"two usual types": {func(s *stage) {
			s.send(150, "viewed", shoe).send(30, "viewed", strings.Replace(shoe, "19.99", `"19.99"`, 1)).send(100, "viewed", shoe)
		}, []string{}},
		"an event on the first day": {func(s *stage) { s.send(300, "viewed", shoe).send(10, "ordered", `{}`) }, []string{}},
		"a new event": {func(s *stage) {
			s.send(300, "viewed", shoe)
			s.now = s.now.Add(24 * time.Hour)
			s.send(3, "ordered", `{}`)
		}, []string{"new_event ordered :  -> in 3 events"}},
		"what the parser has no name for": {func(s *stage) { s.send(1, "viewed", `{"a":1,"unassigned":{"column_7":"x"}}`) },
			[]string{"unassigned viewed unassigned.column_7:  -> the parser has no name for it"}},
		"names that a program made are one": {func(s *stage) {
			s.send(300, "viewed", shoe)
			for i := range 40 {
				s.send(1, "viewed", strings.Replace(shoe, `"tags"`, fmt.Sprintf(`"prices":{"%d":1},"tags"`, 1000+i), 1))
			}
		}, []string{"new_field viewed prices:  -> object in 40 % of the latest events"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			test.act(s)
			got := s.notices()
			if len(got) == len(test.want) {
				for i := range got { // shares depend on where the halving fell: to a few per cent
					if i < len(test.want) && strings.Contains(test.want[i], "latest") && samePlace(got[i], test.want[i]) {
						got[i] = test.want[i]
					}
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// samePlace tells whether two lines differ in the share of the latest only.
func samePlace(a, b string) bool {
	cut := func(s string) string { s, _, _ = strings.Cut(s, " in "); return s }
	if strings.HasPrefix(a, "missing") {
		cut = func(s string) string { s, _, _ = strings.Cut(s, " -> "); return s }
	}
	return cut(a) == cut(b)
}

func TestAccept(t *testing.T) {
	tests := map[string]struct {
		kind  Kind
		field string
		after string // properties that drift
	}{
		"a new field":   {NewField, "seller", strings.Replace(shoe, `"tags"`, `"seller":{"id":1},"tags"`, 1)},
		"a missing one": {MissingField, "product", strings.Replace(shoe, `"product":{"brand":"x"},`, "", 1)},
		"a retyped one": {RetypedField, "price", strings.Replace(shoe, "19.99", `"19.99"`, 1)},
		"an unassigned": {Unassigned, "unassigned.c7", strings.Replace(shoe, `"tags"`, `"unassigned":{"c7":"x"},"tags"`, 1)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t).send(300, "viewed", shoe).send(200, "viewed", test.after).accept(test.kind, test.field)
			if got := s.notices(); len(got) != 0 {
				t.Errorf("after: %q", got)
			}
			if got := s.send(200, "viewed", test.after).notices(); len(got) != 0 {
				t.Errorf("later: %q", got)
			}
		})
	}
	t.Run("a new event", func(t *testing.T) {
		s := newStage(t).send(300, "viewed", shoe)
		s.now = s.now.Add(30 * time.Hour)
		if got := s.send(5, "ordered", `{}`).accept(NewEvent, "").send(5, "ordered", `{}`).notices(); len(got) != 0 {
			t.Errorf("after: %q", got)
		}
	})
	t.Run("what is gone", func(t *testing.T) {
		s := newStage(t).send(300, "viewed", shoe)
		if _, err := Accept(s.stored[website+" viewed"], &Notice{Kind: NewField, Field: "nowhere"}); !errors.Is(err, offers.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestIDsAreTheSameForAll(t *testing.T) {
	after := strings.Replace(shoe, `"tags"`, `"colour":"red","tags"`, 1)
	a := newStage(t).send(300, "viewed", shoe).send(5, "viewed", after).w.Notices()
	b := newStage(t).send(250, "viewed", shoe).send(9, "viewed", after).w.Notices()
	if len(a) != 1 || len(b) != 1 || a[0].ID != b[0].ID || a[0].Count != 5 || b[0].Count != 9 {
		t.Errorf("got %+v and %+v", a, b)
	}
}

func TestContractIsTheBaseline(t *testing.T) {
	s := newStage(t)
	s.w.Expect(map[string]json.RawMessage{"viewed": json.RawMessage(`{"required":["product_id","price"],"properties":{"product_id":{"type":"string"},"price":{"type":"number"},
		"tags":{"type":"array","items":{"type":"string"}},"size":true,"product":{"properties":{"brand":{"type":"string"}}}}}`)})
	if got := s.send(50, "viewed", shoe).notices(); len(got) != 0 {
		t.Errorf("as the contract has it: %q", got)
	}
	want := []string{"new_field viewed colour:  -> text in 5 % of the latest events"}
	got := s.send(3, "viewed", strings.Replace(shoe, `"tags"`, `"colour":"red","tags"`, 1)).notices()
	if len(got) != 1 || !samePlace(got[0], want[0]) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// However what came is cut into pieces and merged, the counts are the same.
func TestMergeInAnyPieces(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	bodies := []string{shoe, `{"price":"x"}`, `{"a":{"b":[1,2,{"c":null}]}}`, `{}`, `[1]`, ``, `{"price":1}`}
	one, pieces := newStage(t), newStage(t)
	for range 500 {
		body := bodies[random.IntN(len(bodies))]
		for _, s := range []*stage{one, pieces} {
			s.now = s.now.Add(time.Second)
			s.w.Observe(website, "viewed", []byte(body), s.now)
		}
		switch random.IntN(10) {
		case 0:
			pieces.store()
		case 1: // could not be stored
			taken := pieces.w.Take()
			pieces.w.PutBack(taken)
		}
	}
	counts := func(s *stage) string {
		var b strings.Builder
		for _, shape := range s.w.Shapes() {
			fmt.Fprintln(&b, shape.Count, shape.Seen, shape.First, shape.Last)
			for _, path := range []string{"price", "a", "a.b", "a.b.*", "a.b.*.c", "product.brand", "tags.*"} {
				f := shape.Fields[path]
				if f == nil {
					t.Fatalf("no field %s", path)
				}
				fmt.Fprintln(&b, path, f.Types, f.Count, f.First, f.Last, f.Examples)
			}
		}
		return b.String()
	}
	if diff := cmp.Diff(counts(one), counts(pieces)); diff != "" {
		t.Errorf("(-in one +in pieces):\n%s", diff)
	}
}

func TestSampled(t *testing.T) {
	w := NewWatcher()
	for i := range 10_000 { // a thousand a second for ten seconds
		w.Observe(website, "viewed", []byte(shoe), monday.Add(time.Duration(i)*time.Millisecond))
	}
	s := w.Shapes()[0]
	if want := int64(atOnce + 10*perSecond); s.Count != 10_000 || s.Seen > want+2 || s.Seen < want-5 {
		t.Errorf("%d counted, %d looked into; want 10000 and about %d", s.Count, s.Seen, want)
	}
	if share := s.Share(s.Fields["price"]); share != 1 {
		t.Errorf("share %v of what all have", share)
	}
}

func TestBounded(t *testing.T) {
	w := NewWatcher()
	for i := range 5_000 {
		w.Observe(fmt.Sprintf("source%d", i%12), offers.EventType(fmt.Sprintf("event%d", i)), []byte(`{"a":1}`), monday)
	}
	if n := len(w.Shapes()); n != maxShapes || w.Unwatched() != 5_000-maxShapes {
		t.Errorf("%d shapes, %d unwatched", n, w.Unwatched())
	}
	w = NewWatcher()
	for i := range 500 {
		w.Observe(website, offers.EventType(fmt.Sprintf("event%d", i)), nil, monday)
	}
	if n := len(w.Shapes()); n != maxOfSource {
		t.Errorf("%d kinds of events of one source, want %d", n, maxOfSource)
	}
	w = NewWatcher()
	wide := map[string]any{}
	for i := range 5_000 {
		wide[fmt.Sprintf("field_%c%c%c", 'a'+i%26, 'a'+i/26%26, 'a'+i/676)] = strings.Repeat("long ", 1000)
	}
	deep := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)
	body, _ := json.Marshal(wide)
	for _, b := range []string{string(body), deep, `{"` + strings.Repeat("k", 10_000) + `":1}`} {
		w.Observe(website, "viewed", []byte(b), monday)
	}
	s := w.Shapes()[0]
	stored, _ := json.Marshal(&s)
	if !s.Truncated || len(s.Fields) > maxFields || len(stored) > 60_000 {
		t.Errorf("truncated %t, %d fields, %d bytes", s.Truncated, len(s.Fields), len(stored))
	}
}

func TestExamplesTellOfNobody(t *testing.T) {
	w := NewWatcher()
	w.Observe(website, "viewed", []byte(`{"email":"mia@example.com","note":"call 0170 1234567","traits":{"name":"Mia"},"title":"Trail shoe","mia@example.com":1,"price":5}`), monday)
	stored, _ := json.Marshal(w.Take())
	for _, secret := range []string{"mia", "Mia", "0170"} {
		if strings.Contains(string(stored), secret) {
			t.Errorf("%s is kept: %s", secret, stored)
		}
	}
	if !strings.Contains(string(stored), "Trail shoe") {
		t.Errorf("no example of a title: %s", stored)
	}
}

// What a proposal is made of fulfils it.
func TestPropose(t *testing.T) {
	bodies := []string{shoe, `{"product_id":"p2","price":20,"product":{"brand":"y","year":2026},"tags":[],"size":"L"}`, `{"product_id":"p3","price":1.5,"product":{"brand":"z"},"tags":["b","c"],"size":"S","lines":[{"sku":"a"},{"n":1}]}`}
	s := newStage(t)
	for i := range 90 {
		s.send(1, "viewed", bodies[i%3])
	}
	shapes := s.w.Shapes()
	schema := Propose(&shapes[0])
	set, err := contract.Compile([]contract.Contract{{Event: "viewed", Version: 1, Schema: schema}})
	if err != nil {
		t.Fatalf("%v\n%s", err, schema)
	}
	for _, body := range bodies {
		if _, problems := set.Check("viewed", website, []byte(body)); problems != nil {
			t.Errorf("%s: %v\n%s", body, problems, schema)
		}
	}
	for body, want := range map[string]int{`{}`: 4, `{"product_id":7,"price":1,"product":{"brand":"x"},"tags":[]}`: 1, `{"product_id":"p","price":1,"product":{},"tags":[]}`: 1} {
		if _, problems := set.Check("viewed", website, []byte(body)); len(problems) != want {
			t.Errorf("%s: %v, want %d problems\n%s", body, problems, want, schema)
		}
	}
	if again := Propose(&shapes[0]); string(again) != string(schema) {
		t.Error("another proposal of the same")
	}
}

func TestFromManyGoroutines(t *testing.T) {
	w := NewWatcher()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 500 {
				w.Observe(website, "viewed", []byte(shoe), monday.Add(time.Duration(i)*time.Second))
				if i%100 == g {
					w.PutBack(w.Take())
					w.Notices()
				}
			}
		})
	}
	wg.Wait()
	if s := w.Shapes(); len(s) != 1 || s[0].Count != 2_000 {
		t.Errorf("got %d shapes, %d events; want 2000 of one", len(s), s[0].Count)
	}
}

func FuzzObserve(f *testing.F) {
	f.Add([]byte(shoe), []byte(`{"price":"x","a":[[[[[[[[1]]]]]]]]}`))
	f.Add([]byte(`{"unassigned":[1,{"a":2}],"":{"":{}}}`), []byte(`{"a.b":{"c":1e300},"0":{"1":2}}`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		w := NewWatcher()
		for _, body := range [][]byte{a, b} {
			if properties, bad := formats.Valid(body); bad == nil {
				w.Observe(website, "viewed", properties, monday)
			}
		}
		w.Notices()
		taken := w.Take()
		for i := range taken {
			stored, err := json.Marshal(&taken[i])
			if err != nil {
				t.Fatal(err)
			}
			if stored, err = Merge(stored, stored); err != nil {
				t.Fatal(err)
			}
			if err := w.Restore(stored); err != nil {
				t.Fatal(err)
			}
		}
		shapes := w.Shapes()
		for i := range shapes {
			if _, err := contract.Compile([]contract.Contract{{Event: "viewed", Version: 1, Schema: Propose(&shapes[i])}}); err != nil {
				t.Errorf("proposes what is no contract: %v", err)
			}
		}
	})
}

func BenchmarkObserve(b *testing.B) {
	for name, step := range map[string]time.Duration{"looked into": time.Second, "sampled": 50 * time.Microsecond} {
		b.Run(name, func(b *testing.B) {
			w, at := NewWatcher(), monday
			b.ReportAllocs()
			for b.Loop() {
				at = at.Add(step)
				w.Observe(website, "viewed", []byte(shoe), at)
			}
		})
	}
}
