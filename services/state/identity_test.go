package state

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
	"aisle/offers/identity"
)

// onEach runs a test on the embedded redis-server and on the real ones that the
// environment names.
func onEach(t *testing.T, test func(t *testing.T, s *Store)) {
	for name, variable := range map[string]string{"embedded": "", "redis": "AISLE_TEST_REDIS", "cluster": "AISLE_TEST_REDIS_CLUSTER"} {
		t.Run(name, func(t *testing.T) {
			url := os.Getenv(variable)
			if variable != "" && url == "" {
				t.Skipf("NOT TESTED here: set %s, or run scripts/servers/with.sh", variable)
			}
			test(t, openIdentities(t, url))
		})
	}
}

func openIdentities(t testing.TB, url string) *Store {
	s, err := Open(t.Context(), Config{URL: url, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

var traces atomic.Int64

func newTestTrace() string { return fmt.Sprintf("%032x", traces.Add(1)) }

// run makes the values of one run its own, on a Redis that outlives it.
var run = strconv.FormatInt(time.Now().UnixNano(), 36)

// identifiers reads "customer_id:7 cookie:c1", each value made the test's own,
// so that one Redis serves many tests.
func identifiers(t testing.TB, s string) (ids []offers.Identifier) {
	for f := range strings.FieldsSeq(s) {
		kind, value, _ := strings.Cut(f, ":")
		ids = append(ids, offers.Identifier{Type: offers.IdentifierType(kind), Value: value + "@" + t.Name() + run})
	}
	return ids
}

func identify(t testing.TB, s *Store, ids string) Identity {
	t.Helper()
	got, err := s.Identify(t.Context(), identifiers(t, ids), newTestTrace)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestIdentify(t *testing.T) { onEach(t, testIdentify) }

func testIdentify(t *testing.T, s *Store) {
	type step struct {
		ids     string
		same    int // which step's shopper this is, from 1; 0: a new one
		merges  int
		dropped string
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"a visitor comes back", []step{{ids: "cookie:c"}, {ids: "cookie:c", same: 1}}},
		{"a visitor says who they are", []step{{ids: "cookie:c"}, {ids: "customer_id:7 cookie:c", same: 1}, {ids: "customer_id:7", same: 1}}},
		{"a customer on a second browser", []step{
			{ids: "customer_id:7 cookie:c1"}, {ids: "cookie:c2"},
			{ids: "customer_id:7 cookie:c2", same: 1, merges: 1}, {ids: "cookie:c2", same: 1, merges: 1}}},
		{"the shared tablet", []step{
			{ids: "customer_id:ana cookie:tablet"}, {ids: "customer_id:ben cookie:tablet", dropped: "cookie:tablet"},
			{ids: "customer_id:ana cookie:tablet", same: 1}, {ids: "customer_id:ben", same: 2}, {ids: "cookie:tablet", same: 1}}},
		{"merges of merges", []step{
			{ids: "cookie:a"}, {ids: "phone:p"}, {ids: "phone:p cookie:a", same: 2, merges: 1},
			{ids: "customer_id:7"}, {ids: "customer_id:7 phone:p", same: 4, merges: 1}, {ids: "cookie:a", same: 4, merges: 2}}},
		{"nobody", []step{{ids: ""}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			shoppers := []offers.ShopperID{""}
			for i, step := range tt.steps {
				got := identify(t, s, step.ids)
				shoppers = append(shoppers, got.Shopper)
				if step.same > 0 && got.Shopper != shoppers[step.same] {
					t.Errorf("step %d: shopper %s, want that of step %d, %s", i+1, got.Shopper, step.same, shoppers[step.same])
				}
				if step.same == 0 && got.Shopper != "" && slices.Contains(shoppers[:i+1], got.Shopper) {
					t.Errorf("step %d: shopper %s was there before", i+1, got.Shopper)
				}
				if len(got.Merges) != step.merges {
					t.Errorf("step %d: merges %v, want %d", i+1, got.Merges, step.merges)
				}
				if diff := cmp.Diff(identifiers(t, step.dropped), got.Dropped, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("step %d: dropped (-want +got):\n%s", i+1, diff)
				}
				if (got.Trace != "") != (step.ids != "") {
					t.Errorf("step %d: trace %q", i+1, got.Trace)
				}
			}
		})
	}
}

func TestMergeIsToldUntilAnnounced(t *testing.T) { onEach(t, testMergeIsToldUntilAnnounced) }

func testMergeIsToldUntilAnnounced(t *testing.T, s *Store) {
	loser := identify(t, s, "cookie:c").Shopper
	winner := identify(t, s, "customer_id:7").Shopper
	want := []Merge{{Loser: loser, Winner: winner}}
	for range 3 {
		if diff := cmp.Diff(want, identify(t, s, "customer_id:7 cookie:c").Merges); diff != "" {
			t.Errorf("merges (-want +got):\n%s", diff)
		}
	}
	if got, err := s.IdentifyShopper(t.Context(), loser, newTestTrace); err != nil || got.Shopper != winner || len(got.Merges) != 1 {
		t.Errorf("loser by name is %+v, %v", got, err)
	}
	if err := s.Announced(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got := identify(t, s, "cookie:c"); got.Shopper != winner || len(got.Merges) != 0 {
			t.Errorf("after it was announced: %+v, want %s and no merges", got, winner)
		}
	}
	// The edges say where each identifier came from, and the loser's are as they were.
	c, err := s.Cluster(t.Context(), winner)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Has(identifiers(t, "cookie:c")[0]) || len(c.Without(loser).Edges) != 1 {
		t.Errorf("the winner's edges: %+v", c.Edges)
	}
	if c, err := s.Cluster(t.Context(), loser); err != nil || len(c.Edges) != 1 {
		t.Errorf("the loser's edges: %+v, %v", c.Edges, err)
	}
}

func TestJourneyHasOneTrace(t *testing.T) { onEach(t, testJourneyHasOneTrace) }

func testJourneyHasOneTrace(t *testing.T, s *Store) {
	searched := identify(t, s, "cookie:c")
	signedIn := identify(t, s, "customer_id:7 tag:t cookie:c")
	recognised, err := s.IdentifyShopper(t.Context(), signedIn.Shopper, newTestTrace)
	if err != nil {
		t.Fatal(err)
	}
	tag := identify(t, s, "tag:t")
	for name, got := range map[string]string{"signed in": signedIn.Trace, "recognised": recognised.Trace, "tag": tag.Trace} {
		if got != searched.Trace {
			t.Errorf("%s: trace %s, want %s of the search", name, got, searched.Trace)
		}
	}
	if ttl := s.Client().TTL(t.Context(), traceKey(tag.Shopper)).Val(); ttl < 23*time.Hour || ttl > 24*time.Hour {
		t.Errorf("the trace lives for %v", ttl)
	}

	t.Run("of a merge with a customer who has none open", func(t *testing.T) {
		customer := identify(t, s, "customer_id:7")
		if err := s.Client().Del(t.Context(), traceKey(customer.Shopper)).Err(); err != nil {
			t.Fatal(err)
		}
		s.identities.clear()
		searched := identify(t, s, "cookie:c")
		if got := identify(t, s, "customer_id:7 cookie:c"); got.Shopper != customer.Shopper || got.Trace != searched.Trace {
			t.Errorf("%+v, want shopper %s, trace %s", got, customer.Shopper, searched.Trace)
		}
	})
}

// A batch is resolved as if its events had come one after the other.
func TestIdentifyAllKeepsOrder(t *testing.T) { onEach(t, testIdentifyAllKeepsOrder) }

func testIdentifyAllKeepsOrder(t *testing.T, s *Store) {
	events := [][]offers.Identifier{
		identifiers(t, "cookie:tablet"), identifiers(t, "customer_id:ana cookie:tablet"), identifiers(t, "cookie:tablet"), {},
		identifiers(t, "customer_id:ben cookie:tablet"), identifiers(t, "customer_id:ben cookie:own"), identifiers(t, "cookie:own"),
		identifiers(t, "customer_id:ana cookie:tablet"),
	}
	got, err := s.IdentifyAll(t.Context(), events, newTestTrace)
	if err != nil {
		t.Fatal(err)
	}
	var who []int
	seen := map[offers.ShopperID]int{"": 0}
	for _, id := range got {
		if _, ok := seen[id.Shopper]; !ok {
			seen[id.Shopper] = len(seen)
		}
		who = append(who, seen[id.Shopper])
	}
	if diff := cmp.Diff([]int{1, 1, 1, 0, 2, 2, 2, 1}, who); diff != "" {
		t.Errorf("shoppers (-want +got):\n%s", diff)
	}
	again, err := s.IdentifyAll(t.Context(), events[1:], newTestTrace)
	if err != nil {
		t.Fatal(err)
	}
	for i := range again {
		if again[i].Shopper != got[i+1].Shopper || again[i].Trace != got[i+1].Trace {
			t.Errorf("event %d again: %+v, was %+v", i+1, again[i], got[i+1])
		}
	}
}

func TestAnonymousOnesAreForgottenKnownOnesNot(t *testing.T) {
	onEach(t, testAnonymousOnesAreForgottenKnownOnesNot)
}

func testAnonymousOnesAreForgottenKnownOnesNot(t *testing.T, s *Store) {
	anonymous := identify(t, s, "cookie:c")
	if ttl := s.Client().TTL(t.Context(), shopperKey(anonymous.Shopper)).Val(); ttl < anonymousTTL-time.Minute {
		t.Errorf("who is anonymous is kept for %v", ttl)
	}
	known := identify(t, s, "customer_id:7 cookie:c")
	for _, key := range []string{shopperKey(known.Shopper), idKey(identifiers(t, "customer_id:7")[0])} {
		if ttl := s.Client().TTL(t.Context(), key).Val(); ttl != -1 {
			t.Errorf("%s is kept for %v, want for good", key, ttl)
		}
	}
}

// Many doors meet the same few people at the same time, on shared tablets too.
// In the end every identifier leads to one shopper, no merges go in a circle,
// and no two customers are one.
func TestIdentifyAtTheSameTime(t *testing.T) { onEach(t, testIdentifyAtTheSameTime) }

func testIdentifyAtTheSameTime(t *testing.T, s *Store) {
	const people, doors, rounds = 6, 8, 60
	var wg sync.WaitGroup
	var failed atomic.Int64
	for door := range doors {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(door), 1))
			for range rounds {
				p := rnd.IntN(people)
				ids := fmt.Sprintf("cookie:own%d", p)
				switch rnd.IntN(5) {
				case 0:
					ids = fmt.Sprintf("customer_id:%d %s", p, ids)
				case 1:
					ids = fmt.Sprintf("customer_id:%d phone:%d cookie:tablet", p, p)
				case 2:
					ids = fmt.Sprintf("app_install:%d %s", p, ids)
				case 3:
					ids = fmt.Sprintf("phone:%d app_install:%d", p, p)
				}
				if rnd.IntN(4) == 0 {
					s.identities.clear() // as another process, which has not heard of the merges
				}
				got, err := s.Identify(context.Background(), identity.Clean(identifiers(t, ids), "ES"), newTestTrace)
				if err != nil {
					failed.Add(1)
					t.Log(err)
				} else if len(got.Merges) > 0 && rnd.IntN(2) == 0 {
					_ = s.Announced(context.Background(), got.Merges)
				}
			}
		})
	}
	wg.Wait()
	if failed.Load() > 0 {
		t.Errorf("%d of %d were not identified", failed.Load(), doors*rounds)
	}
	s.identities.clear()
	customers := map[offers.ShopperID]string{}
	for p := range people {
		customer := fmt.Sprintf("customer_id:%d", p)
		got := identify(t, s, customer)
		if other := customers[got.Shopper]; other != "" {
			t.Errorf("%s and %s are one shopper", customer, other)
		}
		customers[got.Shopper] = customer
		if own := identify(t, s, fmt.Sprintf("customer_id:%d cookie:own%d", p, p)); own.Shopper != got.Shopper {
			t.Errorf("%s is %s with the browser and %s without", customer, own.Shopper, got.Shopper)
		}
	}
}

func BenchmarkIdentifyAll(b *testing.B) {
	for _, returning := range []bool{true, false} {
		b.Run(fmt.Sprintf("returning=%v", returning), func(b *testing.B) {
			s := openIdentities(b, "")
			n := 0
			for b.Loop() {
				events := make([][]offers.Identifier, 20)
				for i := range events {
					n++
					v := n
					if returning {
						v %= 10_000
						s.identities.clear()
					}
					events[i] = []offers.Identifier{{Type: offers.Cookie, Value: fmt.Sprint(v)}}
				}
				if _, err := s.IdentifyAll(context.Background(), events, newTestTrace); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(20*b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
