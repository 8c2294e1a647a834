package beacons

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-json"

	pure "aisle/beacons"
	forms "aisle/beacons/gateway"
	"aisle/offers"
	"aisle/services/stream"
)

// Topics beside those of ESPresense. OpenMQTTGateway and Theengs have a base of
// their own before theirs.
const (
	topicHCI    = "aisle/hci/" // <receiver>
	theengsSays = "/BTtoMQTT"
	theengsWill = "/LWT"
	theengsSys  = "/SYStoMQTT"
)

// packet takes one message of a gateway. It never waits: the radio repeats
// itself, and a gateway that is made to wait loses newer packets.
func (b *Beacons) packet(topic string, payload []byte, at time.Time) {
	if rest, ok := strings.CutPrefix(topic, forms.ESPresenseRooms); ok {
		room, what, _ := strings.Cut(rest, "/")
		b.says(offers.ReceiverID(room), what, payload, at)
		return
	}
	if name, ok := strings.CutPrefix(topic, topicHCI); ok {
		readings, err := readHCI(name, payload, at)
		b.told(forms.FormHCI, topic, payload, name, at, readings, err)
		return
	}
	var r pure.Reading
	var err error
	form := forms.FormESPresense
	if rest, ok := strings.CutPrefix(topic, b.config.theengsBase()+"/"); ok {
		form = forms.FormTheengs
		switch name, is := strings.CutSuffix(rest, theengsWill); {
		case is:
			b.says(offers.ReceiverID(name), "status", payload, at)
			return
		case strings.HasSuffix(rest, theengsSys):
			b.says(offers.ReceiverID(strings.TrimSuffix(rest, theengsSys)), "telemetry", payload, at)
			return
		}
		r, err = forms.Theengs(topic, payload, at)
	} else {
		r, err = forms.ESPresense(topic, payload, at)
	}
	if errors.Is(err, offers.ErrNotFound) {
		return // another topic of theirs
	}
	b.told(form, topic, payload, string(r.Receiver), at, []pure.Reading{r}, err)
}

// readHCI reads what a receiver publishes of its radio: a packet as it is, its
// hexadecimal digits, or several as JSON with their times.
func readHCI(name string, payload []byte, at time.Time) ([]pure.Reading, error) {
	if name == "" || len(name) > 100 || strings.Contains(name, "/") {
		return nil, fmt.Errorf("topic: %w: want %s<receiver>", offers.ErrNotFound, topicHCI)
	}
	text := bytes.TrimSpace(payload)
	switch {
	case len(text) == 0:
		return nil, fmt.Errorf("packet of %s: %w: it is empty", name, offers.ErrInvalid)
	case text[0] == '{':
		readings, err := forms.HCI(text, at)
		for i := range readings {
			if string(readings[i].Receiver) != name {
				return nil, fmt.Errorf("packets: %w: the topic is of %q, and the receiver is %q", offers.ErrInvalid, name, readings[i].Receiver)
			}
		}
		return readings, err
	case text[0] == '0' && len(text)%2 == 0:
		raw := make([]byte, len(text)/2)
		if _, err := hex.Decode(raw, text); err != nil {
			return nil, fmt.Errorf("packet of %s: %w: %w", name, offers.ErrInvalid, err)
		}
		return forms.Packet(offers.ReceiverID(name), raw, at)
	}
	return forms.Packet(offers.ReceiverID(name), payload, at)
}

// told takes what was read of a message that came by MQTT.
func (b *Beacons) told(form forms.Form, topic string, payload []byte, receiver string, at time.Time, readings []pure.Reading, err error) {
	if err != nil {
		if errors.Is(err, offers.ErrNotFound) {
			return
		}
		b.metrics.readings.WithLabelValues("invalid").Inc()
		reason := offers.ReasonSchema
		if form == forms.FormHCI || !json.Valid(payload) {
			reason = offers.ReasonEncoding
		}
		b.quarantineOne(receiver, form, reason, topic, payload, at, err)
		if len(readings) == 0 || form != forms.FormHCI {
			return
		}
	}
	if len(readings) == 0 {
		b.hearGateway(offers.ReceiverID(receiver), at)
	}
	for _, r := range readings {
		b.hearReading(heard{Reading: r, form: form, topic: topic, payload: payload}, at)
	}
	if form == forms.FormHCI && bytes.HasPrefix(bytes.TrimSpace(payload), []byte("{")) {
		if ahead, ok := forms.Ahead(payload, at); ok {
			b.clock(offers.ReceiverID(receiver), ahead)
		}
	}
}

// hearReading passes a reading on to the tracker.
func (b *Beacons) hearReading(h heard, received time.Time) {
	b.hearGateway(h.Receiver, received)
	if old := received.Sub(h.At); old > staleAfter {
		b.metrics.readings.WithLabelValues("stale").Inc()
		b.quarantineOne(string(h.Receiver), h.form, offers.ReasonClock, h.topic, h.payload, received,
			fmt.Errorf("heard %v ago: %w: nobody can be located by that; set the clock of %s if it is wrong", old.Round(time.Second), offers.ErrInvalid, h.Receiver))
		return
	}
	if !h.named && !pure.Identifying(h.Tag, b.config.TagPrefixes...) && (len(b.config.Tokens) == 0 || !strings.HasPrefix(h.Tag, changing)) {
		b.metrics.anonymous.Inc()
		return
	}
	select {
	case b.packets <- h:
	default:
		b.metrics.readings.WithLabelValues("dropped").Inc()
	}
}

// staleAfter is how old readings may be when they come.
const staleAfter = 30 * time.Second

// fromDoors takes what came by HTTP.
func (b *Beacons) fromDoors(_ context.Context, records []stream.Record) error {
	for i := range records {
		var batch forms.Batch
		if err := json.Unmarshal(records[i].Value, &batch); err != nil {
			b.metrics.readings.WithLabelValues("invalid").Inc()
			continue // only our own door writes here
		}
		if time.Since(batch.Received) > staleAfter {
			b.metrics.readings.WithLabelValues("stale").Add(float64(len(batch.Readings)))
			continue
		}
		for _, r := range batch.Readings {
			b.hearReading(heard{Reading: r, form: batch.Form, named: batch.Named, logged: true, topic: stream.Readings, payload: records[i].Value}, batch.Received)
		}
		if batch.Ahead != 0 && len(batch.Readings) > 0 {
			b.clock(batch.Readings[0].Receiver, batch.Ahead)
		}
	}
	return nil
}

// quarantineOne puts a packet aside, a few a minute of each sender: a broken
// gateway repeats the same thing. The others are counted.
func (b *Beacons) quarantineOne(sender string, form forms.Form, reason offers.Reason, topic string, payload []byte, at time.Time, cause error) {
	if !b.ears.sample(sender, at) {
		b.metrics.unsampled.Inc()
		return
	}
	h := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", topic, payload, at.UnixNano()))
	q := offers.Quarantined{
		ID: "beacons-" + hex.EncodeToString(h[:12]), Reason: reason, Detail: cause.Error(), Source: sourceOf(form),
		Received: at, Headers: map[string]string{"topic": topic}, Body: payload,
	}
	select {
	case b.bad <- q:
		b.metrics.quarantined.WithLabelValues(string(reason)).Inc()
	default:
		b.metrics.unsampled.Inc()
	}
}
