package collector

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/offers/identity"
	"aisle/services/formats"
	"aisle/services/state"
	"aisle/services/stream"
)

// delivery is what one request brings, on its way to the log.
type delivery struct {
	collector *Collector
	rules     *rules
	origin    formats.Origin
	newTrace  func() string
	request   *formats.Request // how to read again what is put aside
	again     bool             // it came before, and somebody asked to take it once more
	trusted   bool             // a person says that it is no bot's
	single    bool             // one call by itself, whose client waits for a yes or no
	drafts    []*formats.Draft
	bad       []*formats.Bad
	fresh     []*formats.Draft        // those of drafts that had not come before; after send
	begun     map[offers.EventID]bool // those of fresh whose consents were set before, though the log may not have them
}

// send hands everything to the log: merges first, then consents and events,
// and what is put aside. It returns when the log has all of it. Whatever fails
// on the way, the same request may come again: identities and consents are the
// same then, and events have the same ids.
//
// A message id is noted after the log has its event, for DedupeFor, and looked
// up before. A crash in between lets an event through twice, never none: its
// profile drops what it has folded already.
func (d *delivery) send(ctx context.Context) error {
	k := d.collector
	fresh, begun, err := k.unseen(ctx, d.drafts)
	if err != nil {
		return err
	}
	d.fresh, d.begun = fresh, begun
	k.metrics.repeated.WithLabelValues(d.origin.Source).Add(float64(len(d.drafts) - len(fresh)))

	ids := make([][]offers.Identifier, len(fresh))
	for i, g := range fresh {
		ids[i] = g.IDs
	}
	found, err := k.state.IdentifyAll(ctx, ids, d.newTrace, d.origin.Source)
	if err != nil {
		return err
	}
	var merges []state.Merge
	told := map[state.Merge]bool{}
	for i := range found {
		for _, m := range found[i].Merges {
			if !told[m] {
				told[m] = true
				merges = append(merges, m)
			}
		}
	}
	records, err := k.merge(ctx, merges, d.origin.Received)
	if err != nil {
		return err
	}
	for i, g := range fresh {
		if records, err = d.records(ctx, records, g, &found[i]); err != nil {
			return err
		}
	}
	if len(fresh) > 0 && !d.again && !k.config.NoOriginals {
		records = append(records, d.original())
	}
	for _, b := range d.bad {
		r, err := k.quarantined(b, d.origin.Source, d.origin.Received, d.request)
		if err != nil {
			return err
		}
		records = append(records, r)
	}
	if err := k.produce(ctx, records); err != nil {
		return err
	}
	k.micro.noteGood(d, fresh)
	k.metrics.accepted.WithLabelValues(d.origin.Source).Add(float64(len(fresh)))
	if err := k.state.Announced(ctx, merges); err != nil {
		return err
	}
	k.seen(ctx, fresh)
	return nil
}

// original is the request as it came, so that it can be taken once more by
// another house, or by this one after its state is gone.
func (d *delivery) original() stream.Record {
	body := d.request.Body
	if !d.collector.config.KeepAddresses {
		body = formats.TruncateIPs(body)
	}
	id := stream.NewTrace() // nobody can guess it, and requests spread over the partitions
	headers := stream.Headers(id, source, d.origin.Source, d.origin.Received, "")
	for name, value := range d.collector.headersOf(d.request, nil) {
		headers = append(headers, stream.Header{Key: stream.OriginalHeader + name, Value: []byte(value)})
	}
	return stream.Record{Stream: stream.Originals, Key: []byte(id), Value: body, Headers: headers}
}

// records appends an event and the consents that it brings. A consent holds
// from here on, whether the log has it yet or not.
func (d *delivery) records(ctx context.Context, records []stream.Record, g *formats.Draft, who *state.Identity) ([]stream.Record, error) {
	k, e := d.collector, &g.Event
	e.Shopper = who.Shopper
	if len(who.Dropped) > 0 {
		told, err := k.lent(ctx, e, who.Dropped)
		if err != nil {
			return nil, err
		}
		records = append(records, told...)
		e.Identifiers = without(e.Identifiers, who.Dropped)
		e.Traits = identity.OwnAddresses(e.Traits, who.Dropped)
	}
	if len(g.Consents) > 0 {
		partition := k.log.PartitionOf(string(e.Shopper))
		have, err := k.state.Consents(ctx, partition, e.Shopper)
		if err != nil {
			return nil, err
		}
		news := slices.DeleteFunc(slices.Clone(g.Consents), func(c offers.Consent) bool {
			before, asked := have[c.Purpose] // the same answer as before, said again
			return asked && before.Granted == c.Granted && !before.At.Equal(c.At.Truncate(time.Millisecond)) && !d.begun[e.ID]
		})
		if len(news) > 0 {
			if err := k.begin(ctx, e.ID); err != nil {
				return nil, err
			}
		}
		for _, c := range news {
			if err := k.state.SetConsent(ctx, partition, e.Shopper, c); err != nil {
				return nil, err
			}
			r, err := eventRecord(&offers.Event{
				ID: e.ID + offers.EventID("/consent/"+c.Purpose), Type: offers.ConsentChanged, Shopper: e.Shopper,
				Time: e.Time, Received: e.Received, Source: e.Source, Consent: &c,
			}, who.Trace)
			if err != nil {
				return nil, err
			}
			records = append(records, r)
		}
	}
	r, err := eventRecord(e, who.Trace)
	if err != nil {
		return nil, err
	}
	return append(records, r), nil
}

