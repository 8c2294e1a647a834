package notifier

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"aisle/offers"
)

// limitsOf are the limits that cover a delivery: the campaign's own cap, the
// notifier's of its channel, and the house's.
func (n *Notifier) limitsOf(t *task, campaign *offers.Campaign, house *offers.House) []offers.Limit {
	var all []offers.Limit
	if campaign != nil && campaign.Cap.Times > 0 {
		own := offers.Limit{Campaign: t.Campaign, Times: campaign.Cap.Times, Per: campaign.Cap.Per}
		if campaign.Cap.PerPlacement {
			own.Channel = t.Channel
		}
		all = append(all, own)
	}
	if times := n.config.perDay(t.Channel); times > 0 {
		all = append(all, offers.Limit{Channel: t.Channel, Times: times})
	}
	for _, l := range house.Limits {
		if (l.Campaign == "" || l.Campaign == t.Campaign) && (l.Channel == "" || l.Channel == t.Channel) &&
			(l.Tag == "" || campaign != nil && slices.Contains(campaign.Tags, l.Tag)) {
			all = append(all, l)
		}
	}
	return all
}

// limit is one as the guard takes it.
type limit offers.Limit

// appendTo writes a limit as the guard's script reads it. Today is when the
// shopper's day began.
func (l limit) appendTo(args []any, today, now time.Time) []any {
	since, until, length := now.Add(-l.Per), int64(0), l.Per.Milliseconds()
	if l.Per == 0 {
		since, until = today, today.AddDate(0, 0, 1).UnixMilli()
	}
	beyond := l.Beyond
	if beyond != offers.BeyondHold && beyond != offers.BeyondReplace {
		beyond = offers.BeyondDrop
	}
	return append(args, since.UnixMilli(), until, length, l.Times, string(beyond), string(l.Channel), l.Tag, string(l.Campaign), l.String())
}

// String says what the limit is, which also is its name.
func (l limit) String() string {
	s := "at most " + strconv.Itoa(l.Times)
	if l.Channel != "" {
		s += " by " + string(l.Channel)
	}
	if l.Tag != "" {
		s += " tagged " + l.Tag
	}
	if l.Campaign != "" {
		s += " of this campaign"
	}
	switch {
	case l.Per == 0:
		return s + " a day"
	case l.Per%(24*time.Hour) == 0:
		return fmt.Sprintf("%s in %d days", s, l.Per/(24*time.Hour))
	default:
		return s + " in " + l.Per.String()
	}
}
