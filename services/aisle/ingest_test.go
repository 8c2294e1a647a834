package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFlagsAmongFiles(t *testing.T) {
	for line, want := range map[string][]string{
		"a b":            {"a", "b"},
		"-n 3 a b":       {"a", "b"},
		"a -n 3 b":       {"a", "b"},
		"a b -n=3":       {"a", "b"},
		"- -n 3":         {"-"},
		"-n 3 a -- -n b": {"a", "-n", "b"},
		"-n 3 -- -n":     {"-n"},
		"":               nil,
	} {
		f := flag.NewFlagSet("x", flag.ContinueOnError)
		n := f.Int("n", 0, "")
		got, err := parseMixed(f, strings.Fields(line))
		if err != nil || !slices.Equal(got, want) || strings.Contains(line, "3") != (*n == 3) {
			t.Errorf("%q: %q, n %d, %v; want %q", line, got, *n, err, want)
		}
	}
}

func TestPerSecond(t *testing.T) {
	for s, want := range map[string]float64{"": 0, "1000": 1000, "1000/s": 1000, "60/m": 1, "1.5/s": 1.5, "7200/h": 2} {
		if got, err := perSecond(s); err != nil || got != want {
			t.Errorf("perSecond(%q) = %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"0", "-1/s", "fast", "10/day", "/s"} {
		if got, err := perSecond(s); err == nil {
			t.Errorf("perSecond(%q) = %v", s, got)
		}
	}
}

func TestIngestSaysWhatIsWrong(t *testing.T) {
	log := filepath.Join(t.TempDir(), "access.log")
	if err := os.WriteFile(log, []byte("x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AISLE_WRITE_KEY", "")
	for line, want := range map[string]string{
		log:                              "Sources",
		"-key wk_123456":                 "name the files",
		"-format feed: " + log:           "feed:orders",
		"-rate fast " + log:              "1000/s",
		"-parser none.json " + log:       "none.json",
		"-dry-run -format xml " + log:    "xml",
		"-follow -dry-run " + log:        "does not follow",
		"-dry-run " + log + " " + log:    "twice",
		"-dry-run -zone Mars " + log:     "zone",
		"-key wk_123456 -to shop " + log: "-to",
	} {
		err := ingestMain(context.Background(), append([]string{"-state", ""}, strings.Fields(line)...))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", line, err, want)
		}
	}
}
