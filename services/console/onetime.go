package console

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
	"net/mail"
	"regexp"
	"slices"
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
	id, ok := phoneOf(to)
	if !ok {
		return offers.Identifier{}, "", fieldErrors{{"to", "write your number with its country, as +31612345678, or your e-mail address"}}
	}
	return id, offers.ChannelSMS, nil
}

var phonePattern = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`) // E.164

// phoneOf is a telephone number as people write it, with its country.
func phoneOf(text string) (id offers.Identifier, ok bool) {
	phone := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(text)
	id, ok = identity.Normalise(offers.Identifier{Type: offers.Phone, Value: phone}, "")
	return id, ok && phonePattern.MatchString(phone)
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
	until, err := s.sendCodeTo(c, id, by)
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusAccepted).JSON(fiber.Map{"until": until})
}

// sendCodeTo asks the notifier to send a code, which holds until the time that is
// given back. A tooManyError: too many were asked for, here or for this address.
func (s *Service) sendCodeTo(c *fiber.Ctx, id offers.Identifier, by offers.Channel) (until time.Time, err error) {
	ctx, now := c.UserContext(), time.Now()
	if err := s.attempts.code("code", c.IP(), now); err != nil {
		return until, err
	}
	keys, err := s.keys(ctx)
	if err != nil {
		return until, err
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return until, fmt.Errorf("code: %w: %w", offers.ErrUnavailable, err)
	}
	code := fmt.Sprintf("%06d", n)
	address, hashed := codeHashes(keys, id, code)
	until, err = s.catalog.KeepSignInCode(ctx, address, hashed, now)
	if errors.Is(err, offers.ErrDenied) {
		return until, tooManyError{time.Hour} // at most: they are counted by the hour
	}
	if err != nil {
		return until, err
	}
	language := cmp.Or(c.AcceptsLanguages("en", "nl", "ar"), "en") // those of the app
	letter := codeLetters[language]
	return until, s.store.AskNotice(ctx, state.Notice{
		ID: uuid.NewString(), Channel: by, To: id.Value, Title: letter.title, Text: code + letter.text, Language: language, Until: until,
	})
}

// codeLetters are what goes with a code, by language.
var codeLetters = map[string]struct{ title, text string }{
	"en": {"Your code", " is your code. It is good for ten minutes. If it was not you who asked, do nothing. Nobody of ours will ever ask you for it."},
	"nl": {"Je code", " is je code. Hij geldt tien minuten. Was jij het niet die erom vroeg, doe dan niets. Niemand van ons vraagt je er ooit om."},
	"ar": {"رمزك", " هو رمزك. وهو صالح لعشر دقائق. إن لم تكن أنت من طلبه فلا تفعل شيئًا. لن يسألك عنه أحد منا أبدًا."},
}

// useCode signs in whoever has the code, and makes the number or mailbox theirs.
// Who is signed in already stays who they are. An address that is known as
// another's makes who just joined that one, and is ErrConflict for all else.
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
	if err := s.attempts.code("code check", c.IP(), time.Now()); err != nil {
		return err
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
			own, err := s.knownBy(ctx, before)
			if err != nil {
				return err
			}
			ids = append(own, ids...)
		}
	}
	who, err := s.store.Identify(ctx, identity.Clean(ids, ""), stream.NewTrace, "console/code")
	if err != nil {
		return err
	}
	if slices.ContainsFunc(who.Dropped, func(id offers.Identifier) bool { return identity.Person(id.Type) }) {
		return fmt.Errorf("%w: this address cannot be yours here: it is another's whom we know, or you have had too many", offers.ErrConflict)
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
	mine, err := s.me(ctx, who.Shopper)
	if err != nil {
		return err
	}
	if id.Type == offers.Phone {
		mine.Phone = mask(id.Value) // in place of another that is not folded away yet
	}
	return c.JSON(mine)
}

// knownBy is the identifier that says most surely who a shopper is, so that an
// address becomes theirs; none of who was deleted.
func (s *Service) knownBy(ctx context.Context, shopper offers.ShopperID) ([]offers.Identifier, error) {
	who, err := s.nowKnownAs(ctx, shopper)
	if errors.Is(err, errSignIn) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	known, err := s.store.Known(ctx, []offers.ShopperID{who})
	if err != nil || len(known[0].Edges) == 0 {
		return nil, err
	}
	return []offers.Identifier{known[0].Edges[0].Identifier}, nil
}
