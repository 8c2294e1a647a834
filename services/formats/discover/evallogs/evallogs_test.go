package evallogs

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"aisle/offers"
)

func TestFloors(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "..", "..", "shared", "data")
	if _, err := os.Stat(filepath.Join(dir, "logs")); err != nil {
		t.Skipf("%s is not here: nothing real is measured", dir)
	}
	r, err := Evaluate(os.DirFS(dir), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", r)
	if r.Mean() < .95 {
		t.Errorf("mean grouping accuracy %.3f, want .95", r.Mean())
	}
	if r.RawMean() < .90 {
		t.Errorf("mean grouping accuracy of whole lines %.3f, want .90", r.RawMean())
	}
	for _, c := range []struct {
		name string
		Count
	}{{"dates", r.Dates}, {"tables", r.Tables}, {"access lines", r.Access}} {
		if c.Of == 0 || c.Right != c.Of {
			t.Errorf("%s: %d of %d are right", c.name, c.Right, c.Of)
		}
	}
}

func TestAccuracy(t *testing.T) {
	tests := []struct {
		name   string
		groups []int
		truth  string
		want   float64
	}{
		{"all right, whatever the names", []int{7, 7, 9}, "aab", 1},
		{"one group in two", []int{1, 2, 3, 3}, "aabb", .5},
		{"two groups in one", []int{1, 1, 1, 3}, "aabc", .25},
		{"nothing", nil, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Accuracy(tt.groups, []byte(tt.truth)); math.Abs(got-tt.want) > 1e-9 {
				t.Errorf("Accuracy = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestEvaluateTellsWhatIsWrong(t *testing.T) {
	data := fstest.MapFS{
		"logs/loghub/Till/Till_2k.log_structured.csv": {Data: []byte("LineId,Content,EventId\n1,sold 3 mugs,E1\n2,sold 4 mugs,E2\n3,closed,E3\n")},
		"logs/dateparse/cases.tsv":                    {Data: []byte("input\texpected_utc\tlocation\terror\n2024-05-17\t2024-05-18 00:00:00 +0000 UTC\t\t\n2024-05-17\t2024-05-17 00:00:00 +0000 UTC\t\t\n")},
		"logs/csv-spectrum/csvs/a.csv":                {Data: []byte("a,b\n1,2\n")},
		"logs/csv-spectrum/json/a.json":               {Data: []byte(`[{"a":"1","b":"3"}]`)},
		"logs/apache/access.log":                      {Data: []byte("no access\n203.0.113.7 - - [17/May/2024:12:05:03 +0200] \"GET / HTTP/1.1\" 200 5\n")},
	}
	now := time.Unix(0, 0)
	r, err := Evaluate(data, func() time.Time { now = now.Add(time.Second); return now })
	if err != nil {
		t.Fatal(err)
	}
	if r.Dates != (Count{1, 2}) || r.Tables != (Count{0, 1}) || r.Access != (Count{1, 2}) || len(r.Failed) != 3 {
		t.Errorf("Evaluate = %+v", r)
	}
	want := System{Name: "Till", Lines: 3, True: 3, Found: 2, Accuracy: 1. / 3, Raw: -1, PerSec: 3}
	if len(r.Systems) != 1 || r.Systems[0] != want {
		t.Errorf("Systems = %+v, want %+v", r.Systems, want)
	}
	if _, err := Evaluate(fstest.MapFS{}, time.Now); !errors.Is(err, offers.ErrNotFound) {
		t.Errorf("Evaluate of nothing = %v, want not found", err)
	}
}
