package discover

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/araddon/dateparse"

	"aisle/offers"
)

// maxDate is how many bytes a date may have. The longest in use, a JavaScript
// date with its zone spelled out, has 70.
const maxDate = 128

// ErrAmbiguous is a date that may be read with the day or the month first.
var ErrAmbiguous = errors.New("day or month first?")

// ParseTime reads a date in whatever way it is written. Where day and month
// could be either, the month comes first. A date without a zone is in loc (nil
// is UTC), and so is the meaning of a zone's short name: MST without loc is a
// name only, with no offset.
func ParseTime(s string, loc *time.Location) (time.Time, error) {
	return read(s, loc, false)
}

// ParseStrict is ParseTime that refuses, with ErrAmbiguous, what may be read
// with the day first as well as with the month first.
func ParseStrict(s string, loc *time.Location) (time.Time, error) {
	return read(s, loc, true)
}

func read(s string, loc *time.Location, strict bool) (t time.Time, err error) {
	// The library slices by what it expects next; fuzzing finds dates that
	// end before that.
	defer func() {
		if r := recover(); r != nil {
			t, err = time.Time{}, unreadable(s, fmt.Errorf("%v", r))
		}
	}()
	if len(s) > maxDate {
		return time.Time{}, unreadable(s[:maxDate], errors.New("too long"))
	}
	if loc == nil {
		loc = time.UTC // never the machine's own
	}
	if strict {
		if _, err := dateparse.ParseStrict(s); errors.Is(err, dateparse.ErrAmbiguousMMDD) {
			return time.Time{}, unreadable(s, ErrAmbiguous)
		}
	}
	t, err = dateparse.ParseIn(s, loc)
	if err != nil {
		// Offsets after a fraction are beyond the library: see mendOffset.
		for _, l := range []string{"2006-01-02 15:04:05 -07:00", "2006-01-02T15:04:05 -07:00", "2006/01/02 15:04:05 -07:00"} {
			if t, err := time.ParseInLocation(l, s, loc); err == nil {
				return t, nil
			}
		}
		return time.Time{}, unreadable(s, err)
	}
	layout, err := dateparse.ParseFormat(s)
	if err != nil {
		return t, nil // an instant, for which it has none
	}
	if mended := mendOffset(layout); mended != layout {
		if t, err = time.ParseInLocation(mended, s, loc); err != nil {
			return time.Time{}, unreadable(s, err)
		}
		layout = mended
	}
	if !digits(s) && !spells(t, layout, s) {
		return time.Time{}, unreadable(s, errors.New("its parts do not make one date"))
	}
	return t, nil
}

// mendOffset puts the offset into a layout where the library left that of the
// date: after a fraction it takes +02:00 for a day and an hour.
func mendOffset(layout string) string {
	for i := len("2006-01-02"); i+6 <= len(layout); i++ {
		o := layout[i : i+6]
		if (o[0] == '+' || o[0] == '-') && o[3] == ':' && digits(o[1:3]) && digits(o[4:]) && o != "-07:00" {
			return layout[:i] + "-07:00" + layout[i+6:]
		}
	}
	return layout
}

