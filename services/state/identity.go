package state

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/offers/identity"
)

// What is kept of identity, each under a key of one slot:
//
//	{id:<type>:<value>}      the shopper whose identifier it is
//	{shopper:<id>}           hash: v version, since; into, at and told when
//	                         merged; one field i:<type>:<value> for each edge
//	                         and a:<shopper> for each whom they are not; c:<shopper>
//	                         for whom an event called the same; nth and
//	                         leaving when taken apart, see identity_apart.go
//	{shopper:<id>}:trace     the open trace of the shopper's journey
//
// A merge writes "into" at the loser and copies its edges to the winner with
// the loser's name. It rewrites nothing, so that it can be undone.
const (
	traceTTL     = 24 * time.Hour
	anonymousTTL = 90 * 24 * time.Hour // of who never said who they are, after their last event
	maxHops      = 16                  // of merges of merges
	maxAttempts  = 10                  // against others who write at the same time
)

// Identity is whose event it is.
type Identity struct {
	Shopper offers.ShopperID
	Trace   string              // W3C trace id of the shopper's open journey
	Merges  []Merge             // that the log may not know yet: publish them before the event, then call Announced
	Dropped []offers.Identifier // that cannot be this shopper's
}

// Merge says that one shopper turned out to be another.
type Merge struct {
	Loser, Winner offers.ShopperID
	Nth           int // how often the loser had been taken apart before
}

// EventID names the event that tells the log of the merge, whichever door
// tells it. A merge after a separation is another one.
func (m Merge) EventID() offers.EventID {
	id := "merged/" + string(m.Loser) + "/" + string(m.Winner)
	if m.Nth > 0 {
		id += "/" + strconv.Itoa(m.Nth)
	}
	return offers.EventID(id)
}

// told is what the loser's hash has once the log knows.
func (m Merge) told() string { return string(m.Winner) + " " + strconv.Itoa(m.Nth) }

// Identify says whose event it is that has these identifiers, clean as
// identity.Clean gives them, and keeps what it joins. NewTrace gives the id of a
// trace to open if the shopper has none. Without identifiers the Identity is
// empty. The same identifiers always lead to the same shopper, whoever asks at
// the same time. Source says which door and writer it was, for who looks at why
// an identifier is a shopper's.
func (s *Store) Identify(ctx context.Context, ids []offers.Identifier, newTrace func() string, source ...string) (Identity, error) {
	all, err := s.IdentifyAll(ctx, [][]offers.Identifier{ids}, newTrace, source...)
	if err != nil {
		return Identity{}, err
	}
	return all[0], nil
}

// IdentifyAll is Identify for the events of a batch, in their order. It takes
// two round trips for all of them, and up to three more where something is new.
func (s *Store) IdentifyAll(ctx context.Context, events [][]offers.Identifier, newTrace func() string, source ...string) ([]Identity, error) {
	found := make([]Identity, len(events))
	todo := make([]int, 0, len(events))
	keys := make([]string, len(events))
	epoch := s.identities.epoch()
	for i, ids := range events {
		if len(ids) == 0 {
			continue
		}
		keys[i] = cacheKey(ids)
		var ok bool
		if found[i], ok = s.identities.get(keys[i]); !ok {
			todo = append(todo, i)
		}
	}
	for attempt := 0; len(todo) > 0; attempt++ {
		if attempt == maxAttempts {
			return nil, fmt.Errorf("identify: others kept changing the same shoppers: %w", offers.ErrUnavailable)
		}
		v := &view{store: s, now: time.Now(), newTrace: newTrace, source: strings.Join(source, " ")}
		again, err := v.identify(ctx, events, todo, found)
		if err != nil {
			return nil, fmt.Errorf("identify: %w: %w", offers.ErrUnavailable, err)
		}
		if v.merged {
			epoch = s.identities.clear()
		}
		todo = again
	}
	for i, key := range keys {
		if key != "" && len(found[i].Merges) == 0 {
			s.identities.put(epoch, key, found[i])
		}
	}
	return found, nil
}

