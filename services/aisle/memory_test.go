package main

import (
	"testing"
	"testing/fstest"
)

func TestContainerMemory(t *testing.T) {
	for name, tt := range map[string]struct {
		file, says string
		want       int64
	}{
		"no container":           {"etc/hostname", "x", 0},
		"cgroups v2":             {"sys/fs/cgroup/memory.max", "1073741824\n", 1 << 30},
		"cgroups v2, no limit":   {"sys/fs/cgroup/memory.max", "max\n", 0},
		"cgroups v1":             {"sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912\n", 512 << 20},
		"cgroups v1, no limit":   {"sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n", 0},
		"what nobody would mean": {"sys/fs/cgroup/memory.max", "-1\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := containerMemory(fstest.MapFS{tt.file: {Data: []byte(tt.says)}}); got != tt.want {
				t.Errorf("%d bytes, want %d", got, tt.want)
			}
		})
	}
}
