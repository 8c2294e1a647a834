package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"aisle/services/stream"
)

// These tests run the program itself, as a child, through its doors: what is
// wired wrong, or not durable, shows nowhere else.

var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "aisle-house-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "aisle")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := build(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// process is a running house.
type process struct {
	t      *testing.T
	url    string
	config string
	cmd    *exec.Cmd
	log    *os.File
}

// startHouse runs the house with a configuration, and waits until it is ready.
func startHouse(t *testing.T, listen, config string) *process {
	t.Helper()
	path := filepath.Join(t.TempDir(), "aisle.yaml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "aisle.log"))
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, url: "http://" + listen, config: path, log: log}
	t.Cleanup(func() {
		p.signal(syscall.SIGTERM)
		if t.Failed() {
			tail, _ := os.ReadFile(log.Name())
			t.Logf("the house's log, last 8 kB:\n%s", tail[max(0, len(tail)-8000):])
		}
		log.Close()
	})
	p.start()
	return p
}

func (p *process) start() {
	p.t.Helper()
	bin, err := build()
	if err != nil {
		p.t.Fatal(err)
	}
	p.cmd = exec.Command(bin, "-config", p.config)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.ready()
}

func (p *process) ready() {
	p.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	last := ""
	for time.Now().Before(deadline) {
		resp, err := http.Get(p.url + "/readyz")
		if err == nil {
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
			last = string(body)
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.t.Fatalf("the house is not ready after a minute: %s", last)
}

// signal ends the process and waits for its end.
func (p *process) signal(s syscall.Signal) {
	if p.cmd == nil || p.cmd.Process == nil {
		return
	}
	_ = p.cmd.Process.Signal(s)
	ended := make(chan struct{})
	go func() { _ = p.cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		_ = p.cmd.Process.Kill()
		<-ended
		p.t.Errorf("the house did not end on %v", s)
	}
	p.cmd = nil
}

// A visitor is one client of the house's doors.
type visitor struct {
	t      *testing.T
	url    string
	header http.Header
	client *http.Client
}

func (p *process) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return &visitor{p.t, p.url, http.Header{"X-Aisle": {"1"}}, &http.Client{Jar: jar, Timeout: 20 * time.Second}}
}

// call sends in as JSON, wants a status, and reads the answer into out.
func (v *visitor) call(method, path string, in any, want int, out any) {
	v.t.Helper()
	status, body := v.try(method, path, in)
	if status != want {
		v.t.Fatalf("%s %s: got %d %s, want %d", method, path, status, body, want)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(body, out); err != nil {
		v.t.Fatalf("%s %s: %v: %s", method, path, err, body)
	}
}

// try is call for those who expect anything; status 0 is no answer.
func (v *visitor) try(method, path string, in any) (int, []byte) {
	v.t.Helper()
	var body io.Reader
	switch in := in.(type) {
	case nil:
	case []byte:
		body = bytes.NewReader(in)
	default:
		b, err := json.Marshal(in)
		if err != nil {
			v.t.Fatal(err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, v.url+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header = v.header.Clone()
	req.Header.Set("Content-Type", "application/json")
	resp, err := v.client.Do(req)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, []byte(err.Error())
	}
	return resp.StatusCode, b
}

// freePort is an address on this machine that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// eventually asks until ok, or fails after the time with the last answer.
func eventually(t *testing.T, within time.Duration, what string, ok func() (bool, string)) {
	t.Helper()
	deadline := time.Now().Add(within)
	for {
		done, last := ok()
		if done {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v: %s", what, within, last)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// records reads all that a stream holds, from the broker in the house's box.
func records(t *testing.T, broker, name string) []stream.Record {
	t.Helper()
	log, err := stream.Open(t.Context(), stream.Config{URL: "kafka://" + broker, Logger: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var all []stream.Record
	err = log.Tail(ctx, name, -1, func(_ context.Context, batch []stream.Record) error {
		all = append(all, batch...)
		return nil
	}, cancel)
	if err != nil && ctx.Err() == nil {
		t.Fatal(err)
	}
	return all
}

// basicAuth is a write key as Segment's clients send it.
func basicAuth(writeKey string) string {
	return base64.StdEncoding.EncodeToString([]byte(writeKey + ":"))
}

func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}
