package console

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

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
	here, err := decidingHere(s.config.Counted)
	if err != nil {
		return err
	}
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
		Deciding   *deciding      `json:"deciding,omitempty"`
		Demo       bool           `json:"demo"`
	}{
		cmp.Or(s.config.Version, "dev"), runtime.Version(), s.started.UTC(), time.Since(s.started).Seconds(),
		cmp.Or(s.config.Stream, "embedded"), cmp.Or(s.config.State, "embedded"), s.catalog.Kind(), s.log.Partitions(), services, here, s.config.Demo != nil,
	})
}

// deciding is what the deciders of this process have counted since it started.
type deciding struct {
	Events       int64      `json:"events"`            // folded
	Late         int64      `json:"late"`              // behind the watermark, and soon enough to wake campaigns
	TooLate      int64      `json:"too_late"`          // folded, but woke no campaign
	LateFeatures int64      `json:"late_features"`     // that an event came too late for
	Newest       *time.Time `json:"newest,omitempty"`  // event time to which the partition that is ahead has come
	Slowest      *time.Time `json:"slowest,omitempty"` // and the one that is behind
}

// decidingHere is nil where no decider runs in this process.
func decidingHere(counted prometheus.Gatherer) (*deciding, error) {
	if counted == nil {
		return nil, nil
	}
	families, err := counted.Gather()
	if err != nil {
		return nil, err
	}
	var d deciding
	runs := false
	for _, family := range families {
		for _, m := range family.GetMetric() {
			n := int64(m.GetCounter().GetValue())
			switch family.GetName() {
			case "aisle_decider_events_total":
				d.Events, runs = n, true
			case "aisle_decider_late_features_total":
				d.LateFeatures = n
			case "aisle_decider_late_events_total":
				if m.GetLabel()[0].GetValue() == "true" {
					d.Late = n
				} else {
					d.TooLate = n
				}
			case "aisle_decider_watermark_seconds":
				d.reached(time.UnixMilli(int64(m.GetGauge().GetValue() * 1000)).UTC())
			}
		}
	}
	if !runs {
		return nil, nil
	}
	return &d, nil
}

// reached notes how far a partition has come in event time. One that has heard
// nothing yet has not begun.
func (d *deciding) reached(t time.Time) {
	if t.Unix() <= 0 {
		return
	}
	if d.Newest == nil || t.After(*d.Newest) {
		d.Newest = &t
	}
	if d.Slowest == nil || t.Before(*d.Slowest) {
		d.Slowest = &t
	}
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
	wrong.add(in.Name != "" && utf8.RuneCountInString(in.Name) <= 80, "write a name, at most 80 characters", "name")
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
