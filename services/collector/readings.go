package collector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/beacons"
	"aisle/beacons/gateway"
	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/door"
	"aisle/services/formats"
	"aisle/services/stream"
)

// readingsRoutes are for what hears tags and has no MQTT. What comes in is on
// the stream Readings for minutes, for whoever locates.
func (k *Collector) readingsRoutes(r fiber.Router) {
	r.Post("/v1/readings", k.door("readings", maxBatch, k.postReadings))
	r.Post("/data", k.door("find3", maxEvent, k.postFind3(gateway.Find3Data, true)))
	r.Post("/passive", k.door("find3", maxEvent, k.postFind3(gateway.Find3Passive, false)))
}

const maxMessages = 256 // of gateways, in one request

// postReadings takes what radios heard: packets or messages of gateways with
// the edge key, and what an app says of the beacons around its phone with the
// write key of its source or its shopper's own token.
func (k *Collector) postReadings(ctx context.Context, c *fiber.Ctx, body []byte) error {
	now := time.Now()
	var shape struct {
		Device   json.RawMessage `json:"device"`
		Beacons  json.RawMessage `json:"beacons"`
		Messages json.RawMessage `json:"messages"`
	}
	// What is no object is told below, in the words of who reads it.
	_ = json.Unmarshal(body, &shape)
	if shape.Device != nil || shape.Beacons != nil {
		return k.postRanging(ctx, c, body, now)
	}
	if err := k.edge(c); err != nil {
		return err
	}
	if shape.Messages != nil {
		batches, bad := messagesIn(body, now)
		if bad != nil {
			return k.refuse(ctx, requestOf(c, body), "edge/readings", bad)
		}
		return k.sendReadings(ctx, c, "edge/readings", batches)
	}
	readings, err := gateway.HCI(body, now)
	if err != nil {
		return k.refuse(ctx, requestOf(c, body), "edge/readings", notRead(body, err))
	}
	batches := batchesOf(gateway.FormHCI, false, now, readings)
	if len(batches) > 0 {
		batches[0].Ahead, _ = gateway.Ahead(body, now) // all are of one receiver
	}
	return k.sendReadings(ctx, c, "edge/readings", batches)
}

func notRead(body []byte, err error) *formats.Bad {
	return formats.Badf(offers.ReasonSchema, keep(body), "These are no readings: %v.", err)
}

