package ingest

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"aisle/services/formats"
	"aisle/services/formats/discover"
	"aisle/services/formats/feed"
)

func tablePlan() *feed.Plan {
	return &feed.Plan{Format: feed.Table, Parser: &discover.Parser{Version: discover.ParserVersion, Kind: discover.Table, Columns: []string{"a"},
		Dialect: &discover.Dialect{Delimiter: ",", Quote: `"`, LineEnd: "\n"}, Fields: []discover.Field{{Name: "a", From: "a", Type: discover.String}}}}
}

// FuzzRecords reads anything, in one go and in pieces, from the beginning and
// from every place at which a reader may have been killed: the records are the
// same, of a bounded size, and in their places.
func FuzzRecords(f *testing.F) {
	for _, seed := range []string{
		"", "\n", "a", "a\n", "a\r\nb\r\n", "\n\n\n", "a,\"b\nc\",d\ne,f\n", "\"never closed\nx\ny\n", "\xef\xbb\xbfa\nb", "a\x00b\n\xff\n",
		"a\"b\n\"\"\n\"a\"\"\"\n", visitLine + "\n" + visitLine, "a\rb\r",
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	f.Add(bytes.Repeat([]byte("long "), 20_000), false)
	f.Add(append(append([]byte("a\n\""), bytes.Repeat([]byte("x\n"), 20_000)...), "\"\nb\n"...), true)
	f.Fuzz(func(t *testing.T, text []byte, table bool) {
		plan := &feed.Plan{Format: feed.Access}
		if table {
			plan = tablePlan()
		}
		type place struct {
			At   int64
			Long bool
			Text string
		}
		read := func(in io.Reader, offset int64) (all []place, nexts []int64, end int64) {
			s := newTexts(plan, io.NopCloser(in), offset)
			for before := int64(-1); ; {
				r, next, err := s.Next()
				if errors.Is(err, io.EOF) {
					return all, nexts, s.End()
				}
				if err != nil {
					t.Fatal(err)
				}
				if r.At <= before || r.At < offset || next < r.At || next == r.At && r.Size == 0 {
					t.Fatalf("a record at %d up to %d after one at %d", r.At, next, before)
				}
				if len(r.Text) > formats.MaxEvent {
					t.Fatalf("a record of %d bytes", len(r.Text))
				}
				if r.Size == 0 && !bytes.HasPrefix(text[r.At:], r.Text) {
					t.Fatalf("the record at %d is not what lies there", r.At)
				}
				before = r.At
				all, nexts = append(all, place{r.At, r.Size > 0, string(r.Text)}), append(nexts, next)
			}
		}
		whole, nexts, end := read(bytes.NewReader(text), 0)
		if end != int64(len(text)) {
			t.Fatalf("read up to %d of %d", end, len(text))
		}
		if table && bytes.IndexByte(text, '"') >= 0 {
			return // where quotes are broken, what is a record depends on how much is seen of it
		}
		pieces, _, _ := read(iotest.HalfReader(bytes.NewReader(text)), 0)
		if diff := cmp.Diff(whole, pieces); diff != "" {
			t.Fatalf("in pieces (-whole +pieces):\n%s", diff)
		}
		for i, next := range nexts {
			if i > 20 {
				break
			}
			rest, _, _ := read(bytes.NewReader(text[next:]), next)
			want := whole[i+1:]
			if whole[i].Long {
				want = whole[i:]
			}
			if !slices.Equal(rest, want) {
				t.Fatalf("from %d on (-want +got):\n%s", next, cmp.Diff(want, rest))
			}
		}
	})
}

const visitLine = `198.51.100.7 - - [20/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0"`

func TestRowsOfParquet(t *testing.T) {
	type row struct {
		Name  string            `parquet:"name"`
		Note  *string           `parquet:"note"`
		At    time.Time         `parquet:"at,timestamp(microsecond)"`
		Day   int32             `parquet:"day,date"`
		Price int64             `parquet:"price,decimal(2:18)"`
		Score float64           `parquet:"score"`
		Yes   bool              `parquet:"yes"`
		ID    [16]byte          `parquet:"id,uuid"`
		Tags  []string          `parquet:"tags,list"`
		Deep  struct{ X int32 } `parquet:"deep"`
	}
	note := "a \"quote\""
	var b bytes.Buffer
	must(t, parquet.Write(&b, []row{
		{Name: "é", Note: &note, At: time.Date(2026, 11, 20, 10, 0, 0, 123456000, time.UTC), Day: 20777, Price: -105, Score: 1e9, Yes: true, ID: [16]byte{15: 1}, Tags: []string{"a", "b"}},
		{At: time.Unix(0, 0), Price: 7},
	}))
	path := t.TempDir() + "/x.parquet"
	must(t, writeFile(path, b.Bytes(), false))
	f, err := openFile(path)
	must(t, err)
	defer f.Close()
	s, err := openParquet(f, 0)
	must(t, err)
	defer s.Close()
	want := []string{
		`{"name":"é","note":"a \"quote\"","at":"2026-11-20T10:00:00.123456Z","day":"2026-11-20","price":-1.05,"score":1e+09,"yes":true,"id":"00000000-0000-0000-0000-000000000001","tags":["a","b"],"deep.X":0}`,
		`{"name":"","at":"1970-01-01T00:00:00Z","day":"1970-01-01","price":0.07,"score":0,"yes":false,"id":"00000000-0000-0000-0000-000000000000","deep.X":0}`,
	}
	for i, want := range want {
		r, next, err := s.Next()
		must(t, err)
		if string(r.Text) != want || r.At != int64(i) || next != int64(i)+1 {
			t.Errorf("row %d at %d:\n got %s\nwant %s", i, r.At, r.Text, want)
		}
	}
	if _, _, err := s.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last row: %v", err)
	}
}

// TestBrokenParquet opens a table that is cut short or has a wrong byte: an
// error or what is left of it, never a panic.
func TestBrokenParquet(t *testing.T) {
	var b bytes.Buffer
	must(t, parquet.Write(&b, []struct{ A, B string }{{"a", "b"}, {"c", "d"}}))
	whole := b.Bytes()
	path := t.TempDir() + "/x"
	try := func(table []byte) (rows int, err error) {
		must(t, writeFile(path, table, false))
		f, err := openFile(path)
		must(t, err)
		defer f.Close()
		s, err := openParquet(f, 0)
		if err != nil {
			return 0, err
		}
		defer s.Close()
		for rows = range 100 {
			if _, _, err = s.Next(); err != nil {
				return rows, err
			}
		}
		return rows, nil
	}
	if n, err := try(whole); n != 2 || !errors.Is(err, io.EOF) {
		t.Fatalf("the whole table: %d rows, %v", n, err)
	}
	for n := len(parquetMagic); n < len(whole); n += 7 {
		if rows, err := try(whole[:n]); err == nil || rows > 0 {
			t.Errorf("cut to %d bytes: %d rows, %v", n, rows, err)
		}
	}
	for i := len(parquetMagic); i < len(whole); i++ {
		wrong := bytes.Clone(whole)
		wrong[i] ^= 0x55
		if rows, err := try(wrong); err == nil {
			t.Errorf("byte %d is wrong: %d rows without end", i, rows)
		}
	}
}

const parquetMagic = "PAR1"

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
