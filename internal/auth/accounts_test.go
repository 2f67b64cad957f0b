package auth_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cartwright/internal/auth"
)

const newcomer = "newcomer@example.com"

// other is another password.
const other = "another password of tests"

func register(t *testing.T, service *auth.Service, email, password string) {
	t.Helper()
	require.NoError(t, service.Register(t.Context(), auth.Register{Email: email, Password: password, FirstName: "Ada", LastName: "Byron"}))
}

// me is who the customer is, in a new session.
func me(t *testing.T, service *auth.Service) auth.Principal {
	t.Helper()
	who, err := service.Authenticate(t.Context(), login(t, service).AccessToken)
	require.NoError(t, err)
	return who
}

func TestAnAddressIsUsedOnceItIsProven(t *testing.T) {
	t.Parallel()
	service, db, clock := setup(t)
	register(t, service, newcomer, password)
	_, err := service.Login(t.Context(), auth.Login{Email: newcomer, Password: password})
	require.ErrorIs(t, err, auth.ErrCredentials, "not before, in the words of a wrong password")
	letter := last(t, service, db, auth.VerifyAddress)
	require.Equal(t, newcomer, letter.Email)
	require.Equal(t, letter, last(t, service, db, auth.VerifyAddress), "a letter that is written again is the same")

	_, err = service.VerifyEmail(t.Context(), auth.Verify{Token: letter.Token, Password: other})
	require.ErrorIs(t, err, auth.ErrCredentials, "a click is not enough")
	_, err = service.VerifyEmail(t.Context(), auth.Verify{Token: letter.Token + "x", Password: password})
	require.ErrorIs(t, err, auth.ErrLink)
	pair, err := service.VerifyEmail(t.Context(), auth.Verify{Token: letter.Token, Password: password, Device: "a browser"})
	require.NoError(t, err)
	who, err := service.Authenticate(t.Context(), pair.AccessToken)
	require.NoError(t, err)
	require.Equal(t, auth.Customer, who.Role)
	_, err = service.Login(t.Context(), auth.Login{Email: newcomer, Password: password})
	require.NoError(t, err)
	_, err = service.VerifyEmail(t.Context(), auth.Verify{Token: letter.Token, Password: password})
	require.ErrorIs(t, err, auth.ErrLink, "once")

	t.Run("within a day", func(t *testing.T) {
		register(t, service, "late@example.com", password)
		letter := last(t, service, db, auth.VerifyAddress)
		clock.add(24 * time.Hour)
		_, err = service.VerifyEmail(t.Context(), auth.Verify{Token: letter.Token, Password: password})
		require.ErrorIs(t, err, auth.ErrLink)
	})
}

func TestRegisteringWithAnAddressThatIsKnownOnlyWritesToIt(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	register(t, service, "SOMEONE@example.com", other)
	letter := last(t, service, db, auth.AccountExists)
	require.Empty(t, letter.Token)
	login(t, service)
	_, err := service.Login(t.Context(), auth.Login{Email: email, Password: other})
	require.ErrorIs(t, err, auth.ErrCredentials)
	require.NoError(t, service.Sent(t.Context(), letter))
	require.Empty(t, written(t, service, db), "a letter without a link is forgotten once it is sent")
}

func TestWhoRegistersLastHasAnAddressThatWasNeverProven(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	register(t, service, newcomer, "the password of a squatter")
	squatted := last(t, service, db, auth.VerifyAddress)
	register(t, service, newcomer, password)
	mine := last(t, service, db, auth.VerifyAddress)
	for name, attempt := range map[string]auth.Verify{
		"the first link is dead":            {Token: squatted.Token, Password: "the password of a squatter"},
		"for whoever has it":                {Token: squatted.Token, Password: password},
		"the second needs its own password": {Token: mine.Token, Password: "the password of a squatter"},
	} {
		_, err := service.VerifyEmail(t.Context(), attempt)
		require.Error(t, err, name)
	}
	_, err := service.VerifyEmail(t.Context(), auth.Verify{Token: mine.Token, Password: password})
	require.NoError(t, err)
}

