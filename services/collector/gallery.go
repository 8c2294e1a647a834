package collector

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/sync/errgroup"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/formats"
)

// gallery is the answer that was made last. Cameras ask every two seconds, and
// it seldom changes.
type gallery struct {
	mu       sync.Mutex // guards all below
	revision string     // of the catalog
	faces    []catalog.Face
	tag      string // of body
	body     []byte
	checked  time.Time // when consents were looked at
}

// consentsFor is how old the gallery's look at consents may be. A sighting is
// checked again when it comes.
const consentsFor = time.Second

// face is one sealed vector as cameras get it.
type face struct {
	Shopper offers.ShopperID `json:"shopper"`
	Model   string           `json:"model"`
	Sealed  []byte           `json:"sealed"`
}

// getGallery serves the sealed faces of all who consent to be recognised, with
// an ETag.
func (k *Collector) getGallery(c *fiber.Ctx) error {
	err := k.edge(c)
	if err == nil {
		err = k.serveGallery(c)
	}
	if err != nil {
		code := problem(c, err, k.logger)
		k.metrics.refused.WithLabelValues("gallery", fmt.Sprint(code)).Inc()
	}
	return nil
}

func (k *Collector) serveGallery(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	g := &k.gallery
	g.mu.Lock()
	defer g.mu.Unlock()
	revision, err := k.catalog.FacesRevision(ctx)
	if err != nil {
		return err
	}
	if g.body == nil || revision != g.revision || time.Since(g.checked) > consentsFor {
		if g.body == nil || revision != g.revision {
			if g.faces, g.revision, err = k.catalog.Faces(ctx); err != nil {
				g.body = nil
				return err
			}
		}
		if err := k.consenting(ctx, g); err != nil {
			g.body = nil
			return err
		}
	}
	c.Set(fiber.HeaderETag, g.tag)
	if c.Get(fiber.HeaderIfNoneMatch) == g.tag {
		return c.SendStatus(fiber.StatusNotModified)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(g.body)
}

// consenting makes the answer of those faces whose owners consent now. It
// fails closed: without an answer about consents there is no gallery.
func (k *Collector) consenting(ctx context.Context, g *gallery) error {
	var mu sync.Mutex
	granted := map[offers.ShopperID]bool{}
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(16)
	for _, f := range g.faces {
		granted[f.Shopper] = false
	}
	for shopper := range maps.Keys(maps.Clone(granted)) {
		group.Go(func() error {
			ok, err := k.facesConsented(gctx, shopper)
			mu.Lock()
			defer mu.Unlock()
			granted[shopper] = ok
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	faces, not := make([]face, 0, len(g.faces)), []face{}
	for _, f := range g.faces {
		one := face{f.Shopper, f.Model, f.Sealed}
		switch {
		case !granted[f.Shopper]:
		case f.Not:
			not = append(not, one)
		default:
			faces = append(faces, one)
		}
	}
	body, err := formats.Marshal(map[string]any{"revision": g.revision, "faces": faces, "not": not})
	if err != nil {
		return fmt.Errorf("gallery: %w: %w", offers.ErrInvalid, err)
	}
	sum := sha256.Sum256(body)
	g.body, g.tag, g.checked = body, `"`+hex.EncodeToString(sum[:12])+`"`, time.Now()
	return nil
}

// facesConsented asks for the consent of who the shopper is now.
func (k *Collector) facesConsented(ctx context.Context, shopper offers.ShopperID) (bool, error) {
	who, err := k.state.Resolve(ctx, shopper)
	if err != nil {
		return false, err
	}
	consents, err := k.state.Consents(ctx, k.log.PartitionOf(string(who)), who)
	return consents[offers.ConsentFace].Granted, err
}

// enrolment is what the cameras' process made of someone's portraits.
type enrolment struct {
	Token string   `json:"token"` // signed by the console for this one shopper
	Model string   `json:"model"`
	Faces [][]byte `json:"faces"` // sealed vectors
}

// postEnrolment keeps the sealed faces of someone who signed the notice before,
// and whose consent stands now. Nothing here gives a consent.
func (k *Collector) postEnrolment(ctx context.Context, c *fiber.Ctx, body []byte) error {
	if err := k.edge(c); err != nil {
		return err
	}
	// Nothing of a bad enrolment is put aside: it is about a face.
	body, bad := formats.Valid(body)
	if bad != nil {
		return bad
	}
	var in enrolment
	if err := formats.Unmarshal(body, &in); err != nil {
		return status(fiber.StatusBadRequest, "This is no enrolment: want token, model and faces.")
	}
	now := time.Now()
	named, err := catalog.OpenToken(k.secrets.Token, catalog.TokenEnrol, in.Token, now)
	if err != nil {
		return status(fiber.StatusForbidden, "This token does not enrol anyone (any more). Ask for a new one in the app.")
	}
	who, err := k.state.IdentifyShopper(ctx, named, traceOf(c))
	if err != nil {
		return err
	}
	if who.Shopper != named {
		// Faces are sealed for the name in the token.
		return status(fiber.StatusConflict, "You were found to be someone whom we knew already. Open the app again, and it has a new token for you.")
	}
	granted, err := k.facesConsented(ctx, named)
	if err != nil {
		return err
	}
	if granted {
		err = k.catalog.AddFaces(ctx, named, in.Model, in.Faces)
	}
	if !granted || errors.Is(err, offers.ErrDenied) {
		return status(fiber.StatusForbidden, "You have not agreed to be recognised, or not any more. Read the notice in the app, and sign it.")
	}
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(fiber.Map{"shopper": named, "faces": len(in.Faces)})
}
