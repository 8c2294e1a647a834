package catalogtest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
)

// segments change with the campaigns that are for them, or not at all.
func segments(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	first := must(c.CreateSegment(ctx, offers.Segment{ID: "gold", Name: "Gold", Rule: `tier == "gold"`}, ada))(t)
	_, err := c.CreateSegment(ctx, first, ada)
	wantKind(t, err, offers.ErrConflict)
	k := campaign("shoes")
	k.Segments, k.Audience = []offers.SegmentID{"gold"}, first.Rule
	k = must(c.CreateCampaign(ctx, k, ada))(t)
	stream := told{}
	must(c.Publish(ctx, stream.produce))(t)

	changed := first
	changed.Rule = `tier in ["gold", "silver"]`
	k.Audience = changed.Rule
	second := must(c.UpdateSegment(ctx, changed, []offers.Campaign{k}, ada))(t)
	if diff := cmp.Diff([]offers.Segment{second}, must(c.Segments(ctx))(t)); diff != "" || second.Version != 2 {
		t.Errorf("as kept, at version %d (-want +got):\n%s", second.Version, diff)
	}
	if kept := must(c.Campaign(ctx, "shoes"))(t); kept.Audience != changed.Rule || kept.Version != 2 {
		t.Errorf("the campaign is for %q at version %d, want the new rule at 2", kept.Audience, kept.Version)
	}
	if n := must(c.Publish(ctx, stream.produce))(t); n != 1 || len(stream) != 1 {
		t.Errorf("told %d documents, and %d in all; want the campaign only", n, len(stream))
	}

	changed = second
	changed.Rule = "true"
	_, err = c.UpdateSegment(ctx, changed, []offers.Campaign{k}, ada) // the campaign is still version 1
	wantKind(t, err, offers.ErrConflict)
	if diff := cmp.Diff([]offers.Segment{second}, must(c.Segments(ctx))(t)); diff != "" {
		t.Errorf("after a change that could not be (-want +got):\n%s", diff)
	}
	want := []catalog.SegmentVersion{{Segment: second, At: second.Updated, By: "Ada"}, {Segment: first, At: first.Updated, By: "Ada"}}
	if diff := cmp.Diff(want, must(c.SegmentHistory(ctx, "gold"))(t)); diff != "" {
		t.Errorf("history, newest first (-want +got):\n%s", diff)
	}
	if err := c.DeleteSegment(ctx, "gold", ada); err != nil {
		t.Fatal(err)
	}
	wantKind(t, c.DeleteSegment(ctx, "gold", ada), offers.ErrNotFound)
}
