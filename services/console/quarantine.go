package console

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"aisle/offers"
	"aisle/services/catalog"
	cover "aisle/services/formats/mask"
	"aisle/services/stream"
)

// door is what the console knows of the rules by which the door checks and
// mends what comes.
type door struct {
	shelf *shelf
	looks chan struct{} // one for each look at the end of a stream: it takes memory
}

func newDoor() *door { return &door{shelf: newShelf(), looks: make(chan struct{}, maxLooks)} }

// maxLooks bounds how many look through the end of a stream at once.
const maxLooks = 2

// look waits for its turn to look through the end of a stream. The caller calls
// done.
func (d *door) look(ctx context.Context) (done func(), err error) {
	select {
	case d.looks <- struct{}{}:
		return func() { <-d.looks }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: too many look through the streams at once: %w", offers.ErrUnavailable, ctx.Err())
	}
}

func (s *Service) quarantineRoutes(api fiber.Router) {
	api.Get("/quarantine", s.allow(catalog.RoleStaff, s.getQuarantine))
	api.Get("/quarantine/counts", s.allow(catalog.RoleViewer, s.getQuarantineCounts))
	api.Get("/quarantine/samples", s.allow(catalog.RoleStaff, s.getQuarantineSamples))
	api.Post("/quarantine/replay", s.allow(catalog.RoleMarketer, s.replayQuarantine))
	api.Get("/quarantine/:id", s.allow(catalog.RoleStaff, s.getQuarantined))
	api.Get("/quarantine/:id/download", s.allow(catalog.RoleMarketer, s.downloadQuarantined))
	api.Post("/quarantine/:id/try", s.allow(catalog.RoleMarketer, s.tryQuarantined))
}

// seesPeople tells whether somebody may see what shoppers told.
func seesPeople(c *fiber.Ctx) bool { return person(c).Role.Includes(catalog.RoleMarketer) }

type quarantined struct {
	ID       string            `json:"id"`
	Reason   offers.Reason     `json:"reason"`
	Detail   string            `json:"detail"`
	Source   string            `json:"source"`
	Received time.Time         `json:"received"`
	First    time.Time         `json:"first"`
	Times    int               `json:"times"`
	Bytes    int               `json:"bytes"`
	State    string            `json:"state"`
	Event    string            `json:"event,omitempty"`
	Headers  map[string]string `json:"headers,omitempty"`
	Body     string            `json:"body"`
}

// shown is a thing in quarantine as somebody may see it.
func (l *lying) shown(whole bool) quarantined {
	q := quarantined{ID: l.id, Reason: l.reason, Detail: l.detail, Source: l.source, Received: l.last.UTC(), First: l.first.UTC(),
		Times: l.times, Bytes: l.bytes, State: l.state(), Event: l.event}
	if whole {
		q.Headers, q.Body = l.headers, l.excerpt
		return q
	}
	q.Detail, q.Event = cover.Text(l.detail), cover.Text(l.event)
	return q
}

var (
	reasons = []offers.Reason{offers.ReasonEncoding, offers.ReasonSchema, offers.ReasonSize, offers.ReasonClock, offers.ReasonUnknown, offers.ReasonAuth, offers.ReasonBot, offers.ReasonPoison}
	states  = []string{stateWaiting, stateReplaying, stateReplayed, stateFailed}
)

// filter is what a list, or a replay, is to have.
type filter struct {
	Reason offers.Reason `json:"reason"`
	Source string        `json:"source"`
	State  string        `json:"state"`
	Text   string        `json:"text"`
	Since  time.Time     `json:"since"`
	Until  time.Time     `json:"until"`
}

func (f *filter) sought(whole bool) (sought, error) {
	var wrong fieldErrors
	wrong.add(f.Reason == "" || slices.Contains(reasons, f.Reason), "there is no such reason", "reason")
	wrong.add(f.State == "" || slices.Contains(states, f.State), "choose "+strings.Join(states, ", "), "state")
	wrong.add(utf8.RuneCountInString(f.Text) <= 200, "at most 200 characters", "text")
	return sought{reason: f.Reason, source: f.Source, state: f.State, text: strings.ToLower(f.Text), bodies: whole, since: f.Since, until: f.Until}, wrong.err()
}

