package offers

// Wishes are what shoppers ask of the house: when to be left alone, and how much
// they may be disturbed in a day. The guard holds to them at the instant of
// sending, beside the shop's own hours and caps.
type Wishes struct {
	Quiet  *QuietHours `json:"quiet,omitempty"`  // by the clock where they live; nil: the shop's alone
	Budget int         `json:"budget,omitempty"` // most that interruptions of one day may cost together; 0: they did not say
}

// CostOfApproach is what it costs of the budget to be spoken to in the shop.
const CostOfApproach = 3

// Cost is what a message by the channel costs of the budget: nothing where the
// shopper looks for themselves.
func (c Channel) Cost() int {
	switch c {
	case ChannelApp:
		return 0
	case ChannelSMS:
		return 2
	}
	return 1
}
