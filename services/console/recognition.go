package console

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/state"
)

func (s *Service) recognitionRoutes(api fiber.Router) {
	api.Get("/house-key", s.houseKey)

	api.Get("/me/recognition", s.mine(s.getMyRecognition))
	api.Get("/me/recognition/notice", s.mine(s.getNotice))
	api.Post("/me/recognition/consent", s.mine(s.signNotice))
	api.Get("/me/recognition/consents/:id", s.mine(s.myFaceConsent))
	api.Post("/me/recognition/seen/:id/wrong", s.mine(s.notMe))
	api.Get("/me/recognition/receipts/:id", s.mine(s.myReceipt))
	api.Get("/me/cameras", s.mine(s.getMyCameras))

	api.Get("/recognition", s.allow(catalog.RoleViewer, s.getRecognition))
	api.Post("/recognition/:shopper/seen/:id/wrong", s.allow(catalog.RoleStaff, s.notThisPerson))
	api.Get("/recognition/:shopper/consents", s.allow(catalog.RoleMarketer, s.faceConsentsOf))
}

// seen is one recognition that somebody may say was wrong.
type seen struct {
	ID         string          `json:"id"`
	At         time.Time       `json:"at"`
	Shop       offers.ShopID   `json:"shop"`
	ShopName   string          `json:"shop_name"`
	ZoneName   string          `json:"zone_name,omitempty"`
	Camera     offers.CameraID `json:"camera"`
	Confidence float64         `json:"confidence"`
	Until      time.Time       `json:"until"` // it can be said
}

// seenLately are the recognitions of a shopper, under all their names, newest
// first.
func (s *Service) seenLately(ctx context.Context, selves []offers.ShopperID) ([]seen, error) {
	all := []seen{}
	for _, self := range selves {
		probes, err := s.store.Probes(ctx, s.log.PartitionOf(string(self)), self)
		if err != nil {
			return nil, err
		}
		for _, p := range probes {
			one := seen{ID: p.ID, At: p.At, Shop: p.Shop, ShopName: string(p.Shop), Camera: p.Camera, Confidence: p.Confidence, Until: p.At.Add(state.ProbeKept)}
			if shop := s.shop(p.Shop); shop != nil {
				one.ShopName, one.ZoneName = shop.Name, zoneName(shop, p.Zone)
			}
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b seen) int { return b.At.Compare(a.At) })
	return all, nil
}

type myEnrolment struct {
	At         time.Time `json:"at"`
	Recognised time.Time `json:"recognised,omitzero"`
	Expires    time.Time `json:"expires"`
	Vectors    int       `json:"vectors"`
	NotMine    int       `json:"not_mine"` // faces of others that are kept so that they are not taken for me
}

type myConsent struct {
	ID          string    `json:"id"`
	Notice      string    `json:"notice"`
	Language    string    `json:"language"`
	Signature   string    `json:"signature"`
	At          time.Time `json:"at"`
	Withdrawn   time.Time `json:"withdrawn,omitzero"`
	WithdrawnBy string    `json:"withdrawn_by,omitempty"`
}

type myDeletion struct {
	ID    string    `json:"id"`
	At    time.Time `json:"at"`
	Why   string    `json:"why"`
	Waits int       `json:"waits"` // cameras' processes that were not heard to have forgotten
}

// myRecognition is all that the cameras' side knows of a shopper.
type myRecognition struct {
	Signed    bool         `json:"signed"` // a notice, and not withdrawn: enrolling is allowed
	Enrolment *myEnrolment `json:"enrolment,omitempty"`
	Consents  []myConsent  `json:"consents"`
	Seen      []seen       `json:"seen"`
	Deletions []myDeletion `json:"deletions"`
}

func (s *Service) getMyRecognition(c *fiber.Ctx, shopper offers.ShopperID) error {
	mine, err := s.recognitionOf(c.UserContext(), shopper)
	if err != nil {
		return err
	}
	return c.JSON(mine)
}

