package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aisle/offers/feature"
)

const storyCampaign = `
id: help
trigger: {event: scenario_completed, scenario: lingers}
channels: [app]
offers: [{id: o, title: Help, valid: 1h}]
`

const storyScenario = `
id: lingers
steps:
  - {name: Stops, events: [zone_dwelled]}
  - {name: Goes on, not: true, events: [zone_left], for: 1m}
`

const storyTold = `
cases:
  - name: they linger
    now: 2026-11-20 15:04
    shopper: {consents: [push, location]}
    events: [{type: zone_dwelled, zone: z}]
    clock: "15:10"
    expect: {completed: ["lingers at 15:05"], verdict: offered}
  - name: they go on
    now: 2026-11-20 15:04
    shopper: {consents: [push, location]}
    events: [{ago: 10s, type: zone_dwelled, zone: z}, {type: zone_left, zone: z}]
    clock: "15:10"
    expect: {completed: [], verdict: asleep}
`

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestStoriesOfAFolder(t *testing.T) {
	tests := []struct {
		name string
		told string
		want []string // of the report; "ok" first where all is well
	}{
		{"as told", storyTold, []string{"ok    ", "1 files, 2 stories"}},
		{"otherwise", strings.Replace(storyTold, "15:05", "15:06", 1), []string{"help_test.yaml:3: they linger", "completed [lingers at 15:05:00], want [lingers at 15:06]"}},
		{"another verdict", strings.Replace(storyTold, "verdict: asleep", "verdict: offered", 1), []string{"help_test.yaml:9: they go on", "no campaign woke, want offered"}},
		{"an unknown key", strings.Replace(storyTold, "clock:", "clok:", 1), []string{"[7:5]", "clok"}},
		{"a time that is none", strings.Replace(storyTold, `clock: "15:10"`, `clock: "soon"`, 1), []string{"they linger", `"soon" is no time`}},
		{"nothing expected", strings.Replace(storyTold, `completed: [], verdict: asleep`, `offer: o`, 1), []string{"line 9", "it could not fail"}},
		{"a scenario that is not there", strings.Replace(storyTold, "completed: []", "waiting: {left: Home}", 1), []string{`there is no scenario "left"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := folder(t, map[string]string{"help.yaml": storyCampaign, "lingers.yaml": storyScenario, "help_test.yaml": tt.told})
			files, err := playFolder(dir, nil, feature.Default())
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			err = report(&out, files)
			if well := strings.HasPrefix(tt.want[0], "ok"); well != (err == nil) || !well && !errors.Is(err, errStories) {
				t.Errorf("error %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("report\n%s\nlacks %q", out.String(), want)
				}
			}
		})
	}
}

func TestStoriesOfAFile(t *testing.T) {
	dir := folder(t, map[string]string{"help.yaml": storyCampaign, "lingers.yaml": storyScenario, "help_test.yaml": storyTold, "other_test.yaml": storyTold})
	files, err := playFolder(filepath.Join(dir, "help_test.yaml"), nil, feature.Default())
	if err != nil || len(files) != 1 || files[0].err != nil || len(files[0].results) != 2 {
		t.Errorf("%+v, %v; want the two stories of the one file", files, err)
	}
	if files, err := playFolder(filepath.Join(dir, "none_test.yaml"), nil, feature.Default()); err != nil || len(files) != 1 || files[0].err == nil {
		t.Errorf("%+v, %v; want to be told that the file is not there", files, err)
	}
}

// A campaign may ask for what the shop's own features tell.
func TestStoriesOfAShopWithItsOwnFeatures(t *testing.T) {
	dir := folder(t, map[string]string{
		"help.yaml":      strings.Replace(storyCampaign, "id: help", "id: help\neligibility: stops_today == 1.0", 1),
		"lingers.yaml":   storyScenario,
		"help_test.yaml": storyTold,
	})
	own := filepath.Join(folder(t, map[string]string{"features.yaml": "features: {stops_today: {event: zone_dwelled, aggregate: count, calendar: day}}"}), "features.yaml")
	if err := testMain(t.Context(), []string{"-features-file", own, dir}); err != nil {
		t.Error(err)
	}
	if err := testMain(t.Context(), []string{dir}); !errors.Is(err, errStories) {
		t.Errorf("error %v, want that nobody knows the feature", err)
	}
}

func TestStoriesAsJUnit(t *testing.T) {
	dir := folder(t, map[string]string{"help.yaml": storyCampaign, "lingers.yaml": storyScenario, "help_test.yaml": strings.Replace(storyTold, "15:05", "15:06", 1)})
	path := filepath.Join(dir, "junit.xml")
	if err := testMain(t.Context(), []string{"-junit", path, dir}); !errors.Is(err, errStories) {
		t.Errorf("error %v, want that stories came out otherwise", err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`tests="2" failures="1" errors="0"`, `line="3"`, "want [lingers at 15:06]"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("JUnit file\n%s\nlacks %s", b, want)
		}
	}
	if err := testMain(t.Context(), []string{t.TempDir()}); err == nil {
		t.Error("a folder without stories is well")
	}
}
