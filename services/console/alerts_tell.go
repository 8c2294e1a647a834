package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"aisle/offers"
	"aisle/services/again"
	"aisle/services/state"
)

// Telling says how staff hear of alerts who do not look at the wall. Without Post
// they do not.
type Telling struct {
	// Post says a text where they are. An error that is offers.ErrUnavailable says
	// that it was not said, and is tried again.
	Post func(ctx context.Context, text string) error

	Help  bool          // also who may want help: where, never who
	After time.Duration // what is over by itself before that is not told; default 15 s
	Over  time.Duration // it is over when it was not seen for so long; default 1 min
}

func (t Telling) filled() Telling {
	t.After, t.Over = cmp.Or(t.After, 15*time.Second), cmp.Or(t.Over, time.Minute)
	return t
}

const tellingLease = 30 * time.Second // longer than a post takes; then another console tries

// tellStaff tells staff of each alert once, and once that it is over, whichever
// console sees it.
func (s *Service) tellStaff(ctx context.Context) error {
	if s.config.Telling.Post == nil {
		return nil
	}
	help := map[string]time.Time{}
	return again.Every(ctx, min(s.config.Telling.After, s.config.Telling.Over)/3, s.logger, "telling staff of alerts", func(ctx context.Context) error {
		return s.tellOf(ctx, s.worthTelling(ctx, help, time.Now()), time.Now())
	})
}

// worthTelling are the alerts that staff should hear of, by what they are called
// across the house's shops. Help is since when each place has somebody who may
// want it.
func (s *Service) worthTelling(ctx context.Context, help map[string]time.Time, now time.Time) map[string]alert {
	all := map[string]alert{}
	waiting := map[string]bool{}
	for id, shop := range s.catalogue().Shops {
		for _, a := range s.alerts.of(id) {
			if a.Kind == "lag" || a.Kind == "quarantine" { // the house's, on each shop's wall
				all[a.ID] = a
				continue
			}
			a.Text = shop.Name + ": " + a.Text
			all[string(id)+"/"+a.ID] = a
		}
		if !s.config.Telling.Help {
			continue
		}
		for _, n := range s.peopleNow(ctx, shop, now).Help {
			key := string(id) + "/help/" + string(n.Zone)
			if help[key].IsZero() {
				help[key] = now
			}
			waiting[key] = true
			all[key] = alert{Kind: "help", Severity: mild, Text: fmt.Sprintf("%s: somebody at %s may want help.", shop.Name, cmp.Or(n.ZoneName, "the shop")), Since: help[key]}
		}
	}
	maps.DeleteFunc(help, func(key string, _ time.Time) bool { return !waiting[key] })
	return all
}

// tellOf tells of what nobody has told of yet, and of what is over. It stops at
// the first that cannot be told, and comes back to it.
func (s *Service) tellOf(ctx context.Context, all map[string]alert, now time.Time) error {
	told, err := s.store.Told(ctx)
	if err != nil {
		return err
	}
	var still []string
	for _, key := range slices.Sorted(maps.Keys(all)) {
		a := all[key]
		if _, ok := told[key]; ok {
			still = append(still, key)
			continue
		}
		if now.Sub(a.Since) < s.config.Telling.After || a.Acknowledged != nil {
			continue
		}
		err := s.tellOnce(ctx, key, time.Time{}, a.said(s.config.PublicURL), func(ctx context.Context) error {
			return s.store.KeepTold(ctx, key, state.Told{Text: a.Text, Since: a.Since, Seen: now})
		})
		if err != nil {
			return err
		}
	}
	if len(still) > 0 {
		if err := s.store.SawAlerts(ctx, still, now); err != nil {
			return err
		}
	}
	unseen := now.Add(-s.config.Telling.Over)
	if s.started.After(unseen) { // a console that has just begun has not seen much
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(told)) {
		t := told[key]
		if _, ok := all[key]; ok || t.Seen.After(unseen) {
			continue
		}
		text := fmt.Sprintf(":white_check_mark: Over after %s: %s", howLong(t.Since, t.Seen), t.Text)
		err := s.tellOnce(ctx, key, unseen, text, func(ctx context.Context) error { return s.store.KeepOver(ctx, key) })
		if err != nil {
			return err
		}
	}
	return nil
}

// tellOnce says one text and keeps that it was said, if no other console does.
func (s *Service) tellOnce(ctx context.Context, key string, unseen time.Time, text string, keep func(context.Context) error) error {
	mine, err := s.store.ClaimTelling(ctx, key, unseen, tellingLease)
	if err != nil || !mine {
		return err
	}
	// What has begun to be told is told to its end: half of it is told twice.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tellingLease)
	defer cancel()
	if err := s.config.Telling.Post(ctx, text); errors.Is(err, offers.ErrUnavailable) {
		return errors.Join(err, s.store.GiveBackTelling(ctx, key))
	} else if err != nil {
		s.logger.Warn("console: it is not known whether staff were told of an alert", "alert", key, "err", err)
	}
	return keep(ctx)
}

// said is an alert in the words that staff get.
func (a *alert) said(publicURL string) string {
	mark := ":large_yellow_circle:"
	if a.Severity == severe {
		mark = ":red_circle:"
	}
	text := mark + " " + a.Text
	if a.Do != "" {
		text += " " + a.Do
	}
	if publicURL != "" {
		text += " " + publicURL + "/staff/"
	}
	return text
}