// messagesIn reads what gateways publish, as somebody hands it on who has no
// broker: {"messages": [{"topic": "espresense/devices/...", "payload": {...}}]}.
func messagesIn(body []byte, received time.Time) ([]gateway.Batch, *formats.Bad) {
	var in struct {
		Messages []struct {
			Topic   string          `json:"topic"`
			Payload json.RawMessage `json:"payload"`
		} `json:"messages"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, notRead(body, err)
	}
	if len(in.Messages) > maxMessages {
		return nil, notRead(body, fmt.Errorf("%d messages, want at most %d", len(in.Messages), maxMessages))
	}
	by := map[gateway.Form][]beacons.Reading{}
	for i, m := range in.Messages {
		form := gateway.FormESPresense
		r, err := gateway.ESPresense(m.Topic, m.Payload, received)
		if errors.Is(err, offers.ErrNotFound) {
			form = gateway.FormTheengs
			r, err = gateway.Theengs(m.Topic, m.Payload, received)
		}
		if err != nil {
			return nil, notRead(body, fmt.Errorf("message %d: %w", i+1, err))
		}
		by[form] = append(by[form], r)
	}
	return append(batchesOf(gateway.FormESPresense, false, received, by[gateway.FormESPresense]),
		batchesOf(gateway.FormTheengs, false, received, by[gateway.FormTheengs])...), nil
}

// postRanging takes what an app says of the beacons around its phone.
func (k *Collector) postRanging(ctx context.Context, c *fiber.Ctx, body []byte, now time.Time) error {
	from, shopper := "app/own", offers.ShopperID("")
	if token := door.Bearer(c); strings.Contains(token, ".") {
		var err error
		if shopper, err = catalog.OpenToken(k.secrets.Token, catalog.TokenLink, token, now); err != nil {
			return status(fiber.StatusUnauthorized, "The token of this shopper does not hold (any more): open the personal link again.")
		}
	} else if s, ok := k.keys.Source(ctx, keyOf(c), catalog.ScopeEvents); ok {
		from = "app/" + s.Name
	} else {
		return errKey
	}
	ranging, err := gateway.ParseRanging(body, now)
	if err != nil {
		return k.refuse(ctx, requestOf(c, body), from, notRead(body, err))
	}
	located, err := k.mayBeLocated(ctx, shopper, ranging.Device)
	if err != nil {
		return err
	}
	if !located { // it is not the app's to mend: it need not try again
		ranging.Readings = nil
	}
	if shopper != "" {
		for i := range ranging.Readings {
			ranging.Readings[i].Tag = gateway.TagShopper + string(shopper)
		}
	}
	return k.sendReadings(ctx, c, from, batchesOf(gateway.FormApp, true, now, ranging.Readings))
}

// mayBeLocated tells whether the owner of an app consented to be located. What
// the app of anybody else hears is not even put on the log.
func (k *Collector) mayBeLocated(ctx context.Context, shopper offers.ShopperID, device string) (bool, error) {
	if shopper == "" {
		owners, err := k.state.Owners(ctx, []offers.Identifier{{Type: offers.AppInstall, Value: device}})
		if err != nil || owners[0] == "" {
			return false, err
		}
		shopper = owners[0]
	}
	who, err := k.state.Resolve(ctx, shopper)
	if err != nil {
		return false, err
	}
	consents, err := k.state.Consents(ctx, k.log.PartitionOf(string(who)), who)
	return consents[offers.ConsentLocation].Granted, err
}

// postFind3 takes find3's fingerprints. Its clients have no key: their family
// stands for one, where the house knows it; others bring the edge key.
func (k *Collector) postFind3(read func([]byte, time.Time) (gateway.Find3, error), named bool) func(context.Context, *fiber.Ctx, []byte) error {
	return func(ctx context.Context, c *fiber.Ctx, body []byte) error {
		now := time.Now()
		f, err := read(body, now)
		known := err == nil && slices.Contains(k.config.Find3Families, f.Family)
		if !known {
			if err := k.edge(c); err != nil {
				return status(fiber.StatusUnauthorized, "Name the family f of these devices in collector.find3_families, or send the edge key of this house.")
			}
		}
		if err != nil {
			return k.refuse(ctx, requestOf(c, body), "edge/find3", notRead(body, err))
		}
		if err := k.produceReadings(ctx, "edge/find3", batchesOf(gateway.FormFind3, named, now, f.Readings)); err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		c.Response().SetBodyRaw([]byte(`{"message":"inserted data","success":true}`)) // find3's own words
		return nil
	}
}

// batchesOf sorts readings by tag: those of a tag stay in their order.
func batchesOf(form gateway.Form, named bool, received time.Time, readings []beacons.Reading) (all []gateway.Batch) {
	at := map[string]int{}
	for _, r := range readings {
		i, ok := at[r.Tag]
		if !ok {
			i = len(all)
			at[r.Tag] = i
			all = append(all, gateway.Batch{Form: form, Named: named, Received: received.UTC()})
		}
		all[i].Readings = append(all[i].Readings, r)
	}
	return all
}

func (k *Collector) sendReadings(ctx context.Context, c *fiber.Ctx, from string, batches []gateway.Batch) error {
	if err := k.produceReadings(ctx, from, batches); err != nil {
		return err
	}
	n := 0
	for i := range batches {
		n += len(batches[i].Readings)
	}
	c.Status(fiber.StatusAccepted)
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	c.Response().SetBodyRaw(fmt.Appendf(nil, `{"success":true,"accepted":%d}`, n))
	return nil
}

func (k *Collector) produceReadings(ctx context.Context, from string, batches []gateway.Batch) error {
	records := make([]stream.Record, len(batches))
	for i := range batches {
		value, err := formats.Marshal(&batches[i])
		if err != nil {
			return fmt.Errorf("readings: %w: %w", offers.ErrInvalid, err)
		}
		records[i] = stream.Record{Stream: stream.Readings, Key: []byte(batches[i].Readings[0].Tag), Value: value,
			Headers: stream.Headers("readings/"+stream.NewTrace(), source, string(batches[i].Form), batches[i].Received, "")}
	}
	if err := k.produce(ctx, records); err != nil {
		return err
	}
	for i := range batches {
		k.metrics.accepted.WithLabelValues(from).Add(float64(len(batches[i].Readings)))
	}
	return nil
}
