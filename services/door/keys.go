// Package door is what the house's doors to the web have in common: who may
// come in by which write key, and from the pages of which sites.
package door

import (
	"context"
	"encoding/base64"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/services/catalog"
)

// Keys know who comes in with which key, and for what: those that the
// configuration names, the sources of the catalog, and its API keys. Safe for
// concurrent use.
type Keys struct {
	config  KeysConfig
	catalog *catalog.Catalog
	logger  *slog.Logger

	mu       sync.Mutex // guards the rest
	sources  map[string]catalog.Source
	programs map[catalog.KeyHash]catalog.APIKey
	asked    time.Time // when the catalog was last asked for them
}

// KeysConfig says whom the configuration lets in.
type KeysConfig struct {
	Named  map[string]string // write key to the source's name, beside those of the catalog
	Tokens map[string]bool   // write keys whose servers bring a token instead: the key by itself is nobody's
	Secret []byte            // that tokens are signed with
}

// NewKeys makes them; the catalog may be nil.
func NewKeys(c KeysConfig, sources *catalog.Catalog, logger *slog.Logger) *Keys {
	return &Keys{config: c, catalog: sources, logger: logger}
}

// TokenPurpose is what tokens are signed for that stand for a write key.
const TokenPurpose = "collector/oauth"

// The catalog may be asked again this often, when a key is not known or to see
// which were withdrawn.
const (
	sourcesAfter = 10 * time.Second
	unknownAfter = time.Second
)

// Source is who comes in with a key, or with a token that stands for one, if it
// opens what is wanted. Sources write events and ask for offers; tills redeem, too.
// An API key opens its scopes, and comes in as a server.
func (k *Keys) Source(ctx context.Context, key string, scope catalog.Scope) (catalog.Source, bool) {
	key = k.writeKey(key)
	if name, ok := k.config.Named[key]; ok && key != "" {
		return catalog.Source{Key: key, Name: name, Kind: "server"}, scope == catalog.ScopeEvents || scope == catalog.ScopeDecide
	}
	switch {
	case key == "" || k.catalog == nil:
		return catalog.Source{}, false
	case strings.HasPrefix(key, catalog.APIKeyPrefix):
		return k.program(ctx, key, scope)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	find := func() bool { _, ok := k.sources[key]; return ok }
	if !k.known(ctx, find) {
		return catalog.Source{}, false
	}
	s := k.sources[key]
	return s, scope == catalog.ScopeEvents || scope == catalog.ScopeDecide || scope == catalog.ScopeRedeem && s.Kind == "till"
}

// program is who comes in with an API key. That it was used is noted.
func (k *Keys) program(ctx context.Context, key string, scope catalog.Scope) (catalog.Source, bool) {
	hash, now := catalog.HashAPIKey(key), time.Now()
	k.mu.Lock()
	find := func() bool { _, ok := k.programs[hash]; return ok }
	known := k.known(ctx, find)
	p := k.programs[hash]
	opens := known && p.Opens(scope, now)
	if opens {
		noted := p
		noted.Used = now
		k.programs[hash] = noted
	}
	k.mu.Unlock()
	if !opens {
		return catalog.Source{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := k.catalog.UsedAPIKey(ctx, p, now); err != nil {
		k.logger.Error("the use of a key is not noted", "key", p.ID, "err", err)
	}
	return catalog.Source{Key: p.ID, Name: p.Name, Kind: "server", Created: p.Created}, true
}

// known tells whether there is what find looks for, after the catalog was asked
// again if it is time. Whoever asks holds the lock.
func (k *Keys) known(ctx context.Context, find func() bool) bool {
	ok := find()
	if age := time.Since(k.asked); ok && age < sourcesAfter || !ok && age < unknownAfter {
		return ok
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	k.asked = time.Now()
	sources, err := k.catalog.Sources(ctx)
	if err == nil {
		var programs map[catalog.KeyHash]catalog.APIKey
		if programs, err = k.catalog.APIKeysByHash(ctx); err == nil {
			k.programs = programs
			k.sources = make(map[string]catalog.Source, len(sources))
			for _, s := range sources {
				k.sources[s.Key] = s
			}
		}
	}
	if err != nil {
		k.logger.Error("keys cannot be read; those of before hold", "err", err)
	}
	return find()
}

// writeKey is the write key that a token stands for. Another key is itself.
func (k *Keys) writeKey(key string) string {
	if len(k.config.Tokens) == 0 {
		return key
	}
	if k.config.Tokens[key] {
		return ""
	}
	if writeKey, err := catalog.Unsign(k.config.Secret, TokenPurpose, key, time.Now()); err == nil && k.config.Tokens[writeKey] {
		return writeKey
	}
	return key
}

// KeyOf is the write key of a request, wherever its client puts it: Segment's
// and RudderStack's as the user of Basic authorization, Jitsu's in a header of
// its own (in front of a colon and its secret), servers' as a bearer's token,
// beacons' in the address because they have no headers, under one of names.
func KeyOf(c *fiber.Ctx, names ...string) string {
	if key, ok := Basic(c); ok {
		return key
	}
	if key := c.Get("X-Write-Key"); key != "" {
		key, _, _ = strings.Cut(key, ":")
		return strings.Clone(key)
	}
	if token := Bearer(c); token != "" {
		return token
	}
	for _, name := range names {
		if key := c.Query(name); key != "" {
			return strings.Clone(key)
		}
	}
	return ""
}

// Basic is the user of a Basic authorization, which is where Segment's clients
// put the write key.
func Basic(c *fiber.Ctx) (key string, ok bool) {
	scheme, rest, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "basic") {
		return "", false
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	if err != nil {
		return "", true
	}
	key, _, _ = strings.Cut(string(b), ":")
	return key, true
}

// Bearer is the token of the authorization, in front of a colon and its secret.
func Bearer(c *fiber.Ctx) string {
	scheme, token, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	token, _, _ = strings.Cut(strings.TrimSpace(token), ":")
	return strings.Clone(token)
}
