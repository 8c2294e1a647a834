package state

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/offers/identity"
)

// Taking apart is written in an order that another can pick up at any point:
//
//  1. The one who leaves becomes themselves again, keeps apart from the others,
//     and has "leaving", whom they leave. From here on it has happened.
//  2. Those whom they leave lose the identifiers that go.
//  3. The identifiers point back.
//  4. Consents go back, see restoreConsent.
//  5. The caller tells the log, and calls Separated, which removes "leaving".
//
// Who calls Separate again after a crash goes on from where it ended.

// maxApart bounds whom one shopper may be kept apart from.
const maxApart = 200

// Separation is one shopper taken apart from another, as both are now.
type Separation struct {
	Shopper offers.ShopperID    // who left
	From    offers.ShopperID    // who they were taken for
	Merged  bool                // Shopper had been merged; false: Shopper came into being by this
	Nth     int                 // how often Shopper has left, with this time
	With    []offers.ShopperID  // who had turned out to be Shopper: they go along
	Gone    []offers.Identifier // that were From's and are Shopper's
	Cluster identity.Cluster    // of Shopper
	Left    identity.Cluster    // of From
	Told    []offers.Consent    // Shopper's answers
	Keeps   []offers.Consent    // From's answers
}

// Separate takes a shopper apart who was merged into another: what the merge
// brought goes back, events that name it are theirs again, and the two do not
// merge again by themselves. What others brought to the shopper stays with
// them. Tell the log of it, then call Separated. PartitionOf is the log's. Other
// processes, which keep what they found for a moment, know within two seconds.
//
// Consents: the shopper has again what they had answered before the merge, less
// what was refused since; the other has again what they had answered where the
// merge had changed it, and where that is not known, nothing. What was granted
// since the merge stays with the other. Nobody is given a yes that they did not
// give.
//
// Errors: ErrNotFound; ErrConflict if the shopper is not merged, or the log has
// not been told of the merge yet: IdentifyShopper returns it.
func (s *Store) Separate(ctx context.Context, shopper offers.ShopperID, partitionOf func(key string) int) (Separation, error) {
	p, err := s.leave(ctx, shopper)
	if err != nil {
		return Separation{}, fmt.Errorf("take %s apart: %w", shopper, err)
	}
	sep, err := s.finishLeaving(ctx, p, partitionOf)
	if err != nil {
		return Separation{}, fmt.Errorf("take %s apart: %w", shopper, err)
	}
	return sep, nil
}

// Detach moves one identifier out of a shopper's: to a shopper who has no other,
// and whom the first is kept apart from. Tell the log of it, then call Separated.
//
// Errors: ErrNotFound; ErrConflict if it is the shopper's only identifier.
func (s *Store) Detach(ctx context.Context, shopper offers.ShopperID, id offers.Identifier, partitionOf func(key string) int) (Separation, error) {
	p, err := s.makeLeaver(ctx, shopper, id)
	if err != nil {
		return Separation{}, fmt.Errorf("move %s out of %s: %w", id.Type, shopper, err)
	}
	sep, err := s.finishLeaving(ctx, p, partitionOf)
	if err != nil {
		return Separation{}, fmt.Errorf("move %s out of %s: %w", id.Type, shopper, err)
	}
	return sep, nil
}

// Separated notes that the log knows.
func (s *Store) Separated(ctx context.Context, sep Separation) error {
	err := separated.Run(ctx, s.client, []string{shopperKey(sep.Shopper)}, sep.Nth).Err()
	if err != nil {
		return s.failed("separated", err)
	}
	return nil
}

var separated = redis.NewScript(`
if redis.call('HGET', KEYS[1], 'nth') == ARGV[1] then redis.call('HDEL', KEYS[1], 'leaving') end
return 1`)

