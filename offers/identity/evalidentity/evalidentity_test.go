package evalidentity

import (
	"os"
	"testing"
	"testing/fstest"
	"time"
)

// The floors are what the product promises: precision first.
func TestEvaluate(t *testing.T) {
	const data = "../../../../shared/data"
	if _, err := os.Stat(data + "/identity"); err != nil {
		t.Skipf("NOT TESTED here: there are no data in ../shared/data/identity")
	}
	report, err := Evaluate(os.DirFS(data), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", report)
	for _, f := range report.Files {
		if f.Likeness.Precision() < .99 || f.Likeness.Recall() < .95 {
			t.Errorf("%s: precision %.4f, recall %.4f: want at least .99 and .95", f.Name, f.Likeness.Precision(), f.Likeness.Recall())
		}
		if f.Joined.Precision() < .99 {
			t.Errorf("%s: the join by number has precision %.4f, want at least .99", f.Name, f.Joined.Precision())
		}
	}
}

var _ = fstest.MapFS{}
