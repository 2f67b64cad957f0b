package auth_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/auth"
	"cartwright/internal/postgres"
)

// The victim's address, and texts that look like it or that some folding of letters takes for it.
const victim = "victim.k.s@github-shop.com"

var lookAlikes = []string{
	"victim.k.s@g\u0130thub-shop.com", "v\u0130ctim.k.s@github-shop.com", "v\u0131ctim.k.s@github-shop.com", "victim.k.\u017f@github-shop.com",
	"\uff56ictim.k.s@github-shop.com", "victim\u200b.k.s@github-shop.com", "vi\u0307ctim.k.s@github-shop.com", "victim.k.s@g\u0131thub-shop.com",
}

// spellings are other texts for the victim's mailbox: a domain is what the DNS makes of it.
var spellings = []string{
	"VICTIM.K.S@GITHUB-SHOP.COM", "victim.\u212a.s@github-shop.com", "victim.k.s@\uff47ithub-shop.com", "victim.k.s@github\u200b-shop.com", "victim.k.s@github-\u017fhop.com",
}

// sentTo is the newest letter as it is sent; empty when it is not.
func sentTo(t *testing.T, service *auth.Service, db *postgres.DB) auth.Letter {
	t.Helper()
	var id uuid.UUID
	require.NoError(t, db.QueryRow(t.Context(), "SELECT id FROM letters ORDER BY id DESC LIMIT 1").Scan(&id))
	letter, owed, err := service.Write(t.Context(), id)
	require.NoError(t, err)
	if !owed {
		return auth.Letter{}
	}
	return letter
}

func TestReset_MailsTheStoredAddressOfTheAccountAlone(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	require.NoError(t, service.CreateUser(t.Context(), victim, password, auth.Customer))
	for _, typed := range lookAlikes {
		require.NoError(t, service.RequestReset(t.Context(), typed))
		require.Empty(t, sentTo(t, service, db), typed)
	}
	for _, typed := range spellings {
		require.NoError(t, service.RequestReset(t.Context(), typed))
		letter := sentTo(t, service, db)
		require.Equal(t, victim, letter.Email, typed)
		require.NoError(t, service.ResetPassword(t.Context(), auth.Reset{Token: letter.Token, Password: "another password of tests"}), typed)
	}
}

func TestLogin_TakesNoLookAlikeForTheAccount(t *testing.T) {
	t.Parallel()
	service, _, _ := setup(t)
	require.NoError(t, service.CreateUser(t.Context(), victim, password, auth.Customer))
	for _, typed := range lookAlikes {
		_, err := service.Login(t.Context(), auth.Login{Email: typed, Password: password})
		require.ErrorIs(t, err, auth.ErrCredentials, typed)
	}
	for _, typed := range spellings {
		_, err := service.Login(t.Context(), auth.Login{Email: typed, Password: password})
		require.NoError(t, err, typed)
	}
}

func TestRegister_WritesAboutAnAccountToItsStoredAddress(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	require.NoError(t, service.CreateUser(t.Context(), victim, password, auth.Customer))
	for _, typed := range lookAlikes {
		err := service.Register(t.Context(), auth.Register{Email: typed, Password: password})
		if err != nil {
			require.ErrorIs(t, err, auth.ErrEmail, typed)
			continue
		}
		letter := sentTo(t, service, db)
		require.Equal(t, auth.VerifyAddress, letter.Purpose, "%s is another mailbox", typed)
		require.NotEqual(t, victim, letter.Email)
		require.Regexp(t, `^[!-~]+$`, letter.Email, "it is written to in ASCII")
	}
	for _, typed := range []string{"VICTIM.K.S@GITHUB-SHOP.COM", "victim.k.s@\uff47ithub-shop.com"} {
		require.NoError(t, service.Register(t.Context(), auth.Register{Email: typed, Password: password}))
		letter := sentTo(t, service, db)
		require.Equal(t, auth.AccountExists, letter.Purpose, typed)
		require.Equal(t, victim, letter.Email, typed)
	}
}

func TestRegister_TakesComposedAndDecomposedDomainsForOneAddress(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	var seen []string
	for _, typed := range []string{"user@m\u00fcnchen.example", "user@mu\u0308nchen.example", "USER@xn--mnchen-3ya.example"} {
		require.NoError(t, service.Register(t.Context(), auth.Register{Email: typed, Password: password}))
		seen = append(seen, sentTo(t, service, db).Email)
	}
	require.Equal(t, []string{"user@xn--mnchen-3ya.example", "user@xn--mnchen-3ya.example", "USER@xn--mnchen-3ya.example"}, seen)
	var accounts int
	require.NoError(t, db.QueryRow(t.Context(), "SELECT count(*) FROM users WHERE email_key = 'user@xn--mnchen-3ya.example'").Scan(&accounts))
	require.Equal(t, 1, accounts)
}

func TestChangeEmail_GivesNobodyAnothersAddress(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	require.NoError(t, service.CreateUser(t.Context(), victim, password, auth.Customer))
	pair, err := service.Login(t.Context(), auth.Login{Email: email, Password: password})
	require.NoError(t, err)
	who, err := service.Authenticate(t.Context(), pair.AccessToken)
	require.NoError(t, err)
	for _, typed := range append(append([]string{}, lookAlikes...), "victim.k.s@github-\u017fhop.com", "VICTIM.K.S@github-shop.com") {
		if err := service.RequestEmail(t.Context(), who, typed, password); err != nil {
			require.ErrorIs(t, err, auth.ErrEmail, typed)
			continue
		}
		letter := sentTo(t, service, db)
		if letter.Purpose == auth.AccountExists {
			require.Equal(t, victim, letter.Email, typed)
			continue
		}
		require.Equal(t, auth.ChangeAddress, letter.Purpose)
		require.NotEqual(t, victim, letter.Email)
		require.Regexp(t, `^[!-~]+$`, letter.Email, typed)
	}
}

func TestInviteStaff_WritesToTheStoredAddressAndTellsLookAlikesApart(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	require.NoError(t, service.CreateUser(t.Context(), victim, password, auth.Customer))
	require.NoError(t, service.CreateUser(t.Context(), "admin@example.com", password, auth.Admin))
	pair, err := service.Login(t.Context(), auth.Login{Email: "admin@example.com", Password: password})
	require.NoError(t, err)
	who, err := service.Authenticate(t.Context(), pair.AccessToken)
	require.NoError(t, err)
	for _, typed := range append(append([]string{}, lookAlikes...), "victim.k.s@github-\u017fhop.com", "VICTIM.K.S@github-shop.com") {
		if _, err := service.InviteStaff(t.Context(), who, auth.Invite{Email: typed, Role: auth.Staff}); err != nil {
			require.ErrorIs(t, err, auth.ErrEmail, typed)
			continue
		}
		require.Regexp(t, `^[!-~]+$`, sentTo(t, service, db).Email, typed)
	}
	require.Equal(t, victim, sentTo(t, service, db).Email, "the last one was a spelling of the account's")
	_, err = service.InviteStaff(t.Context(), who, auth.Invite{Email: "ADMIN@\uff45xample.com", Role: auth.Staff})
	require.ErrorIs(t, err, auth.ErrAlreadyStaff)
}
