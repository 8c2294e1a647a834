// Package campaigns is the demonstration: a shop to look at, and campaigns as a
// marketer might write them for it, each in a file of its own.
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

// Load is the demonstration's campaigns, by the names of their files.
func Load() []offers.Campaign {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	var all []offers.Campaign
	for _, name := range names {
		if name == shopFile || strings.HasSuffix(name, "_test.yaml") {
			continue
		}
		all = append(all, must[offers.Campaign](name))
	}
	return all
}

const shopFile = "shop.yaml"

// Shop is the demonstration shop.
func Shop() offers.Shop { return must[offers.Shop](shopFile) }

// must reads an embedded file, which the tests have read before.
func must[T any](name string) T {
	raw, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	v, err := Parse[T](raw)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", name, err))
	}
	return v
}

// durations are the keys whose values are times.
var durations = map[string]string{"dwell": "dwell_ns", "per": "per_ns", "cooldown": "cooldown_ns", "valid": "valid_ns"}

// Parse reads a campaign or a shop. Unknown keys are errors, all of them
// ErrInvalid.
func Parse[T any](raw []byte) (v T, err error) {
	defer func() {
		if r := recover(); r != nil { // goccy/go-yaml 1.19 does on some broken tags
			err = fmt.Errorf("%w: the YAML cannot be read: %v", offers.ErrInvalid, r)
		}
	}()
	var tree any
	if err := yaml.Unmarshal(raw, &tree); err != nil {
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
