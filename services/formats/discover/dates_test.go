package discover

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
)

func TestParseTime(t *testing.T) {
	denver, err := time.LoadLocation("America/Denver")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		in   string
		loc  *time.Location
		want string
	}{
		{"2024-05-17T10:05:03Z", nil, "2024-05-17 10:05:03"},
		{"2024-05-17 10:05:03.25 +02:00", nil, "2024-05-17 08:05:03.25"},
		{"2024-05-17 10:05:03.250 -05:30", nil, "2024-05-17 15:35:03.25"},
		{"2024-05-17 10:05:03.25 +0300 +0300 m=+0.000000001", nil, "2024-05-17 07:05:03.25"},
		{"17 May 2024", nil, "2024-05-17 00:00:00"},
		{"May 17th, 2024", nil, "2024-05-17 00:00:00"},
		{"5/17/24 4:08 PM", nil, "2024-05-17 16:08:00"},
		{"2024.05.17", nil, "2024-05-17 00:00:00"},
		{"20240517100503", nil, "2024-05-17 10:05:03"},
		{"1715940303", nil, "2024-05-17 10:05:03"},
		{"1715940303250", nil, "2024-05-17 10:05:03.25"},
		{"17/May/2024:10:05:03 +0000", nil, "2024-05-17 10:05:03"},
		{"Fri, 17 May 2024 10:05:03 GMT", nil, "2024-05-17 10:05:03"},
		{"2024-05-17 10:05:03 MST", nil, "2024-05-17 10:05:03"},
		{"2024-01-17 10:05:03 MST", denver, "2024-01-17 17:05:03"},
		{"2024-05-17 10:05:03", denver, "2024-05-17 16:05:03"},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			got, err := ParseTime(tt.in, tt.loc)
			if err != nil || got.UTC().Format("2006-01-02 15:04:05.999") != tt.want {
				t.Errorf("ParseTime(%q, %v) = %v, %v; want %s", tt.in, tt.loc, got, err, tt.want)
			}
		})
	}
}

func TestParseTimeRefuses(t *testing.T) {
	for _, in := range []string{"", "soon", "2024-17-05T10:05Z", "Mayday 7th, 1970", "3", strings.Repeat("2024", 100)} {
		if got, err := ParseTime(in, nil); !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("ParseTime(%.20q) = %v, %v; want an invalid", in, got, err)
		}
	}
	if got, err := ParseStrict("3/4/2024", nil); !errors.Is(err, ErrAmbiguous) {
		t.Errorf("ParseStrict = %v, %v; want %v", got, err, ErrAmbiguous)
	}
	if _, err := ParseStrict("2024-04-03", nil); err != nil {
		t.Errorf("ParseStrict of a date beyond doubt: %v", err)
	}
}

func TestNewLayout(t *testing.T) {
	tests := []struct {
		name    string
		samples []string
		want    Layout
	}{
		{"ISO", []string{"2024-05-17", "", "2024-12-01"}, Layout{Layout: "2006-01-02"}},
		{"month first, by one sample", []string{"3/4/2024", "5/17/2024", "12/1/2024"}, Layout{Layout: "1/2/2006"}},
		{"day first, by one sample", []string{"03/04/2024", "17/05/2024"}, Layout{Layout: "02/01/2006"}},
		{"day first with dots", []string{"3.4.2024", "17.5.2024"}, Layout{Layout: "2.1.2006"}},
		{"day first with dashes and a time", []string{"03-04-2024 10:05", "17-05-2024 11:06"}, Layout{Layout: "02-01-2006 15:04"}},
		{"either", []string{"03/04/2024", "05/06/2024"}, Layout{Layout: "01/02/2006", Ambiguous: true, Other: "02/01/2006"}},
		{"either, and it makes no difference", []string{"03/03/2024", "05/05/2024"}, Layout{Layout: "01/02/2006"}},
		{"access log", []string{"17/May/2024:10:05:03 +0200"}, Layout{Layout: "02/Jan/2006:15:04:05 -0700"}},
		{"a comma before the milliseconds", []string{"2024-05-17 10:05:03,250", "2024-05-17 10:05:03,001"}, Layout{Layout: "2006-01-02 15:04:05,000"}},
		{"syslog", []string{"May 17 10:05:03", "May  7 10:05:03"}, Layout{Layout: "Jan _2 15:04:05", YearMissing: true}},
		{"seconds", []string{"1715940303", "1715940304.5"}, Layout{Layout: Unix}},
		{"milliseconds", []string{"1715940303000", "1715940304000"}, Layout{Layout: UnixMilli}},
		{"many ways", []string{"2024-05-17", "May 17, 2024", "2024-05-17T10:05:03Z"}, Layout{Layout: AnyLayout}},
		{"with a zone", []string{"2024-05-17 10:05:03 +0200", "2024-05-17 10:05:03 -0700"}, Layout{Layout: "2006-01-02 15:04:05 -0700"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := NewLayout(tt.samples)
			if !ok {
				t.Fatal("no layout")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("NewLayout differs (-want +got):\n%s", diff)
			}
			for _, s := range tt.samples {
				if s == "" {
					continue
				}
				if _, err := ReadAs(got.Layout, s, nil); err != nil {
					t.Errorf("ReadAs its own layout: %v", err)
				}
			}
		})
	}
}

func TestNewLayoutFindsNone(t *testing.T) {
	for name, samples := range map[string][]string{
		"nothing":       {"", " "},
		"words":         {"soon", "later"},
		"a date and no": {"2024-05-17", "soon"},
		"counts":        {"1", "2", "3"},
		"addresses":     {"203.0.113.7", "198.51.100.1"},
		"versions":      {"1.2.3", "1.2.4"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := NewLayout(samples); ok {
				t.Errorf("NewLayout(%q) = %+v, want none", samples, got)
			}
		})
	}
}

func TestReadAsRefuses(t *testing.T) {
	for _, tt := range []struct{ layout, in string }{
		{"2006-01-02", "17.5.2024"}, {Unix, "soon"}, {Unix, "1.x"}, {UnixMilli, ""}, {AnyLayout, "soon"},
	} {
		if got, err := ReadAs(tt.layout, tt.in, nil); !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("ReadAs(%q, %q) = %v, %v; want an invalid", tt.layout, tt.in, got, err)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2024-05-17", "May 17th, 2024", "5/17/24 4:08 PM", "1715940303", "Fri Jul 03 2015 18:04:07 GMT+0100 (GMT Daylight Time)",
		"2014年04月08日", "2018-06-29 19:09:57 +0300 +0300", "Mon Aug 10 15:44:11 CEST+0200 2015", "", "\xff", "1.2.3.4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseTime(s, nil)
		if err != nil && !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("ParseTime(%q) = %v, want an invalid", s, err)
		}
		strict, strictErr := ParseStrict(s, nil)
		if strictErr == nil && (err != nil || !strict.Equal(got)) {
			t.Errorf("ParseStrict(%q) = %v, and ParseTime %v, %v", s, strict, got, err)
		}
		if l, ok := NewLayout([]string{s}); ok {
			if _, err := ReadAs(l.Layout, strings.TrimSpace(s), nil); err != nil {
				t.Errorf("NewLayout(%q) = %q, which does not read it: %v", s, l.Layout, err)
			}
		}
	})
}
