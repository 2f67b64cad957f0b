// Package auth knows who is asking.
//
// Owns: users' credentials and roles, access tokens, refresh tokens.
// Does not own: which operation needs which permission (the published spec says so, package api
// enforces it) and customers' profiles.
//
// Invariants: passwords are stored as argon2id and hashed a few at a time; access tokens are short-
// lived JWTs with one fixed algorithm, issuer and audience; a refresh token works once, and using
// it again ends the whole family it came from; a wrong password and an unknown address take the
// same time and answer the same.
package auth
