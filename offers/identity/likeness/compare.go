package likeness

import (
	"strings"
	"unicode"
)

// value is a field's value as it is compared.
type value struct {
	text  string   // without case, punctuation and double spaces
	words []string // of a name, in order of the alphabet
	sound string   // how the first words sound, for blocking
}

type entry []value

func (model *Model) read(r Record) entry {
	e := make(entry, len(model.schema))
	for f := range model.schema {
		if f < len(r) {
			e[f] = readValue(model.schema[f].Kind, r[f])
		}
	}
	return e
}

// maxText bounds what is compared of a value.
const maxText = 80

func readValue(k Kind, s string) value {
	keepSpaces := k == Name
	var b strings.Builder
	for _, c := range s {
		switch {
		case b.Len() >= maxText:
		case unicode.IsLetter(c) || unicode.IsDigit(c) || k == Address && strings.ContainsRune("@._-+", c):
			b.WriteRune(unicode.ToLower(c))
		case keepSpaces && b.Len() > 0 && c != '\'' && c != '’':
			b.WriteByte(' ')
		}
	}
	v := value{text: strings.Join(strings.Fields(b.String()), " ")}
	if k == Name && v.text != "" {
		v.words = strings.Fields(v.text)
		sortWords(v.words)
		v.sound = sound(v.text)
	} else {
		v.sound = v.text
	}
	return v
}

func sortWords(words []string) {
	for i := 1; i < len(words); i++ {
		for j := i; j > 0 && words[j] < words[j-1]; j-- {
			words[j], words[j-1] = words[j-1], words[j]
		}
	}
}

// levels compares two records field by field.
func (model *Model) levels(a, b entry, at []Level) {
	for f := range model.schema {
		at[f] = compare(model.schema[f].Kind, &a[f], &b[f])
	}
	for f, o := range model.swaps {
		if o < 0 || f > o || at[f] > Alike && at[o] > Alike {
			continue
		}
		k := model.schema[f].Kind
		one, other := compare(k, &a[f], &b[o]), compare(k, &a[o], &b[f])
		if one >= Near && other >= Near && one != Swapped && other != Swapped {
			at[f], at[o] = Swapped, Missing // one fact, counted once
		}
	}
}

func compare(k Kind, a, b *value) Level {
	switch {
	case a.text == "" || b.text == "":
		return Missing
	case a.text == b.text:
		return Same
	}
	switch k {
	case Name:
		return compareNames(a, b)
	case Date:
		return compareDates(a.text, b.text)
	case Number:
		if slips(a.text, b.text, 1) <= 1 && len(a.text)+len(b.text) > 3 {
			return Near
		}
		return Differs
	case Address:
		return compareAddresses(a.text, b.text)
	}
	switch d := slips(a.text, b.text, 2); {
	case d == 1 && min(len(a.text), len(b.text)) > 1:
		return Near
	case d == 2 && min(len(a.text), len(b.text)) > 4:
		return Alike
	}
	return Differs
}

func compareNames(a, b *value) Level {
	if len(a.words) > 1 || len(b.words) > 1 {
		if strings.Join(a.words, " ") == strings.Join(b.words, " ") || strings.ReplaceAll(a.text, " ", "") == strings.ReplaceAll(b.text, " ", "") {
			return Near // in another order, or with another space
		}
	}
	short := min(len(a.text), len(b.text))
	if short > 3 && slips(a.text, b.text, 1) <= 1 {
		return Near
	}
	switch jw := jaroWinkler(a.text, b.text); {
	case jw >= .94:
		return Near
	case jw >= .85, short > 4 && slips(a.text, b.text, 2) <= 2, short > 2 && a.sound == b.sound && len(a.sound) > 3, within(a.words, b.words) || within(b.words, a.words):
		return Alike
	}
	return Differs
}

// within tells whether all words of a are words of b, or their initials.
func within(a, b []string) bool {
	whole := false
	for _, w := range a {
		found := false
		for _, o := range b {
			if w == o && len(w) > 2 {
				found, whole = true, true
			} else if len(w) == 1 && strings.HasPrefix(o, w) {
				found = true
			}
		}
		if !found {
			return false
		}
	}
	return whole
}

