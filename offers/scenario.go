package offers

import "time"

// Scenario is a pattern of what one shopper does, and does not do, in time:
// looked for shoes, bought none within a day, comes into the shop. When it is
// completed, an event says so, which campaigns and other scenarios may wait for.
type Scenario struct {
	ID          ScenarioID     `json:"id"`
	Name        string         `json:"name"`
	Description string         `json:"description,omitempty"`
	Status      CampaignStatus `json:"status"`
	Version     int            `json:"version"` // grows with each change
	Steps       []Step         `json:"steps"`

	// By makes all steps be about the same category, product, zone or shop; each
	// one is followed by itself. Empty: a shopper is in the scenario once.
	By      string        `json:"by,omitempty"`
	Restart bool          `json:"restart,omitempty"`  // the first step, when it happens again on the way, begins anew
	Again   time.Duration `json:"again_ns,omitempty"` // after it was completed, how long until it may begin again

	Group    string        `json:"group,omitempty"`    // such as support
	Priority int           `json:"priority,omitempty"` // within the group, a greater one silences the others meanwhile
	Excludes []string      `json:"excludes,omitempty"` // groups of campaigns and scenarios that are silent meanwhile
	Hold     time.Duration `json:"hold_ns,omitempty"`  // how long "meanwhile" goes on after it was completed

	Template *FromTemplate `json:"template,omitempty"` // what it was made from
	Updated  time.Time     `json:"updated,omitzero"`
}

// Step is one thing that happens on the way of a scenario, or must not. Times
// end before their last instant: what happens a day later is not within a day.
type Step struct {
	Name     string        `json:"name,omitempty"`
	Not      bool          `json:"not,omitempty"`       // it must not happen: for a time, or until the next step
	Events   []EventType   `json:"events"`              // any of these
	Scenario ScenarioID    `json:"scenario,omitempty"`  // with scenario_completed: which one
	Where    string        `json:"where,omitempty"`     // CEL over the moment (offers/rule); empty is any
	Times    int           `json:"times,omitempty"`     // how often; 0 is once
	In       time.Duration `json:"in_ns,omitempty"`     // with Times: within how long of one another
	Within   time.Duration `json:"within_ns,omitempty"` // at most so long after the step before
	For      time.Duration `json:"for_ns,omitempty"`    // with Not: so long; 0 is until the next step
}

// FromTemplate says which template a scenario was made from, and how.
type FromTemplate struct {
	ID         string            `json:"id"`
	Parameters map[string]string `json:"parameters,omitempty"`
}

// SalesGroup is the group of campaigns that name none.
const SalesGroup = "sales"

// Progress is how far one shopper is in the scenarios, kept with the profile.
// offers/scenario is its only writer. Times are microseconds since 1970.
type Progress struct {
	Seen int64                   `json:"seen"`           // greatest time of an event
	Due  int64                   `json:"due,omitempty"`  // up to here, timers said, nothing more comes
	Runs map[string]*ScenarioRun `json:"runs,omitempty"` // by scenario, or scenario/what it is by
}

// ScenarioRun is one shopper's way through one scenario: where they stood at
// the time before which nothing is expected any more, and what came since, so
// that late events find their place.
type ScenarioRun struct {
	Steps   uint32  `json:"of"`          // hash of the steps: others begin anew
	Stage   int     `json:"i,omitempty"` // what it waits for; 0: the first step
	Started int64   `json:"b,omitempty"` // when the first step was done
	Since   int64   `json:"s,omitempty"` // when the stage was reached
	Hits    []int64 `json:"h,omitempty"` // of a stage that takes several
	Rest    int64   `json:"r,omitempty"` // it may not begin again before
	Done    int64   `json:"d,omitempty"` // when it was completed last
	Late    []Mark  `json:"m,omitempty"` // what came since, by time

	Now      int   `json:"n,omitempty"` // the stage after all that
	Finished int64 `json:"f,omitempty"` // when it was completed last, after all that
}

// Mark is an event as a scenario sees it: when, and which steps it could be.
type Mark struct {
	At    int64  `json:"t"`
	Steps uint32 `json:"s"`
}
