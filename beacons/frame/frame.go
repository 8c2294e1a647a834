// Package frame reads what beacons shout: the bytes of an advertisement, as a
// radio hands them on.
//
// It knows iBeacon, AltBeacon and Eddystone (UID, URL, TLM, EID). What it gives
// out as a beacon's name is the id that the beacon was given, in the spelling of
// ESPresense; never the address of its radio, which phones change by the minute.
//
// Specifications: Bluetooth Core Specification 5.3, volume 4 part E, 7.7.65.2
// and 7.7.65.13 (reports), and volume 3 part C, 11 (advertising data); Apple,
// Proximity Beacon Specification R1; AltBeacon 1.0; google/eddystone, protocol
// specification.
package frame

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// Kind is the format of a frame.
type Kind string

// Kinds of frames.
const (
	IBeacon      Kind = "iBeacon"
	AltBeacon    Kind = "AltBeacon"
	EddystoneUID Kind = "Eddystone-UID"
	EddystoneURL Kind = "Eddystone-URL"
	EddystoneTLM Kind = "Eddystone-TLM"
	EddystoneEID Kind = "Eddystone-EID"
)

// Frame is what a beacon says.
type Frame struct {
	Kind    Kind
	Product string // "Tilt Red", where the id tells the make

	// Power1mdBm is how loud the beacon is at one metre; HasPower is false where
	// the frame does not say. iBeacon and AltBeacon say it so; Eddystone says it
	// at zero metres, which is 41 dB more.
	Power1mdBm int
	HasPower   bool

	UUID         string // of iBeacon and AltBeacon: 32 lower-case hexadecimal digits
	Major, Minor uint16 // of these
	Maker        uint16 // Bluetooth company of these

	Namespace, Instance string     // of UID: 20 and 12 digits
	URL                 string     // of URL
	EID                 string     // of EID: 16 digits that change
	Telemetry           *Telemetry // of TLM; nil if it is encrypted
}

// Telemetry is a beacon's own health.
type Telemetry struct {
	BatteryMV    int // 0: not measured
	TemperatureC float64
	HasTemp      bool
	Packets      uint32  // since it was switched on
	UptimeS      float64 // since then
}

// metreLossDB is what the first metre of air takes, by the Eddystone
// specification.
const metreLossDB = 41

// Tag is the beacon's name as ESPresense spells it. It is empty for frames that
// name nobody: URL and TLM. An EID is a name for minutes only; beacons/token
// says whose.
func (f *Frame) Tag() string {
	switch f.Kind {
	case IBeacon:
		return fmt.Sprintf("iBeacon:%s-%d-%d", Dashed(f.UUID), f.Major, f.Minor)
	case AltBeacon:
		return fmt.Sprintf("altBeacon:%s-%d-%d", Dashed(f.UUID), f.Major, f.Minor)
	case EddystoneUID:
		return "eddy:" + f.Namespace + "-" + f.Instance
	case EddystoneEID:
		return "eid:" + f.EID
	}
	return ""
}

// Dashed is a UUID with its dashes; s itself if it is not 32 digits.
func Dashed(s string) string {
	if len(s) != 32 {
		return s
	}
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// Decode reads advertising data: structures of length, type and value. It is
// false if none of them is a frame that it knows; what is cut off counts as not
// there.
func Decode(data []byte) (Frame, bool) {
	for len(data) > 1 {
		n := int(data[0])
		if n == 0 || n+1 > len(data) {
			break // the rest is padding, or missing
		}
		kind, value := data[1], data[2:n+1]
		data = data[n+1:]
		var f Frame
		ok := false
		switch kind {
		case 0xff: // manufacturer specific
			if f, ok = iBeacon(value); !ok {
				f, ok = altBeacon(value)
			}
		case 0x16: // service data with a 16-bit UUID, little-endian
			if len(value) > 2 && value[0] == 0xaa && value[1] == 0xfe {
				f, ok = eddystone(value[2:])
			}
		}
		if ok {
			return f, true
		}
	}
	return Frame{}, false
}

func iBeacon(v []byte) (Frame, bool) {
	if len(v) < 25 || v[0] != 0x4c || v[1] != 0x00 || v[2] != 0x02 || v[3] != 0x15 {
		return Frame{}, false
	}
	f := Frame{Kind: IBeacon, Maker: 0x004c, UUID: hex.EncodeToString(v[4:20]),
		Major: binary.BigEndian.Uint16(v[20:]), Minor: binary.BigEndian.Uint16(v[22:]), Power1mdBm: int(int8(v[24])), HasPower: true}
	f.Product = tilt(f.UUID)
	return f, true
}

func altBeacon(v []byte) (Frame, bool) {
	if len(v) < 25 || v[2] != 0xbe || v[3] != 0xac {
		return Frame{}, false
	}
	return Frame{Kind: AltBeacon, Maker: binary.LittleEndian.Uint16(v), UUID: hex.EncodeToString(v[4:20]),
		Major: binary.BigEndian.Uint16(v[20:]), Minor: binary.BigEndian.Uint16(v[22:]), Power1mdBm: int(int8(v[24])), HasPower: true}, true
}

// tilts are the colours of the Tilt hydrometer, by the seventh digit of its id.
var tilts = map[byte]string{'1': "Red", '2': "Green", '3': "Black", '4': "Purple", '5': "Orange", '6': "Blue", '7': "Yellow", '8': "Pink"}

func tilt(uuid string) string {
	if strings.HasPrefix(uuid, "a495bb") && uuid[7:] == "0c5b14b44b5121370f02d74de" && tilts[uuid[6]] != "" {
		return "Tilt " + tilts[uuid[6]]
	}
	return ""
}
