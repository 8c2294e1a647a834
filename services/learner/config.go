package learner

import (
	"fmt"
	"maps"
	"time"

	"aisle/offers"
	"aisle/offers/rank/watch"
)

// Config of a learner. The zero value works.
type Config struct {
	// Window is how long after a decision an outcome still counts as its own,
	// in event time. An offer that nobody took by its end was not wanted.
	Window time.Duration `yaml:"window"` // default 2 h
	// Credit is what an event that names a decision is worth, from 0 to 1, of an
	// offer taken, by type. An offer counts by the best that became of it; one that
	// is worth nothing still says that the offer was seen. Redeemed is always 1;
	// viewed and clicked are 0 unless said otherwise.
	Credit map[offers.EventType]float64 `yaml:"credit"`
	// Lateness is how much longer than the window the learner waits for events
	// that sensors and tills send late.
	Lateness time.Duration `yaml:"lateness"` // default 2 min
	// Publish is the least time between two published versions of the model.
	Publish  time.Duration `yaml:"publish"`   // default 2 s
	MaxBatch int           `yaml:"max_batch"` // most records in a batch; default 500
	Watch    Watch         `yaml:"watch"`
	Lists    Lists         `yaml:"lists"`
}

// Watch says when an older version of the model is gone back to.
type Watch struct {
	Cohort int     `yaml:"cohort"` // decisions whose windows are over, after which it is looked; default 500
	Kept   int     `yaml:"kept"`   // older versions to compare with; default 6
	Rare   float64 `yaml:"rare"`   // least mean number of decisions between two times that it goes back wrongly; default a million
	Margin float64 `yaml:"margin"` // how much more surprise, as a share, is no reason yet; default 0.1
}

func (w Watch) settings() watch.Settings {
	return watch.Settings{Cohort: w.Cohort, Kept: w.Kept, Rare: w.Rare, Margin: w.Margin}
}

func (c Config) withDefaults() Config {
	if c.Window == 0 {
		c.Window = 2 * time.Hour
	}
	if c.Lateness == 0 {
		c.Lateness = 2 * time.Minute
	}
	credit := map[offers.EventType]float64{offers.OfferViewed: 0, offers.OfferClicked: 0}
	maps.Copy(credit, c.Credit)
	credit[offers.OfferRedeemed], credit[offers.RedemptionUndone] = 0, 0 // a use is noted by itself
	c.Credit = credit
	if c.Publish == 0 {
		c.Publish = 2 * time.Second
	}
	if c.MaxBatch == 0 {
		c.MaxBatch = 500
	}
	if c.Lists.Every == 0 {
		c.Lists.Every = 24 * time.Hour
	}
	if c.Lists.Of == 0 {
		c.Lists.Of = 30 * 24 * time.Hour
	}
	return c
}

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	if c.Window < 0 || c.Lateness < 0 || c.Publish < 0 || c.MaxBatch < 0 {
		return fmt.Errorf("learner: %w: window, lateness, publish and max_batch are not negative", offers.ErrInvalid)
	}
	if w := c.Watch; w.Cohort < 0 || w.Kept < 0 || w.Kept == 1 || w.Rare < 0 || w.Margin < 0 {
		return fmt.Errorf("learner.watch: %w: cohort, rare and margin are not negative, and kept is at least 2", offers.ErrInvalid)
	}
	if c.Lists.Every < 0 || c.Lists.Of < 0 {
		return fmt.Errorf("learner.lists: %w: every and of are not negative; off: true trains none", offers.ErrInvalid)
	}
	for event, credit := range c.Credit {
		if !(credit >= 0 && credit <= 1) {
			return fmt.Errorf("learner: %w: credit of %s is %v, not from 0 to 1", offers.ErrInvalid, event, credit)
		}
	}
	return nil
}
