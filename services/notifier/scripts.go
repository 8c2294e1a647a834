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
// counted, its entry among the shopper's contacts; code; sid, the provider's id;
// told and rank, what the provider told and how far that is.
//
//	queued ──claim──▶ sending ──settle──▶ sent | failed | refused
//	   ▲                │  ▲ │
//	   │ held ◀─claim───┘  │ ├──▶ retry    surely not sent: claim again
//	   └───────────────────┘ └──▶ unknown  ask the provider first
//
// A sending whose lease has run out is unknown too: its process died or hangs.
//
// A shopper's contacts are a sorted set of what was sent to them lately, by when:
// decision, channel, campaign, cost and tags of each, apart by the unit separator.
// All limits are counted over it, so that a new one holds at once.

// enqueueScript keeps the tasks of a batch and how far their partition is read,
// as one, and only if nobody has read on: what Redis forgot is read again. What
// was on the log before Redis forgot may have been sent: it is unknown, and
// counts as sent until its provider was asked.
//
// KEYS: offset, due, forgot, then task and contacts of each. ARGV: 1 from, 2 to,
// 3 due, 4 lease, then of each: id, JSON, lifetime, when it was put on the log,
// contact. Returns: for each, 1 if it is new and nothing speaks against sending
// it; or nothing if somebody else reads the partition.
var enqueueScript = redis.NewScript(`
local at = redis.call('GET', KEYS[1]) or '-1'
if at ~= ARGV[1] and at ~= ARGV[2] then return false end
local forgot, fresh = tonumber(redis.call('GET', KEYS[3]) or '0'), {}
for i = 1, (#KEYS - 3) / 2 do
  local key, contacts, a = KEYS[2 + 2 * i], KEYS[3 + 2 * i], 5 * i
  fresh[i] = 0
  if redis.call('EXISTS', key) == 0 then
    local due = ARGV[3]
    if tonumber(ARGV[a + 3]) < forgot then
      due = forgot + ARGV[4]
      redis.call('HSET', key, 'state', 'unknown', 'task', ARGV[a + 1], 'until', due, 'counted', ARGV[a + 4])
      redis.call('ZADD', contacts, 'NX', ARGV[a + 3], ARGV[a + 4])
    else
      fresh[i] = 1
      redis.call('HSET', key, 'state', 'queued', 'task', ARGV[a + 1])
    end
    redis.call('PEXPIRE', key, ARGV[a + 2])
    redis.call('ZADD', KEYS[2], due, ARGV[a])
  end
end
redis.call('SET', KEYS[1], ARGV[2])
return fresh`)

// suspectScript makes a delivery unknown that may have been sent by a claim that
// Redis forgot. KEYS: task, due, contacts. ARGV: now, until, id, contact.
var suspectScript = redis.NewScript(`
local s = redis.call('HMGET', KEYS[1], 'state', 'until')
if (s[1] ~= 'queued' and s[1] ~= 'retry' and s[1] ~= 'held') or tonumber(s[2] or '0') > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'state', 'unknown', 'until', ARGV[2], 'counted', ARGV[4])
redis.call('ZADD', KEYS[3], 'NX', ARGV[1], ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[3])
return 1`)

// noted is shared by the scripts: it keeps a change for the log.
const noted = `
local function note(list, id, state, refusal, now, provider, sid, detail, status)
  local entry = table.concat({id, state, refusal, now, provider, sid, status or '', detail}, '\31')
  redis.call('RPUSH', list, entry)
  return entry
end
`

