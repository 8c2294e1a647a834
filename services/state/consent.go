package state

import (
	"context"
	"errors"

	"aisle/offers"
)

// SetConsent keeps a consent, unless a newer one is there.
func (s *Store) SetConsent(ctx context.Context, partition int, shopper offers.ShopperID, c offers.Consent) error {
	return errors.ErrUnsupported
}

// Consents are a shopper's, newest of each purpose.
func (s *Store) Consents(ctx context.Context, partition int, shopper offers.ShopperID) (map[offers.Purpose]offers.Consent, error) {
	return nil, errors.ErrUnsupported
}