// filterOf is the filter of a call's query.
func filterOf(c *fiber.Ctx) (sought, error) {
	f := filter{Reason: offers.Reason(query(c, "reason")), Source: query(c, "source"), State: query(c, "state"), Text: query(c, "text")}
	var wrong fieldErrors
	for name, to := range map[string]*time.Time{"since": &f.Since, "until": &f.Until} {
		if v := query(c, name); v != "" {
			var err error
			*to, err = time.Parse(time.RFC3339, v)
			wrong.add(err == nil, "want a time such as 2026-03-01T09:30:00Z", "%s", name)
		}
	}
	if err := wrong.err(); err != nil {
		return sought{}, err
	}
	return f.sought(seesPeople(c))
}

// wholeNumber is a whole number of the query, between bounds.
func wholeNumber(c *fiber.Ctx, name string, least, most, otherwise int) (int, error) {
	v := query(c, name)
	if v == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		return 0, fieldErrors{{name, fmt.Sprintf("want a whole number from %d to %d", least, most)}}
	}
	return n, nil
}

// orNil is a time, nil instead of the zero time.
func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func (s *Service) getQuarantine(c *fiber.Ctx) error {
	w, err := filterOf(c)
	if err != nil {
		return err
	}
	limit, err := wholeNumber(c, "limit", 1, 200, 50)
	if err != nil {
		return err
	}
	found, oldest := s.door.shelf.find(w)
	counts, sources, inState := map[offers.Reason]int{}, map[string]int{}, map[string]int{}
	for i := range found {
		counts[found[i].reason]++
		sources[found[i].source]++
		inState[found[i].state()]++
	}
	page := found
	if after := query(c, "after"); after != "" {
		var ok bool
		if page, ok = from(found, after); !ok {
			return fieldErrors{{"after", "want what next of the page before was"}}
		}
	}
	next := ""
	if len(page) > limit {
		page = page[:limit]
		next = page[limit-1].after()
	}
	records := make([]quarantined, len(page))
	for i := range page {
		records[i] = page[i].shown(seesPeople(c))
	}
	return c.JSON(struct {
		Counts  map[offers.Reason]int `json:"counts"`
		Sources map[string]int        `json:"sources"`
		States  map[string]int        `json:"states"`
		Total   int                   `json:"total"`
		Next    string                `json:"next,omitempty"`
		Oldest  *time.Time            `json:"oldest"`
		Records []quarantined         `json:"records"`
	}{counts, sources, inState, len(found), next, orNil(oldest), records})
}

// bucketsWanted is about how many buckets a chart has.
const bucketsWanted = 60

func (s *Service) getQuarantineCounts(c *fiber.Ctx) error {
	hours, err := wholeNumber(c, "hours", 1, 720, 24)
	if err != nil {
		return err
	}
	span := time.Duration(hours) * time.Hour
	bucket := span / bucketsWanted
	for _, round := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour} {
		if bucket = round; round >= span/bucketsWanted {
			break
		}
	}
	buckets := int((span + bucket - 1) / bucket)
	since := time.Now().Truncate(bucket).Add(bucket).Add(-time.Duration(buckets) * bucket)
	series, oldest := s.door.shelf.count(since, bucket, buckets)
	return c.JSON(fiber.Map{"since": since.UTC(), "bucket_ns": bucket, "buckets": buckets, "oldest": orNil(oldest), "series": series})
}

type sample struct {
	Reason  offers.Reason `json:"reason"`
	Source  string        `json:"source"`
	Event   string        `json:"event,omitempty"`
	Detail  string        `json:"detail"`
	Count   int           `json:"count"`
	Waiting int           `json:"waiting"`
	First   time.Time     `json:"first"`
	Last    time.Time     `json:"last"`
	IDs     []string      `json:"ids"`
}

const (
	samplesShown = 100
	idsOfSample  = 5
)

