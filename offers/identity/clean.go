package identity

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"aisle/offers"
)

// MaxValue is how many bytes a value of an identifier may have.
const MaxValue = 200

// blank matches what programs write for a missing number or UUID.
var blank = regexp.MustCompile(`^[0-]*$`)

// blocked are values that programs write where they know nobody, or that say
// what field it is and not who. One such value that passed would make
// thousands of people one shopper.
var blocked = map[string]bool{
	"-1": true, "null": true, "nil": true, "none": true, "undefined": true, "nan": true, "n/a": true, "na": true,
	"anonymous": true, "anon": true, "unknown": true, "guest": true, "visitor": true, "user": true, "customer": true,
	"true": true, "false": true, "test": true, "default": true, "empty": true, "missing": true, "not set": true,
	"id": true, "userid": true, "user_id": true, "customer_id": true, "distinct_id": true, "distinctid": true,
	"anonymousid": true, "anonymous_id": true, "not_authenticated": true, "email": true, "phone": true,
	"[object object]": true, "[]": true, "{}": true, `""`: true, "''": true, "#n/a": true, "(null)": true, "<nil>": true,
	"(not set)": true, "<null>": true, "%s": true, "%d": true, "string": true, "undefined@undefined": true,
}

// Blocked tells whether a value names nobody, whatever its type.
func Blocked(value string) bool {
	v := strings.ToLower(strings.TrimSpace(value))
	return blank.MatchString(v) || blocked[v]
}

// MaxIdentifiers is how many identifiers of one event are looked at.
const MaxIdentifiers = 16

// Clean brings identifiers as a source gave them into the form in which they
// are compared: normalised, each once, in order of priority. Region is the
// ISO 3166 code of the country whose telephone numbers are written without a
// country code; empty takes only those that have one. What names nobody is
// left out.
func Clean(ids []offers.Identifier, region string) []offers.Identifier {
	clean := make([]offers.Identifier, 0, len(ids))
	for _, id := range ids {
		if id, ok := Normalise(id, region); ok && !slices.Contains(clean, id) {
			clean = append(clean, id)
		}
		if len(clean) == MaxIdentifiers {
			break
		}
	}
	slices.SortStableFunc(clean, func(a, b offers.Identifier) int {
		i, _ := Priority(a.Type)
		j, _ := Priority(b.Type)
		return i - j
	})
	return clean
}

// Normalise is an identifier in the form in which it is compared; ok is false
// if it names nobody.
func Normalise(id offers.Identifier, region string) (normal offers.Identifier, ok bool) {
	if _, ok := Priority(id.Type); !ok {
		return offers.Identifier{}, false
	}
	v := strings.TrimSpace(id.Value)
	if Blocked(v) || len(v) > MaxValue || !utf8.ValidString(v) || strings.ContainsFunc(v, unicode.IsControl) {
		return offers.Identifier{}, false
	}
	switch id.Type {
	case offers.Phone:
		v, ok = PhoneNumber(v, region)
	case offers.Email:
		v, ok = EmailAddress(v)
	default:
		ok = true
	}
	return offers.Identifier{Type: id.Type, Value: v}, ok
}

// PhoneNumber is a telephone number in E.164, "+34600111222", as far as the
// numbering plan of its country allows it to be one.
func PhoneNumber(s, region string) (e164 string, ok bool) {
	if len(s) > 40 {
		return "", false
	}
	if strings.HasPrefix(s, "00") {
		s = "+" + s[2:] // as it is dialled in most countries
	}
	n, err := phonenumbers.Parse(s, strings.ToUpper(region))
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return "", false
	}
	n.Extension = nil // a line behind a switchboard has no SMS of its own
	e164 = phonenumbers.Format(n, phonenumbers.E164)
	if again, err := phonenumbers.Parse(e164, ""); err != nil || phonenumbers.Format(again, phonenumbers.E164) != e164 {
		return "", false // not a number of any plan: it would compare unequal to itself
	}
	national := phonenumbers.GetNationalSignificantNumber(n)
	if strings.Trim(national, national[:1]) == "" {
		return "", false // 5555555555: a form that had to be filled in
	}
	return e164, true
}

// EmailAddress is an e-mail address in the form in which it is compared. The
// part before the @ is case sensitive by RFC 5321 and nowhere else.
func EmailAddress(s string) (address string, ok bool) {
	s = strings.ToLower(strings.TrimPrefix(s, "mailto:"))
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || at == len(s)-1 || strings.ContainsAny(s, " \t<>,:;\"()") || strings.IndexByte(s, '@') != at {
		return "", false
	}
	local, domain := s[:at], s[at+1:]
	if Blocked(local) || strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") || strings.Contains(domain, "..") {
		return "", false
	}
	return s, true
}
