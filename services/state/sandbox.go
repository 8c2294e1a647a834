package state

import (
	"context"
	"fmt"
	"time"

	"github.com/goccy/go-json"
	"github.com/redis/go-redis/v9"

	"aisle/offers"
)

// SandboxMessage is a text message that nobody was sent: the sandbox shows it
// on a page, as the phone would have.
type SandboxMessage struct {
	ID       string            `json:"id"`
	Decision offers.DecisionID `json:"decision"`
	Shopper  offers.ShopperID  `json:"shopper"`
	To       string            `json:"to"` // E.164
	From     string            `json:"from"`
	Body     string            `json:"body"`
	Segments int               `json:"segments"`
	Trace    string            `json:"trace,omitempty"` // W3C traceparent
	At       time.Time         `json:"at"`
}

// The last messages lie in a list, newest first, as JSON; their ids in a set
// beside it, so that one is shown once.
const (
	sandboxKey  = "{sandbox}:messages"
	sandboxIDs  = "{sandbox}:ids"
	sandboxKept = 200
)

// addSandbox keeps a message once. KEYS: list, ids. ARGV: id, JSON, time in ms,
// how many are kept.
var addSandbox = redis.NewScript(`
if redis.call('ZADD', KEYS[2], 'NX', ARGV[3], ARGV[1]) == 0 then return 0 end
if redis.call('LPUSH', KEYS[1], ARGV[2]) > tonumber(ARGV[4]) then redis.call('LTRIM', KEYS[1], 0, ARGV[4] - 1) end
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -5 * ARGV[4])
return 1`)

// AddSandboxMessage shows a message on the sandbox's page. A message of the same
// id is shown once.
func (s *Store) AddSandboxMessage(ctx context.Context, m SandboxMessage) error {
	value, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("sandbox message %s: %w: %w", m.ID, offers.ErrInvalid, err)
	}
	if err := addSandbox.Run(ctx, s.Client(), []string{sandboxKey, sandboxIDs}, m.ID, value, m.At.UnixMilli(), sandboxKept).Err(); err != nil {
		return fmt.Errorf("sandbox message %s: %w: %w", m.ID, offers.ErrUnavailable, err)
	}
	return nil
}

// SandboxMessages are the latest, newest first, at most 200.
func (s *Store) SandboxMessages(ctx context.Context) ([]SandboxMessage, error) {
	values, err := s.Client().LRange(ctx, sandboxKey, 0, sandboxKept-1).Result()
	if err != nil {
		return nil, fmt.Errorf("sandbox messages: %w: %w", offers.ErrUnavailable, err)
	}
	messages := make([]SandboxMessage, 0, len(values))
	for _, v := range values {
		var m SandboxMessage
		if err := json.Unmarshal([]byte(v), &m); err != nil {
			return nil, fmt.Errorf("sandbox messages: %w: %w", offers.ErrInvalid, err)
		}
		messages = append(messages, m)
	}
	return messages, nil
}
