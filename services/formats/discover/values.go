package discover

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Type is what the values of a field are.
type Type string

// The types. Those that tell a person are Personal.
const (
	String    Type = "string"
	Integer   Type = "integer"
	Number    Type = "number"
	Boolean   Type = "boolean"
	Time      Type = "time"
	IP        Type = "ip"
	URL       Type = "url"
	UserAgent Type = "user_agent"
	UUID      Type = "uuid"
	Email     Type = "email"
	Phone     Type = "phone"
	Object    Type = "object" // JSON within, kept as it is
)

// Personal tells whether values of a type may tell who somebody is. Their
// examples are masked.
func (t Type) Personal() bool { return t == Email || t == Phone || t == IP }

// DecimalComma is the layout of numbers written 1.234,50.
const DecimalComma = "decimal_comma"

// TypeOf is the narrowest type of one value, from its letters only. A number
// that would not be the same when written again, such as 08123, is a string,
// and so is an empty value.
func TypeOf(s string) Type {
	if s == "" || len(s) > 4096 {
		return String
	}
	switch c := s[0]; {
	case c >= '0' && c <= '9', c == '-', c == '+', c == '.':
		if isInteger(s) {
			return Integer
		}
		if isNumber(s) || isDecimalComma(s) {
			return Number
		}
	case len(s) <= 5 && isBoolean(s):
		return Boolean
	}
	switch {
	case isIP(s):
		return IP
	case isUUID(s):
		return UUID
	case isURL(s):
		return URL
	case isEmail(s):
		return Email
	case isUserAgent(s):
		return UserAgent
	case isTime(s):
		return Time
	case isPhone(s):
		return Phone
	}
	return String
}

func isInteger(s string) bool {
	d := strings.TrimPrefix(s, "-")
	return digits(d) && len(d) <= 18 && (d == "0" && s == "0" || d[0] != '0')
}

func isNumber(s string) bool {
	dot, exp := false, false
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
		case (c == '-' || c == '+') && (i == 0 || s[i-1] == 'e' || s[i-1] == 'E'):
		case c == '.' && !dot && !exp:
			dot = true
		case (c == 'e' || c == 'E') && !exp && i > 0 && i+1 < len(s):
			exp = true
		default:
			return false
		}
	}
	if !dot && !exp {
		return false // an integer, or one with zeros before or too long
	}
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

// isDecimalComma tells 12,50 and 1.234,50. 1,234 could be a thousand, and is not.
func isDecimalComma(s string) bool {
	whole, cents, ok := strings.Cut(strings.TrimPrefix(s, "-"), ",")
	if !ok || !digits(cents) || len(cents) == 3 || len(cents) > 6 {
		return false
	}
	groups := strings.Split(whole, ".")
	for i, g := range groups {
		if !digits(g) || i > 0 && len(g) != 3 || i == 0 && len(groups) > 1 && len(g) > 3 {
			return false
		}
	}
	return true
}

func isBoolean(s string) bool {
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no":
		return true
	}
	return false
}

func isIP(s string) bool {
	if len(s) < 3 || len(s) > 45 || strings.IndexByte(s, '.') < 0 && strings.Count(s, ":") < 2 {
		return false
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if !isHex(c) {
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func isURL(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || rest == "" || len(scheme) < 2 || len(scheme) > 16 || strings.ContainsAny(s, " \t\n\"") {
		return false
	}
	for i := range len(scheme) {
		if !isAlnum(scheme[i]) && scheme[i] != '+' && scheme[i] != '-' && scheme[i] != '.' {
			return false
		}
	}
	return true
}

func isEmail(s string) bool {
	name, host, ok := strings.Cut(s, "@")
	if !ok || name == "" || len(s) > 254 || strings.ContainsAny(s, " \t,;:<>()\"/") || strings.Contains(host, "@") {
		return false
	}
	dot := strings.LastIndexByte(host, '.')
	return dot > 0 && len(host)-dot > 2 && isLetters(host[dot+1:])
}

func isUserAgent(s string) bool {
	for _, start := range []string{"Mozilla/", "Opera/", "Dalvik/"} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	return false
}

func isTime(s string) bool {
	if !plausible(s) || digits(s) {
		return false
	}
	for _, l := range known {
		if _, err := time.Parse(l, s); err == nil {
			return true
		}
	}
	if l, ok := numeric(s, false); ok { // the day first
		if _, err := time.Parse(l, s); err == nil {
			return true
		}
	}
	t, err := ParseTime(s, nil)
	return err == nil && t.Year() >= 1800 && t.Year() <= 2200
}

// isPhone tells numbers that are written as people write those of phones: with
// their country, or parted in groups.
func isPhone(s string) bool {
	n, marks := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			n++
		case c == '+' && i == 0:
			marks += 2
		case c == ' ', c == '-', c == '(', c == ')', c == '.', c == '/':
			marks++
		default:
			return false
		}
	}
	return n >= 9 && n <= 15 && marks >= 2
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isLetters(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return s != ""
}

// Mask hides most of a value: enough is left to tell one kind from another.
func Mask(t Type, s string) string {
	switch t {
	case Email:
		name, host, _ := strings.Cut(s, "@")
		return firstRune(name) + "…@" + host
	case Phone:
		if len(s) > 5 {
			return s[:3] + "…" + s[len(s)-2:]
		}
		return "…"
	case IP:
		if a, err := netip.ParseAddr(s); err == nil {
			bits := 48
			if a = a.Unmap(); a.Is4() {
				bits = 24
			}
			if p, err := a.WithZone("").Prefix(bits); err == nil {
				return p.String()
			}
		}
		return "…"
	}
	return s
}

// MaskText hides addresses of people and of networks within a text.
func MaskText(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && (isAlnum(s[j]) || strings.IndexByte("@.:_+-%", s[j]) >= 0 || s[j] >= 0x80) {
			j++
		}
		if j == i {
			b.WriteByte(s[i])
			i++
			continue
		}
		word := s[i:j]
		body := strings.TrimRight(word, ".:")
		host, port, _ := strings.Cut(body, ":")
		switch {
		case isEmail(body):
			b.WriteString(Mask(Email, body) + word[len(body):])
		case isIP(body):
			b.WriteString(Mask(IP, body) + word[len(body):])
		case isIP(host):
			b.WriteString(Mask(IP, host) + ":" + port + word[len(body):])
		default:
			b.WriteString(word)
		}
		i = j
	}
	return b.String()
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}
