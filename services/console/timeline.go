package console

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/stream"
)

// happening is one thing in a shopper's timeline: what they did, what was decided
// for them, or what became of a message. One of the three is there.
type happening struct {
	At       time.Time        `json:"at"`
	ShopName string           `json:"shop_name,omitempty"`
	ZoneName string           `json:"zone_name,omitempty"`
	Event    *offers.Event    `json:"event,omitempty"`
	Decision *decisionSummary `json:"decision,omitempty"`
	Message  *offers.Delivery `json:"message,omitempty"`
}

// timeline is a page of what happened to a shopper, newest first.
type timeline struct {
	Happenings []happening `json:"happenings"`
	Until      time.Time   `json:"until,omitzero"` // how far back this page looked
	Next       string      `json:"next,omitempty"` // the cursor of the page before it in time; empty: the log has nothing older
}

// timelineStreams are what a timeline is read from. A cursor names them by their
// places in this list.
var timelineStreams = []string{stream.Events, stream.Decisions, stream.Deliveries}

// What one page reads at most. A shopper shares a partition with others, so that a
// page may be short though there is more: the next one goes on from there.
const (
	timelineRead  = 20_000 // records
	timelineStep  = 2_000  // records of a partition that are read at once
	timelineMost  = 200    // happenings
	timelineUsual = 50
)

// getTimeline is a shopper's past, page by page, as far back as the log goes. What
// a shopper no longer agrees to be known is left out of it.
func (s *Service) getTimeline(c *fiber.Ctx) error {
	ctx := c.UserContext()
	limit := timelineUsual
	if given := query(c, "limit"); given != "" {
		var err error
		if limit, err = strconv.Atoi(given); err != nil || limit < 1 || limit > timelineMost {
			return fieldErrors{{"limit", fmt.Sprintf("is a number from 1 to %d", timelineMost)}}
		}
	}
	p, err := s.profile(ctx, offers.ShopperID(param(c, "shopper")))
	if err != nil {
		return err
	}
	selves, err := s.selves(ctx, p.Shopper)
	if err != nil {
		return err
	}
	t := timelineOf{service: s, profile: p, selves: selves, role: person(c).Role}
	if cursor := query(c, "before"); cursor != "" {
		t.readers, err = t.resume(ctx, cursor)
	} else {
		t.readers, err = t.begin(ctx)
	}
	if err != nil {
		return err
	}
	page, err := t.page(ctx, limit)
	if err != nil {
		return err
	}
	return c.JSON(page)
}

// timelineOf reads the partitions of a shopper, and of those who turned out to be
// them, from their ends.
type timelineOf struct {
	service *Service
	profile *offers.Profile
	selves  []offers.ShopperID
	role    catalog.Role
	readers []*backReader
	read    int // records, of all
}

// backReader reads a partition backwards.
type backReader struct {
	stream, partition int
	end               int64 // what is before it has not been read
	looked            time.Time
	found             []foundRecord // newest last
}

type foundRecord struct {
	happening
	offset int64
}

func (t *timelineOf) begin(ctx context.Context) ([]*backReader, error) {
	var partitions []int
	for _, self := range t.selves {
		partitions = append(partitions, t.service.log.PartitionOf(string(self)))
	}
	slices.Sort(partitions)
	var all []*backReader
	for _, partition := range slices.Compact(partitions) {
		for i, name := range timelineStreams {
			_, end, err := t.service.log.Span(ctx, name, partition)
			if err != nil {
				return nil, err
			}
			all = append(all, &backReader{stream: i, partition: partition, end: end})
		}
	}
	return all, nil
}

// A cursor is where each reader goes on: "0.3.1200-1.3.40".
func (t *timelineOf) cursor() string {
	var parts []string
	for _, r := range t.readers {
		at := r.end
		if len(r.found) > 0 {
			at = r.found[len(r.found)-1].offset + 1 // what was found and not given is found again
		}
		if at > 0 {
			parts = append(parts, fmt.Sprintf("%d.%d.%d", r.stream, r.partition, at))
		}
	}
	return strings.Join(parts, "-")
}

func (t *timelineOf) resume(ctx context.Context, cursor string) ([]*backReader, error) {
	all, err := readTimelineCursor(cursor, t.service.log.Partitions())
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		_, end, err := t.service.log.Span(ctx, timelineStreams[r.stream], r.partition)
		if err != nil {
			return nil, err
		}
		r.end = min(r.end, end)
	}
	return all, nil
}

// readTimelineCursor is where the readers of a page go on. It trusts nothing: the
// cursor was at the client's.
func readTimelineCursor(cursor string, partitions int) ([]*backReader, error) {
	wrong := fieldErrors{{"before", "is not a cursor that a page of this timeline gave"}}
	parts := strings.Split(cursor, "-")
	if len(parts) > selvesMost*len(timelineStreams) {
		return nil, wrong
	}
	var all []*backReader
	for _, part := range parts {
		r, rest := new(backReader), part
		for _, n := range []*int{&r.stream, &r.partition} {
			var digits string
			var err error
			digits, rest, _ = strings.Cut(rest, ".")
			if *n, err = strconv.Atoi(digits); err != nil {
				return nil, wrong
			}
		}
		var err error
		if r.end, err = strconv.ParseInt(rest, 10, 64); err != nil || r.end < 0 || r.stream < 0 || r.stream >= len(timelineStreams) ||
			r.partition < 0 || r.partition >= partitions {
			return nil, wrong
		}
		all = append(all, r)
	}
	return all, nil
}

