package collector

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/formats"
	"aisle/services/formats/feed"
)

// maxFeed is how large a request of records may be, unpacked: a request that
// became events is kept as one record of the log.
const maxFeed = 900 << 10

// feedRoutes puts in the doors for what lies in files. Their paths name how it
// is read: one of the formats, or a plan that the house has under that name, in
// its configuration or from the console. Those who read files (aisle ingest)
// say where each record lies; others may send the lines as they are.
func (k *Collector) feedRoutes(r fiber.Router) {
	r.Post("/v1/feeds/:name", k.door("feed", maxFeed, k.postFeed))
	r.Get("/v1/feeds/:name", k.getFeed)
}

// getFeed is the plan of a feed, for those who read the files for it.
func (k *Collector) getFeed(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), requestWithin)
	defer cancel()
	err := func() error {
		if _, ok := k.keys.Source(ctx, keyOf(c), catalog.ScopeEvents); !ok {
			return errKey
		}
		if err := k.ready(ctx); err != nil {
			return err
		}
		name := c.Params("name")
		plan := k.feedPlan(name)
		if plan == nil {
			return noFeed(name)
		}
		return c.JSON(plan)
	}()
	if err != nil {
		problem(c, err, k.logger)
	}
	return nil
}

func noFeed(name string) error {
	return status(fiber.StatusNotFound, "There is no feed %.60q here: the console lists those of the house, and collector.feeds names more.", name)
}

// feedFamily is the family of a feed by its name: "feed:access". Its decoder
// needs the rules to be there.
func (k *Collector) feedFamily(name string) (family, bool) {
	feedName, ok := strings.CutPrefix(name, feedPrefix)
	if !ok || feedName == "" {
		return family{}, false
	}
	return family{name: name, decode: func(r *formats.Request) (*formats.Decoded, *formats.Bad) {
		in, decoder, bad := k.openFeed(feedName, r)
		if bad != nil {
			return nil, bad
		}
		in.read(decoder, taken{}, k.config.KeepAddresses)
		return &in.Decoded, nil
	}}, true
}

// feedPrefix begins the names of the families of feeds.
const feedPrefix = "feed:"

// feedPlan is the house's own plan of a name; nil where there is none.
func (k *Collector) feedPlan(name string) *feed.Plan {
	if p := k.plans.own[name]; p != nil {
		return p
	}
	rules := k.rules.Load()
	if rules == nil || len(rules.feeds[name]) == 0 {
		return nil
	}
	return k.plans.read(name, rules.feeds[name], k.logger)
}

// plans are those of the house's own feeds.
type plans struct {
	own map[string]*feed.Plan // of the configuration

	mu   sync.Mutex // guards all below
	made map[string]madePlan
}

// madePlan is a plan of the console's, and what it was made from.
type madePlan struct {
	from string
	plan *feed.Plan
}

// read makes a plan once. One that cannot be used was checked when it was saved.
func (p *plans) read(name string, from []byte, logger *slog.Logger) *feed.Plan {
	p.mu.Lock()
	defer p.mu.Unlock()
	if made, ok := p.made[name]; ok && made.from == string(from) {
		return made.plan
	}
	plan := new(feed.Plan)
	err := json.Unmarshal(from, plan)
	if err == nil {
		err = plan.Check()
	}
	if err != nil {
		logger.Error("the plan of a feed cannot be used", "feed", name, "err", err)
		plan = nil
	}
	if p.made == nil {
		p.made = map[string]madePlan{}
	}
	p.made[name] = madePlan{string(from), plan}
	return plan
}

// readPlans reads the plans of the house's own feeds.
func readPlans(files map[string]string) (map[string]*feed.Plan, error) {
	plans := make(map[string]*feed.Plan, len(files))
	for name, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("collector.feeds.%s: %w: %w", name, offers.ErrInvalid, err)
		}
		p := new(feed.Plan)
		if err := json.Unmarshal(b, p); err != nil {
			return nil, fmt.Errorf("collector.feeds.%s: %s: %w: %w", name, path, offers.ErrInvalid, err)
		}
		if err := p.Check(); err != nil {
			return nil, fmt.Errorf("collector.feeds.%s: %s: %w", name, path, err)
		}
		plans[name] = p
	}
	return plans, nil
}

// Headers of what came by a feed, so that what is put aside of it can be read
// again.
const (
	headerPlan = "feed-plan"
	headerFile = "feed-file" // for people
)

// records is what is in a request of a feed.
type records struct {
	formats.Decoded
	feed.Batch
	repeated int
	skipped  map[feed.Skip]int
	drifted  map[string]int // "new colour": how many records have a field that their parser does not know
}

