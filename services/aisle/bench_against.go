package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"aisle/offers"
	"aisle/services/state"
	"aisle/services/stream"
)

// compare drains the same events by the decider and by each program that does the
// same otherwise: it reads them from the log, keeps what it knows of each shopper,
// and puts a decision on the log for each dwell. scripts/compare has some. The
// clock runs from the first tenth of the decisions on, so that nobody pays for
// getting started.
func (b *bench) compare(ctx context.Context, store *state.Store, logger *slog.Logger) error {
	own, err := b.contest(ctx, store, logger, "aisle", "")
	if err != nil {
		return err
	}
	for _, a := range b.against {
		name, command, _ := strings.Cut(a, "=")
		rate, err := b.contest(ctx, store, logger, name, command)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintf(b.out, "aisle is %.1f times %s\n", own/rate, name)
	}
	return nil
}

// contest has one of them drain the log, and returns its events a second. Without
// a command it is the decider.
func (b *bench) contest(ctx context.Context, store *state.Store, logger *slog.Logger, name, command string) (rate float64, err error) {
	// What another has left there would be taken for this one's.
	if err := store.Client().FlushDB(ctx).Err(); err != nil {
		return 0, fmt.Errorf("state: %w: %w", offers.ErrUnavailable, err)
	}
	prefix := "bench-" + name + "-" + strconv.FormatInt(time.Now().UnixMilli(), 36) + "-"
	log, err := stream.Open(ctx, stream.Config{URL: b.stream + "?prefix=" + prefix, Logger: logger, Registry: prometheus.NewRegistry()})
	if err != nil {
		return 0, err
	}
	defer log.Close()
	if err := b.publishCampaigns(ctx, log); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancel(ctx)
	m := &deciding{bench: b, log: log, store: store, logger: logger, seen: &arrivals{}} // the decider shares connections with the bench
	tailing, tailed := make(chan struct{}), make(chan error, 1)
	go func() {
		tailed <- log.Tail(ctx, stream.Decisions, 0, m.seen.note, func() { close(tailing) })
	}()
	defer func() {
		cancel()
		err = errors.Join(err, <-tailed)
	}()
	<-tailing
	if err := m.fill(ctx, log, b.shoppers, consents(offers.ConsentPush)); err != nil {
		return 0, err
	}
	if err := m.fill(ctx, log, b.flatOut, b.event); err != nil {
		return 0, err
	}
	stop, err := m.begin(ctx, prefix, command)
	if err != nil {
		return 0, err
	}
	first := int64(b.flatOut / 10)
	if err := m.seen.wait(ctx, first); err != nil {
		return 0, err
	}
	first = m.seen.count.Load()
	m.cpu.start()
	began := time.Now()
	if err := m.seen.wait(ctx, int64(b.flatOut)); err != nil {
		return 0, err
	}
	n := b.flatOut - int(first)
	rate = float64(n) / time.Since(began).Seconds()
	fmt.Fprintf(b.out, "%s: %.0f events/s; %s\n", name, rate, m.cpu.per(n))
	return rate, stop()
}

// begin starts the decider, or a command in a group of its own.
func (m *deciding) begin(ctx context.Context, prefix, command string) (stop func() error, err error) {
	m.cpu.watch("the bench", os.Getpid())
	m.cpu.watch("broker", listener(m.stream))
	m.cpu.watch("redis-server", listener(m.state))
	if command == "" {
		if m.catalogue, err = m.log.Catalogue(ctx); err != nil {
			return nil, err
		}
		return m.start(ctx), nil
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", "exec "+command)
	cmd.Env = append(os.Environ(),
		"AISLE_STREAM="+m.stream+"?prefix="+prefix, "AISLE_STATE="+m.state, "AISLE_BROKERS="+strings.Join(m.log.Addrs(), ","),
		"AISLE_EVENTS="+prefix+stream.Events, "AISLE_DECISIONS="+prefix+stream.Decisions)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", command, offers.ErrInvalid, err)
	}
	m.cpu.watch("the program", cmd.Process.Pid)
	return func() error {
		err := cmd.Cancel()
		_ = cmd.Wait() // it was killed
		return err
	}, nil
}
