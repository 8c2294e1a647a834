package vision

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"

	"aisle/offers"
)

// SealKey makes the key for Seal and Open of a secret of 32 characters or more.
func SealKey(secret string) ([]byte, error) {
	if len(secret) < 32 {
		return nil, fmt.Errorf("seal key: %w: %d characters, needs 32; `openssl rand -hex 32` makes one", offers.ErrInvalid, len(secret))
	}
	return hkdf.Key(sha256.New, []byte(secret), nil, "aisle faces 1", 32)
}

// Seal encrypts the vector of one face (AES-256-GCM, random nonce in front). It
// opens only for the same shopper and model, so that a row which was moved to
// another shopper in the database is of no use.
func Seal(key []byte, shopper offers.ShopperID, model string, v Vector) ([]byte, error) {
	aead, err := sealer(key)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, v.bytes(), sealedFor(shopper, model)), nil
}

// Open is the vector of a sealed face. The error is ErrDenied where key, shopper
// or model are not those of Seal, or the bytes were changed.
func Open(key []byte, shopper offers.ShopperID, model string, sealed []byte) (Vector, error) {
	aead, err := sealer(key)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nil, sealed, sealedFor(shopper, model))
	if err != nil {
		return nil, fmt.Errorf("sealed face: %w: %w", offers.ErrDenied, err)
	}
	return vectorOf(plain)
}

func sealer(key []byte) (cipher.AEAD, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("seal key: %w: %d bytes, needs 32", offers.ErrInvalid, len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal key: %w: %w", offers.ErrInvalid, err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func sealedFor(shopper offers.ShopperID, model string) []byte {
	return []byte(string(shopper) + "\x00" + model)
}

// How a vector is written: small whole numbers, as LBP's are, in a byte each,
// others in four. The first byte tells.
const (
	inBytes  = 'b'
	inFloats = 'f'
)

func (v Vector) bytes() []byte {
	small := true
	for _, x := range v {
		small = small && x >= 0 && x <= 255 && x == float32(uint8(x))
	}
	if small {
		out := []byte{inBytes}
		for _, x := range v {
			out = append(out, uint8(x))
		}
		return out
	}
	out := []byte{inFloats}
	for _, x := range v {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(x))
	}
	return out
}

func vectorOf(b []byte) (Vector, error) {
	switch {
	case len(b) > 1 && b[0] == inBytes:
		v := make(Vector, len(b)-1)
		for i, x := range b[1:] {
			v[i] = float32(x)
		}
		return v, nil
	case len(b) > 1 && b[0] == inFloats && len(b)%4 == 1:
		v := make(Vector, (len(b)-1)/4)
		for i := range v {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[1+4*i:]))
			if math.IsNaN(float64(v[i])) || math.IsInf(float64(v[i]), 0) {
				return nil, fmt.Errorf("sealed face: %w: not a vector", offers.ErrInvalid)
			}
		}
		return v, nil
	}
	return nil, fmt.Errorf("sealed face: %w: not a vector", offers.ErrInvalid)
}