// IdentifyShopper is Identify for who is known by name, as the sensors that
// recognise people do: it follows merges and opens the trace.
func (s *Store) IdentifyShopper(ctx context.Context, shopper offers.ShopperID, newTrace func() string) (Identity, error) {
	v := &view{store: s, now: time.Now(), newTrace: newTrace}
	v.reset()
	given := shopper
	for range maxHops {
		v.open[shopper] = true
		if err := v.load(ctx, []offers.ShopperID{shopper}); err != nil {
			return Identity{}, fmt.Errorf("identify: %w: %w", offers.ErrUnavailable, err)
		}
		p := v.people[shopper]
		if p.into == "" {
			return Identity{Shopper: shopper, Trace: p.trace, Merges: v.untold([]offers.ShopperID{given})}, nil
		}
		shopper = p.into
	}
	return Identity{}, fmt.Errorf("identify: merges of %s go in a circle: %w", given, offers.ErrConflict)
}

// Resolve is who a shopper is now, after all merges. It opens no trace, and who
// was never met is themselves.
func (s *Store) Resolve(ctx context.Context, shopper offers.ShopperID) (offers.ShopperID, error) {
	now := shopper
	for range maxHops {
		into, err := s.Client().HGet(ctx, shopperKey(now), "into").Result()
		if errors.Is(err, redis.Nil) {
			return now, nil
		}
		if err != nil {
			return "", fmt.Errorf("shopper %s: %w: %w", shopper, offers.ErrUnavailable, err)
		}
		now = offers.ShopperID(into)
	}
	return "", fmt.Errorf("identify: merges of %s go in a circle: %w", shopper, offers.ErrConflict)
}

// Owners are the shoppers that identifiers belong to, "" where to nobody yet,
// without making anyone up and without following merges.
func (s *Store) Owners(ctx context.Context, ids []offers.Identifier) ([]offers.ShopperID, error) {
	pipe := s.Client().Pipeline()
	got := make([]*redis.StringCmd, len(ids))
	for i, id := range ids {
		got[i] = pipe.Get(ctx, idKey(id))
	}
	if err := runAll(ctx, pipe); err != nil {
		return nil, fmt.Errorf("owners of identifiers: %w: %w", offers.ErrUnavailable, err)
	}
	owners := make([]offers.ShopperID, len(ids))
	for i, c := range got {
		owners[i] = offers.ShopperID(c.Val())
	}
	return owners, nil
}

// Cluster is what ties a shopper's identifiers together, as it was before the
// shopper was merged into another, if so. A shopper who was never met is
// ErrNotFound.
func (s *Store) Cluster(ctx context.Context, shopper offers.ShopperID) (identity.Cluster, error) {
	fields, err := s.Client().HGetAll(ctx, shopperKey(shopper)).Result()
	if err != nil {
		return identity.Cluster{}, fmt.Errorf("shopper %s: %w: %w", shopper, offers.ErrUnavailable, err)
	}
	if len(fields) == 0 {
		return identity.Cluster{}, fmt.Errorf("shopper %s: %w", shopper, offers.ErrNotFound)
	}
	return newPerson(shopper, fields).Cluster, nil
}

// CarryConsents gives winners the consents of their losers, where they are the
// newer ones. It belongs before Announced. PartitionOf is the log's.
func (s *Store) CarryConsents(ctx context.Context, merges []Merge, partitionOf func(key string) int) error {
	for _, m := range merges {
		consents, err := s.client.HGetAll(ctx, ConsentKey(partitionOf(string(m.Loser)), m.Loser)).Result()
		if err != nil {
			return s.failed("consent", err)
		}
		to := partitionOf(string(m.Winner))
		for purpose, value := range consents {
			keys := []string{ConsentKey(to, m.Winner), consentBeforeKey(to, m.Winner)}
			if err := carryConsent.Run(ctx, s.client, keys, purpose, value, string(m.Loser)).Err(); err != nil {
				return s.failed("consent", err)
			}
		}
	}
	return nil
}

