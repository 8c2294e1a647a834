// Package message writes what a shopper reads: a marketer's template with every
// variable filled in, in the shopper's language, and what it will be charged as.
//
// Its rules: a variable that is not known, or has no value for this shopper, is
// an error, since "Hello ," is worse than silence; a value is never read as a
// template.
package message

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"aisle/offers"
)

// Kind is what a variable's value is, which decides how it is written.
type Kind string

// Kinds of variables.
const (
	Text    Kind = "text"
	Money   Kind = "money"
	Percent Kind = "percent"
	Moment  Kind = "moment" // the hour, with the day if that is not today
	Link    Kind = "link"
)

// Variable is one that a template may have, as {{name}}.
type Variable struct {
	Name    string `json:"name"`
	Kind    Kind   `json:"kind"`
	Meaning string `json:"meaning"`
}

// Variables lists them all.
var Variables = []Variable{
	{"name", Text, "the shopper's name"},
	{"title", Text, "the offer's title"},
	{"code", Text, "what the till redeems"},
	{"shop", Text, "the shop's name"},
	{"zone", Text, "where in the shop the offer is used"},
	{"value", Money, "what the offer is worth"},
	{"discount", Percent, "how deep it is"},
	{"until", Moment, "when it ends"},
	{"link", Link, "where it is shown, by a short address of the house's own"},
}

// Values are what variables stand for. What is zero has no value.
type Values struct {
	Name, Title, Code, Shop, Zone, Link string

	Value      offers.Money
	Discount   float64   // 0 to 1
	Until, Now time.Time // in the zone of who reads
}

// UnfilledError is the error of a template whose variables have no value. It is
// offers.ErrInvalid.
type UnfilledError struct{ Names []string }

func (u *UnfilledError) Error() string {
	return fmt.Sprintf("%v: nothing to put in for {{%s}}", offers.ErrInvalid, strings.Join(u.Names, "}}, {{"))
}

// Unwrap is the kind of the error.
func (*UnfilledError) Unwrap() error { return offers.ErrInvalid }

var variable = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)

// Render fills in a template, in a language (BCP 47; empty: English).
func Render(template string, v *Values, lang string) (string, error) {
	var missing []string
	text := variable.ReplaceAllStringFunc(template, func(name string) string {
		name = variable.FindStringSubmatch(name)[1]
		value := strings.TrimSpace(v.word(name, lang))
		if value == "" && !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
		return value
	})
	switch {
	case len(missing) > 0:
		return "", &UnfilledError{missing}
	case strings.TrimSpace(text) == "":
		return "", fmt.Errorf("%w: the text is empty", offers.ErrInvalid)
	}
	return text, nil
}

// Unknown are the variables of a template that no message has a value for.
func Unknown(template string) []string {
	var unknown []string
	for _, m := range variable.FindAllStringSubmatch(template, -1) {
		if !slices.ContainsFunc(Variables, func(v Variable) bool { return v.Name == m[1] }) && !slices.Contains(unknown, m[1]) {
			unknown = append(unknown, m[1])
		}
	}
	return unknown
}

// word is how the value of a variable is written; empty if it has none.
func (v *Values) word(name, lang string) string {
	switch name {
	case "name":
		return v.Name
	case "title":
		return v.Title
	case "code":
		return v.Code
	case "shop":
		return v.Shop
	case "zone":
		return v.Zone
	case "link":
		return v.Link
	case "value":
		return amount(v.Value, lang)
	case "discount":
		if v.Discount <= 0 {
			return ""
		}
		return decimal(strconv.FormatFloat(float64(int(v.Discount*1000+.5))/10, 'f', -1, 64), lang) + "%"
	case "until":
		return until(v.Until, v.Now, lang)
	}
	return ""
}

// base is the language itself of a tag: "de" of "de-AT".
func base(lang string) string {
	tag, err := language.Parse(lang)
	if err != nil {
		return ""
	}
	b, _ := tag.Base()
	return b.String()
}

// decimal writes a number's point as the language does.
func decimal(number, lang string) string {
	switch base(lang) {
	case "", "en", "zh", "ja", "ko", "th", "he":
		return number
	}
	return strings.Replace(number, ".", ",", 1)
}

// amount writes money with the characters that a text message has: no narrow
// spaces, and the sign where the language has it.
func amount(m offers.Money, lang string) string {
	if m.IsZero() {
		return ""
	}
	number := decimal(strconv.FormatFloat(m.Major(), 'f', offers.MinorDigits(m.Currency), 64), lang)
	sign := map[string]string{"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}[m.Currency]
	switch lang := base(lang); {
	case sign == "":
		return strings.TrimSpace(number + " " + m.Currency)
	case lang == "nl":
		return sign + " " + number
	case lang == "" || lang == "en" || lang == "ja" || lang == "zh":
		return sign + number
	}
	return number + " " + sign
}

// days are how a day of the year is written.
var days = map[string]string{"": "2 Jan", "en": "2 Jan", "de": "2.1.", "nl": "2-1", "ja": "1/2", "zh": "1/2", "ko": "1/2"}

// until says when something ends: the hour if that is today, the day too if it is
// later.
func until(expires, now time.Time, lang string) string {
	if expires.IsZero() {
		return ""
	}
	now = now.In(expires.Location())
	if expires.YearDay() == now.YearDay() && expires.Year() == now.Year() {
		return expires.Format("15:04")
	}
	day, ok := days[base(lang)]
	if !ok {
		day = "2/1"
	}
	return expires.Format(day + " 15:04")
}

// Pick is the template of those in several languages that suits a shopper's
// locale best, and its language: as they speak it, else their own, else the
// house's, which has no name.
func Pick(template string, others map[string]string, locale string) (text, lang string) {
	want, err := language.Parse(locale)
	if err != nil {
		return template, ""
	}
	for _, name := range slices.Sorted(maps.Keys(others)) {
		has, err := language.Parse(name)
		switch {
		case err != nil || others[name] == "" || base(name) != base(locale):
		case has == want:
			return others[name], name
		case text == "":
			text, lang = others[name], name
		}
	}
	if text == "" {
		return template, ""
	}
	return text, lang
}
