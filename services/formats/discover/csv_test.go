package discover

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
)

func TestNewDialect(t *testing.T) {
	tests := []struct {
		name, sample string
		want         Dialect
		rows         [][]string
	}{
		{
			"commas", "sku,name,price\n1,mug,2.50\n2,cup,3.00\n",
			Dialect{Delimiter: ",", Quote: `"`, Header: true, LineEnd: "\n"},
			[][]string{{"sku", "name", "price"}, {"1", "mug", "2.50"}, {"2", "cup", "3.00"}},
		},
		{
			"semicolons, for the comma is decimal", "sku;price\r\n1;2,50\r\n2;3,00\r\n",
			Dialect{Delimiter: ";", Quote: `"`, Header: true, LineEnd: "\r\n"},
			[][]string{{"sku", "price"}, {"1", "2,50"}, {"2", "3,00"}},
		},
		{
			"tabs, no header", "1\tmug\t2024-05-17\n2\tcup\t2024-05-18\n",
			Dialect{Delimiter: "\t", Quote: `"`, LineEnd: "\n"},
			[][]string{{"1", "mug", "2024-05-17"}, {"2", "cup", "2024-05-18"}},
		},
		{
			"pipes after the mark of UTF-8", "\xef\xbb\xbfname|city\nAda|London\nBob|Rome\n",
			Dialect{Delimiter: "|", Quote: `"`, Header: true, LineEnd: "\n", BOM: true},
			[][]string{{"name", "city"}, {"Ada", "London"}, {"Bob", "Rome"}},
		},
		{
			"commas, quotes and lines within cells", "a,b\n\"one, \"\"two\"\"\",\"x\ny\"\n3,4\n",
			Dialect{Delimiter: ",", Quote: `"`, Header: true, LineEnd: "\n"},
			[][]string{{"a", "b"}, {`one, "two"`, "x\ny"}, {"3", "4"}},
		},
		{
			"a quote that is escaped", "a,b\n\"say \\\"hi\\\", now\",2\n\"it, too\",4\n",
			Dialect{Delimiter: ",", Quote: `"`, Escape: `\`, Header: true, LineEnd: "\n"},
			[][]string{{"a", "b"}, {`say "hi", now`, "2"}, {"it, too", "4"}},
		},
		{
			"single quotes", "id,text\n1,'a, b'\n2,'c, it''s'\n3,'d, e'\n",
			Dialect{Delimiter: ",", Quote: `'`, Header: true, LineEnd: "\n"},
			[][]string{{"id", "text"}, {"1", "a, b"}, {"2", "c, it's"}, {"3", "d, e"}},
		},
		{
			"inches that nobody escaped", "item,size\n\"frame\",\"8\" x 10\"\n\"poster\",\"20\" x 30\"\n",
			Dialect{Delimiter: ",", Quote: `"`, Header: true, LineEnd: "\n"},
			[][]string{{"item", "size"}, {"frame", `8" x 10`}, {"poster", `20" x 30`}},
		},
		{
			"degrees", "place,where\nshop,\"40°26'46\"\"N 79°58'56\"\"W\"\ndepot,\"41°02'11\"\"N 80°01'00\"\"W\"\n",
			Dialect{Delimiter: ",", Quote: `"`, Header: true, LineEnd: "\n"},
			[][]string{{"place", "where"}, {"shop", `40°26'46"N 79°58'56"W`}, {"depot", `41°02'11"N 80°01'00"W`}},
		},
		{
			"latin1", "name,city\nJos\xe9,M\xe1laga\nAnn,York\n",
			Dialect{Delimiter: ",", Quote: `"`, Header: true, LineEnd: "\n", Encoding: Latin1},
			[][]string{{"name", "city"}, {"José", "Málaga"}, {"Ann", "York"}},
		},
		{
			"an old Mac's lines", "a,b\r1,2\r3,4\r",
			Dialect{Delimiter: ",", Quote: `"`, Header: true, LineEnd: "\r"},
			[][]string{{"a", "b"}, {"1", "2"}, {"3", "4"}},
		},
		{
			"years as names", "country,2019,2020\nFR,12.5,13\nDE,9,10.25\n",
			Dialect{Delimiter: ",", Quote: `"`, Header: true, LineEnd: "\n"},
			[][]string{{"country", "2019", "2020"}, {"FR", "12.5", "13"}, {"DE", "9", "10.25"}},
		},
		{
			"all words, no header", "Ada,London\nAda,Rome\nBob,London\n",
			Dialect{Delimiter: ",", Quote: `"`, LineEnd: "\n"},
			[][]string{{"Ada", "London"}, {"Ada", "Rome"}, {"Bob", "London"}},
		},
		{
			"times with colons", "time,who\n10:05:03,Ada\n11:06:04,Bob\n",
			Dialect{Delimiter: ",", Quote: `"`, Header: true, LineEnd: "\n"},
			[][]string{{"time", "who"}, {"10:05:03", "Ada"}, {"11:06:04", "Bob"}},
		},
		{
			"no line end at the end, an empty cell", "a,b\n1,\n,2",
			Dialect{Delimiter: ",", Quote: `"`, Header: true, LineEnd: "\n"},
			[][]string{{"a", "b"}, {"1", ""}, {"", "2"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := NewDialect([]byte(tt.sample))
			if !ok {
				t.Fatal("no dialect")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("NewDialect differs (-want +got):\n%s", diff)
			}
			for name, src := range map[string]io.Reader{
				"at once": strings.NewReader(tt.sample), "byte by byte": iotest.OneByteReader(strings.NewReader(tt.sample)),
			} {
				if diff := cmp.Diff(tt.rows, rowsOf(t, NewReader(src, got, 0, 0))); diff != "" {
					t.Errorf("read %s, records differ (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

func rowsOf(t *testing.T, r *Reader) (rows [][]string) {
	t.Helper()
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, rec.Fields)
	}
}

func TestNoDialect(t *testing.T) {
	for name, sample := range map[string]string{
		"nothing":    "",
		"one column": "mug\ncup\nplate\n",
		"line ends":  "\n\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			if d, ok := NewDialect([]byte(sample)); ok {
				t.Errorf("NewDialect = %+v, want none", d)
			}
		})
	}
}

// An ingest that stops after any record goes on with the next.
func TestReaderResumes(t *testing.T) {
	text := "\xef\xbb\xbfa,b\n1,\"x\r\ny\"\n\"q \"\"r\"\"\",2\r\n3,4"
	d := Dialect{Delimiter: ",", Quote: `"`, LineEnd: "\n"}
	all := rowsOf(t, NewReader(strings.NewReader(text), d, 0, 0))
	if len(all) != 4 {
		t.Fatalf("%d records, want 4: %q", len(all), all)
	}
	r := NewReader(strings.NewReader(text), d, 0, 0)
	for n := range all {
		rec, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimRight(text[rec.Offset:rec.Next], "\r\n"); got != string(rec.Raw) {
			t.Errorf("record %d lies at [%d:%d], which is %q, not %q", n, rec.Offset, rec.Next, got, rec.Raw)
		}
		rest := rowsOf(t, NewReader(strings.NewReader(text[rec.Next:]), d, 0, rec.Next))
		if diff := cmp.Diff(all[n+1:], rest, cmp.Transformer("empty", func(x [][]string) []string {
			var flat []string
			for _, row := range x {
				flat = append(flat, strings.Join(row, "|"))
			}
			return flat
		})); diff != "" {
			t.Errorf("after record %d (-want +got):\n%s", n, diff)
		}
	}
}

func TestReaderIsBounded(t *testing.T) {
	d := Dialect{Delimiter: ",", Quote: `"`, LineEnd: "\n"}
	tests := []struct {
		name, text string
		want       []string // records, or the reasons
	}{
		{"a line that is too long", "1,2\n" + strings.Repeat("x", 100) + "\n3,4\n", []string{"1,2", "too long", "3,4"}},
		{"far too long", "1,2\n" + strings.Repeat("x", 100_000) + "\n3,4\n", []string{"1,2", "too long", "3,4"}},
		{"too long to its end", "1,2\n" + strings.Repeat("x", 100_000), []string{"1,2", "too long"}},
		{"a quote never closed", "1,\"2\n3,4\n5,6\n7,8\n9,10\n11,12\n", []string{"unclosed", "3,4", "5,6", "7,8", "9,10", "11,12"}},
		{"a quote never closed in the last line", "1,2\n3,\"4", []string{"1,2", "unclosed"}},
		{"a quote never closed in a long line", "1,\"" + strings.Repeat("x", 100_000) + "\n3,4\n", []string{"too long", "3,4"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			r := NewReader(strings.NewReader(tt.text), d, 20, 0)
			end := int64(0)
			for {
				rec, err := r.Read()
				if errors.Is(err, io.EOF) {
					break
				}
				switch {
				case errors.Is(err, ErrTooLong) && errors.Is(err, offers.ErrInvalid):
					got = append(got, "too long")
				case errors.Is(err, ErrUnclosed) && errors.Is(err, offers.ErrInvalid):
					got = append(got, "unclosed")
				case err != nil:
					t.Fatal(err)
				default:
					got = append(got, string(rec.Raw))
				}
				if len(rec.Raw) > 20 {
					t.Errorf("a record of %d bytes", len(rec.Raw))
				}
				if rec.Offset < end || rec.Next <= rec.Offset {
					t.Errorf("a record at [%d:%d] after %d", rec.Offset, rec.Next, end)
				}
				end = rec.Next
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("records differ (-want +got):\n%s", diff)
			}
			if n := cap(r.buf); n > 64<<10 {
				t.Errorf("the reader holds %d bytes", n)
			}
		})
	}
}

// A file in which every line opens a quote is not read as often as it has lines.
func TestReaderOfBrokenQuotes(t *testing.T) {
	const lines = 100_000
	start := time.Now()
	r := NewReader(strings.NewReader(strings.Repeat("\"a,b\n", lines)), Dialect{Delimiter: ",", Quote: `"`, LineEnd: "\n"}, 0, 0)
	n := 0
	for ; ; n++ {
		if _, err := r.Read(); errors.Is(err, io.EOF) {
			break
		} else if !errors.Is(err, ErrUnclosed) {
			t.Fatal(err)
		}
	}
	if took := time.Since(start); n != lines || took > 5*time.Second {
		t.Errorf("%d records in %v, want %d", n, took, lines)
	}
}

func TestReaderTellsTrouble(t *testing.T) {
	trouble := errors.New("the disk is gone")
	r := NewLines(io.MultiReader(strings.NewReader("one\ntwo"), iotest.ErrReader(trouble)), 0, 0)
	var lines []string
	for {
		rec, err := r.Read()
		if err != nil {
			if !errors.Is(err, trouble) {
				t.Errorf("Read = %v, want %v", err, trouble)
			}
			break
		}
		lines = append(lines, string(rec.Raw))
	}
	if len(lines) == 0 || lines[0] != "one" {
		t.Errorf("before it, %q were read", lines)
	}
}

func FuzzTable(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a;b\r\n\"1\r\n\";2", "\"", "a,\"b\"\"c\"\n", "\xef\xbb\xbfa\tb\rc\td", "x|'y|z'\n", "a,\"b\\\"c\",d\n", "\xff,\xfe\n1,2"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, ok := NewDialect(text)
		if !ok {
			d = Dialect{Delimiter: ",", Quote: `"`, LineEnd: "\n"}
		}
		const limit = 64
		end := int64(0)
		for r := NewReader(iotest.HalfReader(bytes.NewReader(text)), d, limit, 0); ; {
			rec, err := r.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil && !errors.Is(err, offers.ErrInvalid) {
				t.Fatal(err)
			}
			if rec.Offset < end || rec.Next <= rec.Offset || rec.Next > int64(len(text)) || len(rec.Raw) > limit {
				t.Fatalf("record [%d:%d] of %d bytes after %d", rec.Offset, rec.Next, len(rec.Raw), end)
			}
			if err == nil && len(rec.Fields) == 0 {
				t.Fatal("a record without a cell")
			}
			end = rec.Next
		}
	})
}
