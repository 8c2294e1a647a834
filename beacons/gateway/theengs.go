package gateway

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"aisle/beacons"
	"aisle/offers"
)

// Theengs reads what OpenMQTTGateway and Theengs publish of one advertisement,
// under <base>/<gateway>/BTtoMQTT/<address or uuid>. Major and minor are
// hexadecimal there. A topic of something else is ErrNotFound, a payload that
// cannot be right ErrInvalid.
//
// A beacon that is no iBeacon is called by its radio's address, as the gateway
// does: that names nobody.
func Theengs(topic string, payload []byte, at time.Time) (beacons.Reading, error) {
	before, id, ok := strings.Cut(topic, "/BTtoMQTT")
	receiver := before[strings.LastIndex(before, "/")+1:]
	id = strings.TrimPrefix(id, "/")
	if !ok || !strings.Contains(before, "/") || !name(receiver, maxReceiver) || strings.Contains(id, "/") {
		return beacons.Reading{}, fmt.Errorf("topic %.80q: %w: want <base>/<gateway>/BTtoMQTT/<id>", topic, offers.ErrNotFound)
	}
	r := beacons.Reading{Receiver: offers.ReceiverID(receiver), At: at}
	var p map[string]any
	if err := json.Unmarshal(payload, &p); err != nil {
		return r, fmt.Errorf("heard by %s: %w: %w", receiver, offers.ErrInvalid, err)
	}
	if p["rssi"] == nil && p["presence"] != nil {
		return r, fmt.Errorf("heard by %s: %w: it says only who is not there", receiver, offers.ErrNotFound)
	}
	rssi, ok := number(p["rssi"], false)
	if !ok || !believable(rssi) {
		return r, fmt.Errorf("heard by %s: rssi: %w: want -127 to 20 dBm", receiver, offers.ErrInvalid)
	}
	r.RSSIdBm = rssi
	if power, ok := number(p["txpower"], false); ok && believable(power) {
		r.Power1mdBm = power
	}
	if d, ok := number(p["distance"], false); ok && d >= 0 && d < 1e4 {
		r.DistanceM = d
	}
	if r.Power1mdBm == 0 && r.DistanceM == 0 {
		r.Power1mdBm = usualPower1m
	}
	if u, ok := uuid(text(p["uuid"])); ok {
		major, okMajor := hexadecimal(p["major"])
		minor, okMinor := hexadecimal(p["minor"])
		if !okMajor || !okMinor {
			return r, fmt.Errorf("iBeacon %s heard by %s: %w: want major and minor in hexadecimal", u, receiver, offers.ErrInvalid)
		}
		r.Tag = fmt.Sprintf("iBeacon:%s-%d-%d", u, major, minor)
		return r, nil
	}
	if s := text(p["id"]); s != "" {
		id = s
	}
	if !name(id, maxName) {
		return r, fmt.Errorf("heard by %s: id: %w: want whose advertisement", receiver, offers.ErrInvalid)
	}
	r.Tag = strings.ToLower(strings.ReplaceAll(id, ":", ""))
	return r, nil
}

// usualPower1m is how loud a beacon is at one metre that does not say.
const usualPower1m = -59

func text(v any) string {
	s, _ := v.(string)
	return s
}

// hexadecimal is a number of two bytes: a string of hexadecimal digits, or a
// number as it is.
func hexadecimal(v any) (uint16, bool) {
	switch v := v.(type) {
	case float64:
		return uint16(v), v >= 0 && v <= 65535 && v == float64(uint16(v))
	case string:
		s := strings.TrimPrefix(strings.ToLower(strings.TrimSpace(v)), "0x")
		n, err := strconv.ParseUint(s, 16, 16)
		return uint16(n), err == nil
	}
	return 0, false
}
