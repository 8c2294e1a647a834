package catalog

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"aisle/offers"
)

// Counts are decisions and what became of them.
type Counts struct {
	Offered   int64 `json:"offered"`
	Sent      int64 `json:"sent"`
	Delivered int64 `json:"delivered"`
	Failed    int64 `json:"failed"`
	Refused   int64 `json:"refused"`
	Redeemed  int64 `json:"redeemed"`
	HeldOut   int64 `json:"held_out"`
}

// Add adds others.
func (c *Counts) Add(o Counts) {
	c.Offered += o.Offered
	c.Sent += o.Sent
	c.Delivered += o.Delivered
	c.Failed += o.Failed
	c.Refused += o.Refused
	c.Redeemed += o.Redeemed
	c.HeldOut += o.HeldOut
}

// Tally is what came of one campaign in one shop within one hour.
type Tally struct {
	Campaign offers.CampaignID
	Shop     offers.ShopID
	Hour     time.Time // its start
	Counts
	Latency Sketch // from the event at the door until its message was sent
}

// Redemption is an offer that was used at a till.
type Redemption struct {
	Decision offers.DecisionID
	Campaign offers.CampaignID
	Shop     offers.ShopID
	Shopper  offers.ShopperID
	At       time.Time
	Value    offers.Money // the basket
	Undone   bool         // by mistake: it counts no more. Only Decision is read beside
}

// Progress says how far a partition is counted.
type Progress struct {
	Stream    string
	Partition int
	From      int64 // where it stood, -1 if never
	To        int64 // the next record to count
}

// Offsets are where a consumer's counting stands: the next record of each
// partition of a stream that was ever counted.
func (c *Catalog) Offsets(ctx context.Context, consumer, stream string) (map[int]int64, error) {
	next := map[int]int64{}
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var part int
		var offset int64
		err := r.Scan(&part, &offset)
		next[part] = offset
		return err
	}, `SELECT part, next FROM offsets WHERE consumer = ? AND stream = ?`, consumer, stream)
	if err != nil {
		return nil, fmt.Errorf("catalog: offsets of %s: %w", consumer, err)
	}
	return next, nil
}

// Count adds tallies and redemptions, and moves the offsets of the records
// that they were counted from, all of it or nothing: each record counts once,
// however often its batch comes. ErrConflict if an offset stands elsewhere:
// somebody else counts that partition. Redemptions are added to the tallies
// here, each decision's once.
func (c *Catalog) Count(ctx context.Context, consumer string, progress []Progress, tallies []Tally, redemptions []Redemption) error {
	err := c.tx(ctx, func(tx *sql.Tx) error {
		for _, p := range progress {
			if err := c.advance(ctx, tx, consumer, p); err != nil {
				return err
			}
		}
		for _, r := range redemptions {
			if r.Undone {
				undone, err := c.undo(ctx, tx, r.Decision)
				if err != nil {
					return err
				}
				tallies = append(tallies, undone...)
				continue
			}
			n, err := c.exec(ctx, tx, `INSERT INTO redemptions (decision, campaign, shop, shopper, at, minor, currency)
				VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (decision) DO NOTHING`,
				r.Decision, r.Campaign, r.Shop, r.Shopper, micros(r.At), r.Value.Minor, r.Value.Currency)
			if err != nil {
				return err
			}
			if n > 0 {
				tallies = append(tallies, Tally{Campaign: r.Campaign, Shop: r.Shop, Hour: r.At, Counts: Counts{Redeemed: 1}})
			}
		}
		for _, t := range merged(tallies) {
			if err := c.addTally(ctx, tx, t); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("catalog: count for %s: %w", consumer, err)
	}
	return nil
}

// undo forgets a redemption, and is what its tally loses.
func (c *Catalog) undo(ctx context.Context, tx *sql.Tx, id offers.DecisionID) ([]Tally, error) {
	t := Tally{Counts: Counts{Redeemed: -1}}
	var at int64
	err := c.row(ctx, tx, `SELECT campaign, shop, at FROM redemptions WHERE decision = ?`+c.dialect.forUpdate(), id).Scan(&t.Campaign, &t.Shop, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil // undone before, or of no campaign
	}
	if err != nil {
		return nil, err
	}
	t.Hour = fromMicros(at)
	_, err = c.exec(ctx, tx, `DELETE FROM redemptions WHERE decision = ?`, id)
	return []Tally{t}, err
}

func (c *Catalog) advance(ctx context.Context, tx *sql.Tx, consumer string, p Progress) error {
	var n int64
	var err error
	if p.From < 0 {
		n, err = c.exec(ctx, tx, `INSERT INTO offsets (consumer, stream, part, next) VALUES (?, ?, ?, ?)
			ON CONFLICT (consumer, stream, part) DO NOTHING`, consumer, p.Stream, p.Partition, p.To)
	} else {
		n, err = c.exec(ctx, tx, `UPDATE offsets SET next = ? WHERE consumer = ? AND stream = ? AND part = ? AND next = ?`,
			p.To, consumer, p.Stream, p.Partition, p.From)
	}
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: %s/%d does not stand at %d any more", offers.ErrConflict, p.Stream, p.Partition, p.From)
	}
	return err
}

// merged joins tallies of the same hour, in an order that all lanes share, so
// that two transactions never wait for each other's rows crosswise.
func merged(tallies []Tally) []Tally {
	type key struct {
		campaign offers.CampaignID
		shop     offers.ShopID
		hour     int64
	}
	byKey := map[key]*Tally{}
	for _, t := range tallies {
		t.Hour = t.Hour.UTC().Truncate(time.Hour)
		k := key{t.Campaign, t.Shop, t.Hour.UnixMicro()}
		into := byKey[k]
		if into == nil {
			into = &Tally{Campaign: t.Campaign, Shop: t.Shop, Hour: t.Hour}
			byKey[k] = into
		}
		into.Add(t.Counts)
		into.Latency.Merge(t.Latency)
	}
	all := make([]Tally, 0, len(byKey))
	for _, t := range byKey {
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b Tally) int {
		return cmp.Or(cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.Shop, b.Shop), a.Hour.Compare(b.Hour))
	})
	return all
}