// Announced notes that the log has these merges. Until then every Identify
// that comes across them returns them again, so that a crash between the merge
// and its record loses nothing.
func (s *Store) Announced(ctx context.Context, merges []Merge) error {
	if len(merges) == 0 {
		return nil
	}
	pipe := s.Client().Pipeline()
	for _, m := range merges {
		pipe.HSet(ctx, shopperKey(m.Loser), "told", m.told())
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("announce merges: %w: %w", offers.ErrUnavailable, err)
	}
	return nil
}

func idKey(id offers.Identifier) string           { return "{id:" + string(id.Type) + ":" + id.Value + "}" }
func shopperKey(id offers.ShopperID) string       { return "{shopper:" + string(id) + "}" }
func traceKey(id offers.ShopperID) string         { return shopperKey(id) + ":trace" }
func identifierField(id offers.Identifier) string { return "i:" + string(id.Type) + ":" + id.Value }

// person is a shopper as the hash has it.
type person struct {
	identity.Cluster
	version string
	into    offers.ShopperID
	merged  time.Time // when into was written
	told    bool      // the log knows of into
	trace   string

	apart   map[offers.ShopperID]time.Time
	claims  map[offers.ShopperID]time.Time // whom an event called the same, which is not enough
	nth     int                            // how often they were taken apart from others
	leaving []offers.ShopperID             // from whom, nearest first, while the log does not know
}

func newPerson(id offers.ShopperID, fields map[string]string) *person {
	p := &person{Cluster: identity.Cluster{Shopper: id}, version: "0"}
	for f, value := range fields {
		switch f {
		case "v":
			p.version = value
		case "since":
			p.Since = unixMilli(value)
		case "into":
			p.into = offers.ShopperID(value)
		case "at":
			p.merged = unixMilli(value)
		case "merged": // when they had been, who have left
			if fields["at"] == "" {
				p.merged = unixMilli(value)
			}
		case "nth":
			p.nth, _ = strconv.Atoi(value)
		case "leaving":
			for name := range strings.FieldsSeq(value) {
				p.leaving = append(p.leaving, offers.ShopperID(name))
			}
			p.Leaving = len(p.leaving) > 0
		}
		if other, ok := strings.CutPrefix(f, "a:"); ok && value != "" {
			if p.apart == nil {
				p.apart = map[offers.ShopperID]time.Time{}
			}
			p.apart[offers.ShopperID(other)] = unixMilli(value)
		}
		if other, ok := strings.CutPrefix(f, "c:"); ok {
			if p.claims == nil {
				p.claims = map[offers.ShopperID]time.Time{}
			}
			p.claims[offers.ShopperID(other)] = unixMilli(value)
		}
		if id, ok := strings.CutPrefix(f, "i:"); ok {
			kind, name, _ := strings.Cut(id, ":")
			since, rest, _ := strings.Cut(value, " ")
			from, source, _ := strings.Cut(rest, " ")
			p.Edges = append(p.Edges, identity.Edge{
				Identifier: offers.Identifier{Type: offers.IdentifierType(kind), Value: name},
				Since:      unixMilli(since), From: offers.ShopperID(from), Source: source,
			})
		}
	}
	p.told = p.into != "" && fields["told"] == Merge{p.Shopper, p.into, p.nth}.told()
	return p
}

// ttl is for how many seconds a shopper is kept who is not heard of, 0 for good.
func (p *person) ttl() int {
	if p.Known() {
		return 0
	}
	return int(anonymousTTL / time.Second)
}

func unixMilli(s string) time.Time {
	ms, _ := strconv.ParseInt(s, 10, 64)
	return time.UnixMilli(ms)
}

// view is the part of the identities that one batch looks at, read at one time.
// Events are resolved against it in their order; what they change is then
// written, each shopper only if nobody else changed them since.
type view struct {
	store    *Store
	now      time.Time
	newTrace func() string
	source   string // of the events
	merged   bool   // this view has merged shoppers

	owners map[offers.Identifier]offers.ShopperID // as the keys have them
	people map[offers.ShopperID]*person
	open   map[offers.ShopperID]bool // whose trace may be opened as they are read

	changed  map[offers.ShopperID][]string // fields and values to write
	fresh    map[offers.ShopperID]bool     // who is new
	claims   map[offers.Identifier]offers.ShopperID
	first    map[offers.Identifier]bool                // claims that name their shopper: theirs in any case
	moves    map[offers.Identifier][2]offers.ShopperID // from an announced loser to the winner
	intos    map[offers.ShopperID]offers.ShopperID
	journeys map[offers.ShopperID]string // traces to open
}

