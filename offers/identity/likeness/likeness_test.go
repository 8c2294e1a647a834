package likeness

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
)

func TestCompare(t *testing.T) {
	for _, tt := range []struct {
		kind Kind
		a, b string
		want Level
	}{
		{Name, "Ana", "", Missing},
		{Name, "Ana", "ana", Same},
		{Name, "O'Brien", "OBrien", Same},
		{Name, "Smith-Jones", "smith jones", Same},
		{Name, "katharina", "katarina", Near},
		{Name, "katharina", "kahtarina", Near},
		{Name, "Oyelaran, Katharina", "Katharina Oyelaran", Near},
		{Name, "main street", "mainstreet", Near},
		{Name, "elizabeth", "elisabet", Alike},
		{Name, "K. Oyelaran", "Katharina Oyelaran", Alike},
		{Name, "meyer", "maier", Alike},
		{Name, "ben", "ana", Differs},
		{Name, "anna", "hanne", Differs},
		{Name, "mitchell", "lachlan", Differs},
		{Date, "1984-03-07", "19840307", Same},
		{Date, "1984-03-07", "1984-07-03", Near},
		{Date, "1984-03-07", "1984-03-08", Near},
		{Date, "1984-03-07", "1948-03-07", Near},
		{Date, "1984-03-07", "1985-03-08", Alike},
		{Date, "1984-03-07", "1971-12-24", Differs},
		{Number, "12", "21", Near},
		{Number, "7", "8", Differs},
		{Number, "7", "70", Differs},
		{Number, "117", "17", Near},
		{Code, "28004", "28040", Near},
		{Code, "28004", "08001", Alike},
		{Code, "5304218", "5302418", Near},
		{Code, "5304218", "7777777", Differs},
		{Word, "nsw", "nws", Near},
		{Word, "vic", "nsw", Differs},
		{Address, "Ana.P@example.com", "ana.p@example.com", Same},
		{Address, "ana.p@gmail.example", "ana.p@gmial.example", Near},
		{Address, "ana.perez@example.com", "ana.perez@example.org", Alike},
		{Address, "ana@example.com", "ana@example.org", Differs},
	} {
		a, b := readValue(tt.kind, tt.a), readValue(tt.kind, tt.b)
		for _, pair := range [][2]*value{{&a, &b}, {&b, &a}} {
			if got := compare(tt.kind, pair[0], pair[1]); got != tt.want {
				t.Errorf("%q and %q: %s, want %s", tt.a, tt.b, got, tt.want)
			}
		}
	}
}

