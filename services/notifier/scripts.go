package notifier

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/goccy/go-json"
	"github.com/redis/go-redis/v9"

	"aisle/offers"
)

// A delivery is a hash: task, the JSON of the task; state; until, before which
// nobody else touches it; attempt, which is the token of who works on it;
// counted, the cap's counter that it counts in; code; sid, the provider's id;
// callback, the last state that the provider told.
//
//	queued ──claim──▶ sending ──settle──▶ sent | failed | refused
//	   ▲                │  ▲ │
//	   │ held ◀─claim───┘  │ ├──▶ retry    surely not sent: claim again
//	   └───────────────────┘ └──▶ unknown  ask the provider first
//
// A sending whose lease has run out is unknown too: its process died or hangs.

// enqueue keeps a task, once. KEYS: task, due. ARGV: id, JSON, due, lifetime.
const enqueueScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'state', 'queued', 'task', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return 1`

// noted is shared by the scripts: it keeps a change for the log.
const noted = `
local function note(list, id, state, refusal, now, provider, sid, detail)
  local entry = table.concat({id, state, refusal, now, provider, sid, detail}, '\31')
  redis.call('RPUSH', list, entry)
  return entry
end
`

// claimScript is the guard: in one step it makes sure that nobody else is on
// the delivery, that the shopper consents now, that the offer holds, that the
// hour is decent and that the day's cap is not reached, and counts it in.
//
// KEYS: task, due, consent, cap, unlogged.
// ARGV: 1 now, 2 id, 3 lease, 4 purpose, 5 cap, 6 lifetime of the cap's counter,
// 7 end of quiet hours or 0, 8 expires, 9 refusal and 10 detail found before,
// 11 the attempt that has asked the provider, or empty, 12 code, 13 lifetime.
// Returns: verdict, attempt, sid or change.
var claimScript = redis.NewScript(noted + `
local s = redis.call('HMGET', KEYS[1], 'state', 'until', 'attempt', 'counted', 'sid')
local state, till, attempt, now = s[1], tonumber(s[2] or '0'), tonumber(s[3] or '0'), tonumber(ARGV[1])
if not state or state == 'sent' or state == 'delivered' or state == 'failed' or state == 'refused' then
  redis.call('ZREM', KEYS[2], ARGV[2])
  return {'done', attempt, ''}
end
local asked = ARGV[11] ~= '' and state == 'sending' and attempt == tonumber(ARGV[11])
if not asked then
  if till > now then return {'busy', attempt, ''} end
  if state == 'sending' or state == 'unknown' then
    attempt = attempt + 1
    redis.call('HSET', KEYS[1], 'state', 'sending', 'until', now + ARGV[3], 'attempt', attempt)
    redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[2])
    return {'check', attempt, s[5] or ''}
  end
end
local function refuse(why, detail)
  if s[4] then redis.call('DECR', s[4]); redis.call('HDEL', KEYS[1], 'counted') end
  redis.call('HSET', KEYS[1], 'state', 'refused', 'refusal', why)
  redis.call('ZREM', KEYS[2], ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[13])
  return {'refused', attempt, note(KEYS[5], ARGV[2], 'refused', why, ARGV[1], '', '', detail)}
end
local consent = redis.call('HGET', KEYS[3], ARGV[4])
if not consent or string.sub(consent, 1, 2) ~= '1 ' then return refuse('consent', 'no consent for ' .. ARGV[4]) end
if tonumber(ARGV[8]) <= now then return refuse('expired', '') end
if ARGV[9] ~= '' then return refuse(ARGV[9], ARGV[10]) end
local quiet = tonumber(ARGV[7])
if quiet > now then
  if quiet >= tonumber(ARGV[8]) then return refuse('quiet_hours', 'the offer ends before quiet hours do') end
  redis.call('HSET', KEYS[1], 'state', 'held', 'until', quiet)
  redis.call('ZADD', KEYS[2], quiet, ARGV[2])
  return {'held', attempt, note(KEYS[5], ARGV[2], 'held', 'quiet_hours', ARGV[1], '', '', '')}