// leave writes down fields, and removes others, if the version is what was read.
// KEYS: the shopper. ARGV: version, time to live or 0, how many are written,
// these with their values, and those to remove.
var leave = redis.NewScript(`
if (redis.call('HGET', KEYS[1], 'v') or '0') ~= ARGV[1] then return 0 end
local n = tonumber(ARGV[3])
redis.call('HSET', KEYS[1], 'v', ARGV[1] + 1, unpack(ARGV, 4, 3 + 2 * n))
if #ARGV > 3 + 2 * n then redis.call('HDEL', KEYS[1], unpack(ARGV, 4 + 2 * n)) end
if ARGV[2] == '0' then redis.call('PERSIST', KEYS[1]) else redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return 1`)

// rewrite runs leave for a shopper as p, which has their new edges; false if
// somebody else wrote at the same time.
func (s *Store) rewrite(ctx context.Context, p *person, set, remove []string) (bool, error) {
	args := []any{p.version, p.ttl(), len(set) / 2}
	for _, field := range append(slices.Clip(set), remove...) {
		args = append(args, field)
	}
	n, err := leave.Run(ctx, s.client, []string{shopperKey(p.Shopper)}, args...).Int()
	if err != nil {
		return false, s.failed("separate", err)
	}
	return n == 1, nil
}

var errBusy = fmt.Errorf("others kept changing the same shoppers: %w", offers.ErrUnavailable)

