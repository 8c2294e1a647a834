package notifier

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-json"
	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/notifier/email"
	"aisle/services/notifier/twilio"
	"aisle/services/stream"
)

const (
	statusPath  = "/v1/twilio/status"
	inboundPath = "/v1/twilio/inbound"
)

// doorTimeout bounds what a webhook may take: Twilio waits 15 s.
const doorTimeout = 10 * time.Second

// Routes puts in the doors at which Twilio says what became of a message, and
// what shoppers answer.
func (n *Notifier) Routes(r fiber.Router) {
	r.Post(statusPath, n.status)
	r.Post(inboundPath, n.inbound)
	r.Get(linkPath+":code", n.click)
	if letters, ok := n.channels[offers.ChannelEmail].(*email.Channel); ok {
		letters.Routes(r, n.endLetters)
	}
}

// endLetters takes back the consent to letters of who a link in one belongs to,
// as whom they turned out to be by now.
func (n *Notifier) endLetters(ctx context.Context, shopper offers.ShopperID, event string) error {
	who, err := n.state.IdentifyShopper(ctx, shopper, stream.NewTrace)
	if err != nil {
		return err
	}
	consent := offers.Consent{Purpose: offers.ConsentEmail, Source: "link in an e-mail"}
	return n.keepConsent(ctx, who.Shopper, n.log.PartitionOf(string(who.Shopper)), consent, event, stream.NewSpan(who.Trace))
}

// signed reads the form of a request that is Twilio's.
func (n *Notifier) signed(c *fiber.Ctx) (url.Values, error) {
	address := strings.TrimSuffix(n.config.PublicURL, "/") + string(c.Request().RequestURI())
	form, err := twilio.Open(n.config.Twilio.AuthToken, address, string(c.Request().Header.ContentType()), c.Body(), c.Get(twilio.SignatureHeader))
	if err != nil {
		n.metrics.callbacks.WithLabelValues("denied").Inc()
		return nil, err
	}
	return form, nil
}

