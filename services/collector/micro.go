package collector

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/formats"
)

// maxMicro is how many events of each kind are remembered in test mode.
const maxMicro = 1000

// micro remembers, in test mode, what became of the latest events, so that the
// test suite of a web site or app can ask for it: as Snowplow Micro does, for
// every format. A nil micro remembers nothing. Safe for concurrent use.
type micro struct {
	mu   sync.Mutex // guards all below
	good []microGood
	bad  []microBad
}

// microGood is an event that the log has.
type microGood struct {
	Raw       *microRaw       `json:"rawEvent"`
	EventType string          `json:"eventType"`
	Schema    *string         `json:"schema"`
	Contexts  []string        `json:"contexts"`
	Event     json.RawMessage `json:"event"`

	received time.Time
}

// microBad is what lies in quarantine.
type microBad struct {
	Payload *microRaw     `json:"collectorPayload"`
	Raw     *microRaw     `json:"rawEvent"`
	Errors  []string      `json:"errors"`
	Reason  offers.Reason `json:"reason"`
	Source  string        `json:"source"`
	At      time.Time     `json:"received"`
}

// microRaw is what a client sent.
type microRaw struct {
	API struct {
		Vendor  string `json:"vendor"`
		Version string `json:"version"`
	} `json:"api"`
	Parameters  json.RawMessage `json:"parameters"`
	Query       string          `json:"querystring,omitempty"`
	ContentType string          `json:"contentType,omitempty"`
	Source      struct {
		Name string `json:"name"`
	} `json:"source"`
	Context struct {
		Timestamp time.Time `json:"timestamp"`
		UserAgent string    `json:"useragent,omitempty"`
	} `json:"context"`
}

func rawOf(r *formats.Request, from string, received time.Time, body []byte) *microRaw {
	raw := &microRaw{Query: r.Query, ContentType: r.Header["content-type"]}
	vendor, version, _ := strings.Cut(strings.Trim(r.Path, "/"), "/")
	raw.API.Vendor, raw.API.Version = vendor, version
	raw.Source.Name = from
	raw.Context.Timestamp, raw.Context.UserAgent = received, r.Header["user-agent"]
	if raw.Parameters = bytes.Clone(body); !json.Valid(body) {
		raw.Parameters, _ = json.Marshal(string(body)) // a text always can
	}
	return raw
}

// noteGood remembers events that the log has.
func (m *micro) noteGood(d *delivery, drafts []*formats.Draft) {
	if m == nil {
		return
	}
	for _, g := range drafts {
		event, err := json.Marshal(&g.Event)
		if err != nil {
			continue // the log has taken it by the same way
		}
		note := microGood{Raw: rawOf(d.request, d.origin.Source, d.origin.Received, g.Original), EventType: string(g.Event.Type), Contexts: []string{}, Event: event, received: d.origin.Received}
		note.describe(g.Event.Properties)
		m.mu.Lock()
		m.good = last(append(m.good, note))
		m.mu.Unlock()
	}
}

// noteBad remembers what is put aside.
func (m *micro) noteBad(b *formats.Bad, from string, received time.Time, r *formats.Request) {
	if m == nil {
		return
	}
	raw := rawOf(r, from, received, b.Body[:min(len(b.Body), maxKept)])
	note := microBad{Payload: raw, Errors: []string{string(b.Reason) + ": " + b.Detail}, Reason: b.Reason, Source: from, At: received}
	if !bytes.HasPrefix(r.Body, b.Body) {
		note.Raw = raw
	}
	m.mu.Lock()
	m.bad = last(append(m.bad, note))
	m.mu.Unlock()
}

// last are the latest ones.
func last[T any](all []T) []T {
	if len(all) < 2*maxMicro {
		return all
	}
	return slices.Clone(all[len(all)-maxMicro:])
}

// kindsOfMicro are the names that Micro has for Snowplow's events.
var kindsOfMicro = map[string]string{"pv": "page_view", "pp": "page_ping", "se": "struct", "ue": "unstruct", "tr": "transaction", "ti": "transaction_item"}

// describe fills in what Snowplow's trackers say of an event.
func (g *microGood) describe(properties []byte) {
	var p struct {
		Snowplow struct {
			E        string  `json:"e"`
			Schema   *string `json:"schema"`
			Contexts []struct {
				Schema string `json:"schema"`
			} `json:"contexts"`
		} `json:"snowplow"`
	}
	if json.Unmarshal(properties, &p) != nil {
		return // not of Snowplow
	}
	if as := kindsOfMicro[p.Snowplow.E]; as != "" {
		g.EventType = as
	}
	g.Schema = p.Snowplow.Schema
	for _, c := range p.Snowplow.Contexts {
		g.Contexts = append(g.Contexts, c.Schema)
	}
}

// notes are copies of what is remembered, the latest maxMicro of each.
func (m *micro) notes() (good []microGood, bad []microBad) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.good[max(0, len(m.good)-maxMicro):]), slices.Clone(m.bad[max(0, len(m.bad)-maxMicro):])
}

// microRoutes puts in the paths of Snowplow Micro. They are there in test mode
// only: they show everything to anyone.
func (k *Collector) microRoutes(r fiber.Router) {
	if k.micro == nil {
		return
	}
	m := k.micro
	for path, answer := range map[string]fiber.Handler{
		"all": m.all, "good": m.goods, "bad": m.bads, "reset": m.reset, "events": m.events, "timeline": m.timeline,
	} {
		r.Get("/micro/"+path, k.config.Origins.Pages, answer)
		r.Post("/micro/"+path, k.config.Origins.Pages, answer)
	}
	r.Options("/micro/*", k.config.Origins.Preflight)
}