end
if not s[4] then
  if tonumber(redis.call('GET', KEYS[4]) or '0') >= tonumber(ARGV[5]) then
    return refuse('cap', 'at most ' .. ARGV[5] .. ' a day')
  end
  redis.call('INCR', KEYS[4])
  redis.call('PEXPIRE', KEYS[4], ARGV[6])
  redis.call('HSET', KEYS[1], 'counted', KEYS[4])
end
attempt = attempt + 1
redis.call('HSET', KEYS[1], 'state', 'sending', 'until', now + ARGV[3], 'attempt', attempt, 'code', ARGV[12])
redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[2])
return {'go', attempt, ''}`)

// settleScript writes how an attempt ended, if it still is the current one.
// KEYS: task, due, unlogged. ARGV: 1 now, 2 id, 3 attempt, 4 state, 5 refusal,
// 6 detail, 7 provider, 8 sid, 9 when to look again, 10 lifetime.
// Returns: the change, empty if there is none for the log, or false if stale.
var settleScript = redis.NewScript(noted + `
local s = redis.call('HMGET', KEYS[1], 'state', 'attempt', 'counted', 'callback')
if s[1] ~= 'sending' or tonumber(s[2]) ~= tonumber(ARGV[3]) then return false end
local state = ARGV[4]
if state == 'retry' or state == 'unknown' then
  redis.call('HSET', KEYS[1], 'state', state, 'until', ARGV[9])
  redis.call('ZADD', KEYS[2], ARGV[9], ARGV[2])
  return ''
end
if state == 'sent' then
  redis.call('HSET', KEYS[1], 'state', s[4] or 'sent', 'sid', ARGV[8])
else
  redis.call('HSET', KEYS[1], 'state', state, 'refusal', ARGV[5])
  if s[3] then redis.call('DECR', s[3]); redis.call('HDEL', KEYS[1], 'counted') end
