package evalrank

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"aisle/offers"
	"aisle/offers/evaluate"
)

const data = "../../../shared/data"

func recorded(t *testing.T, name string) fs.FS {
	t.Helper()
	if _, err := os.Stat(filepath.Join(data, name)); err != nil {
		t.Skipf("SKIPPED: %s is not here", name)
	}
	return os.DirFS(data)
}

// What is fixed by the logs and the authors' own simulation agrees with what
// their code says.
func TestOpenBanditAgreesWithItsAuthors(t *testing.T) {
	sub, err := fs.Sub(recorded(t, "bandit"), "bandit")
	if err != nil {
		t.Fatal(err)
	}
	got, err := bandits(sub)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		judged     string
		ips, snips float64
	}{{"bts", .0045336, .0046042}, {"random", .0030086, .0031894}} {
		for _, b := range got {
			if b.Campaign != "men" || b.Judged != want.judged {
				continue
			}
			if ips := b.Report.By(evaluate.IPS).Value; math.Abs(ips-want.ips) > 1e-6 {
				t.Errorf("%s: IPS %.7f, want %.7f", want.judged, ips, want.ips)
			}
			if snips := b.Report.By(evaluate.SNIPS).Value; math.Abs(snips-want.snips) > 1e-6 {
				t.Errorf("%s: SNIPS %.7f, want %.7f", want.judged, snips, want.snips)
			}
			for _, e := range b.Report.Estimates {
				biased := e.Method == evaluate.DM || e.Method == evaluate.ClippedIPS // and say so
				if !biased && (e.Low > b.Own || e.High < b.Own) {
					t.Errorf("%s: the interval of %s, %.4f to %.4f, does not hold the truth %.4f", b.Judged, e.Method, e.Low, e.High, b.Own)
				}
			}
			if b.Conclusion.Finding != evaluate.TooLittle {
				t.Errorf("%s: concluded %+v from %d clicks", b.Judged, b.Conclusion, b.Clicks)
			}
		}
	}
}

// The first numbers of numpy.random.RandomState(12345).
func TestNumpysGenerator(t *testing.T) {
	m := newMersenne(12345)
	for i, want := range []float64{0.9296160928171479, 0.3163755545817859, 0.18391881167709445} {
		if got := m.float(); got != want {
			t.Errorf("number %d is %v, want %v", i, got, want)
		}
	}
}

func TestMailsBeatNoMail(t *testing.T) {
	sub, err := fs.Sub(recorded(t, "bandit/hillstrom"), "bandit")
	if err != nil {
		t.Fatal(err)
	}
	m, err := mails(sub, "hillstrom/hillstrom.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range m.Ways {
		if w.Low <= 0 {
			t.Errorf("%s brings %.1f visits of 1,000 (%.1f to %.1f)", w.Name, w.Value, w.Low, w.High)
		}
		if w.Name == "trees" && w.Gain.High < 0 {
			t.Errorf("trees lose to the best single mailing: %+v", w.Gain)
		}
	}
}

func TestAUCByHand(t *testing.T) {
	for _, c := range []struct {
		name         string
		label, score []float64
		want         float64
	}{
		{"right", []float64{0, 0, 1}, []float64{1, 2, 3}, 1},
		{"wrong", []float64{1, 0, 0}, []float64{1, 2, 3}, 0},
		{"all the same", []float64{1, 0, 1, 0}, []float64{1, 1, 1, 1}, .5},
		{"one pair of four", []float64{0, 1, 0, 1}, []float64{1, 2, 3, 4}, .75},
	} {
		if got := AUC(c.label, c.score); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// A small log of lists: what is shown first is clicked most, and what is known
// of a list does not hold its own clicks.
func TestListsAreKnownAsTheyWere(t *testing.T) {
	log, err := readLog(strings.NewReader(`{"event":"item","item":"a","timestamp":"1","fields":[{"name":"genres","value":["comedy"]},{"name":"popularity","value":2}]}
{"event":"item","item":"b","timestamp":"1","fields":[]}
{"event":"ranking","id":"1","user":"u","timestamp":"2","items":[{"id":"a"},{"id":"b"}]}
{"event":"interaction","type":"click","ranking":"1","item":"b","user":"u","timestamp":"3"}
{"event":"ranking","id":"2","user":"u","timestamp":"4","items":[{"id":"a"},{"id":"b"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	lists := watch(log)
	clicks, views := columnNamed("clicks"), columnNamed("views")
	first, second := lists[0], lists[1]
	if first.label[0] != 0 || first.label[1] != 1 {
		t.Errorf("labels are %v", first.label)
	}
	if first.columns[1][clicks] != 0 || first.columns[1][views] != 0 {
		t.Errorf("the first list knows of %v clicks and %v views of what it shows", first.columns[1][clicks], first.columns[1][views])
	}
	if second.columns[1][clicks] != 1 || second.columns[1][views] != 1 || second.columns[1][columnNamed("seen_before")] != 1 {
		t.Errorf("the second list knows of %v", second.columns[1])
	}
	if x := first.columns[1][columnNamed("popularity")]; !math.IsNaN(x) {
		t.Errorf("what was not told is %v", x)
	}
}

func TestNothingThere(t *testing.T) {
	if _, err := Evaluate(fstest.MapFS{}); !errors.Is(err, offers.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}
