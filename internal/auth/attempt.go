package auth

import "github.com/google/uuid"

// Attempt is the private cause of a refused sign-in or refresh: whose account it was about, for the security log.
type Attempt struct {
	User   uuid.UUID // Nil where there is no such account
	Reused bool      // a refresh token that was used before
}

// Error says what was attempted, and not by whom.
func (a *Attempt) Error() string {
	if a.Reused {
		return "the refresh token was used before"
	}
	return "the attempt failed"
}
