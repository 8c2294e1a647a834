package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A machine that is shared makes wall time a lie; the CPU that an event takes is
// a fact. It is counted for each process by itself, where all run on this one.

// tick is what /proc counts in: USER_HZ is 100 on all that Linux runs on.
const tick = 10 * time.Millisecond

// processTime is the CPU time that a process has used, all of its threads.
func processTime(pid int) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(b), ") ") // its name may hold spaces
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0
	}
	used := time.Duration(0)
	for _, f := range fields[11:13] {
		ticks, _ := strconv.ParseInt(f, 10, 64)
		used += time.Duration(ticks) * tick
	}
	return used
}

// listener is the process of this machine that listens where a URL says, or 0.
func listener(of string) int {
	u, err := url.Parse(of)
	if err != nil || u.Port() == "" {
		return 0
	}
	port, _ := strconv.Atoi(u.Port())
	inode := ""
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		b, _ := os.ReadFile(table)
		for line := range strings.Lines(string(b)) {
			f := strings.Fields(line)
			if len(f) > 9 && f[3] == "0A" && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) {
				inode = f[9]
			}
		}
	}
	if inode == "" {
		return 0
	}
	open, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, fd := range open {
		if to, err := os.Readlink(fd); err == nil && to == "socket:["+inode+"]" {
			pid, _ := strconv.Atoi(strings.Split(fd, "/")[2])
			return pid
		}
	}
	return 0
}

// started is a process that this one has started, by the beginning of its name.
func started(name string) int {
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range all {
		b, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		of, after, _ := strings.Cut(string(b), ") ")
		_, comm, _ := strings.Cut(of, "(")
		fields := strings.Fields(after)
		if len(fields) > 1 && fields[1] == strconv.Itoa(os.Getpid()) && strings.HasPrefix(comm, name) {
			pid, _ := strconv.Atoi(strings.Split(path, "/")[2])
			return pid
		}
	}
	return 0
}

// meter counts the CPU time of the processes that take part.
type meter struct {
	names []string
	pids  []int
	began []time.Duration
}

func (m *meter) watch(name string, pid int) {
	if pid != 0 {
		m.names, m.pids = append(m.names, name), append(m.pids, pid)
	}
}

func (m *meter) start() {
	m.began = m.began[:0]
	for _, pid := range m.pids {
		m.began = append(m.began, processTime(pid))
	}
}

// total is what all of them have used since start, in seconds.
func (m *meter) total() float64 {
	sum := time.Duration(0)
	for i, pid := range m.pids {
		sum += processTime(pid) - m.began[i]
	}
	return sum.Seconds()
}

// per is what each process has used since start for each of n events.
func (m *meter) per(n int) string {
	var out []string
	for i, pid := range m.pids {
		out = append(out, fmt.Sprintf("%s %.1f", m.names[i], float64((processTime(pid)-m.began[i]).Microseconds())/float64(n)))
	}
	return "CPU µs an event: " + strings.Join(out, ", ")
}
