package main

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"aisle/beacons/evalble"
	"aisle/offers"
	"aisle/offers/evalrank"
	"aisle/offers/identity/evalidentity"
	"aisle/services/formats/discover/evallogs"
	"aisle/services/formats/snowplow/websessions"
)

// evaluations measure what the house concludes against what is known to be
// true, on recordings that others have made.
var evaluations = map[string]func(data fs.FS) (fmt.Stringer, error){
	"ble":      func(data fs.FS) (fmt.Stringer, error) { return evalble.Evaluate(data) },
	"identity": func(data fs.FS) (fmt.Stringer, error) { return evalidentity.Evaluate(data, time.Now) },
	"snowplow": func(data fs.FS) (fmt.Stringer, error) { return websessions.Evaluate(data) },
	"rank":     func(data fs.FS) (fmt.Stringer, error) { return evalrank.Evaluate(data) },
	"logs":     func(data fs.FS) (fmt.Stringer, error) { return evallogs.Evaluate(data, time.Now) },
}

func evalMain(ctx context.Context, args []string) error {
	names := strings.Join(slices.Sorted(maps.Keys(evaluations)), ", ") + ", " + facesEvaluation
	f := flag.NewFlagSet("aisle eval", flag.ContinueOnError)
	data := f.String("data", "../shared/data", "folder of the recordings")
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.Arg(0) == facesEvaluation {
		return evalFaces(ctx, *data, f.Args()[1:])
	}
	if f.NArg() != 1 || evaluations[f.Arg(0)] == nil {
		return fmt.Errorf("%w: say what to evaluate, such as: aisle eval -data folder logs; there are %s", offers.ErrInvalid, names)
	}
	report, err := evaluations[f.Arg(0)](os.DirFS(*data))
	if err != nil {
		return fmt.Errorf("evaluate %s in %s: %w", f.Arg(0), *data, err)
	}
	fmt.Println(strings.TrimRight(report.String(), "\n"))
	return nil
}
