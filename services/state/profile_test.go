package state

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
)

// fill sets everything in a value to something, down to a depth.
func fill(random *rand.Rand, v reflect.Value, depth int) {
	if random.IntN(5) == 0 {
		return
	}
	if t, ok := reflect.TypeAssert[*time.Time](v.Addr()); ok {
		*t = time.Unix(random.Int64N(4e9)-1e9, random.Int64N(1e9)).UTC()
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(random.Uint64() >> random.IntN(63)))
		if v.OverflowInt(v.Int()) || v.Kind() != reflect.Int64 {
			v.SetInt(int64(random.IntN(100) - 50))
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(random.IntN(200)))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(random.NormFloat64())
	case reflect.String:
		v.SetString(fmt.Sprint("text ", random.IntN(1000)))
	case reflect.Pointer:
		if depth > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(random, v.Elem(), depth-1)
		}
	case reflect.Slice:
		n := random.IntN(4)
		if depth <= 0 || n == 0 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(random, v.Index(i), depth-1)
		}
	case reflect.Map:
		n := random.IntN(4)
		if depth <= 0 || n == 0 {
			return
		}
		v.Set(reflect.MakeMap(v.Type()))
		for range n {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(random, key, depth-1)
			fill(random, value, depth-1)
			if value.Kind() == reflect.Pointer && value.IsNil() {
				value.Set(reflect.New(value.Type().Elem()))
			}
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for _, f := range v.Fields() {
			fill(random, f, depth-1)
		}
	}
}

func TestProfileComesBackWhole(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		want := new(offers.Profile)
		fill(random, reflect.ValueOf(want).Elem(), 5)
		b := AppendProfile(nil, want)
		got := new(offers.Profile)
		if err := DecodeProfile(b, got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-packed +unpacked)\n%s", diff)
		}
		if again := AppendProfile(nil, got); string(again) != string(b) {
			t.Fatal("the same profile has other bytes")
		}
		for _, cut := range []int{1, len(b) / 2, len(b) - 1} {
			if err := DecodeProfile(b[:cut], new(offers.Profile)); err == nil {
				t.Fatalf("%d of %d bytes were taken for a profile", cut, len(b))
			}
		}
	}
	if err := DecodeProfile([]byte(`{"shopper":"mia"}`), new(offers.Profile)); err != nil {
		t.Errorf("JSON: %v", err)
	}
}

// Two versions of the house read each other during a rolling restart.
func TestOtherVersionsAreRead(t *testing.T) {
	type inner struct{ A, B int }
	type newer struct {
		Old   string
		Times map[string]time.Time
		New   []inner
		Name  string
		Score float64
	}
	type older struct {
		Name  string // another order
		Old   string
		Score string // another type
	}
	from := newer{"old", map[string]time.Time{"a": time.Unix(1, 2)}, []inner{{1, 2}, {0, 3}}, "name", 1.5}
	b := packerOf(reflect.TypeFor[newer]()).pack(nil, reflect.ValueOf(&from).Elem())
	var to older
	r := reader{rest: string(b)}
	packerOf(reflect.TypeFor[older]()).unpack(&r, reflect.ValueOf(&to).Elem())
	if want := (older{Name: "name", Old: "old"}); to != want || r.err != nil || r.rest != "" {
		t.Errorf("got %+v, %v, left %q; want %+v", to, r.err, r.rest, want)
	}
}

func FuzzDecodeProfile(f *testing.F) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		p := new(offers.Profile)
		fill(random, reflect.ValueOf(p).Elem(), 5)
		f.Add(AppendProfile(nil, p))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p := new(offers.Profile)
		if DecodeProfile(b, p) != nil {
			return
		}
		again := new(offers.Profile)
		if err := DecodeProfile(AppendProfile(nil, p), again); err != nil {
			t.Errorf("what was read cannot be read again: %v", err)
		}
	})
}
