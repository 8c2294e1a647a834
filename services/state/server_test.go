package state_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2/server"

	"aisle/offers"
	"aisle/services/state"
)

// childPID is the process of the embedded server.
func childPID(t *testing.T, dir string) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "redis.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func step(ctx context.Context, s *state.Store, from int64) error {
	return s.Commit(ctx, "g", []state.Commit{{Partition: 1, From: from, To: from + 1, Keys: []string{state.Key(1, "v")}, Values: [][]byte{fmt.Append(nil, from)}}})
}

// What was answered may be lost for two seconds back, but offset and values roll
// back together, and the owner is told by the fence.
func TestTheServerIsStartedAgain(t *testing.T) {
	dir := t.TempDir()
	s := open(t, state.Config{Dir: dir})
	acked := map[int64]time.Time{}
	at, outages, lost := int64(-1), 0, int64(0)
	var dead time.Duration
	for kills := range 3 {
		for end := at + 200; at < end; at++ {
			if kills == 2 && at == end-100 {
				time.Sleep(2500 * time.Millisecond) // what is older must be there
			}
			if err := step(t.Context(), s, at); err != nil {
				t.Fatalf("step %d: %v", at, err)
			}
			acked[at+1] = time.Now()
		}
		if err := syscall.Kill(childPID(t, dir), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		killed := time.Now()
		for again := false; !again; {
			err := step(t.Context(), s, at)
			switch {
			case err == nil:
				at++
				again = true
			case errors.Is(err, state.ErrFenced): // rolled back, or written while the answer was lost
				l, err := s.Load(t.Context(), "g", []state.Read{{Partition: 1, Keys: []string{state.Key(1, "v")}}})
				if errors.Is(err, offers.ErrUnavailable) {
					continue
				}
				if err != nil || (l[0].Offset >= 0 && string(l[0].Values[0]) != fmt.Sprint(l[0].Offset-1)) || l[0].Offset > at+1 {
					t.Fatalf("kill %d: %+v, %v: offset and value are not of one commit", kills, l[0], err)
				}
				for n, when := range acked {
					if n > l[0].Offset && killed.Sub(when) > 2100*time.Millisecond {
						t.Errorf("kill %d: step %d is lost, which was answered %v before", kills, n, killed.Sub(when))
					}
				}
				lost += max(at-l[0].Offset, 0)
				at = l[0].Offset
				again = true
			case errors.Is(err, offers.ErrUnavailable) && time.Since(killed) < 20*time.Second:
				outages++
			default:
				t.Fatalf("kill %d: %v, want ErrUnavailable for a moment", kills, err)
			}
		}
		dead = max(dead, time.Since(killed))
	}
	if outages == 0 {
		t.Error("no step was refused meanwhile")
	}
	t.Logf("longest outage %v; %d steps of the last second were lost", dead.Round(time.Millisecond), lost)
}

func TestAnotherOpenGoesOnWhereTheLastEnded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("a folder with a name too long for a socket ", 4))
	for at := int64(-1); at < 2; at++ {
		s, err := state.Open(t.Context(), state.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := state.Open(t.Context(), state.Config{Dir: dir}); !errors.Is(err, offers.ErrConflict) {
			t.Errorf("a second Open: %v, want ErrConflict", err)
		}
		if err := step(t.Context(), s, at); err != nil {
			t.Error(err)
		}
		pid := childPID(t, dir)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := syscall.Kill(pid, 0); err == nil {
			t.Errorf("redis-server %d lives on after Close", pid)
		}
	}
}

// TestOwnerProcess is no test: TestAKilledOwner runs it as the process that is killed.
func TestOwnerProcess(t *testing.T) {
	dir := os.Getenv("AISLE_STATE_DIR")
	if dir == "" {
		t.Skip("is run by TestAKilledOwner")
	}
	s := open(t, state.Config{Dir: dir})
	for at := int64(-1); ; at++ {
		if err := step(t.Context(), s, at); err != nil {
			t.Fatal(err)
		}
		fmt.Printf("did %d\n", at)
	}
}

