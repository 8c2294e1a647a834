package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"aisle/offers"
	"aisle/services/stream"
)

// replayMain sends the originals of a house, the requests as clients sent them,
// to the door of another one once more, or of the same after its state is gone.
// It writes to the stream on which collectors find what they are to take again:
// no client, no key and no clock is needed, and the events have the same ids
// and times as before.
func replayMain(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("aisle replay", flag.ContinueOnError)
	from := f.String("stream", "", "kafka://host:port of the house whose originals are read")
	dir := f.String("data", "", "instead: the data folder of a house in the box, which must not run now")
	into := f.String("into", "", "kafka://host:port of the house that is to take them; empty: the same house")
	source := f.String("source", "", "only of this source, such as segment/website")
	since := f.Duration("since", 7*24*time.Hour, "only those that came within this time")
	if err := f.Parse(args); err != nil {
		return err
	}
	if (*from == "") == (*dir == "") {
		return fmt.Errorf("%w: say either -stream kafka://host:port or -data folder", offers.ErrInvalid)
	}
	config := stream.Config{URL: *from}
	if *dir != "" {
		config.Dir = *dir + "/stream"
	}
	log, err := stream.Open(ctx, config)
	if err != nil {
		return err
	}
	defer log.Close()
	to := log
	if *into != "" {
		if to, err = stream.Open(ctx, stream.Config{URL: *into}); err != nil {
			return err
		}
		defer to.Close()
	}
	n, err := replayOriginals(ctx, log, to, *source, time.Now().Add(-*since))
	if err == nil {
		fmt.Fprintf(os.Stdout, "%d requests are to be taken once more; the console shows under Quarantine what becomes of them\n", n)
	}
	return err
}

func replayOriginals(ctx context.Context, from, to *stream.Log, source string, since time.Time) (n int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := false
	now := time.Now()
	err = from.Tail(ctx, stream.Originals, -1, func(ctx context.Context, records []stream.Record) error {
		var asked []stream.Record
		for i := range records {
			q := stream.OriginalOf(&records[i])
			if q.Received.Before(since) || q.Received.After(now) || source != "" && q.Source != source {
				continue
			}
			r, err := stream.ReplayRecord(&offers.Replay{ID: "original-" + q.ID, Of: []string{q.ID}, Quarantined: q, By: "aisle replay", At: now}, "aisle/replay")
			if err != nil {
				return err
			}
			asked = append(asked, r)
		}
		n += len(asked)
		return to.Produce(ctx, asked...)
	}, func() { ended = true; cancel() })
	if ended && (err == nil || errors.Is(err, context.Canceled)) {
		return n, nil
	}
	return n, err
}
