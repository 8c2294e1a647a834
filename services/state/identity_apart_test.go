package state

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
)

func partitionOf(key string) int {
	n := 0
	for _, c := range key {
		n += int(c)
	}
	return n % 8
}

// merged makes an anonymous browser and a customer, and merges them, all told.
func merged(t *testing.T, s *Store) (loser, winner offers.ShopperID) {
	t.Helper()
	loser = identify(t, s, "cookie:c app_install:i").Shopper
	winner = identify(t, s, "customer_id:7").Shopper
	tell(t, s, identify(t, s, "customer_id:7 cookie:c").Merges)
	return loser, winner
}

func tell(t *testing.T, s *Store, merges []Merge) {
	t.Helper()
	if err := s.CarryConsents(t.Context(), merges, partitionOf); err != nil {
		t.Fatal(err)
	}
	if err := s.Announced(t.Context(), merges); err != nil {
		t.Fatal(err)
	}
	s.identities.clear()
}

func separate(t *testing.T, s *Store, shopper offers.ShopperID) Separation {
	t.Helper()
	sep, err := s.Separate(t.Context(), shopper, partitionOf)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Separated(t.Context(), sep); err != nil {
		t.Fatal(err)
	}
	return sep
}

func names(c []offers.Identifier) (all []offers.IdentifierType) {
	for _, id := range c {
		all = append(all, id.Type)
	}
	slices.Sort(all)
	return all
}

func TestSeparate(t *testing.T) { onEach(t, testSeparate) }

func testSeparate(t *testing.T, s *Store) {
	loser, winner := merged(t, s)
	if got := identify(t, s, "cookie:c").Shopper; got != winner {
		t.Fatalf("before: %s, want the winner", got)
	}
	identify(t, s, "customer_id:7 tag:t")
	sep := separate(t, s, loser)
	if sep.Shopper != loser || sep.From != winner || sep.Nth != 1 {
		t.Errorf("separation %+v", sep)
	}
	if diff := cmp.Diff([]offers.IdentifierType{offers.AppInstall, offers.Cookie}, names(sep.Gone)); diff != "" {
		t.Errorf("went back (-want +got):\n%s", diff)
	}
	if len(sep.Left.Edges) != 2 || len(sep.Cluster.Edges) != 2 {
		t.Errorf("now: %+v and %+v, want two identifiers each", sep.Cluster.Edges, sep.Left.Edges)
	}
	for _, tt := range []struct {
		ids     string
		want    offers.ShopperID
		dropped string
	}{
		{"cookie:c", loser, ""},
		{"app_install:i", loser, ""},
		{"customer_id:7", winner, ""},
		{"tag:t", winner, ""},
		{"customer_id:7 cookie:c", winner, "cookie:c"}, // the same evidence as before
		{"customer_id:7 app_install:i cookie:c tag:t", winner, "app_install:i cookie:c"},
		{"app_install:i cookie:c tag:t", loser, "tag:t"},
		{"cookie:c", loser, ""},
	} {
		got := identify(t, s, tt.ids)
		if got.Shopper != tt.want || len(got.Merges) != 0 {
			t.Errorf("%s: %+v, want %s", tt.ids, got, tt.want)
		}
		if diff := cmp.Diff(identifiers(t, tt.dropped), got.Dropped, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: dropped (-want +got):\n%s", tt.ids, diff)
		}
	}
	if got, err := s.Resolve(t.Context(), loser); err != nil || got != loser {
		t.Errorf("by name: %s, %v", got, err)
	}
	if _, err := s.Separate(t.Context(), loser, partitionOf); !errors.Is(err, offers.ErrConflict) {
		t.Errorf("once more: %v, want a conflict", err)
	}
	if _, err := s.Separate(t.Context(), winner, partitionOf); !errors.Is(err, offers.ErrConflict) {
		t.Errorf("the winner: %v, want a conflict", err)
	}
	if _, err := s.Separate(t.Context(), "sghost"+offers.ShopperID(run), partitionOf); !errors.Is(err, offers.ErrNotFound) {
		t.Errorf("nobody: %v, want not found", err)
	}

	// A person may say that they are one after all; the merge is another one.
	m, err := s.Join(t.Context(), loser, winner, newTestTrace)
	if err != nil {
		t.Fatal(err)
	}
	first := Merge{Loser: loser, Winner: winner}
	if m.Loser != loser || m.Winner != winner || m.EventID() == first.EventID() {
		t.Errorf("joined again: %+v as %s", m, m.EventID())
	}
	// A door that is late with its record of the first merge changes nothing.
	if err := s.Announced(t.Context(), []Merge{first}); err != nil {
		t.Fatal(err)
	}
	if got := identify(t, s, "cookie:c"); got.Shopper != winner || !slices.Equal(got.Merges, []Merge{m}) {
		t.Errorf("after: %+v, want %s and the merge to tell", got, winner)
	}
	tell(t, s, []Merge{m})
	if got := identify(t, s, "customer_id:7 cookie:c"); got.Shopper != winner || len(got.Merges)+len(got.Dropped) != 0 {
		t.Errorf("in the end: %+v", got)
	}
	if sep := separate(t, s, loser); sep.Nth != 2 || len(sep.Gone) != 2 {
		t.Errorf("the second time: %+v", sep)
	}
}

