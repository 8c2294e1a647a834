package stream

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	mathrand "math/rand/v2"
)

// NewTrace is the id of a journey that begins, as W3C writes trace ids.
func NewTrace() string {
	var b [16]byte
	rand.Read(b[:]) // never fails, since Go 1.24
	return hex.EncodeToString(b[:])
}

// NewSpan is the traceparent of a new span of a trace. Without a trace there is
// none.
func NewSpan(trace string) string {
	if trace == "" {
		return ""
	}
	return fmt.Sprintf("00-%s-%016x-01", trace, mathrand.Uint64()|1)
}

// ChildSpan continues a W3C traceparent with a span of its own, made from the id
// of what is said, so that a repeat continues it alike. Without a parent there is
// none.
func ChildSpan(parent, id string) string {
	if len(parent) != 55 {
		return ""
	}
	h := fnv.New64a()
	h.Write([]byte(id))
	return fmt.Sprintf("%s%016x%s", parent[:36], h.Sum64(), parent[52:])
}
