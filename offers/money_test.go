package offers

import "testing"

func TestMoney(t *testing.T) {
	tests := []struct {
		money Money
		major float64
	}{
		{Money{1250, "EUR"}, 12.5},
		{Money{1250, "JPY"}, 1250},
		{Money{1250, "KWD"}, 1.25},
		{Money{1250, "CLF"}, .125},
		{Money{1250, ""}, 12.5},
		{Money{-5, "EUR"}, -.05},
	}
	for _, tt := range tests {
		if got := tt.money.Major(); got != tt.major {
			t.Errorf("%+v is %v, want %v", tt.money, got, tt.major)
		}
		if got := MoneyOf(tt.major, tt.money.Currency); got != tt.money {
			t.Errorf("MoneyOf(%v, %q) = %+v, want %+v", tt.major, tt.money.Currency, got, tt.money)
		}
	}
}
