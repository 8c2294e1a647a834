package state

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	osexec "os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"aisle/offers"
)

// server is the Redis in the box: Debian's redis-server as a child, on a unix
// socket, with an append-only file that is synced each second. A kill of this
// process loses nothing that was answered, since the child then ends in order. A
// kill of the child itself, or a power cut, may lose the last two seconds, as
// everysec puts writing off while a sync is under way: all of a partition then
// rolls back together, and its owner is fenced. It is started again when it dies.
type server struct {
	binary  string
	dir     string
	socket  string
	temp    string // of the socket, if Dir's name is too long for one
	lock    *os.File
	logger  *slog.Logger
	metrics *metrics

	stop context.CancelFunc
	done chan struct{}
	said said
}

const (
	maxSocketPath = 100 // of 108 that Linux allows
	stopTime      = 10 * time.Second
)

func startServer(ctx context.Context, dir string, logger *slog.Logger, m *metrics) (*server, error) {
	if dir == "" {
		return nil, fmt.Errorf("state: %w: the embedded redis-server needs a folder (dir), or give the url of a Redis", offers.ErrInvalid)
	}
	binary, err := osexec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("state: %w: there is no redis-server here: apt-get install redis-server, or give the url of a Redis", offers.ErrInvalid)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("state: %w: %w", offers.ErrInvalid, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("state: %w: %w", offers.ErrUnavailable, err)
	}
	s := &server{binary: binary, dir: dir, socket: filepath.Join(dir, "redis.sock"), logger: logger, metrics: m, done: make(chan struct{})}
	if s.lock, err = lockDir(dir); err != nil {
		return nil, err
	}
	if len(s.socket) > maxSocketPath {
		if s.temp, err = os.MkdirTemp("", "aisle-redis-"); err != nil {
			s.lock.Close()
			return nil, fmt.Errorf("state: %w: %w", offers.ErrUnavailable, err)
		}
		s.socket = filepath.Join(s.temp, "redis.sock")
	}
	if err := s.stopStale(); err != nil {
		_ = s.release()
		return nil, err
	}
	running, stop := context.WithCancel(context.Background())
	s.stop = stop
	first := make(chan error, 1)
	go s.supervise(running, first)
	select {
	case err = <-first:
	case <-ctx.Done():
		err = fmt.Errorf("%w: %w", offers.ErrUnavailable, ctx.Err())
	}
	if err != nil {
		s.close()
		return nil, fmt.Errorf("state: redis-server in %s: %w", dir, err)
	}
	return s, nil
}

func (s *server) close() error {
	s.stop()
	<-s.done
	return s.release()
}

func (s *server) release() error {
	if s.temp != "" {
		os.RemoveAll(s.temp)
	}
	return s.lock.Close()
}

// lockDir keeps a second process from the folder. The system lets the lock go
// when the process ends, however it ends.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("state: %w: %w", offers.ErrUnavailable, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("state: folder %s: %w: another process uses it; stop that one, or choose another folder", dir, offers.ErrConflict)
		}
		return nil, fmt.Errorf("state: lock %s: %w: %w", dir, offers.ErrUnavailable, err)
	}
	return f, nil
}

func (s *server) pidFile() string { return filepath.Join(s.dir, "redis.pid") }

// stopStale ends a redis-server that a process before us left over this folder:
// it is told to stop when its parent dies, but may be at it still.
func (s *server) stopStale() error {
	b, err := os.ReadFile(s.pidFile())
	if err != nil {
		return nil
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil || !s.ours(pid) {
		return nil
	}
	s.logger.Warn("state: a redis-server was left over; stopping it", "pid", pid)
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		syscall.Kill(pid, sig)
		for end := time.Now().Add(stopTime); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			if !s.ours(pid) {
				return nil
			}
		}
	}
	return fmt.Errorf("state: redis-server %d in %s: %w: it does not end", pid, s.dir, offers.ErrUnavailable)
}

// ours tells whether the process is a redis-server with this folder as its
// working one: numbers of processes are used again. A zombie has none.
func (s *server) ours(pid int) bool {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	name, err := os.ReadFile(filepath.Join(proc, "comm"))
	if err != nil || !strings.HasPrefix(string(name), "redis-server") {
		return false
	}
	dir, err := os.Readlink(filepath.Join(proc, "cwd"))
	real, err2 := filepath.EvalSymlinks(s.dir)
	return err == nil && err2 == nil && dir == real
}

