package state

import (
	"context"
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
)

// Erased is how much was kept in one place of state before and after an erasure.
type Erased struct {
	Place         string
	Before, After int
}

// Erase forgets a shopper: what leads to them, and all that lies under their
// name. It may be called again. A decider that has them in hand may write their
// profile once more: who asks for an erasure looks again later.
func (s *Store) Erase(ctx context.Context, partition int, shopper offers.ShopperID) ([]Erased, error) {
	ids, err := s.identifiersOf(ctx, shopper)
	if err != nil {
		return nil, err
	}
	places := []struct {
		name string
		keys []string
	}{
		{"state: identifiers that lead to them", ids},
		{"state: who they are, and their open journey", []string{shopperKey(shopper), traceKey(shopper)}},
		{"state: profile", []string{ProfileKey(partition, shopper)}},
		{"state: consents", []string{ConsentKey(partition, shopper), consentBeforeKey(partition, shopper)}},
		{"state: offers in their app", []string{InboxKey(partition, shopper)}},
		{"state: when they were reached", []string{Key(partition, "contacts", string(shopper)), placedKey(partition, shopper)}},
	}
	all := make([]Erased, len(places))
	for i, place := range places {
		all[i].Place = place.name
		if all[i].Before, err = s.countKeys(ctx, place.keys); err != nil {
			return nil, err
		}
		pipe := s.client.Pipeline()
		for _, key := range place.keys {
			pipe.Del(ctx, key) // each has a slot of its own
		}
		if err := runAll(ctx, pipe); err != nil {
			return nil, s.failed("erase", err)
		}
		if all[i].After, err = s.countKeys(ctx, place.keys); err != nil {
			return nil, err
		}
	}
	s.identities.clear()
	return all, nil
}

// identifiersOf are the keys of the identifiers that lead to a shopper, and to
// nobody else by now.
func (s *Store) identifiersOf(ctx context.Context, shopper offers.ShopperID) ([]string, error) {
	fields, err := s.client.HKeys(ctx, shopperKey(shopper)).Result()
	if err != nil {
		return nil, s.failed("erase", err)
	}
	var keys []string
	for _, field := range fields {
		name, ok := strings.CutPrefix(field, "i:")
		kind, value, found := strings.Cut(name, ":")
		if !ok || !found {
			continue
		}
		key := idKey(offers.Identifier{Type: offers.IdentifierType(kind), Value: value})
		owner, err := s.client.Get(ctx, key).Result()
		if errors.Is(err, redis.Nil) {
			continue
		}
		if err != nil {
			return nil, s.failed("erase", err)
		}
		if owner == string(shopper) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

func (s *Store) countKeys(ctx context.Context, keys []string) (int, error) {
	pipe := s.client.Pipeline()
	for _, key := range keys {
		pipe.Exists(ctx, key)
	}
	if pipe.Len() == 0 {
		return 0, nil
	}
	found, err := pipe.Exec(ctx)
	if err != nil {
		return 0, s.failed("erase", err)
	}
	n := 0
	for _, f := range found {
		n += int(f.(*redis.IntCmd).Val())
	}
	return n, nil
}