func TestAKilledOwner(t *testing.T) {
	for _, frozen := range []bool{false, true} {
		t.Run(fmt.Sprintf("server_frozen=%v", frozen), func(t *testing.T) {
			dir := t.TempDir()
			owner := exec.Command(os.Args[0], "-test.run=^TestOwnerProcess$")
			owner.Env = append(os.Environ(), "AISLE_STATE_DIR="+dir)
			out, err := owner.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := owner.Start(); err != nil {
				t.Fatal(err)
			}
			did, server := int64(-2), 0
			lines := bufio.NewScanner(out)
			for lines.Scan() {
				if n, ok := strings.CutPrefix(lines.Text(), "did "); ok {
					did, _ = strconv.ParseInt(n, 10, 64)
				}
				if did == 500 {
					if frozen { // it will not heed that its parent died
						server = childPID(t, dir)
						syscall.Kill(server, syscall.SIGSTOP)
					}
					owner.Process.Kill()
				}
			}
			owner.Wait()
			if did < 500 {
				t.Fatalf("the owner ended after %d", did)
			}
			if frozen {
				defer time.AfterFunc(300*time.Millisecond, func() { syscall.Kill(server, syscall.SIGCONT) }).Stop()
			}
			s := open(t, state.Config{Dir: dir}) // at once
			l, err := s.Load(t.Context(), "g", []state.Read{{Partition: 1}})
			if err != nil || l[0].Offset < did+1 {
				t.Errorf("offset %d, %v, want %d or one more", l[0].Offset, err, did+1)
			}
		})
	}
}

func TestOpenErrors(t *testing.T) {
	tests := []struct {
		name   string
		config state.Config
		want   error
		says   string
	}{
		{"no folder", state.Config{}, offers.ErrInvalid, "folder"},
		{"no scheme", state.Config{URL: "localhost:6379"}, offers.ErrInvalid, "redis://"},
		{"bad setting", state.Config{URL: "redis://u:secret@localhost:6379/0?nonsense=1"}, offers.ErrInvalid, "nonsense"},
		{"bad host", state.Config{URL: "redis://u:secret@local host:1"}, offers.ErrInvalid, ""},
		{"bad cluster", state.Config{URL: "redis+cluster://u:secret@a:1,,b:2"}, offers.ErrInvalid, "host:port"},
		{"nobody there", state.Config{URL: "redis://127.0.0.1:1"}, offers.ErrUnavailable, ""}, // refused, or too late on a busy machine,
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err := state.Open(ctx, tt.config)
			if !errors.Is(err, tt.want) || !strings.Contains(fmt.Sprint(err), tt.says) || strings.Contains(fmt.Sprint(err), "secret") {
				t.Errorf("Open: %v, want %v that says %q, and no password", err, tt.want, tt.says)
			}
		})
	}
	t.Run("an old Redis", func(t *testing.T) {
		old, err := server.NewServer("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer old.Close()
		old.Register("INFO", func(c *server.Peer, _ string, _ []string) {
			c.WriteBulk("# Server\r\nredis_version:6.2.14\r\n")
		})
		old.Register("CLIENT", func(c *server.Peer, _ string, _ []string) { c.WriteOK() })
		_, err = state.Open(t.Context(), state.Config{URL: "redis://" + old.Addr().String()})
		if !errors.Is(err, offers.ErrInvalid) || !strings.Contains(err.Error(), "6.2.14") {
			t.Errorf("Open: %v, want ErrInvalid with the version", err)
		}
	})
	t.Run("no redis-server", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		_, err := state.Open(t.Context(), state.Config{Dir: t.TempDir()})
		if !errors.Is(err, offers.ErrInvalid) || !strings.Contains(err.Error(), "apt-get install redis-server") {
			t.Errorf("Open: %v, want one that says how to install it", err)
		}
	})
	t.Run("a server that does not start", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "appendonlydir"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := state.Open(t.Context(), state.Config{Dir: dir})
		if !errors.Is(err, offers.ErrUnavailable) {
			t.Errorf("Open: %v, want ErrUnavailable with what it said", err)
		}
		t.Log(err)
	})
}