// spells tells whether a time, written again, has the digits that it was read
// from: else the layout took one part for another. Zones by name are not
// looked at: PST in July is an hour beside the clocks of Los Angeles.
func spells(t time.Time, layout, s string) bool {
	if strings.Contains(layout, "MST") {
		return true
	}
	layout, _, _ = strings.Cut(layout, "-07") // what follows is no clock's
	layout, _, _ = strings.Cut(layout, "m=")
	if strings.Contains(layout, "PM") || strings.Contains(layout, "pm") {
		layout = strings.Replace(layout, "15:", "03:", 1)
		if !strings.HasPrefix(onlyDigits(s), onlyDigits(t.Format(layout))) {
			layout = strings.Replace(layout, "03:", "3:", 1)
		}
	}
	return strings.HasPrefix(onlyDigits(s), onlyDigits(t.Format(layout)))
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func unreadable(s string, why error) error {
	return fmt.Errorf("date %q: %w: %w", s, offers.ErrInvalid, why)
}

// layoutOf is the Go layout of one date, month or day first.
func layoutOf(s string, monthFirst bool) (layout string, ok bool) {
	defer func() {
		if recover() != nil {
			layout, ok = "", false
		}
	}()
	if len(s) > maxDate {
		return "", false
	}
	layout, err := dateparse.ParseFormat(s, dateparse.PreferMonthFirst(monthFirst))
	return mendOffset(layout), err == nil
}

// FormatOf is the Go layout of one date, month first where it may be either.
func FormatOf(s string) (string, error) {
	layout, ok := layoutOf(s, true)
	if !ok {
		return "", unreadable(s, errors.New("no layout"))
	}
	return layout, nil
}

// Layouts that are not Go's.
const (
	Unix      = "unix"    // seconds since 1970, with a fraction or without
	UnixMilli = "unix_ms" // milliseconds
	UnixMicro = "unix_us"
	UnixNano  = "unix_ns"
	AnyLayout = "any" // more than one way in one column: each value as ParseTime has it
)

// Layout is how the dates of a column are written.
type Layout struct {
	// Layout is Go's, or one of the words above.
	Layout string `json:"layout"`
	// Ambiguous says that every sample may be read with the day first as
	// well as with the month first; Layout has the month first, Other the day.
	Ambiguous bool   `json:"ambiguous,omitempty"`
	Other     string `json:"other,omitempty"`
	// YearMissing says that the dates do not tell their year.
	YearMissing bool `json:"year_missing,omitempty"`
}

// known are layouts that log writers use and that guessing does not reach, or
// takes for something else.
var known = []string{
	"02/Jan/2006:15:04:05 -0700",
	"2006-01-02 15:04:05",
	"2006-01-02 15:04:05.000",
	"2006-01-02 15:04:05,000",
	"2006-01-02 15:04:05.000000",
	"2006-01-02T15:04:05.999999999Z07:00",
	"2006-01-02T15:04:05.999999999-0700",
	"Mon Jan _2 15:04:05 2006",
	"Jan _2 15:04:05",
	"Jan _2 15:04:05.000",
	"01-02 15:04:05.000",
	"01.02 15:04:05",
	"060102 150405",
	"06/01/02 15:04:05",
	"20060102-15:04:05.000",
	"20060102-15:4:5:000",
	"20060102T150405",
	"20060102 15:04:05",
	"2006-01-02-15.04.05.000000",
	"2006.01.02 15:04:05",
	"15:04:05.000",
	"15:04:05",
}

// samplesOfLayout is how many values of a column its layout is sought in.
const samplesOfLayout = 500

// NewLayout finds the one way in which all the samples are written; empty ones
// do not count. Day first or month first is decided by all of them together.
// It is false where there is no such way.
func NewLayout(samples []string) (Layout, bool) {
	var dates []string
	for _, s := range samples {
		if s = strings.TrimSpace(s); s != "" && len(dates) < samplesOfLayout {
			dates = append(dates, s)
		}
	}
	if len(dates) == 0 {
		return Layout{}, false
	}
	if l, ok := epoch(dates); ok {
		return Layout{Layout: l}, true
	}
	monthFirst, okM := agreed(dates, candidates(dates, true))
	dayFirst, okD := agreed(dates, candidates(dates, false))
	switch {
	case okM && okD && monthFirst != dayFirst && differ(dates, monthFirst, dayFirst):
		return Layout{Layout: monthFirst, Ambiguous: true, Other: dayFirst, YearMissing: yearless(monthFirst)}, true
	case okM:
		return Layout{Layout: monthFirst, YearMissing: yearless(monthFirst)}, true
	case okD:
		return Layout{Layout: dayFirst, YearMissing: yearless(dayFirst)}, true
	}
	// Not one way, but each of them a date beyond doubt.
	for _, s := range dates {
		if !plausible(s) {
			return Layout{}, false
		}
		if _, err := ParseStrict(s, nil); err != nil {
			return Layout{}, false
		}
	}
	return Layout{Layout: AnyLayout}, true
}

// maxCandidates bounds the ways that are tried on a whole column.
const maxCandidates = 12

// candidates are the layouts that single dates of a column suggest.
func candidates(dates []string, monthFirst bool) []string {
	var layouts []string
	add := func(l string) {
		if slices.Contains(layouts, l) {
			return
		}
		if len(layouts) < maxCandidates {
			layouts = append(layouts, l)
		}
	}
	if monthFirst {
		for _, l := range known {
			if _, err := time.Parse(l, dates[0]); err == nil {
				add(l)
			}
		}
	}
	seen := map[string]bool{}
	for _, s := range dates {
		if l, ok := numeric(s, monthFirst); ok {
			add(l)
			add(loosened(l))
		}
		if len(layouts) == maxCandidates {
			break
		}
		if shape := shapeOf(s); seen[shape] || !plausible(s) {
			continue
		} else {
			seen[shape] = true
		}
		if l, ok := layoutOf(s, monthFirst); ok && l != s {
			add(l)
			// 3/4/2014 beside 12/31/2014: the short form reads both.
			add(loosened(l))
		}
	}
	return layouts
}

// numeric is the layout of 17-5-2024 and its like, of which the library reads
// some: two numbers, the year, maybe a time.
func numeric(s string, monthFirst bool) (string, bool) {
	n1, i := digitsAt(s, 0)
	if n1 < 1 || n1 > 2 || i >= len(s) || strings.IndexByte("./-", s[i]) < 0 {
		return "", false
	}
	sep := s[i : i+1]
	n2, j := digitsAt(s, i+1)
	if n2 < 1 || n2 > 2 || j >= len(s) || s[j:j+1] != sep {
		return "", false
	}
	n3, k := digitsAt(s, j+1)
	if n3 != 4 && n3 != 2 {
		return "", false
	}
	year := "2006"[4-n3:]
	month, day := "01", "02"
	if monthFirst {
		return month[2-n1:] + sep + day[2-n2:] + sep + year + clockOf(s[k:]), true
	}
	return day[2-n1:] + sep + month[2-n2:] + sep + year + clockOf(s[k:]), true
}

// clockOf is the layout of what follows a date: nothing, or a time.
func clockOf(s string) string {
	for _, l := range []string{"", " 15:04", " 15:04:05", " 15:04:05.000", " 3:04 PM", " 3:04:05 PM", "T15:04:05", ", 15:04", ", 15:04:05", " 15:04:05 -0700", " 15:04:05 MST"} {
		if _, err := time.Parse(l, s); err == nil {
			return l
		}
	}
	return "\x00" // none: it reads nothing
}

// shapeOf is a date with its digits alike, so that one of each kind is studied.
func shapeOf(s string) string {
	b := []byte(s)
	for i, c := range b {
		switch {
		case c >= '0' && c <= '9':
			b[i] = '0'
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			b[i] = 'a'
		}
	}
	return string(b)
}

// loosened is a layout that takes days and months of one digit too.
func loosened(l string) string {
	l = strings.Replace(l, "2006", "\x00", 1)
	l = strings.Replace(l, "02", "2", 1)
	l = strings.Replace(l, "01", "1", 1)
	return strings.Replace(l, "\x00", "2006", 1)
}

// agreed is the first layout that reads all the dates, of those that would
// write them so if there is one.
func agreed(dates, layouts []string) (best string, ok bool) {
next:
	for _, l := range layouts {
		exact := true
		for _, s := range dates {
			t, err := time.Parse(l, s)
			if err != nil || t.Year() > 2200 || t.Year() != 0 && t.Year() < 1800 {
				continue next
			}
			exact = exact && t.Format(l) == s
		}
		if exact {
			return l, true
		}
		if !ok {
			best, ok = l, true
		}
	}
	return best, ok
}

// differ tells whether two layouts give any of the dates another day.
func differ(dates []string, a, b string) bool {
	for _, s := range dates {
		ta, errA := time.Parse(a, s)
		tb, errB := time.Parse(b, s)
		if errA == nil && errB == nil && !ta.Equal(tb) {
			return true
		}
	}
	return false
}

func yearless(layout string) bool { return !strings.Contains(layout, "06") }

// epoch is the unit of a column of plain numbers, if all of them are instants
// between 1990 and 2100 in it.
func epoch(dates []string) (string, bool) {
	unit := ""
	for _, s := range dates {
		u, ok := epochUnit(s)
		if !ok || unit != "" && u != unit {
			return "", false
		}
		unit = u
	}
	return unit, true
}

// The first and last second that a number is taken for an instant: numbers
// outside are counts.
const (
	epochFrom = 631152000  // 1990
	epochTo   = 4102444800 // 2100
)

func epochUnit(s string) (string, bool) {
	whole, fraction, dotted := strings.Cut(s, ".")
	if !digits(whole) || dotted && !digits(fraction) {
		return "", false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return "", false
	}
	for _, u := range []struct {
		name string
		per  int64
	}{{Unix, 1}, {UnixMilli, 1e3}, {UnixMicro, 1e6}, {UnixNano, 1e9}} {
		if n/u.per >= epochFrom && n/u.per < epochTo {
			return u.name, !dotted || u.name == Unix
		}
	}
	return "", false
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// plausible tells what may be a date from what the library would take for one:
// it reads 1.2.3 and 2014 too, and addresses of networks.
func plausible(s string) bool {
	if len(s) < 6 || len(s) > maxDate || digits(s) && len(s) != 8 && len(s) != 14 {
		return false
	}
	numbers, letters, marks := 0, 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isDigit(c):
			if i == 0 || !isDigit(s[i-1]) {
				numbers++
			}
		case isLetter(c):
			w, end := wordAt(s, i)
			if len(w) > 5 && !isWeekday(title(w)) && !isMonth(title(w)) && strings.IndexByte(s[:i], '(') < 0 {
				return false
			}
			letters += len(w)
			i = end - 1
		case strings.IndexByte("-/.:, +", c) >= 0:
			marks++
		case c < 0x80 && c != '(' && c != ')' && c != '=':
			return false
		}
	}
	return digits(s) || numbers >= 3 && marks >= 2 || numbers >= 2 && letters >= 3 && marks >= 1
}

