package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"aisle/offers"
	"aisle/services/ingest"
)

// ingestMain brings what lies in files to the front door of a house.
func ingestMain(ctx context.Context, args []string) error {
	c := ingest.Config{Out: os.Stderr, Terminal: isTerminal(os.Stderr)}
	f := flag.NewFlagSet("aisle ingest", flag.ContinueOnError)
	f.Usage = func() {
		fmt.Fprint(f.Output(), "aisle ingest [flags] file... (- is the standard input)\n\n"+
			"Reads access logs, CSV and TSV, JSON lines, Snowplow's enriched events and Parquet, also packed by gzip, zstd\n"+
			"or bzip2, and brings them to the house. Started again, it goes on where it was.\n\n")
		f.PrintDefaults()
	}
	f.StringVar(&c.To, "to", "http://127.0.0.1:8080", "address of the house")
	f.StringVar(&c.Key, "key", os.Getenv("AISLE_WRITE_KEY"), "write key of a source, as the console lists them; default from AISLE_WRITE_KEY")
	format := f.String("format", "auto", "auto, access, csv, tsv, jsonl, text, snowplow, parquet, or feed:name for a feed of the house's own")
	parser := f.String("parser", "", "JSON file of a plan, as -save-parser writes it")
	f.StringVar(&c.SavePlan, "save-parser", "", "write the plan to this file")
	f.BoolVar(&c.Follow, "follow", false, "wait at the end for more, as tail -F does, also when the log is rotated")
	rate := f.String("rate", "", "records a second at most, such as 1000/s")
	f.IntVar(&c.Batch, "batch", 500, "records in a request at most")
	f.StringVar(&c.State, "state", "aisle-ingest.json", "file of the progress; empty: none is kept")
	f.BoolVar(&c.FromStart, "from-start", false, "read everything again")
	f.BoolVar(&c.DryRun, "dry-run", false, "say what is in the files and show the first events, and send nothing")
	f.StringVar(&c.Ask.Event, "event", "", "what records tell that do not say it themselves, such as order_completed, page or identify")
	f.StringVar((*string)(&c.Ask.Shop), "shop", "", "id of the shop where it happened")
	f.StringVar(&c.Ask.Zone, "zone", "", "zone of times that tell none, such as Europe/Amsterdam; default UTC")
	f.StringVar(&c.Ask.User, "user", "", "field that holds the shopper's customer id; of an access log user, extra1 and so on, or cookie.name")
	f.StringVar(&c.Ask.Cookie, "cookie", "", "field that holds another id of a browser or device; of an access log likewise")
	f.BoolVar(&c.Ask.KeepAssets, "keep-assets", false, "of an access log: pictures, redirects and errors become events too")
	f.BoolVar(&c.Ask.Nameless, "no-pseudonym", false, "of an access log: visitors get no name for the day, and lines that name nobody go to quarantine")
	paths, err := parseMixed(f, args)
	if err != nil {
		return err
	}
	if c.Rate, err = perSecond(*rate); err != nil {
		return err
	}
	switch feed, named := strings.CutPrefix(*format, "feed:"); {
	case named && feed == "":
		return fmt.Errorf("-format feed: %w: want the feed's name behind it, such as feed:orders", offers.ErrInvalid)
	case named:
		c.Feed = feed
	case *format != "auto":
		c.Ask.Format = *format
	}
	if *parser != "" {
		if c.Plan, err = ingest.ReadPlan(*parser); err != nil {
			return fmt.Errorf("-parser %w", err)
		}
	}
	report, err := ingest.Run(ctx, c, paths)
	if report != nil && len(report.Unread) > 0 {
		// Each has been told by its name.
		return errors.New(strconv.Itoa(len(report.Unread)) + " of the files could not be read, or not to their end")
	}
	return err
}

// parseMixed reads flags before, between and after the files.
func parseMixed(f *flag.FlagSet, args []string) (paths []string, err error) {
	for {
		if err := f.Parse(args); err != nil {
			return nil, err
		}
		rest := f.Args()
		if len(rest) == 0 {
			return paths, nil
		}
		if n := len(args) - len(rest); n > 0 && args[n-1] == "--" {
			return append(paths, rest...), nil
		}
		paths, args = append(paths, rest[0]), rest[1:]
	}
}

// perSecond reads 1000, 1000/s, 60/m.
func perSecond(s string) (float64, error) {
	if s == "" {
		return 0, nil
	}
	number, unit, _ := strings.Cut(s, "/")
	n, err := strconv.ParseFloat(number, 64)
	per, ok := map[string]float64{"": 1, "s": 1, "m": 60, "h": 3600}[unit]
	if err != nil || !ok || n <= 0 {
		return 0, fmt.Errorf("-rate %q: %w: want records a second, such as 1000/s", s, offers.ErrInvalid)
	}
	return n / per, nil
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
