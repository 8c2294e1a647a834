package state

import (
	"fmt"

	"github.com/goccy/go-json"

	"aisle/offers"
)

// EncodeProfile is a profile as state keeps it under ProfileKey.
func EncodeProfile(p *offers.Profile) ([]byte, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w: %w", p.Shopper, offers.ErrInvalid, err)
	}
	return b, nil
}

// DecodeProfile is EncodeProfile backwards.
func DecodeProfile(b []byte, p *offers.Profile) error {
	if err := json.Unmarshal(b, p); err != nil {
		return fmt.Errorf("profile: %w: %w", offers.ErrInvalid, err)
	}
	return nil
}
