package main

import (
	"bytes"
	"io/fs"
	"log/slog"
	"os"
	"runtime/debug"
	"strconv"
)

// limitMemory lets Go's collector work harder before the kernel would end the
// process: near nine tenths of what the container may use, as cgroups v2 or v1
// tell. Who says GOMEMLIMIT knows better.
func limitMemory(root fs.FS, logger *slog.Logger) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	if most := containerMemory(root); most > 0 {
		debug.SetMemoryLimit(most / 10 * 9)
		logger.Info("memory is limited", "container_bytes", most, "go_bytes", most/10*9)
	}
}

// containerMemory is how many bytes this process may use with its siblings, 0
// where nobody says.
func containerMemory(root fs.FS) int64 {
	for _, name := range []string{"sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		b, err := fs.ReadFile(root, name)
		if err != nil {
			continue
		}
		const none = 1 << 60 // v1 says about 1<<63 where v2 says "max"
		if n, err := strconv.ParseInt(string(bytes.TrimSpace(b)), 10, 64); err == nil && n > 0 && n < none {
			return n
		}
	}
	return 0
}
