package console

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"aisle/offers"
	"aisle/offers/identity"
	"aisle/services/catalog"
)

// What a search takes and looks at. Who is known by exactly what was written is
// found however long ago they were here.
const (
	findLongest = 254
	findLooked  = 20_000 // shoppers, the latest seen
	findStep    = 1_000  // profiles that are read at once
)

// findWithin bounds how long a search reads profiles.
const findWithin = 3 * time.Second

// find are shoppers to whom words lead, the latest seen first: by the beginning of
// a name, of an identifier or of their id, or by a part of their number. Nobody finds out by searching what they
// may not see: viewers search by ids alone; staff find a number, an address or a
// device only if they were told all of it.
func (s *Service) find(ctx context.Context, words string, role catalog.Role, limit int) ([]*offers.Profile, error) {
	wanted := finder{words: plainWords(words), role: role}
	found, err := s.findExactly(ctx, words, role)
	if err != nil {
		return nil, err
	}
	known := map[offers.ShopperID]bool{}
	for _, p := range found {
		known[p.Shopper] = true
	}
	until := time.Now().Add(findWithin)
	for ids := range slices.Chunk(s.recent.shoppers(findLooked), findStep) {
		profiles, err := s.profiles(ctx, ids)
		if err != nil {
			return nil, err
		}
		for _, p := range profiles {
			if p != nil && p.Into == "" && !known[p.Shopper] && wanted.finds(p) {
				known[p.Shopper] = true
				found = append(found, p)
			}
		}
		if len(found) >= limit || time.Now().After(until) {
			break
		}
	}
	slices.SortStableFunc(found, func(a, b *offers.Profile) int { return b.Last.Compare(a.Last) })
	return found[:min(limit, len(found))], nil
}

// findExactly are those whose id or identifier it is, whole.
func (s *Service) findExactly(ctx context.Context, words string, role catalog.Role) ([]*offers.Profile, error) {
	words = strings.TrimSpace(words)
	ids := []offers.ShopperID{offers.ShopperID(words)}
	if role.Includes(catalog.RoleStaff) {
		var named []offers.Identifier
		for _, t := range []offers.IdentifierType{offers.CustomerID, offers.Phone, offers.Email, offers.AppInstall, offers.Tag, offers.Cookie} {
			named = append(named, offers.Identifier{Type: t, Value: words})
		}
		owners, err := s.store.Owners(ctx, identity.Clean(named, ""))
		if err != nil {
			return nil, err
		}
		ids = append(ids, owners...)
	}
	var found []*offers.Profile
	for _, id := range ids {
		if id == "" {
			continue
		}
		now, err := s.store.Resolve(ctx, id)
		if err != nil {
			return nil, err
		}
		profiles, err := s.profiles(ctx, []offers.ShopperID{now})
		if err != nil {
			return nil, err
		}
		if p := profiles[0]; p != nil && p.Into == "" && !slices.ContainsFunc(found, func(f *offers.Profile) bool { return f.Shopper == now }) {
			p.Shopper = cmp.Or(p.Shopper, now)
			found = append(found, p)
		}
	}
	return found, nil
}

// finder is what somebody looks for, and as whom.
type finder struct {
	words string
	role  catalog.Role
}

func (f finder) finds(p *offers.Profile) bool {
	if strings.HasPrefix(plainWords(string(p.Shopper)), f.words) || strings.HasPrefix(plainWords(label(p.Shopper)), f.words) || f.words == plainWords(p.Traits.Tier) {
		return true
	}
	if !f.role.Includes(catalog.RoleStaff) {
		return false
	}
	name := plainWords(p.Traits.Name)
	for at := range name {
		if (at == 0 || name[at-1] == ' ') && strings.HasPrefix(name[at:], f.words) {
			return true
		}
	}
	if !f.role.Includes(catalog.RoleMarketer) {
		return false
	}
	begins := func(value string) bool { return strings.HasPrefix(plainWords(value), f.words) }
	return begins(p.Traits.Email) || phoneHas(p.Traits.Phone, f.words) || slices.ContainsFunc(p.Identifiers, func(id offers.Identifier) bool {
		return begins(id.Value) || id.Type == offers.Phone && phoneHas(id.Value, f.words)
	})
}

// phoneHas tells whether a number is as somebody writes it: from its beginning, or
// four digits or more of it, as people write numbers at home and ask for the last
// four; with or without plus, zeros before it and what stands between digits.
func phoneHas(e164, words string) bool {
	digits := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r):
			return r
		case strings.ContainsRune("+ -()./", r):
			return -1
		}
		return 'x' // no number
	}, words)
	number, part := strings.TrimPrefix(e164, "+"), strings.TrimLeft(digits, "0")
	if len(digits) < 3 || part == "" {
		return false
	}
	return strings.HasPrefix(number, part) || len(digits) >= 4 && strings.Contains(number, part)
}

// plainWords is a text without accents, capitals and doubled spaces, as people
// type who look for somebody.
func plainWords(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
	return strings.Join(strings.Fields(s), " ")
}