func TestJaroWinkler(t *testing.T) { // the examples of Winkler's paper
	for _, tt := range []struct {
		a, b string
		want float64
	}{{"martha", "marhta", .961}, {"dwayne", "duane", .84}, {"dixon", "dicksonx", .813}, {"abc", "xyz", 0}, {"", "a", 0}} {
		if got := jaroWinkler(tt.a, tt.b); math.Abs(got-tt.want) > .001 {
			t.Errorf("%s and %s: %.3f, want %.3f", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestSlips(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"ab", "ba", 1}, {"katharina", "katarina", 1}, {"1984", "1948", 1}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"abcdef", "ghijkl", 3}} {
		if got := slips(tt.a, tt.b, 2); got != tt.want {
			t.Errorf("%q to %q: %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

// town makes people who differ, with the names, days and postcodes of a town.
func town(n int) []Record {
	given := strings.Fields("ana ben cleo dan eva finn greta hugo ines jan klara luca mia noor olga pau quim rosa sven tess")
	family := strings.Fields("alvarez brandt castillo duarte eriksen fuentes grimaldi hoffmann ibarra jansen kowalski lindqvist moreau novak oyelaran petrov quiroga romero schneider tanaka")
	var all []Record
	for i := range n {
		r := make(Record, len(Shoppers()))
		r[0] = given[i%20] + " " + family[i/20%20]
		r[1] = fmt.Sprintf("19%02d-%02d-%02d", 40+i*7%60, 1+i%12, 1+i*11%28)
		r[5] = fmt.Sprintf("%05d", 8000+i*37%900)
		r[7] = "Europe/Madrid"
		all = append(all, r)
	}
	return all
}

func TestTwins(t *testing.T) {
	people := town(200)
	twin := slices.Clone(people[33])
	twin[0], twin[1] = "Noor Duarte", people[33][1] // one slip in the name
	people[33][0] = "noor duatre"
	people = append(people, twin)
	model := Learn(Shoppers(), people, 30)
	pairs := model.Pairs()
	if len(pairs) == 0 || pairs[0].A != 33 || pairs[0].B != 200 {
		t.Fatalf("pairs %v, want the twins first", pairs)
	}
	match := model.Compare(people[33], twin)
	if match.Probability < .9 || match.Reasons[0].Weight < match.Reasons[len(match.Reasons)-1].Weight {
		t.Errorf("%+v", match)
	}
	if stranger := model.Compare(people[1], people[2]); stranger.Probability > .01 {
		t.Errorf("strangers: %+v", stranger)
	}
	if diff := cmp.Diff(pairs, Learn(Shoppers(), people, 30).Pairs()); diff != "" {
		t.Errorf("the same records, another answer:\n%s", diff)
	}
}

func TestARareNameSaysMore(t *testing.T) {
	people := town(200)
	for i := range 60 {
		people[i][0] = "maria garcia"
	}
	people[60][0], people[61][0] = "nepomuk zwingli", "nepomuk zwingli"
	model := Learn(Shoppers(), people, 30)
	weight := func(name string) float64 {
		return model.Compare(Record{name}, Record{name}).Weight
	}
	if common, rare := weight("maria garcia"), weight("nepomuk zwingli"); common >= rare {
		t.Errorf("the common name says %.1f bits, the rare one %.1f", common, rare)
	}
}

// A shop that has just opened knows few: the priors hold, and nothing is said
// that they do not carry.
func TestFewRecords(t *testing.T) {
	for n := range 4 {
		model := Learn(Shoppers(), town(n), 30)
		if len(model.Pairs()) > 0 && model.Pairs()[0].Weight > 0 {
			t.Errorf("of %d strangers: %v", n, model.Pairs())
		}
		if groups := model.Groups(0); len(groups) != n {
			t.Errorf("%d strangers are %v", n, groups)
		}
	}
	same := OfTraits(offers.Traits{Name: "Katharina Oyelaran", Birthday: "1984-03-07"})
	if got := Learn(Shoppers(), append(town(8), same, same), 30).Pairs(); len(got) == 0 || got[0].Weight < 0 {
		t.Errorf("two of the same name and day: %v", got)
	}
	only := OfTraits(offers.Traits{TimeZone: "Europe/Madrid", Locale: "es"})
	if got := Learn(Shoppers(), []Record{only, only, only}, 30).Pairs(); len(got) > 0 && got[0].Weight > 0 {
		t.Errorf("of the same time zone only: %v", got)
	}
}

// Where town and postcode say the same twice, they count for little more than
// once.
func TestGroupsOfFields(t *testing.T) {
	model := Learn(Shoppers(), town(200), 30)
	both := model.Compare(Record{5: "99999", 6: "Atlantis", 8: ""}, Record{5: "99999", 6: "Atlantis", 8: ""}).Weight
	one := model.Compare(Record{5: "99999", 8: ""}, Record{5: "99999", 8: ""}).Weight
	other := model.Compare(Record{6: "Atlantis", 8: ""}, Record{6: "Atlantis", 8: ""}).Weight
	if sum := one + other - model.odds; both >= sum-1 {
		t.Errorf("both say %.1f bits, one %.1f and the other %.1f", both, one, other)
	}
}

// A is like B and B like C, but A and C are two: B goes to one of them.
func TestGroupsAreNotChains(t *testing.T) {
	people := town(200)
	ana := Record{"ana schneider", "1970-01-31", "", "ana@one.example", "calle mayor 7", "28004", "madrid", "", ""}
	hanna := Record{"hanna schneider", "1999-08-15", "", "hanna@two.example", "rua augusta 19", "41001", "lisboa", "", ""}
	between := Record{"hanna schneider", "1970-01-31", "", "", "", "28004", "", "", ""}
	people = append(people, ana, hanna, between)
	model := Learn(Shoppers(), people, 30)
	for _, g := range model.Groups(0) {
		if slices.Contains(g, 200) && slices.Contains(g, 201) {
			t.Errorf("strangers are one by way of a third: %v", g)
		}
	}
}

func TestSwappedNames(t *testing.T) {
	schema := []Field{{Name: "given", Kind: Name, Swaps: "family"}, {Name: "family", Kind: Name, Swaps: "given"}, {Name: "born", Kind: Date}}
	var people []Record
	for _, r := range town(200) {
		given, family, _ := strings.Cut(r[0], " ")
		people = append(people, Record{given, family, r[1]})
	}
	people = append(people, Record{people[9][1], people[9][0], people[9][2]})
	model := Learn(schema, people, 30)
	match := model.Compare(people[9], people[200])
	if !slices.ContainsFunc(match.Reasons, func(r Reason) bool { return r.Level == Swapped && r.Weight > 0 }) {
		t.Errorf("%+v, want the names swapped", match)
	}
	if pairs := model.Pairs(); len(pairs) == 0 || pairs[0].B != 200 {
		t.Errorf("pairs %v", pairs)
	}
}

func TestThreshold(t *testing.T) {
	model := &Model{pairs: []Pair{{Weight: 20}, {Weight: 12}, {Weight: 9}, {Weight: 4}, {Weight: 1}}}
	if got := model.Threshold(.01); got != 9 {
		t.Errorf("threshold %.0f, want 9: with the next, more than one in a hundred is wrong", got)
	}
	if got := (&Model{}).Threshold(.01); !math.IsInf(got, 1) {
		t.Errorf("of nothing: %v", got)
	}
}

func FuzzLearn(f *testing.F) {
	f.Add("Ana Pérez", "1984-03-07", "ana perez", "1984-07-03")
	f.Add("", "x", "\xff\x00", strings.Repeat("é", 300))
	f.Add("李雷", "2001", "王 芳", "20010101")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		for _, k := range []Kind{Word, Name, Number, Code, Date, Address} {
			x, y := readValue(k, a), readValue(k, c)
			if one, other := compare(k, &x, &y), compare(k, &y, &x); one != other || one >= levels {
				t.Errorf("%q and %q as %d: %s and %s", a, c, k, one, other)
			}
		}
		records := []Record{{a, b}, {c, d}, {a, d, b, c}, {d, c, b, a, a, b, c, d, a, b, c}}
		model := Learn(Shoppers(), records, 5)
		for _, p := range model.Pairs() {
			if math.IsNaN(p.Weight) || math.IsInf(p.Weight, 0) {
				t.Errorf("weight %v of %q and %q", p.Weight, records[p.A], records[p.B])
			}
		}
		n := 0
		for _, g := range model.Groups(0) {
			n += len(g)
		}
		if n != len(records) {
			t.Errorf("%d records are in groups, of %d", n, len(records))
		}
	})
}

func BenchmarkLearn(b *testing.B) {
	people := town(5000)
	for b.Loop() {
		Learn(Shoppers(), people, 30)
	}
}
