package formats

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
)

// An alias says that a browser's old id is a customer's. That an old customer is
// it is said too, and left to the rules of identity, which believe it of nobody.
// A group is none of a shopper's names, and what it is called not theirs.
func TestAliasAndGroup(t *testing.T) {
	customer := func(v string) offers.Identifier { return offers.Identifier{Type: offers.CustomerID, Value: v} }
	cookie := func(v string) offers.Identifier { return offers.Identifier{Type: offers.Cookie, Value: v} }
	for _, tt := range []struct {
		name, body string
		want       []offers.Identifier
		event      offers.EventType
	}{
		{"a browser becomes a customer", `{"type":"alias","userId":"u7","previousId":"anon-1"}`, []offers.Identifier{customer("u7"), customer("anon-1"), cookie("anon-1")}, "aliased"},
		{"without a customer there is nobody to be", `{"type":"alias","previousId":"anon-1","anonymousId":"anon-2"}`, []offers.Identifier{cookie("anon-2"), cookie("anon-1")}, "aliased"},
		{"an alias of null", `{"type":"alias","userId":"u7","previousId":"null"}`, []offers.Identifier{customer("u7")}, "aliased"},
		{"a group", `{"type":"group","userId":"u7","groupId":"acme","traits":{"name":"Acme","email":"info@acme.example","phone":"+34600111222"}}`, []offers.Identifier{customer("u7")}, "grouped"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var m Message
			if err := json.Unmarshal([]byte(tt.body), &m); err != nil {
				t.Fatal(err)
			}
			m.Original = []byte(tt.body)
			o := Origin{Source: "segment/website", Received: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)}
			g, bad := o.Read(&m)
			if bad != nil {
				t.Fatalf("refused: %v", bad)
			}
			if diff := cmp.Diff(tt.want, g.IDs, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("identifiers (-want +got):\n%s", diff)
			}
			if g.Event.Type != tt.event || g.Event.Traits != nil {
				t.Errorf("event %s with traits %+v, want %s without", g.Event.Type, g.Event.Traits, tt.event)
			}
		})
	}
}

func TestTraitsOfAPerson(t *testing.T) {
	body := `{"type":"identify","userId":"u7","traits":{"name":"Ana","birthday":"1984-03-07T00:00:00Z","address":{"street":"Calle Mayor 7","city":"Madrid","postalCode":28004}}}`
	var m Message
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatal(err)
	}
	m.Original = []byte(body)
	o := Origin{Source: "segment/website", Received: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)}
	g, bad := o.Read(&m)
	if bad != nil {
		t.Fatalf("refused: %v", bad)
	}
	want := &offers.Traits{Name: "Ana", Birthday: "1984-03-07", Street: "Calle Mayor 7", City: "Madrid", Postcode: "28004"}
	if diff := cmp.Diff(want, g.Event.Traits); diff != "" {
		t.Errorf("traits (-want +got):\n%s", diff)
	}
	for _, odd := range []string{`"address":"Calle Mayor 7","birthday":"soon"`, `"address":["x"],"birthday":"1776-07-04"`, `"address":null,"birthday":null`} {
		body := `{"type":"identify","userId":"u7","traits":{` + odd + `}}`
		var m Message
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			t.Fatal(err)
		}
		m.Original = []byte(body)
		if g, bad := o.Read(&m); bad != nil || *g.Event.Traits != (offers.Traits{}) {
			t.Errorf("%s: %+v, %v; want nothing told, and no refusal", odd, g, bad)
		}
	}
}
