package state

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
)

// snapshotsKept is how many versions of a snapshot are kept, to go back to.
const snapshotsKept = 5

// Snapshot keys lie in one slot of their own: "{model}:current" names the
// version, "{model}:v:<version>" holds it, "{model}:versions" lists the last
// ones, newest first, and "{model}:bookmark" is what its writer has to know to
// go on. "{model}:kept:<version>" holds one for as long as its writer says, and
// "{model}:wish" what a person wants of the writer.
func snapshotKey(name, part string) string { return "{" + name + "}:" + part }

// putSnapshot swaps the current version if it is still the expected one.
// KEYS: current, versions, bookmark, the new version's. ARGV: expected, new
// version, value, bookmark, kept, prefix of a version's key.
var putSnapshot = redis.NewScript(`
local current = redis.call('GET', KEYS[1]) or ''
if current ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[4], ARGV[3])
redis.call('SET', KEYS[3], ARGV[4])
redis.call('SET', KEYS[1], ARGV[2])
redis.call('LREM', KEYS[2], 0, ARGV[2])
redis.call('LPUSH', KEYS[2], ARGV[2])
for _, old in ipairs(redis.call('LRANGE', KEYS[2], ARGV[5], -1)) do
  redis.call('DEL', ARGV[6] .. old)
end
redis.call('LTRIM', KEYS[2], 0, ARGV[5] - 1)
return 1`)

// PutSnapshot publishes a version of something that one service makes and
// others read whole, with the bookmark from which its writer goes on. Both are
// written as one, and only if the current version is still the expected one ("":
// there is none): else ErrConflict. The last five versions are kept.
func (s *Store) PutSnapshot(ctx context.Context, name, expected, version string, value, bookmark []byte) error {
	keys := []string{
		snapshotKey(name, "current"), snapshotKey(name, "versions"),
		snapshotKey(name, "bookmark"), snapshotKey(name, "v:"+version),
	}
	n, err := putSnapshot.Run(ctx, s.Client(), keys, expected, version, value, bookmark, snapshotsKept, snapshotKey(name, "v:")).Int()
	if err != nil {
		return fmt.Errorf("snapshot %s: %w: %w", name, offers.ErrUnavailable, err)
	}
	if n == 0 {
		return fmt.Errorf("snapshot %s: %w: %q is not the current version", name, offers.ErrConflict, expected)
	}
	return nil
}

// readSnapshot is the current version, its value and the bookmark. KEYS:
// current, bookmark. ARGV: prefix of a version's key.
var readSnapshot = redis.NewScript(`
local current = redis.call('GET', KEYS[1])
if not current then return false end
return {current, redis.call('GET', ARGV[1] .. current) or '', redis.call('GET', KEYS[2]) or ''}`)

// Snapshot reads the current version, or nil if that is the one that the caller
// has. ErrNotFound says that there is none.
func (s *Store) Snapshot(ctx context.Context, name, have string) ([]byte, error) {
	current, err := s.Client().Get(ctx, snapshotKey(name, "current")).Result()
	switch {
	case errors.Is(err, redis.Nil):
		return nil, fmt.Errorf("snapshot %s: %w", name, offers.ErrNotFound)
	case err != nil:
		return nil, fmt.Errorf("snapshot %s: %w: %w", name, offers.ErrUnavailable, err)
	case current == have:
		return nil, nil
	}
	_, value, _, err := s.SnapshotBookmark(ctx, name)
	return value, err
}

// SnapshotBookmark reads the current version with the bookmark of its writer.
func (s *Store) SnapshotBookmark(ctx context.Context, name string) (version string, value, bookmark []byte, err error) {
	keys := []string{snapshotKey(name, "current"), snapshotKey(name, "bookmark")}
	parts, err := readSnapshot.Run(ctx, s.Client(), keys, snapshotKey(name, "v:")).StringSlice()
	if errors.Is(err, redis.Nil) {
		return "", nil, nil, fmt.Errorf("snapshot %s: %w", name, offers.ErrNotFound)
	}
	if err != nil {
		return "", nil, nil, fmt.Errorf("snapshot %s: %w: %w", name, offers.ErrUnavailable, err)
	}
	return parts[0], []byte(parts[1]), []byte(parts[2]), nil
}

// KeepSnapshot keeps a version until DropSnapshots, whatever is published.
func (s *Store) KeepSnapshot(ctx context.Context, name, version string, value []byte) error {
	if err := s.Client().Set(ctx, snapshotKey(name, "kept:"+version), value, 0).Err(); err != nil {
		return fmt.Errorf("snapshot %s: %w: %w", name, offers.ErrUnavailable, err)
	}
	return nil
}

// KeptSnapshot reads a version that is kept. ErrNotFound says that it is not.
func (s *Store) KeptSnapshot(ctx context.Context, name, version string) ([]byte, error) {
	value, err := s.Client().Get(ctx, snapshotKey(name, "kept:"+version)).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("snapshot %s: version %q: %w", name, version, offers.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("snapshot %s: %w: %w", name, offers.ErrUnavailable, err)
	}
	return value, nil
}

// DropSnapshots lets go of versions that are kept.
func (s *Store) DropSnapshots(ctx context.Context, name string, versions ...string) error {
	if len(versions) == 0 {
		return nil
	}
	keys := make([]string, len(versions))
	for i, v := range versions {
		keys[i] = snapshotKey(name, "kept:"+v)
	}
	if err := s.Client().Del(ctx, keys...).Err(); err != nil {
		return fmt.Errorf("snapshot %s: %w: %w", name, offers.ErrUnavailable, err)
	}
	return nil
}

// WishSnapshot tells the writer of a snapshot what a person wants of it. A wish
// takes the place of one that is not fulfilled yet.
func (s *Store) WishSnapshot(ctx context.Context, name string, wish []byte) error {
	if err := s.Client().Set(ctx, snapshotKey(name, "wish"), wish, 0).Err(); err != nil {
		return fmt.Errorf("snapshot %s: %w: %w", name, offers.ErrUnavailable, err)
	}
	return nil
}

// SnapshotWish is what a person wants, nil if nothing.
func (s *Store) SnapshotWish(ctx context.Context, name string) ([]byte, error) {
	wish, err := s.Client().Get(ctx, snapshotKey(name, "wish")).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("snapshot %s: %w: %w", name, offers.ErrUnavailable, err)
	}
	return wish, nil
}

// fulfilWish removes a wish, unless another one has taken its place.
var fulfilWish = redis.NewScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`)

// FulfilledWish removes a wish that is fulfilled.
func (s *Store) FulfilledWish(ctx context.Context, name string, wish []byte) error {
	if err := fulfilWish.Run(ctx, s.Client(), []string{snapshotKey(name, "wish")}, wish).Err(); err != nil {
		return fmt.Errorf("snapshot %s: %w: %w", name, offers.ErrUnavailable, err)
	}
	return nil
}
