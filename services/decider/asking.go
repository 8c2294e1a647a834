package decider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/offers/identity"
	"aisle/services/catalog"
	"aisle/services/door"
	"aisle/services/formats"
)

// Bounds of a call.
const (
	mostAsk        = 16 << 10 // bytes
	mostExcluded   = 100
	mostTold       = 20
	longestName    = 120
	longestAskID   = 100
	longestContext = 100
)

// asking is a call.
type asking struct {
	ID          string                           `json:"id"` // the client's own, by which a repeat is known
	Shopper     offers.ShopperID                 `json:"shopper"`
	Identifiers map[offers.IdentifierType]string `json:"identifiers"`
	Placement   offers.PlacementID               `json:"placement"`
	Shop        offers.ShopID                    `json:"shop"`
	Zone        offers.ZoneID                    `json:"zone"`
	Context     map[string]string                `json:"context"`
	Limit       *int                             `json:"limit"` // nil: one
	Exclude     []offers.OfferID                 `json:"exclude"`
}

// limit is how many offers are asked for.
func (in *asking) limit() int {
	if in.Limit == nil {
		return 1
	}
	return *in.Limit
}

// wrong refuses a call, in words that begin with the part that is to be mended.
func wrong(detail string, args ...any) error {
	return door.Refuse(fiber.StatusBadRequest, detail, args...)
}

// readAsking reads a call. What is wrong with it, it says in words; names that a
// call does not have are refused, as what is misspelt would be lost in silence.
func readAsking(body []byte) (*asking, error) {
	sound, bad := formats.Valid(body)
	if bad != nil {
		return nil, wrong("%s", bad.Detail)
	}
	in := new(asking)
	d := json.NewDecoder(bytes.NewReader(sound))
	d.DisallowUnknownFields()
	if err := d.Decode(in); err != nil {
		return nil, wrong("%s", misread(err))
	}
	return in, in.check()
}

// misread says which part of a call is of another type than it should be, or is
// no part of one.
func misread(err error) string {
	if quoted, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if name, err := strconv.Unquote(quoted); err == nil {
			return "This is no call: " + noSuch(name, askingNames())
		}
	}
	var other *json.UnmarshalTypeError
	if !errors.As(err, &other) {
		return fmt.Sprintf("This is no call: %v.", err)
	}
	want := other.Type.Kind().String()
	switch other.Type.Kind() {
	case reflect.Int:
		want = "a whole number"
	case reflect.String:
		want = "a text"
	case reflect.Slice:
		want = "a list"
	case reflect.Map, reflect.Struct:
		want = "an object"
	}
	if other.Field == "" {
		return fmt.Sprintf("This is no call: the body is %s, want %s.", other.Value, want)
	}
	return fmt.Sprintf("%s is %s, want %s.", other.Field, other.Value, want)
}

// noSuch says that nothing has a name, and which was meant.
func noSuch(name string, known []string) string {
	if near := offers.Nearest(name, known); near != "" {
		return fmt.Sprintf("there is no %.60q; did you mean %q?", name, near)
	}
	return fmt.Sprintf("there is no %.60q: want one of %s.", name, strings.Join(known, ", "))
}

// askingNames are the names of the parts of a call.
func askingNames() []string {
	t := reflect.TypeFor[asking]()
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Tag.Get("json")
	}
	return names
}

// check says what is wrong with a call by itself.
func (in *asking) check() error {
	switch in.Placement.Kind() {
	case offers.PlacementWeb, offers.PlacementApp, offers.PlacementWall:
	default:
		return wrong("placement is %.60q: want web, app or wall, and which: \"web/home-banner\".", in.Placement)
	}
	for _, text := range []struct {
		name, value string
		most        int
	}{
		{"id", in.ID, longestAskID},
		{"shopper", string(in.Shopper), identity.MaxValue},
		{"placement", string(in.Placement), longestName},
		{"shop", string(in.Shop), longestName},
		{"zone", string(in.Zone), longestName},
	} {
		if len(text.value) > text.most {
			return wrong("%s has at most %d characters.", text.name, text.most)
		}
	}
	switch {
	case in.Shopper == "" && len(in.Identifiers) == 0:
		return wrong(`identifiers: say who looks: "identifiers": {"cookie": "…"}. A screen that nobody in particular looks at has a cookie of its own.`)
	case len(in.Identifiers) > identity.MaxIdentifiers:
		return wrong("identifiers has at most %d.", identity.MaxIdentifiers)
	case in.limit() < 1 || in.limit() > decide.MostOffers:
		return wrong("limit is from 1 to %d; without it, it is 1.", decide.MostOffers)
	case len(in.Exclude) > mostExcluded:
		return wrong("exclude has at most %d offers.", mostExcluded)
	case len(in.Context) > mostTold:
		return wrong("context has at most %d keys.", mostTold)
	}
	for _, t := range slices.Sorted(maps.Keys(in.Identifiers)) {
		if _, known := identity.Priority(t); !known {
			return wrong("identifiers: %s", noSuch(string(t), identifierNames))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(in.Context)) {
		if key == "" || len(key) > longestContext || len(in.Context[key]) > longestContext {
			return wrong("context has keys and values of at most %d characters, and each has a key.", longestContext)
		}
		if slices.Contains(decide.ContextKeys, key) {
			return wrong("context: %q is what the house knows itself; choose another key.", key)
		}
	}
	return nil
}

// identifierNames are the types of identifiers by which shoppers are asked for.
var identifierNames = []string{
	string(offers.Cookie), string(offers.AppInstall), string(offers.CustomerID), string(offers.Email), string(offers.Phone),
}

// named are the identifiers of a call, highest priority first. A key that lies
// open in a page or an app may only name what its visitor's browser or phone
// has of its own: else whoever reads it could ask what anybody is offered, by
// their e-mail address.
func (a *API) named(from catalog.Source, in *asking) ([]offers.Identifier, error) {
	open := from.Kind != "server" && from.Kind != "till"
	var ids []offers.Identifier
	for t, value := range in.Identifiers {
		if open && t != offers.Cookie && t != offers.AppInstall {
			return nil, door.Refuse(fiber.StatusForbidden, "The key of a %s is open to whoever looks into it, so it may name its visitor by cookie or app_install only. Servers may name customers.", from.Kind)
		}
		ids = append(ids, offers.Identifier{Type: t, Value: value})
	}
	if open && in.Shopper != "" {
		return nil, door.Refuse(fiber.StatusForbidden, "The key of a %s may not name shoppers. Servers may.", from.Kind)
	}
	if ids = identity.Clean(ids, a.door.Region); len(ids) == 0 && in.Shopper == "" {
		return nil, door.Refuse(fiber.StatusBadRequest, "None of the identifiers names anybody: want cookie, app_install, customer_id, email or phone, with a value of its own.")
	}
	return ids, nil
}

// carried tells whether an identifier is of a thing that the shopper has on them.
func carried(id offers.Identifier) bool { return id.Type == offers.AppInstall || id.Type == offers.Tag }
