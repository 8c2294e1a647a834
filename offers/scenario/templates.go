package scenario

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"aisle/offers"
)

// Template makes a scenario that many shops want, of a few answers.
type Template struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Doc        string      `json:"doc"`
	Parameters []Parameter `json:"parameters"`
	build      func(a answers) offers.Scenario
}

// Parameter is one question of a template.
type Parameter struct {
	Name    string `json:"name"`
	Label   string `json:"label"`
	Type    string `json:"type"`    // duration, number, category or zone; the last two may be empty: any
	Default string `json:"default"` // as people write it: 20m, 3, footwear
}

// answers are a template's parameters, checked.
type answers struct {
	durations map[string]time.Duration
	numbers   map[string]int
	words     map[string]string
}

// about is the condition on a category, empty if any will do.
func (a answers) about() string {
	if c := a.words["category"]; c != "" {
		return "event.category == " + strconv.Quote(c)
	}
	return ""
}

// at is the condition on a zone.
func (a answers) at() string {
	if z := a.words["zone"]; z != "" {
		return "zone == " + strconv.Quote(z)
	}
	return `zone_kind == "sales"`
}

// by follows each category by itself, unless only one counts.
func (a answers) by() string {
	if a.words["category"] == "" {
		return byCategory
	}
	return ""
}

func duration(name, label, def string) Parameter {
	return Parameter{name, label, "duration", def}
}

var category = Parameter{"category", "Only this category", "category", ""}

// Events by which somebody buys, and by which they are seen in a shop.
var (
	bought = []offers.EventType{offers.OrderCompleted, offers.OfferRedeemed}
	inShop = []offers.EventType{offers.ZoneEntered, offers.Recognised, offers.OfferRedeemed}
)

