package console

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"aisle/offers"
	"aisle/services/again"
	"aisle/services/catalog"
)

// How often the clock of retention is looked at: what is withdrawn by whatever
// door is gone everywhere within a minute. Everybody is looked at when we start,
// and now and then, should an event have passed unseen.
const (
	sweepEvery    = 15 * time.Second
	sweepAllEvery = time.Hour
	sweepMost     = 500 // that one look takes on at a time
)

// faceNews is what events told of faces since the catalog was last changed by
// it. Safe for concurrent use.
type faceNews struct {
	mu         sync.Mutex // guards both below
	recognised map[offers.ShopperID]time.Time
	withdrawn  map[offers.ShopperID]bool
}

func newFaceNews() *faceNews {
	return &faceNews{recognised: map[offers.ShopperID]time.Time{}, withdrawn: map[offers.ShopperID]bool{}}
}

// heard notes an event.
func (n *faceNews) heard(e *offers.Event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case e.Type == offers.Recognised && e.Source == "edge/"+string(offers.SensorCamera):
		if e.Time.After(n.recognised[e.Shopper]) {
			n.recognised[e.Shopper] = e.Time
		}
	case e.Type == offers.ConsentChanged && e.Consent != nil && e.Consent.Purpose == offers.ConsentFace && !e.Consent.Granted:
		n.withdrawn[e.Shopper] = true
	}
}

func (n *faceNews) take() (recognised map[offers.ShopperID]time.Time, withdrawn map[offers.ShopperID]bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	recognised, withdrawn = n.recognised, n.withdrawn
	n.recognised, n.withdrawn = map[offers.ShopperID]time.Time{}, map[offers.ShopperID]bool{}
	return recognised, withdrawn
}

// keepRetention looks at the clock until ctx ends. Several consoles may do so at
// once: each step does nothing where it was done.
func (s *Service) keepRetention(ctx context.Context) error {
	var all time.Time
	return again.Every(ctx, sweepEvery, s.logger, "the retention of faces", func(ctx context.Context) error {
		now := time.Now()
		everybody := now.Sub(all) >= sweepAllEvery
		err := s.Sweep(ctx, now, everybody)
		switch {
		case err != nil:
			all = time.Time{} // what was taken up is found again by looking at everybody
		case everybody:
			all = now
		}
		return err
	})
}

// Sweep looks at the clock of retention once, as Run does every 15 seconds: it
// winds up the clocks of those who were recognised, deletes what is over or was
// withdrawn, and hears which cameras have followed. Of withdrawals it looks at
// those that events told of, or at everybody's.
func (s *Service) Sweep(ctx context.Context, now time.Time, everybody bool) error {
	recognised, withdrawn := s.faces.take()
	for shopper, at := range recognised {
		all, err := s.selves(ctx, shopper)
		if err != nil {
			return err
		}
		if err := s.catalog.Recognised(ctx, all, at); err != nil {
			return err
		}
	}
	over, err := s.catalog.Expired(ctx, now, sweepMost)
	if err != nil {
		return err
	}
	for _, e := range over {
		who, err := s.nowKnownAs(ctx, e.Shopper)
		if errors.Is(err, errSignIn) {
			continue // deleted, and their face with them
		}
		if err != nil {
			return err
		}
		d, err := s.forgetFace(ctx, who, "expiry", now)
		if err != nil {
			return err
		}
		if err := s.forgotten(ctx, d, "face expired"); err != nil {
			return err
		}
	}
	if everybody {
		err = s.sweepAll(ctx, now)
	} else {
		err = s.sweepWithdrawn(ctx, slices.Collect(maps.Keys(withdrawn)), now)
	}
	if err != nil {
		return err
	}
	if _, err := s.catalog.DropNegatives(ctx, now); err != nil {
		return err
	}
	if err := s.lookAgain(ctx, now); err != nil {
		return err
	}
	waiting, err := s.catalog.WaitingDeletions(ctx, sweepMost)
	if err != nil {
		return err
	}
	for _, d := range waiting {
		if _, err := s.confirm(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) sweepAll(ctx context.Context, now time.Time) error {
	for after := offers.ShopperID(""); ; {
		some, err := s.catalog.EnrolledAfter(ctx, after, sweepMost)
		if err != nil || len(some) == 0 {
			return err
		}
		if err := s.sweepWithdrawn(ctx, some, now); err != nil {
			return err
		}
		after = some[len(some)-1]
	}
}

// sweepWithdrawn deletes the faces of those among some who said no, by whatever
// door. Who never answered is left: no camera has them, and time runs out.
func (s *Service) sweepWithdrawn(ctx context.Context, some []offers.ShopperID, now time.Time) error {
	for _, shopper := range some {
		who, err := s.nowKnownAs(ctx, shopper)
		if errors.Is(err, errSignIn) {
			continue // deleted, and their face with them
		}
		if err != nil {
			return err
		}
		given, err := s.store.Consents(ctx, s.log.PartitionOf(string(who)), who)
		if err != nil {
			return err
		}
		consent, answered := given[offers.ConsentFace]
		if !answered || consent.Granted {
			continue
		}
		d, err := s.removeFace(ctx, who, consent.Source, now)
		if err != nil {
			return err
		}
		if err := s.forgotten(ctx, d, "face withdrawn"); err != nil {
			return err
		}
	}
	return nil
}

// house is who acts where nobody does.
var house = catalog.By{ID: "house", Name: "the house"}

// forgotten writes an audit line of a deletion that nobody at a desk ordered.
func (s *Service) forgotten(ctx context.Context, d catalog.Deletion, what string) error {
	if d.ID == "" {
		return nil
	}
	s.logger.Info("console: a face was deleted", "why", d.Why, "deletion", d.ID)
	return s.catalog.Audit(ctx, house, what, "shopper/"+string(d.Shopper))
}