func TestAMailedTokenIsUsedOnceOfTwentyTimesAtOnce(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	who := me(t, service)
	ctx := context.WithoutCancel(t.Context())
	require.NoError(t, service.RequestReset(t.Context(), email))
	reset := last(t, service, db, auth.ResetForgotten)
	register(t, service, newcomer, password)
	verify := last(t, service, db, auth.VerifyAddress)
	// The change of address comes first: a reset ends its link as well.
	require.NoError(t, service.RequestEmail(t.Context(), who, "moved@example.com", password))
	change := last(t, service, db, auth.ChangeAddress)
	for _, use := range []struct {
		name string
		use  func(i int) error
	}{
		{"verify", func(int) error {
			_, err := service.VerifyEmail(ctx, auth.Verify{Token: verify.Token, Password: password})
			return err
		}},
		{"reset", func(i int) error {
			return service.ResetPassword(ctx, auth.Reset{Token: reset.Token, Password: fmt.Sprintf("password number %d", i)})
		}},
	} {
		t.Run(use.name, func(t *testing.T) {
			var good atomic.Int32
			together(20, func(i int) {
				err := patiently(func() error { return use.use(i) })
				if err == nil {
					good.Add(1)
					return
				}
				assert.ErrorIs(t, err, auth.ErrLink)
			})
			require.EqualValues(t, 1, good.Load())
		})
	}
	require.ErrorIs(t, service.ConfirmEmail(t.Context(), who, change.Token), auth.ErrLink, "a reset ends what was asked before it")
}

func TestAResetEndsWhatTheOldPasswordBegan(t *testing.T) {
	t.Parallel()
	service, db, clock := setup(t)
	pair := login(t, service)
	require.NoError(t, service.RequestReset(t.Context(), email))
	first := last(t, service, db, auth.ResetForgotten)
	require.NoError(t, service.RequestReset(t.Context(), email))
	second := last(t, service, db, auth.ResetForgotten)
	require.NotEqual(t, first.Token, second.Token)
	require.ErrorIs(t, service.ResetPassword(t.Context(), auth.Reset{Token: second.Token, Password: "12345678"}), auth.ErrWeak)
	require.NoError(t, service.ResetPassword(t.Context(), auth.Reset{Token: second.Token, Password: other}))
	_, err := service.Authenticate(t.Context(), pair.AccessToken)
	require.ErrorIs(t, err, auth.ErrToken)
	_, err = service.Refresh(t.Context(), pair.RefreshToken)
	require.ErrorIs(t, err, auth.ErrToken)
	_, err = service.Login(t.Context(), auth.Login{Email: email, Password: password})
	require.ErrorIs(t, err, auth.ErrCredentials)
	_, err = service.Login(t.Context(), auth.Login{Email: email, Password: other})
	require.NoError(t, err)
	for name, token := range map[string]string{"used": second.Token, "asked for before": first.Token, "nonsense": "x", "none": ""} {
		require.ErrorIs(t, service.ResetPassword(t.Context(), auth.Reset{Token: token, Password: password}), auth.ErrLink, name)
	}
	t.Run("within an hour", func(t *testing.T) {
		require.NoError(t, service.RequestReset(t.Context(), email))
		letter := last(t, service, db, auth.ResetForgotten)
		clock.add(time.Hour)
		require.ErrorIs(t, service.ResetPassword(t.Context(), auth.Reset{Token: letter.Token, Password: password}), auth.ErrLink)
	})
	t.Run("and proves an address", func(t *testing.T) {
		register(t, service, newcomer, "the password of a squatter")
		require.NoError(t, service.RequestReset(t.Context(), newcomer))
		require.NoError(t, service.ResetPassword(t.Context(), auth.Reset{Token: last(t, service, db, auth.ResetForgotten).Token, Password: other}))
		_, err := service.Login(t.Context(), auth.Login{Email: newcomer, Password: other})
		require.NoError(t, err)
	})
}

