package identity

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"aisle/offers"
)

// register is who is who after some events, as the rules say.
type register struct {
	clusters map[offers.ShopperID]*Cluster
	owner    map[offers.Identifier]offers.ShopperID
}

func (r *register) event(ids []offers.Identifier, at time.Time) Plan {
	p := Resolve(ids, func(id offers.Identifier) *Cluster { return r.clusters[r.owner[id]] }, at)
	if p.Shopper == "" {
		return p
	}
	c := r.clusters[p.Shopper]
	if c == nil {
		c = &Cluster{Shopper: p.Shopper, Since: at}
		r.clusters[p.Shopper] = c
	}
	for _, id := range p.Attach {
		c.Edges = append(c.Edges, Edge{Identifier: id, Since: at})
		r.owner[id] = c.Shopper
	}
	for _, name := range p.Merge {
		loser := r.clusters[name]
		*c = c.Absorb(*loser)
		c.Apart = append(c.Apart, loser.Apart...)
		for _, e := range loser.Edges {
			r.owner[e.Identifier] = c.Shopper
		}
		for _, o := range r.clusters { // by the name that the loser has now
			for i := range o.Apart {
				if o.Apart[i] == name {
					o.Apart[i] = c.Shopper
				}
			}
		}
		delete(r.clusters, name)
	}
	return p
}

// Whatever events come, in whatever order, and whoever is kept apart meanwhile:
// no limit is exceeded, and so no two customers are one; every identifier has one
// owner; who is apart stays so; and the same event again changes nothing.
func FuzzResolve(f *testing.F) {
	f.Add([]byte{0x01, 0x11, 0x21, 0x61, 0xff, 0x02, 0x61, 0xff})
	f.Add([]byte{0x61, 0xff, 0x62, 0xff, 0x61, 0x62, 0xff, 0xfe, 0x12, 0x23, 0xff, 0x13, 0x22, 0xff, 0x12, 0x22})
	f.Add([]byte{0x31, 0x41, 0x51, 0xff, 0x01, 0x31, 0xff, 0xfe, 0x02, 0x41, 0xff})
	all := Rules()
	f.Fuzz(func(t *testing.T, script []byte) {
		r := &register{map[offers.ShopperID]*Cluster{}, map[offers.Identifier]offers.ShopperID{}}
		var apart [][2]offers.Identifier
		var ids []offers.Identifier
		at := now
		end := func() {
			if len(ids) == 0 {
				return
			}
			at = at.Add(time.Minute)
			clean := Clean(ids, "")
			ids = nil
			p := r.event(clean, at)
			if len(p.Attach)+len(p.Dropped) > len(clean) {
				t.Fatalf("%v: plan %+v has more than came", clean, p)
			}
			if len(clean) > 0 && p.Shopper == "" {
				t.Fatalf("%v are nobody's", clean)
			}
			again := Resolve(clean, func(id offers.Identifier) *Cluster { return r.clusters[r.owner[id]] }, at)
			if again.Shopper != p.Shopper || again.New || len(again.Merge)+len(again.Attach) > 0 {
				t.Fatalf("%v: first %+v, then %+v", clean, p, again)
			}
		}
		for _, b := range script[:min(len(script), 200)] {
			switch kind := int(b >> 4); {
			case b == 0xfe: // the two shoppers met last are said not to be one
				end()
				var last []*Cluster
				for _, c := range r.clusters {
					last = append(last, c)
				}
				if len(last) < 2 {
					continue
				}
				slices.SortFunc(last, func(a, b *Cluster) int {
					if c := b.Since.Compare(a.Since); c != 0 {
						return c
					}
					return int(a.Shopper[1]) - int(b.Shopper[1])
				})
				last[0].Apart = append(last[0].Apart, last[1].Shopper)
				last[1].Apart = append(last[1].Apart, last[0].Shopper)
				apart = append(apart, [2]offers.Identifier{last[0].Edges[0].Identifier, last[1].Edges[0].Identifier})
			case kind >= len(all):
				end()
			default:
				v := fmt.Sprint("v", b&15)
				switch all[kind].Type {
				case offers.Phone:
					v = fmt.Sprintf("+3460011122%d", b&7)
				case offers.Email:
					v += "@example.com"
				}
				ids = append(ids, offers.Identifier{Type: all[kind].Type, Value: v})
			}
		}
		end()
		seen := map[offers.Identifier]offers.ShopperID{}
		for _, c := range r.clusters {
			counts := map[offers.IdentifierType]int{}
			for _, e := range c.Edges {
				if other, twice := seen[e.Identifier]; twice {
					t.Errorf("%v is of %s and of %s", e.Identifier, other, c.Shopper)
				}
				seen[e.Identifier] = c.Shopper
				counts[e.Identifier.Type]++
			}
			for _, rule := range all {
				if counts[rule.Type] > rule.Limit {
					t.Errorf("%s has %d of %s, at most %d may be", c.Shopper, counts[rule.Type], rule.Type, rule.Limit)
				}
			}
		}
		for _, pair := range apart {
			if r.owner[pair[0]] == r.owner[pair[1]] {
				t.Errorf("%v and %v were kept apart and are one", pair[0], pair[1])
			}
		}
	})
}
