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
	Before    []offers.ShopperID // whom the shopper was known as, before they were one
	Partition int                // of the shopper
	To        string             // E.164 or an e-mail address, for channels that need one
	Title     string             // as the channel's placement has it, every variable filled in
	Text      string             // likewise
	Link      string             // where a click leads, with who clicked; or empty
	Language  string             // BCP 47, or empty
	Entry     offers.Inbox       // what the app shows
	Trace     string             // W3C traceparent, or empty
	Created   time.Time          // when the delivery was first tried
}

// Channel carries messages one way. Safe for concurrent use. A new one is a
// package of its own and a line in the notifier's channels.go.
//
// Send returns the provider's id of the message, or an error that says what is
// known of it: ErrUnknown if it may have been carried; offers.ErrUnavailable if
// it surely was not, and later it may (a Wait in it says when); ErrOptedOut if
// its receiver has told the provider to stop; ErrNoAddress if there is nowhere
// to send it; anything else if it never can be carried.
//
// Find looks for a message whose Send had no known outcome. What is not found is
// sent again: a channel where that does no harm, since its receiver drops what
// it has, may say so without looking. ErrBlind: there is nobody to ask, and it
// is not sent again.
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
	// ErrNoAddress says that the receiver has no address of the channel's kind.
	ErrNoAddress = errors.New("no address")
	// ErrBlind says that the provider cannot be asked what it has carried.
	ErrBlind = errors.New("the provider cannot be asked")
)

// A WaitError is an error of Send whose provider said how long it wants to be left
// alone. It is offers.ErrUnavailable by what it wraps.
type WaitError struct {
	For time.Duration
	Err error
}

func (w *WaitError) Error() string { return w.Err.Error() }

// Unwrap is what the provider answered.
func (w *WaitError) Unwrap() error { return w.Err }
