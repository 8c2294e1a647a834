package notifier

import (
	"slices"
	"testing"
	"time"

	"aisle/offers"
)

func TestQuietUntil(t *testing.T) {
	night := offers.QuietHours{FromMinute: 21 * 60, UntilMinute: 8 * 60}
	noon := offers.QuietHours{FromMinute: 12 * 60, UntilMinute: 13*60 + 30}
	tests := []struct {
		name, zone, now string
		quiet           offers.QuietHours
		want            string // in the zone; "": not quiet
	}{
		{"day", "Europe/Berlin", "2026-06-01T15:00:00", night, ""},
		{"evening", "Europe/Berlin", "2026-06-01T21:00:00", night, "2026-06-02T08:00:00"},
		{"small hours", "Europe/Berlin", "2026-06-02T03:00:00", night, "2026-06-02T08:00:00"},
		{"end", "Europe/Berlin", "2026-06-02T08:00:00", night, ""},
		{"last minute", "Europe/Berlin", "2026-06-02T07:59:59", night, "2026-06-02T08:00:00"},
		{"last of the month", "Europe/Berlin", "2026-01-31T23:00:00", night, "2026-02-01T08:00:00"},
		{"by day", "Asia/Kolkata", "2026-06-02T12:30:00", noon, "2026-06-02T13:30:00"},
		{"none", "Europe/Berlin", "2026-06-02T03:00:00", offers.QuietHours{}, ""},
		{"equal means none", "Europe/Berlin", "2026-06-02T03:00:00", offers.QuietHours{FromMinute: 60, UntilMinute: 60}, ""},
		{"clocks go forward", "Europe/Berlin", "2026-03-28T23:00:00", night, "2026-03-29T08:00:00"},
		{"clocks go back", "Europe/Berlin", "2026-10-24T23:00:00", night, "2026-10-25T08:00:00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			zone, err := time.LoadLocation(test.zone)
			if err != nil {
				t.Fatal(err)
			}
			const layout = "2006-01-02T15:04:05"
			now, err := time.ParseInLocation(layout, test.now, zone)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if end := quietUntil([]offers.QuietHours{test.quiet}, zone, now.UTC()); !end.IsZero() {
				got = end.In(zone).Format(layout)
			}
			if got != test.want {
				t.Errorf("quiet until %q; want %q", got, test.want)
			}
		})
	}
}

func TestAddress(t *testing.T) {
	phones := func(numbers ...string) (ids []offers.Identifier) {
		ids = append(ids, offers.Identifier{Type: offers.CustomerID, Value: "1"})
		for _, n := range numbers {
			ids = append(ids, offers.Identifier{Type: offers.Phone, Value: n})
		}
		return ids
	}
	tests := map[string]struct {
		told string
		ids  []offers.Identifier
		want string
	}{
		"told only":           {"+311", phones(), "+311"},
		"theirs only":         {"", phones("+312"), "+312"},
		"told another's":      {"+311", phones("+312"), "+312"},
		"of two, told last":   {"+313", phones("+312", "+313"), "+313"},
		"of two, told before": {"+312", phones("+312", "+313"), "+312"},
		"none":                {"", phones(), ""},
	}
	for name, test := range tests {
		p := &offers.Profile{Traits: offers.Traits{Phone: test.told}, Identifiers: test.ids}
		if got := address(offers.ChannelSMS, p); got != test.want {
			t.Errorf("%s: a text goes to %q, want %q", name, got, test.want)
		}
	}
}

// Whoever says that it is quiet is heard; the usual night is where nobody does.
func TestHours(t *testing.T) {
	late, early := offers.QuietHours{FromMinute: 23 * 60, UntilMinute: 6 * 60}, offers.QuietHours{FromMinute: 20 * 60, UntilMinute: 9 * 60}
	shop := &offers.Shop{TimeZone: "Europe/Madrid", Quiet: late}
	tests := map[string]struct {
		house offers.House
		shop  *offers.Shop
		want  []offers.QuietHours
	}{
		"nobody":              {offers.House{}, nil, []offers.QuietHours{night}},
		"the shop":            {offers.House{}, shop, []offers.QuietHours{late}},
		"the house":           {offers.House{Quiet: &early}, nil, []offers.QuietHours{early}},
		"the shop, the house": {offers.House{Quiet: &early}, shop, []offers.QuietHours{late, early}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, got, err := hours(&test.house, test.shop, &offers.Profile{Traits: offers.Traits{TimeZone: "Europe/Madrid"}})
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%v, %v; want %v", got, err, test.want)
			}
		})
	}
}

// However the clocks are set, an end of quiet hours lies ahead, and it is not
// quiet then.
func TestQuietHoursAlwaysEnd(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []offers.QuietHours{{FromMinute: 60, UntilMinute: 150}, {FromMinute: 1300, UntilMinute: 90}, {FromMinute: 100, UntilMinute: 160}} {
		for _, day := range []time.Time{time.Date(2026, 3, 7, 22, 0, 0, 0, zone), time.Date(2026, 10, 31, 22, 0, 0, 0, zone)} {
			for now := day; now.Before(day.Add(12 * time.Hour)); now = now.Add(7 * time.Minute) {
				end := endOf(q, zone, now)
				if end.IsZero() {
					continue
				}
				for range 3 { // it may be quiet once more in the hour that comes twice
					if next := endOf(q, zone, end); next.IsZero() {
						break
					} else {
						end = next
					}
				}
				if !end.After(now) || end.Sub(now) > 12*time.Hour || !endOf(q, zone, end).IsZero() {
					t.Fatalf("%+v at %v: ends %v", q, now, end)
				}
			}
		}
	}
}

func TestCode(t *testing.T) {
	secret := []byte("secret")
	seen := map[string]offers.DecisionID{}
	for i := range 20000 {
		id := offers.DecisionID("3-" + time.Duration(i).String() + "-0")
		code := Code(secret, id, 0)
		if len(code) != 8 {
			t.Fatalf("code %q", code)
		}
		if other := seen[code]; other != "" {
			t.Fatalf("%s and %s have the same code", id, other)
		}
		seen[code] = id
	}
	code, again := Code(secret, "1-2-0", 0), Code(secret, "1-2-0", 0)
	if code != again || code == Code(secret, "1-2-0", 1) || code == Code([]byte("other"), "1-2-0", 0) {
		t.Error("codes depend on secret, decision and attempt, and nothing else")
	}
}

func TestPartitionOf(t *testing.T) {
	for id, want := range map[offers.DeliveryID]int{"3-120-0-sms": 3, "12-1-0-app": 12, "": -1, "x-1": -1, "-3-1": -1, "7": -1} {
		got, ok := partitionOf(id)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("partition of %q is %d; want %d", id, got, want)
		}
	}
}
