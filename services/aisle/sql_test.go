package main

import (
	"bytes"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/stream"
)

func TestTheLogAnswersSQL(t *testing.T) {
	g := newPastGround(t)
	event := func(id offers.EventID, shopper offers.ShopperID, query string) offers.Event {
		return offers.Event{ID: id, Type: offers.ProductSearched, Shopper: shopper, Time: noon, Received: noon, Query: query, Value: offers.Money{Minor: 250, Currency: "EUR"}}
	}
	g.produce(event("1", "ana", "boots"), event("2", "ana", "socks, \"warm\""), event("3", "ben", "boots"), event("1", "ana", "boots"))
	if err := g.log.Produce(t.Context(), stream.Record{Stream: stream.Events, Key: []byte("eve"), Value: []byte("no JSON")}); err != nil {
		t.Fatal(err)
	}
	g.put(stream.Decisions, "ana", offers.Decision{ID: "d", Shopper: "ana", Verdict: offers.Offered, Candidates: []offers.Candidate{{Campaign: "a"}, {Campaign: "b", Out: "cap"}}})

	tests := []struct {
		name, question, format string
		since                  time.Time
		want                   string
		unread                 int
	}{
		{"an event that was written twice counts once", "SELECT shopper, count(*) AS n FROM events GROUP BY shopper ORDER BY n DESC", "csv", time.Time{}, "shopper,n\nana,2\nben,1\n", 1},
		{"texts keep their quotes", "SELECT query FROM events WHERE id = '2'", "csv", time.Time{}, "query\n\"socks, \"\"warm\"\"\"\n", 1},
		{"what is nested is JSON", "SELECT value->>'$.minor' AS minor, category FROM Events WHERE id = '3'", "json", time.Time{}, "{\"category\":null,\"minor\":250}\n", 1},
		{"lists become rows", "SELECT c.value->>'$.campaign' AS campaign, c.value->>'$.out' AS out FROM decisions d, json_each(d.candidates) c", "table", time.Time{}, "campaign  out\na         \nb         cap\n", 0},
		{"tables are joined", "SELECT count(DISTINCT e.id) AS n FROM events e JOIN decisions d USING (shopper)", "csv", time.Time{}, "n\n2\n", 1},
		{"nothing since tomorrow", "SELECT count(*) AS n FROM events", "csv", time.Now().Add(24 * time.Hour), "n\n0\n", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "log.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			unread, err := copyLog(t.Context(), g.log, db, tt.question, tt.since)
			if err != nil || unread != tt.unread {
				t.Fatalf("%d unread, %v; want %d", unread, err, tt.unread)
			}
			var got bytes.Buffer
			if err := answer(t.Context(), db, tt.question, &got, rowWriters[tt.format]); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if err := answer(t.Context(), db, "SELECT tpye FROM events", &got, rowWriters[tt.format]); !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("a column that is none: %v; want ErrInvalid", err)
			}
		})
	}
}

func TestCommandsSayWhatIsWrong(t *testing.T) {
	for _, args := range [][]string{{"bogus"}, {"sql"}, {"sql", "-format", "xml", "SELECT 1"}, {"sql", "-from", "noon", "SELECT 1"}, {"sql", "SELECT 1"}} {
		if err := mainErr(t.Context(), args); !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("aisle %q: %v; want ErrInvalid", args, err)
		}
	}
}
