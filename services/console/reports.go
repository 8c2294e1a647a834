package console

import (
	"context"
	"sync"
	"time"

	"aisle/offers"
	"aisle/services/catalog"
)

// reports tells what came of campaigns, from the catalog's tallies. Safe for
// concurrent use.
type reports struct {
	catalog *catalog.Catalog

	mu   sync.Mutex // guards the rest; held while reading, so that many callers read once
	last report
	at   time.Time
}

// A report is at most this old.
const reportAge = 2 * time.Second

// daysShown is how far back a report goes.
const daysShown = 14

// report is what came of all campaigns at one time.
type report struct {
	campaigns map[offers.CampaignID]campaignStats
	empty     campaignStats
	totals    totals
}

type dayCounts struct {
	Day    string         `json:"day"` // 2026-09-20
	Counts catalog.Counts `json:"counts"`
}

type campaignStats struct {
	Total  catalog.Counts `json:"total"`
	Today  catalog.Counts `json:"today"`
	Days   []dayCounts    `json:"days"`
	P95Ms  float64        `json:"p95_ms"`
	Earned []offers.Money `json:"earned"`

	latency catalog.Sketch
}

type totals struct {
	Today        catalog.Counts `json:"today"`
	WeekAgo      catalog.Counts `json:"week_ago"` // the same day, until the same hour
	Days         []dayCounts    `json:"days"`
	P95Ms        float64        `json:"p95_ms"`
	WeekAgoP95Ms float64        `json:"week_ago_p95_ms"`
	Earned       []offers.Money `json:"earned"`
}

// of is what came of one campaign, nothing if it never did anything.
func (r *report) of(id offers.CampaignID) campaignStats {
	if stats, ok := r.campaigns[id]; ok {
		return stats
	}
	return r.empty
}

// now is the report as of now, or of a moment ago.
func (r *reports) now(ctx context.Context, now time.Time) (report, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.at) < reportAge && !now.Before(r.at) {
		return r.last, nil
	}
	shops, err := r.catalog.Shops(ctx)
	if err != nil {
		return report{}, err
	}
	zone := time.UTC // days begin when the first shop's do
	if len(shops) > 0 {
		zone = zoneOf(&shops[0])
	}
	today := midnight(now, zone)
	tallies, err := r.catalog.Tallies(ctx, today.AddDate(0, 0, 1-daysShown))
	if err != nil {
		return report{}, err
	}
	all, err := r.catalog.Totals(ctx)
	if err != nil {
		return report{}, err
	}
	earned, err := r.catalog.Earned(ctx, time.Time{})
	if err != nil {
		return report{}, err
	}
	earnedToday, err := r.catalog.Earned(ctx, today)
	if err != nil {
		return report{}, err
	}
	r.last = reportOf(now, zone, tallies, all, earned)
	r.last.totals.Earned = sum(earnedToday)
	r.at = now
	return r.last, nil
}

// reportOf adds tallies up by the days of a time zone.
func reportOf(now time.Time, zone *time.Location, tallies []catalog.Tally, all map[offers.CampaignID]catalog.Counts, earned map[offers.CampaignID][]offers.Money) report {
	today := midnight(now, zone)
	index := map[string]int{} // of a day
	days := make([]dayCounts, daysShown)
	for i := range days {
		days[i].Day = today.AddDate(0, 0, i+1-daysShown).Format(time.DateOnly)
		index[days[i].Day] = i
	}
	fresh := func() []dayCounts { return append([]dayCounts(nil), days...) }
	r := report{
		campaigns: map[offers.CampaignID]campaignStats{},
		empty:     campaignStats{Days: fresh(), Earned: []offers.Money{}},
	}
	r.totals = totals{Days: fresh(), Earned: []offers.Money{}}
	var latencyToday, latencyWeekAgo catalog.Sketch
	weekAgo, weekAgoNow := today.AddDate(0, 0, -7), now.AddDate(0, 0, -7)
	for i := range tallies {
		t := &tallies[i]
		stats, ok := r.campaigns[t.Campaign]
		if !ok {
			stats = campaignStats{Days: fresh(), Earned: []offers.Money{}}
		}
		if day, ok := index[t.Hour.In(zone).Format(time.DateOnly)]; ok {
			stats.Days[day].Counts.Add(t.Counts)
			r.totals.Days[day].Counts.Add(t.Counts)
		}
		stats.latency.Merge(t.Latency)
		switch {
		case !t.Hour.Before(today):
			stats.Today.Add(t.Counts)
			r.totals.Today.Add(t.Counts)
			latencyToday.Merge(t.Latency)
		case !t.Hour.Before(weekAgo) && t.Hour.Before(weekAgoNow):
			r.totals.WeekAgo.Add(t.Counts)
			latencyWeekAgo.Merge(t.Latency)
		}
		r.campaigns[t.Campaign] = stats
	}
	for id, counts := range all {
		stats, ok := r.campaigns[id]
		if !ok {
			stats = campaignStats{Days: fresh(), Earned: []offers.Money{}}
		}
		stats.Total = counts
		stats.P95Ms = stats.latency.QuantileMs(.95)
		if earned[id] != nil {
			stats.Earned = earned[id]
		}
		r.campaigns[id] = stats
	}
	r.totals.P95Ms, r.totals.WeekAgoP95Ms = latencyToday.QuantileMs(.95), latencyWeekAgo.QuantileMs(.95)
	return r
}

// sum adds amounts by currency.
func sum(of map[offers.CampaignID][]offers.Money) []offers.Money {
	total := []offers.Money{}
	for _, amounts := range of {
	amount:
		for _, m := range amounts {
			for i := range total {
				if total[i].Currency == m.Currency {
					total[i].Minor += m.Minor
					continue amount
				}
			}
			total = append(total, m)
		}
	}
	return total
}

// zoneOf is a shop's time zone, UTC if it has none that we know.
func zoneOf(shop *offers.Shop) *time.Location {
	if zone, err := time.LoadLocation(shop.TimeZone); err == nil {
		return zone
	}
	return time.UTC
}

// midnight is when the day of a time began.
func midnight(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}