// openFeed finds the records of a request and how to read them: by the house's
// own plan, or else by the one that the request brings.
func (k *Collector) openFeed(name string, r *formats.Request) (*records, *feed.Decoder, *formats.Bad) {
	own := k.feedPlan(name)
	plan := own
	if plan == nil {
		var bad *formats.Bad
		if plan, bad = planOf(name, r); bad != nil {
			return nil, nil, bad
		}
	}
	in := new(records)
	if r.Item {
		h := sha256.Sum256(r.Body)
		in.Head = feed.Head{File: "item-" + base64.RawURLEncoding.EncodeToString(h[:12]), Name: r.Header[headerFile]}
		in.Records = []feed.Record{{At: 1, Line: 1, Text: r.Body}}
	} else {
		b, bad := feed.Open(r, plan)
		if bad != nil {
			return nil, nil, bad
		}
		in.Batch = *b
		if b.Plan != nil && own == nil {
			if plan = b.Plan; plan.Format != name {
				return nil, nil, formats.Badf(offers.ReasonSchema, r.Body, "The plan is for %q, and this is the door for %q.", plan.Format, name)
			}
		}
	}
	decoder, err := feed.NewDecoder(plan, k.bots, k.pseudonym)
	if err != nil {
		return nil, nil, formats.Badf(offers.ReasonSchema, r.Body, "%v.", err)
	}
	if kept, err := json.Marshal(plan); err == nil && own == nil && len(kept) <= maxPlan {
		r.Header[headerPlan] = string(kept)
	}
	if in.Name != "" {
		r.Header[headerFile] = in.Name
	}
	return in, decoder, nil
}

// planOf is the plan for a request of a format: that by which it was read
// before, or what its body looks like. One that brings its own replaces it.
func planOf(name string, r *formats.Request) (*feed.Plan, *formats.Bad) {
	plan := &feed.Plan{Format: name}
	if kept := r.Header[headerPlan]; kept != "" {
		plan = new(feed.Plan)
		if err := json.Unmarshal([]byte(kept), plan); err != nil || plan.Check() != nil {
			return nil, formats.Badf(offers.ReasonSchema, r.Body, "The plan that it was read by cannot be read.")
		}
		return plan, nil
	}
	if feed.IsBatch(r) || name == feed.Access || name == feed.Snowplow {
		return plan, nil
	}
	p, err := feed.Propose(r.Body, name, name)
	if err != nil {
		return nil, formats.Badf(offers.ReasonSchema, r.Body, "Nobody can tell how to read it: %v.", err)
	}
	return &p.Plan, nil
}

// maxPlan is how large a plan may be that is kept with what it could not read.
const maxPlan = 16 << 10

// read makes messages of the records, except those that have been taken.
func (in *records) read(d *feed.Decoder, before taken, addresses bool) {
	in.skipped, in.drifted = map[feed.Skip]int{}, map[string]int{}
	d = d.Under(in.Titles)
	for i := range in.Records {
		r := &in.Records[i]
		if before.has(r.At) {
			in.repeated++
			continue
		}
		if !addresses {
			r.Text = feed.Anonymise(r.Text)
		}
		if len(in.Titles) == 0 && d.Plan().Heads(r) {
			d = d.Under(d.Plan().Titles(r.Text))
		}
		got := d.Read(&in.Head, r)
		for _, drift := range got.Drift {
			if len(in.drifted) < maxDrifts {
				in.drifted[string(drift.Kind)+" "+drift.Field]++
			}
		}
		switch {
		case got.Bad != nil:
			in.Bad = append(in.Bad, got.Bad)
		case got.Skip != "":
			in.skipped[got.Skip]++
		default:
			in.Messages = append(in.Messages, *got.Message)
		}
	}
}

// maxDrifts is how many ways of drifting one answer tells.
const maxDrifts = 50

// feedAnswer is what became of a request's records. Their number is the sum of
// the four.
type feedAnswer struct {
	Accepted    int            `json:"accepted"`
	Repeated    int            `json:"repeated"`    // came before
	Quarantined int            `json:"quarantined"` // could not be read
	Skipped     int            `json:"skipped"`     // no visit of a person
	Reasons     map[string]int `json:"reasons,omitempty"`
	Skips       map[string]int `json:"skips,omitempty"`
	Drift       map[string]int `json:"drift,omitempty"` // ways in which records are not as the parser has them
}

