// Package gateway reads what gateways and phones write about the beacons that
// they hear, each in its own words, into readings.
//
// It speaks ESPresense, OpenMQTTGateway and Theengs, find3, raw reports of a
// radio, and what an app says of the beacons around its phone. A radio's address
// is passed on where a form has no other name, but it names nobody: the caller
// asks beacons.Identifying.
//
// Where a phone listens to beacons that are fixed to shelves, the phone is the
// tag and the beacons are the receivers: the way through the air is the same.
package gateway

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"aisle/beacons"
	"aisle/offers"
)

const (
	maxReadings = 256     // in one message
	maxBody     = 1 << 20 // bytes of one message
	maxName     = 200     // bytes of a tag's name
	maxReceiver = 100     // bytes of a receiver's
	leastDBm    = -127
	mostDBm     = 20
)

// believable tells whether a radio can have measured so many dBm.
func believable(dBm float64) bool { return dBm >= leastDBm && dBm <= mostDBm }

// name tells whether s can be the name of a tag or receiver.
func name(s string, most int) bool {
	return s != "" && len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' })
}

// number is a value that gateways write as a number or as a string: "-60",
// "0x0a", and with hexadecimal also "000A".
func number(v any, hexadecimal bool) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case string:
		s := strings.TrimSpace(v)
		if rest, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok || hexadecimal {
			n, err := strconv.ParseUint(strings.ToLower(orElse(ok, rest, s)), 16, 32)
			return float64(n), err == nil
		}
		x, err := strconv.ParseFloat(s, 64)
		return x, err == nil && !math.IsNaN(x) && !math.IsInf(x, 0)
	}
	return 0, false
}

func orElse(ok bool, a, b string) string {
	if ok {
		return a
	}
	return b
}

// uuid is a UUID with dashes and lower case, from any way of writing it.
func uuid(s string) (string, bool) {
	s = strings.ToLower(strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' || r == ':' {
			return -1
		}
		return r
	}, strings.TrimPrefix(strings.TrimPrefix(s, "0x"), "0X")))
	if len(s) != 32 {
		return "", false
	}
	for _, c := range s {
		if !strings.ContainsRune("0123456789abcdef", c) {
			return "", false
		}
	}
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:], true
}

// instant is a time in seconds or milliseconds since 1970, or as RFC 3339; at,
// if it is missing or of a clock that was never set.
func instant(v any, at time.Time) (time.Time, error) {
	switch v := v.(type) {
	case nil:
		return at, nil
	case float64:
		switch {
		case v > 1e11 && v < 1e14:
			return time.UnixMilli(int64(v)).UTC(), nil
		case v > 1e9 && v <= 1e11:
			return time.UnixMilli(int64(v * 1000)).UTC(), nil
		}
		return at, nil
	case string:
		t, err := time.Parse(time.RFC3339Nano, v)
		if err != nil {
			return at, fmt.Errorf("timestamp %.40q: %w: %w", v, offers.ErrInvalid, err)
		}
		return t.UTC(), nil
	}
	return at, fmt.Errorf("timestamp: %w: want milliseconds or RFC 3339", offers.ErrInvalid)
}

// settle corrects readings for their sender's clock, as Segment's servers do:
// what it says it sent now was sent when it came. Where it does not say, the last
// reading counts as that, unless it is off by so much that the sender kept it for
// a while. Readings of the future, or of another day, are of when they came.
func settle(readings []beacons.Reading, sent, at time.Time) {
	off := at.Sub(sent)
	if sent.IsZero() {
		var last time.Time
		for i := range readings {
			if readings[i].At.After(last) {
				last = readings[i].At
			}
		}
		if off = at.Sub(last); off < -mostSkew || off > mostSkew {
			off = 0
		}
	}
	for i := range readings {
		when := readings[i].At.Add(off)
		if when.After(at) || at.Sub(when) > 24*time.Hour {
			when = at
		}
		readings[i].At = when
	}
}

const mostSkew = 10 * time.Minute
