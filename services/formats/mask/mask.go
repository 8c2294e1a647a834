// Package mask covers what could tell who somebody is, so that those who mend
// what comes to the door see its shape without its people.
//
// Its rules: it covers too much rather than too little. What a field is called
// counts as much as what is in it. Keys stay, values go.
package mask

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// Covered stands for what is covered.
const Covered = "•••"

var (
	// An address, also as it is written in URLs.
	address = regexp.MustCompile(`[^\s"'<>=&?/,;:]{1,64}(?:@|%40)[^\s"'<>=&?/,;:]{1,255}`)
	// Seven digits or more, as telephone numbers, cards and accounts are
	// written, also in URLs.
	digits = regexp.MustCompile(`(?:\+|%2B)?\(?\b\d(?:[ ()./-]{0,2}\d){6,}`)
	// A network address.
	ip4 = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b`)
	ip6 = regexp.MustCompile(`(?i)\b(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}\b`)
	// A time is no telephone number.
	instant = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?Z| ?[+-]\d{2}:?\d{2})?)?$`)
	// What is packed or sealed may hold anything.
	packed = regexp.MustCompile(`[A-Za-z0-9+/_=%-]{48,}`)
)

// Text covers e-mail addresses, telephone and other long numbers, network
// addresses, and what is packed.
func Text(s string) string {
	if instant.MatchString(s) || millis(s) {
		return s
	}
	if strings.Contains(s, "@") || strings.Contains(s, "%40") {
		s = address.ReplaceAllString(s, Covered)
	}
	if !strings.ContainsAny(s, "0123456789:") && len(s) < 48 {
		return s
	}
	s = ip4.ReplaceAllString(s, Covered)
	s = ip6.ReplaceAllString(s, Covered)
	s = digits.ReplaceAllString(s, Covered)
	return packed.ReplaceAllString(s, Covered)
}

// personal are names of fields whose values are covered whole, as plain spells
// them; about are those of objects in which a name is a person's.
var (
	personal = set("email", "emailaddress", "mail", "phone", "phonenumber", "mobile", "mobilephone", "telephone", "tel", "fax",
		"firstname", "lastname", "middlename", "fullname", "surname", "givenname", "familyname", "username", "login", "nickname", "displayname",
		"address", "street", "address1", "address2", "line1", "line2", "city", "zip", "zipcode", "postcode", "postalcode", "state",
		"birthday", "birthdate", "dateofbirth", "dob", "age", "gender", "ssn", "iban", "bic", "passport", "taxid", "vat",
		"card", "cardnumber", "pan", "cvv", "cvc", "password", "token", "secret", "authorization", "cookie", "session", "sessionid",
		"ip", "ipaddress", "useripaddress", "latitude", "longitude", "lat", "lon", "lng", "location", "geo", "avatar", "photo", "signature",
		"userid", "anonymousid", "previousid", "customerid", "customer", "user", "uid", "duid", "nuid", "tnuid", "networkuserid", "domainuserid", "deviceid", "advertisingid",
		"idfa", "idfv", "gaid", "clientid", "visitorid", "externalid", "recipient", "to", "writekey", "ux", "tna")
	about = set("traits", "user", "customer", "person", "contact", "profile", "billing", "shipping", "billingaddress", "shippingaddress", "recipient", "buyer")
)

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

// plain is a field's name without what spellings differ in.
func plain(name string) string {
	var b strings.Builder
	for i := 0; i < len(name) && b.Len() < 40; i++ {
		switch c := name[i]; {
		case c >= 'A' && c <= 'Z':
			b.WriteByte(c + 'a' - 'A')
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Personal tells whether a field is covered whatever is in it, by its dotted
// path.
func Personal(path string) bool {
	within := false
	for part := range strings.SplitSeq(path, ".") {
		name := plain(part)
		if about[name] {
			within = true
			continue
		}
		if personal[name] || within && (name == "name" || name == "id" || name == "title") {
			return true
		}
	}
	return about[plain(path[strings.LastIndexByte(path, '.')+1:])]
}

// JSON is a document with what is personal covered, false if it is none that
// can be read.
func JSON(body []byte) ([]byte, bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil || d.More() {
		return nil, false
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(cover(v, "", 0)); err != nil {
		return nil, false
	}
	return bytes.TrimSpace(b.Bytes()), true
}

// deepest bounds what is gone into; what is deeper is covered whole.
const deepest = 64

func cover(v any, path string, depth int) any {
	if depth > deepest {
		return Covered
	}
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			at := name
			if path != "" {
				at = path + "." + name
			}
			shown := Text(name)
			if shown != name {
				delete(v, name)
			}
			v[shown] = cover(inner, at, depth+1)
		}
	case []any:
		for i := range v {
			v[i] = cover(v[i], path, depth+1)
		}
	case string:
		if v != "" && path != "" && Personal(path) {
			return Covered
		}
		return Text(v)
	case json.Number:
		if path != "" && Personal(path) || len(v) > 6 && digits.MatchString(v.String()) && !millis(v.String()) {
			return Covered
		}
	}
	return v
}

// millis tells whether a number is a time of these decades, in seconds or
// milliseconds since 1970.
func millis(s string) bool {
	return (len(s) == 10 || len(s) == 13) && s[0] == '1' && s[1] >= '4' && s[1] <= '9' && strings.Trim(s, "0123456789") == ""
}
