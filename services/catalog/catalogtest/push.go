package catalogtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
)

func pushSubscriptions(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	began := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	nth := func(who offers.ShopperID, n int) catalog.PushSubscription {
		return catalog.PushSubscription{
			Endpoint: fmt.Sprintf("https://push.example/%s/%02d", who, n), Shopper: who,
			P256dh: []byte{4, byte(n)}, Auth: []byte{byte(n)}, Created: began.Add(time.Duration(n) * time.Minute),
		}
	}
	subscribe := func(p catalog.PushSubscription) {
		t.Helper()
		if err := c.Subscribe(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(what string, want []catalog.PushSubscription, selves ...offers.ShopperID) {
		t.Helper()
		got, err := c.Subscriptions(ctx, selves...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", what, diff)
		}
	}
	expect("nobody", nil)
	subscribe(nth("mia", 1))
	subscribe(nth("mia", 1))
	subscribe(nth("ben", 2))
	expect("once", []catalog.PushSubscription{nth("mia", 1)}, "mia")
	expect("of both", []catalog.PushSubscription{nth("mia", 1), nth("ben", 2)}, "mia", "ben", "nobody")

	moved := nth("mia", 1)
	moved.Shopper, moved.Created, moved.Auth = "ben", began.Add(time.Hour), []byte("anew")
	subscribe(moved)
	expect("another uses the browser now", nil, "mia")
	if err := c.GoneSubscription(ctx, nth("mia", 1)); err != nil {
		t.Fatal(err)
	}
	expect("what is gone was subscribed anew", []catalog.PushSubscription{nth("ben", 2), moved}, "ben")
	if err := c.GoneSubscription(ctx, moved); err != nil {
		t.Fatal(err)
	}
	expect("gone", []catalog.PushSubscription{nth("ben", 2)}, "ben")

	if n, err := c.Unsubscribe(ctx, nth("ben", 2).Endpoint, "mia"); err != nil || n != 0 {
		t.Errorf("another's: %d, %v", n, err)
	}
	if n, err := c.Unsubscribe(ctx, nth("ben", 2).Endpoint, "mia", "ben"); err != nil || n != 1 {
		t.Errorf("one's own: %d, %v", n, err)
	}
	expect("none left", nil, "ben")

	var last []catalog.PushSubscription
	for n := range 13 {
		subscribe(nth("zoe", n))
		if n >= 3 {
			last = append(last, nth("zoe", n))
		}
	}
	expect("the ten that came last", last, "zoe")
	if n, err := c.Unsubscribe(ctx, "", "zoe"); err != nil || n != 10 {
		t.Errorf("all: %d, %v", n, err)
	}
}