func compareDates(a, b string) Level {
	if len(a) == 8 && len(b) == 8 && a[:4] == b[:4] && a[4:6] == b[6:] && a[6:] == b[4:6] {
		return Near // day and month
	}
	switch slips(a, b, 2) {
	case 1:
		return Near
	case 2:
		return Alike
	}
	return Differs
}

func compareAddresses(a, b string) Level {
	if slips(a, b, 1) <= 1 {
		return Near
	}
	one, _, _ := strings.Cut(a, "@")
	other, _, _ := strings.Cut(b, "@")
	if one == other && len(one) > 4 {
		return Alike // at another provider
	}
	return Differs
}

// slips is how many letters are to be put in, left out, changed or swapped with
// the next to make a of b, most+1 if more than most.
func slips(a, b string, most int) int {
	x, y := []rune(a), []rune(b)
	if len(x) < len(y) {
		x, y = y, x
	}
	if len(x)-len(y) > most {
		return most + 1
	}
	var store [3][maxText + 2]int
	if len(y) > maxText {
		return most + 1
	}
	before, last, now := store[0][:len(y)+1], store[1][:len(y)+1], store[2][:len(y)+1]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		now[0] = i
		least := i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
			least = min(least, now[j])
		}
		if least > most {
			return most + 1
		}
		before, last, now = last, now, before
	}
	return min(last[len(y)], most+1)
}

// jaroWinkler is 1 for the same text and 0 for one without a common letter
// (Winkler, 1990).
func jaroWinkler(a, b string) float64 {
	x, y := []rune(a), []rune(b)
	if len(x) == 0 || len(y) == 0 || len(x) > maxText || len(y) > maxText {
		return 0
	}
	reach := max(max(len(x), len(y))/2-1, 0)
	var takenX, takenY [maxText]bool
	common := 0
	for i, c := range x {
		for j := max(0, i-reach); j < min(len(y), i+reach+1); j++ {
			if !takenY[j] && y[j] == c {
				takenX[i], takenY[j] = true, true
				common++
				break
			}
		}
	}
	if common == 0 {
		return 0
	}
	moved, j := 0, 0
	for i := range x {
		if !takenX[i] {
			continue
		}
		for !takenY[j] {
			j++
		}
		if x[i] != y[j] {
			moved++
		}
		j++
	}
	n := float64(common)
	jaro := (n/float64(len(x)) + n/float64(len(y)) + (n-float64(moved)/2)/n) / 3
	prefix := 0
	for prefix < min(4, len(x), len(y)) && x[prefix] == y[prefix] {
		prefix++
	}
	return jaro + float64(prefix)*.1*(1-jaro)
}

var sounds = [26]byte{'b' - 'a': '1', 'f' - 'a': '1', 'p' - 'a': '1', 'v' - 'a': '1', 'c' - 'a': '2', 'g' - 'a': '2', 'j' - 'a': '2', 'k' - 'a': '2',
	'q' - 'a': '2', 's' - 'a': '2', 'x' - 'a': '2', 'z' - 'a': '2', 'd' - 'a': '3', 't' - 'a': '3', 'l' - 'a': '4', 'm' - 'a': '5', 'n' - 'a': '5', 'r' - 'a': '6'}

// sound is the Soundex of the first word's letters; of what is not written in
// them the first letters.
func sound(s string) string {
	var code []byte
	var last byte
	for i, c := range s {
		if c == ' ' {
			break
		}
		if c < 'a' || c > 'z' {
			if len(code) == 0 {
				return string([]rune(s)[:min(4, len([]rune(s)))])
			}
			continue
		}
		d := sounds[c-'a']
		switch {
		case i == 0:
			code = append(code, byte(c))
		case d != 0 && d != last:
			code = append(code, d)
		}
		if c != 'h' && c != 'w' {
			last = d
		}
		if len(code) == 4 {
			break
		}
	}
	return string(code)
}