func TestSeparateWaitsForTheLog(t *testing.T) { onEach(t, testSeparateWaitsForTheLog) }

func testSeparateWaitsForTheLog(t *testing.T, s *Store) {
	loser := identify(t, s, "cookie:c").Shopper
	identify(t, s, "customer_id:7")
	untold := identify(t, s, "customer_id:7 cookie:c").Merges
	if _, err := s.Separate(t.Context(), loser, partitionOf); !errors.Is(err, offers.ErrConflict) {
		t.Errorf("a merge that the log does not know: %v, want a conflict", err)
	}
	tell(t, s, untold)
	separate(t, s, loser)
}

// In a chain of merges, what is taken apart is the one who is named, with those
// whom they had absorbed.
func TestSeparateFromTheMiddle(t *testing.T) { onEach(t, testSeparateFromTheMiddle) }

func testSeparateFromTheMiddle(t *testing.T, s *Store) {
	inner := identify(t, s, "cookie:inner").Shopper
	middle := identify(t, s, "phone:p").Shopper
	tell(t, s, identify(t, s, "phone:p cookie:inner").Merges)
	outer := identify(t, s, "customer_id:7").Shopper
	tell(t, s, identify(t, s, "customer_id:7 phone:p").Merges)
	if got := identify(t, s, "cookie:inner").Shopper; got != outer {
		t.Fatalf("the browser is %s, want %s", got, outer)
	}

	t.Run("the middle one takes the inner one along", func(t *testing.T) {
		sep := separate(t, s, middle)
		if sep.From != outer || !slices.Equal(sep.With, []offers.ShopperID{inner}) || len(sep.Left.Edges) != 1 {
			t.Errorf("%+v", sep)
		}
	})
	if got := identify(t, s, "cookie:inner").Shopper; got != middle {
		t.Errorf("the browser is %s, want %s", got, middle)
	}
	m, err := s.Join(t.Context(), outer, inner, newTestTrace)
	if err != nil || m.Loser != middle {
		t.Fatalf("join by the inner one's name: %+v, %v", m, err)
	}
	tell(t, s, []Merge{m})
	sep := separate(t, s, inner)
	if sep.From != outer || len(sep.Gone) != 1 {
		t.Errorf("the inner one leaves %+v", sep)
	}
	for ids, want := range map[string]offers.ShopperID{"cookie:inner": inner, "phone:p": outer, "customer_id:7 cookie:inner": outer, "phone:p cookie:inner": outer} {
		if got := identify(t, s, ids).Shopper; got != want {
			t.Errorf("%s is %s, want %s", ids, got, want)
		}
	}
	// What is gone from both stays gone, and the middle one leaves with the rest.
	if sep := separate(t, s, middle); len(sep.Gone) != 1 || sep.Gone[0].Type != offers.Phone {
		t.Errorf("the middle one leaves with %v, want the phone", sep.Gone)
	}
}

// Who was taken apart stays so under the names that both sides get later.
func TestApartSurvivesMerges(t *testing.T) { onEach(t, testApartSurvivesMerges) }

