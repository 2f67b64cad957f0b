package auth

import "cartwright/internal/emails"

// parse returns an address as it is stored and written to.
// Errors: ErrEmail.
func parse(email string) (string, error) {
	address, err := emails.Parse(email)
	if err != nil {
		return "", ErrEmail.Wrap(err)
	}
	return address, nil
}
