// Aisle runs the shop: the doors, the decider, the learner, the notifier, the
// console and all that they stand on, in one process or in many.
//
//	aisle                    everything in the box, data below ./data
//	aisle -demo              the same, with a shop and shoppers to look at
//	aisle -config aisle.yaml -target decider
//	aisle bench              measures the door, and event to decision, on this machine
//	aisle eval logs          measures what it concludes on recordings
//	aisle ingest access.log  brings what lies in files to the front door
//	aisle features backfill  tells new features what was before them
//	aisle models fetch       brings better face models from their makers
//	aisle features export    writes what decisions saw and what came of it to Parquet
//	aisle rank train         trains the ranker of lists from what pages showed and what came of it
//	aisle replay             has a house take once more what clients sent
//	aisle test               plays the stories of campaigns and scenarios
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"aisle/services/config"
)

func main() {
	// Batches are short-lived garbage beside little that stays: collecting it a
	// quarter as often costs some memory and shortens the longest delays.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := mainErr(ctx, os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "aisle:", err)
		os.Exit(1)
	}
}

// commands are what aisle does beside running the shop.
var commands = map[string]func(ctx context.Context, args []string) error{
	"bench":    benchMain,
	"ingest":   ingestMain,
	"eval":     evalMain,
	"replay":   replayMain,
	"models":   modelsMain,
	"features": featuresMain,
	"rank":     rankMain,
	"test":     testMain,
}

func mainErr(ctx context.Context, args []string) error {
	if len(args) > 0 {
		if command, ok := commands[args[0]]; ok {
			return command(ctx, args[1:])
		}
	}
	c, checkOnly, err := parseFlags(args)
	if err != nil {
		return err
	}
	if checkOnly {
		fmt.Println("the configuration is right")
		return nil
	}
	h, err := open(ctx, c, c.Log.Logger(os.Stderr))
	if err != nil {
		return err
	}
	return h.run(ctx)
}

// parseFlags reads the file and the flags; a flag overrides the file.
func parseFlags(args []string) (Config, bool, error) {
	f := flag.NewFlagSet("aisle", flag.ContinueOnError)
	path := f.String("config", "", "YAML file; docs/config.md lists its keys")
	checkOnly := f.Bool("check", false, "say what is wrong with the configuration, and end")
	var over Config
	f.StringVar(&over.Target, "target", "", "services that run here: all, or a list of collector,beacons,decider,learner,notifier,console")
	f.StringVar(&over.Stream.URL, "stream", "", "kafka://host:9092; empty: the broker in the box")
	f.StringVar(&over.State.URL, "state", "", "redis://host:6379 or redis+cluster://host,host; empty: the redis-server in the box")
	f.StringVar(&over.Catalog.URL, "catalog", "", "postgres://user@host/db; empty: a SQLite file")
	f.StringVar(&over.Listen, "listen", "", "address for HTTP; default 127.0.0.1:8080")
	f.StringVar(&over.PublicURL, "public-url", "", "the address by which phones and Twilio reach this process")
	f.StringVar(&over.Data, "data", "", "folder of the parts in the box; default ./data")
	f.BoolVar(&over.Demo, "demo", false, "open a demonstration shop, with shoppers drawn by code")
	if err := f.Parse(args); err != nil {
		return Config{}, false, err
	}
	if f.NArg() > 0 {
		return Config{}, false, fmt.Errorf("%q: no such command; there is only `aisle bench`, and flags (-h)", f.Arg(0))
	}
	c, err := config.Load[Config](*path)
	if err != nil {
		return c, false, err
	}
	for _, o := range []struct {
		to   *string
		from string
	}{
		{&c.Target, over.Target},
		{&c.Stream.URL, over.Stream.URL},
		{&c.State.URL, over.State.URL},
		{&c.Catalog.URL, over.Catalog.URL},
		{&c.Listen, over.Listen},
		{&c.PublicURL, over.PublicURL},
		{&c.Data, over.Data},
	} {
		if o.from != "" {
			*o.to = o.from
		}
	}
	c.Demo = c.Demo || over.Demo
	return c, *checkOnly, c.check()
}