func testApartSurvivesMerges(t *testing.T, s *Store) {
	a, b := identify(t, s, "cookie:a").Shopper, identify(t, s, "app_install:b").Shopper
	if err := s.KeepApart(t.Context(), a, b); err != nil {
		t.Fatal(err)
	}
	if got := identify(t, s, "app_install:b cookie:a"); len(got.Dropped) != 1 {
		t.Errorf("kept apart: %+v, want one dropped", got)
	}
	identify(t, s, "customer_id:1")
	identify(t, s, "phone:2")
	tell(t, s, identify(t, s, "customer_id:1 cookie:a").Merges)
	tell(t, s, identify(t, s, "phone:2 app_install:b").Merges)
	if got := identify(t, s, "customer_id:1 phone:2"); len(got.Merges) != 0 || len(got.Dropped) != 1 {
		t.Errorf("under other names: %+v, want the phone dropped", got)
	}
	if got := identify(t, s, "app_install:b cookie:a"); len(got.Dropped) != 1 {
		t.Errorf("by the devices: %+v, want one dropped", got)
	}
	m, err := s.Join(t.Context(), a, b, newTestTrace)
	if err != nil {
		t.Fatal(err)
	}
	tell(t, s, []Merge{m})
	if got := identify(t, s, "customer_id:1 phone:2 app_install:b cookie:a"); len(got.Dropped) != 0 {
		t.Errorf("joined: %+v", got)
	}
	for _, err := range []error{s.KeepApart(t.Context(), a, b), second(s.Join(t.Context(), a, b, newTestTrace))} {
		if !errors.Is(err, offers.ErrConflict) {
			t.Errorf("of one shopper: %v, want a conflict", err)
		}
	}
	if err := s.KeepApart(t.Context(), a, "sghost"+offers.ShopperID(run)); !errors.Is(err, offers.ErrNotFound) {
		t.Errorf("with nobody: %v, want not found", err)
	}
}

func second[A, B any](_ A, b B) B { return b }

func TestJoinTwoCustomers(t *testing.T) { onEach(t, testJoinTwoCustomers) }

func testJoinTwoCustomers(t *testing.T, s *Store) {
	a := identify(t, s, "customer_id:1 email:a").Shopper
	b := identify(t, s, "customer_id:2 email:b").Shopper
	m, err := s.Join(t.Context(), b, a, newTestTrace)
	if err != nil {
		t.Fatal(err)
	}
	tell(t, s, []Merge{m})
	for _, ids := range []string{"customer_id:1", "customer_id:2", "email:b", "customer_id:2 cookie:new", "cookie:new"} {
		if got := identify(t, s, ids); got.Shopper != m.Winner || len(got.Dropped) != 0 {
			t.Errorf("%s: %+v, want %s", ids, got, m.Winner)
		}
	}
	separate(t, s, m.Loser)
	if one, two := identify(t, s, "customer_id:1").Shopper, identify(t, s, "customer_id:2").Shopper; one != a || two != b {
		t.Errorf("apart again: %s and %s, want %s and %s", one, two, a, b)
	}
}

func TestDetach(t *testing.T) { onEach(t, testDetach) }

func testDetach(t *testing.T, s *Store) {
	ana := identify(t, s, "cookie:tablet").Shopper // named after what is to leave
	identify(t, s, "customer_id:1 cookie:tablet")
	tablet := identifiers(t, "cookie:tablet")[0]
	sep, err := s.Detach(t.Context(), ana, tablet, partitionOf)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Separated(t.Context(), sep); err != nil {
		t.Fatal(err)
	}
	if sep.Shopper == ana || sep.From != ana || len(sep.Left.Edges) != 1 || len(sep.Cluster.Edges) != 1 {
		t.Errorf("%+v", sep)
	}
	if got := identify(t, s, "customer_id:1 cookie:tablet"); got.Shopper != ana || len(got.Dropped) != 1 {
		t.Errorf("signed in on it: %+v, want it dropped", got)
	}
	if got := identify(t, s, "cookie:tablet").Shopper; got != sep.Shopper {
		t.Errorf("the tablet is %s, want %s", got, sep.Shopper)
	}
	for _, tt := range []struct {
		who  offers.ShopperID
		id   string
		want error
	}{
		{ana, "customer_id:1", offers.ErrConflict}, {ana, "cookie:tablet", offers.ErrNotFound}, {"sghost" + offers.ShopperID(run), "tag:t", offers.ErrNotFound},
	} {
		if _, err := s.Detach(t.Context(), tt.who, identifiers(t, tt.id)[0], partitionOf); !errors.Is(err, tt.want) {
			t.Errorf("%s of %s: %v, want %v", tt.id, tt.who, err, tt.want)
		}
	}
}