// Templates lists them all.
func Templates() []Template {
	return []Template{
		{
			"searched-not-bought", "Searched, not bought", "Looked for it on the web, and has not bought it some time later.",
			[]Parameter{category, duration("wait", "Nothing bought for", "24h")},
			func(a answers) offers.Scenario {
				return offers.Scenario{By: a.by(), Restart: true, Again: 24 * time.Hour, Steps: []offers.Step{
					{Name: "Searches for it", Events: []offers.EventType{offers.ProductSearched}, Where: a.about()},
					{Name: "Buys it", Not: true, Events: []offers.EventType{offers.OrderCompleted}, Where: a.about(), For: a.durations["wait"]},
				}}
			},
		},
		{
			"searched-then-came", "Searched, then came to the shop", "Looked for it on the web, bought none, and now stops at it in the shop.",
			[]Parameter{category, duration("within", "Comes within", "336h")},
			func(a answers) offers.Scenario {
				inAisle := ""
				if c := a.words["category"]; c != "" {
					inAisle = "zone_category == " + strconv.Quote(c)
				}
				return offers.Scenario{By: a.by(), Again: 12 * time.Hour, Steps: []offers.Step{
					{Name: "Searches for it", Events: []offers.EventType{offers.ProductSearched}, Where: a.about()},
					{Name: "Buys it", Not: true, Events: []offers.EventType{offers.OrderCompleted}, Where: a.about()},
					{Name: "Stops at it in the shop", Events: []offers.EventType{offers.ZoneDwelled}, Where: inAisle, Within: a.durations["within"]},
				}}
			},
		},
		{
			"abandoned-basket", "Left a basket", "Put something into the basket on the web, and neither bought nor emptied it.",
			[]Parameter{duration("wait", "Nothing bought for", "2h")},
			func(a answers) offers.Scenario {
				return offers.Scenario{Restart: true, Again: 24 * time.Hour, Steps: []offers.Step{
					{Name: "Puts something into the basket", Events: []offers.EventType{offers.ProductAdded}},
					{Name: "Buys or takes it out", Not: true, Events: []offers.EventType{offers.OrderCompleted, offers.ProductRemoved}, For: a.durations["wait"]},
				}}
			},
		},
		{
			"keen", "Looks for it again and again", "Several searches for the same in a short time.",
			[]Parameter{category, {"times", "Searches", "number", "3"}, duration("in", "Within", "1h")},
			func(a answers) offers.Scenario {
				return offers.Scenario{By: a.by(), Again: 24 * time.Hour, Steps: []offers.Step{
					{Name: "Searches for it several times", Events: []offers.EventType{offers.ProductSearched}, Where: a.about(), Times: a.numbers["times"], In: a.durations["in"]},
				}}
			},
		},
		{
			"dwelled-no-help", "Lingers, and nobody helps", "Stops at a shelf, and neither goes on nor buys, nor is helped.",
			[]Parameter{{"zone", "Only in this zone", "zone", ""}, duration("wait", "Nothing happens for", "2m")},
			func(a answers) offers.Scenario {
				return offers.Scenario{By: byZone, Again: time.Hour, Steps: []offers.Step{
					{Name: "Stops there", Events: []offers.EventType{offers.ZoneDwelled}, Where: a.at()},
					{Name: "Goes on, buys, or is helped", Not: true, Events: append([]offers.EventType{offers.ZoneLeft, "helped"}, bought...), For: a.durations["wait"]},
				}}
			},
		},
		{
			"back-soon", "Back in the shop", "Was away for a while after a visit, and is in the shop again.",
			[]Parameter{duration("away", "Away for at least", "12h"), duration("within", "Then back within", "336h")},
			func(a answers) offers.Scenario {
				return offers.Scenario{Restart: true, Steps: []offers.Step{
					{Name: "Walks on through the shop", Events: []offers.EventType{offers.ZoneLeft}},
					{Name: "Is still there", Not: true, Events: inShop, For: a.durations["away"]},
					{Name: "Is in the shop again", Events: inShop, Within: a.durations["within"]},
				}}
			},
		},
		{
			"lapsed", "Has not come for long", "Was in the shop, and has not been for some time.",
			[]Parameter{duration("wait", "Not seen for", "720h")},
			func(a answers) offers.Scenario {
				return offers.Scenario{Steps: []offers.Step{
					{Name: "Is in the shop", Events: inShop},
					{Name: "Comes again", Not: true, Events: inShop, For: a.durations["wait"]},
				}}
			},
		},
		{
			"open-complaint", "A complaint is open", "Nothing is sold to who waits for us to put something right.",
			[]Parameter{duration("longest", "At most for", "720h")},
			func(a answers) offers.Scenario {
				return offers.Scenario{Group: "support", Priority: 10, Excludes: []string{offers.SalesGroup}, Steps: []offers.Step{
					{Name: "Complains", Events: []offers.EventType{"complaint_opened"}},
					{Name: "Is answered", Not: true, Events: []offers.EventType{"complaint_closed"}, For: a.durations["longest"]},
				}}
			},
		},
	}
}

var word = regexp.MustCompile(`^[\pL\pN _-]{0,64}$`)

// Make makes a draft of the template. Parameters that are not given have their
// defaults; the problems name those that cannot be.
func (t *Template) Make(given map[string]string) (offers.Scenario, Problems) {
	a := answers{map[string]time.Duration{}, map[string]int{}, map[string]string{}}
	used := map[string]string{}
	var wrong Problems
	for _, p := range t.Parameters {
		text, ok := given[p.Name]
		if !ok {
			text = p.Default
		}
		used[p.Name] = text
		switch p.Type {
		case "duration":
			d, err := time.ParseDuration(text)
			wrong.add(err == nil && d > 0 && d <= longest, "is a time such as 90s, 20m or 48h", "parameters.%s", p.Name)
			a.durations[p.Name] = d
		case "number":
			n, err := strconv.Atoi(text)
			wrong.add(err == nil && n >= 1 && n <= mostTimes, "is a number from 1 to 20", "parameters.%s", p.Name)
			a.numbers[p.Name] = n
		default:
			wrong.add(word.MatchString(text), "has letters, digits, blanks, - and _ only", "parameters.%s", p.Name)
			a.words[p.Name] = text
		}
	}
	for name := range given {
		_, known := used[name]
		wrong.add(known, fmt.Sprintf("is no parameter of %q", t.Name), "parameters.%s", name)
	}
	if len(wrong) > 0 {
		return offers.Scenario{}, wrong
	}
	s := t.build(a)
	s.Name, s.Description, s.Status = t.Name, t.Doc, offers.CampaignDraft
	s.Template = &offers.FromTemplate{ID: t.ID, Parameters: used}
	return s, nil
}