func TestNobodyIsWrittenToWhoHasNoAccount(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	require.NoError(t, service.RequestReset(t.Context(), "nobody@example.com"))
	require.Empty(t, written(t, service, db))
	var kept int
	require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM letters`).Scan(&kept))
	require.Zero(t, kept, "and the address is not kept")
	_, err := db.Exec(t.Context(), `UPDATE users SET is_active = false`)
	require.NoError(t, err)
	require.NoError(t, service.RequestReset(t.Context(), email))
	require.Empty(t, written(t, service, db))
}

func TestAJobTellsNothingOfItsLetter(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	require.NoError(t, service.RequestReset(t.Context(), email))
	letter := last(t, service, db, auth.ResetForgotten)
	var args, kept string
	require.NoError(t, db.QueryRow(t.Context(), `SELECT args::text FROM river_job`).Scan(&args))
	require.NotContains(t, args, email)
	require.NotContains(t, args, letter.Token)
	require.NoError(t, db.QueryRow(t.Context(), `SELECT l::text FROM letters l`).Scan(&kept))
	require.NotContains(t, kept, letter.Token, "the table has its hash only")
}

func TestChangingThePasswordEndsOtherSessions(t *testing.T) {
	t.Parallel()
	service, _, _ := setup(t)
	elsewhere := login(t, service)
	here := me(t, service)
	require.ErrorIs(t, service.ChangePassword(t.Context(), here, other, "yet another password"), auth.ErrPassword)
	require.ErrorIs(t, service.ChangePassword(t.Context(), here, password, "password1"), auth.ErrWeak)
	require.NoError(t, service.ChangePassword(t.Context(), here, password, other))
	_, err := service.Authenticate(t.Context(), elsewhere.AccessToken)
	require.ErrorIs(t, err, auth.ErrToken)
	_, err = service.Refresh(t.Context(), elsewhere.RefreshToken)
	require.ErrorIs(t, err, auth.ErrToken)
	left, err := service.Sessions(t.Context(), here.UserID)
	require.NoError(t, err)
	require.Len(t, left, 1)
	require.Equal(t, here.SessionID, left[0].ID)
}

func TestAnAddressIsChangedByWhoHasBoth(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	require.NoError(t, service.CreateUser(t.Context(), newcomer, password, auth.Customer))
	mine := me(t, service)
	pair, err := service.Login(t.Context(), auth.Login{Email: newcomer, Password: password})
	require.NoError(t, err)
	theirs, err := service.Authenticate(t.Context(), pair.AccessToken)
	require.NoError(t, err)

	require.ErrorIs(t, service.RequestEmail(t.Context(), mine, "moved@example.com", other), auth.ErrPassword)
	require.NoError(t, service.RequestEmail(t.Context(), mine, newcomer, password), "the answer does not tell that it is taken")
	require.Empty(t, last(t, service, db, auth.AccountExists).Token)

	require.NoError(t, service.RequestEmail(t.Context(), mine, "moved@example.com", password))
	letter := last(t, service, db, auth.ChangeAddress)
	require.Equal(t, "moved@example.com", letter.Email)
	require.ErrorIs(t, service.ConfirmEmail(t.Context(), theirs, letter.Token), auth.ErrLink, "a click does not give one's address to another's account")
	require.NoError(t, service.ConfirmEmail(t.Context(), mine, letter.Token))
	require.Equal(t, email, last(t, service, db, auth.AddressChanged).Email, "the old address is told")
	_, err = service.Login(t.Context(), auth.Login{Email: "moved@example.com", Password: password})
	require.NoError(t, err)
	_, err = service.Login(t.Context(), auth.Login{Email: email, Password: password})
	require.ErrorIs(t, err, auth.ErrCredentials)

	t.Run("unless somebody was faster", func(t *testing.T) {
		require.NoError(t, service.RequestEmail(t.Context(), mine, "wanted@example.com", password))
		letter := last(t, service, db, auth.ChangeAddress)
		require.NoError(t, service.CreateUser(t.Context(), "wanted@example.com", password, auth.Customer))
		require.ErrorIs(t, service.ConfirmEmail(t.Context(), mine, letter.Token), auth.ErrEmailTaken)
	})
}

func TestSessionsAreListedAndEndedAtOnce(t *testing.T) {
	t.Parallel()
	service, _, clock := setup(t)
	first, err := service.Login(t.Context(), auth.Login{Email: email, Password: password, Device: "old\x00 browser\xff"})
	require.NoError(t, err)
	clock.add(time.Minute)
	who := me(t, service)
	list := func() []auth.Session {
		sessions, err := service.Sessions(t.Context(), who.UserID)
		require.NoError(t, err)
		return sessions
	}
	require.Len(t, list(), 2)
	require.Equal(t, who.SessionID, list()[0].ID)
	require.Equal(t, "old browser", list()[1].Device)
	require.ErrorIs(t, service.EndSession(t.Context(), uuid.New(), list()[1].ID), auth.ErrNoSession, "another's")
	require.NoError(t, service.EndSession(t.Context(), who.UserID, list()[1].ID))
	_, err = service.Authenticate(t.Context(), first.AccessToken)
	require.ErrorIs(t, err, auth.ErrToken)
	_, err = service.Refresh(t.Context(), first.RefreshToken)
	require.ErrorIs(t, err, auth.ErrToken)
	require.Len(t, list(), 1)
	require.NoError(t, service.EndSessions(t.Context(), who.UserID))
	require.Empty(t, list())
}

func TestAPasswordOfOldIsHashedAnewWhenItIsUsed(t *testing.T) {
	t.Parallel()
	_, db, clock := setup(t)
	service := hashing(t, db, clock, auth.HashCost{}, secret)
	old, err := argon2id.CreateHash("password", &argon2id.Params{Memory: 8 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), `UPDATE users SET password_hash = $1`, old)
	require.NoError(t, err)
	hash := func() (hash string) {
		require.NoError(t, db.QueryRow(t.Context(), `SELECT password_hash FROM users`).Scan(&hash))
		return hash
	}
	_, err = service.Login(t.Context(), auth.Login{Email: email, Password: password})
	require.ErrorIs(t, err, auth.ErrCredentials)
	require.Equal(t, old, hash(), "not by a wrong one")
	ctx := context.WithoutCancel(t.Context())
	together(4, func(int) {
		assert.NoError(t, patiently(func() error {
			_, err := service.Login(ctx, auth.Login{Email: email, Password: "password"})
			return err
		}))
	})
	renewed := hash()
	require.Contains(t, renewed, "m=19456,t=2,p=1")
	_, err = service.Login(t.Context(), auth.Login{Email: email, Password: "password"})
	require.NoError(t, err)
	require.Equal(t, renewed, hash(), "once")
}

func TestASignInThatAChangeOvertookIsRefused(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	tx, err := db.Pool().BeginTx(t.Context(), pgx.TxOptions{})
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `UPDATE users SET password_hash = 'another'`) // a reset that has not committed yet
	require.NoError(t, err)
	refused := make(chan error, 1)
	go func() {
		_, err := service.Login(context.WithoutCancel(t.Context()), auth.Login{Email: email, Password: password})
		refused <- err
	}()
	require.Eventually(t, func() bool {
		var waiting int
		require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`).Scan(&waiting))
		return waiting > 0
	}, time.Minute, 5*time.Millisecond)
	require.NoError(t, tx.Commit(t.Context()))
	require.ErrorIs(t, <-refused, auth.ErrCredentials)
}

func TestWhatIsOverIsForgotten(t *testing.T) {
	t.Parallel()
	service, db, clock := setup(t)
	login(t, service)
	register(t, service, newcomer, password)
	require.NoError(t, service.RequestReset(t.Context(), email))
	count := func(table string) (count int) {
		require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&count))
		return count
	}
	clock.add(2 * time.Hour)
	require.NoError(t, service.Prune(t.Context(), auth.Prune{}))
	require.Equal(t, []int{1, 1, 2}, []int{count("letters"), count("sessions"), count("users")})
	clock.add(8 * 24 * time.Hour)
	require.NoError(t, service.Prune(t.Context(), auth.Prune{}))
	require.Equal(t, []int{0, 1, 1}, []int{count("letters"), count("sessions"), count("users")}, "also who never proved an address")
	clock.add(60 * 24 * time.Hour)
	require.NoError(t, service.Prune(t.Context(), auth.Prune{}))
	require.Zero(t, count("sessions")+count("refresh_tokens"))
}