// Consents go back as far as it is known whose they were, and nobody gets a yes
// that they did not give.
func TestSeparateConsents(t *testing.T) { onEach(t, testSeparateConsents) }

func testSeparateConsents(t *testing.T, s *Store) {
	began := time.UnixMilli(time.Now().UnixMilli()).UTC().Add(-time.Hour)
	answer := func(who offers.ShopperID, purpose offers.Purpose, granted bool, at time.Time, source string) {
		t.Helper()
		c := offers.Consent{Purpose: purpose, Granted: granted, At: at, Source: source}
		if err := s.SetConsent(t.Context(), partitionOf(string(who)), who, c); err != nil {
			t.Fatal(err)
		}
	}
	loser := identify(t, s, "cookie:c").Shopper
	winner := identify(t, s, "customer_id:7").Shopper
	answer(loser, offers.ConsentSMS, true, began, "loser")                   // the winner never answered
	answer(loser, offers.ConsentPush, true, began.Add(time.Minute), "loser") // the winner had said no before
	answer(winner, offers.ConsentPush, false, began, "winner")
	answer(loser, offers.ConsentSearch, false, began.Add(time.Minute), "loser") // the winner had said yes before
	answer(winner, offers.ConsentSearch, true, began, "winner")
	answer(loser, offers.ConsentLocation, true, began, "loser") // refused while they were one
	answer(winner, offers.ConsentFace, false, began, "winner")  // the winner's own, before
	tell(t, s, identify(t, s, "customer_id:7 cookie:c").Merges)
	answer(winner, offers.ConsentLocation, false, time.Now().Add(time.Minute), "STOP")

	check := func(who offers.ShopperID, want map[offers.Purpose]string) {
		t.Helper()
		all, err := s.Consents(t.Context(), partitionOf(string(who)), who)
		if err != nil {
			t.Fatal(err)
		}
		got := map[offers.Purpose]string{}
		for purpose, c := range all {
			got[purpose] = fmt.Sprint(c.Granted, " ", c.Source)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("consents of %s (-want +got):\n%s", who, diff)
		}
	}
	check(winner, map[offers.Purpose]string{"sms": "true loser", "push": "true loser", "search": "false loser", "location": "false STOP", "face": "false winner"})
	sep, err := s.Separate(t.Context(), loser, partitionOf)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // begun again after a crash, it is the same
		check(loser, map[offers.Purpose]string{"sms": "true loser", "push": "true loser", "search": "false loser", "location": "false STOP"})
		check(winner, map[offers.Purpose]string{"push": "false winner", "search": "true winner", "location": "false STOP", "face": "false winner"})
		if sep, err = s.Separate(t.Context(), loser, partitionOf); err != nil {
			t.Fatal(err)
		}
	}
	if len(sep.Told) != 4 || len(sep.Keeps) != 4 || sep.Nth != 1 {
		t.Errorf("%+v", sep)
	}

	t.Run("where it is not known, nobody has said yes", func(t *testing.T) {
		loser, winner := merged(t, s)
		for _, who := range []offers.ShopperID{loser, winner} { // as if carried by another version
			answer(who, offers.ConsentSMS, true, began, "app")
		}
		separate(t, s, loser)
		check(loser, map[offers.Purpose]string{"sms": "true app"})
		check(winner, map[offers.Purpose]string{"sms": "false taken apart"})
	})
	t.Run("what a first loser brought does not come back with the second", func(t *testing.T) {
		one, two := identify(t, s, "cookie:one").Shopper, identify(t, s, "cookie:two").Shopper
		winner := identify(t, s, "customer_id:8").Shopper
		answer(one, offers.ConsentSMS, true, began, "one")
		answer(two, offers.ConsentSMS, true, began.Add(time.Minute), "two")
		tell(t, s, identify(t, s, "customer_id:8 cookie:one").Merges)
		tell(t, s, identify(t, s, "customer_id:8 cookie:two").Merges)
		separate(t, s, one)
		check(winner, map[offers.Purpose]string{"sms": "true two"})
		separate(t, s, two)
		check(winner, map[offers.Purpose]string{})
	})
}