func (s *Service) recognitionOf(ctx context.Context, shopper offers.ShopperID) (myRecognition, error) {
	mine := myRecognition{Consents: []myConsent{}, Deletions: []myDeletion{}}
	all, err := s.selves(ctx, shopper)
	if err != nil {
		return mine, err
	}
	if mine.Signed, err = s.signed(ctx, shopper); err != nil {
		return mine, err
	}
	enrolments, err := s.catalog.EnrolmentsOf(ctx, all)
	if err != nil {
		return mine, err
	}
	for _, e := range enrolments { // more than one only after two people turned out to be one
		if mine.Enrolment == nil {
			mine.Enrolment = &myEnrolment{At: e.At, Expires: e.Expires}
		}
		one := mine.Enrolment
		one.Vectors, one.NotMine = one.Vectors+e.Vectors, one.NotMine+e.Negatives
		if e.Recognised.After(one.Recognised) {
			one.Recognised = e.Recognised
		}
		if e.Expires.After(one.Expires) {
			one.Expires = e.Expires
		}
	}
	consents, err := s.catalog.FaceConsents(ctx, all)
	if err != nil {
		return mine, err
	}
	for _, f := range consents {
		mine.Consents = append(mine.Consents, myConsent{f.ID, f.Notice, f.Language, f.Signature, f.At, f.Withdrawn, f.WithdrawnBy})
	}
	deletions, err := s.catalog.Deletions(ctx, all)
	if err != nil {
		return mine, err
	}
	for _, d := range deletions {
		mine.Deletions = append(mine.Deletions, myDeletion{d.ID, d.At, d.Why, d.Waits()})
	}
	mine.Seen, err = s.seenLately(ctx, all)
	return mine, err
}

