package evalble

import (
	"errors"
	"os"
	"testing"

	"aisle/offers"
)

// The floors are what plain methods reach on the same recordings.
func TestFloors(t *testing.T) {
	r, err := Evaluate(os.DirFS("../../../shared/data"))
	if errors.Is(err, offers.ErrNotFound) {
		t.Skip("the recordings are not here: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%v", r)
}
