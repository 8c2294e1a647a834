package gateway

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"aisle/beacons"
	"aisle/offers"
)

// Topics of ESPresense, as its receivers publish them.
const (
	ESPresenseDevices = "espresense/devices/" // <tag>/<room>
	ESPresenseRooms   = "espresense/rooms/"   // <room>/<key>
)

// ESPresense reads what an ESPresense receiver publishes of one packet: the
// topic names tag and receiver, the payload how it was heard. A topic that is
// not of a device is ErrNotFound, a payload that cannot be right ErrInvalid.
func ESPresense(topic string, payload []byte, at time.Time) (beacons.Reading, error) {
	tag, room, ok := cutDevice(topic)
	if !ok {
		return beacons.Reading{}, fmt.Errorf("topic %.80q: %w: want %s<id>/<room>", topic, offers.ErrNotFound, ESPresenseDevices)
	}
	r := beacons.Reading{Tag: mendEddystone(tag), Receiver: offers.ReceiverID(room), At: at}
	var p struct {
		RSSI     *float64 `json:"rssi"`
		RSSI1m   *float64 `json:"rssi@1m"`
		Distance *float64 `json:"distance"`
	}
	if err := json.Unmarshal(payload, &p); err != nil {
		return r, fmt.Errorf("%s heard by %s: %w: %w", tag, room, offers.ErrInvalid, err)
	}
	if p.RSSI == nil || !believable(*p.RSSI) {
		return r, fmt.Errorf("%s heard by %s: rssi: %w: want -127 to 20 dBm", tag, room, offers.ErrInvalid)
	}
	r.RSSIdBm = *p.RSSI
	if p.RSSI1m != nil && believable(*p.RSSI1m) {
		r.Power1mdBm = *p.RSSI1m
	}
	switch {
	case p.Distance != nil: // the receiver knows its own absorption
		r.DistanceM = *p.Distance
	case r.Power1mdBm != 0:
		r.DistanceM = beacons.DistanceM(r.Power1mdBm, r.RSSIdBm, beacons.DefaultAbsorption)
	default:
		return r, fmt.Errorf("%s heard by %s: %w: want distance or rssi@1m", tag, room, offers.ErrInvalid)
	}
	if math.IsNaN(r.DistanceM) || math.IsInf(r.DistanceM, 0) || r.DistanceM < 0 {
		return r, fmt.Errorf("%s heard by %s: distance %v: %w: want metres", tag, room, r.DistanceM, offers.ErrInvalid)
	}
	return r, nil
}

func cutDevice(topic string) (tag, room string, ok bool) {
	rest, ok := strings.CutPrefix(topic, ESPresenseDevices)
	if !ok {
		return "", "", false
	}
	tag, room, ok = strings.Cut(rest, "/")
	return tag, room, ok && name(tag, maxName) && name(room, maxReceiver) && !strings.Contains(room, "/")
}

// mendEddystone undoes that ESPresense writes the fifth byte of an Eddystone
// namespace twice, so that all gateways call a beacon the same.
func mendEddystone(tag string) string {
	rest, ok := strings.CutPrefix(tag, "eddy:")
	if ok && len(rest) == 22+1+12 && rest[22] == '-' && rest[8:10] == rest[10:12] {
		return "eddy:" + rest[:10] + rest[12:]
	}
	return tag
}
