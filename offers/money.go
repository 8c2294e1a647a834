package offers

// Money is an amount in minor units (cents) of an ISO 4217 currency. The zero
// value is no money at all.
type Money struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency,omitempty"`
}

// IsZero tells whether the amount is nought.
func (m Money) IsZero() bool { return m.Minor == 0 }
