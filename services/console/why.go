package console

import (
	"fmt"
	"slices"
	"strings"

	"aisle/offers"
)

// reason is one sentence that a shopper understands, and the consent that let
// us know it.
type reason struct {
	Text    string         `json:"text"`
	Purpose offers.Purpose `json:"purpose,omitempty"`
}

// nearM is how far somebody walks without minding.
const nearM = 20

// whyWords says in plain words why an offer was made, the most telling reason
// first. It says nothing that the decision did not look at.
func whyWords(d *offers.Decision, shop *offers.Shop) []reason {
	reasons := []reason{}
	add := func(purpose offers.Purpose, format string, args ...any) {
		reasons = append(reasons, reason{fmt.Sprintf(format, args...), purpose})
	}
	if category := d.Offer.Category; category != "" && slices.Contains(d.Context.Searched, category) {
		add(offers.ConsentSearch, "You looked for %s on our site lately.", category)
	}
	where := zoneName(shop, d.Zone)
	switch {
	case d.Zone == "":
	case d.Trigger == offers.ZoneDwelled:
		add(offers.ConsentLocation, "You spent some time at %s.", where)
	case slices.Contains(d.Context.Senses, offers.SensorBeacon):
		add(offers.ConsentLocation, "You were at %s.", where)
	}
	if d.Trigger == offers.Recognised || slices.Contains(d.Context.Senses, offers.SensorCamera) {
		add(offers.ConsentFace, "Our camera recognised you, as you asked us to.")
	}
	winner := chosen(d)
	if winner != nil && d.Offer.Zone != "" && d.Offer.Zone != d.Zone && winner.DetourM > 0 && winner.DetourM <= nearM {
		add(offers.ConsentLocation, "%s is only %.0f steps from where you were.", zoneName(shop, d.Offer.Zone), winner.DetourM/0.75)
	}
	if d.Context.Tier != "" {
		add("", "You are a %s member.", d.Context.Tier)
	}
	if others := inTheRunning(d) - 1; others > 0 {
		plural := ""
		if others > 1 {
			plural = "s"
		}
		add("", "We had %d other offer%s for you, and thought that you would like this one. Now and then we try another, to learn.", others, plural)
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
		add(purpose, "You agreed to get offers %s.", strings.Join(by, " and "))
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
