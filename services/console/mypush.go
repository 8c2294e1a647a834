package console

import (
	"crypto/ecdh"
	"encoding/base64"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/door/outside"
)

func (s *Service) pushRoutes(api fiber.Router) {
	api.Get("/me/push", s.mine(s.getMyPush))
	api.Post("/me/push", s.mine(s.subscribeMe))
	api.Delete("/me/push", s.mine(s.unsubscribeMe))
}

// getMyPush is the key that a browser subscribes with, and in how many browsers
// the shopper is notified.
func (s *Service) getMyPush(c *fiber.Ctx, shopper offers.ShopperID) error {
	keys, err := s.keys(c.UserContext())
	if err != nil {
		return err
	}
	key, err := keys.PushKey()
	if err != nil {
		return err
	}
	all, err := s.selves(c.UserContext(), shopper)
	if err != nil {
		return err
	}
	browsers, err := s.catalog.Subscriptions(c.UserContext(), all...)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"key": base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), "browsers": len(browsers)})
}

// subscription is a browser's PushSubscription, as it writes itself to JSON.
type subscription struct {
	Endpoint string `json:"endpoint"`
	Expires  any    `json:"expirationTime"` // no browser says it; the push service answers 410 when it is over
	Keys     struct {
		P256dh string `json:"p256dh"`
		Auth   string `json:"auth"`
	} `json:"keys"`
}

// authSize is how many bytes a browser shares with us alone (RFC 8291, section 3.2).
const authSize = 16

func (s *Service) subscribeMe(c *fiber.Ctx, shopper offers.ShopperID) error {
	var in subscription
	if err := read(c, &in); err != nil {
		return err
	}
	var wrong fieldErrors
	wrong.add(outside.Check(in.Endpoint, s.config.PushPrivate) == nil, "is not the address of a push service", "endpoint")
	point, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(in.Keys.P256dh, "="))
	if err == nil {
		_, err = ecdh.P256().NewPublicKey(point)
	}
	wrong.add(err == nil, "is no key of a browser", "keys.p256dh")
	auth, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(in.Keys.Auth, "="))
	wrong.add(err == nil && len(auth) == authSize, "is not what a browser shares", "keys.auth")
	if err := wrong.err(); err != nil {
		return err
	}
	err = s.catalog.Subscribe(c.UserContext(), catalog.PushSubscription{
		Endpoint: in.Endpoint, Shopper: shopper, P256dh: point, Auth: auth, Created: time.Now().UTC().Truncate(time.Microsecond),
	})
	if err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// unsubscribeMe lets one browser go, or all of the shopper's without an endpoint.
func (s *Service) unsubscribeMe(c *fiber.Ctx, shopper offers.ShopperID) error {
	var in struct {
		Endpoint string `json:"endpoint"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	all, err := s.selves(c.UserContext(), shopper)
	if err != nil {
		return err
	}
	if _, err := s.catalog.Unsubscribe(c.UserContext(), in.Endpoint, all...); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
