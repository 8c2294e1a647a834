package decider

import (
	"slices"

	"aisle/offers"
)

// profiles is an owner's cache: the profiles that its lane wrote or read last,
// packed, so that many take little room and give the garbage collector nothing
// to look at. One goroutine uses it.
//
// It has two halves. What is used goes into the young one; when that is full it
// becomes the old one, and what was in the old one and not used since is let go.
type profiles struct {
	most       int // bytes of a half
	young, old map[offers.ShopperID][]byte
	size       int // of the young half
}

// entryBytes is about what an entry costs beside its bytes.
const entryBytes = 100

func newProfiles(bytes int) *profiles {
	return &profiles{most: bytes / 2, young: map[offers.ShopperID][]byte{}}
}

// get is a profile as it is in state, packed, or nil. The caller must not
// change it.
func (c *profiles) get(id offers.ShopperID) []byte {
	if b, ok := c.young[id]; ok {
		return b
	}
	b, ok := c.old[id]
	if ok {
		c.put(id, b)
	}
	return b
}

// put keeps a profile. The bytes are the cache's from now on.
func (c *profiles) put(id offers.ShopperID, packed []byte) {
	was, ok := c.young[id]
	if c.young[id] = packed; ok {
		c.size += len(packed) - len(was)
	} else {
		c.size += entryBytes + len(id) + len(packed)
	}
	if c.size > c.most {
		c.old, c.young, c.size = c.young, make(map[offers.ShopperID][]byte, len(c.young)/4), 0
	}
}

// update replaces a profile with a copy of its new bytes, where the old ones were
// if they fit.
func (c *profiles) update(id offers.ShopperID, packed []byte) {
	if was, ok := c.young[id]; ok && cap(was) >= len(packed) {
		c.size += len(packed) - len(was)
		c.young[id] = append(was[:0], packed...)
		return
	}
	c.put(id, slices.Clone(packed))
}

func (c *profiles) clear() {
	clear(c.young)
	c.old, c.size = nil, 0
}
