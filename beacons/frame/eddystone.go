package frame

import (
	"encoding/binary"
	"encoding/hex"
)

func eddystone(v []byte) (Frame, bool) {
	switch v[0] {
	case 0x00:
		if len(v) < 18 { // the two bytes that are reserved may be missing
			return Frame{}, false
		}
		f := loud(EddystoneUID, v[1])
		f.Namespace, f.Instance = hex.EncodeToString(v[2:12]), hex.EncodeToString(v[12:18])
		return f, true
	case 0x10:
		if len(v) < 3 || len(v) > 20 {
			return Frame{}, false
		}
		url, ok := expand(v[2:])
		f := loud(EddystoneURL, v[1])
		f.URL = url
		return f, ok
	case 0x20:
		return telemetry(v)
	case 0x30:
		if len(v) < 10 {
			return Frame{}, false
		}
		f := loud(EddystoneEID, v[1])
		f.EID = hex.EncodeToString(v[2:10])
		return f, true
	}
	return Frame{}, false
}

func loud(kind Kind, at0m byte) Frame {
	return Frame{Kind: kind, Power1mdBm: int(int8(at0m)) - metreLossDB, HasPower: true}
}

func telemetry(v []byte) (Frame, bool) {
	switch {
	case len(v) >= 18 && v[1] == 0x01: // encrypted
		return Frame{Kind: EddystoneTLM}, true
	case len(v) < 14 || v[1] != 0x00:
		return Frame{}, false
	}
	t := &Telemetry{BatteryMV: int(binary.BigEndian.Uint16(v[2:])), Packets: binary.BigEndian.Uint32(v[6:]),
		UptimeS: float64(binary.BigEndian.Uint32(v[10:])) / 10}
	if raw := binary.BigEndian.Uint16(v[4:]); raw != 0x8000 { // 8.8 fixed point, signed
		t.TemperatureC, t.HasTemp = float64(int16(raw))/256, true
	}
	return Frame{Kind: EddystoneTLM, Telemetry: t}, true
}

var (
	schemes  = []string{"http://www.", "https://www.", "http://", "https://"}
	endings  = []string{".com/", ".org/", ".edu/", ".net/", ".info/", ".biz/", ".gov/", ".com", ".org", ".edu", ".net", ".info", ".biz", ".gov"}
	printing = [2]byte{0x21, 0x7e}
)

// expand is an Eddystone-URL in full. Bytes that are reserved make it none.
func expand(v []byte) (string, bool) {
	if int(v[0]) >= len(schemes) {
		return "", false
	}
	url := []byte(schemes[v[0]])
	for _, c := range v[1:] {
		switch {
		case int(c) < len(endings):
			url = append(url, endings[c]...)
		case c >= printing[0] && c <= printing[1]:
			url = append(url, c)
		default:
			return "", false
		}
	}
	return string(url), true
}