// status takes in what became of a message.
func (n *Notifier) status(c *fiber.Ctx) error {
	form, err := n.signed(c)
	if err != nil {
		return err
	}
	s := twilio.StatusOf(form)
	ctx, cancel := context.WithTimeout(c.UserContext(), doorTimeout)
	defer cancel()
	rank := ranks[s.State]
	if rank == 0 {
		n.metrics.callbacks.WithLabelValues("other").Inc()
		return c.SendStatus(fiber.StatusNoContent) // one that is not known yet says nothing
	}
	n.metrics.callbacks.WithLabelValues(s.State).Inc()
	if err := n.told(ctx, offers.DeliveryID(c.Query("delivery")), s); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// ranks are the statuses that Twilio tells of a message, and how far each is.
// One that is late does not go back.
var ranks = map[string]int{
	"accepted": 1, "scheduled": 1, "queued": 2, "sending": 3, "sent": 4, "partially_delivered": 5,
	"undelivered": 6, "failed": 6, "canceled": 6, "delivered": 6, "read": 7,
}

// told keeps what the provider tells of a delivery.
func (n *Notifier) told(ctx context.Context, id offers.DeliveryID, s twilio.Status) error {
	if isNotice(id) {
		return nil
	}
	is, detail := offers.DeliverySent, ""
	switch s.State {
	case "delivered", "read":
		is = offers.DeliveryDelivered
	case "undelivered", "failed", "canceled":
		is, detail = offers.DeliveryFailed, strings.TrimSpace(s.State+" "+s.Code)
	}
	partition, ok := partitionOf(id)
	if !ok || partition >= n.log.Partitions() {
		return fmt.Errorf("delivery %q: %w", id, offers.ErrNotFound)
	}
	tasks, codes, err := n.loadTasks(ctx, partition, []offers.DeliveryID{id})
	if err != nil {
		return err
	}
	t := tasks[id]
	if t == nil {
		return nil // of an offer that is forgotten
	}
	provider := n.channels[t.Channel].Provider()
	entry, err := toldScript.Run(ctx, n.state.Client(), []string{t.key(), unloggedKey(partition)},
		time.Now().UnixMilli(), string(id), string(is), detail, provider, s.SID, s.State, ranks[s.State]).Text()
	if err != nil {
		return fmt.Errorf("delivery %s: %w: %w", id, offers.ErrUnavailable, err)
	}
	if s.Code == optedOutCode {
		if err := n.optOut(ctx, t.Shopper, t.Partition, s.To, "optout-"+string(id), provider+" opt-out", t.Trace); err != nil {
			return err
		}
	}
	if entry == "" {
		return nil
	}
	if ch, ok := parseChange(entry); ok && is != offers.DeliverySent {
		n.metrics.count(t, ch)
	}
	return n.write(ctx, []logged{{t, codes[id], entry}})
}

// optedOutCode is Twilio's error of a message to a number that told it to stop.
const optedOutCode = "21610"

// inbound takes in what a shopper answers. A stop holds before Twilio has our
// answer. Twilio has answered its own keywords itself; we answer the others, as
// one confirmation is allowed and wanted.
func (n *Notifier) inbound(c *fiber.Ctx) error {
	form, err := n.signed(c)
	if err != nil {
		return err
	}
	in := twilio.InboundOf(form)
	ctx, cancel := context.WithTimeout(c.UserContext(), doorTimeout)
	defer cancel()
	w := wishOf(in.Body)
	switch in.Handled {
	case "STOP":
		w = wishStop
	case "START":
		w = wishStart
	case "HELP":
		w = wishHelp
	}
	answer := ""
	switch w {
	case wishStop:
		n.metrics.inbound.WithLabelValues("stop").Inc()
		purposes := purposesOf(in.Body)
		err = n.answerConsent(ctx, in, false, purposes)
		answer = stopAnswer(purposes)
	case wishStart:
		n.metrics.inbound.WithLabelValues("start").Inc()
		err = n.answerConsent(ctx, in, true, []offers.Purpose{offers.ConsentSMS})
		answer = "You will get our offers again. Reply STOP to end them."
	case wishForgetFace:
		n.metrics.inbound.WithLabelValues("forget_face").Inc()
		err = n.forgetFace(ctx, in)
		answer = "You are not recognised by camera any more. What describes your face is deleted within a minute; our app has the receipt."
	case wishHelp:
		n.metrics.inbound.WithLabelValues("help").Inc()
		answer = n.config.HelpText
	case wishNothing:
		n.metrics.inbound.WithLabelValues("other").Inc()
	}
	if err != nil {
		return err
	}
	if in.Handled != "" {
		answer = ""
	}
	body, err := xml.Marshal(twiml{Message: answer})
	if err != nil {
		return fmt.Errorf("answer: %w: %w", offers.ErrInvalid, err)
	}
	c.Set(fiber.HeaderContentType, "text/xml; charset=utf-8")
	return c.Send(append([]byte(xml.Header), body...))
}

// twiml is Twilio's way to be told what to answer.
type twiml struct {
	XMLName struct{} `xml:"Response"`
	Message string   `xml:"Message,omitempty"`
}

// stopAnswer confirms what was stopped.
func stopAnswer(purposes []offers.Purpose) string {
	if len(purposes) == len(messagePurposes) {
		return "You will get no more messages from us, by whatever way. Reply START to get text messages again."
	}
	words := map[offers.Purpose]string{offers.ConsentSMS: "text messages", offers.ConsentPush: "notifications", offers.ConsentEmail: "e-mail"}
	var named []string
	for _, p := range purposes {
		named = append(named, words[p])
	}
	answer := "You will get no more " + strings.Join(named, " and ") + " from us."
	if slices.Contains(purposes, offers.ConsentSMS) {
		answer += " Reply START to get text messages again."
	}
	return answer
}

// answerConsent keeps a shopper's yes or no to ways of being reached.
func (n *Notifier) answerConsent(ctx context.Context, in twilio.Inbound, granted bool, purposes []offers.Purpose) error {
	phone := offers.Identifier{Type: offers.Phone, Value: in.From}
	who, err := n.state.Identify(ctx, []offers.Identifier{phone}, stream.NewTrace)
	if err != nil {
		return err
	}
	if who.Shopper == "" {
		return fmt.Errorf("message from a number that is none: %w", offers.ErrInvalid)
	}
	trace := stream.NewSpan(who.Trace)
	partition := n.log.PartitionOf(string(who.Shopper))
	why := "sms STOP"
	if granted {
		why = "sms START"
		if err := n.state.Client().Del(ctx, stopKey(in.From)).Err(); err != nil {
			return fmt.Errorf("stopped numbers: %w: %w", offers.ErrUnavailable, err)
		}
	}
	for _, purpose := range purposes {
		var err error
		if id := "sms-" + in.SID + "-" + string(purpose); purpose == offers.ConsentSMS && !granted {
			err = n.optOut(ctx, who.Shopper, partition, in.From, id, why, trace)
		} else {
			err = n.keepConsent(ctx, who.Shopper, partition, offers.Consent{Purpose: purpose, Granted: granted, Source: why}, id, trace)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetFace withdraws the consent to be recognised of who has the number: the
// console hears of it, and deletes.
func (n *Notifier) forgetFace(ctx context.Context, in twilio.Inbound) error {
	who, err := n.state.Identify(ctx, []offers.Identifier{{Type: offers.Phone, Value: in.From}}, stream.NewTrace)
	if err != nil {
		return err
	}
	if who.Shopper == "" {
		return fmt.Errorf("message from a number that is none: %w", offers.ErrInvalid)
	}
	consent := offers.Consent{Purpose: offers.ConsentFace, Source: "sms FORGET MY FACE"}
	return n.keepConsent(ctx, who.Shopper, n.log.PartitionOf(string(who.Shopper)), consent, "sms-"+in.SID, stream.NewSpan(who.Trace))
}

// stopKey marks a number that has told us to stop, whoever it belongs to then or
// later. The number itself is not kept.
func stopKey(number string) string {
	sum := sha256.Sum256([]byte(number))
	return "{stop:" + hex.EncodeToString(sum[:16]) + "}"
}

// optOut keeps that a number, and the shopper behind it, wants no more messages.
func (n *Notifier) optOut(ctx context.Context, shopper offers.ShopperID, partition int, number, event, why, trace string) error {
	if number != "" {
		if err := n.state.Client().Set(ctx, stopKey(number), "1", 0).Err(); err != nil {
			return fmt.Errorf("stopped numbers: %w: %w", offers.ErrUnavailable, err)
		}
	}
	return n.keepConsent(ctx, shopper, partition, offers.Consent{Purpose: offers.ConsentSMS, Source: why}, event, trace)
}

// keepConsent keeps an answer of now where the guards read it, and then tells
// the log.
func (n *Notifier) keepConsent(ctx context.Context, shopper offers.ShopperID, partition int, consent offers.Consent, id, trace string) error {
	now := time.Now().UTC()
	consent.At = now
	if err := n.state.SetConsent(ctx, partition, shopper, consent); err != nil {
		return err
	}
	e := offers.Event{
		ID: offers.EventID(id), Type: offers.ConsentChanged, Shopper: shopper,
		Time: now, Received: now, Source: source, Consent: &consent,
	}
	value, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("event %s: %w: %w", id, offers.ErrInvalid, err)
	}
	return n.log.Produce(ctx, stream.Record{
		Stream: stream.Events, Key: []byte(shopper), Value: value,
		Headers: stream.Headers(id, source, string(e.Type), now, trace),
	})
}
