package formats

import (
	"bytes"
	"slices"
	"strings"

	"aisle/offers"
)

// purposes are the words that clients have for the purposes of consent.
var purposes = map[string]offers.Purpose{
	"sms": offers.ConsentSMS, "text": offers.ConsentSMS, "texts": offers.ConsentSMS,
	"email": offers.ConsentEmail, "mail": offers.ConsentEmail, "newsletter": offers.ConsentEmail,
	"push": offers.ConsentPush, "notification": offers.ConsentPush, "notifications": offers.ConsentPush,
	"face": offers.ConsentFace, "recognition": offers.ConsentFace,
	"location": offers.ConsentLocation, "search": offers.ConsentSearch, "searches": offers.ConsentSearch,
}

// consentWords make a trait one about consent; others are ignored in it.
var (
	consentWords = []string{"opt", "optin", "optout", "consent", "consents", "accepts", "accepted", "allow", "allows", "allowed", "permission", "subscribed", "agreed", "unsubscribed"}
	fillers      = []string{"marketing", "in", "out", "to", "is", "has", "given", "granted", "messages", "offers", "history", "face", "for", "by"}
)

// consentOf is what a trait such as marketing_sms_opt_in or smsOptOut is about,
// and whether its yes means no.
func consentOf(trait string) (purpose offers.Purpose, negated, ok bool) {
	about := false
	for word := range strings.SplitSeq(Snake(trait), "_") {
		p := purposes[word]
		switch {
		case p != "" && (purpose == "" || purpose == p):
			purpose = p
		case slices.Contains(consentWords, word):
			about = true
			negated = negated || word == "optout" || word == "unsubscribed"
		case word == "out":
			negated = true
		case !slices.Contains(fillers, word):
			return "", false, false // about something else too
		}
	}
	return purpose, negated, about && purpose != ""
}

// answer reads a yes or no as clients write it.
func answer(v []byte) (yes, ok bool) {
	switch s := strings.ToLower(strings.Trim(string(bytes.TrimSpace(v)), `"`)); s {
	case "true", "1", "yes", "granted", "subscribed", "opted_in":
		return true, true
	case "false", "0", "no", "denied", "revoked", "unsubscribed", "opted_out":
		return false, true
	}
	return false, false
}

// consents are the answers that a call brings: in traits, and in the
// preferences that Segment's consent wrapper sends. To be recognised by face
// nobody can agree by a key that every visitor of a web site can read.
func (o *Origin) consents(around *Context, traits []byte, e *offers.Event) []offers.Consent {
	found := map[offers.Purpose]bool{}
	keep := func(p offers.Purpose, granted bool) {
		if p == offers.ConsentFace && granted && !o.Server {
			return
		}
		if before, ok := found[p]; !ok || before {
			found[p] = granted // of two answers the refusal
		}
	}
	if len(traits) > 0 {
		var all map[string]Raw
		if Unmarshal(traits, &all) == nil {
			for trait, v := range all {
				p, negated, ok := consentOf(trait)
				if !ok {
					continue
				}
				if yes, ok := answer(v); ok {
					keep(p, yes != negated)
				}
			}
		}
	}
	for name, v := range around.Consent.CategoryPreferences {
		p := purposes[Snake(name)]
		if p == "" {
			p, _, _ = consentOf(name + "_consent")
		}
		if yes, ok := answer(v); ok && p != "" {
			keep(p, yes)
		}
	}
	var all []offers.Consent
	for _, p := range offers.Purposes {
		if granted, ok := found[p]; ok {
			all = append(all, offers.Consent{Purpose: p, Granted: granted, At: e.Time, Source: o.Source})
		}
	}
	return all
}
