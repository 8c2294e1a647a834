package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/offers/rank"
	"aisle/offers/rank/lists"
	"aisle/offers/rank/watch"
	"aisle/services/catalog"
	"aisle/services/state"
)

func (s *Service) modelRoutes(api fiber.Router) {
	api.Get("/model", s.allow(catalog.RoleViewer, s.getModel))
	api.Post("/model/turn", s.allow(catalog.RoleAdmin, s.turnModel))
}

// modelNow is the model in use, and how it does.
type modelNow struct {
	Version  string              `json:"version"` // in use; empty: nothing is learned yet
	Learned  uint64              `json:"learned"` // outcomes, of what is in use
	Line     uint64              `json:"line"`    // the same, of what learns; other than Learned while a version is held
	Hold     *watch.Hold         `json:"hold,omitempty"`
	Asked    *watch.Wish         `json:"asked,omitempty"` // by a person, and not done yet
	Versions []keptVersion       `json:"versions"`        // newest first
	Cohorts  []watch.Cohort      `json:"cohorts"`         // oldest first; the last is not full
	Turns    []watch.Turn        `json:"turns"`           // newest first
	Drift    []watch.Drift       `json:"drift"`
	Lists    *listsNow           `json:"lists,omitempty"`
	Training *lists.Training     `json:"training,omitempty"` // of the ranker of lists, the last; none: never
	Own      []state.ModelHealth `json:"own"`
}

// keptVersion is an older version, beside what is in use since it was kept.
type keptVersion struct {
	Number  uint64    `json:"number"`
	At      time.Time `json:"at"`
	Learned uint64    `json:"learned"`
	Judged  int       `json:"judged"`
	Loss    float64   `json:"loss"`     // nats a decision
	InUse   float64   `json:"in_use"`   // the same, of what was in use
	Pinned  bool      `json:"pinned"`   // what is in use believes as it does
	Odds    float64   `json:"evidence"` // that it would have been better: the logarithm of a wager's capital
}

// listsNow is the ranker of lists.
type listsNow struct {
	Version string      `json:"version"`
	At      time.Time   `json:"at"`
	Lists   int         `json:"lists"`
	Goal    string      `json:"goal"`
	Trial   lists.Trial `json:"trial"`
}

func (s *Service) getModel(c *fiber.Ctx) error {
	now, err := s.modelNow(c.UserContext())
	if err != nil {
		return err
	}
	return c.JSON(now)
}

func (s *Service) modelNow(ctx context.Context) (*modelNow, error) {
	now := &modelNow{Versions: []keptVersion{}, Cohorts: []watch.Cohort{}, Turns: []watch.Turn{}, Drift: []watch.Drift{}}
	var err error
	if now.Own, err = s.store.OwnModels(ctx); err != nil {
		return nil, err
	}
	if now.Lists, err = s.listsNow(ctx); err != nil {
		return nil, err
	}
	if now.Training, err = s.lastTraining(ctx); err != nil {
		return nil, err
	}
	wish, err := s.store.SnapshotWish(ctx, rank.SnapshotName)
	if err != nil {
		return nil, err
	}
	if wish != nil {
		if err := json.Unmarshal(wish, &now.Asked); err != nil {
			return nil, fmt.Errorf("wish: %w", err)
		}
	}
	version, value, mark, err := s.bookmark(ctx)
	if errors.Is(err, offers.ErrNotFound) {
		return now, nil
	}
	if err != nil {
		return nil, err
	}
	now.Version, now.Hold = version, mark.Watch.Hold
	if m, err := rank.Decode(value); err == nil {
		now.Learned, now.Line = m.Learned(), m.Learned()
	}
	if m, err := rank.Decode(mark.Line); err == nil {
		now.Line = m.Learned()
	}
	w := &mark.Watch
	for _, v := range slices.Backward(w.Versions) {
		n := max(float64(v.Judged), 1)
		now.Versions = append(now.Versions, keptVersion{
			Number: v.Number, At: v.At, Learned: v.Learned, Judged: v.Judged, Loss: v.Loss / n, InUse: v.Served / n,
			Pinned: w.Hold != nil && w.Hold.Of == v.Number, Odds: v.Against.Capital,
		})
	}
	now.Cohorts = append(now.Cohorts, w.Cohorts...)
	if w.Cohort.N > 0 {
		now.Cohorts = append(now.Cohorts, w.Cohort)
	}
	for _, t := range slices.Backward(w.Turns) {
		now.Turns = append(now.Turns, t)
	}
	now.Drift = append(now.Drift, w.Inputs.Drifts()...)
	return now, nil
}

