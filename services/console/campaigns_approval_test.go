package console_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
)

// approval is what is told of a campaign's way past a second person.
type approval struct {
	catalog.Approval
	Needed  bool     `json:"needed"`
	Authors []string `json:"authors"`
	May     bool     `json:"may"`
}

func TestApproval(t *testing.T) {
	h := open(t)
	admin, marketer, approver := h.admin(), h.as(catalog.RoleMarketer), h.as(catalog.RoleApprover)
	admin.call("PUT", "/api/shops/centraal", testShop(), 200, nil)

	type answer struct {
		Campaign offers.Campaign `json:"campaign"`
		Approval *approval       `json:"approval"`
	}
	read := func(v *visitor) answer {
		t.Helper()
		var got answer
		v.call("GET", "/api/campaigns/shoes", nil, 200, &got)
		return got
	}
	says := func(version int, note string) map[string]any { return map[string]any{"version": version, "note": note} }

	k := testCampaign("shoes")
	marketer.call("POST", "/api/campaigns", k, 201, &k)
	if got := read(marketer); got.Approval != nil {
		t.Errorf("in a house without: %+v", got.Approval)
	}
	admin.call("PUT", "/api/house", offers.House{Approvals: true}, 200, nil)

	// What nobody has approved does not go live, whoever sends it.
	for _, v := range []*visitor{marketer, approver, admin} {
		v.call("POST", "/api/campaigns/shoes/live", nil, 409, nil)
	}
	if got := read(marketer).Approval; got == nil || !got.Needed || got.May || !cmp.Equal(got.Authors, []string{"marketer"}) {
		t.Errorf("before it was asked: %+v", got)
	}
	marketer.call("POST", "/api/campaigns/shoes/ask", says(k.Version+1, ""), 409, nil) // of a version that is not there
	marketer.call("POST", "/api/campaigns/shoes/ask", says(k.Version, ""), 200, nil)
	if got := read(approver).Approval; got.State != catalog.ApprovalAsked || got.AskedBy != "marketer" || !got.May {
		t.Errorf("asked: %+v", got)
	}

	// It is declined for a reason, changed by the approver, who is then an author.
	approver.call("POST", "/api/campaigns/shoes/decline", says(k.Version, " "), 400, nil)
	approver.call("POST", "/api/campaigns/shoes/decline", says(k.Version, "half of that"), 200, nil)
	if got := read(marketer).Approval; got.State != catalog.ApprovalDeclined || got.By != "approver" || got.Note != "half of that" {
		t.Errorf("declined: %+v", got)
	}
	k.Offers[0].Discount = .1
	approver.call("PUT", "/api/campaigns/shoes", k, 200, &k)
	approver.call("POST", "/api/campaigns/shoes/approve", says(k.Version, ""), 403, nil)
	if got := read(approver).Approval; got.May || !cmp.Equal(got.Authors, []string{"marketer", "approver"}) {
		t.Errorf("written by two: %+v", got)
	}
	admin.call("POST", "/api/campaigns/shoes/approve", says(k.Version-1, ""), 409, nil) // not what they saw
	admin.call("POST", "/api/campaigns/shoes/approve", says(k.Version, ""), 200, &k)
	if k.Status != offers.CampaignLive {
		t.Errorf("approved, it is %s", k.Status)
	}
	if got := read(marketer).Approval; got.Needed || got.State != catalog.ApprovalGiven || got.By != "Ada" {
		t.Errorf("approved: %+v", got)
	}

	// Live, it is not changed. Paused and sent live again as it was, it needs nobody.
	marketer.call("PUT", "/api/campaigns/shoes", k, 409, nil)
	marketer.call("POST", "/api/campaigns/shoes/pause", nil, 200, nil)
	marketer.call("POST", "/api/campaigns/shoes/live", nil, 200, nil)
	marketer.call("POST", "/api/campaigns/shoes/pause", nil, 200, &k)
	k.Name = "Shoes again"
	marketer.call("PUT", "/api/campaigns/shoes", k, 200, &k)
	marketer.call("POST", "/api/campaigns/shoes/live", nil, 409, nil)
	if got := read(approver).Approval; !got.Needed || !got.May || !cmp.Equal(got.Authors, []string{"marketer"}) {
		t.Errorf("changed after it was approved: %+v", got)
	}
	approver.call("POST", "/api/campaigns/shoes/approve", says(k.Version, ""), 200, nil) // also where nobody asked

	acts, err := h.catalog.Acts(t.Context(), catalog.ActsWanted{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range acts {
		switch a.Action {
		case "ask", "approve", "decline":
			got = append(got, fmt.Sprint(a.By, " ", a.Action, " ", a.Object))
		}
	}
	want := []string{"approver approve campaign/shoes", "Ada approve campaign/shoes", "approver decline campaign/shoes", "marketer ask campaign/shoes"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("in the audit, newest first (-want +got):\n%s", diff)
	}
}

func TestBuiltRules(t *testing.T) {
	h := open(t)
	admin := h.admin()
	admin.call("PUT", "/api/shops/centraal", testShop(), 200, nil)
	k := testCampaign("shoes")
	k.Eligibility = `tier == "something else"`
	k.Trees = map[string]json.RawMessage{"eligibility": json.RawMessage(`{"combinator":"and","rules":[{"field":"tier","operator":"in","value":["gold","silver"]}]}`)}
	admin.call("POST", "/api/campaigns", k, 201, &k)
	if want := `tier in ["gold", "silver"]`; k.Eligibility != want {
		t.Errorf("the rule is %q, want what was built: %q", k.Eligibility, want)
	}
	var kept struct{ Campaign offers.Campaign }
	admin.call("GET", "/api/campaigns/shoes", nil, 200, &kept)
	if diff := cmp.Diff(k, kept.Campaign); diff != "" {
		t.Errorf("as kept (-want +got):\n%s", diff)
	}
	for name, trees := range map[string]string{
		"everyone":        `{"eligibility": {"combinator": "and", "rules": []}}`,
		"a field of none": `{"eligibility": {"combinator": "and", "rules": [{"field": "height", "operator": "=", "value": 2}]}}`,
		"no rule of ours": `{"beauty": {"combinator": "and", "rules": [{"field": "tier", "operator": "=", "value": "gold"}]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			k := k
			k.Trees = nil
			if err := json.Unmarshal([]byte(trees), &k.Trees); err != nil {
				t.Fatal(err)
			}
			if got, body := admin.try("PUT", "/api/campaigns/shoes", k); got != 400 {
				t.Errorf("%d, want 400\n%s", got, body)
			}
		})
	}

	var check struct {
		OK         bool
		Expression string
		Tree       json.RawMessage
	}
	admin.call("POST", "/api/rules/check", map[string]any{"tree": k.Trees["eligibility"]}, 200, &check)
	if !check.OK || check.Expression != k.Eligibility {
		t.Errorf("a tree is checked: %+v", check)
	}
	admin.call("POST", "/api/rules/check", map[string]any{"expression": k.Eligibility}, 200, &check)
	if !check.OK || string(check.Tree) != `{"combinator":"and","rules":[{"field":"tier","operator":"in","value":["gold","silver"]}]}` {
		t.Errorf("a rule is built: %s", check.Tree)
	}
}