func milli(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// person reads one shopper.
func (s *Store) person(ctx context.Context, id offers.ShopperID) (*person, error) {
	fields, err := s.client.HGetAll(ctx, shopperKey(id)).Result()
	if err != nil {
		return nil, s.failed("shopper", err)
	}
	if len(fields) == 0 {
		return nil, fmt.Errorf("shopper %s: %w", id, offers.ErrNotFound)
	}
	return newPerson(id, fields), nil
}

// leave is step 1. The person that it returns has the edges that they leave
// with.
func (s *Store) leave(ctx context.Context, shopper offers.ShopperID) (*person, error) {
	for range maxAttempts {
		p, err := s.person(ctx, shopper)
		switch {
		case err != nil:
			return nil, err
		case len(p.leaving) > 0:
			return p, nil // begun, and not ended
		case p.into == "":
			return nil, fmt.Errorf("%w: they are nobody else", offers.ErrConflict)
		}
		told, child := p.told, p.Shopper
		var last *person
		for into := p.into; into != ""; into = last.into {
			if len(p.leaving) == maxHops {
				return nil, fmt.Errorf("%w: their merges go in a circle", offers.ErrConflict)
			}
			if last != nil {
				child, told = last.Shopper, told && last.told
			}
			p.leaving = append(p.leaving, into)
			if last, err = s.person(ctx, into); err != nil {
				return nil, err
			}
		}
		switch {
		case !told:
			return nil, fmt.Errorf("%w: the merge is still under way", offers.ErrConflict)
		case len(last.apart) >= maxApart:
			return nil, fmt.Errorf("%w: they are kept apart from %d others already", offers.ErrConflict, maxApart)
		}
		remove := []string{"into", "told", "at"}
		p.Edges = slices.DeleteFunc(p.Edges, func(e identity.Edge) bool {
			mine := slices.ContainsFunc(last.Edges, func(o identity.Edge) bool { return o.Identifier == e.Identifier && o.From == child })
			if !mine { // it was moved to somebody else since
				remove = append(remove, identifierField(e.Identifier))
			}
			return !mine
		})
		p.nth++
		names := make([]string, len(p.leaving))
		for i, name := range p.leaving {
			names[i] = string(name)
		}
		now := milli(time.Now())
		ok, err := s.rewrite(ctx, p, []string{
			"leaving", strings.Join(names, " "), "nth", strconv.Itoa(p.nth), "a:" + string(last.Shopper), now, "merged", milli(p.merged),
		}, remove)
		if err != nil {
			return nil, err
		}
		if ok {
			s.identities.clear()
			return p, nil
		}
	}
	return nil, errBusy
}

// makeLeaver is step 1 for a single identifier: it makes a shopper who leaves
// with it.
func (s *Store) makeLeaver(ctx context.Context, shopper offers.ShopperID, id offers.Identifier) (*person, error) {
	from, err := s.person(ctx, shopper)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(from.Edges, func(e identity.Edge) bool { return e.Identifier == id })
	switch {
	case from.into != "":
		return nil, fmt.Errorf("%w: they turned out to be %s", offers.ErrConflict, from.into)
	case at < 0:
		return nil, fmt.Errorf("it is none of theirs: %w", offers.ErrNotFound)
	case len(from.Edges) == 1:
		return nil, fmt.Errorf("%w: it is their only one, so that nobody would be left", offers.ErrConflict)
	case len(from.apart) >= maxApart:
		return nil, fmt.Errorf("%w: they are kept apart from %d others already", offers.ErrConflict, maxApart)
	}
	// No cleaned value has a control character, so that no event leads to this
	// name but by the identifier.
	name := identity.NewShopperID(offers.Identifier{Type: id.Type, Value: id.Value + "\x00" + string(shopper) + "\x00" + from.version})
	now := time.Now()
	p := newPerson(name, nil)
	p.Since, p.nth, p.leaving = now, 1, []offers.ShopperID{shopper}
	p.Edges = []identity.Edge{{Identifier: id, Since: from.Edges[at].Since, Source: from.Edges[at].Source}}
	ok, err := s.rewrite(ctx, p, []string{
		"since", milli(now), "nth", "1", "leaving", string(shopper), "a:" + string(shopper), milli(now),
		identifierField(id), edgeValue(p.Edges[0]),
	}, nil)
	if err != nil {
		return nil, err
	}
	if ok {
		return p, nil
	}
	if p, err = s.person(ctx, name); err == nil && !p.Leaving { // made by somebody who did the same
		return nil, fmt.Errorf("%w: somebody else has moved it out", offers.ErrConflict)
	}
	return p, err
}

// finishLeaving is steps 2 to 4, each of which may be done again.
func (s *Store) finishLeaving(ctx context.Context, p *person, partitionOf func(key string) int) (Separation, error) {
	sep := Separation{Shopper: p.Shopper, From: p.leaving[len(p.leaving)-1], Merged: !p.merged.IsZero(), Nth: p.nth}
	for _, e := range p.Edges {
		sep.Gone = append(sep.Gone, e.Identifier)
		if e.From != "" && !slices.Contains(sep.With, e.From) {
			sep.With = append(sep.With, e.From)
		}
	}
	// Whoever was left may have turned out to be others meanwhile.
	path := slices.Clone(p.leaving)
	for i := 0; i < len(path) && i < 2*maxHops; i++ {
		into, err := s.loseTo(ctx, path[i], p, path[i] == sep.From)
		if err != nil {
			return Separation{}, err
		}
		if into != "" && i == len(path)-1 {
			path = append(path, into)
		}
	}
	if err := s.pointBack(ctx, p); err != nil {
		return Separation{}, err
	}
	s.identities.clear()
	now, err := s.person(ctx, p.Shopper)
	if err != nil {
		return Separation{}, err
	}
	left, err := s.person(ctx, sep.From)
	if err != nil {
		return Separation{}, err
	}
	sep.Cluster, sep.Left = now.Cluster, left.Cluster
	if err := s.restoreConsents(ctx, p, partitionOf); err != nil {
		return Separation{}, err
	}
	if sep.Told, err = s.answers(ctx, p.Shopper, partitionOf); err != nil {
		return Separation{}, err
	}
	sep.Keeps, err = s.answers(ctx, sep.From, partitionOf)
	return sep, err
}

// loseTo removes from a shopper what leaver left with. Into is who the shopper
// has become.
func (s *Store) loseTo(ctx context.Context, shopper offers.ShopperID, leaver *person, keepApart bool) (into offers.ShopperID, err error) {
	for range maxAttempts {
		p, err := s.person(ctx, shopper)
		if errors.Is(err, offers.ErrNotFound) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		var set, remove []string
		p.Edges = slices.DeleteFunc(p.Edges, func(e identity.Edge) bool {
			gone := leaver.Has(e.Identifier)
			if gone {
				remove = append(remove, identifierField(e.Identifier))
			}
			return gone
		})
		if keepApart && p.apart[leaver.Shopper].IsZero() {
			set = append(set, "a:"+string(leaver.Shopper), milli(time.Now()))
		}
		if len(set)+len(remove) == 0 {
			return p.into, nil
		}
		if len(set) == 0 {
			set = []string{"since", milli(p.Since)} // HSET wants one
		}
		// Looked at after p was read: a merge that comes after the end of the
		// separation changes p, and this then writes nothing.
		if err := s.stillLeaving(ctx, leaver); err != nil {
			return "", err
		}
		ok, err := s.rewrite(ctx, p, set, remove)
		if err != nil {
			return "", err
		}
		if ok {
			return p.into, nil
		}
	}
	return "", errBusy
}

// stillLeaving is ErrConflict if somebody else has ended the separation.
func (s *Store) stillLeaving(ctx context.Context, leaver *person) error {
	now, err := s.person(ctx, leaver.Shopper)
	if err != nil {
		return err
	}
	if !now.Leaving || now.nth != leaver.nth {
		return fmt.Errorf("%w: somebody else has taken them apart", offers.ErrConflict)
	}
	return nil
}

// pointAt makes an identifier another shopper's if it is still one's, or
// nobody's if that is ”.
// KEYS: the identifier. ARGV: the one, the other, time to live or 0.
var pointAt = redis.NewScript(`
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if ARGV[1] ~= '' then redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
elseif ARGV[3] == '0' then redis.call('SET', KEYS[1], ARGV[2])
else redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) end
return 1`)

// pointBack makes a leaver's identifiers theirs again: those that lead to
// somebody who has them no more, by merges too, and those that were forgotten.
func (s *Store) pointBack(ctx context.Context, p *person) error {
	ids := make([]offers.Identifier, len(p.Edges))
	for i, e := range p.Edges {
		ids[i] = e.Identifier
	}
	owners, err := s.Owners(ctx, ids)
	if err != nil {
		return err
	}
	var pointed []offers.Identifier
	var keys [][]string
	var there, back [][]any
	for i, id := range ids {
		if owners[i] == p.Shopper {
			continue
		}
		if owners[i] != "" {
			now, err := s.Resolve(ctx, owners[i])
			if err != nil {
				return err
			}
			owner, err := s.person(ctx, now)
			if err != nil && !errors.Is(err, offers.ErrNotFound) {
				return err
			}
			if err == nil && now != p.Shopper && owner.Has(id) {
				continue // moved to somebody else since
			}
		}
		ttl := 0
		if !identity.Person(id.Type) {
			ttl = int(anonymousTTL / time.Second)
		}
		pointed, keys = append(pointed, id), append(keys, []string{idKey(id)})
		there = append(there, []any{string(owners[i]), string(p.Shopper), ttl})
		back = append(back, []any{string(p.Shopper), string(owners[i]), ttl})
	}
	if len(keys) == 0 {
		return nil
	}
	done, err := s.runAll(ctx, pointAt, keys, there)
	if err != nil {
		return s.failed("separate", err)
	}
	ended := s.stillLeaving(ctx, p)
	if errors.Is(ended, offers.ErrConflict) {
		// Somebody else did it all, and it may have gone on from there: what is
		// not the leaver's any more goes back.
		now, err := s.person(ctx, p.Shopper)
		if err != nil {
			return err
		}
		for i, id := range pointed {
			if n, err := done[i].Int(); err != nil || n == 0 || back[i][1] == "" || now.Has(id) {
				continue
			}
			if err := pointAt.Run(ctx, s.client, keys[i], back[i]...).Err(); err != nil {
				return s.failed("separate", err)
			}
		}
	}
	return ended
}

// Join makes one shopper of two because a person said so: also of two known
// customers, and of two who were kept apart. The merge is like any other: the
// log does not know it yet, and it can be taken apart again.
//
// Errors: ErrNotFound; ErrConflict if they are one already, or being taken apart.
func (s *Store) Join(ctx context.Context, a, b offers.ShopperID, newTrace func() string) (Merge, error) {
	for range maxAttempts {
		v := &view{store: s, now: time.Now(), newTrace: newTrace}
		v.reset()
		one, other, err := v.two(ctx, a, b)
		if err != nil {
			return Merge{}, fmt.Errorf("join %s and %s: %w", a, b, err)
		}
		winner, _ := identity.Winner(&one.Cluster, &other.Cluster)
		w, l := one, other
		if winner.Shopper == other.Shopper {
			w, l = other, one
		}
		for _, side := range [][2]*person{{w, l}, {l, w}} {
			for name := range maps.Clone(side[0].apart) {
				if v.final(name) == side[1] {
					v.keepApart(side[0], name, time.Time{})
				}
			}
		}
		v.merge(w, l)
		if w.trace != "" {
			v.journeys[w.Shopper] = w.trace
		}
		ok, err := v.write(ctx)
		if err != nil {
			return Merge{}, fmt.Errorf("join %s and %s: %w: %w", a, b, offers.ErrUnavailable, err)
		}
		if ok {
			s.identities.clear()
			return Merge{l.Shopper, w.Shopper, l.nth}, nil
		}
	}
	return Merge{}, fmt.Errorf("join %s and %s: %w", a, b, errBusy)
}

// KeepApart notes that two are not the same, so that they do not merge by
// themselves.
func (s *Store) KeepApart(ctx context.Context, a, b offers.ShopperID) error {
	for range maxAttempts {
		v := &view{store: s, now: time.Now(), newTrace: func() string { return "" }}
		v.reset()
		one, other, err := v.two(ctx, a, b)
		if err != nil {
			return fmt.Errorf("keep %s and %s apart: %w", a, b, err)
		}
		if len(one.apart) >= maxApart || len(other.apart) >= maxApart {
			return fmt.Errorf("%w: they are kept apart from %d others already", offers.ErrConflict, maxApart)
		}
		v.keepApart(one, other.Shopper, v.now)
		v.keepApart(other, one.Shopper, v.now)
		ok, err := v.write(ctx)
		if err != nil {
			return fmt.Errorf("keep %s and %s apart: %w: %w", a, b, offers.ErrUnavailable, err)
		}
		if ok {
			s.identities.clear()
			return nil
		}
	}
	return fmt.Errorf("keep %s and %s apart: %w", a, b, errBusy)
}

// two reads two shoppers as whom they are now, and whom they are apart from.
func (v *view) two(ctx context.Context, a, b offers.ShopperID) (one, other *person, err error) {
	want := map[offers.ShopperID]bool{a: true, b: true}
	for hop := 0; len(want) > 0; hop++ {
		if hop == maxHops {
			return nil, nil, fmt.Errorf("%w: their merges go in a circle", offers.ErrConflict)
		}
		if err := v.load(ctx, slices.Collect(maps.Keys(want))); err != nil {
			return nil, nil, fmt.Errorf("%w: %w", offers.ErrUnavailable, err)
		}
		next := map[offers.ShopperID]bool{}
		for id := range want {
			p := v.people[id]
			if p.into != "" && v.people[p.into] == nil {
				next[p.into] = true
			}
			for name := range p.apart {
				if v.people[name] == nil {
					next[name] = true
				}
			}
		}
		want = next
	}
	one, other = v.final(a), v.final(b)
	for _, p := range []*person{one, other} {
		if p.version == "0" {
			return nil, nil, fmt.Errorf("shopper %s: %w", p.Shopper, offers.ErrNotFound)
		}
	}
	if one.Leaving || other.Leaving {
		return nil, nil, fmt.Errorf("%w: they are being taken apart", offers.ErrConflict)
	}
	if one == other {
		return nil, nil, fmt.Errorf("%w: they are one shopper", offers.ErrConflict)
	}
	return one, other, nil
}

// Known is what is kept of a shopper's identity. One who is Leaving and has no
// Separate under way, since a crash ended it, needs another.
type Known struct {
	identity.Cluster
	Into   offers.ShopperID               // who they turned out to be, if anybody else
	Merged time.Time                      // when
	Apart  map[offers.ShopperID]time.Time // who they are not, since when
	Claims map[offers.ShopperID]time.Time // whom an event called the same, which was not enough to merge them
}

// Known is what is kept of shoppers, in one round trip. Of who was never met
// the Cluster is empty.
func (s *Store) Known(ctx context.Context, shoppers []offers.ShopperID) ([]Known, error) {
	pipe := s.client.Pipeline()
	got := make([]*redis.MapStringStringCmd, len(shoppers))
	for i, id := range shoppers {
		got[i] = pipe.HGetAll(ctx, shopperKey(id))
	}
	if err := runAll(ctx, pipe); err != nil {
		return nil, s.failed("shoppers", err)
	}
	all := make([]Known, len(shoppers))
	for i, id := range shoppers {
		p := newPerson(id, got[i].Val())
		slices.SortFunc(p.Edges, func(a, b identity.Edge) int {
			pa, _ := identity.Priority(a.Identifier.Type)
			pb, _ := identity.Priority(b.Identifier.Type)
			if pa != pb {
				return pa - pb
			}
			if c := a.Since.Compare(b.Since); c != 0 {
				return c
			}
			return strings.Compare(a.Identifier.Value, b.Identifier.Value)
		})
		all[i] = Known{Cluster: p.Cluster, Into: p.into, Merged: p.merged, Apart: p.apart, Claims: p.claims}
	}
	return all, nil
}

// restoreConsents is step 4. Leaver has the names of those whom they left.
func (s *Store) restoreConsents(ctx context.Context, leaver *person, partitionOf func(key string) int) error {
	at := partitionOf(string(leaver.Shopper))
	given, err := s.client.HGetAll(ctx, ConsentKey(at, leaver.Shopper)).Result()
	if err != nil {
		return s.failed("consent", err)
	}
	refused := "0 " + milli(time.Now()) + " taken apart"
	child := leaver.Shopper
	for _, name := range leaver.leaving {
		to := partitionOf(string(name))
		now, err := s.client.HGetAll(ctx, ConsentKey(to, name)).Result()
		if err != nil {
			return s.failed("consent", err)
		}
		for purpose, value := range given {
			keys := []string{ConsentKey(to, name), consentBeforeKey(to, name)}
			if err := restoreConsent.Run(ctx, s.client, keys, purpose, value, string(child), refused).Err(); err != nil {
				return s.failed("consent", err)
			}
		}
		for purpose, value := range now { // refused since the merge: it may have been meant for both
			c, err := parseConsent(value)
			if err != nil || c.Granted || c.At.Before(leaver.merged) || value == given[purpose] {
				continue
			}
			c.Purpose = offers.Purpose(purpose)
			if err := s.SetConsent(ctx, at, leaver.Shopper, c); err != nil {
				return err
			}
		}
		child = name
	}
	return nil
}

// answers are a shopper's consents, in the order in which they are asked.
func (s *Store) answers(ctx context.Context, shopper offers.ShopperID, partitionOf func(key string) int) ([]offers.Consent, error) {
	given, err := s.Consents(ctx, partitionOf(string(shopper)), shopper)
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(given), func(a, b offers.Consent) int {
		return slices.Index(offers.Purposes, a.Purpose) - slices.Index(offers.Purposes, b.Purpose)
	}), nil
}
