package catalogtest

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
	"aisle/services/catalog"
)

// signed is a notice that somebody signed now.
func signed(t *testing.T, c *catalog.Catalog, shopper offers.ShopperID) catalog.FaceConsent {
	t.Helper()
	return must(c.SignFaceConsent(t.Context(), catalog.FaceConsent{
		Shopper: shopper, Notice: "2026-11", Language: "nl", Text: "Wat we bewaren: getallen.", KeepDays: 365, LongestDays: 1095,
		Signature: "Mia", Device: "a phone",
	}))(t)
}

func revisionOf(t *testing.T, c *catalog.Catalog) int64 {
	t.Helper()
	n, err := strconv.ParseInt(must(c.FacesRevision(t.Context()))(t), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func faces(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	none, empty, err := c.Faces(ctx)
	if err != nil || len(none) != 0 || empty == "" {
		t.Fatalf("an empty gallery: %d faces, revision %q, %v", len(none), empty, err)
	}
	for _, shopper := range []offers.ShopperID{"s1", "s2"} {
		signed(t, c, shopper)
	}
	wantKind(t, c.AddFaces(ctx, "s1", "sface", nil), offers.ErrInvalid)
	wantKind(t, c.AddFaces(ctx, "s1", "sface", make([][]byte, 17)), offers.ErrInvalid)
	wantKind(t, c.AddFaces(ctx, "s1", "sface", [][]byte{{1}, make([]byte, 1<<20)}), offers.ErrInvalid)
	if err := c.AddFaces(ctx, "s1", "sface", [][]byte{{0, 1, 0xff}, {2}}); err != nil {
		t.Fatal(err)
	}
	if err := c.AddFaces(ctx, "s2", "sface", [][]byte{{3}}); err != nil {
		t.Fatal(err)
	}
	got, revision, err := c.Faces(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want := []catalog.Face{
		{Shopper: "s1", Model: "sface", Sealed: []byte{0, 1, 0xff}}, {Shopper: "s1", Model: "sface", Sealed: []byte{2}},
		{Shopper: "s2", Model: "sface", Sealed: []byte{3}},
	}
	bySealed := cmpopts.SortSlices(func(a, b catalog.Face) bool { return string(a.Sealed) < string(b.Sealed) })
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(catalog.Face{}, "At"), bySealed); diff != "" {
		t.Errorf("Faces (-want +got):\n%s", diff)
	}
	if again := must(c.FacesRevision(ctx))(t); revision == empty || again != revision {
		t.Errorf("revisions: empty %q, with faces %q, unchanged %q; want the last two the same", empty, revision, again)
	}
	if n, at, err := c.FacesOf(ctx, "s1"); n != 2 || time.Since(at) > time.Minute || err != nil {
		t.Errorf("FacesOf: %d at %s, %v; want 2, just now", n, at, err)
	}
	if by := must(c.FacesBy(ctx, []offers.ShopperID{"s1", "s2", "s3"}))(t); by["s1"] != 2 || by["s2"] != 1 || len(by) != 2 {
		t.Errorf("FacesBy: %v, want 2 of s1, 1 of s2", by)
	}
	before := revisionOf(t, c)
	if err := c.AddFaces(ctx, "s1", "other", [][]byte{{9}}); err != nil {
		t.Fatal(err)
	}
	if n, _, _ := c.FacesOf(ctx, "s1"); n != 1 || revisionOf(t, c) <= before {
		t.Errorf("enrolled again: %d vectors, revision %d after %d; want the new one alone, and a greater revision", n, revisionOf(t, c), before)
	}
}

func facesNeedASignature(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	wantKind(t, c.AddFaces(ctx, "s1", "sface", [][]byte{{1}}), offers.ErrDenied)
	for name, f := range map[string]catalog.FaceConsent{
		"nothing": {}, "no name": {Shopper: "s1", Notice: "1", Language: "en", Text: "t", KeepDays: 1, LongestDays: 1},
		"no text": {Shopper: "s1", Notice: "1", Language: "en", Signature: "Mia", KeepDays: 1, LongestDays: 1},
	} {
		if _, err := c.SignFaceConsent(ctx, f); err == nil {
			t.Errorf("%s was taken for a signature", name)
		}
	}
	first := signed(t, c, "s1")
	second := signed(t, c, "s1")
	if got := must(c.StandingFaceConsent(ctx, "s1"))(t); got != second {
		t.Errorf("standing (-want +got):\n%s", cmp.Diff(second, got))
	}
	all := must(c.FaceConsents(ctx, []offers.ShopperID{"s1", "s2"}))(t)
	if len(all) != 2 || all[1].ID != first.ID || all[1].Withdrawn.IsZero() || all[1].WithdrawnBy != second.ID || all[1].Text == "" {
		t.Errorf("evidence: %+v; want both, the first replaced by the second", all)
	}
	if err := c.AddFaces(ctx, "s1", "sface", [][]byte{{1}}); err != nil {
		t.Fatal(err)
	}
	must(c.ForgetFaces(ctx, "s1", []offers.ShopperID{"s1"}, "app", time.Now(), nil, nil))(t)
	wantKind(t, c.AddFaces(ctx, "s1", "sface", [][]byte{{1}}), offers.ErrDenied)
	if _, err := c.StandingFaceConsent(ctx, "s1"); err == nil {
		t.Error("the consent stands after it was withdrawn")
	}
}

func recognitionClock(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	consent := signed(t, c, "s1")
	signed(t, c, "s2")
	for _, shopper := range []offers.ShopperID{"s1", "s2"} {
		if err := c.AddFaces(ctx, shopper, "sface", [][]byte{{1}, {2}}); err != nil {
			t.Fatal(err)
		}
	}
	one := func() catalog.Enrolment {
		t.Helper()
		all := must(c.EnrolmentsOf(ctx, []offers.ShopperID{"s1"}))(t)
		if len(all) != 1 {
			t.Fatalf("%d enrolments of one shopper", len(all))
		}
		return all[0]
	}
	const day = 24 * time.Hour
	at := one()
	if at.Vectors != 2 || at.Consent != consent.ID || at.Notice != "2026-11" || at.Language != "nl" || !at.Signed.Equal(consent.At) || !at.Expires.Equal(at.At.Add(365*day)) {
		t.Errorf("just enrolled: %+v", at)
	}
	for _, step := range []struct {
		recognised, want time.Duration // from the signature
	}{
		{100 * day, 465 * day},
		{50 * day, 465 * day},    // told late
		{1000 * day, 1095 * day}, // the notice said three years at most
	} {
		if err := c.Recognised(ctx, []offers.ShopperID{"s1", "nobody"}, consent.At.Add(step.recognised)); err != nil {
			t.Fatal(err)
		}
		if got := one().Expires; !got.Equal(consent.At.Add(step.want)) {
			t.Errorf("recognised after %s: expires after %s, want %s", step.recognised, got.Sub(consent.At), step.want)
		}
	}
	for after, want := range map[time.Duration]int{364 * day: 0, 366 * day: 1, 1094 * day: 1, 1095 * day: 2} {
		over := must(c.Expired(ctx, consent.At.Add(after), 10))(t)
		if len(over) != want {
			t.Errorf("after %s %d are over, want %d", after, len(over), want)
		}
	}
	if n := must(c.CountEnrolments(ctx))(t); n != 2 {
		t.Errorf("%d are enrolled, want 2", n)
	}
	if all := must(c.Enrolments(ctx, 1))(t); len(all) != 1 {
		t.Errorf("%d listed, want 1", len(all))
	}
	if next := must(c.EnrolledAfter(ctx, "s1", 10))(t); len(next) != 1 || next[0] != "s2" {
		t.Errorf("after s1 comes %v, want s2", next)
	}
}

func negativeFaces(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	wantKind(t, c.NotThisPerson(ctx, "s1", "sface", []byte{7}), offers.ErrNotFound)
	signed(t, c, "s1")
	if err := c.AddFaces(ctx, "s1", "sface", [][]byte{{1}}); err != nil {
		t.Fatal(err)
	}
	wantKind(t, c.NotThisPerson(ctx, "s1", "sface", nil), offers.ErrInvalid)
	before := revisionOf(t, c)
	for i := range 20 {
		if err := c.NotThisPerson(ctx, "s1", "sface", []byte{byte(i), 7}); err != nil {
			t.Fatal(err)
		}
	}
	all, _, err := c.Faces(ctx)
	if err != nil {
		t.Fatal(err)
	}
	not := 0
	for _, f := range all {
		if f.Not {
			not++
		}
	}
	if not != 16 || len(all) != 17 || revisionOf(t, c) <= before {
		t.Errorf("%d negatives among %d faces, want 16 among 17, and a new revision", not, len(all))
	}
	if n := must(c.DropNegatives(ctx, time.Now().Add(catalog.NegativesKept-time.Hour)))(t); n != 0 {
		t.Errorf("%d went before their time", n)
	}
	if n := must(c.DropNegatives(ctx, time.Now().Add(catalog.NegativesKept+time.Hour)))(t); n != 16 {
		t.Errorf("%d went at their time, want 16", n)
	}
}

func forgetFaces(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	now := time.Now().UTC().Truncate(time.Millisecond)
	selves := []offers.ShopperID{"s1", "s1-before"}
	if d := must(c.ForgetFaces(ctx, "s1", selves, "app", now, nil, nil))(t); d.ID != "" {
		t.Errorf("a proof that nothing was deleted: %+v", d)
	}
	for _, shopper := range append(selves, "s2") {
		signed(t, c, shopper)
		if err := c.AddFaces(ctx, shopper, "sface", [][]byte{{1}, {2}, {3}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.NotThisPerson(ctx, "s1", "sface", []byte{7}); err != nil {
		t.Fatal(err)
	}
	before := revisionOf(t, c)
	elsewhere := []catalog.Place{{Name: "state: recognitions", Before: 2}}
	d := must(c.ForgetFaces(ctx, "s1", selves, "app", now, elsewhere, []string{"edge-a", "edge-b"}))(t)
	want := []catalog.Place{
		{Name: "catalog: vectors of the face", Before: 6}, {Name: "catalog: enrolment", Before: 2},
		{Name: "catalog: faces that were not theirs", Before: 1}, {Name: "state: recognitions", Before: 2},
	}
	if diff := cmp.Diff(want, d.Places); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	if d.Revision <= before || d.Revision != revisionOf(t, c) || d.Waits() != 2 || !d.At.Equal(now) {
		t.Errorf("deletion %+v, after revision %d", d, before)
	}
	left, _, _ := c.Faces(ctx)
	if len(left) != 3 {
		t.Errorf("%d faces are left, want those of another", len(left))
	}
	heard := now.Add(2 * time.Second)
	if got := must(c.HeardForgotten(ctx, d.ID, map[string]time.Time{"edge-a": heard, "edge-z": heard}))(t); got.Waits() != 1 {
		t.Errorf("after one of two was heard: %+v", got)
	}
	if waiting := must(c.WaitingDeletions(ctx, 10))(t); len(waiting) != 1 || waiting[0].ID != d.ID {
		t.Errorf("waiting: %+v", waiting)
	}
	later := must(c.HeardForgotten(ctx, d.ID, map[string]time.Time{"edge-a": heard.Add(time.Hour), "edge-b": heard}))(t)
	if later.Waits() != 0 || !later.Edges[0].Gone.Equal(heard) {
		t.Errorf("after both were heard: %+v; the first time counts", later)
	}
	if waiting := must(c.WaitingDeletions(ctx, 10))(t); len(waiting) != 0 {
		t.Errorf("still waiting: %+v", waiting)
	}
	all := must(c.Deletions(ctx, selves))(t)
	if len(all) != 1 || all[0].Waits() != 0 {
		t.Errorf("proofs: %+v", all)
	}
	if _, err := c.HeardForgotten(ctx, "none", nil); err == nil {
		t.Error("a deletion that never was was heard of")
	}
	if again := must(c.ForgetFaces(ctx, "s1", selves, "app", now, nil, nil))(t); again.ID != "" {
		t.Errorf("deleted twice: %+v", again)
	}
}