func summary(good, bad int) fiber.Map {
	return fiber.Map{"total": good + bad, "good": good, "bad": bad}
}

func (m *micro) all(c *fiber.Ctx) error {
	good, bad := m.notes()
	return c.JSON(summary(len(good), len(bad)))
}

func (m *micro) reset(c *fiber.Ctx) error {
	m.mu.Lock()
	m.good, m.bad = nil, nil
	m.mu.Unlock()
	return c.JSON(summary(0, 0))
}

// filter reads the body of a question. None asks for everything.
func filter(c *fiber.Ctx, into any) error {
	if c.Method() != fiber.MethodPost || len(c.Body()) == 0 {
		return nil
	}
	if err := json.Unmarshal(c.Body(), into); err != nil {
		return fiber.NewError(fiber.StatusBadRequest, fmt.Sprintf("The filter cannot be read: %v.", err))
	}
	return nil
}

func (m *micro) goods(c *fiber.Ctx) error {
	var ask struct {
		EventType string   `json:"event_type"`
		Schema    string   `json:"schema"`
		Contexts  []string `json:"contexts"`
		Limit     int      `json:"limit"`
	}
	if err := filter(c, &ask); err != nil {
		return err
	}
	good, _ := m.notes()
	good = slices.DeleteFunc(good, func(g microGood) bool {
		return ask.EventType != "" && g.EventType != ask.EventType || ask.Schema != "" && (g.Schema == nil || *g.Schema != ask.Schema) ||
			slices.ContainsFunc(ask.Contexts, func(s string) bool { return !slices.Contains(g.Contexts, s) })
	})
	slices.Reverse(good) // the latest first
	return c.JSON(first(good, ask.Limit))
}

func (m *micro) bads(c *fiber.Ctx) error {
	var ask struct {
		Vendor  string `json:"vendor"`
		Version string `json:"version"`
		Limit   int    `json:"limit"`
	}
	if err := filter(c, &ask); err != nil {
		return err
	}
	_, bad := m.notes()
	bad = slices.DeleteFunc(bad, func(b microBad) bool {
		return ask.Vendor != "" && b.Payload.API.Vendor != ask.Vendor || ask.Version != "" && b.Payload.API.Version != ask.Version
	})
	slices.Reverse(bad)
	return c.JSON(first(bad, ask.Limit))
}

// first are as many as were asked for; none for no list at all, so that it is
// [] in JSON.
func first[T any](all []T, limit int) []T {
	if all == nil {
		return []T{}
	}
	if limit > 0 && limit < len(all) {
		return all[:limit]
	}
	return all
}

// events are those of the log, the latest first; or, for a question, those of
// both kinds that it asks for, by page.
func (m *micro) events(c *fiber.Ctx) error {
	good, bad := m.notes()
	type one struct {
		at   time.Time
		body json.RawMessage
		ok   bool
	}
	all := make([]one, 0, len(good)+len(bad))
	for _, g := range good {
		all = append(all, one{g.received, g.Event, true})
	}
	asked := c.Method() == fiber.MethodPost
	if asked {
		for _, b := range bad {
			body, err := json.Marshal(b)
			if err != nil {
				return err
			}
			all = append(all, one{b.At, body, false})
		}
	}
	slices.SortStableFunc(all, func(a, b one) int { return b.at.Compare(a.at) })
	ask := struct {
		Filters []struct {
			Column string `json:"column"`
			Value  string `json:"value"`
		} `json:"filters"`
		Valid    *bool `json:"validEvents"`
		Page     int   `json:"page"`
		PageSize int   `json:"pageSize"`
	}{}
	if err := filter(c, &ask); err != nil {
		return err
	}
	events := make([]json.RawMessage, 0, len(all))
next:
	for _, e := range all {
		if ask.Valid != nil && e.ok != *ask.Valid {
			continue
		}
		if len(ask.Filters) > 0 {
			var fields map[string]json.RawMessage
			if json.Unmarshal(e.body, &fields) != nil {
				continue
			}
			for _, f := range ask.Filters {
				if strings.Trim(string(fields[f.Column]), `"`) != f.Value {
					continue next
				}
			}
		}
		events = append(events, e.body)
	}
	if !asked {
		return c.JSON(events)
	}
	total, size := len(events), min(ask.PageSize, maxMicro)
	if size <= 0 {
		size = 50
	}
	page := min(max(ask.Page, 1), 2*maxMicro)
	from := min((page-1)*size, total)
	return c.JSON(fiber.Map{"events": events[from:min(from+size, total)], "totalItems": total, "totalPages": (total + size - 1) / size})
}

// timeline counts the last half hour by minutes, the latest first.
func (m *micro) timeline(c *fiber.Ctx) error {
	type point struct {
		Valid  int       `json:"validEvents"`
		Failed int       `json:"failedEvents"`
		At     time.Time `json:"timestamp"`
	}
	good, bad := m.notes()
	now := time.Now().UTC().Truncate(time.Minute)
	points := make([]point, 31)
	for i := range points {
		points[i].At = now.Add(-time.Duration(i) * time.Minute)
	}
	minute := func(at time.Time) *point {
		i := int(now.Sub(at.Truncate(time.Minute)) / time.Minute)
		if i < 0 || i >= len(points) {
			return &point{}
		}
		return &points[i]
	}
	for _, g := range good {
		minute(g.received).Valid++
	}
	for _, b := range bad {
		minute(b.At).Failed++
	}
	return c.JSON(fiber.Map{"points": points})
}
