package console_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/console"
	"aisle/services/state"
	"aisle/services/stream"
	"aisle/vision"
	"aisle/vision/tally"
)

type noticeOf struct {
	Version, Language, Title, Agreement, SHA256 string
	Points                                      []struct{ Title, Text string }
}

// sign reads the notice and signs it.
func (v *visitor) sign(name string) (id string) {
	v.t.Helper()
	var n noticeOf
	v.call("GET", "/api/me/recognition/notice?language=nl", nil, 200, &n)
	var kept struct{ ID string }
	v.call("POST", "/api/me/recognition/consent", map[string]string{"language": n.Language, "sha256": n.SHA256, "name": name}, 201, &kept)
	return kept.ID
}

// enrol keeps two vectors of somebody who signed, as the collector does.
func (h *house) enrol(shopper offers.ShopperID) {
	h.t.Helper()
	ctx := h.t.Context()
	_, err := h.catalog.SignFaceConsent(ctx, catalog.FaceConsent{
		Shopper: shopper, Notice: "1", Language: "en", Text: "We keep numbers.", KeepDays: 365, LongestDays: 1095, Signature: "x", Device: "y",
	})
	if err == nil {
		err = h.catalog.AddFaces(ctx, shopper, "m", [][]byte{{1}, {2}})
	}
	if err == nil {
		consent := offers.Consent{Purpose: offers.ConsentFace, Granted: true, At: time.Now(), Source: "test"}
		err = h.store.SetConsent(ctx, h.log.PartitionOf(string(shopper)), shopper, consent)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// recognised keeps the face by which somebody was.
func (h *house) recognised(shopper offers.ShopperID, id string) {
	h.t.Helper()
	err := h.store.KeepProbe(h.t.Context(), h.log.PartitionOf(string(shopper)), shopper, state.Probe{
		ID: id, At: time.Now().UTC(), Shop: "centraal", Zone: "shoes", Camera: "cam-door", Confidence: .9, Model: "m", Sealed: []byte{9},
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// verified is what a statement says, checked with the key that anybody gets.
func (v *visitor) verified(path string, into any) {
	v.t.Helper()
	var key struct{ Key, PEM string }
	v.h.visitor().call("GET", "/api/house-key", nil, 200, &key)
	block, _ := pem.Decode([]byte(key.PEM))
	if block == nil {
		v.t.Fatalf("no PEM: %q", key.PEM)
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		v.t.Fatal(err)
	}
	var said struct {
		Signed    string
		Signature []byte
		Key       string
	}
	v.call("GET", path, nil, 200, &said)
	if said.Key != key.Key || !ed25519.Verify(public.(ed25519.PublicKey), []byte(said.Signed), said.Signature) {
		v.t.Errorf("%s: the signature is not the house's", path)
	}
	if ed25519.Verify(public.(ed25519.PublicKey), []byte(strings.Replace(said.Signed, "1", "2", 1)), said.Signature) {
		v.t.Errorf("%s: what was changed verifies, too", path)
	}
	if err := json.Unmarshal([]byte(said.Signed), into); err != nil {
		v.t.Fatal(err)
	}
}

type recognitionOf struct {
	Signed    bool
	Enrolment *struct {
		At, Recognised, Expires time.Time
		Vectors                 int
		NotMine                 int `json:"not_mine"`
	}
	Consents []struct {
		ID, Notice, Language, Signature string
		Withdrawn                       time.Time
		WithdrawnBy                     string `json:"withdrawn_by"`
	}
	Seen      []struct{ ID string }
	Deletions []struct {
		ID, Why string
		Waits   int
	}
}

func (v *visitor) recognition() recognitionOf {
	v.t.Helper()
	var r recognitionOf
	v.call("GET", "/api/me/recognition", nil, 200, &r)
	return r
}

func TestNotice(t *testing.T) {
	h, _ := liveShop(t)
	h.keep(profileOf("smia"))
	mia := h.phone("smia")
	digests := map[string]string{}
	for wanted, language := range map[string]string{"en": "en", "nl-NL": "nl", "es-MX,es;q=0.9": "es", "tlh": "en", "": "en"} {
		var n noticeOf
		mia.call("GET", "/api/me/recognition/notice?language="+wanted, nil, 200, &n)
		if n.Language != language || len(n.Points) != 8 || n.Agreement == "" || len(n.SHA256) != 64 {
			t.Errorf("%q: %+v, want the notice in %s", wanted, n, language)
		}
		text := fmt.Sprint(n)
		if strings.ContainsAny(text, "{}") && !strings.Contains(text, "{2026") || !strings.Contains(text, "365") || !strings.Contains(text, "1095") || !strings.Contains(text, "90") || !strings.Contains(text, "24") {
			t.Errorf("%q does not say how long: %s", wanted, text)
		}
		digests[n.Language] = n.SHA256
	}
	if len(digests) != 3 || digests["en"] == digests["nl"] {
		t.Errorf("digests %v", digests)
	}
	for name, in := range map[string]struct {
		body map[string]string
		want int
	}{
		"no name":          {map[string]string{"language": "en", "sha256": digests["en"], "name": " "}, 400},
		"another language": {map[string]string{"language": "nl", "sha256": digests["en"], "name": "Mia"}, 409},
		"an old notice":    {map[string]string{"language": "en", "sha256": strings.Repeat("0", 64), "name": "Mia"}, 409},
		"no such language": {map[string]string{"language": "fr", "sha256": digests["en"], "name": "Mia"}, 400},
		"a novel":          {map[string]string{"language": "en", "sha256": digests["en"], "name": strings.Repeat("x", 121)}, 400},
	} {
		if status, _ := mia.try("POST", "/api/me/recognition/consent", in.body); status != in.want {
			t.Errorf("%s: %d, want %d", name, status, in.want)
		}
	}
	if mia.recognition().Signed {
		t.Error("signed by a signature that was refused")
	}
}

func TestSignedConsentIsEvidence(t *testing.T) {
	h, _ := liveShop(t)
	h.keep(profileOf("smia"))
	h.keep(profileOf("snoor"))
	mia := h.phone("smia")
	id := mia.sign("Mia de Vries")
	if events := h.eventsOf("smia", offers.ConsentChanged); len(events) != 1 || !events[0].Consent.Granted || !strings.Contains(events[0].Consent.Source, id) {
		t.Errorf("on the stream: %+v, want the consent with its evidence's id", events)
	}
	var evidence struct {
		What, Shopper, Language, Text, Signature, Device, Notice string
		KeepDays                                                 int `json:"keep_days"`
		At                                                       time.Time
	}
	mia.verified("/api/me/recognition/consents/"+id, &evidence)
	if evidence.Shopper != "smia" || evidence.Signature != "Mia de Vries" || evidence.Language != "nl" || evidence.KeepDays != 365 || evidence.Device == "" ||
		!strings.Contains(evidence.Text, "365 dagen") || !strings.Contains(evidence.Text, "Ik heb dit gelezen") || time.Since(evidence.At) > time.Minute {
		t.Errorf("evidence: %+v", evidence)
	}
	h.phone("snoor").call("GET", "/api/me/recognition/consents/"+id, nil, 404, nil)
	var all struct{ Consents []json.RawMessage }
	h.as(catalog.RoleMarketer).call("GET", "/api/recognition/smia/consents", nil, 200, &all)
	if len(all.Consents) != 1 {
		t.Errorf("%d consents as evidence, want 1", len(all.Consents))
	}
	// Withdrawn in one press; the evidence stays, with when and how.
	mia.call("DELETE", "/api/me/face", nil, 200, nil)
	got := mia.recognition()
	if got.Signed || len(got.Consents) != 1 || got.Consents[0].Withdrawn.IsZero() || got.Consents[0].WithdrawnBy != "app" {
		t.Errorf("after the withdrawal: %+v", got)
	}
	mia.call("POST", "/api/me/enrolment-token", nil, 403, nil)
}

func TestDeletionHasAReceipt(t *testing.T) {
	h, _ := liveShop(t)
	mia := h.phoneOf("smia")
	h.enrol("smia")
	h.recognised("smia", "cam-door-1-1")
	if err := h.catalog.NotThisPerson(t.Context(), "smia", "m", []byte{3}); err != nil {
		t.Fatal(err)
	}
	seed := make([]byte, 32)
	signer, err := tally.NewSigner(seed, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	process := tally.Fingerprint(signer.Public())
	tell := func(revision string) {
		t.Helper()
		p := state.ProcessHealth{Name: "door", Told: time.Now().UTC(), GalleryRevision: revision}
		if err := h.store.TellCameras(t.Context(), process, p, nil); err != nil {
			t.Fatal(err)
		}
	}
	before, err := h.catalog.FacesRevision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tell(before)
	var gone struct {
		Removed int
		Receipt string
	}
	mia.call("DELETE", "/api/me/face", nil, 200, &gone)
	if gone.Removed != 2 || gone.Receipt == "" {
		t.Fatalf("deleted: %+v", gone)
	}
	type receipt struct {
		What, Shopper, Why, Says string
		Places                   []catalog.Place
		Edges                    []catalog.EdgeGallery
	}
	var first receipt
	path := "/api/me/recognition/receipts/" + gone.Receipt
	mia.verified(path, &first)
	places := []catalog.Place{
		{Name: "catalog: vectors of the face", Before: 2}, {Name: "catalog: enrolment", Before: 1},
		{Name: "catalog: faces that were not theirs", Before: 1}, {Name: "state: faces of the last 24 hours' recognitions", Before: 1},
	}
	if diff := cmp.Diff(places, first.Places); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	if first.What != "aisle deletion 1" || first.Why != "app" || len(first.Edges) != 1 || !first.Edges[0].Gone.IsZero() || !strings.Contains(first.Says, "0 of 1") {
		t.Errorf("the camera has not heard yet: %+v", first)
	}
	after, err := h.catalog.FacesRevision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tell(after)
	var second receipt
	mia.verified(path, &second)
	if len(second.Edges) != 1 || second.Edges[0].Gone.IsZero() || !strings.Contains(second.Says, "All 1") {
		t.Errorf("the camera has heard: %+v", second)
	}
	h.phoneOf("snoor").call("GET", path, nil, 404, nil)
	if r := mia.recognition(); r.Enrolment != nil || len(r.Seen) != 0 || len(r.Deletions) != 1 || r.Deletions[0].Waits != 0 {
		t.Errorf("after: %+v", r)
	}
	mia.call("DELETE", "/api/me/face", nil, 200, &gone)
	if gone.Removed != 0 {
		t.Errorf("deleted again: %+v", gone)
	}
}

// phoneOf is the phone of somebody of whom there is a profile.
func (h *house) phoneOf(shopper offers.ShopperID) *visitor {
	h.t.Helper()
	h.keep(profileOf(shopper))
	return h.phone(shopper)
}

func TestNotMe(t *testing.T) {
	h, _ := liveShop(t)
	mia, noor := h.phoneOf("smia"), h.phoneOf("snoor")
	h.enrol("smia")
	h.recognised("smia", "cam-door-1-7")
	h.recognised("smia", "cam-door-1-9")
	const path = "/api/me/recognition/seen/cam-door-1-7/wrong"
	noor.call("POST", path, nil, 404, nil)
	mia.call("POST", path, nil, 204, nil)
	mia.call("POST", path, nil, 404, nil) // once
	r := mia.recognition()
	if len(r.Seen) != 1 || r.Seen[0].ID != "cam-door-1-9" || r.Enrolment == nil || r.Enrolment.NotMine != 1 || r.Enrolment.Vectors != 2 {
		t.Errorf("after she said so: %+v %+v", r, r.Enrolment)
	}
	staff := h.as(catalog.RoleStaff)
	staff.call("POST", "/api/recognition/smia/seen/cam-door-1-9/wrong", nil, 204, nil)
	faces, _, err := h.catalog.Faces(t.Context())
	not := 0
	for _, f := range faces {
		if f.Not && f.Shopper == "smia" {
			not++
		}
	}
	if not != 2 || err != nil {
		t.Errorf("%d examples of who she is not, %v; want 2", not, err)
	}
}

func TestRetention(t *testing.T) {
	h, _ := liveShop(t)
	mia := h.phoneOf("smia")
	h.phoneOf("snoor")
	h.enrol("smia")
	h.enrol("snoor")
	now, ctx := time.Now(), t.Context()
	const day = 24 * time.Hour
	sweep := func(at time.Time) {
		t.Helper()
		if err := h.service.Sweep(ctx, at, false); err != nil {
			t.Fatal(err)
		}
	}
	vectors := func(shopper offers.ShopperID) int {
		n, _, err := h.catalog.FacesOf(ctx, shopper)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	// Mia is recognised after half a year, Noor never.
	h.produce(stream.Events, "smia", "recognised-1", string(offers.Recognised), offers.Event{
		ID: "recognised-1", Type: offers.Recognised, Shopper: "smia", Time: now.Add(180 * day), Source: "edge/camera", Shop: "centraal",
	})
	eventually(t, "the clock is wound up", func() bool {
		sweep(now)
		return mia.recognition().Enrolment.Expires.After(now.Add(500 * day))
	})
	for _, step := range []struct {
		after     time.Duration
		mia, noor int
	}{{364 * day, 2, 2}, {366 * day, 2, 0}, {544 * day, 2, 0}, {546 * day, 0, 0}} {
		sweep(now.Add(step.after))
		if vectors("smia") != step.mia || vectors("snoor") != step.noor {
			t.Errorf("after %s: %d and %d vectors, want %d and %d", step.after, vectors("smia"), vectors("snoor"), step.mia, step.noor)
		}
	}
	r := mia.recognition()
	if r.Signed || len(r.Deletions) != 1 || r.Deletions[0].Why != "expiry" || r.Consents[0].WithdrawnBy != "expiry" {
		t.Errorf("Mia afterwards: %+v", r)
	}
	acts, err := h.catalog.Acts(ctx, catalog.ActsWanted{Limit: 10})
	expired := 0
	for _, a := range acts {
		if a.Action == "face expired" && a.By == "the house" {
			expired++
		}
	}
	if expired != 2 || err != nil {
		t.Errorf("audit: %+v, %v; want two faces expired", acts, err)
	}
	given, err := h.store.Consents(ctx, h.log.PartitionOf("snoor"), "snoor")
	if err != nil || given[offers.ConsentFace].Granted {
		t.Errorf("the consent of who expired still stands: %+v, %v", given, err)
	}
}

func TestWithdrawnByAnyDoor(t *testing.T) {
	h, _ := liveShop(t)
	h.phoneOf("smia")
	h.phoneOf("snoor")
	h.enrol("smia")
	h.enrol("snoor")
	ctx := t.Context()
	refuse := func(shopper offers.ShopperID) offers.Consent {
		consent := offers.Consent{Purpose: offers.ConsentFace, At: time.Now().Add(time.Second), Source: "segment/website"}
		if err := h.store.SetConsent(ctx, h.log.PartitionOf(string(shopper)), shopper, consent); err != nil {
			t.Fatal(err)
		}
		return consent
	}
	consent := refuse("smia")
	// Of somebody who is deleted by then it is heard before, and halts nothing.
	if _, err := h.catalog.Erase(ctx, catalog.Erasure{Shopper: "sgone", At: time.Now()}, []offers.ShopperID{"sgone"}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	h.produce(stream.Events, "smia", "no-0", string(offers.ConsentChanged), offers.Event{
		ID: "no-0", Type: offers.ConsentChanged, Shopper: "sgone", Time: consent.At, Source: "app", Consent: &consent,
	})
	h.produce(stream.Events, "smia", "no-1", string(offers.ConsentChanged), offers.Event{
		ID: "no-1", Type: offers.ConsentChanged, Shopper: "smia", Time: consent.At, Source: "segment/website", Consent: &consent,
	})
	gone := func(shopper offers.ShopperID) bool {
		all, err := h.catalog.Deletions(ctx, []offers.ShopperID{shopper})
		if err != nil {
			t.Fatal(err)
		}
		n, _, _ := h.catalog.FacesOf(ctx, shopper)
		return n == 0 && len(all) == 1 && all[0].Why == "segment/website"
	}
	eventually(t, "what another door withdrew is gone", func() bool {
		if err := h.service.Sweep(ctx, time.Now(), false); err != nil {
			t.Fatal(err)
		}
		return gone("smia")
	})
	refuse("snoor") // and no event tells
	if err := h.service.Sweep(ctx, time.Now(), true); err != nil {
		t.Fatal(err)
	}
	if !gone("snoor") {
		t.Error("a look at everybody has missed one")
	}
}

func TestRecognitionPage(t *testing.T) {
	h, _ := liveShop(t)
	h.phoneOf("smia").sign("Mia")
	h.enrol("smia")
	h.recognised("smia", "cam-door-1-1")
	rates := vision.Rates{Threshold: .5, FalseMatch: .01, FalseMatchHigh: .03, Miss: .1, MissHigh: .2}
	curve := vision.Curve{Model: "lbp-2", People: 2, Judged: 2, Basis: vision.ByGallery, Chosen: rates, Points: []vision.Rates{rates}}
	for i, told := range []time.Time{time.Now(), time.Now().Add(-25 * time.Hour)} {
		curve.Model = fmt.Sprintf("lbp-%d", 2-i)
		if err := h.store.TellCurve(t.Context(), state.Curve{Curve: curve, Process: "door", Told: told}); err != nil {
			t.Fatal(err)
		}
	}
	var page struct {
		Curves []struct {
			Model     string
			DemoGrade bool `json:"demo_grade"`
			Points    []vision.Rates
		}
		Enrolled int
		KeepDays int `json:"keep_days"`
		People   []struct {
			Shopper, Name, Notice, Consent string
			Vectors                        int
			Expires                        time.Time
			Seen                           []struct{ ID string }
		}
	}
	h.as(catalog.RoleViewer).call("GET", "/api/recognition", nil, 200, &page)
	if page.Enrolled != 1 || page.KeepDays != 365 || len(page.People) != 1 || page.People[0].Shopper != "smia" || page.People[0].Vectors != 2 || len(page.People[0].Seen) != 1 || page.People[0].Consent == "" ||
		len(page.Curves) != 1 || page.Curves[0].Model != "lbp-2" || !page.Curves[0].DemoGrade || len(page.Curves[0].Points) != 1 {
		t.Errorf("page: %+v", page)
	}
}

func TestMyCameras(t *testing.T) {
	h, _ := liveShop(t)
	shop, mia := testShop(), h.phoneOf("smia")
	signer, err := tally.NewSigner(make([]byte, 32), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	until := time.Now().Truncate(time.Minute)
	signed := signer.Sign(shop.Cameras[0].ID, until.Add(-time.Minute), until, tally.Counts{Seen: 9, Poor: 2, Matched: 1, Unknown: 1, Discarded: 7})
	key := state.CounterKey{Process: "door", Public: signer.Public(), First: until}
	if err := h.store.RegisterCounterKey(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if err := h.store.AddCounters(t.Context(), signed, time.Now().UTC().Format(time.DateOnly)); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Cameras []struct {
			Camera string
			Lines  []struct {
				Line      string
				Signature []byte
				Verified  bool
			}
		}
		Keys []struct{ Public []byte }
	}
	mia.call("GET", "/api/me/cameras?shop="+string(shop.ID), nil, 200, &got)
	if len(got.Cameras) == 0 || len(got.Cameras[0].Lines) != 1 || !got.Cameras[0].Lines[0].Verified || len(got.Keys) != 1 {
		t.Fatalf("counters: %+v", got)
	}
	if !ed25519.Verify(got.Keys[0].Public, []byte(got.Cameras[0].Lines[0].Line), got.Cameras[0].Lines[0].Signature) {
		t.Error("the line cannot be checked by who gets it")
	}
	mia.call("GET", "/api/me/cameras?shop=nowhere", nil, 404, nil)
}

func TestRecognitionConfig(t *testing.T) {
	for name, tt := range map[string]struct {
		config console.Recognition
		ok     bool
	}{
		"nothing":          {console.Recognition{}, true},
		"a month":          {console.Recognition{KeepDays: 30, LongestDays: 365}, true},
		"short altogether": {console.Recognition{LongestDays: 90}, true},
		"four years":       {console.Recognition{LongestDays: 1461}, false},
		"before it began":  {console.Recognition{KeepDays: -1}, false},
		"longer than all":  {console.Recognition{KeepDays: 400, LongestDays: 300}, false},
	} {
		if err := tt.config.Validate(); (err == nil) != tt.ok {
			t.Errorf("%s: %v, want it to be well: %t", name, err, tt.ok)
		}
	}
}
