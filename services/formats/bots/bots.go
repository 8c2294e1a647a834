// Package bots tells visitors from machines: search engines, monitors and
// scripts visit the shop's site too, want nothing, and must not count as
// shoppers.
//
// What is known of bots is the list of the CrawlerDetect project, which is
// kept by many; this package adds speed: most visitors come again and again
// with the same words about their browser.
package bots

import (
	"sync"

	"github.com/x-way/crawlerdetect"
)

// MaxAgent is how many bytes of a user agent are looked at. Browsers say half of
// that, and one that is not remembered takes about a microsecond for each byte.
const MaxAgent = 512

// DefaultSize is how many user agents a Detector made by New(0) remembers: what
// a busy site sees in a day, in a few megabytes.
const DefaultSize = 16 << 10

// shards is how many parts the memory has, so that lanes seldom wait for one
// another.
const shards = 16

// Detector tells bots by their user agent and remembers its answers. It is
// safe for concurrent use. The zero Detector works without memory.
type Detector struct {
	parts [shards]part
}

// part is one shard of the memory in two generations: when the young one is
// full it becomes the old one, whose entries are kept only if asked for again.
type part struct {
	sync.Mutex // guards all below
	max        int
	young, old map[string]bool
}

// New makes a Detector that remembers up to size user agents, twice that for a
// moment.
func New(size int) *Detector {
	if size <= 0 {
		size = DefaultSize
	}
	d := new(Detector)
	for i := range d.parts {
		d.parts[i].max = max(1, size/shards)
		d.parts[i].young = map[string]bool{}
	}
	return d
}

// Bot tells whether a user agent is that of a machine. One without a word is:
// every browser says what it is.
func (d *Detector) Bot(userAgent string) bool {
	if len(userAgent) > MaxAgent {
		userAgent = userAgent[:MaxAgent]
	}
	if userAgent == "" || userAgent == "-" {
		return true
	}
	p := &d.parts[shard(userAgent)]
	if bot, known := p.recall(userAgent); known {
		return bot
	}
	// Two that ask the same at once both work it out: cheaper than waiting.
	bot := crawlerdetect.IsCrawler(userAgent)
	p.keep(userAgent, bot)
	return bot
}

func (p *part) recall(agent string) (bot, known bool) {
	p.Lock()
	defer p.Unlock()
	if bot, known = p.young[agent]; known {
		return bot, true
	}
	if bot, known = p.old[agent]; known {
		p.put(agent, bot)
	}
	return bot, known
}

func (p *part) keep(agent string, bot bool) {
	p.Lock()
	defer p.Unlock()
	if p.max > 0 {
		p.put(string([]byte(agent)), bot) // a copy: agent may be a part of a large body
	}
}

func (p *part) put(agent string, bot bool) {
	if len(p.young) >= p.max {
		p.old, p.young = p.young, make(map[string]bool, p.max)
	}
	p.young[agent] = bot
}

// shard is FNV-1a over the tail of an agent, where agents differ.
func shard(agent string) uint32 {
	h := uint32(2166136261)
	for i := max(0, len(agent)-32); i < len(agent); i++ {
		h = (h ^ uint32(agent[i])) * 16777619
	}
	return (h ^ h>>16) % shards
}
