package auth_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cartwright/internal/auth"
	"cartwright/internal/postgres"
)

// office is a service with an admin who invites.
func office(t *testing.T) (*auth.Service, *postgres.DB, *watch, auth.Principal) {
	t.Helper()
	service, db, clock := setup(t)
	return service, db, clock, user(t, service, "admin@example.com", auth.Admin)
}

// invited is the letter to somebody who was invited to look after orders.
func invited(t *testing.T, service *auth.Service, db *postgres.DB, admin auth.Principal, email string) auth.Letter {
	t.Helper()
	_, err := service.InviteStaff(t.Context(), admin, auth.Invite{Email: email, Role: auth.Staff, Permissions: []auth.Permission{auth.OrdersRead}})
	require.NoError(t, err)
	letter := last(t, service, db, auth.InviteToStaff)
	require.Equal(t, email, letter.Email)
	require.NotEmpty(t, letter.Token)
	return letter
}

func accept(ctx context.Context, service *auth.Service, token string) error {
	return service.AcceptInvitation(ctx, auth.Accept{Token: token, Password: other, FirstName: "Ada", LastName: "Byron"})
}

func TestAnInvitationMakesAMemberOfStaff(t *testing.T) {
	t.Parallel()
	service, db, _, admin := office(t)
	letter := invited(t, service, db, admin, newcomer)
	require.Equal(t, letter, last(t, service, db, auth.InviteToStaff), "a letter that is written again is the same")
	require.NoError(t, service.Sent(t.Context(), letter))
	err := service.AcceptInvitation(t.Context(), auth.Accept{Token: letter.Token, Password: "password1"})
	require.ErrorIs(t, err, auth.ErrWeak)
	require.ErrorIs(t, accept(t.Context(), service, letter.Token+"x"), auth.ErrLink)
	require.NoError(t, accept(t.Context(), service, letter.Token))
	who := signedIn(t, service, newcomer, other)
	require.Equal(t, auth.Staff, who.Role)
	require.NoError(t, who.Allow(auth.OrdersRead))
	require.ErrorIs(t, who.Allow(auth.OrdersWrite), auth.ErrForbidden)
	member, err := service.StaffMember(t.Context(), who.UserID)
	require.NoError(t, err)
	require.Equal(t, []string{"Ada", "Byron"}, []string{member.FirstName, member.LastName})
	require.ErrorIs(t, accept(t.Context(), service, letter.Token), auth.ErrLink, "once")
	left, err := service.ListInvitations(t.Context())
	require.NoError(t, err)
	require.Empty(t, left)
	_, err = service.InviteStaff(t.Context(), admin, auth.Invite{Email: "NEWCOMER@example.com", Role: auth.Admin})
	require.ErrorIs(t, err, auth.ErrAlreadyStaff)
}

func TestAnInvitationIsUsedOnceOfTwentyTimesAtOnce(t *testing.T) {
	t.Parallel()
	service, db, _, admin := office(t)
	letter := invited(t, service, db, admin, newcomer)
	ctx := context.WithoutCancel(t.Context())
	var good atomic.Int32
	together(20, func(int) {
		if err := patiently(func() error { return accept(ctx, service, letter.Token) }); err == nil {
			good.Add(1)
		} else {
			assert.ErrorIs(t, err, auth.ErrLink)
		}
	})
	require.EqualValues(t, 1, good.Load())
}

func TestACustomerIsPromotedByAcceptingAndNotBefore(t *testing.T) {
	t.Parallel()
	service, db, _, admin := office(t)
	pair := login(t, service)
	before := me(t, service)
	letter := invited(t, service, db, admin, email)
	still, err := service.Authenticate(t.Context(), pair.AccessToken)
	require.NoError(t, err)
	require.Equal(t, auth.Customer, still.Role)
	require.NoError(t, accept(t.Context(), service, letter.Token))
	_, err = service.Authenticate(t.Context(), pair.AccessToken)
	require.ErrorIs(t, err, auth.ErrToken, "what was signed in as a customer stays that")
	now := signedIn(t, service, email, other)
	require.Equal(t, before.UserID, now.UserID, "it is the same account")
	require.Equal(t, auth.Staff, now.Role)
}

