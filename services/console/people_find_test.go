package console_test

import (
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
)

func TestFindPeople(t *testing.T) {
	h, staff := liveShop(t)
	marketer, viewer := h.as(catalog.RoleMarketer), h.as(catalog.RoleViewer)
	mia := h.known("customer_id:L-10045 phone:+34600111222 tag:iBeacon:1-2-3", offers.Traits{Name: "Mía van Dijk", Phone: "+34600111222", Email: "mia@example.com", Tier: "gold"})
	ben := h.known("customer_id:L-10999 cookie:browser-1234567", offers.Traits{Name: "Ben Dijkstra", Email: "ben@example.org"})
	// Nobody has seen her lately: she is known by her identifiers alone.
	old := h.identify("customer_id:L-77 email:olga@example.com").Shopper
	h.keep(offers.Profile{Shopper: old, Traits: offers.Traits{Name: "Olga"}, Identifiers: ids("customer_id:L-77 email:olga@example.com")})

	names := map[offers.ShopperID]string{mia: "mia", ben: "ben", old: "old"}
	find := func(v *visitor, words string) []string {
		t.Helper()
		var got struct {
			People []struct{ Shopper offers.ShopperID }
		}
		v.call("GET", "/api/people?q="+url.QueryEscape(words), nil, 200, &got)
		found := []string{}
		for _, p := range got.People {
			found = append(found, names[p.Shopper])
		}
		slices.Sort(found)
		return found
	}
	eventually(t, "the console has heard of both", func() bool { return len(find(viewer, "")) == 2 })
	nobody, both := []string{}, []string{"ben", "mia"}
	tests := []struct {
		name, words             string
		marketer, staff, viewer []string
	}{
		{"a first name, without its accent", "MIA", []string{"mia"}, []string{"mia"}, nobody},
		{"the beginning of a last name", "dijk", both, both, nobody},
		{"the middle of a name", "ijk", nobody, nobody, nobody},
		{"two words", "van  dijk", []string{"mia"}, []string{"mia"}, nobody},
		{"a whole customer number", "L-10045", []string{"mia"}, []string{"mia"}, nobody},
		{"the beginning of one", "l-10", both, nobody, nobody},
		{"of somebody long gone", "L-77", []string{"old"}, []string{"old"}, nobody},
		{"a phone number as people write it", "+34 600 11 12 22", []string{"mia"}, []string{"mia"}, nobody},
		{"the beginning of one, with zeros", "0034 600", []string{"mia"}, nobody, nobody},
		{"one as it is written at home", "0600-111 222", []string{"mia"}, nobody, nobody},
		{"the last four digits of one", "1222", []string{"mia"}, nobody, nobody},
		{"zeros, which every number might have before it", "0000", nobody, nobody, nobody},
		{"two digits of one", "22", nobody, nobody, nobody},
		{"an address in capitals", "OLGA@example.com", []string{"old"}, []string{"old"}, nobody},
		{"the beginning of an address", "ben@", []string{"ben"}, nobody, nobody},
		{"a tag", "iBeacon:1-2-3", []string{"mia"}, []string{"mia"}, nobody},
		{"a browser", "browser-1234567", []string{"ben"}, []string{"ben"}, nobody},
		{"a shopper's id", string(mia), []string{"mia"}, []string{"mia"}, []string{"mia"}},
		{"the beginning of an id", string(ben[:len(ben)-2]), []string{"ben"}, []string{"ben"}, []string{"ben"}},
		{"what screens call them", string(mia[len(mia)-4:]), []string{"mia"}, []string{"mia"}, []string{"mia"}},
		{"a tier", "Gold", []string{"mia"}, []string{"mia"}, []string{"mia"}},
		{"what nobody is called", "zzzz", nobody, nobody, nobody},
		{"marks only", "%*", nobody, nobody, nobody},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, as := range []struct {
				who  string
				v    *visitor
				want []string
			}{{"a marketer", marketer, tt.marketer}, {"staff", staff, tt.staff}, {"a viewer", viewer, tt.viewer}} {
				if diff := cmp.Diff(as.want, find(as.v, tt.words)); diff != "" {
					t.Errorf("%s finds (-want +got):\n%s", as.who, diff)
				}
			}
		})
	}
}
