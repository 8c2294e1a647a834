package frame

import (
	"fmt"

	"aisle/offers"
)

// Advert is one advertisement as a radio reported it.
type Advert struct {
	Address string // of the radio, twelve upper-case digits: for the log of a gateway, never a name
	Random  bool   // the address was made up
	RSSIdBm int
	Data    []byte // aliases the packet
}

const (
	h4Event        = 0x04
	metaEvent      = 0x3e
	advReport      = 0x02
	extendedReport = 0x0d
	noRSSI         = 127
)

// HCI reads a packet of the host controller interface: an LE (extended)
// advertising report, with or without the H4 type before it. Reports without a
// signal strength are left out. All else is ErrInvalid.
func HCI(packet []byte) ([]Advert, error) {
	p := packet
	if len(p) > 0 && p[0] == h4Event {
		p = p[1:]
	}
	if len(p) < 4 || p[0] != metaEvent {
		return nil, fmt.Errorf("packet of %d bytes: %w: not an LE event", len(packet), offers.ErrInvalid)
	}
	if int(p[1]) != len(p)-2 {
		return nil, fmt.Errorf("packet: %w: it says %d bytes and has %d", offers.ErrInvalid, p[1], len(p)-2)
	}
	kind, count := p[2], int(p[3])
	p = p[4:]
	if kind != advReport && kind != extendedReport {
		return nil, fmt.Errorf("packet: %w: LE event 0x%02x is no advertising report", offers.ErrInvalid, kind)
	}
	var adverts []Advert
	for i := range count {
		var a Advert
		var n int
		var ok bool
		switch kind {
		case advReport:
			a, n, ok = report(p)
		case extendedReport:
			a, n, ok = extended(p)
		}
		if !ok {
			return nil, fmt.Errorf("packet: %w: report %d of %d is cut off", offers.ErrInvalid, i+1, count)
		}
		p = p[n:]
		if a.RSSIdBm != noRSSI {
			adverts = append(adverts, a)
		}
	}
	return adverts, nil
}

// report is one of an LE advertising report: type, kind of address, address,
// length, data, strength.
func report(p []byte) (a Advert, n int, ok bool) {
	const head = 9
	if len(p) < head+1 || len(p) < head+int(p[8])+1 {
		return a, 0, false
	}
	n = head + int(p[8]) + 1
	return Advert{Address: address(p[2:8]), Random: p[1]&1 == 1, Data: p[head : n-1], RSSIdBm: int(int8(p[n-1]))}, n, true
}

// extended is one of an LE extended advertising report, in which the strength
// stands before the data.
func extended(p []byte) (a Advert, n int, ok bool) {
	const head = 24
	if len(p) < head || len(p) < head+int(p[23]) {
		return a, 0, false
	}
	n = head + int(p[23])
	return Advert{Address: address(p[3:9]), Random: p[2]&1 == 1, Data: p[head:n], RSSIdBm: int(int8(p[13]))}, n, true
}

// address is a radio's address as people write it; on the air it is the other
// way round.
func address(p []byte) string {
	return fmt.Sprintf("%02X%02X%02X%02X%02X%02X", p[5], p[4], p[3], p[2], p[1], p[0])
}
