package gateway

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"aisle/beacons"
	"aisle/beacons/frame"
	"aisle/offers"
)

// HCI reads packets of a radio's host controller interface that a gateway
// passes on:
//
//	{"receiver": "rx-1", "packets": [{"t": 1762000000000, "hci": "043e2a02..."}]}
//
// The last packet is taken to have been heard when the message came, and the
// others as long before it as the receiver's clock says. It gives a reading for each advertisement that is a frame with a name.
// Advertisements of other things are left out; a packet that is no
// advertisement at all is ErrInvalid.
func HCI(body []byte, at time.Time) ([]beacons.Reading, error) {
	if len(body) > maxBody {
		return nil, fmt.Errorf("packets: %w: more than %d bytes", offers.ErrInvalid, maxBody)
	}
	var p struct {
		Receiver string `json:"receiver"`
		Packets  []struct {
			T   any    `json:"t"`
			HCI string `json:"hci"`
		} `json:"packets"`
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, fmt.Errorf("packets: %w: %w", offers.ErrInvalid, err)
	}
	if !name(p.Receiver, maxReceiver) {
		return nil, fmt.Errorf("packets: receiver: %w: want its name", offers.ErrInvalid)
	}
	if len(p.Packets) > maxReadings {
		return nil, fmt.Errorf("packets of %s: %w: %d, want at most %d", p.Receiver, offers.ErrInvalid, len(p.Packets), maxReadings)
	}
	var readings []beacons.Reading
	for i, packet := range p.Packets {
		when, err := instant(packet.T, at)
		if err != nil {
			return readings, fmt.Errorf("packet %d of %s: %w", i+1, p.Receiver, err)
		}
		raw, err := hex.DecodeString(strings.TrimSpace(packet.HCI))
		if err != nil {
			return readings, fmt.Errorf("packet %d of %s: %w: %w", i+1, p.Receiver, offers.ErrInvalid, err)
		}
		heard, err := Packet(offers.ReceiverID(p.Receiver), raw, when)
		if err != nil {
			return readings, fmt.Errorf("packet %d of %s: %w", i+1, p.Receiver, err)
		}
		readings = append(readings, heard...)
	}
	settle(readings, time.Time{}, at)
	return readings, nil
}

// Packet reads one packet of a radio, as a receiver publishes it bare.
func Packet(receiver offers.ReceiverID, packet []byte, at time.Time) ([]beacons.Reading, error) {
	adverts, err := frame.HCI(packet)
	if err != nil {
		return nil, err
	}
	var readings []beacons.Reading
	for _, a := range adverts {
		f, ok := frame.Decode(a.Data)
		if !ok || f.Tag() == "" {
			continue
		}
		r := beacons.Reading{Tag: f.Tag(), Receiver: receiver, At: at, RSSIdBm: float64(a.RSSIdBm), Power1mdBm: usualPower1m}
		if f.HasPower && f.Power1mdBm != 0 {
			r.Power1mdBm = float64(f.Power1mdBm)
		}
		readings = append(readings, r)
	}
	return readings, nil
}
