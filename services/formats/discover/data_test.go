package discover

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// data is the folder of real logs, beside the repository.
func data(t testing.TB) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "..", "shared", "data", "logs")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("%s is not here: the real logs are not read", dir)
	}
	return dir
}

func TestDatesOfTheRealCases(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(data(t), "dateparse", "cases.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(raw))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		in, want, zone, fails := row[0], row[1], row[2], row[3] == "true"
		if fails {
			if got, err := ParseTime(in, nil); err == nil {
				t.Errorf("ParseTime(%q) = %v, want an error", in, got)
			}
			continue
		}
		if want == "" {
			if got, err := ParseStrict(in, nil); err == nil {
				t.Errorf("ParseStrict(%q) = %v, want an error", in, got)
			}
			continue
		}
		if !strings.HasSuffix(want, " UTC") {
			if got, err := FormatOf(in); err != nil || got != want {
				t.Errorf("FormatOf(%q) = %q, %v; want %q", in, got, err, want)
			}
			continue
		}
		var loc *time.Location
		if zone != "" {
			if loc, err = time.LoadLocation(zone); err != nil {
				t.Fatal(err)
			}
		}
		got, err := ParseTime(in, loc)
		if err != nil || got.UTC().String() != want {
			t.Errorf("ParseTime(%q, %v) = %v, %v; want %s", in, loc, got.UTC(), err, want)
		}
	}
}

func TestTablesOfTheRealCases(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(data(t), "csv-spectrum", "csvs", "*.csv"))
	if err != nil || len(files) == 0 {
		t.Fatal("no tables", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".csv")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d, ok := NewDialect(raw)
			if !ok || !d.Header {
				t.Fatalf("NewDialect = %+v, %v; want one with a header", d, ok)
			}
			var got, want []map[string]string
			var head []string
			for r := NewReader(bytes.NewReader(raw), d, 0, 0); ; {
				rec, err := r.Read()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if head == nil {
					head = rec.Fields
					continue
				}
				row := map[string]string{}
				for i, cell := range rec.Fields {
					row[head[i]] = cell
				}
				got = append(got, row)
			}
			expected, err := os.ReadFile(filepath.Join(filepath.Dir(file), "..", "json", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(expected, &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("records differ (-want +got):\n%s", diff)
			}
		})
	}
}
