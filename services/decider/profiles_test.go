package decider

import (
	"runtime/debug"
	"testing"
)

// However many CPUs a machine has, its deciders' caches fit into what its
// container may use.
func TestLanesShareTheCache(t *testing.T) {
	g := newGround(t, false)
	partitions := g.log.Partitions()
	for name, tt := range map[string]struct {
		lanes, want int // bytes of a lane
	}{
		"one lane":                   {1, 80_000},
		"two":                        {2, 40_000},
		"more than there is to do":   {100, 80_000 / partitions},
		"as many as there is to own": {partitions, 80_000 / partitions},
	} {
		t.Run(name, func(t *testing.T) {
			l := g.lane(Config{Lanes: tt.lanes, CacheBytes: 80_000})
			if got := 2 * l.cache.most; got != tt.want {
				t.Errorf("a lane keeps %d bytes, want %d", got, tt.want)
			}
		})
	}
	t.Run("a quarter of what is there", func(t *testing.T) {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(400 << 20))
		if got, want := (Config{}).withDefaults().CacheBytes, 100<<20; got != want {
			t.Errorf("%d bytes by default, want %d", got, want)
		}
	})
}
