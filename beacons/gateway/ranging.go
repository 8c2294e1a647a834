package gateway

import (
	"encoding/json"
	"fmt"
	"time"

	"aisle/beacons"
	"aisle/offers"
)

// Ranging is what an app says of the beacons around its phone:
//
//	{"device": "<install>", "timestamp": 1762000000000, "beacons": [
//	  {"uuid": "E2C56DB5-...", "major": 1, "minor": 2, "rssi": -67, "accuracy_m": 2.1, "proximity": "near"}]}
//
// It takes the words of iOS (accuracy, negative where unknown; rssi 0 where
// unknown) and of Android's beacon library (id1, id2, id3, distance, txPower)
// too. A timestamp of a beacon counts before that of the message; with "sent_at",
// the phone's clock when it sent this, what it kept for a while is put right.
type Ranging struct {
	Device   string
	At       time.Time         // by the phone's clock
	Readings []beacons.Reading // the tag is "app:<device>", the receivers are the beacons
}

// farOf is how far a beacon is of which the phone says only that.
var farOf = map[string]float64{"immediate": 0.3, "near": 1.5, "far": 6}

// ParseRanging reads a Ranging. What cannot be right is ErrInvalid; beacons
// that the phone knows to be around, but not how loud or how far, are left out.
func ParseRanging(body []byte, at time.Time) (Ranging, error) {
	var r Ranging
	if len(body) > maxBody {
		return r, fmt.Errorf("ranging: %w: more than %d bytes", offers.ErrInvalid, maxBody)
	}
	var p struct {
		Device    string           `json:"device"`
		Timestamp any              `json:"timestamp"`
		Sent      any              `json:"sent_at"`
		Beacons   []map[string]any `json:"beacons"`
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return r, fmt.Errorf("ranging: %w: %w", offers.ErrInvalid, err)
	}
	if !name(p.Device, maxName-len("app:")) {
		return r, fmt.Errorf("ranging: device: %w: want the app's install id", offers.ErrInvalid)
	}
	if len(p.Beacons) > maxReadings {
		return r, fmt.Errorf("ranging: %w: %d beacons, want at most %d", offers.ErrInvalid, len(p.Beacons), maxReadings)
	}
	r.Device = p.Device
	var err error
	if r.At, err = instant(p.Timestamp, at); err != nil {
		return r, fmt.Errorf("ranging: %w", err)
	}
	for i, b := range p.Beacons {
		reading, ok, err := ranged(b, r.At)
		if err != nil {
			return r, fmt.Errorf("ranging: beacon %d: %w", i+1, err)
		}
		if ok {
			reading.Tag = "app:" + r.Device
			r.Readings = append(r.Readings, reading)
		}
	}
	var sent time.Time
	if p.Sent != nil {
		if sent, err = instant(p.Sent, at); err != nil {
			return r, fmt.Errorf("ranging: sent_at: %w", err)
		}
	}
	settle(r.Readings, sent, at)
	return r, nil
}

func ranged(b map[string]any, at time.Time) (r beacons.Reading, ok bool, err error) {
	u, ok := uuid(text(first(b, "uuid", "id1", "proximityUUID")))
	major, okMajor := whole(first(b, "major", "id2"))
	minor, okMinor := whole(first(b, "minor", "id3"))
	if !ok || !okMajor || !okMinor {
		return r, false, fmt.Errorf("%w: want uuid, major and minor", offers.ErrInvalid)
	}
	r.Receiver = offers.ReceiverID(fmt.Sprintf("iBeacon:%s-%d-%d", u, major, minor))
	if r.At, err = instant(b["timestamp"], at); err != nil {
		return r, false, err
	}
	if v, ok := b["rssi"]; ok && v != nil {
		rssi, ok := number(v, false)
		if !ok || !believable(rssi) {
			return r, false, fmt.Errorf("rssi: %w: want -127 to 20 dBm", offers.ErrInvalid)
		}
		r.RSSIdBm = rssi
	}
	if power, ok := number(first(b, "tx_power", "txPower", "txpower"), false); ok && believable(power) {
		r.Power1mdBm = power
	}
	if d, ok := number(first(b, "accuracy_m", "accuracy", "distance"), false); ok && d >= 0 {
		r.DistanceM = max(d, 0.05)
	}
	switch near := farOf[text(b["proximity"])]; {
	case r.DistanceM > beacons.MaxRangeM:
		return r, false, nil
	case r.RSSIdBm != 0 && (r.Power1mdBm != 0 || r.DistanceM > 0):
	case r.RSSIdBm != 0:
		r.Power1mdBm = usualPower1m
	case r.DistanceM > 0: // smoothed by the phone: the strength is not known
		r.Power1mdBm = 0
	case near > 0:
		r.DistanceM, r.Power1mdBm = near, 0
	default:
		return r, false, nil
	}
	return r, true, nil
}

// first is the first field that is there.
func first(b map[string]any, keys ...string) any {
	for _, k := range keys {
		if v, ok := b[k]; ok && v != nil {
			return v
		}
	}
	return nil
}

// whole is a number of two bytes, or a string of its decimal digits.
func whole(v any) (uint16, bool) {
	x, ok := number(v, false)
	return uint16(x), ok && x >= 0 && x <= 65535 && x == float64(uint16(x))
}
