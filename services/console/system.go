package console

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/stream"
)

func (s *Service) systemRoutes(api fiber.Router) {
	api.Get("/system", s.allow(catalog.RoleViewer, s.getSystem))
	api.Get("/quarantine", s.allow(catalog.RoleStaff, s.getQuarantine))
	api.Get("/sources", s.allow(catalog.RoleMarketer, s.getSources))
	api.Post("/sources", s.allow(catalog.RoleMarketer, s.addSource))
	api.Delete("/sources/:key", s.allow(catalog.RoleAdmin, s.removeSource))
	api.Get("/openapi.yaml", s.getDescription)
}

type serviceState struct {
	Name  string `json:"name"`
	Lag   int64  `json:"lag"` // -1 if it cannot be told
	State string `json:"state"`
}

// behind is how many records a service may not have handled yet before the
// page says so.
const behind = 5_000

func (s *Service) getSystem(c *fiber.Ctx) error {
	services := []serviceState{}
	for _, w := range s.config.Watched {
		services = append(services, s.stateOf(c.UserContext(), w))
	}
	services = append(services, s.stateOf(c.UserContext(), Watched{"tallies", CountGroup, countedStreams}))
	return c.JSON(struct {
		Version    string         `json:"version"`
		Go         string         `json:"go"`
		Started    time.Time      `json:"started"`
		UptimeS    float64        `json:"uptime_s"`
		Stream     string         `json:"stream"`
		State      string         `json:"state"`
		Catalog    string         `json:"catalog"`
		Partitions int            `json:"partitions"`
		Services   []serviceState `json:"services"`
		Demo       bool           `json:"demo"`
	}{
		cmp.Or(s.config.Version, "dev"), runtime.Version(), s.started.UTC(), time.Since(s.started).Seconds(),
		cmp.Or(s.config.Stream, "embedded"), cmp.Or(s.config.State, "embedded"), s.catalog.Kind(), s.log.Partitions(), services, s.config.Demo != nil,
	})
}

func (s *Service) stateOf(ctx context.Context, w Watched) serviceState {
	lag, err := s.log.Lag(ctx, w.Group, w.Streams...)
	switch {
	case err != nil:
		return serviceState{w.Name, -1, "unknown"}
	case lag > behind:
		return serviceState{w.Name, lag, "behind"}
	}
	return serviceState{w.Name, lag, "ok"}
}

type quarantined struct {
	ID       string            `json:"id"`
	Reason   offers.Reason     `json:"reason"`
	Detail   string            `json:"detail"`
	Source   string            `json:"source"`
	Received time.Time         `json:"received"`
	Headers  map[string]string `json:"headers,omitempty"`
	Body     string            `json:"body"`
}

const (
	quarantineShown = 50
	quarantineRead  = 250 // of each partition, for the counts
	bodyShown       = 2_000
)

// getQuarantine shows what could not be read: the latest whole, and how many
// of the latest there are by reason.
func (s *Service) getQuarantine(c *fiber.Ctx) error {
	counts, records := map[offers.Reason]int{}, []quarantined{}
	whole := person(c).Role.Includes(catalog.RoleMarketer)
	for p := range s.log.Partitions() {
		newest, err := s.log.Newest(c.UserContext(), stream.Quarantine, p, quarantineRead)
		if err != nil {
			return err
		}
		for i := range newest {
			var q offers.Quarantined
			if err := newest[i].Decode(&q); err != nil {
				s.metrics.unread.WithLabelValues(stream.Quarantine).Inc()
				continue
			}
			counts[q.Reason]++
			one := quarantined{ID: q.ID, Reason: q.Reason, Detail: q.Detail, Source: q.Source, Received: q.Received}
			if whole { // it may hold anybody's data
				one.Headers, one.Body = q.Headers, text(q.Body)
			}
			records = append(records, one)
		}
	}
	slices.SortStableFunc(records, func(a, b quarantined) int { return b.Received.Compare(a.Received) })
	return c.JSON(fiber.Map{"counts": counts, "records": records[:min(len(records), quarantineShown)]})
}

// text is the beginning of a body as text, whatever it is.
func text(body []byte) string {
	cut := body[:min(len(body), bodyShown)]
	shown := strings.ToValidUTF8(string(cut), "\uFFFD")
	if len(cut) < len(body) {
		shown += "…"
	}
	return shown
}

func (s *Service) getSources(c *fiber.Ctx) error {
	sources, err := s.catalog.Sources(c.UserContext())
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"sources": list(sources)})
}

func (s *Service) addSource(c *fiber.Ctx) error {
	var in struct {
		Name string `json:"name"`
		Kind string `json:"kind"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	var wrong fieldErrors
	in.Name = strings.TrimSpace(in.Name)
	wrong.add(in.Name != "" && len(in.Name) <= 80, "write a name, at most 80 characters", "name")
	wrong.add(slices.Contains(catalog.SourceKinds, in.Kind), "choose "+strings.Join(catalog.SourceKinds, ", "), "kind")
	if err := wrong.err(); err != nil {
		return err
	}
	made, err := s.catalog.AddSource(c.UserContext(), catalog.Source{Name: in.Name, Kind: in.Kind})
	if err != nil {
		return err
	}
	if err := s.catalog.Audit(c.UserContext(), by(c), "add", "source/"+made.Name); err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(made)
}

func (s *Service) removeSource(c *fiber.Ctx) error {
	if err := s.catalog.RemoveSource(c.UserContext(), param(c, "key")); err != nil {
		return err
	}
	if err := s.catalog.Audit(c.UserContext(), by(c), "remove", "source"); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