func (c *Catalog) addTally(ctx context.Context, tx *sql.Tx, t Tally) error {
	hour := micros(t.Hour)
	_, err := c.exec(ctx, tx, `INSERT INTO tallies
		(campaign, shop, hour, offered, sent, delivered, failed, refused, redeemed, held_out, latency)
		VALUES (?, ?, ?, 0, 0, 0, 0, 0, 0, 0, ?) ON CONFLICT (campaign, shop, hour) DO NOTHING`,
		t.Campaign, t.Shop, hour, []byte{})
	if err != nil {
		return err
	}
	var kept []byte
	err = c.row(ctx, tx, `SELECT latency FROM tallies WHERE campaign = ? AND shop = ? AND hour = ?`+c.dialect.forUpdate(),
		t.Campaign, t.Shop, hour).Scan(&kept)
	if err != nil {
		return err
	}
	var latency Sketch
	if err := latency.UnmarshalBinary(kept); err != nil {
		return err
	}
	latency.Merge(t.Latency)
	body, err := latency.AppendBinary([]byte{})
	if err != nil {
		return err
	}
	_, err = c.exec(ctx, tx, `UPDATE tallies SET offered = offered + ?, sent = sent + ?, delivered = delivered + ?,
		failed = failed + ?, refused = refused + ?, redeemed = redeemed + ?, held_out = held_out + ?, latency = ?
		WHERE campaign = ? AND shop = ? AND hour = ?`,
		t.Offered, t.Sent, t.Delivered, t.Failed, t.Refused, t.Redeemed, t.HeldOut, body, t.Campaign, t.Shop, hour)
	return err
}

// Tallies are those of the hours that began at since or later.
func (c *Catalog) Tallies(ctx context.Context, since time.Time) ([]Tally, error) {
	var tallies []Tally
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var t Tally
		var hour int64
		var latency []byte
		err := r.Scan(&t.Campaign, &t.Shop, &hour, &t.Offered, &t.Sent, &t.Delivered, &t.Failed, &t.Refused, &t.Redeemed, &t.HeldOut, &latency)
		if err != nil {
			return err
		}
		t.Hour = fromMicros(hour)
		if err := t.Latency.UnmarshalBinary(latency); err != nil {
			return err
		}
		tallies = append(tallies, t)
		return nil
	}, `SELECT campaign, shop, hour, offered, sent, delivered, failed, refused, redeemed, held_out, latency
		FROM tallies WHERE hour >= ? ORDER BY hour, campaign, shop`, micros(since))
	if err != nil {
		return nil, fmt.Errorf("catalog: tallies: %w", err)
	}
	return tallies, nil
}