func without(ids, dropped []offers.Identifier) []offers.Identifier {
	kept := make([]offers.Identifier, 0, len(ids))
next:
	for _, id := range ids {
		for _, d := range dropped {
			if d == id {
				continue next
			}
		}
		kept = append(kept, id)
	}
	return kept
}

func seenKey(id offers.EventID) string {
	h := sha256.Sum256([]byte(id))
	return "seen:" + base64.RawURLEncoding.EncodeToString(h[:12])
}

func begunKey(id offers.EventID) string { return "begun/" + seenKey(id) }

// begin notes that consents of an event are being set: should the log not get
// them, the event comes again, and then they are told though they are set.
func (k *Collector) begin(ctx context.Context, id offers.EventID) error {
	if err := k.state.Client().Set(ctx, begunKey(id), 1, k.config.DedupeFor).Err(); err != nil {
		return fmt.Errorf("consents of an event: %w: %w", offers.ErrUnavailable, err)
	}
	return nil
}

func searchKey(g *formats.Draft) string { return "search:" + g.SearchMark() }

// One search is often told twice: by the page that shows what was found, and by
// an event of its own a moment later. And pages of results are turned.
const (
	searchToldFor = 10 * time.Minute // page views tell the same search once
	searchTwice   = 10 * time.Second // an event about a search that a page view told is the same one
)

// unseen are the drafts that did not come before, each once, and those of them
// whose consents were begun. The event of a search that a page view has told
// already says so.
func (k *Collector) unseen(ctx context.Context, drafts []*formats.Draft) (fresh []*formats.Draft, begun map[offers.EventID]bool, err error) {
	if len(drafts) == 0 {
		return nil, nil, nil
	}
	pipe := k.state.Client().Pipeline()
	cmds, searches, consents := make([]*redis.IntCmd, len(drafts)), map[string]*redis.StringCmd{}, map[offers.EventID]*redis.IntCmd{}
	for i, g := range drafts {
		cmds[i] = pipe.Exists(ctx, seenKey(g.Event.ID))
		if len(g.Consents) > 0 {
			consents[g.Event.ID] = pipe.Exists(ctx, begunKey(g.Event.ID))
		}
		if g.Event.Type == offers.ProductSearched {
			key := searchKey(g)
			searches[key] = pipe.Get(ctx, key)
		}
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, nil, fmt.Errorf("message ids: %w: %w", offers.ErrUnavailable, err)
	}
	begun = map[offers.EventID]bool{}
	for id, cmd := range consents {
		begun[id] = cmd.Val() != 0
	}
	fresh = make([]*formats.Draft, 0, len(drafts))
	here := make(map[offers.EventID]bool, len(drafts))
	told := map[string]search{}
	for key, cmd := range searches {
		if at, id, ok := strings.Cut(cmd.Val(), " "); ok {
			ms, _ := strconv.ParseInt(at, 10, 64)
			told[key] = search{time.UnixMilli(ms), offers.EventID(id)}
		}
	}
	for i, g := range drafts {
		if cmds[i].Val() != 0 || here[g.Event.ID] {
			continue
		}
		here[g.Event.ID] = true
		if g.Event.Type == offers.ProductSearched && g.Event.Query != "" {
			key := searchKey(g)
			before, ok := told[key]
			switch {
			case ok && g.Derived:
				continue
			case ok && before.derived() && g.Event.Received.Sub(before.at) < searchTwice:
				g.Event.Retells = before.id
			default:
				told[key] = search{g.Event.Received, g.Event.ID}
			}
		}
		fresh = append(fresh, g)
	}
	return fresh, begun, nil
}

// search is the first telling of one.
type search struct {
	at time.Time
	id offers.EventID
}

func (s search) derived() bool { return strings.HasSuffix(string(s.id), formats.SearchSuffix) }

// seen notes message ids. Where that fails the event may come again, and is
// then dropped further on.
func (k *Collector) seen(ctx context.Context, drafts []*formats.Draft) {
	if len(drafts) == 0 {
		return
	}
	pipe := k.state.Client().Pipeline()
	for _, g := range drafts {
		pipe.Set(ctx, seenKey(g.Event.ID), 1, k.config.DedupeFor)
		if g.Event.Type == offers.ProductSearched && g.Event.Retells == "" {
			pipe.Set(ctx, searchKey(g), fmt.Sprintf("%d %s", g.Event.Received.UnixMilli(), g.Event.ID), searchToldFor)
		}
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, context.Canceled) {
		k.logger.Error("message ids are not noted", "err", err)
	}
}
