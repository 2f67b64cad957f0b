// Package page walks lists by signed cursors.
//
// Owns: the cursor's text and the limits of a page.
// Does not own: the queries, which page by key and never by offset.
//
// Invariants: a cursor opens only the list that made it, and only when it comes back unchanged.
//
// Words: a list is named by its operation and everything that decides its order.
package page

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"

	"cartwright/internal/errs"
)

// Limits of a page.
const (
	DefaultLimit = 20
	MaxLimit     = 100
)

// ErrCursor reports a cursor that this list did not make.
var ErrCursor = errs.InvalidFields(errs.Field{
	In: "QUERY", Name: "cursor", Code: "cursor_invalid", Message: "The cursor is not one that this list returned.",
})

const macSize = 16

// Codec makes cursors with one secret key and reads them also with those before it.
type Codec struct{ keys [][]byte }

// NewCodec derives its own keys from the shop's secrets, the one to make cursors with first.
func NewCodec(secrets ...[]byte) (codec Codec) {
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte("page cursors"))
		codec.keys = append(codec.keys, mac.Sum(nil))
	}
	return codec
}

// Encode writes the position after which the list's next page begins.
func (c Codec) Encode(list string, position any) (string, error) {
	body, err := json.Marshal(position)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(macOf(c.keys[0], list, body), body...)), nil
}

// Decode reads a cursor of this list into position; ErrCursor for anything else.
func (c Codec) Decode(list, cursor string, position any) error {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) < macSize || !c.made(list, raw[:macSize], raw[macSize:]) {
		return ErrCursor
	}
	if err := json.NewDecoder(bytes.NewReader(raw[macSize:])).Decode(position); err != nil {
		return ErrCursor.Wrap(err)
	}
	return nil
}

// made tells whether one of the keys made this cursor.
func (c Codec) made(list string, mac, body []byte) bool {
	return slices.ContainsFunc(c.keys, func(key []byte) bool { return hmac.Equal(mac, macOf(key, list, body)) })
}

func macOf(key []byte, list string, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(list))
	mac.Write([]byte{0})
	mac.Write(body)
	return mac.Sum(nil)[:macSize]
}

// Request asks for one page of a list.
type Request struct {
	Limit  int    // 0 means DefaultLimit
	Cursor string // "" means the first page
}

// Size is the number of rows asked for, within the limits.
func (r Request) Size() int {
	if r.Limit <= 0 {
		return DefaultLimit
	}
	return min(r.Limit, MaxLimit)
}

// Of is one page of a list; Next is "" on the last.
type Of[T any] struct {
	Items []T
	Next  string
}

// Cut makes a page of the rows that a query for one more than the page's size returned. The row too
// many only proves that there is a next page, which begins after the last row kept.
func Cut[T any](codec Codec, list string, rows []T, size int, position func(T) any) (Of[T], error) {
	if len(rows) <= size {
		return Of[T]{Items: rows}, nil
	}
	rows = rows[:size]
	next, err := codec.Encode(list, position(rows[size-1]))
	return Of[T]{Items: rows, Next: next}, err
}
