package notifier

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-json"
	"github.com/gofiber/fiber/v2"
	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/services/stream"
)

// Addresses in a text are short ones of this house, which tell who has clicked:
// a decision's code, and which of its addresses. Where they lead was written by a
// marketer, never by who calls.
const linkPath = "/o/"

// isWeb tells whether an address is one of the web, whole.
func isWeb(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

// addresses are web addresses in a text. One with a variable in it stays as it is.
var addresses = regexp.MustCompile(`https?://[^\s{}<>"]*[^\s{}<>".,;:!?)\]]`)

// linksOf are where the short addresses of an offer lead, by number: first where
// a click on the offer does.
func (n *Notifier) linksOf(o *offers.Offer) []string {
	first := n.config.LandingURL
	for _, r := range o.Representations {
		if (r.Placement == offers.PlacementSMS || r.Placement == offers.PlacementPush || r.Placement == offers.PlacementEmail) && isWeb(r.Link) {
			first = r.Link
			break
		}
	}
	if first == "" || n.config.LinkURL == "" {
		return nil
	}
	links := []string{first}
	texts := []string{o.SMS}
	for _, r := range o.Representations {
		texts = append(texts, r.Text)
	}
	for _, lang := range slices.Sorted(maps.Keys(o.Translations)) {
		texts = append(texts, o.Translations[lang])
	}
	for _, text := range texts {
		for _, at := range wholeAddresses(text) {
			if address := text[at[0]:at[1]]; isWeb(address) && !slices.Contains(links, address) {
				links = append(links, address)
			}
		}
	}
	return links
}

// wholeAddresses are where in a template there are addresses without variables.
func wholeAddresses(template string) [][]int {
	return slices.DeleteFunc(addresses.FindAllStringIndex(template, -1), func(at []int) bool {
		return strings.HasPrefix(template[at[1]:], "{{")
	})
}

// short is the short address of an offer's link.
func (n *Notifier) short(code string, number int) string {
	address := strings.TrimSuffix(n.config.LinkURL, "/") + linkPath + code
	if number > 0 {
		address += "-" + strconv.Itoa(number)
	}
	return address
}

// shortened is a template with short addresses.
func (n *Notifier) shortened(template, code string, links []string) string {
	for _, at := range slices.Backward(wholeAddresses(template)) {
		if i := slices.Index(links, template[at[0]:at[1]]); i >= 0 {
			template = template[:at[0]] + n.short(code, i) + template[at[1]:]
		}
	}
	return template
}

// click leads on who has clicked, and tells the log. A look ahead by a machine,
// which asks for the head only, is no click.
func (n *Notifier) click(c *fiber.Ctx) error {
	code, which, _ := strings.Cut(c.Params("code"), "-")
	number := 0
	if which != "" {
		var err error
		if number, err = strconv.Atoi(which); err != nil {
			return fiber.ErrNotFound
		}
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), doorTimeout)
	defer cancel()
	value, err := n.state.Client().Get(ctx, CodeKey(strings.ToUpper(code))).Bytes()
	if errors.Is(err, redis.Nil) {
		return fiber.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("code: %w: %w", offers.ErrUnavailable, err)
	}
	var entry codeEntry
	if err := json.Unmarshal(value, &entry); err != nil || number < 0 || number >= len(entry.Links) || !isWeb(entry.Links[number]) {
		return fiber.ErrNotFound
	}
	if c.Method() == fiber.MethodGet {
		if err := n.clicked(ctx, &entry); err != nil {
			// Who clicked is led on all the same.
			n.logger.Warn("a click is not on the log", "decision", entry.Decision, "err", err)
		}
		n.metrics.clicks.Inc()
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	return c.Redirect(entry.Links[number], fiber.StatusFound)
}

// clicked tells the log that an offer was clicked: one event, however often.
func (n *Notifier) clicked(ctx context.Context, entry *codeEntry) error {
	now := time.Now().UTC()
	e := offers.Event{
		ID: offers.EventID("click-" + string(entry.Decision)), Type: offers.OfferClicked, Shopper: entry.Shopper,
		Time: now, Received: now, Source: source, Decision: entry.Decision, Offer: entry.Offer,
	}
	r, err := stream.EventRecord(&e, source, stream.ChildSpan(entry.Trace, string(e.ID)))
	if err != nil {
		return err
	}
	return n.log.Produce(ctx, r)
}
