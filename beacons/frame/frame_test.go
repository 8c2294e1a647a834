package frame

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
)

func bytesOf(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecode(t *testing.T) {
	tests := []struct {
		name, data string
		want       Frame
		tag        string
		ok         bool
	}{
		{name: "iBeacon", data: "020106 1aff4c000215 e5ca1adef007ba110000000000000000 0001 ff02 c5",
			want: Frame{Kind: IBeacon, Maker: 0x4c, UUID: "e5ca1adef007ba110000000000000000", Major: 1, Minor: 65282, Power1mdBm: -59, HasPower: true},
			tag:  "iBeacon:e5ca1ade-f007-ba11-0000-000000000000-1-65282", ok: true},
		{name: "a Tilt is an iBeacon with a known id", data: "1aff4c000215 a495bb30c5b14b44b5121370f02d74de 0044 03f8 c5",
			want: Frame{Kind: IBeacon, Product: "Tilt Black", Maker: 0x4c, UUID: "a495bb30c5b14b44b5121370f02d74de", Major: 68, Minor: 1016, Power1mdBm: -59, HasPower: true},
			tag:  "iBeacon:a495bb30-c5b1-4b44-b512-1370f02d74de-68-1016", ok: true},
		{name: "AltBeacon", data: "1bff1801beac 000102030405060708090a0b0c0d0e0f 1011 1213 be 07",
			want: Frame{Kind: AltBeacon, Maker: 0x118, UUID: "000102030405060708090a0b0c0d0e0f", Major: 0x1011, Minor: 0x1213, Power1mdBm: -66, HasPower: true},
			tag:  "altBeacon:00010203-0405-0607-0809-0a0b0c0d0e0f-4113-4627", ok: true},
		{name: "Eddystone-UID says its power at 0 m", data: "0303aafe 1716aafe 00 ee 00010203040506070809 aabbccddeeff 0000",
			want: Frame{Kind: EddystoneUID, Namespace: "00010203040506070809", Instance: "aabbccddeeff", Power1mdBm: -59, HasPower: true},
			tag:  "eddy:00010203040506070809-aabbccddeeff", ok: true},
		{name: "Eddystone-UID without the reserved bytes", data: "1516aafe 00 00 00010203040506070809 aabbccddeeff",
			want: Frame{Kind: EddystoneUID, Namespace: "00010203040506070809", Instance: "aabbccddeeff", Power1mdBm: -41, HasPower: true},
			tag:  "eddy:00010203040506070809-aabbccddeeff", ok: true},
		{name: "Eddystone-URL", data: "0a16aafe 10 f2 03 61 62 07 2f",
			want: Frame{Kind: EddystoneURL, URL: "https://ab.com/", Power1mdBm: -55, HasPower: true}, ok: true},
		{name: "Eddystone-URL with a reserved byte", data: "0716aafe 10 f2 03 0e"},
		{name: "Eddystone-URL of no scheme", data: "0716aafe 10 f2 04 61"},
		{name: "Eddystone-TLM", data: "1116aafe 20 00 0bb8 1680 00000102 00000258",
			want: Frame{Kind: EddystoneTLM, Telemetry: &Telemetry{BatteryMV: 3000, TemperatureC: 22.5, HasTemp: true, Packets: 258, UptimeS: 60}}, ok: true},
		{name: "Eddystone-TLM below zero, without a battery", data: "1116aafe 20 00 0000 ff80 00000001 00000001",
			want: Frame{Kind: EddystoneTLM, Telemetry: &Telemetry{TemperatureC: -0.5, HasTemp: true, Packets: 1, UptimeS: .1}}, ok: true},
		{name: "Eddystone-TLM without a thermometer", data: "1116aafe 20 00 0bb8 8000 00000001 00000001",
			want: Frame{Kind: EddystoneTLM, Telemetry: &Telemetry{BatteryMV: 3000, Packets: 1, UptimeS: .1}}, ok: true},
		{name: "Eddystone-TLM that is encrypted", data: "1516aafe 20 01 0bb81680000001020000025800010203",
			want: Frame{Kind: EddystoneTLM}, ok: true},
		{name: "Eddystone-EID", data: "0d16aafe 30 ee 0102030405060708",
			want: Frame{Kind: EddystoneEID, EID: "0102030405060708", Power1mdBm: -59, HasPower: true}, tag: "eid:0102030405060708", ok: true},
		{name: "a phone nearby", data: "02011a 020a0c 0aff4c001005441cbd08c5"},
		{name: "iBeacon that is cut off", data: "1aff4c000215 e5ca1adef007ba1100000000"},
		{name: "Eddystone of another service", data: "0d16abfe 30 ee 0102030405060708"},
		{name: "Eddystone of no kind", data: "0416aafe50"},
		{name: "padding", data: "0000000000"},
		{name: "nothing", data: ""},
		{name: "length alone", data: "1f"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Decode(bytesOf(t, tt.data))
			if ok != tt.ok {
				t.Fatalf("Decode: %v, want %v", ok, tt.ok)
			}
			if !ok {
				return
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("frame (-want +got):\n%s", diff)
			}
			if got.Tag() != tt.tag {
				t.Errorf("tag %q, want %q", got.Tag(), tt.tag)
			}
		})
	}
}

