package identity

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
)

var now = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

// id reads "cookie:abc".
func id(s string) offers.Identifier {
	t, v, _ := strings.Cut(s, ":")
	return offers.Identifier{Type: offers.IdentifierType(t), Value: v}
}

func ids(s string) (all []offers.Identifier) {
	for f := range strings.FieldsSeq(s) {
		all = append(all, id(f))
	}
	return all
}

// cluster is a shopper met so many hours ago, with all edges from then.
func cluster(shopper offers.ShopperID, hoursAgo int, members string) *Cluster {
	c := &Cluster{Shopper: shopper, Since: now.Add(-time.Duration(hoursAgo) * time.Hour)}
	for _, id := range ids(members) {
		c.Edges = append(c.Edges, Edge{Identifier: id, Since: c.Since})
	}
	return c
}

func apart(c *Cluster, from ...offers.ShopperID) *Cluster {
	c.Apart = from
	return c
}

func TestResolve(t *testing.T) {
	tests := []struct {
		name  string
		known []*Cluster
		event string
		want  Plan
	}{
		{
			name:  "a browser never seen is a new shopper",
			event: "cookie:c1",
			want:  Plan{Shopper: NewShopperID(id("cookie:c1")), New: true, Attach: ids("cookie:c1")},
		},
		{
			name:  "a new shopper is named after the highest identifier",
			event: "customer_id:7 email:ana@example.com cookie:c1",
			want: Plan{Shopper: NewShopperID(id("customer_id:7")), New: true,
				Attach: ids("customer_id:7 email:ana@example.com cookie:c1")},
		},
		{
			name:  "nothing left to go by",
			event: "",
			want:  Plan{},
		},
		{
			name:  "a browser known before",
			known: []*Cluster{cluster("a", 1, "cookie:c1")},
			event: "cookie:c1",
			want:  Plan{Shopper: "a"},
		},
		{
			name:  "who browsed says who they are",
			known: []*Cluster{cluster("a", 1, "cookie:c1")},
			event: "customer_id:7 phone:+34600111222 cookie:c1",
			want:  Plan{Shopper: "a", Attach: ids("customer_id:7 phone:+34600111222")},
		},
		{
			name:  "a customer on a browser of their own that was anonymous",
			known: []*Cluster{cluster("a", 9, "cookie:c1"), cluster("b", 1, "customer_id:7")},
			event: "customer_id:7 cookie:c1",
			want:  Plan{Shopper: "b", Merge: []offers.ShopperID{"a"}},
		},
		{
			name:  "the shared tablet: the second customer does not become the first",
			known: []*Cluster{cluster("ana", 1, "customer_id:1 cookie:tablet")},
			event: "customer_id:2 cookie:tablet",
			want: Plan{Shopper: NewShopperID(id("customer_id:2")), New: true,
				Attach: ids("customer_id:2"), Dropped: ids("cookie:tablet")},
		},
		{
			name:  "the shared tablet: both customers known",
			known: []*Cluster{cluster("ana", 1, "customer_id:1 cookie:tablet"), cluster("ben", 1, "customer_id:2")},
			event: "customer_id:2 cookie:tablet",
			want:  Plan{Shopper: "ben", Dropped: ids("cookie:tablet")},
		},
		{
			name:  "the shared tablet: two who only left their e-mail",
			known: []*Cluster{cluster("ana", 1, "email:ana@example.com cookie:tablet")},
			event: "email:ben@example.com cookie:tablet",
			want: Plan{Shopper: NewShopperID(id("email:ben@example.com")), New: true,
				Attach: ids("email:ben@example.com"), Dropped: ids("cookie:tablet")},
		},
		{
			name:  "the shared tablet, and a device of their own beside it",
			known: []*Cluster{cluster("ana", 1, "customer_id:1 cookie:tablet"), cluster("ben", 1, "customer_id:2 tag:t2")},
			event: "customer_id:2 tag:t2 cookie:tablet",
			want:  Plan{Shopper: "ben", Dropped: ids("cookie:tablet")},
		},
		{
			name:  "the highest that conflicts goes, what is below may stay",
			known: []*Cluster{cluster("ana", 1, "customer_id:1 email:ana@example.com"), cluster("ben", 1, "customer_id:2 cookie:c2")},
			event: "customer_id:2 email:ana@example.com cookie:c2",
			want:  Plan{Shopper: "ben", Dropped: ids("email:ana@example.com")},
		},
		{
			name:  "two customer ids in one event are not one person",
			known: []*Cluster{cluster("ana", 1, "customer_id:1"), cluster("ben", 1, "customer_id:2")},
			event: "customer_id:1 customer_id:2",
			want:  Plan{Shopper: "ana", Dropped: ids("customer_id:2")},
		},
		{
			name:  "the event itself names the customer and their newsletter address",
			known: []*Cluster{cluster("news", 9, "email:ana@example.com cookie:c1"), cluster("ana", 1, "customer_id:1")},
			event: "customer_id:1 email:ana@example.com",
			want:  Plan{Shopper: "ana", Merge: []offers.ShopperID{"news"}},
		},
		{
			name:  "a family's telephone beside one's own e-mail does not make two one",
			known: []*Cluster{cluster("ben", 9, "phone:+34600111222 email:ben@example.com"), cluster("ana", 1, "email:ana@example.com cookie:c1")},
			event: "phone:+34600111222 email:ana@example.com",
			want:  Plan{Shopper: "ben", Dropped: ids("email:ana@example.com")},
		},
		{
			name:  "a customer with an e-mail, and another's e-mail in the form",
			known: []*Cluster{cluster("ana", 9, "customer_id:1 email:ana@example.com"), cluster("news", 1, "email:ben@example.com")},
			event: "customer_id:1 email:ben@example.com",
			want:  Plan{Shopper: "ana", Dropped: ids("email:ben@example.com")},
		},
		{
			name:  "who left a telephone, and who left an e-mail, in one order",
			known: []*Cluster{cluster("p", 9, "phone:+34600111222"), cluster("e", 1, "email:ana@example.com")},
			event: "phone:+34600111222 email:ana@example.com",
			want:  Plan{Shopper: "p", Merge: []offers.ShopperID{"e"}},
		},
		{
			name:  "an alias of the browser's old id",
			known: []*Cluster{cluster("a", 9, "cookie:previous")},
			event: "customer_id:1 cookie:previous cookie:now",
			want:  Plan{Shopper: "a", Attach: ids("customer_id:1 cookie:now")},
		},
		{
			name:  "an alias of another customer joins nobody",
			known: []*Cluster{cluster("ana", 9, "customer_id:1 cookie:c1"), cluster("ben", 1, "customer_id:2")},
			event: "customer_id:2 customer_id:1",
			want:  Plan{Shopper: "ben", Dropped: ids("customer_id:1")},
		},
		{
			name:  "who was taken apart stays so, though one event names both",
			known: []*Cluster{cluster("ana", 9, "customer_id:1"), apart(cluster("a", 1, "cookie:c1"), "ana")},
			event: "customer_id:1 cookie:c1",
			want:  Plan{Shopper: "ana", Dropped: ids("cookie:c1")},
		},
		{
			name:  "taken apart, said at the other side",
			known: []*Cluster{apart(cluster("ana", 9, "customer_id:1"), "a"), cluster("a", 1, "cookie:c1"), cluster("b", 1, "app_install:i1")},
			event: "customer_id:1 app_install:i1 cookie:c1",
			want:  Plan{Shopper: "ana", Merge: []offers.ShopperID{"b"}, Dropped: ids("cookie:c1")},
		},
		{
			name:  "who is being taken apart joins nobody meanwhile",
			known: []*Cluster{cluster("ana", 9, "customer_id:1"), {Shopper: "a", Since: now, Leaving: true, Edges: cluster("a", 1, "cookie:c1").Edges}},
			event: "customer_id:1 cookie:c1 tag:t1",
			want:  Plan{Shopper: "ana", Attach: ids("tag:t1"), Dropped: ids("cookie:c1")},
		},
		{
			name:  "two customers whom a person joined may still have a new browser",
			known: []*Cluster{cluster("ana", 9, "customer_id:1 customer_id:2")},
			event: "customer_id:2 cookie:c1",
			want:  Plan{Shopper: "ana", Attach: ids("cookie:c1")},
		},
		{
			name:  "and yet no third customer id",
			known: []*Cluster{cluster("ana", 9, "customer_id:1 customer_id:2 cookie:c1")},
			event: "customer_id:3 cookie:c1",
			want: Plan{Shopper: NewShopperID(id("customer_id:3")), New: true,
				Attach: ids("customer_id:3"), Dropped: ids("cookie:c1")},
		},
		{
			name:  "a new telephone beside the customer id",
			known: []*Cluster{cluster("ana", 1, "customer_id:1 phone:+34600111222")},
			event: "customer_id:1 phone:+34600333444",
			want:  Plan{Shopper: "ana", Attach: ids("phone:+34600333444")},
		},
		{
			name:  "more telephones than anyone has",
			known: []*Cluster{cluster("ana", 1, "customer_id:1 phone:+1 phone:+2 phone:+3")},
			event: "customer_id:1 phone:+4 cookie:c1",
			want:  Plan{Shopper: "ana", Attach: ids("cookie:c1"), Dropped: ids("phone:+4")},
		},
		{
			name:  "a sixth browser in a week",
			known: []*Cluster{cluster("ana", 1, "customer_id:1 cookie:1 cookie:2 cookie:3 cookie:4 cookie:5")},
			event: "customer_id:1 cookie:6",
			want:  Plan{Shopper: "ana", Dropped: ids("cookie:6")},
		},
		{
			name:  "a sixth browser in a month",
			known: []*Cluster{cluster("ana", 30*24, "customer_id:1 cookie:1 cookie:2 cookie:3 cookie:4 cookie:5")},
			event: "customer_id:1 cookie:6",
			want:  Plan{Shopper: "ana", Attach: ids("cookie:6")},
		},
		{
			name:  "a shopper over a limit still is who they are",
			known: []*Cluster{cluster("ana", 1, "customer_id:1 cookie:1 cookie:2 cookie:3 cookie:4 cookie:5 cookie:6")},
			event: "cookie:3",
			want:  Plan{Shopper: "ana"},
		},
		{
			name:  "two anonymous ones become who was met first",
			known: []*Cluster{cluster("a", 1, "cookie:c1"), cluster("b", 2, "app_install:i1")},
			event: "app_install:i1 cookie:c1",
			want:  Plan{Shopper: "b", Merge: []offers.ShopperID{"a"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			owner := func(id offers.Identifier) *Cluster {
				for _, c := range tt.known {
					if c.Has(id) {
						return c
					}
				}
				return nil
			}
			got := Resolve(ids(tt.event), owner, now)
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWinner(t *testing.T) {
	for _, tt := range []struct {
		name string
		a, b *Cluster
		want offers.ShopperID
	}{
		{"the customer", cluster("a", 9, "phone:+34600111222"), cluster("b", 1, "customer_id:1"), "b"},
		{"the known", cluster("a", 9, "cookie:c1"), cluster("b", 1, "phone:+34600111222"), "b"},
		{"who was met first", cluster("a", 1, "customer_id:1"), cluster("b", 9, "customer_id:2"), "b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, pair := range [][2]*Cluster{{tt.a, tt.b}, {tt.b, tt.a}} {
				if winner, loser := Winner(pair[0], pair[1]); winner.Shopper != tt.want || loser == winner {
					t.Errorf("%s stays and %s goes, want %s to stay", winner.Shopper, loser.Shopper, tt.want)
				}
			}
		})
	}
}

func TestAbsorbIsUndone(t *testing.T) {
	winner, loser := *cluster("ana", 1, "customer_id:1 cookie:c1"), *cluster("a", 2, "cookie:c1 cookie:c2")
	joined := winner.Absorb(loser)
	if !joined.Has(id("cookie:c2")) {
		t.Error("the winner lacks what the loser had")
	}
	if diff := cmp.Diff(winner, joined.Without(loser.Shopper)); diff != "" {
		t.Errorf("undone (-want +got):\n%s", diff)
	}
}

func TestClean(t *testing.T) {
	tests := []struct {
		name, region string
		in           []offers.Identifier
		want         string
	}{
		{name: "order, spelling and repeats", region: "ES",
			in:   []offers.Identifier{id("cookie: c1 "), id("email: Ana@Example.COM"), id("phone:600 11 12 22"), id("phone:+34 600-111-222"), id("customer_id:7")},
			want: "customer_id:7 phone:+34600111222 email:ana@example.com cookie:c1"},
		{name: "unknown types", in: ids("shoe_size:42 mac:aabbccddeeff cookie:c1"), want: "cookie:c1"},
		{name: "a telephone number without a country", in: ids("phone:4105559412"), want: ""},
		{name: "a telephone number with its region", region: "US", in: []offers.Identifier{id("phone:410-555-9412")}, want: "phone:+14105559412"},
		{name: "as dialled from elsewhere", in: []offers.Identifier{id("phone:0034 600 111 222")}, want: "phone:+34600111222"},
		{name: "trunk zero", region: "GB", in: []offers.Identifier{id("phone:07911 123456")}, want: "phone:+447911123456"},
		{name: "numbers for tests of SMS providers", in: ids("phone:+15005550006"), want: "phone:+15005550006"},
		{name: "filled in because it had to be", region: "US", in: ids("phone:5555555555 phone:0000000000 email:none@none.com email:x email:@ email:a@b@c.com"), want: ""},
		{name: "case matters in customer ids", in: ids("customer_id:Ab customer_id:aB"), want: "customer_id:Ab customer_id:aB"},
		{name: "control characters and lengths", in: []offers.Identifier{{Type: offers.Cookie, Value: "a\x00b"},
			{Type: offers.Cookie, Value: "\xff"}, {Type: offers.Cookie, Value: strings.Repeat("x", MaxValue+1)}}, want: ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Clean(tt.in, tt.region)
			if diff := cmp.Diff(ids(tt.want), got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("clean (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBlocked(t *testing.T) {
	for _, v := range []string{"", " ", "0", "000", "-", "00000000-0000-0000-0000-000000000000", "-1", "null", "NULL", " None ",
		"undefined", "Anonymous", "unknown", "GUEST", "nan", "[object Object]", "(not set)", "N/A"} {
		if !Blocked(v) {
			t.Errorf("%q passed", v)
		}
	}
	for _, v := range []string{"7", "100", "0-1", "anna", "guest42", "cust-100042", "8d1c2b9e-7c3e-4b0d-9a61-4f6d0f4d2a11"} {
		if Blocked(v) {
			t.Errorf("%q was blocked", v)
		}
	}
}

func TestOwnAddresses(t *testing.T) {
	told := &offers.Traits{Name: "Ana", Phone: "+34600111222", Email: "ana@example.com"}
	for _, tt := range []struct {
		name, dropped string
		told, want    *offers.Traits
	}{
		{"all are theirs", "cookie:tablet", told, told},
		{"the telephone is another's", "phone:+34600111222", told, &offers.Traits{Name: "Ana", Email: "ana@example.com"}},
		{"the e-mail is another's", "email:ana@example.com phone:+34600333444", told, &offers.Traits{Name: "Ana", Phone: "+34600111222"}},
		{"nothing was told", "phone:+34600111222", nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, OwnAddresses(tt.told, ids(tt.dropped))); diff != "" {
				t.Errorf("own (-want +got):\n%s", diff)
			}
		})
	}
	if told.Phone == "" || told.Email == "" {
		t.Error("what was told is changed")
	}
}

func TestNewShopperID(t *testing.T) {
	a, b := NewShopperID(id("cookie:x")), NewShopperID(id("tag:x"))
	if a == b || a != NewShopperID(id("cookie:x")) || len(a) != 25 || a[0] != 's' {
		t.Errorf("ids %q and %q", a, b)
	}
}

func TestEveryTypeHasARule(t *testing.T) {
	for _, typ := range []offers.IdentifierType{offers.CustomerID, offers.Phone, offers.Email, offers.AppInstall, offers.Face, offers.Tag, offers.Cookie} {
		if !slices.ContainsFunc(Rules(), func(r Rule) bool { return r.Type == typ && r.Limit > 0 }) {
			t.Errorf("%s has no rule", typ)
		}
	}
}

func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"+34 600 111 222", "Ana@Example.com", "null", "cust-1", "tel:+1", "ext. 3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range Rules() {
			once, ok := Normalise(offers.Identifier{Type: r.Type, Value: s}, "ES")
			if !ok {
				continue
			}
			if Blocked(once.Value) || len(once.Value) > MaxValue+3 {
				t.Errorf("%s %q became %q", r.Type, s, once.Value)
			}
			if twice, ok := Normalise(once, "ES"); !ok || twice != once {
				t.Errorf("%s %q became %q, then %q %v", r.Type, s, once.Value, twice.Value, ok)
			}
		}
	})
}
