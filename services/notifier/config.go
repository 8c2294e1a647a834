package notifier

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/notifier/email"
	"aisle/services/notifier/push"
	"aisle/services/notifier/twilio"
	"aisle/services/notifier/webhook"
)

// Config of a notifier. The zero value works: text messages go to the sandbox,
// which shows them on a page.
type Config struct {
	SMS    string        `yaml:"sms"`    // who carries text messages: sandbox or twilio; default sandbox
	Twilio twilio.Config `yaml:"twilio"` // the account, for twilio

	Push    push.Config    `yaml:"push"`
	Email   email.Config   `yaml:"email"`   // none without a host
	Webhook webhook.Config `yaml:"webhook"` // none without an address

	SMSPerDay   int `yaml:"sms_per_day"`   // most text messages to a shopper in a day of theirs; default 2
	AppPerDay   int `yaml:"app_per_day"`   // most offers in the app in a day; default 10
	PushPerDay  int `yaml:"push_per_day"`  // most notifications in a day; default 4
	EmailPerDay int `yaml:"email_per_day"` // most e-mails in a day; default 1
	CostPerDay  int `yaml:"cost_per_day"`  // most that all of them may cost a shopper who did not say; default 8

	// LinkURL is a short address of this house, which links in texts begin with;
	// default the public one. LandingURL is where those lead whose offer has no
	// address of its own; default the shopper's page.
	LinkURL    string `yaml:"link_url"`
	LandingURL string `yaml:"landing_url"`

	// CodeSecret is what redemption codes are made with. Empty: one is drawn at
	// the first start and kept in state.
	CodeSecret string `yaml:"code_secret"`
	HelpText   string `yaml:"help_text"` // the answer to HELP

	Lanes    int           `yaml:"lanes"`     // goroutines that read decisions; default 2
	MaxBatch int           `yaml:"max_batch"` // most decisions in a batch; default 500
	Workers  int           `yaml:"workers"`   // messages of a channel under way at once; default 32
	Lease    time.Duration `yaml:"lease"`     // how long one attempt may take before another process takes it over; default 30 s
	Recheck  time.Duration `yaml:"recheck"`   // how long after an attempt of unknown outcome the provider is asked for it; default 15 s

	// PublicURL is where Twilio reaches this house, as Twilio calls it: its
	// signatures are over that address. services/aisle sets it.
	PublicURL string `yaml:"-"`

	// Catalog is where browsers are that subscribed; without it nobody is notified.
	// Secrets are its own. services/aisle sets them.
	Catalog *catalog.Catalog `yaml:"-"`
	Secrets catalog.Secrets  `yaml:"-"`
}

// defaultHelp is sent where HELP is not answered by the provider.
const defaultHelp = "Offers of your shop, by your own consent. Reply STOP to end them."

func (c Config) withDefaults() Config {
	for _, d := range []struct {
		value *int
		is    int
	}{{&c.SMSPerDay, 2}, {&c.AppPerDay, 10}, {&c.PushPerDay, 4}, {&c.EmailPerDay, 1}, {&c.CostPerDay, 8}, {&c.Lanes, 2}, {&c.MaxBatch, 500}, {&c.Workers, 32}} {
		if *d.value == 0 {
			*d.value = d.is
		}
	}
	if c.SMS == "" {
		c.SMS = "sandbox"
	}
	if c.LinkURL == "" {
		c.LinkURL = c.PublicURL
	}
	if c.LandingURL == "" && c.PublicURL != "" {
		c.LandingURL = strings.TrimSuffix(c.PublicURL, "/") + "/shopper/"
	}
	if c.HelpText == "" {
		c.HelpText = defaultHelp
	}
	if c.Lease == 0 {
		c.Lease = 30 * time.Second
	}
	if c.Recheck == 0 {
		c.Recheck = 15 * time.Second
	}
	return c
}

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("notifier: %w: "+format, append([]any{offers.ErrInvalid}, args...)...)
	}
	if c.SMSPerDay < 0 || c.AppPerDay < 0 || c.PushPerDay < 0 || c.EmailPerDay < 0 || c.CostPerDay < 0 || c.Lanes < 0 || c.MaxBatch < 0 || c.Workers < 0 || c.Lease < 0 || c.Recheck < 0 {
		return wrong("numbers and times are not negative")
	}
	for name, address := range map[string]string{"link_url": c.LinkURL, "landing_url": c.LandingURL} {
		if address != "" && !isWeb(address) {
			return wrong("%s %q: an address such as https://offers.example.com", name, address)
		}
	}
	if err := errors.Join(c.Push.Validate(), c.Email.Validate(), c.Webhook.Validate()); err != nil {
		return fmt.Errorf("notifier: %w", err)
	}
	if half := c.withDefaults().Lease / 2; max(c.Push.Timeout, c.Email.Timeout, c.Webhook.Timeout) > half {
		return wrong("a timeout of push, email or webhook is at most half of lease, %s, so that an attempt has ended before another begins", half)
	}
	switch c.SMS {
	case "", "sandbox":
	case "twilio":
		if err := c.Twilio.Validate(); err != nil {
			return fmt.Errorf("notifier: %w", err)
		}
		if lease := c.withDefaults().Lease; c.Twilio.WithDefaults().Timeout > lease/2 {
			return wrong("twilio.timeout is at most half of lease, %s, so that an attempt has ended before another begins", lease)
		}
	default:
		return wrong("sms %q: sandbox or twilio", c.SMS)
	}
	return nil
}

// Limits are those that hold whatever the house says: the most that goes to a
// shopper by each channel in a day of theirs, what all of it may cost where nobody
// says, and the quiet hours where nobody says.
func (c Config) Limits() (perDay map[offers.Channel]int, cost int, quiet offers.QuietHours) {
	c = c.withDefaults()
	perDay = map[offers.Channel]int{}
	for _, by := range []offers.Channel{offers.ChannelSMS, offers.ChannelApp, offers.ChannelPush, offers.ChannelEmail} {
		perDay[by] = c.perDay(by)
	}
	return perDay, c.CostPerDay, night
}

// perDay is the most that goes to a shopper by a channel in a day of theirs; 0 is
// no limit.
func (c Config) perDay(by offers.Channel) int {
	switch by {
	case offers.ChannelSMS:
		return c.SMSPerDay
	case offers.ChannelApp:
		return c.AppPerDay
	case offers.ChannelPush:
		return c.PushPerDay
	case offers.ChannelEmail:
		return c.EmailPerDay
	case offers.ChannelWebhook:
	}
	return 0
}