// page is the newest that the readers have not given yet.
func (t *timelineOf) page(ctx context.Context, limit int) (timeline, error) {
	page := timeline{Happenings: []happening{}}
	for len(page.Happenings) < limit {
		var newest *backReader
		for _, r := range t.readers {
			for len(r.found) == 0 && r.end > 0 && t.read < timelineRead {
				if err := t.back(ctx, r); err != nil {
					return timeline{}, err
				}
			}
			if len(r.found) == 0 && r.end > 0 {
				page.Until = t.looked()
				page.Next = t.cursor()
				return page, nil // this page has read enough: what the reader would find may be newer than the rest
			}
			if len(r.found) > 0 && (newest == nil || !r.latest().At.Before(newest.latest().At)) { // of one instant what came of it is newer
				newest = r
			}
		}
		if newest == nil {
			return page, nil
		}
		page.Happenings = append(page.Happenings, newest.latest().happening)
		newest.found = newest.found[:len(newest.found)-1]
	}
	page.Until = page.Happenings[limit-1].At
	page.Next = t.cursor()
	return page, nil
}

func (r *backReader) latest() *foundRecord { return &r.found[len(r.found)-1] }

// looked is how far back all have looked.
func (t *timelineOf) looked() time.Time {
	var at time.Time
	for _, r := range t.readers {
		if r.looked.After(at) {
			at = r.looked
		}
	}
	return at
}

// back reads a step of a partition, and keeps what is the shopper's.
func (t *timelineOf) back(ctx context.Context, r *backReader) error {
	log, name := t.service.log, timelineStreams[r.stream]
	from, first := max(r.end-timelineStep, 0), true
	for at := from; at < r.end; {
		chunk, err := log.Chunk(ctx, name, r.partition, at, r.end)
		if err != nil {
			return err
		}
		if len(chunk) == 0 {
			break
		}
		if first {
			if r.looked, first = chunk[0].Time, false; chunk[0].Offset > from {
				from = 0 // retention has passed what is before
			}
		}
		for i := range chunk {
			if !slices.Contains(t.selves, offers.ShopperID(chunk[i].Key)) {
				continue
			}
			if h, ok := t.happening(r.stream, &chunk[i]); ok {
				r.found = append(r.found, foundRecord{h, chunk[i].Offset})
			}
		}
		t.read += len(chunk)
		at = chunk[len(chunk)-1].Offset + 1
	}
	if r.end = from; first {
		r.end = 0 // nothing is left there
	}
	return nil
}

// happening is what a record tells of the shopper; ok is false where that is
// nothing that somebody would want to read, or may.
func (t *timelineOf) happening(of int, r *stream.Record) (h happening, ok bool) {
	h.At = r.Time
	var shop offers.ShopID
	var zone offers.ZoneID
	switch timelineStreams[of] {
	case stream.Events:
		e := new(offers.Event)
		if r.Decode(e) != nil || !t.tells(e) {
			return h, false
		}
		hidePerson(e, t.role)
		e.Profile, e.Placed = nil, nil
		h.Event, shop, zone = e, e.Shop, e.Zone
	case stream.Decisions:
		var d offers.Decision
		if r.Decode(&d) != nil || d.ID == "" {
			return h, false
		}
		summary := t.service.recent.summary(&d, t.service.shop(d.Shop))
		h.Decision, shop, zone = &summary, d.Shop, d.Zone
	default:
		d := new(offers.Delivery)
		if r.Decode(d) != nil || d.ID == "" || d.State == offers.DeliveryClaimed {
			return h, false
		}
		if !t.role.Includes(catalog.RoleStaff) {
			d.Code = ""
		}
		h.Message, shop, zone = d, d.Shop, d.Zone
	}
	if known := t.service.shop(shop); known != nil {
		h.ShopName = known.Name
		h.ZoneName = zoneName(known, zone)
	}
	return h, true
}

// tells whether an event is one that the shopper did, and agrees to be known.
func (t *timelineOf) tells(e *offers.Event) bool {
	switch e.Type {
	case offers.TimerDue, offers.BackfillBegun, offers.BackfillFound, offers.ProfileMoved, offers.OfferPlaced:
		return false
	}
	return t.profile.Followed(e.Type)
}

// summary is a decision as lists show it, with what became of it if that is
// remembered.
func (r *recent) summary(d *offers.Decision, shop *offers.Shop) decisionSummary {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if e := r.decisions[d.ID]; e != nil && e.decided {
		return e.now()
	}
	return summarise(d, shop)
}