// guardScript is the guard: in one step it makes sure that nobody else is on the
// delivery, that the shopper consents now, that the offer holds, that the hour is
// decent, that no limit is reached and that the shopper was not disturbed too
// much, and counts it in.
//
// KEYS: task, due, consent, contacts, unlogged. ARGV: 1 now, 2 id, 3 lease,
// 4 purpose, 5 contact, 6 its cost, 7 budget of costs, 8 since when, 9 end of quiet
// hours or 0, 10 expires, 11 refusal and 12 detail found before, 13 the attempt
// that has asked the provider, or empty, 14 code, 15 lifetime, 16 how long contacts
// are kept, 17 worth, 18 beginning of tasks' keys, 19 of waiting rooms'; then of
// each limit that covers it: since, until when it has no more room at the latest,
// or 0, its length, times, beyond, channel, tag, campaign, in words.
// Returns: verdict, attempt, sid or change.
var guardScript = redis.NewScript(noted + `
local s = redis.call('HMGET', KEYS[1], 'state', 'until', 'attempt', 'counted', 'sid')
local state, till, attempt, now = s[1], tonumber(s[2] or '0'), tonumber(s[3] or '0'), tonumber(ARGV[1])
if not state or state == 'sent' or state == 'delivered' or state == 'failed' or state == 'refused' then
  redis.call('ZREM', KEYS[2], ARGV[2])
  return {'done', attempt, ''}
end
local asked = ARGV[13] ~= '' and state == 'sending' and attempt == tonumber(ARGV[13])
if not asked then
  if till > now then return {'busy', attempt, ''} end
  if state == 'sending' or state == 'unknown' then
    attempt = attempt + 1
    redis.call('HSET', KEYS[1], 'state', 'sending', 'until', now + ARGV[3], 'attempt', attempt)
    redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[2])
    return {'check', attempt, s[5] or ''}
  end
end

local function leave() -- the waiting rooms
  for a = 20, #ARGV, 9 do
    if ARGV[a + 4] == 'replace' then redis.call('ZREM', ARGV[19] .. ARGV[a + 8], ARGV[2]) end
  end
end
local function uncount()
  if s[4] then redis.call('ZREM', KEYS[4], s[4]); redis.call('HDEL', KEYS[1], 'counted') end
end
local function refuse(why, detail)
  uncount()
  leave()
  redis.call('HSET', KEYS[1], 'state', 'refused', 'refusal', why)
  redis.call('ZREM', KEYS[2], ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[15])
  return {'refused', attempt, note(KEYS[5], ARGV[2], 'refused', why, ARGV[1], '', '', detail)}
end
local function hold(till, why, detail, late)
  if till >= tonumber(ARGV[10]) then return refuse(why, late) end
  for a = 20, #ARGV, 9 do
    if ARGV[a + 4] == 'replace' then
      local room, times = ARGV[19] .. ARGV[a + 8], tonumber(ARGV[a + 3])
      redis.call('ZADD', room, ARGV[17], ARGV[2])
      redis.call('PEXPIRE', room, ARGV[16])
      while redis.call('ZCARD', room) > times do
        local worst = redis.call('ZRANGE', room, 0, 0)[1]
        redis.call('ZREM', room, worst)
        if worst == ARGV[2] then return refuse('cap', ARGV[a + 8] .. ': better offers wait') end
        local other = ARGV[18] .. worst
        if redis.call('HGET', other, 'state') == 'held' then
          redis.call('HSET', other, 'state', 'refused', 'refusal', 'replaced')
          redis.call('ZREM', KEYS[2], worst)
          redis.call('PEXPIRE', other, ARGV[15])
          note(KEYS[5], worst, 'refused', 'replaced', ARGV[1], '', '', ARGV[a + 8])
        end
      end
    end
  end
  uncount()
  redis.call('HSET', KEYS[1], 'state', 'held', 'until', till)
  redis.call('ZADD', KEYS[2], till, ARGV[2])
  return {'held', attempt, note(KEYS[5], ARGV[2], 'held', why, ARGV[1], '', '', detail)}
end

local consent = redis.call('HGET', KEYS[3], ARGV[4])
if not consent or string.sub(consent, 1, 2) ~= '1 ' then return refuse('consent', 'no consent for ' .. ARGV[4]) end
if tonumber(ARGV[10]) <= now then return refuse('expired', '') end
if ARGV[11] ~= '' then return refuse(ARGV[11], ARGV[12]) end
local quiet = tonumber(ARGV[9])
if quiet > now then return hold(quiet, 'quiet_hours', '', 'the offer ends before quiet hours do') end

local mine = string.match(ARGV[5], '^[^\31]+')
local others, spent = {}, 0
local contacts = redis.call('ZRANGE', KEYS[4], 0, -1, 'WITHSCORES')
for i = 1, #contacts, 2 do
  local decision, channel, campaign, cost, tags = string.match(contacts[i], '^([^\31]*)\31([^\31]*)\31([^\31]*)\31([^\31]*)(.*)$')
  local at = tonumber(contacts[i + 1])
  if contacts[i] ~= ARGV[5] and contacts[i] ~= s[4] and at >= tonumber(ARGV[8]) then spent = spent + tonumber(cost) end
  if decision ~= mine then
    others[#others + 1] = {decision = decision, channel = channel, campaign = campaign, tags = tags .. '\31', at = at}
  end
end
local full, till = nil, 0
for a = 20, #ARGV, 9 do
  local since, length, times = tonumber(ARGV[a]), tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
  local seen, at = {}, {}
  for _, o in ipairs(others) do
    if o.at >= since and not seen[o.decision] and (ARGV[a + 5] == '' or o.channel == ARGV[a + 5])
      and (ARGV[a + 6] == '' or string.find(o.tags, '\31' .. ARGV[a + 6] .. '\31', 1, true))
      and (ARGV[a + 7] == '' or o.campaign == ARGV[a + 7]) then
      seen[o.decision] = true
      at[#at + 1] = o.at
    end
  end
  if #at >= times then
    if ARGV[a + 4] == 'drop' then return refuse('cap', ARGV[a + 8]) end
    local room = tonumber(ARGV[a + 1])
    if room == 0 and times > 0 then room = at[#at - times + 1] + length + 1 end
    if times == 0 then room = tonumber(ARGV[10]) end
    if room > till then full, till = ARGV[a + 8], room end
  end
end
if full then return hold(till, 'cap', full, full) end
if tonumber(ARGV[6]) > 0 and spent + ARGV[6] > tonumber(ARGV[7]) then
  return refuse('contacts', spent .. ' of ' .. ARGV[7] .. ' are spent today')
end

leave()
if s[4] and s[4] ~= ARGV[5] then redis.call('ZREM', KEYS[4], s[4]) end
redis.call('ZADD', KEYS[4], now, ARGV[5])
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now - ARGV[16])
redis.call('PEXPIRE', KEYS[4], ARGV[16])
attempt = attempt + 1
redis.call('HSET', KEYS[1], 'state', 'sending', 'until', now + ARGV[3], 'attempt', attempt, 'code', ARGV[14], 'counted', ARGV[5])
redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[2])
return {'go', attempt, ''}`)