func (v *view) reset() {
	v.owners, v.people, v.open = map[offers.Identifier]offers.ShopperID{}, map[offers.ShopperID]*person{}, map[offers.ShopperID]bool{}
	v.changed, v.fresh = map[offers.ShopperID][]string{}, map[offers.ShopperID]bool{}
	v.claims, v.first = map[offers.Identifier]offers.ShopperID{}, map[offers.Identifier]bool{}
	v.moves, v.intos = map[offers.Identifier][2]offers.ShopperID{}, map[offers.ShopperID]offers.ShopperID{}
	v.journeys = map[offers.ShopperID]string{}
}

// identify fills found at the indices of todo, and returns those that must be
// tried again because others wrote at the same time.
func (v *view) identify(ctx context.Context, events [][]offers.Identifier, todo []int, found []Identity) ([]int, error) {
	v.reset()
	if err := v.loadOwners(ctx, events, todo); err != nil {
		return nil, err
	}
	if err := v.loadPeople(ctx, events, todo); err != nil {
		return nil, err
	}
	for _, i := range todo {
		found[i] = v.resolve(events[i])
	}
	ok, err := v.write(ctx)
	if err != nil {
		return nil, err
	}
	if !ok {
		return todo, nil
	}
	for _, i := range todo {
		found[i].Trace = v.people[found[i].Shopper].traceOr("")
	}
	return nil, nil
}

func (p *person) traceOr(none string) string {
	if p == nil || p.trace == "" {
		return none
	}
	return p.trace
}

// loadOwners is the first round trip.
func (v *view) loadOwners(ctx context.Context, events [][]offers.Identifier, todo []int) error {
	pipe := v.store.Client().Pipeline()
	got := map[offers.Identifier]*redis.StringCmd{}
	for _, i := range todo {
		for _, id := range events[i] {
			if got[id] != nil {
				continue
			}
			if identity.Person(id.Type) {
				got[id] = pipe.Get(ctx, idKey(id))
			} else {
				got[id] = pipe.GetEx(ctx, idKey(id), anonymousTTL)
			}
		}
	}
	if err := runAll(ctx, pipe); err != nil {
		return err
	}
	for id, c := range got {
		if owner, err := c.Result(); err == nil {
			v.owners[id] = offers.ShopperID(owner)
		}
	}
	return nil
}

// loadPeople is the second round trip, and more where merges are followed.
func (v *view) loadPeople(ctx context.Context, events [][]offers.Identifier, todo []int) error {
	want := map[offers.ShopperID]bool{}
	alone := map[offers.ShopperID]bool{}
	for _, i := range todo {
		var mine []offers.ShopperID
		for _, id := range events[i] {
			if o := v.owners[id]; o != "" && !slices.Contains(mine, o) {
				mine = append(mine, o)
			}
		}
		for _, o := range mine {
			want[o] = true
			if sole, seen := alone[o]; len(mine) > 1 {
				alone[o] = false
			} else if !seen || sole {
				alone[o] = true
			}
		}
	}
	v.open = alone
	for hop := 0; len(want) > 0; hop++ {
		if hop == maxHops {
			return fmt.Errorf("merges go in a circle: %w", offers.ErrConflict)
		}
		if err := v.load(ctx, slices.Collect(maps.Keys(want))); err != nil {
			return err
		}
		next := map[offers.ShopperID]bool{}
		for id := range want {
			if into := v.people[id].into; into != "" && v.people[into] == nil {
				next[into] = true
				v.open[into] = v.open[into] || v.open[id]
			}
			for other := range v.people[id].apart { // they may have become others since
				if v.people[other] == nil {
					next[other] = true
				}
			}
		}
		want = next
	}
	return nil
}