func title(w string) string { return strings.ToUpper(w[:1]) + strings.ToLower(w[1:]) }

// ReadAs reads a date that is written by a layout of NewLayout; one without a
// zone is in loc (nil is UTC).
func ReadAs(layout, s string, loc *time.Location) (time.Time, error) {
	if loc == nil {
		loc = time.UTC
	}
	switch layout {
	case AnyLayout:
		return ParseTime(s, loc)
	case Unix, UnixMilli, UnixMicro, UnixNano:
		return fromEpoch(layout, s)
	}
	t, err := time.ParseInLocation(layout, s, loc)
	if err != nil {
		return time.Time{}, unreadable(s, err)
	}
	return t, nil
}

func fromEpoch(unit, s string) (time.Time, error) {
	whole, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, unreadable(s, err)
	}
	switch unit {
	case UnixMilli:
		return time.UnixMilli(n).UTC(), nil
	case UnixMicro:
		return time.UnixMicro(n).UTC(), nil
	case UnixNano:
		return time.Unix(0, n).UTC(), nil
	}
	var ns int64
	if fraction != "" {
		if ns, err = strconv.ParseInt((fraction + "000000000")[:9], 10, 64); err != nil || !digits(fraction) {
			return time.Time{}, unreadable(s, errors.New("not a number of seconds"))
		}
	}
	return time.Unix(n, ns).UTC(), nil
}