func TestHCI(t *testing.T) {
	tests := []struct {
		name, packet string
		want         []Advert
		invalid      bool
	}{
		{name: "one report", packet: "043e0f 02 01 00 01 060504030201 03 020106 c4",
			want: []Advert{{Address: "010203040506", Random: true, RSSIdBm: -60, Data: []byte{2, 1, 6}}}},
		{name: "without the H4 type", packet: "3e0f 02 01 00 00 060504030201 03 020106 c4",
			want: []Advert{{Address: "010203040506", RSSIdBm: -60, Data: []byte{2, 1, 6}}}},
		{name: "two reports", packet: "043e17 02 02 00 01 060504030201 01 00 c4 03 00 0605040302aa 00 ba",
			want: []Advert{{Address: "010203040506", Random: true, RSSIdBm: -60, Data: []byte{0}}, {Address: "AA0203040506", RSSIdBm: -70, Data: []byte{}}}},
		{name: "strength unknown", packet: "043e0c 02 01 00 01 060504030201 00 7f"},
		{name: "extended report", packet: "043e1d 0d 01 1300 01 060504030201 01 00 ff 7f c4 0000 00 000000000000 03 020106",
			want: []Advert{{Address: "010203040506", Random: true, RSSIdBm: -60, Data: []byte{2, 1, 6}}}},
		{name: "cut off", packet: "043e0f 02 01 00 01 060504030201 03 02", invalid: true},
		{name: "more data than there is", packet: "043e0d 02 01 00 01 060504030201 09 06 c4", invalid: true},
		{name: "another event", packet: "040e0401052000", invalid: true},
		{name: "connection complete", packet: "043e0401000000", invalid: true},
		{name: "extended report that is cut off", packet: "043e0a 0d 01 1300 01 060504030201", invalid: true},
		{name: "nothing", packet: "", invalid: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := HCI(bytesOf(t, tt.packet))
			if tt.invalid != errors.Is(err, offers.ErrInvalid) {
				t.Fatalf("error %v, want invalid %v", err, tt.invalid)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("adverts (-want +got):\n%s", diff)
			}
		})
	}
}

// Advertisements that others recorded.
func TestRecordedAdvertisements(t *testing.T) {
	data, err := os.ReadFile("../../../shared/data/ble/advertisements/cases.json")
	if err != nil {
		t.Skip("the recordings are not here: ", err)
	}
	var cases []struct {
		Case   string
		Hex    string `json:"hci_hex"`
		Expect map[string]any
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Case, func(t *testing.T) {
			adverts, err := HCI(bytesOf(t, c.Hex))
			if err != nil || len(adverts) != 1 {
				t.Fatalf("%d adverts, %v", len(adverts), err)
			}
			f, ok := Decode(adverts[0].Data)
			if ok != (c.Expect != nil) {
				t.Fatalf("frame %+v, want %v", f, c.Expect)
			}
			if !ok {
				return
			}
			kind, firmware := string(f.Kind), string(f.Kind)
			if f.Product != "" {
				kind, firmware = f.Product, strings.Fields(f.Product)[0]
			}
			got := map[string]any{"type": kind, "firmware": firmware, "rssi": float64(adverts[0].RSSIdBm), "mac": adverts[0].Address, "uuid": f.UUID,
				"major": float64(f.Major), "minor": float64(f.Minor), "measured_power": float64(f.Power1mdBm)}
			for key, want := range c.Expect {
				if got[key] != want {
					t.Errorf("%s: %v, want %v", key, got[key], want)
				}
			}
		})
	}
}

func FuzzHCI(f *testing.F) {
	f.Add(bytesOf(f, "043e17 02 02 00 01 060504030201 01 00 c4 03 00 0605040302aa 00 ba"))
	f.Add(bytesOf(f, "043E2A02010001433EA2C96B6A1E02011A1AFF4C000215000102030405060708090A0B0C0D0E0F00640000C5B3"))
	f.Add(bytesOf(f, "043e1d 0d 01 1300 01 060504030201 01 00 ff 7f c4 0000 00 000000000000 03 020106"))
	f.Add(bytesOf(f, "043e1a 02 01 00 01 060504030201 0e 0d16aafe 30 ee 0102030405060708 c4"))
	f.Fuzz(func(t *testing.T, packet []byte) {
		adverts, err := HCI(packet)
		if err != nil && !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("error of no kind: %v", err)
		}
		for _, a := range adverts {
			if fr, ok := Decode(a.Data); ok && (fr.Kind == "" || strings.EqualFold(fr.Tag(), a.Address)) {
				t.Errorf("frame %+v", fr)
			}
		}
		Decode(packet)
	})
}