func (s *Service) getQuarantineSamples(c *fiber.Ctx) error {
	w, err := filterOf(c)
	if err != nil {
		return err
	}
	type key struct {
		reason                offers.Reason
		source, event, detail string
	}
	found, _ := s.door.shelf.find(w)
	groups, order := map[key]*sample{}, []*sample{}
	for i := range found { // the latest first
		l := &found[i]
		k := key{l.reason, l.source, l.event, groupOf(l.detail)}
		g := groups[k]
		if g == nil {
			one := l.shown(seesPeople(c))
			g = &sample{Reason: l.reason, Source: l.source, Event: one.Event, Detail: one.Detail, First: one.First, Last: one.Received}
			groups[k] = g
			order = append(order, g)
		}
		g.Count++
		if l.state() == stateWaiting {
			g.Waiting++
		}
		if l.first.Before(g.First) {
			g.First = l.first.UTC()
		}
		g.IDs = append(g.IDs, l.id)
	}
	slices.SortStableFunc(order, func(a, b *sample) int { return b.Count - a.Count })
	order = order[:min(len(order), samplesShown)]
	for _, g := range order {
		g.IDs = spread(g.IDs, idsOfSample)
	}
	return c.JSON(fiber.Map{"groups": order})
}

// spread are n of them at equal distances.
func spread(ids []string, n int) []string {
	if len(ids) <= n {
		return ids
	}
	some := make([]string, n)
	for i := range some {
		some[i] = ids[i*(len(ids)-1)/(n-1)]
	}
	return some
}

// quarantinedOf reads one thing in quarantine from the log, whole.
func (s *Service) quarantinedOf(ctx context.Context, id string) (lying, offers.Quarantined, error) {
	l, ok := s.door.shelf.get(id)
	if !ok {
		return lying{}, offers.Quarantined{}, fmt.Errorf("quarantine %.80q: %w: it is not among the latest", id, offers.ErrNotFound)
	}
	q, err := s.fetchQuarantined(ctx, &l)
	return l, q, err
}

func (s *Service) fetchQuarantined(ctx context.Context, l *lying) (q offers.Quarantined, err error) {
	r, err := s.log.At(ctx, stream.Quarantine, l.partition, l.offset)
	if err != nil {
		return q, fmt.Errorf("quarantine %q: %w", l.id, err)
	}
	if err := r.Decode(&q); err != nil {
		return q, fmt.Errorf("quarantine %q: %w: %w", l.id, offers.ErrNotFound, err)
	}
	return q, nil
}

// wholeShown is how much of a body is shown; the rest can be downloaded.
const wholeShown = 256 << 10

func (s *Service) getQuarantined(c *fiber.Ctx) error {
	l, q, err := s.quarantinedOf(c.UserContext(), param(c, "id"))
	if err != nil {
		return err
	}
	answer := struct {
		Record   quarantined `json:"record"`
		Body     string      `json:"body"`
		Encoding string      `json:"encoding"`
		Item     bool        `json:"item"`
		Masked   bool        `json:"masked"`
		Cut      bool        `json:"cut,omitempty"`
		Replays  []replayed  `json:"replays"`
	}{Record: l.shown(seesPeople(c)), Encoding: "text", Item: l.headers["item"] == "true", Masked: !seesPeople(c), Replays: []replayed{}}
	for _, last := range slices.Backward(l.replays) {
		r := *last
		if answer.Masked {
			r.Detail = cover.Text(r.Detail)
		}
		answer.Replays = append(answer.Replays, r)
	}
	body := q.Body
	if answer.Masked {
		// What cannot be read cannot be covered either, and is left out.
		body, _ = cover.JSON(q.Body)
		answer.Record.Headers = map[string]string{}
		for _, name := range []string{"path", "content-type", "item"} {
			if v := l.headers[name]; v != "" {
				answer.Record.Headers[name] = v
			}
		}
	}
	cut := body[:min(len(body), wholeShown)]
	answer.Cut = len(cut) < len(body)
	answer.Body = string(cut)
	if trimmed := strings.ToValidUTF8(answer.Body, ""); answer.Cut && len(answer.Body)-len(trimmed) < utf8.UTFMax {
		answer.Body = trimmed // the cut fell into a letter
	}
	if !utf8.ValidString(answer.Body) {
		answer.Encoding = "hex"
		answer.Cut = answer.Cut || len(cut) > wholeShown/2
		answer.Body = hex.EncodeToString(cut[:min(len(cut), wholeShown/2)])
	}
	return c.JSON(answer)
}