func TestAnInvitationIsWorthNothing(t *testing.T) {
	t.Parallel()
	for name, dies := range map[string]func(*testing.T, *auth.Service, *postgres.DB, *watch, auth.Principal){
		"after a week": func(_ *testing.T, _ *auth.Service, _ *postgres.DB, clock *watch, _ auth.Principal) {
			clock.add(7 * 24 * time.Hour)
		},
		"once it is replaced": func(t *testing.T, service *auth.Service, db *postgres.DB, _ *watch, admin auth.Principal) {
			invited(t, service, db, admin, "Newcomer@example.com")
		},
		"once it is revoked": func(t *testing.T, service *auth.Service, _ *postgres.DB, _ *watch, admin auth.Principal) {
			open, err := service.ListInvitations(t.Context())
			require.NoError(t, err)
			require.Len(t, open, 1)
			require.NoError(t, service.RevokeInvitation(t.Context(), admin, open[0].ID))
			require.ErrorIs(t, service.RevokeInvitation(t.Context(), admin, open[0].ID), auth.ErrNoInvitation)
		},
		"once who sent it is shut out": func(t *testing.T, service *auth.Service, _ *postgres.DB, _ *watch, admin auth.Principal) {
			chief := user(t, service, "chief@example.com", auth.Admin)
			_, err := service.DeactivateStaffMember(t.Context(), chief, admin.UserID)
			require.NoError(t, err)
			_, err = service.ReactivateStaffMember(t.Context(), chief, admin.UserID)
			require.NoError(t, err, "and it does not come back")
		},
		"once who sent it may invite no longer": func(t *testing.T, service *auth.Service, _ *postgres.DB, _ *watch, admin auth.Principal) {
			chief := user(t, service, "chief@example.com", auth.Admin)
			_, err := service.UpdateStaffMember(t.Context(), chief, admin.UserID, roleOf(auth.Staff))
			require.NoError(t, err)
		},
		"once who sent it lost the right in the database": func(t *testing.T, _ *auth.Service, db *postgres.DB, _ *watch, admin auth.Principal) {
			_, err := db.Exec(t.Context(), `UPDATE users SET is_active = false WHERE id = $1`, admin.UserID)
			require.NoError(t, err)
		},
		"once who sent it was demoted in the database": func(t *testing.T, _ *auth.Service, db *postgres.DB, _ *watch, admin auth.Principal) {
			_, err := db.Exec(t.Context(), `UPDATE users SET role = 'staff', permissions = '{settings:write}' WHERE id = $1`, admin.UserID)
			require.NoError(t, err)
		},
		"once its address has become staff's": func(t *testing.T, service *auth.Service, _ *postgres.DB, _ *watch, _ auth.Principal) {
			require.NoError(t, service.CreateUser(t.Context(), newcomer, password, auth.Admin))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service, db, clock, admin := office(t)
			letter := invited(t, service, db, admin, newcomer)
			dies(t, service, db, clock, admin)
			require.ErrorIs(t, accept(t.Context(), service, letter.Token), auth.ErrLink)
			var staff int
			require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM users WHERE email = $1 AND role = 'staff'`, newcomer).Scan(&staff))
			require.Zero(t, staff)
			require.NoError(t, service.Prune(t.Context(), auth.Prune{}))
		})
	}
}

func TestInvitationsHaveAnEnd(t *testing.T) {
	t.Parallel()
	service, db, clock, admin := office(t)
	invite := func(i int) error {
		_, err := service.InviteStaff(t.Context(), admin, auth.Invite{Email: fmt.Sprintf("%d@example.com", i), Role: auth.Admin})
		return err
	}
	for i := range 100 {
		require.NoError(t, invite(i))
	}
	require.ErrorIs(t, invite(100), auth.ErrTooManyInvitations)
	require.NoError(t, invite(99), "one that is replaced makes room for itself")
	open, err := service.ListInvitations(t.Context())
	require.NoError(t, err)
	require.Len(t, open, 100)
	require.Equal(t, "99@example.com", open[0].Email)
	require.Equal(t, auth.Permissions, open[0].Permissions)
	clock.add(7 * 24 * time.Hour)
	admin = signedIn(t, service, "admin@example.com", password)
	require.NoError(t, invite(100))
	require.NoError(t, service.Prune(t.Context(), auth.Prune{}))
	var kept int
	require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM invitations`).Scan(&kept))
	require.Equal(t, 1, kept)
	_, err = service.InviteStaff(t.Context(), admin, auth.Invite{Email: "both@example.com", Role: auth.Admin, Permissions: auth.Permissions})
	require.ErrorIs(t, err, auth.ErrAdminHasAll)
	_, err = service.InviteStaff(t.Context(), me(t, service), auth.Invite{Email: "x@example.com", Role: auth.Admin})
	require.ErrorIs(t, err, auth.ErrForbidden)
}

