package beacons

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"aisle/offers"
)

// Topics of ESPresense, as its receivers publish them.
const (
	ESPresenseDevices = "espresense/devices/" // <tag>/<room>
	ESPresenseRooms   = "espresense/rooms/"   // <room>/<key>
)

// ParseESPresense reads what an ESPresense receiver publishes of one packet:
// the topic names tag and receiver, the payload how it was heard. A topic that
// is not of a device is ErrNotFound, a payload that cannot be right ErrInvalid.
func ParseESPresense(topic string, payload []byte, at time.Time) (Reading, error) {
	tag, room, ok := cutDevice(topic)
	if !ok {
		return Reading{}, fmt.Errorf("topic %q: %w: want %s<id>/<room>", topic, offers.ErrNotFound, ESPresenseDevices)
	}
	r := Reading{Tag: tag, Receiver: offers.ReceiverID(room), At: at}
	var p struct {
		RSSI     *float64 `json:"rssi"`
		RSSI1m   *float64 `json:"rssi@1m"`
		Distance *float64 `json:"distance"`
	}
	if err := json.NewDecoder(bytes.NewReader(payload)).Decode(&p); err != nil {
		return r, fmt.Errorf("%s heard by %s: %w: %w", tag, room, offers.ErrInvalid, err)
	}
	if p.RSSI == nil || *p.RSSI < -127 || *p.RSSI > 20 {
		return r, fmt.Errorf("%s heard by %s: rssi: %w: want -127 to 20 dBm", tag, room, offers.ErrInvalid)
	}
	r.RSSIdBm = *p.RSSI
	switch {
	case p.Distance != nil: // the receiver knows its own absorption
		r.DistanceM = *p.Distance
	case p.RSSI1m != nil && *p.RSSI1m >= -127 && *p.RSSI1m <= 20:
		r.DistanceM = DistanceM(*p.RSSI1m, r.RSSIdBm, DefaultAbsorption)
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
	ok = ok && tag != "" && room != "" && len(tag) <= 200 && len(room) <= 100 && !strings.Contains(room, "/")
	return tag, room, ok
}