// settleScript writes how an attempt ended, if it still is the current one.
// KEYS: task, due, unlogged, contacts. ARGV: 1 now, 2 id, 3 attempt, 4 state,
// 5 refusal, 6 detail, 7 provider, 8 sid, 9 when to look again, 10 lifetime.
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
  if s[3] then redis.call('ZREM', KEYS[4], s[3]); redis.call('HDEL', KEYS[1], 'counted') end
end
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[10])
return note(KEYS[3], ARGV[2], state, ARGV[5], ARGV[1], ARGV[7], ARGV[8], ARGV[6])`)

// toldScript takes in what the provider tells of a message. It may come before
// the attempt that sent it is settled, and more than once, and out of order: each
// status is kept once, and only one that is farther changes the state.
// KEYS: task, unlogged. ARGV: 1 now, 2 id, 3 state, 4 detail, 5 provider, 6 sid,
// 7 status, 8 how far that is. Returns: the change, or empty if it is nothing new.
var toldScript = redis.NewScript(noted + `
local s = redis.call('HMGET', KEYS[1], 'state', 'callback', 'told', 'rank')
if not s[1] then return '' end
local told = s[3] or ' '
if string.find(told, ' ' .. ARGV[7] .. ' ', 1, true) then return '' end
redis.call('HSET', KEYS[1], 'told', told .. ARGV[7] .. ' ', 'sid', ARGV[6])
local state = s[2] or 'sent'
if tonumber(ARGV[8]) > tonumber(s[4] or '0') then
  redis.call('HSET', KEYS[1], 'rank', ARGV[8])
  if ARGV[3] ~= 'sent' then
    state = ARGV[3]
    redis.call('HSET', KEYS[1], 'callback', state)
    if s[1] == 'sent' or s[1] == 'failed' or s[1] == 'delivered' then redis.call('HSET', KEYS[1], 'state', state) end
  end
end
return note(KEYS[2], ARGV[2], state, '', ARGV[1], ARGV[5], ARGV[6], ARGV[4], ARGV[7])`)

// verdict is what the guard says.
type verdict string

const (
	verdictGo      verdict = "go"      // send it now
	verdictCheck   verdict = "check"   // ask the provider whether it was sent
	verdictRefused verdict = "refused" // never
	verdictHeld    verdict = "held"    // until quiet hours end, or a limit has room
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
	keys := []string{t.key(), t.keyDue(), consentKey(t), contactsKey(t), unloggedKey(t.Partition)}
	args := []any{
		now.UnixMilli(), string(t.ID), n.config.Lease.Milliseconds(), string(t.Channel.Purpose()),
		t.contact(f.tags), t.Channel.Cost(), f.budget, f.today.UnixMilli(), quiet, t.Expires.UnixMilli(),
		string(f.refusal), f.detail, token, code, t.lifetime(now).Milliseconds(), contactsStay.Milliseconds(),
		t.Worth, taskKey(t.Partition, ""), waitingKey(t),
	}
	for _, l := range f.limits {
		args = l.appendTo(args, f.today, now)
	}
	answer, err := n.eval(ctx, guardScript, keys, args...).Slice()
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
	keys := []string{t.key(), t.keyDue(), unloggedKey(t.Partition), contactsKey(t)}
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
