// Aisle runs the shop: the doors, the decider, the learner, the notifier, the
// console and all that they stand on, in one process or in many.
//
//	aisle         everything in the box, data below ./data
//	aisle -demo   the same, with a shop and shoppers to look at
//	aisle -config aisle.yaml -target decider
//	aisle help    what else it does
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"

	"aisle/offers"
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

// command is something that aisle does beside running the shop.
type command struct {
	name, does string
	run        func(ctx context.Context, args []string) error
}

var commands = []command{
	{"test", "play the stories of campaigns and scenarios", testMain},
	{"ingest", "bring what lies in files to the front door", ingestMain},
	{"replay", "have a house take once more what clients sent", replayMain},
	{"features", "backfill new features from the log; export what decisions saw, and what came of it, to Parquet", featuresMain},
	{"sql", "ask the log: SELECT verdict, count(*) FROM decisions GROUP BY verdict", sqlMain},
	{"rank", "train the ranker of lists", rankMain},
	{"models", "fetch better face models from their makers", modelsMain},
	{"bench", "measure how fast this machine is at it", benchMain},
	{"eval", "measure what it concludes on recordings", evalMain},
}

func mainErr(ctx context.Context, args []string) error {
	if len(args) > 0 {
		i := slices.IndexFunc(commands, func(c command) bool { return c.name == args[0] })
		if i >= 0 {
			return commands[i].run(ctx, args[1:])
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
	logger := c.Log.Logger(os.Stderr)
	limitMemory(os.DirFS("/"), logger)
	h, err := open(ctx, c, logger)
	if err != nil {
		return err
	}
	return h.run(ctx)
}

// usage says what the program does, and how it is told.
func usage(f *flag.FlagSet) {
	to := f.Output()
	fmt.Fprint(to, "aisle [flags]            runs the shop; -demo opens one to look at\naisle COMMAND [flags]    does something else; -h after it tells more\n\ncommands:\n")
	for _, c := range commands {
		fmt.Fprintf(to, "  %-10s%s\n", c.name, c.does)
	}
	fmt.Fprint(to, "\nflags:\n")
	f.PrintDefaults()
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
	f.Usage = func() { usage(f) }
	if err := f.Parse(args); err != nil {
		return Config{}, false, err
	}
	if f.Arg(0) == "help" {
		usage(f)
		return Config{}, false, flag.ErrHelp
	}
	if f.NArg() > 0 {
		return Config{}, false, fmt.Errorf("%w: %q is no command; `aisle help` lists them", offers.ErrInvalid, f.Arg(0))
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
