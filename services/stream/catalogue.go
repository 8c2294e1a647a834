package stream

import (
	"context"
	"errors"

	"aisle/offers"
)

// Catalogue is the live view of shops and campaigns.
type Catalogue struct{}

// Catalogue follows the stream campaigns until ctx ends; it returns once it has
// caught up.
func (l *Log) Catalogue(ctx context.Context) (*Catalogue, error) { return nil, errors.ErrUnsupported }

// Now is the catalogue as it is. The caller must not change it. It takes no lock.
func (c *Catalogue) Now() *offers.Catalogue { return &offers.Catalogue{} }

// Changed is closed at the next change.
func (c *Catalogue) Changed() <-chan struct{} { return nil }