end
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[10])
return note(KEYS[3], ARGV[2], state, ARGV[5], ARGV[1], ARGV[7], ARGV[8], ARGV[6])`)

// toldScript takes in what the provider tells of a message. It may come before
// the attempt that sent it is settled, and more than once, and out of order.
// KEYS: task, unlogged. ARGV: 1 now, 2 id, 3 state, 4 detail, 5 provider, 6 sid.
// Returns: the change, or empty if it is nothing new.
var toldScript = redis.NewScript(noted + `
local s = redis.call('HMGET', KEYS[1], 'state', 'callback')
if not s[1] or s[2] == ARGV[3] or s[2] == 'delivered' then return '' end
redis.call('HSET', KEYS[1], 'callback', ARGV[3], 'sid', ARGV[6])
if s[1] == 'sent' or s[1] == 'failed' then redis.call('HSET', KEYS[1], 'state', ARGV[3]) end
return note(KEYS[2], ARGV[2], ARGV[3], '', ARGV[1], ARGV[5], ARGV[6], ARGV[4])`)

// verdict is what the guard says.
type verdict string

const (
	verdictGo      verdict = "go"      // send it now
	verdictCheck   verdict = "check"   // ask the provider whether it was sent
	verdictRefused verdict = "refused" // never
	verdictHeld    verdict = "held"    // until quiet hours end
	verdictBusy    verdict = "busy"    // another attempt has it, or it is not due
	verdictDone    verdict = "done"
)

// claimed is the guard's answer.
type claimed struct {
	verdict verdict
	attempt int64
	sid     string // of verdictCheck, where the provider has told of it
	change  string // of verdictRefused and verdictHeld
}

// claim asks the guard. Asked is the attempt that has asked the provider whether
// the message was sent, and heard no; 0 if none has.
func (n *Notifier) claim(ctx context.Context, t *task, f *facts, code string, asked int64) (claimed, error) {
	now := time.Now()
	token := ""
	if asked > 0 {
		token = strconv.FormatInt(asked, 10)
	}
	quiet := int64(0)
	if !f.quietUntil.IsZero() {
		quiet = f.quietUntil.UnixMilli()
	}
	keys := []string{t.key(), t.keyDue(), consentKey(t), capKey(t, f.day), unloggedKey(t.Partition)}
	answer, err := claimScript.Run(ctx, n.state.Client(), keys,
		now.UnixMilli(), string(t.ID), n.config.Lease.Milliseconds(), string(t.Channel.Purpose()),
		n.capOf(t.Channel), capStays.Milliseconds(), quiet, t.Expires.UnixMilli(),
		string(f.refusal), f.detail, token, code, t.lifetime(now).Milliseconds()).Slice()
	if err != nil || len(answer) != 3 {
		return claimed{}, fmt.Errorf("guard: %w: %w", offers.ErrUnavailable, err)
	}
	said, _ := answer[0].(string)
	attempt, _ := answer[1].(int64)
	rest, _ := answer[2].(string)
	c := claimed{verdict: verdict(said), attempt: attempt}
	if c.verdict == verdictCheck {
		c.sid = rest
	} else {
		c.change = rest
	}
	return c, nil
}

// capStays outlives a local day anywhere.
const capStays = 50 * time.Hour

func (n *Notifier) capOf(c offers.Channel) int {
	if c == offers.ChannelSMS {
		return n.config.SMSPerDay
	}
	return n.config.AppPerDay
}

// outcome is how an attempt ended.
type outcome struct {
	state      string // of the hash: sent, failed, refused, retry, unknown
	refusal    offers.Refusal
	detail     string
	providerID string
	again      time.Time // for retry and unknown
}

var errStale = errors.New("another attempt has taken over")

// settle writes how an attempt ended, and tries as long as the attempt's lease
// lasts: who has sent a message does not give up saying so.
func (n *Notifier) settle(ctx context.Context, t *task, attempt int64, o outcome) (string, error) {
	deadline := time.Now().Add(n.config.Lease / 2)
	keys := []string{t.key(), t.keyDue(), unloggedKey(t.Partition)}
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		now := time.Now()
		entry, err := settleScript.Run(ctx, n.state.Client(), keys,
			now.UnixMilli(), string(t.ID), attempt, o.state, string(o.refusal), o.detail,
			n.channels[t.Channel].Provider(), o.providerID, o.again.UnixMilli(), t.lifetime(now).Milliseconds()).Text()
		switch {
		case err == nil:
			return entry, nil
		case errors.Is(err, redis.Nil):
			return "", fmt.Errorf("settle %s: %w: %w", t.ID, offers.ErrConflict, errStale)
		case now.Add(wait).After(deadline):
			return "", fmt.Errorf("settle %s: %w: %w", t.ID, offers.ErrUnavailable, err)
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("settle %s: %w: %w", t.ID, offers.ErrUnavailable, err)
		case <-time.After(wait):
		}
	}
}

// postpone looks at a delivery again later, without an attempt.
func (n *Notifier) postpone(ctx context.Context, t *task, again time.Time) {
	// If this fails it stays due, and is looked at again all the sooner.
	_ = n.state.Client().ZAddXX(ctx, t.keyDue(), redis.Z{Score: float64(again.UnixMilli()), Member: string(t.ID)}).Err()
}

// loadTasks reads tasks by their keys; one that is gone is left out. Its second
// value is their codes.
func (n *Notifier) loadTasks(ctx context.Context, partition int, ids []offers.DeliveryID) (map[offers.DeliveryID]*task, map[offers.DeliveryID]string, error) {
	pipe := n.state.Client().Pipeline()
	reads := make([]*redis.SliceCmd, len(ids))
	for i, id := range ids {
		reads[i] = pipe.HMGet(ctx, taskKey(partition, id), "task", "code")
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, nil, fmt.Errorf("deliveries: %w: %w", offers.ErrUnavailable, err)
	}
	tasks, codes := map[offers.DeliveryID]*task{}, map[offers.DeliveryID]string{}
	for i, id := range ids {
		value, ok := reads[i].Val()[0].(string)
		if !ok {
			continue
		}
		t := &task{Partition: partition}
		if err := json.Unmarshal([]byte(value), t); err != nil {
			return nil, nil, fmt.Errorf("delivery %s: %w: %w", id, offers.ErrInvalid, err)
		}
		tasks[id] = t
		codes[id], _ = reads[i].Val()[1].(string)
	}
	return tasks, codes, nil
}
