package notifier

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"aisle/offers"
)

// plainText is what an offer without a text of its own says.
const plainText = "{{shop}}: {{title}}. Your code {{code}}, until {{until}}."

// longestText is the most that Twilio takes of a text, in UTF-16 units.
const longestText = 1600

var variable = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)

// render fills in a template. A variable that is not known, or has no value for
// this shopper, is an error: "Hello ," is worse than silence.
func render(template string, values map[string]string) (string, error) {
	var missing []string
	text := variable.ReplaceAllStringFunc(template, func(v string) string {
		name := variable.FindStringSubmatch(v)[1]
		value := strings.TrimSpace(values[name])
		if value == "" && !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
		return value
	})
	switch {
	case len(missing) > 0:
		return "", fmt.Errorf("%w: nothing to put in for {{%s}}", offers.ErrInvalid, strings.Join(missing, "}}, {{"))
	case strings.TrimSpace(text) == "":
		return "", fmt.Errorf("%w: the text is empty", offers.ErrInvalid)
	case len(utf16.Encode([]rune(text))) > longestText:
		return "", fmt.Errorf("%w: the text has more than %d characters", offers.ErrInvalid, longestText)
	}
	return text, nil
}

// until says when an offer ends, in the shop's zone: the hour if that is today,
// the day too if it is later.
func until(expires, now time.Time, zone *time.Location) string {
	expires, now = expires.In(zone), now.In(zone)
	if expires.YearDay() == now.YearDay() && expires.Year() == now.Year() {
		return expires.Format("15:04")
	}
	return expires.Format("2 Jan 15:04")
}

// Segments is how many text messages a text is charged as, and its encoding:
// GSM-7 of 160 characters, or 153 where there are several, if every character is
// in that alphabet (3GPP TS 23.038, section 6.2.1; those of the extension table
// count two and are never split between segments); else UCS-2 of 70, or 67.
func Segments(text string) (n int, encoding string) {
	if units, ok := septets(text); ok {
		return segments(units, 160, 153), "GSM-7"
	}
	var units []int
	for _, r := range text {
		units = append(units, max(utf16.RuneLen(r), 1)) // a surrogate pair is never split
	}
	return segments(units, 70, 67), "UCS-2"
}

// segments fills segments with characters of these sizes.
func segments(sizes []int, single, several int) int {
	total := 0
	for _, s := range sizes {
		total += s
	}
	if total <= single {
		return 1
	}
	n, used := 1, 0
	for _, s := range sizes {
		if used+s > several {
			n, used = n+1, 0
		}
		used += s
	}
	return n
}

const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡" +
		"ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)

// septets are the sizes of a text's characters in GSM-7, if it has them all.
func septets(text string) (sizes []int, ok bool) {
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			sizes = append(sizes, 1)
		case strings.ContainsRune(gsmExtended, r):
			sizes = append(sizes, 2)
		default:
			return nil, false
		}
	}
	return sizes, true
}
