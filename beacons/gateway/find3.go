package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"aisle/beacons"
	"aisle/offers"
)

// Find3 is a fingerprint in find3's form, {d, f, t, l?, s: {bluetooth: {id:
// rssi}}}. Where a device says it is, l, is not learned from: it names a room,
// and maps are learned from points in metres that somebody who may change the
// shop stood at.
type Find3 struct {
	Family, Device string
	At             time.Time // by the device's clock
	Readings       []beacons.Reading
}

// Find3Data reads what a device posts to /data: what it hears around it. The
// device is the tag, "find3:<family>/<device>", and what it hears are the
// receivers.
func Find3Data(body []byte, at time.Time) (Find3, error) {
	return find3(body, at, func(f *Find3, id string) (tag, receiver string) {
		return "find3:" + f.Family + "/" + f.Device, id
	})
}

// Find3Passive reads what a scanner posts to /passive: the scanner is the
// receiver, and what it hears are the tags.
func Find3Passive(body []byte, at time.Time) (Find3, error) {
	return find3(body, at, func(f *Find3, id string) (tag, receiver string) { return id, f.Device })
}

func find3(body []byte, at time.Time, roles func(f *Find3, id string) (tag, receiver string)) (Find3, error) {
	var f Find3
	if len(body) > maxBody {
		return f, fmt.Errorf("fingerprint: %w: more than %d bytes", offers.ErrInvalid, maxBody)
	}
	var p struct {
		Device  string                     `json:"d"`
		Family  string                     `json:"f"`
		Time    any                        `json:"t"`
		Sensors map[string]json.RawMessage `json:"s"`
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return f, fmt.Errorf("fingerprint: %w: %w", offers.ErrInvalid, err)
	}
	f = Find3{Family: p.Family, Device: p.Device}
	if !name(f.Device, maxReceiver) || !name(f.Family, 80) {
		return f, fmt.Errorf("fingerprint: %w: want a device d and a family f", offers.ErrInvalid)
	}
	var err error
	if f.At, err = instant(p.Time, at); err != nil {
		return f, fmt.Errorf("fingerprint of %s: %w", f.Device, err)
	}
	raw, ok := p.Sensors["bluetooth"]
	if !ok {
		return f, nil // only other radios were heard
	}
	var heard map[string]float64
	if err := json.Unmarshal(raw, &heard); err != nil {
		return f, fmt.Errorf("fingerprint of %s: bluetooth: %w: %w", f.Device, offers.ErrInvalid, err)
	}
	if len(heard) > maxReadings {
		return f, fmt.Errorf("fingerprint of %s: %w: %d devices, want at most %d", f.Device, offers.ErrInvalid, len(heard), maxReadings)
	}
	for _, id := range slices.Sorted(maps.Keys(heard)) {
		rssi := heard[id]
		// Clients write Android's "unknown", 0 or 127, among the others.
		if !believable(rssi) || rssi == 0 {
			continue
		}
		tag, receiver := roles(&f, strings.TrimSpace(id))
		if name(tag, maxName) && name(receiver, maxName) {
			f.Readings = append(f.Readings, beacons.Reading{Tag: tag, Receiver: offers.ReceiverID(receiver), At: f.At, RSSIdBm: rssi, Power1mdBm: usualPower1m})
		}
	}
	settle(f.Readings, time.Time{}, at)
	return f, nil
}
