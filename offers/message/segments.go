package message

import (
	"strings"
	"unicode/utf16"
)

// Longest is the most that providers take of a text message, in UTF-16 units.
const Longest = 1600

// Length is the length of a text in UTF-16 units.
func Length(text string) int { return len(utf16.Encode([]rune(text))) }

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
