package offers

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
)

// Catalogue is what the house has on offer at one time: shops, campaigns and
// scenarios as the stream "campaigns" carries them. It is a value: With makes a
// new one and leaves the old as it was, so that readers need no lock.
type Catalogue struct {
	Shops     map[ShopID]*Shop
	Campaigns map[CampaignID]*Campaign
	Scenarios map[ScenarioID]*Scenario
	Receivers map[ReceiverID]ShopID // which shop a receiver stands in
	Cameras   map[CameraID]ShopID
	House     House
}

// ShopKey and CampaignKey are the keys of a shop's and a campaign's records.
func ShopKey(id ShopID) string { return "shop/" + string(id) }

// CampaignKey is the key of a campaign's records.
func CampaignKey(id CampaignID) string { return "campaign/" + string(id) }

// ScenarioKey is the key of a scenario's records.
func ScenarioKey(id ScenarioID) string { return "scenario/" + string(id) }

// With is the catalogue after one record of the stream: its value replaces what
// was there under the key, an empty value removes it. The error is ErrInvalid,
// and the catalogue then as before.
func (c Catalogue) With(key string, value []byte) (Catalogue, error) {
	kind, id, _ := strings.Cut(key, "/")
	switch kind {
	case "shop":
		c.Shops = cloned(c.Shops)
		if len(value) == 0 {
			delete(c.Shops, ShopID(id))
			break
		}
		s := new(Shop)
		if err := json.Unmarshal(value, s); err != nil {
			return c, fmt.Errorf("catalogue: %s: %w: %w", key, ErrInvalid, err)
		}
		c.Shops[ShopID(id)] = s
	case "campaign":
		c.Campaigns = cloned(c.Campaigns)
		if len(value) == 0 {
			delete(c.Campaigns, CampaignID(id))
			break
		}
		k := new(Campaign)
		if err := json.Unmarshal(value, k); err != nil {
			return c, fmt.Errorf("catalogue: %s: %w: %w", key, ErrInvalid, err)
		}
		c.Campaigns[CampaignID(id)] = k
	case "scenario":
		c.Scenarios = cloned(c.Scenarios)
		if len(value) == 0 {
			delete(c.Scenarios, ScenarioID(id))
			break
		}
		s := new(Scenario)
		if err := json.Unmarshal(value, s); err != nil {
			return c, fmt.Errorf("catalogue: %s: %w: %w", key, ErrInvalid, err)
		}
		c.Scenarios[ScenarioID(id)] = s
	case "house":
		h := House{}
		if len(value) > 0 {
			if err := json.Unmarshal(value, &h); err != nil {
				return c, fmt.Errorf("catalogue: %s: %w: %w", key, ErrInvalid, err)
			}
		}
		c.House = h
	default:
		return c, fmt.Errorf("catalogue: key %q: %w: neither a shop, a campaign, a scenario nor the house", key, ErrInvalid)
	}
	c.Receivers, c.Cameras = map[ReceiverID]ShopID{}, map[CameraID]ShopID{}
	for _, s := range c.Shops {
		for _, r := range s.Receivers {
			c.Receivers[r.ID] = s.ID
		}
		for _, cam := range s.Cameras {
			c.Cameras[cam.ID] = s.ID
		}
	}
	return c, nil
}

func cloned[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return maps.Clone(m)
}
