package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
)

// What may be wrong with a sealed text.
var (
	ErrSecret = errors.New("it was sealed with a secret that is not known any more")
	ErrSealed = errors.New("it is not what was sealed, or was sealed about something else")
)

const (
	idSize   = 8
	saltSize = 16
	keySize  = 32 // of AES-256
)

// Box seals and opens texts of one purpose.
type Box struct{ keys []key }

// key is what comes of a secret for one purpose, and the name by which a sealed text says so.
type key struct{ id, root []byte }

// New makes a box for this purpose. The first secret seals; all of them open.
func New(purpose string, secrets [][]byte) (*Box, error) {
	b := &Box{}
	for _, secret := range secrets {
		root, err := hkdf.Key(sha256.New, secret, nil, "cartwright seals "+purpose, keySize)
		if err != nil {
			return nil, fmt.Errorf("derive a key: %w", err)
		}
		id, err := hkdf.Expand(sha256.New, root, "its name", idSize)
		if err != nil {
			return nil, fmt.Errorf("name a key: %w", err)
		}
		b.keys = append(b.keys, key{id: id, root: root})
	}
	return b, nil
}

// Seal seals a text about something, such as the id of its row.
func (b *Box) Seal(text []byte, about string) ([]byte, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails: crypto/rand ends the program first
	gcm, err := b.keys[0].cipher(salt)
	if err != nil {
		return nil, err
	}
	return gcm.Seal(slices.Concat(b.keys[0].id, salt), nil, text, []byte(about)), nil //nolint:gosec // the cipher makes the nonce itself, and takes none
}

// Open opens what was sealed about the same; stale tells that it better be sealed anew. ErrSecret, ErrSealed.
func (b *Box) Open(sealed []byte, about string) (text []byte, stale bool, err error) {
	if len(sealed) < idSize+saltSize {
		return nil, false, ErrSealed
	}
	id, salt, rest := sealed[:idSize], sealed[idSize:idSize+saltSize], sealed[idSize+saltSize:]
	at := slices.IndexFunc(b.keys, func(k key) bool { return bytes.Equal(k.id, id) })
	if at < 0 {
		return nil, false, ErrSecret
	}
	gcm, err := b.keys[at].cipher(salt)
	if err != nil {
		return nil, false, err
	}
	if text, err = gcm.Open(nil, nil, rest, []byte(about)); err != nil {
		return nil, false, ErrSealed
	}
	return text, at > 0, nil
}

// Mark is how every text begins that is sealed with the first secret, for whoever looks for stale ones.
func (b *Box) Mark() []byte { return b.keys[0].id }

// cipher is the one of a text with this salt.
func (k key) cipher(salt []byte) (cipher.AEAD, error) {
	own, err := hkdf.Expand(sha256.New, k.root, "a text"+string(salt), keySize)
	if err != nil {
		return nil, fmt.Errorf("derive a text's key: %w", err)
	}
	block, err := aes.NewCipher(own)
	if err != nil {
		return nil, fmt.Errorf("set up the cipher: %w", err)
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("set up the cipher: %w", err)
	}
	return gcm, nil
}
