package offers

import "strings"

// Nearest is the word that somebody most likely meant who wrote another: one
// that differs in a few letters, or else that begins with it. Of
// equally near ones it is the first; "" if none is near.
func Nearest(word string, known []string) string {
	const longest = 100 // what is longer is no slip of the finger
	if word == "" || len(word) > longest {
		return ""
	}
	word = strings.ToLower(word)
	found, least := "", 1+max(1, len(word)/3)
	for _, k := range known {
		if len(k) > longest {
			continue
		}
		if d := slips(word, strings.ToLower(k)); d < least {
			found, least = k, d
		}
	}
	if found != "" {
		return found
	}
	for _, k := range known {
		if strings.HasPrefix(strings.ToLower(k), word) {
			return k
		}
	}
	return ""
}

// slips is how many bytes have to be put in, left out, replaced, or swapped with
// the next, to make one word of another (optimal string alignment).
func slips(a, b string) int {
	var before, last, row []int
	for i := range len(a) + 1 {
		before, last, row = last, row, make([]int, len(b)+1)
		for j := range len(b) + 1 {
			switch {
			case i == 0 || j == 0:
				row[j] = i + j
				continue
			case a[i-1] == b[j-1]:
				row[j] = last[j-1]
				continue
			}
			row[j] = 1 + min(last[j], row[j-1], last[j-1])
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], 1+before[j-2])
			}
		}
	}
	return row[len(b)]
}
