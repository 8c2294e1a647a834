package formats

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"aisle/offers"
)

// What somebody looks for is the best that a web site tells. Many sites never
// send it as an event of its own: it is in the address of the page that shows
// what was found, or in that of the search engine which they came from.

// SearchSuffix ends the id of a search that a page view tells.
const SearchSuffix = "/search"

// Search is the search that a page view shows, as an event of its own; nil
// where it shows none. Its id is that of the page view, so that a page view
// that comes again does not tell it twice.
func (g *Draft) Search() *Draft {
	e := &g.Event
	if e.Type != offers.PageViewed || e.Query == "" {
		return nil
	}
	s := *g
	s.Derived, s.Consents = true, nil
	s.Event.ID = e.ID + SearchSuffix
	s.Event.Type = offers.ProductSearched
	s.Event.Title = ""
	return &s
}

// SearchMark is the same for every telling of one search by one person: sites
// tell it by the page and by an event of its own too.
func (g *Draft) SearchMark() string {
	h := sha256.New()
	for _, part := range []string{g.Event.Source, string(g.IDs[len(g.IDs)-1].Type), g.IDs[len(g.IDs)-1].Value, strings.ToLower(g.Event.Query)} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// queries are the names that sites have for what was searched for.
var queries = []string{"q", "query", "search", "search_query", "searchterm", "search_term", "keyword", "keywords", "term", "s"}

// queryOf is what was searched for on the page of an address, or of the part
// of one behind the question mark.
func queryOf(address string) string {
	if i := strings.IndexByte(address, '?'); i >= 0 {
		address = address[i+1:]
	} else {
		return ""
	}
	address, _, _ = strings.Cut(address, "#")
	if len(address) > 4096 {
		return ""
	}
	values, _ := url.ParseQuery(address) // what is readable of it
	for _, name := range queries {
		for key, v := range values {
			if strings.EqualFold(key, name) && len(v) > 0 && strings.TrimSpace(v[0]) != "" {
				return strings.TrimSpace(v[0])
			}
		}
	}
	return ""
}