// Taken apart while doors meet them: whoever is interrupted can go on, and in
// the end each identifier leads to one shopper whose it is.
func TestSeparateAtTheSameTime(t *testing.T) { onEach(t, testSeparateAtTheSameTime) }

func testSeparateAtTheSameTime(t *testing.T, s *Store) {
	const people = 4
	var wg sync.WaitGroup
	var stop atomic.Bool
	var separations, failed atomic.Int64
	for door := range 4 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(door), 2))
			for !stop.Load() {
				p := rnd.IntN(people)
				ids := []string{fmt.Sprintf("customer_id:%d cookie:%d", p, p), fmt.Sprintf("cookie:%d", p), fmt.Sprintf("customer_id:%d app_install:%d", p, p),
					fmt.Sprintf("app_install:%d cookie:%d", p, p), fmt.Sprintf("app_install:%d", p)}[rnd.IntN(5)]
				s.identities.clear()
				got, err := s.Identify(context.Background(), identifiers(t, ids), newTestTrace)
				if err != nil && !errors.Is(err, offers.ErrUnavailable) {
					failed.Add(1)
					t.Error(err)
				}
				_ = s.Announced(context.Background(), got.Merges)
			}
		})
	}
	for n := range 2 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(n), 3))
			for !stop.Load() {
				p := rnd.IntN(people)
				owners, err := s.Owners(context.Background(), identifiers(t, fmt.Sprintf("customer_id:%d cookie:%d app_install:%d", p, p, p)))
				if err != nil {
					t.Error(err)
					continue
				}
				customer, device := owners[0], owners[1+rnd.IntN(2)]
				if customer == "" || device == "" {
					continue
				}
				known, err := s.Known(context.Background(), []offers.ShopperID{customer})
				if err != nil {
					t.Error(err)
					continue
				}
				for _, e := range known[0].Edges {
					if e.From != "" {
						device = e.From
					}
				}
				sep, err := s.Separate(context.Background(), device, partitionOf)
				switch {
				case err == nil:
					separations.Add(1)
					if rnd.IntN(3) > 0 { // else the log is not told, and the next goes on
						if err := s.Separated(context.Background(), sep); err != nil {
							t.Error(err)
						}
					}
				case errors.Is(err, offers.ErrConflict) && device == customer: // an event tied it
					if id := known[0].Edges[rnd.IntN(len(known[0].Edges))].Identifier; id.Type != offers.CustomerID {
						if sep, err := s.Detach(context.Background(), customer, id, partitionOf); err == nil {
							_ = s.Separated(context.Background(), sep)
						}
					}
				case errors.Is(err, offers.ErrConflict): // not merged
					if m, err := s.Join(context.Background(), customer, device, newTestTrace); err == nil {
						_ = s.Announced(context.Background(), []Merge{m})
					}
				case errors.Is(err, offers.ErrNotFound), errors.Is(err, offers.ErrUnavailable):
				default:
					t.Error(err)
				}
			}
		})
	}
	time.Sleep(1500 * time.Millisecond)
	stop.Store(true)
	wg.Wait()
	if separations.Load() == 0 {
		t.Error("nobody was taken apart")
	}
	// What a race has left loose, the next event ties.
	for p := range people {
		for _, id := range []string{"customer_id:%d", "cookie:%d", "app_install:%d"} {
			s.identities.clear()
			if _, err := s.Identify(t.Context(), identifiers(t, fmt.Sprintf(id, p)), newTestTrace); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.identities.clear()
	customers := map[offers.ShopperID]int{}
	for p := range people {
		for _, id := range []string{"customer_id:%d", "cookie:%d", "app_install:%d"} {
			ids := identifiers(t, fmt.Sprintf(id, p))
			owners, err := s.Owners(t.Context(), ids)
			if err != nil || owners[0] == "" {
				t.Fatalf("%v: %v %v", ids, owners, err)
			}
			now, err := s.Resolve(t.Context(), owners[0])
			if err != nil {
				t.Fatal(err)
			}
			if c, err := s.Cluster(t.Context(), now); err != nil || !c.Has(ids[0]) {
				t.Errorf("%v leads to %s, who has %v (%v)", ids, now, c.Edges, err)
			}
			if id == "customer_id:%d" {
				if other, ok := customers[now]; ok {
					t.Errorf("customers %d and %d are one", p, other)
				}
				customers[now] = p
			}
		}
	}
	t.Logf("%d separations", separations.Load())
}

// An event that calls two known persons the same does not make them one, and is
// not forgotten.
func TestClaims(t *testing.T) { onEach(t, testClaims) }

func testClaims(t *testing.T, s *Store) {
	ana := identify(t, s, "customer_id:old cookie:c").Shopper
	next := identify(t, s, "customer_id:new customer_id:old cookie:old") // alias
	if next.Shopper == ana || len(next.Merges) != 0 {
		t.Errorf("an alias of a customer: %+v, want somebody else than %s", next, ana)
	}
	identify(t, s, "customer_id:new cookie:c") // a shared tablet claims nothing
	for range 2 {
		s.identities.clear()
		identify(t, s, "customer_id:new customer_id:old cookie:old")
	}
	known, err := s.Known(t.Context(), []offers.ShopperID{next.Shopper, ana})
	if err != nil {
		t.Fatal(err)
	}
	if len(known[0].Claims) != 1 || known[0].Claims[ana].IsZero() || len(known[1].Claims) != 0 {
		t.Errorf("claims %v and %v, want one with %s", known[0].Claims, known[1].Claims, ana)
	}
	if len(known[0].Edges) != 2 || !known[0].Has(identifiers(t, "cookie:old")[0]) {
		t.Errorf("edges %+v, want the new id and the alias's cookie", known[0].Edges)
	}
}

// An identifier that leads to somebody without an edge gets it from the next
// event, but not while somebody is leaving with it.
func TestTie(t *testing.T) { onEach(t, testTie) }

func testTie(t *testing.T, s *Store) {
	ctx := t.Context()
	got, err := s.Identify(ctx, identifiers(t, "customer_id:1 cookie:1"), newTestTrace)
	if err != nil {
		t.Fatal(err)
	}
	cookie := identifiers(t, "cookie:1")[0]
	if err := s.client.HDel(ctx, shopperKey(got.Shopper), identifierField(cookie)).Err(); err != nil {
		t.Fatal(err)
	}
	s.identities.clear()
	again, err := s.Identify(ctx, []offers.Identifier{cookie}, newTestTrace)
	if err != nil || again.Shopper != got.Shopper {
		t.Fatalf("%+v, %v, want %s", again, err, got.Shopper)
	}
	if c, err := s.Cluster(ctx, got.Shopper); err != nil || !c.Has(cookie) {
		t.Errorf("edges %v, %v", c.Edges, err)
	}

	// Somebody leaves with it: what they took is not tied again.
	p, err := s.makeLeaver(ctx, got.Shopper, cookie)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.loseTo(ctx, got.Shopper, p, true); err != nil {
		t.Fatal(err)
	}
	s.identities.clear()
	if _, err := s.Identify(ctx, []offers.Identifier{cookie}, newTestTrace); err != nil {
		t.Fatal(err)
	}
	if c, err := s.Cluster(ctx, got.Shopper); err != nil || c.Has(cookie) {
		t.Errorf("tied while somebody left with it: %v, %v", c.Edges, err)
	}
	sep, err := s.finishLeaving(ctx, p, partitionOf)
	if err != nil || !sep.Cluster.Has(cookie) {
		t.Errorf("%+v, %v", sep, err)
	}
}
