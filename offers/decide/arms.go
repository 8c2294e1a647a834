package decide

import (
	"fmt"

	"aisle/offers"
)

// Who is held out, and which of a campaign's offers somebody keeps to, is drawn
// of their id: the same at every moment, and independent between campaigns.

// HouseHolds tells whether a shopper gets no offer of any campaign, where the
// house holds out a share of them.
func HouseHolds(share float64, shopper offers.ShopperID) bool {
	return share > 0 && part("holdout//"+string(shopper)) < share
}

// CampaignHolds tells whether a shopper never gets a campaign.
func CampaignHolds(c *offers.Campaign, shopper offers.ShopperID) bool {
	return c.Holdout > 0 && part("holdout/"+string(c.ID)+"/"+string(shopper)) < c.Holdout
}

// KeepsTo is the one offer of a campaign that a shopper may get while its offers
// are compared, nil for those who may get all of them. Each offer has as many
// shoppers as the others, and one that is added takes as many from each.
func KeepsTo(c *offers.Campaign, shopper offers.ShopperID) *offers.Offer {
	if len(c.Offers) < 2 || !(c.Split > 0) || part("split/"+string(c.ID)+"/"+string(shopper)) >= c.Split {
		return nil
	}
	var best *offers.Offer
	most := -1.
	for i := range c.Offers {
		o := &c.Offers[i]
		if at := part("split/" + string(c.ID) + "/" + string(shopper) + "/" + string(o.ID)); at > most {
			best, most = o, at
		}
	}
	return best
}

// part is a number from 0 to 1 made of a name, in steps of a millionth.
func part(name string) float64 {
	const buckets = 1 << 20
	return float64(seed(name)%buckets) / buckets
}

// held says for whose measuring a shopper is held out of a campaign, "" if for
// nobody's.
func (e *Engine) held(c *campaign, shopper offers.ShopperID) offers.Holder {
	switch {
	case HouseHolds(e.house.Holdout, shopper):
		return offers.HeldByHouse
	case CampaignHolds(c.Campaign, shopper):
		return offers.HeldByCampaign
	}
	return ""
}

// only is the one offer of a campaign that a shopper may get; nil: all of them.
type only struct{ offer *offers.Offer }

func (c *campaign) only(shopper offers.ShopperID) only { return only{KeepsTo(c.Campaign, shopper)} }

// not says why an offer is not theirs, "" if it is.
func (k only) not(o *offers.Offer) string {
	if k.offer == nil || k.offer.ID == o.ID {
		return ""
	}
	return fmt.Sprintf("its offers are compared: this shopper keeps to %q", k.offer.Title)
}
