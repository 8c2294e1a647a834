// Package channel is what the house asks of any way to reach a shopper, be it a
// text message or the app: carry this message, and say whether you have carried
// that one.
package channel

import (
	"context"
	"errors"
	"time"

	"aisle/offers"
)

// Message is what is carried: one decision, by one channel.
type Message struct {
	Delivery  offers.DeliveryID
	Shopper   offers.ShopperID
	Partition int          // of the shopper
	To        string       // E.164, for channels that need a number
	Text      string       // of the message, every variable filled in
	Entry     offers.Inbox // what the app shows
	Trace     string       // W3C traceparent, or empty
	Created   time.Time    // when the delivery was first tried
}

// Channel carries messages one way. Safe for concurrent use.
//
// Send returns the provider's id of the message, or an error that says what is
// known of it: ErrUnknown if it may have been carried; offers.ErrUnavailable if
// it surely was not, and later it may; ErrOptedOut if its receiver has told the
// provider to stop; anything else if it never can be carried.
//
// Find looks for a message whose Send had no known outcome.
type Channel interface {
	Provider() string
	Send(ctx context.Context, m Message) (id string, err error)
	Find(ctx context.Context, m Message) (id string, found bool, err error)
}

var (
	// ErrUnknown says that the message may have been carried, or not.
	ErrUnknown = errors.New("outcome unknown")
	// ErrOptedOut says that the receiver told the provider to stop.
	ErrOptedOut = errors.New("the receiver has opted out")
)
