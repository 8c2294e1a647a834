package state

import (
	"encoding/json"
	"fmt"
	"reflect"

	"aisle/offers"
)

// packed is the first byte of a profile as state keeps it. JSON begins with
// another: profiles were JSON once.
const packed = 1

// AppendProfile appends a profile to b as state keeps it under ProfileKey.
func AppendProfile(b []byte, p *offers.Profile) []byte {
	return packerOf(profileType).pack(append(b, packed), reflect.ValueOf(p).Elem())
}

var profileType = reflect.TypeFor[offers.Profile]()

// DecodeProfile reads what AppendProfile wrote, or JSON, into a new profile.
func DecodeProfile(b []byte, p *offers.Profile) error {
	if len(b) > 0 && b[0] == '{' {
		if err := json.Unmarshal(b, p); err != nil {
			return fmt.Errorf("profile: %w: %w", offers.ErrInvalid, err)
		}
		return nil
	}
	r := reader{rest: string(b)}
	if len(b) == 0 || b[0] != packed {
		r.fail(errWire)
	} else {
		r.rest = r.rest[1:]
		packerOf(profileType).unpack(&r, reflect.ValueOf(p).Elem())
	}
	if r.err != nil {
		return fmt.Errorf("profile: %w: %w", offers.ErrInvalid, r.err)
	}
	return nil
}
