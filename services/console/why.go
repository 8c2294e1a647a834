package console

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"aisle/offers"
)

// says is what a reason says, for apps that speak another language.
type says string

const (
	saysSearched   says = "searched"   // looked for What on the site
	saysDwelled    says = "dwelled"    // spent some time at What
	saysWasAt      says = "was_at"     // was at What
	saysTold       says = "told"       // told the app that they are at What, or in the shop
	saysRecognised says = "recognised" // by a camera
	saysNear       says = "near"       // What is Number steps away
	saysTier       says = "tier"       // is a What member
	saysOthers     says = "others"     // was chosen among Number others
	saysAgreed     says = "agreed"     // to be told by Channels
)

// reason is one sentence that a shopper understands, its parts, and the consent
// that let us know it.
type reason struct {
	Text     string           `json:"text"`
	Purpose  offers.Purpose   `json:"purpose,omitempty"`
	Says     says             `json:"says"`
	What     string           `json:"what,omitempty"`
	Number   int              `json:"number,omitempty"`
	Channels []offers.Channel `json:"channels,omitempty"`
}

// nearM is how far somebody walks without minding.
const nearM = 20

// whyWords says in plain words why an offer was made, the most telling reason
// first. It says nothing that the decision did not look at.
func whyWords(d *offers.Decision, shop *offers.Shop) []reason {
	reasons := []reason{}
	add := func(r reason, format string, args ...any) {
		r.Text = fmt.Sprintf(format, args...)
		reasons = append(reasons, r)
	}
	if category := d.Offer.Category; category != "" && slices.Contains(d.Context.Searched, category) {
		add(reason{Purpose: offers.ConsentSearch, Says: saysSearched, What: category}, "You looked for %s on our site lately.", category)
	}
	where := zoneName(shop, d.Zone)
	switch {
	case d.Trigger == offers.CheckedIn && d.Zone == "":
		add(reason{Says: saysTold}, "You told us that you are in the shop.")
	case d.Trigger == offers.CheckedIn:
		add(reason{Says: saysTold, What: where}, "You told us that you are at %s.", where)
	case d.Zone == "":
	case d.Trigger == offers.ZoneDwelled:
		add(reason{Purpose: offers.ConsentLocation, Says: saysDwelled, What: where}, "You spent some time at %s.", where)
	case slices.Contains(d.Context.Senses, offers.SensorBeacon):
		add(reason{Purpose: offers.ConsentLocation, Says: saysWasAt, What: where}, "You were at %s.", where)
	}
	if d.Trigger == offers.Recognised || slices.Contains(d.Context.Senses, offers.SensorCamera) {
		add(reason{Purpose: offers.ConsentFace, Says: saysRecognised}, "Our camera recognised you, as you asked us to.")
	}
	winner := chosen(d)
	if winner != nil && d.Offer.Zone != "" && d.Offer.Zone != d.Zone && winner.DetourM > 0 && winner.DetourM <= nearM {
		to, steps := zoneName(shop, d.Offer.Zone), int(math.Round(winner.DetourM/0.75))
		add(reason{Purpose: offers.ConsentLocation, Says: saysNear, What: to, Number: steps}, "%s is only %d steps from where you were.", to, steps)
	}
	if d.Context.Tier != "" {
		add(reason{Says: saysTier, What: d.Context.Tier}, "You are a %s member.", d.Context.Tier)
	}
	if others := inTheRunning(d) - 1; others > 0 {
		plural := ""
		if others > 1 {
			plural = "s"
		}
		add(reason{Says: saysOthers, Number: others}, "We had %d other offer%s for you, and thought that you would like this one. Now and then we try another, to learn.", others, plural)
	}
	var by []string
	if slices.Contains(d.Channels, offers.ChannelApp) {
		by = append(by, "in this app")
	}
	if slices.Contains(d.Channels, offers.ChannelPush) {
		by = append(by, "by notification")
	}
	if slices.Contains(d.Channels, offers.ChannelSMS) {
		by = append(by, "by text message")
	}
	if slices.Contains(d.Channels, offers.ChannelEmail) {
		by = append(by, "by e-mail")
	}
	if len(by) > 0 {
		purpose := d.Channels[0].Purpose()
		if slices.Contains(d.Channels, offers.ChannelApp) {
			purpose = offers.ConsentPush
		}
		add(reason{Purpose: purpose, Says: saysAgreed, Channels: d.Channels}, "You agreed to get offers %s.", strings.Join(by, " and "))
	}
	return reasons
}

// chosen is the candidate that won.
func chosen(d *offers.Decision) *offers.Candidate {
	for i := range d.Candidates {
		if k := &d.Candidates[i]; k.Campaign == d.Campaign && k.Offer == d.Offer.ID {
			return k
		}
	}
	return nil
}

func inTheRunning(d *offers.Decision) int {
	n := 0
	for i := range d.Candidates {
		if d.Candidates[i].Out == "" {
			n++
		}
	}
	return n
}
