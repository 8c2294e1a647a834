package collector

import (
	"context"
	"slices"
	"time"

	"aisle/offers"
	"aisle/services/state"
	"aisle/services/stream"
)

// lent tells the owners of devices that somebody else uses them: an app on which
// another known shopper signs in, a code that another's card pays with. Nobody is
// merged by it, and offers to the owner wait (offers/visit). Ids are those that
// could not be the shopper's who came.
func (k *Collector) lent(ctx context.Context, e *offers.Event, ids []offers.Identifier) ([]stream.Record, error) {
	devices := slices.DeleteFunc(slices.Clone(ids), func(id offers.Identifier) bool { return id.Type != offers.AppInstall && id.Type != offers.Tag })
	if e.Type != offers.Identified || len(devices) == 0 {
		return nil, nil
	}
	owners, err := k.state.Owners(ctx, devices)
	if err != nil {
		return nil, err
	}
	var records []stream.Record
	for _, owner := range owners {
		r, ok, err := k.lentRecord(ctx, owner, e.Shopper, e.ID, e.Time, e.Received, e.Source, e.Shop)
		if err != nil {
			return nil, err
		}
		if ok {
			records = append(records, r)
		}
	}
	return records, nil
}

// lentTo is the shopper whose card paid with a code, if that is not the code's
// owner; "" if the card is nobody's whom the house knows.
func (k *Collector) lentTo(ctx context.Context, in *state.Redemption, owner offers.ShopperID) (offers.ShopperID, error) {
	if in.Customer == "" {
		return "", nil
	}
	ids := []offers.Identifier{{Type: offers.CustomerID, Value: in.Customer}}
	found, err := k.state.Owners(ctx, ids)
	if err != nil || found[0] == "" {
		return "", err
	}
	to, err := k.state.Resolve(ctx, found[0])
	if to == owner {
		to = ""
	}
	return to, err
}

// lentRecord tells an owner. Whoever they are by now is told, and not of
// themselves.
func (k *Collector) lentRecord(ctx context.Context, owner, with offers.ShopperID, cause offers.EventID, at, received time.Time, source string, shop offers.ShopID) (r stream.Record, ok bool, err error) {
	if owner == "" {
		return r, false, nil
	}
	who, err := k.state.IdentifyShopper(ctx, owner, stream.NewTrace)
	if err != nil || who.Shopper == with {
		return r, false, err
	}
	r, err = eventRecord(&offers.Event{
		ID: cause + "/lent/" + offers.EventID(who.Shopper), Type: offers.DeviceLent, Shopper: who.Shopper, With: with,
		Time: at, Received: received, Source: source, Shop: shop,
	}, who.Trace)
	return r, err == nil, err
}
