// Package evalrank measures how well the house orders, chooses and judges
// offers, on data that others have published with the truth: lists with clicks,
// coupons in cars, sessions that bought, a page that ran two policies, and a
// mailing that chance sent.
package evalrank

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"aisle/offers"
	"aisle/offers/evaluate"
	"aisle/offers/rank/trees"
)

// Report is all of it.
type Report struct {
	Order   *Order
	Tables  []*Table
	Bandits []Bandit
	Mails   *Mails
}

// Evaluate reads the folders "ranking" and "bandit". What is not there is left
// out; if nothing is, that is ErrNotFound.
func Evaluate(data fs.FS) (*Report, error) {
	r := &Report{}
	var missing error
	there := func(err error) bool {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, offers.ErrNotFound) {
			missing = errors.Join(missing, err)
			return false
		}
		return true
	}
	ranking, err := fs.Sub(data, "ranking")
	if err != nil {
		return nil, err
	}
	bandit, err := fs.Sub(data, "bandit")
	if err != nil {
		return nil, err
	}
	if r.Order, err = orderOf(ranking, "ranklens/events.jsonl.gz"); there(err) && err != nil {
		return nil, err
	}
	for _, t := range []struct{ file, yes string }{{"coupon-invehicle/coupon.csv", "1"}, {"uci-online-shoppers/sessions.csv", "TRUE"}} {
		table, err := tableOf(ranking, t.file, ';', t.yes)
		if !there(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		r.Tables = append(r.Tables, table)
	}
	if r.Bandits, err = bandits(bandit); there(err) && err != nil {
		return nil, err
	}
	if r.Mails, err = mails(bandit, "hillstrom/hillstrom.csv"); there(err) && err != nil {
		return nil, err
	}
	if r.Order == nil && len(r.Tables) == 0 && r.Bandits == nil && r.Mails == nil {
		return nil, fmt.Errorf("evaluate: %w: %w", offers.ErrNotFound, missing)
	}
	return r, nil
}

// String is the report as tables.
func (r *Report) String() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if o := r.Order; o != nil {
		line("Lists in order: %d lists, learned from the first %d, judged by %d of the rest (those with a click)", o.Lists, o.Learned, o.Judged)
		line("  %-34s %8s %8s", "", "NDCG@10", "± s.e.")
		for _, w := range o.Ways {
			line("  %-34s %8.4f %8.4f", w.Name, w.NDCG, w.SE)
		}
		line("  what the trees look at most: %s\n", gains(o.Columns))
	}
	if len(r.Tables) > 0 {
		line("Who says yes: trees, %d folds", folds)
		line("  %-34s %8s %8s %17s", "", "rows", "AUC", "least and most")
		for _, t := range r.Tables {
			line("  %-34s %8d %8.4f    %.4f to %.4f", t.Name, t.Rows, t.AUC, t.Low, t.High)
			line("    looks most at: %s", gains(t.Columns))
		}
		line("")
	}
	for _, t := range r.Bandits {
		line("Open Bandit, %s: what policy %q would earn, by %d lines of policy %q with %d clicks", t.Campaign, t.Judged, t.Report.Rows, t.Log, t.Clicks)
		for _, e := range append([]evaluate.Estimate{t.Report.Logged}, t.Report.Estimates...) {
			line("  %-34s %10.7f   %.4f to %.4f", e.Method, e.Value, e.Low, e.High)
		}
		line("  %-34s %10.7f   by %d lines of its own", "truth", t.Own, t.OwnN)
		line("  as good as %.0f plain lines and %.0f clicks; clipped at %.3g, switched at %.3g", t.Report.EffectiveRows, t.Report.EffectiveRewards, t.Report.Clip, t.Report.Switch)
		line("  %s: %s\n", strings.ReplaceAll(string(t.Conclusion.Finding), "_", " "), t.Conclusion.Reason)
	}
	if m := r.Mails; m != nil {
		line("Mailings: visits that a way of choosing brings, of %d people, nobody judged by what was learned of them", m.People)
		line("  %-34s %8s %20s   %s", "", "of 1,000", "95 %", "over the best single mailing")
		for _, w := range m.Ways {
			line("  %-34s %8.1f %8.1f to %8.1f   %+.1f (%+.1f to %+.1f)", w.Name, w.Value, w.Low, w.High, 1000*w.Gain.Value, 1000*w.Gain.Low, 1000*w.Gain.High)
		}
	}
	return b.String()
}

// gains are the columns that gave most.
func gains(all []trees.Gain) string {
	var parts []string
	for _, g := range all[:min(len(all), 5)] {
		parts = append(parts, fmt.Sprintf("%s %.0f %%", g.Name, 100*g.Share))
	}
	return strings.Join(parts, ", ")
}
