// Package campaigns is the demonstration: a shop to look at, and campaigns and
// scenarios as a marketer might write them for it, each in a file of its own.
//
// The files are YAML with the keys of the API's JSON, only that times are
// written as people say them: "valid: 2h" stands for valid_ns.
package campaigns

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"aisle/offers"
)

//go:embed *.yaml
var files embed.FS

// A Folder is what lies in one: each file holds a campaign, a scenario or a
// shop, and those called *_test.yaml hold stories.
type Folder struct {
	Shops     []offers.Shop
	Campaigns []offers.Campaign
	Scenarios []offers.Scenario
	Stories   []string // names of files
}

// Read reads a folder, without those in it. The error names the file, and is
// ErrInvalid if that is wrong.
func Read(folder fs.FS) (Folder, error) {
	var all Folder
	in := map[string]string{} // the file that has each
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return all, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.yaml") {
			all.Stories = append(all.Stories, name)
			continue
		}
		raw, err := fs.ReadFile(folder, name)
		if err != nil {
			return all, err
		}
		id, err := all.add(raw)
		if err == nil && in[id] != "" {
			err = fmt.Errorf("%w: %s is in %s already", offers.ErrInvalid, id, in[id])
		}
		if err != nil {
			return all, fmt.Errorf("%s: %w", name, err)
		}
		in[id] = name
	}
	return all, nil
}

// add reads one file: a scenario has steps, a shop has zones. The key is what the
// catalogue calls it.
func (f *Folder) add(raw []byte) (key string, err error) {
	keys, err := Parse[map[string]any](raw)
	if err != nil {
		return "", err
	}
	switch {
	case keys["steps"] != nil:
		s, err := parsed(raw, &f.Scenarios)
		return offers.ScenarioKey(s.ID), err
	case keys["zones"] != nil:
		s, err := parsed(raw, &f.Shops)
		return offers.ShopKey(s.ID), err
	}
	k, err := parsed(raw, &f.Campaigns)
	return offers.CampaignKey(k.ID), err
}

func parsed[T any](raw []byte, all *[]T) (T, error) {
	v, err := Parse[T](raw)
	if err == nil {
		*all = append(*all, v)
	}
	return v, err
}

// Demonstration is what the demonstration shop begins with, by the names of its
// files.
func Demonstration() Folder {
	all, err := Read(files)
	if err != nil {
		panic(err) // the tests have read the embedded files before
	}
	return all
}

// Load is the demonstration's campaigns.
func Load() []offers.Campaign { return Demonstration().Campaigns }

// Shop is the demonstration shop.
func Shop() offers.Shop { return Demonstration().Shops[0] }

// durations are the keys whose values are times.
var durations = map[string]string{
	"dwell": "dwell_ns", "per": "per_ns", "cooldown": "cooldown_ns", "valid": "valid_ns", "away": "away_ns",
	"within": "within_ns", "in": "in_ns", "for": "for_ns", "again": "again_ns", "hold": "hold_ns",
}

// Parse reads a campaign, a scenario or a shop. Unknown keys are errors, all of them
// ErrInvalid.
func Parse[T any](raw []byte) (v T, err error) {
	defer func() {
		if r := recover(); r != nil { // goccy/go-yaml 1.19 does on some broken tags
			err = fmt.Errorf("%w: the YAML cannot be read: %v", offers.ErrInvalid, r)
		}
	}()
	var tree any
	if err := yaml.Unmarshal(bytes.TrimPrefix(raw, []byte("\ufeff")), &tree); err != nil {
		return v, fmt.Errorf("%w: %s", offers.ErrInvalid, yaml.FormatError(err, false, true))
	}
	tree, err = inNanoseconds(tree)
	if err != nil {
		return v, fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	b, err := json.Marshal(tree)
	if err != nil {
		return v, fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return v, fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	return v, nil
}

// inNanoseconds turns times into what the JSON has for them.
func inNanoseconds(tree any) (any, error) {
	switch t := tree.(type) {
	case map[string]any:
		out := make(map[string]any, len(t))
		for key, value := range t {
			ns, isTime := durations[key]
			text, isText := value.(string)
			if isTime && isText {
				d, err := time.ParseDuration(text)
				if err != nil {
					return nil, fmt.Errorf("%s: %q is no time such as 90s or 2h", key, text)
				}
				out[ns] = int64(d)
				continue
			}
			if key == "parameters" { // of a scenario's template: words, whatever they are called
				out[key] = value
				continue
			}
			inner, err := inNanoseconds(value)
			if err != nil {
				return nil, err
			}
			out[key] = inner
		}
		return out, nil
	case []any:
		for i := range t {
			inner, err := inNanoseconds(t[i])
			if err != nil {
				return nil, err
			}
			t[i] = inner
		}
	}
	return tree, nil
}
