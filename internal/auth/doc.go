// Package auth knows who is asking.
//
// Owns: users' credentials, roles and permissions, sessions, access tokens, refresh tokens, API keys, second factors, who works for the
// shop and is invited to, and the letters that prove addresses.
// Does not own: which operation needs which permission (the published spec says so, package api
// enforces it), customers' profiles (package customers, though they stand in the rows of users), and the sending of
// letters (package notify).
//
// Invariants: passwords are stored as argon2id and hashed a few at a time; access tokens are short-
// lived JWTs with one fixed algorithm, issuer and audience, signed with one of at most two keys that they name, and
// worth what their session is; a refresh token works once, and using it again ends the whole family it came from; a
// mailed token works once, is stored as a hash, and exists in no job and no log; a wrong password and an unknown
// address take the same time and answer the same, and so does whatever an address alone is asked for; nobody signs in
// with an address that was not proven, and who registered with one without proving it is in nobody's way; there is always
// an active admin, because only one changes what others may do, and nobody what they may do themselves; what somebody
// loses, they lose with the next request, and so do the API keys that they made; an account with a second
// factor is opened by both factors and by nothing less, each code and recovery code works once, and ten may be tried in a
// quarter of an hour.
//
// Words: a letter is a mail that is owed to an address; a link is what it carries; a scope is a permission of an API key; a factor
// is a second factor, and a challenge a sign-in that waits for one.
package auth