func (s *Service) downloadQuarantined(c *fiber.Ctx) error {
	l, q, err := s.quarantinedOf(c.UserContext(), param(c, "id"))
	if err != nil {
		return err
	}
	if err := s.catalog.Audit(c.UserContext(), by(c), "download", "quarantine/"+l.id); err != nil {
		return err
	}
	// Never as what it says it is: it is a stranger's, and this is our address.
	c.Set(fiber.HeaderContentType, fiber.MIMEOctetStream)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="quarantine.bin"`)
	c.Set(fiber.HeaderContentSecurityPolicy, "sandbox")
	return c.Send(q.Body)
}

// Bounds of one replay.
const (
	replaysMost  = 1_000
	replaysAtOne = 50               // handed to the log together
	replayTime   = 10 * time.Second // then the rest is left for another call
)

func (s *Service) replayQuarantine(c *fiber.Ctx) error {
	var in struct {
		IDs    []string `json:"ids"`
		Filter *filter  `json:"filter"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	var wrong fieldErrors
	wrong.add((len(in.IDs) > 0) != (in.Filter != nil), "name records, or a filter", "ids")
	wrong.add(len(in.IDs) <= replaysMost, "at most 1,000 at a time", "ids")
	if err := wrong.err(); err != nil {
		return err
	}
	what := fmt.Sprintf("quarantine/%d records", len(in.IDs))
	var all []lying
	gone := 0
	if in.Filter != nil {
		w, err := in.Filter.sought(true)
		if err != nil {
			return err
		}
		all, _ = s.door.shelf.find(w)
		slices.Reverse(all)
		what = fmt.Sprintf("quarantine/all of reason %q source %.100q", in.Filter.Reason, in.Filter.Source)
	} else {
		if len(in.IDs) == 1 {
			what = fmt.Sprintf("quarantine/%.100s", in.IDs[0])
		}
		slices.Sort(in.IDs)
		for _, id := range slices.Compact(in.IDs) {
			l, ok := s.door.shelf.get(id)
			if !ok {
				gone++
				continue
			}
			all = append(all, l)
		}
	}
	all = slices.DeleteFunc(all, func(l lying) bool { return l.state() == stateReplaying || l.state() == stateReplayed })
	if len(all) > 0 {
		if err := s.catalog.Audit(c.UserContext(), by(c), "replay", what); err != nil {
			return err
		}
	}
	n, lost, err := s.replay(c.UserContext(), all[:min(len(all), replaysMost)], person(c).Name)
	if err != nil && n == 0 {
		return err
	}
	if err != nil {
		s.logger.Warn("console: a replay ended early", "replayed", n, "err", err)
	}
	return c.Status(fiber.StatusAccepted).JSON(fiber.Map{"replayed": n, "left": len(all) - n - lost, "gone": gone + lost})
}

// replay hands things in quarantine to the door. It says how many it handed on,
// and how many are no longer on the log.
func (s *Service) replay(ctx context.Context, all []lying, who string) (n, lost int, err error) {
	ctx, cancel := context.WithTimeout(ctx, replayTime)
	defer cancel()
	for some := range slices.Chunk(all, replaysAtOne) {
		var records []stream.Record
		for i := range some {
			q, err := s.fetchQuarantined(ctx, &some[i])
			if errors.Is(err, offers.ErrNotFound) {
				lost++
				continue
			}
			if err != nil {
				return n, lost, err
			}
			r, err := stream.ReplayRecord(&offers.Replay{
				ID: "replay-" + uuid.NewString(), Of: []string{q.ID}, Quarantined: q, By: who, At: time.Now().UTC(),
			}, source)
			if err != nil {
				return n, lost, err
			}
			records = append(records, r)
		}
		if err := s.log.Produce(ctx, records...); err != nil {
			return n, lost, err
		}
		n += len(records)
	}
	return n, lost, nil
}
