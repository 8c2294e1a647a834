package decide

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/offers/rank"
)

// explored are offers of unlike worth, chance and doubt, of which some were never
// tried, and some moments in which they are drawn.
func explored(t *testing.T) (*Engine, rank.Model, []*Moment) {
	t.Helper()
	var all []*offers.Campaign
	for i := range 4 {
		k := testCampaign(offers.CampaignID(fmt.Sprint("k", i)))
		k.Offers[0].Value.Minor = int64(400 + 150*i)
		k.Offers[0].Category = []string{"footwear", "coffee"}[i%2]
		k.Lever = float64(10 * i)
		all = append(all, k)
	}
	learner, rng := rank.NewLearner(rank.New()), rand.New(rand.NewPCG(1, 2))
	for range 3000 { // of k3 nothing is known
		k := all[rng.IntN(3)]
		a := rank.ArmOf(k.ID, &k.Offers[0], k.Channels)
		taken := 0.
		if rng.Float64() < .05 {
			taken = 1
		}
		learner.Learn(&offers.Context{Hour: rng.IntN(24), Category: "footwear"}, &a, taken)
	}
	var moments []*Moment
	for i := range 5 {
		p := willing()
		if i%2 == 1 {
			p.Traits.Tier = "gold"
		}
		moments = append(moments, momentOf(p, dwelled("footwear", noon.Add(time.Duration(i)*3*time.Hour))))
	}
	return testEngine(t, all...), *learner.Snapshot(), moments
}

// Over a million decisions each offer is made as often as its decisions say that
// it would be: neither more nor less than chance allows.
func TestAMillionDecisionsAreDrawnAsTheySay(t *testing.T) {
	engine, model, moments := explored(t)
	total := 1_000_000
	if testing.Short() {
		total = 50_000
	}
	type of struct {
		moment int
		offer  offers.OfferID
	}
	drawn, said := map[of]float64{}, map[of]float64{}
	var order []of
	for n := range total {
		at := n % len(moments)
		m := *moments[at]
		m.ID, m.Offset = DecisionID(n%8, int64(n), 0), int64(n)
		d := engine.Decide(&m, &model)
		for i := range d.Candidates {
			c := &d.Candidates[i]
			k := of{at, c.Offer}
			if said[k] == 0 {
				order = append(order, k)
			}
			said[k] += c.Probability
			if c.Probability < exploration/4 {
				t.Fatalf("%s has a probability of %v; no offer's is below %v", c.Offer, c.Probability, exploration/4)
			}
		}
		drawn[of{at, d.Offer.ID}]++
		if d.Candidates[0].Offer != d.Offer.ID || d.Probability != d.Candidates[0].Probability {
			t.Fatalf("%s was drawn with %v; its candidate says %+v", d.Offer.ID, d.Probability, d.Candidates[0])
		}
		if n%(total/50) == 0 {
			if diff := cmp.Diff(d, engine.Decide(&m, &model)); diff != "" {
				t.Fatalf("decided again, it is another decision:\n%s", diff)
			}
		}
	}
	square := 0.
	for _, k := range order {
		square += (drawn[k] - said[k]) * (drawn[k] - said[k]) / said[k]
	}
	// Wilson and Hilferty: the cube root of chi-square over its degrees is normal.
	degrees := float64(len(order) - len(moments))
	z := (math.Cbrt(square/degrees) - (1 - 2/(9*degrees))) / math.Sqrt(2/(9*degrees))
	if len(order) != 20 || math.Abs(z) > 3.5 {
		t.Errorf("chi-square %.1f on %v degrees is %.2f standard deviations off: drawn %v, said %v", square, degrees, z, drawn, said)
	}
	t.Logf("chi-square %.1f on %v degrees, z %.2f", square, degrees, z)
}

// Whatever is explored, no offer goes past a cap, into a cooldown or by a channel
// without consent, and what is out is never drawn.
func TestExplorationStaysWithinCapsAndConsents(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	made := 0
	for range 80 {
		var all []*offers.Campaign
		for i := range 1 + rng.IntN(5) {
			k := testCampaign(offers.CampaignID(fmt.Sprint("k", i)))
			k.Cap = offers.Cap{Times: rng.IntN(4), Per: time.Duration(1+rng.IntN(5)) * time.Hour}
			k.Cooldown = time.Duration(rng.IntN(3)) * 20 * time.Minute
			k.Channels = [][]offers.Channel{{offers.ChannelSMS}, {offers.ChannelApp}, {offers.ChannelApp, offers.ChannelSMS}}[rng.IntN(3)]
			more := k.Offers[0]
			more.ID += "-more"
			if rng.IntN(2) == 0 {
				k.Offers = append(k.Offers, more)
			}
			all = append(all, k)
		}
		engine, p, now := testEngine(t, all...), willing(), noon
		for n := range 40 {
			now = now.Add(time.Duration(1+rng.IntN(40)) * time.Minute)
			purpose := offers.Purposes[rng.IntN(len(offers.Purposes))]
			p.Consents[purpose] = offers.Consent{Purpose: purpose, Granted: rng.IntN(3) > 0, At: now}
			m := momentOf(p, dwelled("footwear", now))
			m.ID = DecisionID(0, int64(n), 0)
			d := engine.Decide(m, rank.New())
			sum := 0.
			for _, c := range d.Candidates {
				if sum += c.Probability; c.Out != "" && c.Probability != 0 {
					t.Fatalf("%s is out, with a probability of %v", c.Campaign, c.Probability)
				}
			}
			if d.Verdict != offers.Offered {
				continue
			}
			made++
			if math.Abs(sum-1) > 1e-9 {
				t.Fatalf("probabilities sum to %v", sum)
			}
			k := all[slices.IndexFunc(all, func(k *offers.Campaign) bool { return k.ID == d.Campaign })]
			within := 0
			for _, c := range p.Contacts {
				if c.Campaign != k.ID {
					continue
				}
				ago := now.Sub(c.At)
				if ago < k.Cap.Per {
					within++
				}
				if ago < k.Cooldown {
					t.Fatalf("%s is offered %v after the last, with a cooldown of %v", k.ID, ago, k.Cooldown)
				}
			}
			if k.Cap.Times > 0 && within >= k.Cap.Times {
				t.Fatalf("%s is offered after %d in %v, capped at %d", k.ID, within, k.Cap.Per, k.Cap.Times)
			}
			for _, channel := range d.Channels {
				if !p.Consented(channel.Purpose()) {
					t.Fatalf("%s goes by %s, to which nobody agreed", k.ID, channel)
				}
			}
			if len(d.Channels) == 0 {
				t.Fatalf("%s goes by no channel", k.ID)
			}
			p.Contacts = append(p.Contacts, offers.Contact{Decision: d.ID, Campaign: d.Campaign, Offer: d.Offer.ID, At: now})
		}
	}
	if made < 300 {
		t.Errorf("only %d offers were made", made)
	}
}
