package push

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"aisle/offers"
)

// Sizes of RFC 8291: a push service takes 4096 bytes, in one record whose
// header holds the salt, the size of records, and our public key of this message.
const (
	saltSize   = 16
	recordSize = 4096
	pointSize  = 65
	headerSize = saltSize + 4 + 1 + pointSize
	tagSize    = 16
	longest    = recordSize - headerSize - tagSize - 1 // of a message; the last byte ends it
)

// padStep is what lengths are rounded up to, so that the push service cannot
// tell one offer from another by its length.
const padStep = 512

// encrypt seals a message so that only the browser with this key can read it
// (RFC 8291 over RFC 8188). Ours is a key for this message alone, salt is drawn
// for it, and pad is how many zeros follow it.
func encrypt(message []byte, pad int, browser *ecdh.PublicKey, auth []byte, ours *ecdh.PrivateKey, salt []byte) ([]byte, error) {
	if len(message)+pad > longest {
		return nil, fmt.Errorf("push: %w: %d bytes are more than a notification holds", offers.ErrInvalid, len(message))
	}
	shared, err := ours.ECDH(browser)
	if err != nil {
		return nil, fmt.Errorf("push: the browser's key: %w: %w", offers.ErrInvalid, err)
	}
	public := ours.PublicKey().Bytes()
	info := "WebPush: info\x00" + string(browser.Bytes()) + string(public)
	secret, err := hkdf.Key(sha256.New, shared, auth, info, 32)
	if err != nil {
		return nil, fmt.Errorf("push: %w: %w", offers.ErrInvalid, err)
	}
	key, err := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, fmt.Errorf("push: %w: %w", offers.ErrInvalid, err)
	}
	nonce, err := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, fmt.Errorf("push: %w: %w", offers.ErrInvalid, err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("push: %w: %w", offers.ErrInvalid, err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("push: %w: %w", offers.ErrInvalid, err)
	}
	body := make([]byte, 0, headerSize+len(message)+1+pad+tagSize)
	body = append(body, salt...)
	body = binary.BigEndian.AppendUint32(body, recordSize)
	body = append(body, byte(len(public)))
	body = append(body, public...)
	plain := make([]byte, len(message)+1+pad)
	copy(plain, message)
	plain[len(message)] = 2 // the last record
	return gcm.Seal(body, nonce, plain, nil), nil
}

// padding is how many zeros follow a message of this length.
func padding(length int) int {
	return max(min((length+padStep-1)/padStep*padStep, longest)-length, 0)
}
