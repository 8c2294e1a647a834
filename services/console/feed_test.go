package console

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestReaderIsBounded(t *testing.T) {
	r := newReader()
	for i := range int64(feedQueue) {
		r.put(frame{id: i + 1, event: "decision"})
	}
	for i := range 1000 {
		r.put(frame{event: "people", data: []byte(fmt.Sprint(i))})
	}
	r.put(frame{event: "kpis"})
	frames, behind := r.take()
	if behind || len(frames) != feedQueue+2 || string(frames[feedQueue].data) != "999" {
		t.Errorf("%d frames, behind: %t; want every event, and of what is the last", len(frames), behind)
	}
	for i := range int64(feedQueue + 1) {
		r.put(frame{id: i + 1, event: "decision"})
	}
	if frames, behind := r.take(); !behind || len(frames) != 0 {
		t.Errorf("one too many: %d frames, behind: %t; want none, and to begin anew", len(frames), behind)
	}
	if frames, behind := r.take(); behind || len(frames) != 0 {
		t.Errorf("after that: %d frames, behind: %t; want nothing", len(frames), behind)
	}
}

func TestIDsGrow(t *testing.T) {
	var before, after ids
	now := time.Now()
	last := int64(0)
	for _, at := range []time.Time{now, now, now.Add(-time.Hour), now.Add(time.Second), now} {
		id := before.next(at)
		if id <= last {
			t.Errorf("%d after %d", id, last)
		}
		last = id
	}
	if id := after.next(now.Add(2 * time.Second)); id <= last { // another process
		t.Errorf("after a restart: %d, before it %d", id, last)
	}
}

func TestReplay(t *testing.T) {
	var past replay
	for i := range int64(feedReplay + 10) {
		past.add(frame{id: i + 1})
	}
	all := past.since(0)
	if len(all) != feedReplay || all[0].id != 11 || all[len(all)-1].id != feedReplay+10 {
		t.Errorf("%d remembered, from %d; want %d from 11, in order", len(all), all[0].id, feedReplay)
	}
	if some := past.since(feedReplay + 8); len(some) != 2 || some[0].id != feedReplay+9 {
		t.Errorf("since the last but two: %d", len(some))
	}
}

// TestAStalledReaderIsLetGo writes to somebody who never reads.
func TestAStalledReaderIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Service{quit: make(chan struct{}), metrics: newMetrics(nil)}
		ours, theirs := net.Pipe()
		defer theirs.Close()
		began := time.Now()
		s.feed(bufio.NewWriterSize(ours, 64<<10), ours, nil, "wall", newReader(), []frame{{event: "snapshot", data: []byte("{}")}}, nil)
		if took := time.Since(began); took != feedDeadline {
			t.Errorf("let go after %s, want %s", took, feedDeadline)
		}
	})
}

// TestAReaderWhoIsBehindBeginsAnew reads again after a pause.
func TestAReaderWhoIsBehindBeginsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Service{quit: make(chan struct{}), metrics: newMetrics(nil)}
		ours, theirs := net.Pipe()
		r := newReader()
		begin := func(context.Context) ([]frame, error) { return []frame{{event: "snapshot", data: []byte("{}")}}, nil }
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.feed(bufio.NewWriterSize(ours, 64<<10), ours, nil, "wall", r, nil, begin)
		}()
		for i := range int64(feedQueue + 5) {
			r.put(frame{id: i + 1, event: "decision", data: []byte("{}")})
		}
		in := bufio.NewScanner(theirs)
		var events []string
		for in.Scan() {
			if name, ok := strings.CutPrefix(in.Text(), "event: "); ok {
				if events = append(events, name); len(events) == 3 {
					break
				}
			}
		}
		if got := strings.Join(events, " "); got != "heartbeat snapshot decision" {
			t.Errorf("told %q, want a snapshot in place of what was missed, then what came after", got)
		}
		close(s.quit)
		theirs.Close()
		<-done
	})
}
