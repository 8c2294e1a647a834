package console

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/services/catalog"
)

func (s *Service) systemRoutes(api fiber.Router) {
	api.Get("/system", s.allow(catalog.RoleViewer, s.getSystem))
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
