package offers

import "math"

// Money is an amount in minor units (cents) of an ISO 4217 currency. The zero
// value is no money at all.
type Money struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency,omitempty"`
}

// IsZero tells whether the amount is nought.
func (m Money) IsZero() bool { return m.Minor == 0 }

// Major is the amount in major units: euros, yen.
func (m Money) Major() float64 { return float64(m.Minor) / perMajor(m.Currency) }

// MoneyOf is an amount of major units, rounded to the minor unit.
func MoneyOf(major float64, currency string) Money {
	return Money{Minor: int64(math.Round(major * perMajor(currency))), Currency: currency}
}

// MinorDigits is how many decimals a currency has (ISO 4217, list one). One that
// is not known, or not said, has two as most have.
func MinorDigits(currency string) int {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	}
	return 2
}

func perMajor(currency string) float64 {
	return [...]float64{1, 10, 100, 1000, 10_000}[MinorDigits(currency)]
}