func TestAnInvitationAndItsLetterAreOwedTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	service, db, _, admin := office(t)
	count := func(table string) (count int) {
		require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&count))
		return count
	}
	err := db.InTx(t.Context(), func(ctx context.Context, _ pgx.Tx) error {
		_, err := service.InviteStaff(ctx, admin, auth.Invite{Email: newcomer, Role: auth.Staff})
		require.NoError(t, err)
		return context.Canceled
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []int{0, 0, 0}, []int{count("invitations"), count("letters"), count("river_job")})
	letter := invited(t, service, db, admin, newcomer)
	require.Equal(t, []int{1, 1, 1}, []int{count("invitations"), count("letters"), count("river_job")})
	var args, kept string
	require.NoError(t, db.QueryRow(t.Context(), `SELECT args::text FROM river_job`).Scan(&args))
	require.NotContains(t, args, newcomer)
	require.NoError(t, db.QueryRow(t.Context(), `SELECT l::text FROM letters l`).Scan(&kept))
	require.NotContains(t, kept, letter.Token)
}

// A squatter registers with an address that is not theirs, and cannot prove it.
func TestWhoNeverProvedAnAddressHindersNobodyWhoHasIt(t *testing.T) {
	t.Parallel()
	const squatter = "the password of a squatter"
	lost := func(t *testing.T, service *auth.Service, token string) {
		t.Helper()
		_, err := service.VerifyEmail(t.Context(), auth.Verify{Token: token, Password: squatter})
		require.ErrorIs(t, err, auth.ErrLink)
		_, err = service.Login(t.Context(), auth.Login{Email: newcomer, Password: squatter})
		require.ErrorIs(t, err, auth.ErrCredentials)
	}
	t.Run("the first admin", func(t *testing.T) {
		t.Parallel()
		service, db, _ := setup(t)
		register(t, service, "NewComer@example.com", squatter)
		token := last(t, service, db, auth.VerifyAddress).Token
		known, err := service.HasUser(t.Context(), newcomer)
		require.NoError(t, err)
		require.False(t, known)
		require.NoError(t, service.CreateUser(t.Context(), newcomer, password, auth.Admin))
		lost(t, service, token)
		admin := signedIn(t, service, newcomer, password)
		require.Equal(t, auth.Admin, admin.Role)
		member, err := service.StaffMember(t.Context(), admin.UserID)
		require.NoError(t, err)
		require.Equal(t, []string{newcomer, ""}, []string{member.Email, member.FirstName})
		known, err = service.HasUser(t.Context(), newcomer)
		require.NoError(t, err)
		require.True(t, known)
	})
	t.Run("who moves there", func(t *testing.T) {
		t.Parallel()
		service, db, _ := setup(t)
		mine := me(t, service)
		register(t, service, newcomer, squatter)
		token := last(t, service, db, auth.VerifyAddress).Token
		require.NoError(t, service.RequestEmail(t.Context(), mine, newcomer, password))
		letter := last(t, service, db, auth.ChangeAddress)
		require.NotEmpty(t, letter.Token)
		require.NoError(t, service.ConfirmEmail(t.Context(), mine, letter.Token))
		lost(t, service, token)
		require.Equal(t, mine.UserID, signedIn(t, service, newcomer, password).UserID)
	})
	t.Run("who is invited", func(t *testing.T) {
		t.Parallel()
		service, db, _, admin := office(t)
		register(t, service, newcomer, squatter)
		token := last(t, service, db, auth.VerifyAddress).Token
		letter := invited(t, service, db, admin, newcomer)
		require.NoError(t, accept(t.Context(), service, letter.Token))
		lost(t, service, token)
		require.Equal(t, auth.Staff, signedIn(t, service, newcomer, other).Role)
	})
	t.Run("but who proved it does", func(t *testing.T) {
		t.Parallel()
		service, _, _ := setup(t)
		before := me(t, service)
		require.ErrorIs(t, service.CreateUser(t.Context(), email, other, auth.Admin), auth.ErrEmailTaken)
		require.Equal(t, before.UserID, me(t, service).UserID)
		require.NotEqual(t, uuid.Nil, before.UserID)
	})
}
