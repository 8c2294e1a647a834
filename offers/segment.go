package offers

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Segment is a rule with a name, for campaigns to share: who belongs to "gold
// coffee lovers" is written once.
type Segment struct {
	ID          SegmentID       `json:"id"`
	Version     int             `json:"version"` // grows with each change
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Rule        string          `json:"rule"`           // CEL over the moment (offers/rule)
	Tree        json.RawMessage `json:"tree,omitempty"` // what it was built of, where it was; what it says is the rule
	Updated     time.Time       `json:"updated,omitzero"`
}

// In tells whether a campaign is for a segment, among others.
func (s *Segment) In(k *Campaign) bool { return slices.Contains(k.Segments, s.ID) }

// Audience is the rule of those who belong to all of the segments, empty for none.
func Audience(segments ...Segment) string {
	rules := make([]string, len(segments))
	for i := range segments {
		rules[i] = segments[i].Rule
	}
	return both(rules...)
}

// Whom is the rule of those who may get the campaign's offers: who belongs to
// its segments and is eligible. Empty is everybody.
func (k *Campaign) Whom() string { return both(k.Audience, k.Eligibility) }

// both joins the rules that say something: all of them have to hold.
func both(rules ...string) string {
	rules = slices.DeleteFunc(rules, func(r string) bool { return strings.TrimSpace(r) == "" })
	if len(rules) < 2 {
		return strings.Join(rules, "")
	}
	for i, r := range rules {
		if strings.Contains(r, "//") { // a remark goes on to the line's end
			r += "\n"
		}
		rules[i] = "(" + r + ")"
	}
	return strings.Join(rules, " && ")
}