// load reads shoppers, and opens or renews the traces of those in open.
func (v *view) load(ctx context.Context, ids []offers.ShopperID) error {
	pipe := v.store.Client().Pipeline()
	hashes, traces := map[offers.ShopperID]*redis.MapStringStringCmd{}, map[offers.ShopperID]interface{ Val() string }{}
	opened := map[offers.ShopperID]string{}
	for _, id := range ids {
		hashes[id] = pipe.HGetAll(ctx, shopperKey(id))
		// Only who is anonymous has a time to live: the known have none to renew.
		pipe.ExpireXX(ctx, shopperKey(id), anonymousTTL)
		if v.open[id] {
			opened[id] = v.newTrace()
			traces[id] = v.openTrace(ctx, pipe, id, opened[id])
		} else {
			traces[id] = pipe.Get(ctx, traceKey(id))
		}
	}
	if err := runAll(ctx, pipe); err != nil {
		return err
	}
	for _, id := range ids {
		p := newPerson(id, hashes[id].Val())
		p.trace = traces[id].Val()
		if p.trace == "" {
			p.trace = opened[id]
		}
		v.people[id] = p
	}
	return nil
}

// openTrace sets the trace unless there is one, which the answer then is, and
// renews it. SET with NX and GET together is of Redis 7.0.
func (v *view) openTrace(ctx context.Context, pipe redis.Pipeliner, id offers.ShopperID, trace string) *redis.StatusCmd {
	c := pipe.SetArgs(ctx, traceKey(id), trace, redis.SetArgs{Mode: "NX", Get: true, TTL: traceTTL})
	pipe.Expire(ctx, traceKey(id), traceTTL)
	return c
}

// final is who a shopper has become.
func (v *view) final(id offers.ShopperID) *person {
	p := v.people[id]
	for p != nil && p.into != "" {
		p = v.people[p.into]
	}
	return p
}

// apart are those whom a person is not, by the names that they have now.
func (v *view) apart(p *person) []offers.ShopperID {
	var apart []offers.ShopperID
	for other := range p.apart {
		if o := v.final(other); o != nil && o != p {
			apart = append(apart, o.Shopper)
		}
	}
	return apart
}

// resolve says whose event it is, as the view has it with what the events
// before it changed.
func (v *view) resolve(ids []offers.Identifier) Identity {
	clusters := map[*person]*identity.Cluster{}
	var passed []offers.ShopperID
	owner := func(id offers.Identifier) *identity.Cluster {
		name := v.owners[id]
		if name == "" {
			return nil
		}
		p := v.final(name)
		if v.people[name].into != "" {
			passed = append(passed, name)
			if v.people[name].told {
				v.moves[id] = [2]offers.ShopperID{name, p.Shopper}
			}
		}
		if clusters[p] == nil {
			p.Apart = v.apart(p)
			clusters[p] = &p.Cluster
		}
		return clusters[p]
	}
	plan := identity.Resolve(ids, owner, v.now)
	if plan.Shopper == "" {
		return Identity{Dropped: plan.Dropped}
	}
	p := v.people[plan.Shopper]
	if p == nil {
		p = newPerson(plan.Shopper, nil)
		p.Since = v.now
		v.people[plan.Shopper] = p
		v.fresh[plan.Shopper] = true
		v.set(p.Shopper, "since", strconv.FormatInt(v.now.UnixMilli(), 10))
		v.first[plan.Attach[0]] = true
	}
	for _, id := range ids {
		if name := v.owners[id]; name != "" && !slices.Contains(plan.Dropped, id) {
			v.tie(v.final(name), id)
		}
	}
	for _, id := range plan.Attach {
		if !p.Has(id) {
			v.addEdge(p, identity.Edge{Identifier: id, Since: v.now, Source: v.source})
		}
		v.owners[id], v.claims[id] = p.Shopper, p.Shopper
	}
	for _, name := range plan.Merge {
		v.merge(p, v.people[name])
		passed = append(passed, name)
	}
	for _, id := range plan.Dropped {
		if identity.Person(id.Type) && v.owners[id] != "" {
			v.suspect(p, v.final(v.owners[id]))
		}
	}
	if p.trace == "" {
		p.trace = v.newTrace()
	}
	if v.fresh[p.Shopper] || !v.open[p.Shopper] {
		v.journeys[p.Shopper] = p.trace
	}
	return Identity{Shopper: p.Shopper, Merges: v.untold(passed), Dropped: plan.Dropped}
}

