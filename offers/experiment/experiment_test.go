package experiment

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"aisle/offers"
	"aisle/offers/decide"
)

var monday = time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)

func coffee(holdout, split float64, depths ...float64) *offers.Campaign {
	c := &offers.Campaign{ID: "coffee", Name: "Coffee", Holdout: holdout, Split: split}
	for _, d := range depths {
		c.Offers = append(c.Offers, offers.Offer{ID: offers.OfferID(fmt.Sprintf("off-%.0f", 100*d)), Title: fmt.Sprintf("%.0f %% off", 100*d), Discount: d, Valid: time.Hour})
	}
	return c
}

// told tells a book of one person's doings, in their order.
type told struct {
	book *Book
	n    int
}

func (t *told) event(e offers.Event) {
	t.n++
	e.ID = offers.EventID(fmt.Sprintf("event-%d", t.n))
	t.book.Happened(&e)
}

func (t *told) order(id offers.ShopperID, spent float64, at time.Time) {
	t.event(offers.Event{Type: offers.OrderCompleted, Shopper: id, Time: at, Value: offers.Money{Minor: int64(100 * spent), Currency: "EUR"}})
}

func (t *told) decision(c *offers.Campaign, o *offers.Offer, id offers.ShopperID, by offers.Holder, at time.Time) offers.DecisionID {
	t.n++
	d := &offers.Decision{ID: decide.DecisionID(0, int64(t.n), 0), Shopper: id, Time: at, Verdict: offers.Offered, HeldBy: by, Campaign: c.ID, Offer: o,
		Candidates: []offers.Candidate{{Campaign: c.ID, Offer: o.ID, Probability: 1}}}
	if by != "" {
		d.Verdict = offers.HeldOut
	}
	t.book.Decided(d)
	return d.ID
}

func name(i int) offers.ShopperID { return offers.ShopperID(fmt.Sprintf("shopper-%d", i)) }

// Everybody who may get it spends 4 more. Who is held out has no contact, and so
// ten times as many moments: they are persons all the same.
func TestHoldoutCountsPersons(t *testing.T) {
	const people, more = 6000, 4.
	random := rand.New(rand.NewPCG(1, 2))
	c := coffee(.2, 0, .1)
	b := New([]Experiment{{Kind: OfCampaign, Campaign: c, Share: .2, Since: monday}})
	tell := told{book: b}
	held := 0
	for i := range people {
		id, usual := name(i), 20*random.ExpFloat64()
		tell.order(id, usual, monday.Add(-24*time.Hour))
		moments, by, spends := 1, offers.Holder(""), usual+5*random.NormFloat64()
		if decide.CampaignHolds(c, id) {
			moments, by = 10, offers.HeldByCampaign
			held++
		} else {
			spends += more
		}
		for n := range moments {
			tell.decision(c, &c.Offers[0], id, by, monday.Add(time.Duration(n)*time.Hour))
		}
		tell.order(id, max(spends, 0), monday.Add(24*time.Hour))
	}
	b.Partition()
	r := b.Results()[0]
	if r.Arms[control].People != held || r.Arms[treated].People != people-held {
		t.Errorf("%d and %d people, want %d and %d", r.Arms[treated].People, r.Arms[control].People, people-held, held)
	}
	if r.Uneven {
		t.Errorf("uneven, with a chance of %v", r.Mismatch)
	}
	l := r.Lifts[0]
	if l.Measure != Spent || l.AnytimeLow > more || l.AnytimeHigh < more || l.Low <= 0 || l.Explained < .7 {
		t.Errorf("lift %+v, want one about %v, spared by what was before", l, more)
	}
	if r.Verdict.Finding != Stop || !strings.HasPrefix(r.Verdict.Reason, "May be stopped now") {
		t.Errorf("verdict %+v", r.Verdict)
	}
}

func TestWithoutALiftThereIsNoStopping(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 2))
	c := coffee(.3, 0, .1)
	b := New([]Experiment{{Kind: OfCampaign, Campaign: c, Share: .3, Since: monday}})
	tell := told{book: b}
	for i := range 1000 {
		by := offers.Holder("")
		if decide.CampaignHolds(c, name(i)) {
			by = offers.HeldByCampaign
		}
		tell.decision(c, &c.Offers[0], name(i), by, monday)
		tell.order(name(i), 20*random.ExpFloat64(), monday.Add(time.Hour))
	}
	b.Partition()
	if v := b.Results()[0].Verdict; v.Finding != NotYet || !strings.Contains(v.Reason, "also by nothing") {
		t.Errorf("verdict %+v, want not yet", v)
	}
}