// Totals are the counts of each campaign since its beginning.
func (c *Catalog) Totals(ctx context.Context) (map[offers.CampaignID]Counts, error) {
	totals := map[offers.CampaignID]Counts{}
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var id offers.CampaignID
		var n Counts
		err := r.Scan(&id, &n.Offered, &n.Sent, &n.Delivered, &n.Failed, &n.Refused, &n.Redeemed, &n.HeldOut)
		totals[id] = n
		return err
	}, `SELECT campaign, CAST(SUM(offered) AS BIGINT), CAST(SUM(sent) AS BIGINT), CAST(SUM(delivered) AS BIGINT),
		CAST(SUM(failed) AS BIGINT), CAST(SUM(refused) AS BIGINT), CAST(SUM(redeemed) AS BIGINT), CAST(SUM(held_out) AS BIGINT)
		FROM tallies GROUP BY campaign`)
	if err != nil {
		return nil, fmt.Errorf("catalog: totals: %w", err)
	}
	return totals, nil
}

// Earned are the baskets with which each campaign's offers were redeemed at
// since or later, by currency.
func (c *Catalog) Earned(ctx context.Context, since time.Time) (map[offers.CampaignID][]offers.Money, error) {
	earned := map[offers.CampaignID][]offers.Money{}
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var id offers.CampaignID
		var m offers.Money
		err := r.Scan(&id, &m.Currency, &m.Minor)
		earned[id] = append(earned[id], m)
		return err
	}, `SELECT campaign, currency, CAST(SUM(minor) AS BIGINT) FROM redemptions
		WHERE at >= ? AND minor <> 0 GROUP BY campaign, currency ORDER BY campaign, currency`, micros(since))
	if err != nil {
		return nil, fmt.Errorf("catalog: earned: %w", err)
	}
	return earned, nil
}

// Redemption is that of a decision's offer.
func (c *Catalog) Redemption(ctx context.Context, id offers.DecisionID) (Redemption, error) {
	r := Redemption{Decision: id}
	var at int64
	err := c.row(ctx, c.db, `SELECT campaign, shop, shopper, at, minor, currency FROM redemptions WHERE decision = ?`, id).
		Scan(&r.Campaign, &r.Shop, &r.Shopper, &at, &r.Value.Minor, &r.Value.Currency)
	if errors.Is(err, sql.ErrNoRows) {
		return Redemption{}, fmt.Errorf("catalog: redemption of %s: %w", id, offers.ErrNotFound)
	}
	if err != nil {
		return Redemption{}, fmt.Errorf("catalog: redemption of %s: %w", id, c.kind(err))
	}
	r.At = fromMicros(at)
	return r, nil
}

// HourCounts are the counts of each shop's hours that began at since or later,
// of all campaigns together.
func (c *Catalog) HourCounts(ctx context.Context, since time.Time) (map[offers.ShopID]map[time.Time]Counts, error) {
	all := map[offers.ShopID]map[time.Time]Counts{}
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var shop offers.ShopID
		var hour int64
		var n Counts
		if err := r.Scan(&shop, &hour, &n.Offered, &n.Sent, &n.Delivered, &n.Failed, &n.Refused, &n.Redeemed, &n.HeldOut); err != nil {
			return err
		}
		if all[shop] == nil {
			all[shop] = map[time.Time]Counts{}
		}
		all[shop][fromMicros(hour)] = n
		return nil
	}, `SELECT shop, hour, CAST(SUM(offered) AS BIGINT), CAST(SUM(sent) AS BIGINT), CAST(SUM(delivered) AS BIGINT),
		CAST(SUM(failed) AS BIGINT), CAST(SUM(refused) AS BIGINT), CAST(SUM(redeemed) AS BIGINT), CAST(SUM(held_out) AS BIGINT)
		FROM tallies WHERE hour >= ? GROUP BY shop, hour`, micros(since))
	if err != nil {
		return nil, fmt.Errorf("catalog: hours: %w", err)
	}
	return all, nil
}
