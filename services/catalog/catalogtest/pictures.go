package catalogtest

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
)

func pictures(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	if _, err := c.AddPicture(ctx, "centre", "image/png", []byte("plan"), ada); !errors.Is(err, offers.ErrNotFound) {
		t.Errorf("of a shop that is not there: %v", err)
	}
	if err := c.PutShop(ctx, offers.Shop{ID: "centre", Name: "Centre"}, ada); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"nothing": nil, "too much": bytes.Repeat([]byte("x"), catalog.MaxPicture+1)} {
		if _, err := c.AddPicture(ctx, "centre", "image/png", data, ada); !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	id := must(c.AddPicture(ctx, "centre", "image/png", []byte("plan"), ada))(t)
	if again := must(c.AddPicture(ctx, "centre", "image/png", []byte("plan"), ada))(t); again != id {
		t.Errorf("the same bytes are %q and %q", id, again)
	}
	other := must(c.AddPicture(ctx, "centre", "image/webp", []byte("other"), ada))(t)
	got := must(c.Picture(ctx, "centre", id))(t)
	if diff := cmp.Diff(catalog.Picture{ID: id, Kind: "image/png", Bytes: []byte("plan")}, got); diff != "" {
		t.Errorf("picture (-want +got):\n%s", diff)
	}
	if _, err := c.Picture(ctx, "south", id); !errors.Is(err, offers.ErrNotFound) {
		t.Errorf("another shop's: %v", err)
	}
	has := func(id string) bool { return must(c.HasPicture(ctx, "centre", id))(t) }

	if err := c.KeepPictures(ctx, "centre", []string{id}, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if !has(other) {
		t.Error("one that was added just now went")
	}
	if err := c.KeepPictures(ctx, "centre", []string{id, id}, time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if !has(id) || has(other) {
		t.Errorf("the one in use is there: %t, the other: %t", has(id), has(other))
	}
	if err := c.DeleteShop(ctx, "centre", ada); err != nil {
		t.Fatal(err)
	}
	if has(id) {
		t.Error("the picture outlives its shop")
	}
}