// supervise keeps the server running until ctx ends. It tells first when the
// server is ready, or why it could not be started at all.
func (s *server) supervise(ctx context.Context, first chan<- error) {
	defer close(s.done)
	// Linux sends the parent's-death signal when the thread that forked ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ready := false
	for failures := 0; ; {
		began := time.Now()
		err := s.run(ctx, func() {
			if !ready {
				ready = true
				first <- nil
			} else {
				s.logger.Info("state: redis-server is ready again")
			}
		})
		switch {
		case ctx.Err() != nil:
			return
		case !ready:
			first <- fmt.Errorf("%w: %w: %s", offers.ErrUnavailable, err, s.said.tail())
			return
		}
		if failures++; time.Since(began) > time.Minute {
			failures = 1
		}
		s.metrics.restarts.Inc()
		delay := min(100*time.Millisecond<<min(failures-1, 10), 5*time.Second)
		s.logger.Error("state: redis-server died, starting it again", "err", err, "in", delay, "said", s.said.tail())
		select {
		case <-ctx.Done():
			return
		case <-time.After(delay):
		}
	}
}

// run starts the server and returns when it has ended. It calls ready when the
// server says that it accepts connections, and ends it when ctx ends.
func (s *server) run(ctx context.Context, ready func()) error {
	if err := s.mend(ctx); err != nil {
		return err
	}
	cmd := osexec.Command(s.binary,
		"--port", "0", "--unixsocket", s.socket, "--unixsocketperm", "700",
		"--dir", s.dir, "--pidfile", s.pidFile(), "--daemonize", "no", "--logfile", "", "--loglevel", "notice",
		"--appendonly", "yes", "--appendfsync", "everysec", "--auto-aof-rewrite-min-size", "512mb", "--save", "",
		"--maxmemory-policy", "noeviction",
		"--always-show-logo", "no", "--set-proc-title", "no", "--shutdown-timeout", "0")
	cmd.Dir = s.dir
	// Not in our group: a ^C at the terminal is ours to pass on, in our order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setpgid: true}
	out, w, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = w, w
	os.Remove(s.socket) // of one that was killed
	err = cmd.Start()
	w.Close()
	if err != nil {
		out.Close()
		return err
	}
	var reading sync.WaitGroup
	reading.Go(func() { s.listen(out, ready); out.Close() })
	stopped := make(chan struct{})
	var stopping sync.WaitGroup
	stopping.Go(func() {
		select {
		case <-stopped:
			return
		case <-ctx.Done():
			cmd.Process.Signal(syscall.SIGTERM)
		}
		select {
		case <-stopped:
		case <-time.After(stopTime):
			cmd.Process.Kill()
		}
	})
	err = cmd.Wait()
	close(stopped)
	stopping.Wait()
	reading.Wait()
	if err == nil {
		err = errors.New("it ended")
	}
	return err
}

// mend cuts an append-only file that ends in the middle of a transaction back to
// where that begins. redis-server (7.0) cuts it behind the last whole command, and
// takes what is left of the transaction for the beginning of the next one when it
// reads the file again: half a commit would come back to life.
func (s *server) mend(ctx context.Context) error {
	manifest := filepath.Join(s.dir, "appendonlydir", "appendonly.aof.manifest")
	if _, err := os.Stat(manifest); err != nil {
		return nil //nolint:nilerr // there is nothing to mend yet
	}
	tool, err := osexec.LookPath(filepath.Join(filepath.Dir(s.binary), "redis-check-aof"))
	if err != nil {
		return fmt.Errorf("%w: there is no redis-check-aof beside redis-server: apt-get install redis-tools", offers.ErrInvalid)
	}
	cmd := osexec.CommandContext(ctx, tool, "--fix", manifest)
	cmd.Stdin = strings.NewReader("y\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("redis-check-aof %s: %w: %s", manifest, err, out)
	}
	return nil
}

// listen reads what the server says.
func (s *server) listen(out io.Reader, ready func()) {
	isReady := false // it says so for each way in
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		line := lines.Bytes()
		s.said.add(line)
		s.logger.Debug("redis-server", "line", string(line))
		if bytes.Contains(line, []byte("eady to accept connections")) && !isReady {
			isReady = true
			ready()
		}
	}
	_, _ = io.Copy(io.Discard, out)
}

// said keeps the last lines, to explain an end by.
type said struct {
	mu    sync.Mutex // guards lines
	lines []string
}

func (s *said) add(line []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lines = append(s.lines, string(line)); len(s.lines) > 2 {
		s.lines = s.lines[1:]
	}
}

func (s *said) tail() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, " | ")
}