// tie gives a shopper the edge of an identifier that leads to them and that they
// do not have: doors that met while others were taken apart can leave it so. Not
// while somebody is leaving with it.
func (v *view) tie(p *person, id offers.Identifier) {
	if p == nil || p.Has(id) || p.Leaving {
		return
	}
	for other := range p.apart {
		if o := v.people[other]; o != nil && o.Leaving {
			return
		}
	}
	v.addEdge(p, identity.Edge{Identifier: id, Since: v.now, Source: v.source})
}

// maxClaims bounds with whom one shopper was called the same.
const maxClaims = 20

// suspect notes that an event called two known persons the same.
func (v *view) suspect(p, other *person) {
	if p == other || !p.claims[other.Shopper].IsZero() || !other.claims[p.Shopper].IsZero() || len(p.claims) >= maxClaims ||
		identity.Apart(&p.Cluster, &other.Cluster) {
		return
	}
	if p.claims == nil {
		p.claims = map[offers.ShopperID]time.Time{}
	}
	p.claims[other.Shopper] = v.now
	v.set(p.Shopper, "c:"+string(other.Shopper), strconv.FormatInt(v.now.UnixMilli(), 10))
}

// merge makes loser a part of p.
func (v *view) merge(p, loser *person) {
	for _, e := range loser.Edges {
		// Also where p has it: an attempt that lost a race leaves an edge at who
		// does not own the identifier.
		p.Edges = slices.DeleteFunc(p.Edges, func(o identity.Edge) bool { return o.Identifier == e.Identifier })
		v.addEdge(p, identity.Edge{Identifier: e.Identifier, Since: e.Since, From: loser.Shopper, Source: e.Source})
	}
	for other, at := range loser.apart { // whom the loser is not, p is not from now on
		if v.final(other) != p && p.apart[other].IsZero() {
			v.keepApart(p, other, at)
		}
	}
	loser.into, loser.told, v.intos[loser.Shopper] = p.Shopper, false, p.Shopper
	if p.trace == "" {
		p.trace = loser.trace
	}
}

// keepApart notes that p is not other; at the zero time, that they may be.
func (v *view) keepApart(p *person, other offers.ShopperID, at time.Time) {
	if at.IsZero() {
		delete(p.apart, other)
		v.set(p.Shopper, "a:"+string(other), "")
		return
	}
	if p.apart == nil {
		p.apart = map[offers.ShopperID]time.Time{}
	}
	p.apart[other] = at
	v.set(p.Shopper, "a:"+string(other), strconv.FormatInt(at.UnixMilli(), 10))
}

// untold are the merges on the way of these shoppers that are not announced.
func (v *view) untold(names []offers.ShopperID) []Merge {
	var merges []Merge
	for _, name := range names {
		for p := v.people[name]; p != nil && p.into != ""; p = v.people[p.into] {
			if m := (Merge{p.Shopper, p.into, p.nth}); !p.told && !slices.Contains(merges, m) {
				merges = append(merges, m)
			}
		}
	}
	return merges
}

func (v *view) set(id offers.ShopperID, field, value string) {
	v.changed[id] = append(v.changed[id], field, value)
}

func (v *view) addEdge(p *person, e identity.Edge) {
	p.Edges = append(p.Edges, e)
	v.set(p.Shopper, identifierField(e.Identifier), edgeValue(e))
}

// edgeValue is "<milliseconds> <from> <source>", as much of it as there is.
func edgeValue(e identity.Edge) string {
	return strings.TrimRight(strconv.FormatInt(e.Since.UnixMilli(), 10)+" "+string(e.From)+" "+e.Source, " ")
}

