package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/formats/bots"
	"aisle/services/formats/discover"
	"aisle/services/formats/feed"
)

func (s *Service) feedRoutes(api fiber.Router) {
	api.Get("/feeds", s.allow(catalog.RoleViewer, s.getFeeds))
	api.Post("/feeds/propose", s.allow(catalog.RoleMarketer, s.proposeFeed))
	api.Post("/feeds/preview", s.allow(catalog.RoleMarketer, s.previewFeed))
	api.Get("/feeds/:feed", s.allow(catalog.RoleViewer, s.getFeed))
	api.Put("/feeds/:feed", s.allow(catalog.RoleMarketer, s.putFeed))
	api.Delete("/feeds/:feed", s.allow(catalog.RoleMarketer, s.deleteFeed))
}

func (s *Service) getFeeds(c *fiber.Ctx) error {
	all, err := s.catalog.Feeds(c.UserContext())
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"feeds": list(all)})
}

func (s *Service) getFeed(c *fiber.Ctx) error { return s.sendFeed(c, param(c, "feed")) }

func (s *Service) sendFeed(c *fiber.Ctx, name string) error {
	history, err := s.catalog.FeedHistory(c.UserContext(), name)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"feed": history[0], "history": history})
}

// feedName is part of the door's path.
var feedName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,59}$`)

// maxPlan bounds a plan.
const maxPlan = 512 << 10

// planOf reads a plan as people have mended it.
func planOf(raw json.RawMessage) (*feed.Plan, error) {
	if len(raw) > maxPlan {
		return nil, fieldErrors{{"plan", "is too long: leave fields or templates out"}}
	}
	p := new(feed.Plan)
	if err := json.Unmarshal(raw, p); err != nil {
		return nil, fieldErrors{{"plan", "is not a plan: " + err.Error()}}
	}
	if err := p.Check(); err != nil {
		return nil, fieldErrors{{"plan", err.Error()}}
	}
	return p, nil
}

func (s *Service) putFeed(c *fiber.Ctx) error {
	var in struct {
		Version int             `json:"version"`
		Plan    json.RawMessage `json:"plan"`
		Note    string          `json:"note"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	name := param(c, "feed")
	var wrong fieldErrors
	wrong.add(feedName.MatchString(name) && name != "propose" && name != "preview", "use small letters, digits and dashes, at most 60", "feed")
	wrong.add(in.Version >= 0, "counts from 0", "version")
	wrong.add(utf8.RuneCountInString(in.Note) <= maxNote, "at most 500 characters", "note")
	if err := wrong.err(); err != nil {
		return err
	}
	if _, err := planOf(in.Plan); err != nil {
		return err
	}
	if _, err := s.catalog.SaveFeed(c.UserContext(), catalog.Feed{Name: name, Version: in.Version, Plan: in.Plan, Note: in.Note}, by(c)); err != nil {
		return err
	}
	return s.sendFeed(c, name)
}

func (s *Service) deleteFeed(c *fiber.Ctx) error {
	if err := s.catalog.DeleteFeed(c.UserContext(), param(c, "feed"), by(c)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

const (
	maxFeedSample = 256 << 10
	rowsShown     = 50
	rowsLooked    = 5_000
)

type feedRow struct {
	Event      string          `json:"event,omitempty"`
	At         string          `json:"at,omitempty"`
	Properties json.RawMessage `json:"properties,omitempty"`
	Identified bool            `json:"identified,omitempty"`
	Skipped    string          `json:"skipped,omitempty"`
	Bad        string          `json:"bad,omitempty"`
}

type feedPreview struct {
	Plan       *feed.Plan        `json:"plan"`
	Says       string            `json:"says"`
	Fields     []discover.Report `json:"fields"`
	Notes      []string          `json:"notes"`
	Rows       []feedRow         `json:"rows"`
	Read       int               `json:"read"`
	Skipped    int               `json:"skipped"`
	Bad        int               `json:"bad"`
	Unassigned int               `json:"unassigned"`
}

func (s *Service) proposeFeed(c *fiber.Ctx) error {
	sample := bytes.Clone(c.Body())
	if len(sample) > maxFeedSample {
		return fieldErrors{{"sample", "send the first 256 kB, or less"}}
	}
	p, err := feed.Propose(sample, "", query(c, "name"))
	if err != nil {
		return err
	}
	answer := feedPreview{Plan: &p.Plan, Says: p.Says, Fields: list(p.Fields), Notes: list(p.Notes)}
	if err := answer.read(sample); err != nil {
		return err
	}
	return c.JSON(answer)
}

func (s *Service) previewFeed(c *fiber.Ctx) error {
	var in struct {
		Plan   json.RawMessage `json:"plan"`
		Sample string          `json:"sample"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	if len(in.Sample) > maxFeedSample {
		return fieldErrors{{"sample", "send the first 256 kB, or less"}}
	}
	p, err := planOf(in.Plan)
	if err != nil {
		return err
	}
	answer := feedPreview{Plan: p, Fields: []discover.Report{}, Notes: []string{}}
	if err := answer.read([]byte(in.Sample)); err != nil {
		return err
	}
	return c.JSON(answer)
}

// read reads the sample by the plan.
func (f *feedPreview) read(sample []byte) error {
	f.Rows = []feedRow{}
	decoder, err := feed.NewDecoder(f.Plan, bots.New(0), func(string, string) string { return "visitor" })
	if err != nil {
		return err
	}
	head := feed.Head{File: "sample"}
	split := f.Plan.Split(bytes.NewReader(sample), 0)
	for range rowsLooked {
		record, _, err := split.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("sample: %w: %w", offers.ErrInvalid, err)
		}
		got := decoder.Read(&head, &record)
		row := feedRow{Skipped: string(got.Skip)}
		switch {
		case got.Bad != nil:
			f.Bad++
			row.Bad = got.Bad.Detail
		case got.Message == nil:
			f.Skipped++
		default:
			f.Read++
			m := got.Message
			row.Event, row.At, row.Properties = string(m.Event), string(m.Timestamp), object(m)
			if row.Event == "" {
				row.Event = string(m.Type)
			}
			row.Identified = m.UserID != "" || m.AnonymousID != "" || len(m.Identifiers) > 0
			if hasUnassigned(row.Properties) {
				f.Unassigned++
			}
		}
		if len(f.Rows) < rowsShown {
			f.Rows = append(f.Rows, row)
		}
	}
	return nil
}

func hasUnassigned(properties json.RawMessage) bool {
	var p struct {
		Unassigned json.RawMessage `json:"unassigned"`
	}
	return bytes.Contains(properties, []byte(`"unassigned"`)) && json.Unmarshal(properties, &p) == nil && len(p.Unassigned) > 0
}
