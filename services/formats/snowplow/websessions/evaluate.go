package websessions

import (
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"aisle/offers"
	"aisle/services/formats/bots"
)

// Evaluate counts the sample of Snowplow's web model: a table of events, and
// beside it tables of their contexts, which name their event by root_id.
func Evaluate(fsys fs.FS) (Result, error) {
	const dir = "events/snowplow-web/data/source"
	events, err := table(fsys, path.Join(dir, "snowplow_web_events.csv"))
	if err != nil {
		return Result{}, err
	}
	spiders := map[string]bool{}
	beside, err := table(fsys, path.Join(dir, "snowplow_web_spider_context.csv"))
	if err != nil {
		return Result{}, err
	}
	for _, row := range beside {
		if strings.EqualFold(row["spiderOrRobot"], "true") {
			spiders[row["root_id"]] = true
		}
	}
	hits := make([]Hit, 0, len(events))
	for _, row := range events {
		h, err := HitOf(row)
		if err != nil {
			return Result{}, err
		}
		h.Spider = h.Spider || spiders[h.ID]
		hits = append(hits, h)
	}
	return Fold(hits, bots.New(0)), nil
}

// table reads rows by the names of their columns.
func table(fsys fs.FS, name string) ([]map[string]string, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", offers.ErrNotFound, err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", name, offers.ErrInvalid, err)
	}
	names := append([]string(nil), header...)
	var rows []map[string]string
	for {
		values, err := r.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %w", name, offers.ErrInvalid, err)
		}
		row := make(map[string]string, len(names))
		for i, v := range values {
			row[names[i]] = v
		}
		rows = append(rows, row)
	}
}
