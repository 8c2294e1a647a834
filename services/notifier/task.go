package notifier

import (
	"strconv"
	"strings"
	"time"

	"aisle/offers"
	"aisle/services/notifier/channel"
	"aisle/services/state"
	"aisle/services/stream"
)

// task is one delivery to be made, as it is kept in state from the moment that
// its decision was read until it is done.
type task struct {
	ID        offers.DeliveryID `json:"id"`
	Partition int               `json:"-"`
	Channel   offers.Channel    `json:"channel"`
	Decision  offers.DecisionID `json:"decision"`
	Shopper   offers.ShopperID  `json:"shopper"`
	Shop      offers.ShopID     `json:"shop,omitempty"`
	Zone      offers.ZoneID     `json:"zone,omitempty"`
	Campaign  offers.CampaignID `json:"campaign"`
	Offer     offers.Offer      `json:"offer"`
	Time      time.Time         `json:"time"`
	Received  time.Time         `json:"received"`
	Expires   time.Time         `json:"expires"`
	Created   time.Time         `json:"created"`
	Worth     float64           `json:"worth,omitempty"` // the score by which the decision chose the offer
	Trace     string            `json:"trace,omitempty"` // W3C traceparent of the delivery
}

// deliveryID names the attempt to carry a decision by a channel. The decision's
// partition can be read from it.
func deliveryID(d offers.DecisionID, c offers.Channel) offers.DeliveryID {
	return offers.DeliveryID(string(d) + "-" + string(c))
}

// partitionOf reads the partition from a delivery's id: a decision's id begins
// with that of the shopper.
func partitionOf(id offers.DeliveryID) (int, bool) {
	first, _, ok := strings.Cut(string(id), "-")
	n, err := strconv.Atoi(first)
	return n, ok && err == nil && n >= 0
}

// defaultValid is how long an offer without an end can be used.
const defaultValid = 24 * time.Hour

// tasksOf are the deliveries that a decision asks for.
func tasksOf(d *offers.Decision, partition int, trace string, now time.Time) []*task {
	if d.Verdict != offers.Offered || d.Offer == nil {
		return nil
	}
	expires := d.Expires
	if expires.IsZero() || expires.Equal(d.Time) {
		expires = d.Time.Add(defaultValid)
	}
	tasks := make([]*task, 0, len(d.Channels))
	for _, c := range d.Channels {
		id := deliveryID(d.ID, c)
		tasks = append(tasks, &task{
			ID: id, Partition: partition, Channel: c, Decision: d.ID, Shopper: d.Shopper,
			Shop: d.Shop, Zone: d.Zone, Campaign: d.Campaign, Offer: *d.Offer,
			Time: d.Time, Received: d.Received, Expires: expires, Created: now, Worth: worth(d),
			Trace: stream.ChildSpan(trace, string(id)),
		})
	}
	return tasks
}

// worth is the score of the offer that a decision chose.
func worth(d *offers.Decision) float64 {
	for i := range d.Candidates {
		if c := &d.Candidates[i]; c.Out == "" && c.Campaign == d.Campaign && c.Offer == d.Offer.ID {
			return c.Score
		}
	}
	return 0
}

// contact is the entry of a delivery among its shopper's contacts, with the tags
// that the campaign has by then.
func (t *task) contact(tags []string) string {
	parts := append([]string{string(t.Decision), string(t.Channel), string(t.Campaign), strconv.Itoa(t.Channel.Cost())}, tags...)
	return strings.Join(parts, separator)
}

// message is what the channel carries.
func (t *task) message(f *facts, code string) channel.Message {
	return channel.Message{
		Delivery: t.ID, Shopper: t.Shopper, Before: f.before, Partition: t.Partition, To: f.to, Title: f.title, Text: f.text, Link: f.link, Language: f.language,
		Trace: t.Trace, Created: t.Created,
		Entry: offers.Inbox{
			Decision: t.Decision, Campaign: t.Campaign, Offer: t.Offer, Code: code,
			Shop: t.Shop, Zone: t.Zone, At: t.Time, Expires: t.Expires,
		},
	}
}

// taskStays is how long after its offer a delivery is remembered, so that a
// repeated record of its decision does nothing. A decision whose offer has
// expired for longer than staleAfter is not delivered at all.
const (
	taskStays  = 7 * 24 * time.Hour
	staleAfter = taskStays - 24*time.Hour
)

func (t *task) lifetime(now time.Time) time.Duration { return max(t.Expires.Sub(now), 0) + taskStays }

// Keys of a delivery. All that one script touches lies in the slot of the
// shopper's partition.
func (t *task) key() string    { return taskKey(t.Partition, t.ID) }
func (t *task) keyDue() string { return dueKey(t.Partition) }

func taskKey(partition int, id offers.DeliveryID) string {
	return state.Key(partition, "delivery", string(id))
}

// dueKey is a sorted set of the deliveries that are not done, by when to look at
// them again, in Unix ms.
func dueKey(partition int) string { return state.Key(partition, "deliveries", "due") }

// unloggedKey is a list of the changes of state that the log does not have yet.
func unloggedKey(partition int) string { return state.Key(partition, "deliveries", "unlogged") }

// contactsKey is a sorted set of what the shopper was sent, by when, in Unix ms.
func contactsKey(t *task) string { return state.Key(t.Partition, "contacts", string(t.Shopper)) }

// contactsStay outlives the longest limit.
const contactsStay = offers.LongestLimit + 24*time.Hour

// waitingKey is how the keys of the shopper's waiting rooms begin: sorted sets of
// what a limit holds back, by its worth.
func waitingKey(t *task) string { return state.Key(t.Partition, "waiting", string(t.Shopper), "") }

func consentKey(t *task) string { return state.Key(t.Partition, "consent", string(t.Shopper)) }

// A change is a change of a delivery's state as the scripts write it: its parts,
// apart by the unit separator. It becomes a record of the stream deliveries.
type change struct {
	id         offers.DeliveryID
	state      offers.DeliveryState
	refusal    offers.Refusal
	at         time.Time
	provider   string
	providerID string
	status     string
	detail     string
}

const separator = "\x1f"

func parseChange(s string) (change, bool) {
	part := strings.SplitN(s, separator, 8)
	if len(part) < 8 {
		return change{}, false
	}
	ms, err := strconv.ParseInt(part[3], 10, 64)
	return change{
		id: offers.DeliveryID(part[0]), state: offers.DeliveryState(part[1]), refusal: offers.Refusal(part[2]),
		at: time.UnixMilli(ms).UTC(), provider: part[4], providerID: part[5], status: part[6], detail: part[7],
	}, err == nil
}

func (c change) String() string {
	return strings.Join([]string{
		string(c.id), string(c.state), string(c.refusal), strconv.FormatInt(c.at.UnixMilli(), 10), c.provider, c.providerID, c.status, c.detail,
	}, separator)
}

// delivery is the record of a change.
func (t *task) delivery(c change, code string) offers.Delivery {
	d := offers.Delivery{
		ID: t.ID, Decision: t.Decision, Shopper: t.Shopper, Shop: t.Shop, Zone: t.Zone,
		Campaign: t.Campaign, Offer: t.Offer.ID, Title: t.Offer.Title, Channel: t.Channel,
		Provider: c.provider, ProviderID: c.providerID, State: c.state, Refusal: c.refusal, Status: c.status, Detail: c.detail,
		Expires: t.Expires, Received: t.Received, At: c.at,
	}
	if c.state == offers.DeliverySent || c.state == offers.DeliveryDelivered {
		d.Code = code
	}
	return d
}