func (s *Service) bookmark(ctx context.Context) (version string, value []byte, mark watch.Bookmark, err error) {
	version, value, raw, err := s.store.SnapshotBookmark(ctx, rank.SnapshotName)
	if err != nil {
		return "", nil, mark, err
	}
	if err := json.Unmarshal(raw, &mark); err != nil {
		return "", nil, mark, fmt.Errorf("model: %w", err)
	}
	return version, value, mark, nil
}

func (s *Service) listsNow(ctx context.Context) (*listsNow, error) {
	raw, err := s.store.Snapshot(ctx, lists.SnapshotName, "")
	if errors.Is(err, offers.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m, err := lists.Decode(raw)
	if err != nil {
		return nil, err
	}
	return &listsNow{Version: m.Version(), At: m.At, Lists: m.Lists, Goal: string(m.Trees.Goal), Trial: m.Trial}, nil
}

func (s *Service) lastTraining(ctx context.Context) (*lists.Training, error) {
	raw, err := s.store.Snapshot(ctx, lists.TrainingName, "")
	if errors.Is(err, offers.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	t := new(lists.Training)
	if err := json.Unmarshal(raw, t); err != nil {
		return nil, fmt.Errorf("last training: %w", err)
	}
	return t, nil
}

// checkModel tells whether a campaign names an own model that no decider knows. A
// name that the campaign had before stays: the configuration may have changed since,
// and the house's model answers in its place.
func (s *Service) checkModel(c *fiber.Ctx, wrong *fieldErrors, k *offers.Campaign) error {
	if k.Model == "" {
		return nil
	}
	own, err := s.store.OwnModels(c.UserContext())
	if err != nil {
		return err
	}
	var names []string
	for _, m := range own {
		names = append(names, m.Name)
	}
	if slices.Contains(names, k.Model) {
		return nil
	}
	before, err := s.catalog.Campaign(c.UserContext(), k.ID)
	if err != nil && !errors.Is(err, offers.ErrNotFound) {
		return err
	}
	advice := "is no model that the deciders know: they know none. The configuration lists them, under decider.models"
	if names = slices.Compact(names); len(names) > 0 {
		advice = "is no model that the deciders know: choose " + strings.Join(names, " or ")
	}
	wrong.add(err == nil && before.Model == k.Model, advice, "model")
	return nil
}

// longestReason bounds why somebody has another model in use.
const longestReason = 300

// turnModel has the learner put a kept version in use, or what it learns again.
func (s *Service) turnModel(c *fiber.Ctx) error {
	var in struct {
		Pin    uint64 `json:"pin"`
		Reason string `json:"reason"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	if in.Reason == "" || len(in.Reason) > longestReason {
		return fieldErrors{{"reason", fmt.Sprintf("says why, in at most %d characters", longestReason)}}
	}
	ctx := c.UserContext()
	_, _, mark, err := s.bookmark(ctx)
	if err != nil {
		return err
	}
	what := "follow the learning"
	switch w := &mark.Watch; {
	case in.Pin == 0 && w.Hold == nil:
		return fmt.Errorf("%w: what learns is in use already", offers.ErrConflict)
	case in.Pin > 0 && !slices.ContainsFunc(w.Versions, func(v *watch.Version) bool { return v.Number == in.Pin }):
		return fmt.Errorf("version %d: %w: it is not kept any more", in.Pin, offers.ErrNotFound)
	case in.Pin > 0:
		what = "pin " + rank.New().As(in.Pin).Version()
	}
	wish, err := json.Marshal(watch.Wish{Pin: in.Pin, By: by(c).Name, Reason: in.Reason, At: time.Now().UTC()})
	if err != nil {
		return fmt.Errorf("wish: %w: %w", offers.ErrInvalid, err)
	}
	// Noted before it is done: what cannot be noted is not done.
	if err := s.catalog.Audit(ctx, by(c), what, "model"); err != nil {
		return err
	}
	if err := s.store.WishSnapshot(ctx, rank.SnapshotName, wish); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusAccepted)
}