func TestHouseHoldout(t *testing.T) {
	c := coffee(0, 0, .1)
	b := New([]Experiment{{Kind: OfHouse, Share: .5, Since: monday}})
	tell := told{book: b}
	for i := range 500 {
		by := offers.Holder("")
		if decide.HouseHolds(.5, name(i)) {
			by = offers.HeldByHouse
		}
		tell.decision(c, &c.Offers[0], name(i), by, monday)
	}
	b.Partition()
	r := b.Results()[0]
	if n := r.Arms[0].People + r.Arms[1].People; n != 500 || r.Mixed != 0 || r.Uneven {
		t.Errorf("%+v, want 500 people, none mixed", r)
	}
	if r.Verdict.Finding != NotYet {
		t.Errorf("nothing was bought, and the verdict is %+v", r.Verdict)
	}
}

// The held out of one arm are lost on the way, as by a page that does not load
// for them.
func TestUnevenArms(t *testing.T) {
	c := coffee(.5, 0, .1)
	b := New([]Experiment{{Kind: OfCampaign, Campaign: c, Share: .5, Since: monday}})
	tell := told{book: b}
	for i := range 2000 {
		by := offers.Holder("")
		if decide.CampaignHolds(c, name(i)) {
			if i%4 == 0 {
				continue
			}
			by = offers.HeldByCampaign
		}
		tell.decision(c, &c.Offers[0], name(i), by, monday)
	}
	b.Partition()
	if r := b.Results()[0]; !r.Uneven || r.Verdict.Finding != Broken {
		t.Errorf("mismatch %v, verdict %+v: want it broken", r.Mismatch, r.Verdict)
	}
}

func TestWhoIsLeftOut(t *testing.T) {
	c := coffee(.5, 0, .1)
	b := New([]Experiment{{Kind: OfCampaign, Campaign: c, Share: .5, Since: monday}})
	tell := told{book: b}
	var held, free offers.ShopperID
	for i := 0; held == "" || free == ""; i++ {
		if decide.CampaignHolds(c, name(i)) {
			held = name(i)
		} else {
			free = name(i)
		}
	}
	tell.decision(c, &c.Offers[0], held, "", monday) // before their share was held out
	tell.decision(c, &c.Offers[0], free, "", monday)
	tell.decision(c, &c.Offers[0], "early", "", monday.Add(-time.Hour))
	tell.decision(c, &c.Offers[0], "merged", "", monday)
	tell.event(offers.Event{Type: offers.Merged, Shopper: "merged", Into: "another", Time: monday})
	b.Partition()
	r := b.Results()[0]
	_, _, merged := b.Covered()
	if r.Mixed != 1 || merged != 1 || r.Arms[treated].People != 1 || r.Arms[control].People != 0 {
		t.Errorf("%d mixed, %d merged, %+v: want one of each and one person", r.Mixed, merged, r.Arms)
	}
}

// A use that was a mistake counts in no arm, whether it was before its person came
// into the experiment or after.
func TestUsesThatWereMistakes(t *testing.T) {
	c, other := coffee(0, 1, .1), coffee(0, 0, .2)
	other.ID = "tea"
	c.Offers = append(c.Offers, c.Offers[0])
	c.Offers[1].ID, c.Offers[1].Discount = "off-20", .2
	event := func(t *told, typ offers.EventType, d offers.DecisionID) {
		t.event(offers.Event{Type: typ, Shopper: "ann", Decision: d, Time: monday, Value: offers.Money{Minor: 1000, Currency: "EUR"}})
	}
	redeemed, undone := offers.OfferRedeemed, offers.RedemptionUndone
	for _, test := range []struct {
		name   string
		before []offers.EventType // of another campaign's offer, before ann comes in
		then   []offers.EventType // of it, after that
		mine   []offers.EventType // of what is compared
		want   float64            // uses of her arm
	}{
		{name: "used", mine: []offers.EventType{redeemed}, want: 1},
		{name: "said twice", mine: []offers.EventType{redeemed, redeemed}, want: 1},
		{name: "undone", mine: []offers.EventType{redeemed, undone}},
		{name: "undone twice", mine: []offers.EventType{redeemed, undone, undone}},
		{name: "undone and used", mine: []offers.EventType{redeemed, undone, redeemed}, want: 1},
		{name: "undone without a use", mine: []offers.EventType{undone}},
		{name: "another before", before: []offers.EventType{redeemed}, mine: []offers.EventType{redeemed}, want: 1},
		{name: "another before, undone then", before: []offers.EventType{redeemed}, then: []offers.EventType{undone}, mine: []offers.EventType{redeemed}, want: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := New([]Experiment{{Kind: OfOffers, Campaign: c, Share: 1, Since: monday}, {Kind: OfHouse, Share: .1, Since: monday}})
			tell := &told{book: b}
			before := tell.decision(other, &other.Offers[0], "ann", "", monday.Add(-time.Hour))
			for _, typ := range test.before {
				event(tell, typ, before)
			}
			d := tell.decision(c, decide.KeepsTo(c, "ann"), "ann", "", monday)
			for _, typ := range test.then {
				event(tell, typ, before)
			}
			for _, typ := range test.mine {
				event(tell, typ, d)
			}
			b.Partition()
			for i, r := range b.Results() {
				uses := 0.
				for _, a := range r.Arms {
					uses += a.Redeemed * float64(a.People)
				}
				if uses != test.want {
					t.Errorf("%s: %v uses, want %v", []string{"offers", "house"}[i], uses, test.want)
				}
			}
		})
	}
}

