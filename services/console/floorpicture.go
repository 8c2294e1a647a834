package console

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // for image.DecodeConfig
	_ "image/png"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
)

func (s *Service) pictureRoutes(api fiber.Router) {
	api.Post("/shops/:shop/pictures", s.allow(catalog.RoleMarketer, s.addPicture))
	api.Get("/shops/:shop/pictures/:picture", s.allow(catalog.RoleViewer, s.getPicture))
}

const (
	pictureSide  = 12_000 // pixels
	picturePixel = 50_000_000
	pictureGrace = 24 * time.Hour // that a picture stays which no floor uses yet
)

// takePicture keeps the bytes of a picture and returns its address. What it is,
// its bytes say; what the client calls it does not count. Drawings with scripts in
// them (SVG) are none.
func (s *Service) takePicture(c *fiber.Ctx, shop offers.ShopID, body []byte) (address string, err error) {
	kind, width, height := pictureOf(body)
	switch {
	case kind == "":
		return "", fmt.Errorf("%w: this is no picture that is shown here: take a PNG, JPEG or WebP of at most 2 MB", offers.ErrInvalid)
	case width > pictureSide || height > pictureSide || width*height > picturePixel:
		return "", fmt.Errorf("%w: %d × %d pixels are too many: make it smaller, 4000 pixels a side are enough for a shop", offers.ErrInvalid, width, height)
	}
	id, err := s.catalog.AddPicture(c.UserContext(), shop, kind, bytes.Clone(body), by(c))
	if err != nil {
		return "", err
	}
	return picturesOf(shop) + id, nil
}

func (s *Service) addPicture(c *fiber.Ctx) error {
	body := c.Body()
	address, err := s.takePicture(c, offers.ShopID(param(c, "shop")), body)
	if err != nil {
		return err
	}
	_, width, height := pictureOf(body)
	return c.Status(fiber.StatusCreated).JSON(struct {
		Image  string `json:"image"`
		Width  int    `json:"width"`
		Height int    `json:"height"`
		Bytes  int    `json:"bytes"`
	}{address, width, height, len(body)})
}

func (s *Service) getPicture(c *fiber.Ctx) error {
	p, err := s.catalog.Picture(c.UserContext(), offers.ShopID(param(c, "shop")), param(c, "picture"))
	if err != nil {
		return err
	}
	// The name is a hash of the bytes: another picture has another name.
	c.Set(fiber.HeaderCacheControl, "private, max-age=31536000, immutable")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; sandbox")
	c.Set(fiber.HeaderContentType, p.Kind)
	return c.Send(p.Bytes)
}

// picturesOf begins the addresses of a shop's pictures.
func picturesOf(shop offers.ShopID) string {
	return "/api/shops/" + url.PathEscape(string(shop)) + "/pictures/"
}

// checkPicture says whether a floor may have an address as its image: none, or
// that of a picture of this shop.
func (s *Service) checkPicture(c *fiber.Ctx, shop offers.ShopID, address string) error {
	if address == "" {
		return nil
	}
	id, ours := strings.CutPrefix(address, picturesOf(shop))
	if ours {
		has, err := s.catalog.HasPicture(c.UserContext(), shop, id)
		if err != nil {
			return err
		}
		ours = has
	}
	if !ours {
		return fmt.Errorf("%w: is no picture of this shop: add it again", offers.ErrInvalid)
	}
	return nil
}

// checkPictures refuses pictures that are not of the shop: a page of the house
// loads nothing from elsewhere.
func (s *Service) checkPictures(c *fiber.Ctx, shop *offers.Shop) error {
	var wrong fieldErrors
	for i, f := range shop.Floors {
		err := s.checkPicture(c, shop.ID, f.Image)
		if err != nil && !errors.Is(err, offers.ErrInvalid) {
			return err
		}
		wrong.add(err == nil, "is no picture of this shop: add it again", "floors[%d].image", i)
	}
	return wrong.err()
}

// forgetPictures removes the pictures that no floor of a shop uses, but for new
// ones. That it fails harms nobody: the next time will do.
func (s *Service) forgetPictures(ctx context.Context, shop *offers.Shop) {
	var used []string
	for _, f := range shop.Floors {
		if id, ours := strings.CutPrefix(f.Image, picturesOf(shop.ID)); ours {
			used = append(used, id)
		}
	}
	if err := s.catalog.KeepPictures(ctx, shop.ID, used, time.Now().Add(-pictureGrace)); err != nil {
		s.logger.Debug("console: unused pictures stay for now", "err", err)
	}
}

// pictureOf is what bytes are a picture of, and its size in pixels; "" if they
// are none that is shown here.
func pictureOf(data []byte) (kind string, width, height int) {
	if w, h, ok := webpSize(data); ok {
		return "image/webp", w, h
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || format != "png" && format != "jpeg" || config.Width <= 0 || config.Height <= 0 {
		return "", 0, 0
	}
	return "image/" + format, config.Width, config.Height
}

// webpSize reads the size of a WebP, which the standard library does not know:
// RFC 9649, sections 2.4 to 2.7.
func webpSize(b []byte) (width, height int, ok bool) {
	if len(b) < 30 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WEBP" || int64(binary.LittleEndian.Uint32(b[4:])) > int64(len(b)) {
		return 0, 0, false
	}
	switch chunk := b[20:]; string(b[12:16]) {
	case "VP8 ": // a key frame's start code, then two times 14 bits
		if chunk[0]&1 != 0 || chunk[3] != 0x9d || chunk[4] != 0x01 || chunk[5] != 0x2a {
			return 0, 0, false
		}
		width, height = int(binary.LittleEndian.Uint16(chunk[6:])&0x3fff), int(binary.LittleEndian.Uint16(chunk[8:])&0x3fff)
	case "VP8L": // a signature, then two times 14 bits, less one
		if chunk[0] != 0x2f {
			return 0, 0, false
		}
		bits := binary.LittleEndian.Uint32(chunk[1:])
		width, height = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1
	case "VP8X": // two times 24 bits, less one
		width = int(chunk[4]) | int(chunk[5])<<8 | int(chunk[6])<<16
		height = int(chunk[7]) | int(chunk[8])<<8 | int(chunk[9])<<16
		width, height = width+1, height+1
	}
	return width, height, width > 0 && height > 0
}
