package state

import (
	"context"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"aisle/offers"
)

// Stratum says how much of one server's keys a sample has looked at.
type Stratum struct {
	Keys int64 // that it holds
	Seen int64 // of these, looked at
	All  bool  // every one was: what was found is counted, not estimated
}

// sampleStep is how many keys a server is asked for at a time: it serves nobody
// else meanwhile.
const sampleStep = 1000

// SampleProfiles gives each the profiles that it finds on each server, on all of
// them together about most, until ctx ends: that is its end, too, and no error.
// Servers list keys in the order of a secret hash, so that those that come first
// are drawn by chance. Profiles that cannot be read are passed over. each runs
// once at a time, and hears of which server, in the order of the answer.
func (s *Store) SampleProfiles(ctx context.Context, most int, each func(server int, p *offers.Profile)) ([]Stratum, error) {
	var mu sync.Mutex
	var servers []redis.UniversalClient
	if cluster, ok := s.client.(*redis.ClusterClient); ok {
		err := cluster.ForEachMaster(ctx, func(_ context.Context, c *redis.Client) error {
			mu.Lock()
			defer mu.Unlock()
			servers = append(servers, c)
			return nil
		})
		if err != nil {
			return nil, s.failed("sample", err)
		}
	} else {
		servers = append(servers, s.client)
	}
	all := make([]Stratum, len(servers))
	var g errgroup.Group
	for i, server := range servers {
		g.Go(func() error {
			err := sample(ctx, server, most/len(servers), &all[i], func(p *offers.Profile) {
				mu.Lock()
				defer mu.Unlock()
				each(i, p)
			})
			switch {
			case err == nil, ctx.Err() != nil && all[i].Seen > 0:
				return nil
			default:
				return s.failed("sample", err)
			}
		})
	}
	return all, g.Wait()
}

// sample looks at the keys of one server. What it says of a step is written once
// the whole step was looked at.
func sample(ctx context.Context, server redis.UniversalClient, most int, of *Stratum, each func(p *offers.Profile)) error {
	var err error
	if of.Keys, err = server.DBSize(ctx).Result(); err != nil {
		return err
	}
	seen := map[string]bool{} // a server may list a key twice
	for cursor := uint64(0); ; {
		keys, next, err := server.Scan(ctx, cursor, "", sampleStep).Result()
		if err != nil {
			return err
		}
		pipe := server.Pipeline()
		var answers []*redis.StringCmd
		for _, key := range keys {
			if isProfile(key) && !seen[key] {
				seen[key] = true
				answers = append(answers, pipe.Get(ctx, key))
			}
		}
		if len(answers) > 0 {
			if err := runAll(ctx, pipe); err != nil {
				return err
			}
		}
		for _, a := range answers {
			p := new(offers.Profile)
			if value, err := a.Bytes(); err == nil && DecodeProfile(value, p) == nil {
				each(p)
			}
		}
		of.Seen += int64(len(keys))
		cursor = next
		of.All = cursor == 0
		if of.All || len(seen) >= most {
			return nil
		}
	}
}

// isProfile tells whether a key is one of ProfileKey.
func isProfile(key string) bool {
	partition, rest, ok := strings.Cut(key, "}:profile:")
	return ok && rest != "" && strings.HasPrefix(partition, "{p")
}