// signed tells whether a shopper may enrol: they signed a notice under their own
// name of now, and their consent stands.
func (s *Service) signed(ctx context.Context, shopper offers.ShopperID) (bool, error) {
	given, err := s.store.Consents(ctx, s.log.PartitionOf(string(shopper)), shopper)
	if err != nil || !given[offers.ConsentFace].Granted {
		return false, err
	}
	_, err = s.catalog.StandingFaceConsent(ctx, shopper)
	if errors.Is(err, offers.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (s *Service) getNotice(c *fiber.Ctx, _ offers.ShopperID) error {
	wanted := query(c, "language")
	if wanted == "" {
		wanted = strings.Clone(c.Get(fiber.HeaderAcceptLanguage))
	}
	return c.JSON(s.config.Recognition.notice(wanted))
}

// Bounds of a signature, in bytes.
const (
	maxSignature = 120
	maxDevice    = 200
)

// signNotice keeps a shopper's signature under the notice that they read. It
// must be the one that is valid now, to the letter.
func (s *Service) signNotice(c *fiber.Ctx, shopper offers.ShopperID) error {
	var in struct {
		Language string `json:"language"`
		SHA256   string `json:"sha256"`
		Name     string `json:"name"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	in.Name = strings.TrimSpace(in.Name)
	var wrong fieldErrors
	wrong.add(in.Name != "" && utf8.RuneCountInString(in.Name) <= maxSignature, "write your name: it is your signature", "name")
	wrong.add(slices.Contains(noticeLanguages, in.Language), "is none that there is a notice in", "language")
	if err := wrong.err(); err != nil {
		return err
	}
	n := s.config.Recognition.notice(in.Language)
	if n.SHA256 != in.SHA256 {
		return fmt.Errorf("%w: the notice is another by now: read it again, then sign", offers.ErrConflict)
	}
	device := c.Get(fiber.HeaderUserAgent)
	kept, err := s.catalog.SignFaceConsent(c.UserContext(), catalog.FaceConsent{
		Shopper: shopper, Notice: n.Version, Language: n.Language, Text: n.text, KeepDays: n.KeepDays, LongestDays: n.LongestDays,
		Signature: in.Name, Device: strings.Clone(device[:min(len(device), maxDevice)]),
	})
	if err != nil {
		return err
	}
	consent := offers.Consent{Purpose: offers.ConsentFace, Granted: true, At: kept.At.Truncate(time.Millisecond), Source: "app, signed " + kept.ID}
	if err := s.setConsent(c.UserContext(), shopper, consent); err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(myConsent{ID: kept.ID, Notice: kept.Notice, Language: kept.Language, Signature: kept.Signature, At: kept.At})
}

// consentStatement is the evidence of a consent, as it is signed.
type consentStatement struct {
	What string `json:"what"` // "aisle consent 1"
	catalog.FaceConsent
	Issued time.Time `json:"issued"`
}

func (s *Service) myFaceConsent(c *fiber.Ctx, shopper offers.ShopperID) error {
	ctx, id := c.UserContext(), param(c, "id")
	all, err := s.selves(ctx, shopper)
	if err != nil {
		return err
	}
	consents, err := s.catalog.FaceConsents(ctx, all)
	if err != nil {
		return err
	}
	for _, f := range consents {
		if f.ID == id {
			said, err := s.sign(ctx, consentStatement{"aisle consent 1", f, time.Now().UTC().Truncate(time.Second)})
			if err != nil {
				return err
			}
			return download(c, "aisle-consent-"+f.ID+".json", said)
		}
	}
	return fmt.Errorf("consent %q: %w: it is none of yours", id, offers.ErrNotFound)
}

func (s *Service) faceConsentsOf(c *fiber.Ctx) error {
	ctx, shopper := c.UserContext(), offers.ShopperID(param(c, "shopper"))
	all, err := s.selves(ctx, shopper)
	if err != nil {
		return err
	}
	consents, err := s.catalog.FaceConsents(ctx, all)
	if err != nil {
		return err
	}
	if err := s.catalog.Audit(ctx, by(c), "read consents", "shopper/"+string(shopper)); err != nil {
		return err
	}
	statements := make([]statement, len(consents))
	for i, f := range consents {
		if statements[i], err = s.sign(ctx, consentStatement{"aisle consent 1", f, time.Now().UTC().Truncate(time.Second)}); err != nil {
			return err
		}
	}
	return c.JSON(fiber.Map{"consents": statements})
}

func (s *Service) notMe(c *fiber.Ctx, shopper offers.ShopperID) error {
	if err := s.wasNot(c.UserContext(), shopper, param(c, "id")); err != nil {
		return err
	}
	if err := s.catalog.Audit(c.UserContext(), catalog.By{ID: string(shopper), Name: "the shopper"}, "not this person", "shopper/"+string(shopper)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (s *Service) notThisPerson(c *fiber.Ctx) error {
	shopper := offers.ShopperID(param(c, "shopper"))
	if err := s.wasNot(c.UserContext(), shopper, param(c, "id")); err != nil {
		return err
	}
	if err := s.catalog.Audit(c.UserContext(), by(c), "not this person", "shopper/"+string(shopper)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// wasNot notes that a recognition was of somebody else: the face by which it was
// becomes an example of who the shopper is not. It was sealed for the name under
// which they enrolled.
func (s *Service) wasNot(ctx context.Context, shopper offers.ShopperID, id string) error {
	all, err := s.selves(ctx, shopper)
	if err != nil {
		return err
	}
	for _, self := range all {
		partition := s.log.PartitionOf(string(self))
		probes, err := s.store.Probes(ctx, partition, self)
		if err != nil {
			return err
		}
		for _, p := range probes {
			if p.ID != id {
				continue
			}
			if err := s.catalog.NotThisPerson(ctx, self, p.Model, p.Sealed); err != nil {
				return err
			}
			return s.store.DropProbe(ctx, partition, self, id)
		}
	}
	return fmt.Errorf("recognition %q: %w: it is older than a day, or was judged already", id, offers.ErrNotFound)
}

// receiptStatement is the proof of a deletion, as it is signed.
type receiptStatement struct {
	What string `json:"what"` // "aisle deletion 1"
	catalog.Deletion
	Issued time.Time `json:"issued"`
	Says   string    `json:"says"`
}

func (s *Service) myReceipt(c *fiber.Ctx, shopper offers.ShopperID) error {
	ctx, id := c.UserContext(), param(c, "id")
	all, err := s.selves(ctx, shopper)
	if err != nil {
		return err
	}
	deletions, err := s.catalog.Deletions(ctx, all)
	if err != nil {
		return err
	}
	for _, d := range deletions {
		if d.ID != id {
			continue
		}
		if d, err = s.confirm(ctx, d); err != nil {
			return err
		}
		said, err := s.sign(ctx, receiptStatement{"aisle deletion 1", d, time.Now().UTC().Truncate(time.Second), inWords(d)})
		if err != nil {
			return err
		}
		return download(c, "aisle-receipt-"+d.ID+".json", said)
	}
	return fmt.Errorf("receipt %q: %w: it is none of yours", id, offers.ErrNotFound)
}

// inWords is a deletion as its receipt says it.
func inWords(d catalog.Deletion) string {
	before, after := 0, 0
	for _, p := range d.Places {
		before, after = before+p.Before, after+p.After
	}
	words := fmt.Sprintf("%d records were there before, %d after.", before, after)
	switch waits := d.Waits(); {
	case len(d.Edges) == 0:
		return words + " No process at a camera held a copy."
	case waits > 0:
		return words + fmt.Sprintf(" %d of %d processes at cameras have confirmed that they forgot; the others were not heard since.", len(d.Edges)-waits, len(d.Edges))
	}
	return words + fmt.Sprintf(" All %d processes at cameras have confirmed that they forgot.", len(d.Edges))
}

// edgeAlive is how long after it was last heard of a process at the cameras may
// hold a gallery: it is in memory only.
const edgeAlive = time.Hour

func edgeName(id string, p state.ProcessHealth) string { return p.Name + " (" + id + ")" }

// edges are the processes that may hold the gallery now.
func (s *Service) edges(ctx context.Context, now time.Time) ([]string, error) {
	_, processes, err := s.store.Cameras(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for id, p := range processes {
		if now.Sub(p.Told) < edgeAlive {
			names = append(names, edgeName(id, p))
		}
	}
	slices.Sort(names)
	return names, nil
}

// confirm notes which processes hold a gallery by now in which a deleted shopper
// is no more.
func (s *Service) confirm(ctx context.Context, d catalog.Deletion) (catalog.Deletion, error) {
	if d.Waits() == 0 {
		return d, nil
	}
	_, processes, err := s.store.Cameras(ctx)
	if err != nil {
		return d, err
	}
	gone := map[string]time.Time{}
	for id, p := range processes {
		if revision, err := strconv.ParseInt(p.GalleryRevision, 10, 64); err == nil && revision >= d.Revision {
			gone[edgeName(id, p)] = p.Told
		}
	}
	for _, e := range d.Edges {
		if at, ok := gone[e.Edge]; ok && e.Gone.IsZero() && !at.IsZero() {
			return s.catalog.HeardForgotten(ctx, d.ID, gone)
		}
	}
	return d, nil
}

// forgetFace withdraws the consent to be recognised and removes all that
// describes the face, in this order: nothing can be added in between.
func (s *Service) forgetFace(ctx context.Context, shopper offers.ShopperID, why string, now time.Time) (catalog.Deletion, error) {
	given, err := s.store.Consents(ctx, s.log.PartitionOf(string(shopper)), shopper)
	if err != nil {
		return catalog.Deletion{}, err
	}
	if given[offers.ConsentFace].Granted {
		consent := offers.Consent{Purpose: offers.ConsentFace, At: now.UTC().Truncate(time.Millisecond), Source: why}
		if err := s.setConsent(ctx, shopper, consent); err != nil {
			return catalog.Deletion{}, err
		}
	}
	return s.removeFace(ctx, shopper, why, now)
}

// removeFace removes what is kept of a face whose owner's consent is withdrawn.
func (s *Service) removeFace(ctx context.Context, shopper offers.ShopperID, why string, now time.Time) (catalog.Deletion, error) {
	all, err := s.selves(ctx, shopper)
	if err != nil {
		return catalog.Deletion{}, err
	}
	probes := catalog.Place{Name: "state: faces of the last 24 hours' recognitions"}
	for _, self := range all {
		before, after, err := s.store.ForgetProbes(ctx, s.log.PartitionOf(string(self)), self)
		if err != nil {
			return catalog.Deletion{}, err
		}
		probes.Before, probes.After = probes.Before+before, probes.After+after
	}
	edges, err := s.edges(ctx, now)
	if err != nil {
		return catalog.Deletion{}, err
	}
	return s.catalog.ForgetFaces(ctx, shopper, all, why, now, []catalog.Place{probes}, edges)
}

// vectorsOf is how many vectors a deletion removed.
func vectorsOf(d catalog.Deletion) int {
	if len(d.Places) == 0 {
		return 0
	}
	return d.Places[0].Before
}

// enrolledMost is how many enrolments the console lists.
const enrolledMost = 500

type enrolledPerson struct {
	Shopper    offers.ShopperID `json:"shopper"`
	Label      string           `json:"label"`
	Name       string           `json:"name,omitempty"`
	At         time.Time        `json:"at"`
	Consent    string           `json:"consent,omitempty"`
	Notice     string           `json:"notice,omitempty"`
	Language   string           `json:"language,omitempty"`
	Signed     time.Time        `json:"signed,omitzero"`
	Recognised time.Time        `json:"recognised,omitzero"`
	Expires    time.Time        `json:"expires"`
	Vectors    int              `json:"vectors"`
	Negatives  int              `json:"negatives"`
	Seen       []seen           `json:"seen"`
}

type recognition struct {
	Enrolled    int              `json:"enrolled"`
	People      []enrolledPerson `json:"people"` // newest first, at most 500
	KeepDays    int              `json:"keep_days"`
	LongestDays int              `json:"longest_days"`
	Waiting     int              `json:"waiting"`   // deletions that some camera's process was not heard to have followed
	Strangers   int              `json:"strangers"` // who passed all cameras yesterday, or today where there was no yesterday
	Curves      []calibration    `json:"curves"`    // by model, the latest told first
}

// calibration is how well a describer tells the gallery apart, as a process at
// the cameras measured it.
type calibration struct {
	state.Curve
	DemoGrade bool `json:"demo_grade"` // the describer that comes with the house
}

// demoModels begin the names of describers that are for demonstrations.
const demoModels = "lbp"

// curveOld is how long after it was told a calibration is shown.
const curveOld = 24 * time.Hour

// calibrations are the latest of each model.
func (s *Service) calibrations(ctx context.Context, now time.Time) ([]calibration, error) {
	curves, err := s.store.Curves(ctx)
	if err != nil {
		return nil, err
	}
	all := []calibration{}
	for _, c := range curves {
		if now.Sub(c.Told) < curveOld {
			c.Points = list(c.Points)
			all = append(all, calibration{c, strings.HasPrefix(c.Model, demoModels)})
		}
	}
	slices.SortFunc(all, func(a, b calibration) int { return b.Told.Compare(a.Told) })
	return all, nil
}

// strangers is how many people passed the cameras of all shops unnamed on the
// day before, or today where none did.
func (s *Service) strangers(ctx context.Context, now time.Time) (int, error) {
	yesterday, today := 0, 0
	for _, shop := range s.catalogue().Shops {
		zone, err := time.LoadLocation(shop.TimeZone)
		if err != nil {
			zone = time.UTC
		}
		ids := make([]offers.CameraID, len(shop.Cameras))
		for i, cam := range shop.Cameras {
			ids[i] = cam.ID
		}
		for _, day := range []struct {
			at  time.Time
			sum *int
		}{{now.In(zone).AddDate(0, 0, -1), &yesterday}, {now.In(zone), &today}} {
			counted, err := s.store.Counters(ctx, ids, day.at.Format(time.DateOnly), 0)
			if err != nil {
				return 0, err
			}
			for _, c := range counted {
				*day.sum += c.Day.Unknown
			}
		}
	}
	if yesterday > 0 {
		return yesterday, nil
	}
	return today, nil
}

// getRecognition is who is enrolled, by which consent and until when.
func (s *Service) getRecognition(c *fiber.Ctx) error {
	ctx, role := c.UserContext(), person(c).Role
	all := recognition{People: []enrolledPerson{}, KeepDays: s.config.Recognition.KeepDays, LongestDays: s.config.Recognition.LongestDays}
	var err error
	if all.Enrolled, err = s.catalog.CountEnrolments(ctx); err != nil {
		return err
	}
	enrolments, err := s.catalog.Enrolments(ctx, enrolledMost)
	if err != nil {
		return err
	}
	ids := make([]offers.ShopperID, len(enrolments))
	for i, e := range enrolments {
		ids[i] = e.Shopper
	}
	profiles, err := s.profiles(ctx, ids)
	if err != nil {
		return err
	}
	for i, e := range enrolments {
		one := enrolledPerson{
			Shopper: e.Shopper, Label: label(e.Shopper), At: e.At, Consent: e.Consent, Notice: e.Notice, Language: e.Language,
			Signed: e.Signed, Recognised: e.Recognised, Expires: e.Expires, Vectors: e.Vectors, Negatives: e.Negatives,
		}
		if p := profiles[i]; p != nil {
			one.Name = maskTraits(p.Traits, role).Name
		}
		if one.Seen, err = s.seenLately(ctx, []offers.ShopperID{e.Shopper}); err != nil {
			return err
		}
		all.People = append(all.People, one)
	}
	waiting, err := s.catalog.WaitingDeletions(ctx, sweepMost)
	if err != nil {
		return err
	}
	all.Waiting = len(waiting)
	if all.Curves, err = s.calibrations(ctx, time.Now()); err != nil {
		return err
	}
	if all.Strangers, err = s.strangers(ctx, time.Now()); err != nil {
		return err
	}
	return c.JSON(all)
}
