package auth

import (
	"time"

	"cartwright/internal/errs"
)

// What a caller may react to.
var (
	ErrCredentials = errs.New(errs.Unauthorized, "invalid_credentials", "The e-mail address or the password is wrong.")
	ErrToken       = errs.New(errs.Unauthorized, "invalid_token", "The token is not valid or has expired.")
	ErrAnonymous   = errs.New(errs.Unauthorized, "unauthenticated", "Sign in to do this.")
	ErrForbidden   = errs.New(errs.Forbidden, "forbidden", "Your account may not do this.")
	ErrEmailTaken  = errs.New(errs.Conflict, "email_taken", "There is an account with this address already.")
	ErrBusy        = errs.New(errs.Unavailable, "busy", "Too many people are signing in at once. Try again.").After(2 * time.Second)
	ErrWeak        = errs.InvalidFields(errs.Field{
		Name: "password", Code: "too_short", Message: "A password has at least 8 characters.",
	})
)
