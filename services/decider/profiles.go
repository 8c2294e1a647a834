package decider

import (
	"container/list"

	"aisle/offers"
)

// profiles is an owner's cache: the profiles that its lane read or wrote last.
// One goroutine uses it. It never evicts what the running batch has touched:
// it is trimmed between batches only.
type profiles struct {
	most  int
	byID  map[offers.ShopperID]*list.Element
	order *list.List // of *offers.Profile, latest used first
}

func newProfiles(most int) *profiles {
	return &profiles{most: most, byID: map[offers.ShopperID]*list.Element{}, order: list.New()}
}

// get is the profile as it is now, or nil. The caller may change it.
func (c *profiles) get(id offers.ShopperID) *offers.Profile {
	e, ok := c.byID[id]
	if !ok {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(*offers.Profile)
}

func (c *profiles) put(p *offers.Profile) {
	c.byID[p.Shopper] = c.order.PushFront(p)
}

// trim lets go of those not used for longest.
func (c *profiles) trim() {
	for c.order.Len() > c.most {
		e := c.order.Back()
		delete(c.byID, e.Value.(*offers.Profile).Shopper)
		c.order.Remove(e)
	}
}

func (c *profiles) clear() {
	clear(c.byID)
	c.order.Init()
}
