// Package channeltest is what every channel owes: one suite for all of them.
package channeltest

import (
	"fmt"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/notifier/channel"
)

// Message is one with a redemption code.
func Message(code string) channel.Message {
	now := time.Now().UTC().Truncate(time.Millisecond)
	return channel.Message{
		Delivery: offers.DeliveryID("3-7-0-" + code), Shopper: "s1", Partition: 3, To: "+34600111222",
		Text:  "Hi Ana, 20% off running shoes: " + code,
		Trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Created: now,
		Entry: offers.Inbox{
			Decision: offers.DecisionID("3-7-0-" + code), Campaign: "shoes", Offer: offers.Offer{ID: "o1", Title: "20% off running shoes"},
			Code: code, At: now, Expires: now.Add(time.Hour),
		},
	}
}

// Test holds a channel to its contract.
func Test(t *testing.T, c channel.Channel) {
	t.Run("has a provider", func(t *testing.T) {
		if c.Provider() == "" {
			t.Error("no name")
		}
	})
	t.Run("finds what it has carried, and nothing else", func(t *testing.T) {
		m, other := Message("AAAA0001"), Message("AAAA0002")
		id, err := c.Send(t.Context(), m)
		if err != nil || id == "" {
			t.Fatalf("sent as %q, %v", id, err)
		}
		got, found, err := c.Find(t.Context(), m)
		if err != nil || !found || got != id {
			t.Errorf("found %q, %v, %v; want %q", got, found, err, id)
		}
		if got, found, err := c.Find(t.Context(), other); err != nil || found {
			t.Errorf("found %q, %v, %v; want nothing", got, found, err)
		}
	})
	t.Run("tells messages to the same shopper apart", func(t *testing.T) {
		for i := range 5 {
			m := Message(fmt.Sprintf("BBBB000%d", i))
			id, err := c.Send(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			if got, found, err := c.Find(t.Context(), m); err != nil || !found || got != id {
				t.Errorf("found %q, %v, %v; want %q", got, found, err, id)
			}
		}
	})
}
