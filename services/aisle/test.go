package main

import (
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"aisle/offers"
	"aisle/offers/campaigns"
	"aisle/offers/decide/decidetest"
	"aisle/offers/feature"
	"aisle/services/stream"
)

// errStories says that stories came out otherwise than their files say.
var errStories = errors.New("stories came out otherwise")

// testMain plays the stories of campaigns and scenarios: files *_test.yaml,
// among the campaigns of their own folder, or of a running house.
func testMain(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("aisle test", flag.ContinueOnError)
	url := f.String("stream", "", "kafka://host:port of the house whose live catalogue is tested; empty: what lies in the folder of the stories")
	data := f.String("data", "", "instead: the data folder of a house in the box, which must not run now")
	own := f.String("features-file", "", "the shop's own features.yaml, where campaigns and scenarios ask for what it adds")
	junit := f.String("junit", "", "also write the results to this file, as JUnit has them")
	f.Usage = func() {
		fmt.Fprintln(f.Output(), "aisle test [flags] [folder or file…]: plays the stories in *_test.yaml, here and below")
		f.PrintDefaults()
	}
	if err := f.Parse(args); err != nil {
		return err
	}
	features, err := loadFeatures(*own)
	if err != nil {
		return err
	}
	var live *decidetest.House
	if *url != "" || *data != "" {
		house, err := liveHouse(ctx, *url, *data, features)
		if err != nil {
			return err
		}
		live = &house
	}
	folders := f.Args()
	if len(folders) == 0 {
		folders = []string{"."}
	}
	var files []storyFile
	for _, folder := range folders {
		found, err := playFolder(folder, live, features)
		if err != nil {
			return err
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		return fmt.Errorf("%w: there is no file *_test.yaml in %s", offers.ErrNotFound, strings.Join(folders, ", "))
	}
	if *junit != "" {
		if err := writeJUnit(*junit, files); err != nil {
			return err
		}
	}
	return report(os.Stdout, files)
}

// liveHouse is a running house's catalogue.
func liveHouse(ctx context.Context, url, data string, features *feature.Set) (decidetest.House, error) {
	house := decidetest.House{Features: features}
	config := stream.Config{URL: url}
	if data != "" {
		config.Dir = data + "/stream"
	}
	log, err := stream.Open(ctx, config)
	if err != nil {
		return house, err
	}
	defer log.Close()
	following, err := log.Catalogue(ctx)
	if err != nil {
		return house, err
	}
	all := following.Now()
	for _, id := range slices.Sorted(maps.Keys(all.Shops)) {
		house.Shops = append(house.Shops, *all.Shops[id])
	}
	for _, id := range slices.Sorted(maps.Keys(all.Campaigns)) {
		if all.Campaigns[id].Status == offers.CampaignLive {
			house.Campaigns = append(house.Campaigns, *all.Campaigns[id])
		}
	}
	for _, id := range slices.Sorted(maps.Keys(all.Scenarios)) {
		if all.Scenarios[id].Status == offers.CampaignLive {
			house.Scenarios = append(house.Scenarios, *all.Scenarios[id])
		}
	}
	return house, nil
}

// storyFile is a file of stories and what came of them.
type storyFile struct {
	name    string
	results []decidetest.Result
	err     error // why none could be played
}

// playFolder plays all stories in a folder and below, or those of one file.
func playFolder(root string, live *decidetest.House, features *feature.Set) ([]storyFile, error) {
	if strings.HasSuffix(root, "_test.yaml") {
		return playFiles(filepath.Dir(root), []string{root}, live, features)
	}
	var files []storyFile
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return nil
		}
		if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "node_modules") {
			return filepath.SkipDir
		}
		stories, err := filepath.Glob(filepath.Join(path, "*_test.yaml"))
		if err != nil || len(stories) == 0 {
			return err
		}
		played, err := playFiles(path, stories, live, features)
		files = append(files, played...)
		return err
	})
	return files, err
}

// playFiles plays stories among the campaigns of their folder, or live ones.
func playFiles(folder string, stories []string, live *decidetest.House, features *feature.Set) ([]storyFile, error) {
	house := live
	if house == nil {
		all, err := campaigns.Read(os.DirFS(folder))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", folder, err)
		}
		house = &decidetest.House{Shops: all.Shops, Campaigns: all.Campaigns, Scenarios: all.Scenarios, Features: features}
	}
	var files []storyFile
	for _, name := range stories {
		files = append(files, play(name, *house))
	}
	return files, nil
}

func play(name string, house decidetest.House) storyFile {
	raw, err := os.ReadFile(name)
	if err != nil {
		return storyFile{name: name, err: err}
	}
	f, err := decidetest.Parse(raw)
	if err != nil {
		return storyFile{name: name, err: err}
	}
	results, err := f.Run(house)
	return storyFile{name, results, err}
}

// report says how it went. The error is errStories if anything went wrong.
func report(w io.Writer, files []storyFile) error {
	cases, wrong := 0, 0
	for _, f := range files {
		failed := 0
		for _, r := range f.results {
			if len(r.Wrong) > 0 {
				failed++
			}
		}
		cases += len(f.results)
		switch {
		case f.err != nil:
			wrong++
			fmt.Fprintf(w, "FAIL  %s\n      %s\n", f.name, indented(f.err.Error()))
			continue
		case failed == 0:
			fmt.Fprintf(w, "ok    %s (%d)\n", f.name, len(f.results))
			continue
		}
		wrong += failed
		for _, r := range f.results {
			if len(r.Wrong) > 0 {
				fmt.Fprintf(w, "FAIL  %s:%d: %s\n      %s\n", f.name, r.Line, r.Name, indented(strings.Join(r.Wrong, "\n")))
			}
		}
	}
	fmt.Fprintf(w, "%d files, %d stories\n", len(files), cases)
	if wrong > 0 {
		return fmt.Errorf("%d %w than their files say", wrong, errStories)
	}
	return nil
}

func indented(text string) string { return strings.ReplaceAll(text, "\n", "\n      ") }

// What JUnit's readers want to have.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string     `xml:"name,attr"`
		Class   string     `xml:"classname,attr"`
		File    string     `xml:"file,attr"`
		Line    int        `xml:"line,attr,omitempty"`
		Failure *junitText `xml:"failure,omitempty"`
		Error   *junitText `xml:"error,omitempty"`
	}
	junitText struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func writeJUnit(path string, files []storyFile) error {
	var all junitSuites
	for _, f := range files {
		suite := junitSuite{Name: f.name, Tests: len(f.results)}
		if f.err != nil {
			suite.Tests, suite.Errors = 1, 1
			suite.Cases = append(suite.Cases, junitCase{Name: "file", Class: f.name, File: f.name, Error: &junitText{"the file cannot be played", f.err.Error()}})
		}
		for _, r := range f.results {
			c := junitCase{Name: r.Name, Class: f.name, File: f.name, Line: r.Line}
			if len(r.Wrong) > 0 {
				suite.Failures++
				c.Failure = &junitText{r.Wrong[0], strings.Join(r.Wrong, "\n")}
			}
			suite.Cases = append(suite.Cases, c)
		}
		all.Suites = append(all.Suites, suite)
	}
	b, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append([]byte(xml.Header), append(b, '\n')...), 0o644)
}