// change writes fields of a shopper if the version is what was read.
var change = `if (redis.call('HGET', KEYS[1], 'v') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'v', ARGV[1] + 1, unpack(ARGV, 3))
if ARGV[2] == '0' then redis.call('PERSIST', KEYS[1]) else redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return 1`

// move points an identifier at another shopper, if it still is the first's.
var move = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1`

// write keeps what resolve changed, and tells whether nobody else changed the
// same at the same time. What shoppers have is written before the identifiers
// point at them and before losers point at winners: a crash in between leaves
// an edge that the next event ties again, never an identifier that leads to
// someone whose edges do not say why.
func (v *view) write(ctx context.Context) (ok bool, err error) {
	pipe := v.store.Client().Pipeline()
	var checks []*redis.Cmd
	claims := map[offers.Identifier]*redis.StatusCmd{}
	traces := map[offers.ShopperID]*redis.StatusCmd{}
	for id, fields := range v.changed {
		checks = append(checks, v.change(ctx, pipe, id, fields))
	}
	for id := range v.first {
		// Named after it, the shopper owns it whether the rest succeeds or not.
		claims[id] = v.claim(ctx, pipe, id)
	}
	for shopper, trace := range v.journeys {
		traces[shopper] = v.openTrace(ctx, pipe, shopper, trace)
	}
	if ok, err := v.done(ctx, pipe, checks, claims); !ok || err != nil {
		return ok, err
	}
	for shopper, c := range traces {
		if open := c.Val(); open != "" {
			v.people[shopper].trace = open
		}
	}

	pipe, checks, claims = v.store.Client().Pipeline(), nil, map[offers.Identifier]*redis.StatusCmd{}
	for id := range v.claims {
		if !v.first[id] {
			claims[id] = v.claim(ctx, pipe, id)
		}
	}
	for loser, winner := range v.intos {
		p := v.people[loser]
		if v.changed[loser] != nil {
			p.version = next(p.version)
		}
		// As long as the winner is kept, so that it can be undone.
		ttl := v.people[winner].ttl()
		checks = append(checks, v.changeFor(ctx, pipe, loser, ttl, []string{"into", string(winner), "at", strconv.FormatInt(v.now.UnixMilli(), 10)}))
	}
	moved := map[offers.Identifier]*redis.Cmd{}
	for id, m := range v.moves {
		moved[id] = pipe.Eval(ctx, move, []string{idKey(id)}, string(m[0]), string(m[1]))
	}
	v.merged = len(v.intos) > 0
	ok, err = v.done(ctx, pipe, checks, claims)
	if err != nil {
		return false, err
	}
	for id, c := range moved {
		if n, err := c.Int(); err == nil && n == 0 {
			delete(v.moves, id)
		}
	}
	still, err := v.stillMerged(ctx) // also where the rest is tried again: the moves are made
	return ok && still, err
}

// stillMerged tells whether nobody was taken apart while their identifiers were
// moved to whom they had become, and moves those back if so.
func (v *view) stillMerged(ctx context.Context) (bool, error) {
	if len(v.moves) == 0 {
		return true, nil
	}
	pipe := v.store.Client().Pipeline()
	intos := map[offers.ShopperID]*redis.StringCmd{}
	for _, m := range v.moves {
		for p := v.people[m[0]]; p.into != "" && intos[p.Shopper] == nil; p = v.people[p.into] {
			intos[p.Shopper] = pipe.HGet(ctx, shopperKey(p.Shopper), "into")
		}
	}
	if err := runAll(ctx, pipe); err != nil {
		return false, err
	}
	pipe = v.store.Client().Pipeline()
	for id, m := range v.moves {
		for p := v.people[m[0]]; p.into != ""; p = v.people[p.into] {
			if intos[p.Shopper].Val() != string(p.into) {
				pipe.Eval(ctx, move, []string{idKey(id)}, string(m[1]), string(m[0]))
				break
			}
		}
	}
	apart := pipe.Len() > 0
	return !apart, runAll(ctx, pipe)
}

func next(version string) string {
	n, _ := strconv.Atoi(version)
	return strconv.Itoa(n + 1)
}

func (v *view) change(ctx context.Context, pipe redis.Pipeliner, id offers.ShopperID, fields []string) *redis.Cmd {
	return v.changeFor(ctx, pipe, id, v.people[id].ttl(), fields)
}

func (v *view) changeFor(ctx context.Context, pipe redis.Pipeliner, id offers.ShopperID, ttl int, fields []string) *redis.Cmd {
	args := make([]any, 0, 2+len(fields))
	args = append(args, v.people[id].version, ttl)
	for _, f := range fields {
		args = append(args, f)
	}
	return pipe.Eval(ctx, change, []string{shopperKey(id)}, args...)
}

func (v *view) claim(ctx context.Context, pipe redis.Pipeliner, id offers.Identifier) *redis.StatusCmd {
	args := redis.SetArgs{Mode: "NX", Get: true}
	if !identity.Person(id.Type) {
		args.TTL = anonymousTTL
	}
	return pipe.SetArgs(ctx, idKey(id), string(v.claims[id]), args)
}

// done runs the pipeline and tells whether every check passed and every
// identifier is whose it was meant to be.
func (v *view) done(ctx context.Context, pipe redis.Pipeliner, checks []*redis.Cmd, claims map[offers.Identifier]*redis.StatusCmd) (bool, error) {
	if pipe.Len() == 0 {
		return true, nil
	}
	if err := runAll(ctx, pipe); err != nil {
		return false, err
	}
	ok := true
	for _, c := range checks {
		n, err := c.Int()
		if err != nil {
			return false, err
		}
		ok = ok && n == 1
	}
	for id, c := range claims {
		if had := c.Val(); had != "" && had != string(v.claims[id]) {
			ok = false
		}
	}
	return ok, nil
}

// runAll runs a pipeline in which a missing key is no error.
func runAll(ctx context.Context, pipe redis.Pipeliner) error {
	if pipe.Len() == 0 {
		return nil
	}
	cmds, err := pipe.Exec(ctx)
	if err == nil {
		return nil
	}
	for _, c := range cmds {
		if err := c.Err(); err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
	}
	return nil
}

// identityCache holds what was found lately, so that a visitor's next click
// costs no round trip. An entry lives at most twice cacheTTL. A merge by this
// process empties it; one by another process is met late, and until then the
// decider forwards what comes under the loser's name. The zero value is ready.
type identityCache struct {
	mu         sync.Mutex // guards all below
	generation int
	young, old map[string]Identity
	turned     time.Time
}

const (
	cacheTTL  = time.Second
	cacheSize = 50_000 // of each half
)

func cacheKey(ids []offers.Identifier) string {
	n := 0
	for _, id := range ids {
		n += len(id.Type) + len(id.Value) + 2
	}
	b := make([]byte, 0, n)
	for _, id := range ids {
		b = append(b, id.Type...)
		b = append(b, 0)
		b = append(b, id.Value...)
		b = append(b, 0)
	}
	return string(b)
}

func (c *identityCache) epoch() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.generation
}

func (c *identityCache) clear() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	c.young, c.old = nil, nil
	return c.generation
}

func (c *identityCache) get(key string) (Identity, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn()
	id, ok := c.young[key]
	if !ok {
		id, ok = c.old[key]
	}
	return id, ok
}

func (c *identityCache) put(epoch int, key string, id Identity) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if epoch != c.generation {
		return // found before a merge
	}
	if _, ok := c.old[key]; ok {
		return // an entry is not renewed: it would never be looked up again
	}
	c.turn()
	if c.young == nil {
		c.young = map[string]Identity{}
	}
	c.young[key] = id
}

func (c *identityCache) turn() {
	if now := time.Now(); now.Sub(c.turned) > cacheTTL || len(c.young) >= cacheSize {
		if now.Sub(c.turned) > 2*cacheTTL {
			c.young = nil
		}
		c.old, c.young, c.turned = c.young, nil, now
	}
}