func (k *Collector) postFeed(ctx context.Context, c *fiber.Ctx, body []byte) error {
	received := time.Now()
	r := requestOf(c, body)
	if !k.config.KeepAddresses && !feed.IsBatch(r) {
		r.Body = feed.Anonymise(body) // the request itself is kept, too
	}
	name := strings.Clone(c.Params("name"))
	f := family{name: feedPrefix + name}
	from, ok := k.keys.Source(ctx, keyOf(c), catalog.ScopeEvents)
	if !ok {
		k.stranger(ctx, f, r)
		return errKey
	}
	if err := k.ready(ctx); err != nil {
		return err
	}
	if k.feedPlan(name) == nil && !slices.Contains(feed.Formats, name) {
		return noFeed(name)
	}
	source := f.name + "/" + from.Name
	in, decoder, bad := k.openFeed(name, r)
	if bad != nil {
		return k.refuse(ctx, r, source, bad)
	}
	before, done, err := k.taken(ctx, source, &in.Head)
	if err != nil {
		return err
	}
	defer done()
	in.read(decoder, before, k.config.KeepAddresses)
	d := k.delivery(r, f, from, received, traceFrom("", c.Get("traceparent")))
	d.decoded(&in.Decoded)
	if shop := decoder.Plan().Shop; shop != "" {
		for _, g := range d.drafts {
			g.Event.Shop = cmp.Or(g.Event.Shop, shop)
		}
	}
	in.locate(d.bad[len(in.Bad):])
	if err := d.send(ctx); err != nil {
		return err
	}
	k.took(ctx, source, &in.Head, before)
	a := feedAnswer{Repeated: in.repeated, Quarantined: len(d.bad), Reasons: map[string]int{}, Skips: map[string]int{}, Drift: in.drifted}
	told := 0
	for _, g := range d.drafts {
		if !g.Derived {
			told++
		}
	}
	for _, g := range d.fresh {
		if !g.Derived {
			a.Accepted++
		}
	}
	a.Repeated += told - a.Accepted
	if n := len(in.Messages) + len(in.Bad) - told - len(d.bad); n > 0 {
		a.Skipped, a.Skips["dropped"] = n, n // as a mapping of the source has it
	}
	for _, b := range d.bad {
		a.Reasons[string(b.Reason)]++
	}
	for why, n := range in.skipped {
		a.Skipped += n
		a.Skips[string(why)] = n
	}
	return c.Status(fiber.StatusAccepted).JSON(a)
}

// locate says where records lie that were refused after they had been read.
func (in *records) locate(refused []*formats.Bad) {
	if len(refused) == 0 {
		return
	}
	at := make(map[*byte]*feed.Record, len(in.Records))
	for i := range in.Records {
		if r := &in.Records[i]; len(r.Text) > 0 {
			at[&r.Text[0]] = r
		}
	}
	for i, b := range refused {
		if len(b.Body) > 0 && at[&b.Body[0]] != nil {
			refused[i] = feed.Located(&in.Head, at[&b.Body[0]], b)
		}
	}
}

// pseudonym names a visitor of whom a log tells an address and a browser, for
// one day: nobody without the house's secret can tell who it was, and nobody at
// all who it is the next day.
func (k *Collector) pseudonym(day, visitor string) string {
	ofDay := hmac.New(sha256.New, k.secrets.Token)
	ofDay.Write([]byte("aisle weblog " + day))
	h := hmac.New(sha256.New, ofDay.Sum(nil))
	h.Write([]byte(visitor))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:15])
}

// taken is the part of a file of which all records have come: from one place up
// to before another. Message ids are known for DedupeFor; somebody who reads a
// file of a year and is cut off may come back later than that.
type taken struct{ from, to int64 }

func (t taken) has(at int64) bool { return at >= t.from && at < t.to }

func takenKey(source, file string) string {
	h := sha256.Sum256([]byte(source + "\x00" + file))
	return "feed:" + base64.RawURLEncoding.EncodeToString(h[:15])
}

// feedLock is how long a file is its request's own, should nobody end it:
// longer than a request may take.
const feedLock = requestWithin + 10*time.Second

var errFeedBusy = status(fiber.StatusTooManyRequests, "Another request with records of this file is under way: of an ingester that was killed, or of two that read the same. Send it again in a second.")

// taken is what has come of a file so far; nothing, where it is read anew. The
// file is the request's own until done: who was killed while the door still had
// a request of theirs, and is back before that has ended, would tell it twice.
func (k *Collector) taken(ctx context.Context, source string, h *feed.Head) (t taken, done func(), err error) {
	if h.File == "" {
		return taken{}, func() {}, nil
	}
	key := takenKey(source, h.File)
	pipe := k.state.Client().Pipeline()
	own := pipe.SetNX(ctx, key+":lock", 1, feedLock)
	place := pipe.Get(ctx, key)
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return taken{}, nil, fmt.Errorf("places in files: %w: %w", offers.ErrUnavailable, err)
	}
	if !own.Val() {
		return taken{}, nil, errFeedBusy
	}
	done = func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if err := k.state.Client().Del(ctx, key+":lock").Err(); err != nil {
			k.logger.Warn("a file is not let go; it will be in half a minute", "err", err)
		}
	}
	from, to, ok := strings.Cut(place.Val(), " ")
	if h.Anew || !ok {
		return taken{}, done, nil
	}
	if t.from, err = strconv.ParseInt(from, 10, 64); err == nil {
		t.to, err = strconv.ParseInt(to, 10, 64)
	}
	if err != nil {
		t = taken{}
	}
	return t, done, nil
}

// took notes that the log has a batch. Where that fails, what comes again is
// known by its ids for a while.
func (k *Collector) took(ctx context.Context, source string, h *feed.Head, before taken) {
	if h.File == "" || h.To <= h.From {
		return
	}
	now := taken{h.From, h.To}
	if before.to > before.from && h.From >= before.from && h.From <= before.to {
		now = taken{before.from, max(before.to, h.To)} // they meet
	}
	err := k.state.Client().Set(ctx, takenKey(source, h.File), fmt.Sprintf("%d %d", now.from, now.to), k.config.FeedMemory).Err()
	if err != nil && !errors.Is(err, context.Canceled) {
		k.logger.Error("the place in a file is not noted", "err", err)
	}
}
