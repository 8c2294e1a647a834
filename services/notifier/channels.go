package notifier

import (
	"cmp"
	"fmt"
	"log/slog"
	"strings"

	"aisle/offers"
	"aisle/offers/message"
	"aisle/services/notifier/app"
	"aisle/services/notifier/channel"
	"aisle/services/notifier/email"
	"aisle/services/notifier/push"
	"aisle/services/notifier/sandbox"
	"aisle/services/notifier/twilio"
	"aisle/services/notifier/webhook"
	"aisle/services/state"
)

// openChannels are the ways in which this house reaches shoppers.
func openChannels(c Config, store *state.Store, logger *slog.Logger) (map[offers.Channel]channel.Channel, error) {
	all := map[offers.Channel]channel.Channel{
		offers.ChannelApp: app.New(store),
		offers.ChannelSMS: sandbox.New(store, message.Segments),
	}
	if c.SMS == "twilio" {
		callback := ""
		if c.PublicURL != "" {
			callback = strings.TrimSuffix(c.PublicURL, "/") + statusPath
		}
		if !c.Twilio.Reaches(callback) {
			logger.Warn("Twilio cannot reach public_url: it will tell neither what became of messages nor what shoppers answer", "public_url", c.PublicURL)
			callback = ""
		}
		sms, err := twilio.New(c.Twilio, callback)
		if err != nil {
			return nil, fmt.Errorf("notifier: %w", err)
		}
		all[offers.ChannelSMS] = sms
	}
	if c.Catalog != nil {
		key, err := c.Secrets.PushKey()
		if err != nil {
			return nil, fmt.Errorf("notifier: %w", err)
		}
		if all[offers.ChannelPush], err = push.New(c.Push, c.Catalog, key, c.PublicURL); err != nil {
			return nil, fmt.Errorf("notifier: %w", err)
		}
	}
	if c.Email.Host != "" {
		letters, err := email.New(c.Email, c.PublicURL, c.Secrets.Token)
		if err != nil {
			return nil, fmt.Errorf("notifier: %w", err)
		}
		all[offers.ChannelEmail] = letters
	}
	if c.Webhook.URL != "" {
		hook, err := webhook.New(c.Webhook)
		if err != nil {
			return nil, fmt.Errorf("notifier: %w", err)
		}
		all[offers.ChannelWebhook] = hook
	}
	return all, nil
}

// rings tells whether a channel disturbs whom it reaches, so that quiet hours
// hold for it. The app's inbox waits until it is looked at.
func rings(c offers.Channel) bool { return c != offers.ChannelApp }

// address is where a channel reaches a shopper; empty where the channel itself
// knows, or nothing is known. An identifier that stayed theirs goes before what
// they said of themselves, and of several the one that they told last.
func address(c offers.Channel, p *offers.Profile) string {
	kind, told := offers.Phone, p.Traits.Phone
	switch c {
	case offers.ChannelSMS:
	case offers.ChannelEmail:
		kind, told = offers.Email, p.Traits.Email
	default:
		return ""
	}
	at := ""
	for _, id := range p.Identifiers {
		switch {
		case id.Type != kind:
		case id.Value == told:
			return told
		case at == "":
			at = id.Value
		}
	}
	return cmp.Or(at, told)
}

// addressed tells whether nothing goes by a channel without an address.
func addressed(c offers.Channel) bool {
	return c == offers.ChannelSMS || c == offers.ChannelEmail
}
