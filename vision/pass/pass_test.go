package pass_test

import (
	"errors"
	"testing"
	"time"

	"aisle/offers"
	"aisle/vision/pass"
)

func TestPassesOpenOneThing(t *testing.T) {
	key, now := []byte("the edge key"), time.Unix(1_800_000_000, 0)
	good := pass.Write(key, pass.Send, "tablet", now.Add(time.Minute))
	for name, test := range map[string]struct {
		key     []byte
		purpose pass.Purpose
		camera  offers.CameraID
		pass    string
		now     time.Time
		ok      bool
	}{
		"good":            {key, pass.Send, "tablet", good, now, true},
		"another purpose": {key, pass.Look, "tablet", good, now, false},
		"another camera":  {key, pass.Send, "door", good, now, false},
		"another key":     {[]byte("x"), pass.Send, "tablet", good, now, false},
		"too late":        {key, pass.Send, "tablet", good, now.Add(time.Minute), false},
		"longer":          {key, pass.Send, "tablet", "9" + good, now, false},
		"cut":             {key, pass.Send, "tablet", good[:20], now, false},
		"empty":           {key, pass.Send, "tablet", "", now, false},
	} {
		err := pass.Check(test.key, test.purpose, test.camera, test.pass, test.now)
		if (err == nil) != test.ok || err != nil && !errors.Is(err, offers.ErrDenied) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