// At 5 % fewer people come than at 20 and 30 %, between which there is no
// difference: 20 % is the smallest that keeps the uplift.
func TestLadder(t *testing.T) {
	for _, test := range []struct {
		name   string
		people int
		takes  map[float64]float64
		choice int
	}{
		{"enough", 9000, map[float64]float64{.05: .1, .2: .35, .3: .36}, 1},
		{"too few", 60, map[float64]float64{.05: .1, .2: .35, .3: .36}, -1},
		{"noise", 300, map[float64]float64{.05: .01, .2: .02, .3: .03}, -1},
		{"the deepest alone", 9000, map[float64]float64{.05: .1, .2: .2, .3: .4}, 2},
	} {
		takes := test.takes
		t.Run(test.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(3, 3))
			c := coffee(0, 1, .3, .05, .2)
			b := New([]Experiment{{Kind: OfOffers, Campaign: c, Share: 1, Since: monday}})
			tell := told{book: b}
			for i := range test.people {
				id := name(i)
				o := decide.KeepsTo(c, id)
				d := tell.decision(c, o, id, "", monday)
				if random.Float64() < takes[o.Discount] {
					tell.event(offers.Event{Type: offers.OfferRedeemed, Shopper: id, Decision: d, Time: monday.Add(time.Minute), Value: offers.Money{Minor: 1000, Currency: "EUR"}})
				}
			}
			b.Partition()
			r := b.Results()[0]
			if r.Ladder == nil || r.Ladder.Choice != test.choice || r.Primary != Redeemed {
				t.Fatalf("ladder %+v by %s, want choice %d", r.Ladder, r.Primary, test.choice)
			}
			if test.choice < 0 {
				return
			}
			for n, s := range r.Ladder.Steps {
				want := takes[s.Depth]
				if s.Low > want || s.High < want || math.Abs(s.Away-want*10*s.Depth) > .3 {
					t.Errorf("depth %v: %.3f (%.3f to %.3f), %.2f given away; want %.2f and %.2f", s.Depth, s.Value, s.Low, s.High, s.Away, want, want*10*s.Depth)
				}
				if s.Keeps != (n >= test.choice) {
					t.Errorf("depth %v keeps the uplift: %v", s.Depth, s.Keeps)
				}
			}
			if want := 10 * (takes[.3]*.3 - takes[r.Ladder.Steps[test.choice].Depth]*r.Ladder.Steps[test.choice].Depth); math.Abs(r.Ladder.Saved-want) > .2 {
				t.Errorf("saved %.2f a person, want about %.2f", r.Ladder.Saved, want)
			}
		})
	}
}

func TestNoLadderWhereMoreThanDepthDiffers(t *testing.T) {
	c := coffee(0, 1, .1, .2)
	c.Offers[1].Category = "tea"
	if r := New([]Experiment{{Kind: OfOffers, Campaign: c, Share: 1}}).Results()[0]; r.Ladder != nil {
		t.Errorf("ladder %+v over coffee and tea", r.Ladder)
	}
}

// Where orders are told and some are held out, depths are judged by what people
// spend more than those: 5 % brings nothing, 20 and 30 % the same.
func TestLadderByWhatIsSpent(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 3))
	c := coffee(.25, 1, .05, .2, .3)
	b := New([]Experiment{{Kind: OfOffers, Campaign: c, Share: 1, Since: monday}})
	tell := told{book: b}
	more := map[float64]float64{.2: 5, .3: 5}
	for i := range 8000 {
		id, usual := name(i), 20+5*random.NormFloat64()
		tell.order(id, usual, monday.Add(-time.Hour))
		o, by := decide.KeepsTo(c, id), offers.Holder("")
		spends := usual + 3*random.NormFloat64()
		if decide.CampaignHolds(c, id) {
			by = offers.HeldByCampaign
		} else {
			spends += more[o.Discount]
		}
		tell.decision(c, o, id, by, monday)
		tell.order(id, spends, monday.Add(time.Hour))
	}
	b.Partition()
	r := b.Results()[0]
	if len(r.Arms) != 4 || r.Arms[3].Name != "Held out" || r.Mixed != 0 || r.Uneven {
		t.Fatalf("arms %+v, %d mixed, uneven %v: want three depths and who is held out", r.Arms, r.Mixed, r.Uneven)
	}
	if l := r.Ladder; l == nil || l.Measure != Spent || l.Choice != 1 || l.Steps[0].Keeps {
		t.Errorf("ladder %+v, want 20 %% by what is spent", l)
	}
}
