package evalidentity

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"aisle/offers"
)

// The floors are what the product promises: precision first.
func TestEvaluate(t *testing.T) {
	const data = "../../../../shared/data"
	if _, err := os.Stat(data + "/identity"); err != nil {
		t.Skipf("NOT TESTED here: there are no data in ../shared/data/identity")
	}
	report, err := Evaluate(os.DirFS(data))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", report)
	for _, f := range report.Files {
		if f.Likeness.Precision() < .995 || f.Likeness.Recall() < .97 {
			t.Errorf("%s: precision %.4f, recall %.4f: want at least .995 and .97", f.Name, f.Likeness.Precision(), f.Likeness.Recall())
		}
		if f.Joined.Precision() < .99 {
			t.Errorf("%s: the join by number has precision %.4f, want at least .99", f.Name, f.Joined.Precision())
		}
	}
}

// Files of our own writing, in the shape of FEBRL's.
const head = "rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, date_of_birth, soc_sec_id\n"

func TestEvaluateReads(t *testing.T) {
	two := head +
		"rec-1-org, ana, schneider, 7, calle mayor, , madrid, 2800, nsw, 19700131, 1234567\n" +
		"rec-1-dup-0, schneider, ana, 7, calle mayor, , madird, 2800, nsw, 19703101, 1234567\n" +
		"rec-2-org, ben, tanaka, 12, high street, flat 2, york, 4011, vic, 19840307, 7654321\n" +
		"rec-3-org, , , , , , , , , , \n" +
		"rec-4-org, , , , , , , , , , \n"
	for _, tt := range []struct {
		name    string
		files   map[string]string
		want    Score
		joined  Score
		records int
		wrong   error
	}{
		{name: "one file", files: map[string]string{"dataset9.csv": two}, want: Score{Found: 1, True: 1, Right: 1}, joined: Score{Found: 1, True: 1, Right: 1}, records: 5},
		{name: "in its folder", files: map[string]string{"identity/dataset9.csv": two}, want: Score{Found: 1, True: 1, Right: 1}, joined: Score{Found: 1, True: 1, Right: 1}, records: 5},
		{name: "in two halves", files: map[string]string{
			"dataset4a.csv": head + "rec-1-org, ana, schneider, 7, calle mayor, , madrid, 2800, nsw, 19700131, 1234567\n",
			"dataset4b.csv": head + "rec-1-dup-0, ana, schnider, 7, calle mayor, , madrid, 2800, nsw, 19700131, 1234576\n",
		}, want: Score{Found: 1, True: 1, Right: 1}, joined: Score{True: 1}, records: 2},
		{name: "none", files: map[string]string{"other.csv": two}, wrong: offers.ErrNotFound},
		{name: "without rec_id", files: map[string]string{"dataset9.csv": "a, b\n1, 2\n"}, wrong: offers.ErrInvalid},
		{name: "rec_id of another kind", files: map[string]string{"dataset9.csv": "rec_id\nx\n"}, wrong: offers.ErrInvalid},
		{name: "empty", files: map[string]string{"dataset9.csv": ""}, wrong: offers.ErrInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			for name, text := range tt.files {
				fsys[name] = &fstest.MapFile{Data: []byte(text)}
			}
			report, err := Evaluate(fsys)
			if !errors.Is(err, tt.wrong) {
				t.Fatalf("error %v, want %v", err, tt.wrong)
			}
			if tt.wrong != nil {
				return
			}
			f := report.Files[0]
			if len(report.Files) != 1 || f.Likeness != tt.want || f.Joined != tt.joined || f.Records != tt.records {
				t.Errorf("%+v, want %+v and %+v of %d", f, tt.want, tt.joined, tt.records)
			}
			if !strings.Contains(report.String(), f.Name) {
				t.Errorf("the table lacks %s:\n%s", f.Name, report)
			}
		})
	}
}

func TestScore(t *testing.T) {
	s := score([]int{1, 1, 1, 2}, []string{"a", "a", "b", "b"})
	if want := (Score{Found: 3, True: 2, Right: 1}); s != want {
		t.Errorf("score %+v, want %+v", s, want)
	}
	if s.Precision() != 1./3 || s.Recall() != .5 || s.F1() != .4 {
		t.Errorf("precision %v, recall %v, F1 %v", s.Precision(), s.Recall(), s.F1())
	}
}
