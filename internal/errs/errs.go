// Package errs is the one vocabulary for what can go wrong in a way a caller may react to.
//
// Owns: the error type, its kinds, the shape of a field problem.
// Does not own: HTTP status codes (package api alone maps a kind to one) and the concrete errors,
// which stand in the errors.go of the package whose rule they express.
//
// Invariants: Code is stable snake_case that clients may compare; Message is a public sentence
// without internals; whatever must stay private is wrapped as the cause.
package errs

import (
	"errors"
	"fmt"
	"time"
)

// Kind says which reaction fits, not what happened.
type Kind int

// The kinds. Anything that is not an *Error is an internal failure.
const (
	Invalid      Kind = iota + 1 // the request is well-formed but breaks a rule
	Malformed                    // the request cannot be read at all
	Unauthorized                 // who are you?
	Forbidden                    // known, but not allowed
	NotFound                     // absent, or not yours
	Conflict                     // the current state refuses it
	Stale                        // it has changed since the caller saw it
	Declined                     // the payment method was refused
	TooLarge                     // more bytes than accepted
	Unsupported                  // a media type that is not accepted
	Unavailable                  // try again later
	Limited                      // asked too often
)

// Field is one problem with one input.
type Field struct {
	In      string // "BODY", "QUERY", "PATH" or "HEADER"; empty means BODY
	Name    string // such as "quantity" or "shippingAddress.city"
	Code    string
	Message string
}

// Error is a problem a caller may react to.
type Error struct {
	Kind        Kind
	Code        string
	Message     string
	Fields      []Field
	DeclineCode string        // of a Declined error: the card network's reason
	Challenge   string        // of an Unauthorized error: what to send along with what is missing
	Total       string        // of an order whose total is not the expected one: what it would be, in decimals
	RetryAfter  time.Duration // when trying again makes sense; 0 means unknown
	cause       error
}

// New makes an error that packages keep as a variable and callers compare with errors.Is.
func New(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

// InvalidFields is an Invalid error that names every field problem at once.
func InvalidFields(fields ...Field) *Error {
	return New(Invalid, "validation_failed", "The request has invalid values.").With(fields...)
}

// Error is the public sentence, with the cause behind it for the log.
func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %v", e.Code, e.cause)
	}
	return e.Code
}

// Unwrap is the private cause.
func (e *Error) Unwrap() error { return e.cause }

// Is makes copies made by With and Wrap equal to the variable they came from.
func (e *Error) Is(target error) bool {
	var other *Error
	return errors.As(target, &other) && other.Code == e.Code && other.Kind == e.Kind
}

// With is a copy that names these fields.
func (e *Error) With(fields ...Field) *Error {
	copied := *e
	copied.Fields = append(append([]Field{}, e.Fields...), fields...)
	return &copied
}

// Saying is a copy with another public sentence, which knows more of the case.
func (e *Error) Saying(message string) *Error {
	copied := *e
	copied.Message = message
	return &copied
}

// Wrap is a copy that carries a private cause.
func (e *Error) Wrap(cause error) *Error {
	copied := *e
	copied.cause = cause
	return &copied
}

// WithTotal is a copy with what an order would cost, in decimals.
func (e *Error) WithTotal(total string) *Error {
	copied := *e
	copied.Total = total
	return &copied
}

// Challenging is a copy with what the caller is to send along with what is missing.
func (e *Error) Challenging(token string) *Error {
	copied := *e
	copied.Challenge = token
	return &copied
}

// After is a copy that says when to try again.
func (e *Error) After(wait time.Duration) *Error {
	copied := *e
	copied.RetryAfter = wait
	return &copied
}
