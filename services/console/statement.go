package console

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/vision/tally"
)

// statement is something that the house says and stands for. What is signed is
// the text, letter by letter: JSON that people and programs read.
type statement struct {
	Signed    string `json:"signed"`
	Signature []byte `json:"signature"` // Ed25519
	Key       string `json:"key"`       // which of the house's keys
}

func (s *Service) signing(ctx context.Context) (ed25519.PrivateKey, error) {
	keys, err := s.keys(ctx)
	if err != nil {
		return nil, err
	}
	if len(keys.Sign) != ed25519.SeedSize {
		return nil, fmt.Errorf("signing key: %w: %d bytes, want %d", offers.ErrInvalid, len(keys.Sign), ed25519.SeedSize)
	}
	return ed25519.NewKeyFromSeed(keys.Sign), nil
}

// sign makes a statement of what is to be said.
func (s *Service) sign(ctx context.Context, says any) (statement, error) {
	key, err := s.signing(ctx)
	if err != nil {
		return statement{}, err
	}
	text, err := json.MarshalIndent(says, "", "  ")
	if err != nil {
		return statement{}, fmt.Errorf("statement: %w: %w", offers.ErrInvalid, err)
	}
	return statement{string(text), ed25519.Sign(key, text), tally.Fingerprint(key.Public().(ed25519.PublicKey))}, nil
}

// houseKey is what everybody checks our statements with.
func (s *Service) houseKey(c *fiber.Ctx) error {
	key, err := s.signing(c.UserContext())
	if err != nil {
		return err
	}
	public := key.Public().(ed25519.PublicKey)
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return fmt.Errorf("signing key: %w: %w", offers.ErrInvalid, err)
	}
	return c.JSON(fiber.Map{
		"algorithm": "Ed25519", "key": tally.Fingerprint(public), "public": []byte(public),
		"pem": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
	})
}

// download sends a statement as a file.
func download(c *fiber.Ctx, name string, s statement) error {
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	return c.JSON(s)
}
