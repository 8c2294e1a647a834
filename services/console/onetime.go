package console

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
	"net/mail"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"aisle/offers"
	"aisle/offers/identity"
	"aisle/services/catalog"
	"aisle/services/state"
	"aisle/services/stream"
)

// codeAddress is where a code goes: a phone or a mailbox. Who reads it there has
// it, so it identifies them.
func codeAddress(to string) (offers.Identifier, offers.Channel, error) {
	to = strings.TrimSpace(to)
	if strings.Contains(to, "@") {
		address, err := mail.ParseAddress(to)
		id, ok := identity.Normalise(offers.Identifier{Type: offers.Email, Value: to}, "")
		if ok && err == nil && address.Address == to && len(to) <= 254 {
			return id, offers.ChannelEmail, nil
		}
		return offers.Identifier{}, "", fieldErrors{{"to", "is no e-mail address"}}
	}
	phone := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(to)
	id, ok := identity.Normalise(offers.Identifier{Type: offers.Phone, Value: phone}, "")
	if !ok || !phonePattern.MatchString(phone) {
		return offers.Identifier{}, "", fieldErrors{{"to", "write your number with its country, as +31612345678, or your e-mail address"}}
	}
	return id, offers.ChannelSMS, nil
}

// codeHashes are what is kept instead of an address and its code. Six digits are
// soon tried out, so they are hashed with the house's secret.
func codeHashes(keys catalog.Secrets, id offers.Identifier, code string) (address, hashed []byte) {
	sum := func(text string) []byte {
		h := hmac.New(sha256.New, keys.Token)
		h.Write([]byte("aisle sign-in code 1\n" + text))
		return h.Sum(nil)
	}
	where := string(id.Type) + ":" + id.Value
	return sum(where), sum(where + "\n" + code)
}

// sendCode sends a code to a phone or mailbox, whoever's it is: the answer is the
// same whether or not they are known here.
func (s *Service) sendCode(c *fiber.Ctx) error {
	var in struct {
		To string `json:"to"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	id, by, err := codeAddress(in.To)
	if err != nil {
		return err
	}
	now := time.Now()
	if !s.attempts.code("code", c.IP(), now) {
		return errTooMany
	}
	ctx := c.UserContext()
	keys, err := s.keys(ctx)
	if err != nil {
		return err
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return fmt.Errorf("code: %w: %w", offers.ErrUnavailable, err)
	}
	code := fmt.Sprintf("%06d", n)
	address, hashed := codeHashes(keys, id, code)
	until, err := s.catalog.KeepSignInCode(ctx, address, hashed, now)
	if errors.Is(err, offers.ErrDenied) {
		return errTooMany
	}
	if err != nil {
		return err
	}
	err = s.store.AskNotice(ctx, state.Notice{
		ID: uuid.NewString(), Channel: by, To: id.Value, Title: "Your code", Until: until,
		Text: code + " is your code to sign in. It is good for ten minutes. Nobody of ours will ever ask you for it.",
	})
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusAccepted).JSON(fiber.Map{"until": until})
}

// useCode signs in whoever has the code, and makes the number or mailbox theirs.
// Who is signed in already, as somebody who just joined, stays who they are
// unless the address is known as another's.
func (s *Service) useCode(c *fiber.Ctx) error {
	var in struct {
		To   string `json:"to"`
		Code string `json:"code"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	id, _, err := codeAddress(in.To)
	if err != nil {
		return err
	}
	if !s.attempts.code("code check", c.IP(), time.Now()) {
		return errTooMany
	}
	ctx := c.UserContext()
	keys, err := s.keys(ctx)
	if err != nil {
		return err
	}
	address, hashed := codeHashes(keys, id, strings.Join(strings.Fields(in.Code), ""))
	err = s.catalog.UseSignInCode(ctx, address, hashed, time.Now())
	if errors.Is(err, offers.ErrDenied) {
		return fmt.Errorf("%w: the code is not right, or its time is over: ask for another", offers.ErrDenied)
	}
	if err != nil {
		return err
	}
	ids := []offers.Identifier{id}
	if token := c.Cookies(shopperCookie); token != "" {
		if before, err := catalog.OpenToken(keys.Token, tokenApp, token, time.Now()); err == nil {
			install, err := s.installOf(c, before)
			if err != nil {
				return err
			}
			ids = append(ids, install...)
		}
	}
	who, err := s.store.Identify(ctx, identity.Clean(ids, ""), stream.NewTrace, "console/code")
	if err != nil {
		return err
	}
	traits := &offers.Traits{Email: id.Value}
	if id.Type == offers.Phone {
		traits = &offers.Traits{Phone: id.Value}
	}
	err = s.write(ctx, who, offers.Event{
		Type: offers.Identified, Identifiers: []offers.Identifier{id}, Time: time.Now().UTC().Truncate(time.Millisecond), Source: "app", Traits: traits,
	})
	if err != nil {
		return err
	}
	if err := s.setShopper(c, who.Shopper); err != nil {
		return err
	}
	return s.getMe(c, who.Shopper)
}

// installOf is the app by which a shopper joined, so that what they said there is
// theirs under the address, too.
func (s *Service) installOf(c *fiber.Ctx, shopper offers.ShopperID) ([]offers.Identifier, error) {
	who, err := s.nowKnownAs(c.UserContext(), shopper)
	if errors.Is(err, errSignIn) {
		return nil, nil // deleted
	}
	if err != nil {
		return nil, err
	}
	cluster, err := s.store.Cluster(c.UserContext(), who)
	if err != nil {
		return nil, err
	}
	for _, edge := range cluster.Edges {
		if edge.Identifier.Type == offers.AppInstall {
			return []offers.Identifier{edge.Identifier}, nil
		}
	}
	return nil, nil
}
