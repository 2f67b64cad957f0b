package auth

import (
	"time"

	"cartwright/internal/emails"
	"cartwright/internal/errs"
)

// What a caller may react to.
var (
	ErrCredentials = errs.New(errs.Unauthorized, "invalid_credentials", "The e-mail address or the password is wrong.")
	ErrToken       = errs.New(errs.Unauthorized, "invalid_token", "The token is not valid or has expired.")
	ErrAnonymous   = errs.New(errs.Unauthorized, "unauthenticated", "Sign in to do this.")
	ErrForbidden   = errs.New(errs.Forbidden, "forbidden", "Your account may not do this.")
	ErrCSRF        = errs.New(errs.Forbidden, "csrf_token_invalid", "Send the X-CSRF-Token of the session along with this.")
	ErrPassword    = errs.New(errs.Forbidden, "wrong_password", "The password is wrong.")
	ErrRecent      = errs.New(errs.Forbidden, "recent_sign_in_required", "Sign in again to do this: your last sign-in is more than 15 minutes ago.")
	ErrEmail       = errs.InvalidFields(errs.Field{Name: "email", Code: "format", Message: "This is " + emails.ErrAddress.Error() + "."})
	ErrEmailTaken  = errs.New(errs.Conflict, "email_taken", "There is an account with this address already.")
	ErrNoSession   = errs.New(errs.NotFound, "session_not_found", "There is no such session.")
	ErrBusy        = errs.New(errs.Unavailable, "busy", "Too many people are signing in at once. Try again.").After(2 * time.Second)
	ErrLink        = errs.New(errs.Invalid, "link_expired", "The link was used already, or it is too old. Ask for another.").
			With(errs.Field{Name: "token", Code: "link_expired", Message: "This token is of no use any more."})
	ErrWeak = errs.New(errs.Invalid, "weak_password", "The password is too easy to guess.")
)

// What a caller may react to of second factors.
var (
	ErrSecondFactor  = errs.New(errs.Unauthorized, "second_factor_required", "Your account has a second factor: enter the code that your app shows.")
	ErrChallenge     = errs.New(errs.Unauthorized, "challenge_expired", "This sign-in took too long, or is done already. Start again.")
	ErrSignInCode    = errs.New(errs.Unauthorized, "invalid_code", "The code is wrong, or was used already.")
	ErrCode          = errs.New(errs.Forbidden, "wrong_code", "The code is wrong, or was used already.")
	ErrTries         = errs.New(errs.Limited, "rate_limited", "Too many codes were tried. Try again later.")
	ErrFactorMissing = errs.New(errs.Forbidden, "second_factor_missing", "Add a second factor to your account before you do this.")
	ErrFactorActive  = errs.New(errs.Conflict, "second_factor_active", "Your account has a second factor. Disable it before you add another.")
	ErrNoEnrolment   = errs.New(errs.Conflict, "second_factor_not_begun", "There is nothing to confirm, or it took too long. Begin again.")
	ErrNoFactor      = errs.New(errs.Conflict, "second_factor_not_active", "Your account has no second factor.")
	ErrOwnFactor     = errs.New(errs.Conflict, "own_second_factor", "Disable your own second factor with a code of it.")
	ErrFactorGone    = errs.New(errs.NotFound, "second_factor_not_found", "There is no such account, or it has no second factor.")
)

// weak is ErrWeak with the reason.
func weak(code, message string) error {
	return ErrWeak.With(errs.Field{Name: "password", Code: code, Message: message})
}

// What a caller may react to who manages API keys.
var (
	ErrNoKey       = errs.New(errs.NotFound, "api_key_not_found", "There is no such key, or it was revoked.")
	ErrTooManyKeys = errs.New(errs.Conflict, "too_many_api_keys", "Fifty keys of yours work already. Revoke some.")
	ErrScope       = errs.New(errs.Forbidden, "scope_not_held", "A key cannot do what you may not do yourself.")
	ErrKeyExpiry   = errs.InvalidFields(errs.Field{
		Name: "expiresAt", Code: "invalid_date", Message: "This is no time after now.",
	})
)

// scopesNotHeld is ErrScope with those that are too many.
func scopesNotHeld(more []Permission) error {
	err := ErrScope
	for _, scope := range more {
		err = err.With(errs.Field{Name: "scopes", Code: ErrScope.Code, Message: "You may not do this yourself: " + string(scope) + "."})
	}
	return err
}

// What a caller may react to who manages staff.
var (
	ErrNoMember           = errs.New(errs.NotFound, "staff_member_not_found", "There is no such member of staff.")
	ErrOwnAccount         = errs.New(errs.Conflict, "own_account", "Nobody changes what they may do themselves. Ask another admin.")
	ErrAlreadyStaff       = errs.New(errs.Conflict, "already_staff", "The address is that of a member of staff, active or not.")
	ErrNoInvitation       = errs.New(errs.NotFound, "invitation_not_found", "There is no such invitation.")
	ErrTooManyInvitations = errs.New(errs.Conflict, "too_many_invitations", "A hundred invitations wait for an answer. Revoke some.")
	ErrAdminHasAll        = errs.InvalidFields(errs.Field{
		Name: "permissions", Code: "not_for_admins", Message: "An admin has all permissions. Leave them out.",
	})
)
