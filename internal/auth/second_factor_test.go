package auth_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"cartwright/internal/auth"
	"cartwright/internal/postgres"
	"cartwright/internal/seal"
)

// code is what an app shows that has the secret, so long from now.
func code(t *testing.T, clock *watch, secret string, later time.Duration) string {
	t.Helper()
	shown, err := totp.GenerateCode(secret, clock.Now().Add(later))
	require.NoError(t, err)
	return shown
}

// signedIn is who a pair of tokens speaks for.
func holderOf(t *testing.T, service *auth.Service, pair auth.TokenPair) auth.Principal {
	t.Helper()
	who, err := service.Authenticate(t.Context(), pair.AccessToken)
	require.NoError(t, err)
	return who
}

// app is an authenticator app, and the recovery codes that its owner wrote down.
type app struct {
	secret   string
	recovery []string
}

// enrol gives somebody a second factor, a while ago: no code of now is used up, and every try is given back.
func enrol(t *testing.T, service *auth.Service, clock *watch, who auth.Principal) app {
	t.Helper()
	begun, err := service.BeginFactor(t.Context(), who, password)
	require.NoError(t, err)
	recovery, err := service.ConfirmFactor(t.Context(), who, code(t, clock, begun.Secret, 0))
	require.NoError(t, err)
	require.Len(t, recovery, 10)
	clock.add(time.Hour)
	return app{begun.Secret, recovery}
}

// setupFactor is a service with one customer who has a second factor.
func setupFactor(t *testing.T) (*auth.Service, *postgres.DB, *watch, auth.Principal, app) {
	t.Helper()
	service, db, clock := setup(t)
	who := holderOf(t, service, login(t, service))
	return service, db, clock, who, enrol(t, service, clock, who)
}

// challenge is what a right password is answered with.
func challenge(t *testing.T, service *auth.Service) string {
	t.Helper()
	_, err := service.Login(t.Context(), auth.Login{Email: email, Password: password})
	require.ErrorIs(t, err, auth.ErrSecondFactor)
	return tokenOf(t, err)
}

func show(t *testing.T, service *auth.Service, challenge string, proof auth.Proof) error {
	t.Helper()
	pair, err := service.LoginFactor(t.Context(), auth.LoginFactor{Challenge: challenge, Proof: proof, Device: "tests"})
	require.Equal(t, err == nil, pair.AccessToken != "")
	return err
}

// Appendix B of RFC 6238, SHA-1, of which apps show the last six digits.
func TestCodesAreThoseOfRFC6238(t *testing.T) {
	t.Parallel()
	service, db, clock := setup(t)
	who := holderOf(t, service, login(t, service))
	box, err := seal.New("second factors", [][]byte{secret})
	require.NoError(t, err)
	sealed, err := box.Seal([]byte("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), who.UserID.String()) // 12345678901234567890
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), `INSERT INTO second_factors (user_id, secret, tries_until, created_at, confirmed_at)
		VALUES ($1, $2, 'epoch', 'epoch', 'epoch')`, who.UserID, sealed)
	require.NoError(t, err)
	for _, vector := range []struct {
		at   int64
		code string
	}{
		{59, "94287082"}, {1111111109, "07081804"}, {1111111111, "14050471"}, {1234567890, "89005924"},
		{2000000000, "69279037"}, {20000000000, "65353130"},
	} {
		clock.set(time.Unix(vector.at, 0).UTC())
		for _, wrong := range []string{"000000", vector.code, vector.code[3:]} {
			_, err := service.Login(t.Context(), auth.Login{Email: email, Password: password, Code: wrong})
			require.ErrorIs(t, err, auth.ErrSignInCode, "%d %q", vector.at, wrong)
		}
		_, err := db.Exec(t.Context(), `UPDATE second_factors SET tries_until = 'epoch'`) // two vectors are close
		require.NoError(t, err)
		_, err = service.Login(t.Context(), auth.Login{Email: email, Password: password, Code: vector.code[2:]})
		require.NoError(t, err, vector.at)
	}
}

func TestACodeWorksOnceAndNoneBeforeIt(t *testing.T) {
	t.Parallel()
	service, _, clock, who, app := setupFactor(t)
	require.ErrorIs(t, show(t, service, challenge(t, service), auth.Proof{Code: code(t, clock, app.secret, -61*time.Second)}), auth.ErrSignInCode)
	require.ErrorIs(t, show(t, service, challenge(t, service), auth.Proof{Code: code(t, clock, app.secret, 61*time.Second)}), auth.ErrSignInCode)
	before, now, next := code(t, clock, app.secret, -30*time.Second), code(t, clock, app.secret, 0), code(t, clock, app.secret, 30*time.Second)
	require.NoError(t, show(t, service, challenge(t, service), auth.Proof{Code: now}))
	require.ErrorIs(t, show(t, service, challenge(t, service), auth.Proof{Code: now}), auth.ErrSignInCode, "replayed")
	require.ErrorIs(t, show(t, service, challenge(t, service), auth.Proof{Code: before}), auth.ErrSignInCode, "older than the one used last")
	_, err := service.RenewRecovery(t.Context(), who, password, auth.Proof{Code: next})
	require.ErrorIs(t, err, auth.ErrTries, "five at once")
	clock.add(30 * time.Minute)
	now = code(t, clock, app.secret, 0)
	_, err = service.RenewRecovery(t.Context(), who, password, auth.Proof{Code: now})
	require.NoError(t, err)
	require.ErrorIs(t, show(t, service, challenge(t, service), auth.Proof{Code: now}), auth.ErrSignInCode, "used elsewhere")
	require.NoError(t, show(t, service, challenge(t, service), auth.Proof{Code: code(t, clock, app.secret, 30*time.Second)}), "a clock that is ahead")
}

func TestACodeUsedAtOnceOpensOneSession(t *testing.T) {
	t.Parallel()
	service, db, clock, _, app := setupFactor(t)
	challenges := make([]string, 5)
	for i := range challenges {
		challenges[i] = challenge(t, service)
	}
	shown := code(t, clock, app.secret, 0)
	wait := meeting(t, db, len(challenges))
	var opened, refused atomic.Int32
	together(len(challenges), func(i int) {
		switch err := show(t, service, challenges[i], auth.Proof{Code: shown}); {
		case err == nil:
			opened.Add(1)
		case errors.Is(err, auth.ErrSignInCode):
			refused.Add(1)
		}
	})
	wait()
	require.EqualValues(t, 1, opened.Load())
	require.EqualValues(t, 4, refused.Load())
}

// meeting holds n who sign in at once where their try is counted and their factor is not read yet, and then where the
// first of them has used the code up and not committed. wait returns when it has let them go.
func meeting(t *testing.T, db *postgres.DB, n int) (wait func()) {
	t.Helper()
	_, err := db.Exec(t.Context(), `CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN PERFORM pg_advisory_xact_lock_shared(42); RETURN NEW; END $$;
		CREATE TRIGGER meet BEFORE UPDATE OF last_step ON second_factors FOR EACH ROW EXECUTE FUNCTION meet()`)
	require.NoError(t, err)
	conn, err := pgx.Connect(t.Context(), db.Pool().Config().ConnString())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	_, err = conn.Exec(t.Context(), `SELECT pg_advisory_lock(42); BEGIN; SELECT FROM users FOR UPDATE`)
	require.NoError(t, err)
	next := func(sql string) {
		blocked := 0
		for end := time.Now().Add(20 * time.Second); blocked < n && time.Now().Before(end); {
			_, _ = conn.Exec(t.Context(), `SELECT pg_stat_clear_snapshot()`) // else a transaction sees the same ones always
			_ = conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
				WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0`).Scan(&blocked)
		}
		if _, err := conn.Exec(t.Context(), sql); err != nil || blocked < n {
			t.Errorf("%d wait: %v", blocked, err)
		}
	}
	var released sync.WaitGroup
	released.Go(func() {
		next(`COMMIT`)
		next(`SELECT pg_advisory_unlock(42)`)
	})
	return released.Wait
}

func TestAChallengeOpensOneSession(t *testing.T) {
	t.Parallel()
	service, db, clock, _, app := setupFactor(t)
	one := challenge(t, service)
	var opened, late atomic.Int32
	together(5, func(i int) {
		switch err := show(t, service, one, auth.Proof{Recovery: app.recovery[i]}); {
		case err == nil:
			opened.Add(1)
		case errors.Is(err, auth.ErrChallenge):
			late.Add(1)
		}
	})
	require.EqualValues(t, 1, opened.Load())
	require.EqualValues(t, 4, late.Load())
	var left int
	require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM recovery_codes`).Scan(&left))
	require.Equal(t, 9, left, "what was shown too late is not used up")

	clock.add(time.Hour)
	require.ErrorIs(t, show(t, service, "nonsense", auth.Proof{Code: code(t, clock, app.secret, 0)}), auth.ErrChallenge)
	old := challenge(t, service)
	require.ErrorIs(t, show(t, service, old, auth.Proof{Code: "000000"}), auth.ErrSignInCode)
	clock.add(5*time.Minute - time.Second)
	require.ErrorIs(t, show(t, service, old, auth.Proof{Code: "000000"}), auth.ErrSignInCode, "a wrong code leaves it as it is")
	clock.add(time.Second)
	require.ErrorIs(t, show(t, service, old, auth.Proof{Code: code(t, clock, app.secret, 0)}), auth.ErrChallenge)
	require.NoError(t, service.Prune(t.Context(), auth.Prune{}))
	require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM sign_in_challenges`).Scan(&left))
	require.Zero(t, left)
}

func TestAChallengeDiesWithItsPasswordAndIsNobodyElses(t *testing.T) {
	t.Parallel()
	service, _, clock, who, app := setupFactor(t)
	require.NoError(t, service.CreateUser(t.Context(), "other@example.com", password, auth.Customer))
	pair, err := service.Login(t.Context(), auth.Login{Email: "other@example.com", Password: password})
	require.NoError(t, err)
	other := enrol(t, service, clock, holderOf(t, service, pair))
	mine := challenge(t, service)
	for _, proof := range []auth.Proof{{Code: code(t, clock, other.secret, 0)}, {Recovery: other.recovery[0]}, {}} {
		require.Error(t, show(t, service, mine, proof))
	}
	require.NoError(t, service.ChangePassword(t.Context(), who, password, "correct donkey battery clip"))
	require.ErrorIs(t, show(t, service, mine, auth.Proof{Code: code(t, clock, app.secret, 0)}), auth.ErrChallenge)
}

func TestCodesAreTriedTenTimesInAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	service, _, clock, who, app := setupFactor(t)
	one, another := challenge(t, service), challenge(t, service)
	var tried atomic.Int32
	guess := func(i int) {
		var err error
		switch i % 4 {
		case 0:
			err = show(t, service, one, auth.Proof{Code: "000000"})
		case 1:
			err = show(t, service, another, auth.Proof{Recovery: "aaaaa-aaaaa-aaaaa-aaaaa"})
		case 2:
			err = patiently(func() error {
				_, err := service.Login(t.Context(), auth.Login{Email: email, Password: password, Code: "000000"})
				return err
			})
		case 3:
			err = patiently(func() error { return service.DisableFactor(t.Context(), who, password, auth.Proof{Code: "000000"}) })
		}
		if !errors.Is(err, auth.ErrTries) {
			require.True(t, errors.Is(err, auth.ErrSignInCode) || errors.Is(err, auth.ErrCode), "%v", err)
			tried.Add(1)
		}
	}
	together(20, guess)
	require.EqualValues(t, 5, tried.Load(), "at once")
	err := show(t, service, one, auth.Proof{Code: code(t, clock, app.secret, 0)})
	require.ErrorIs(t, err, auth.ErrTries, "a right one, too")
	for range 14 {
		clock.add(time.Minute)
		one, another = challenge(t, service), challenge(t, service)
		together(4, guess)
	}
	require.LessOrEqual(t, tried.Load(), int32(10))
	require.GreaterOrEqual(t, tried.Load(), int32(9))
	clock.add(15 * time.Minute)
	require.NoError(t, show(t, service, challenge(t, service), auth.Proof{Code: code(t, clock, app.secret, 0)}))
}

func TestARecoveryCodeWorksOnceAndIsToldOf(t *testing.T) {
	t.Parallel()
	service, db, clock, who, app := setupFactor(t)
	typed := strings.ToUpper(strings.ReplaceAll(app.recovery[0], "-", " "))
	require.NoError(t, show(t, service, challenge(t, service), auth.Proof{Recovery: typed}))
	require.Equal(t, email, last(t, service, db, auth.RecoveryUsed).Email)
	require.ErrorIs(t, show(t, service, challenge(t, service), auth.Proof{Recovery: app.recovery[0]}), auth.ErrSignInCode)
	factor, err := service.Factor(t.Context(), who)
	require.NoError(t, err)
	require.Equal(t, 9, factor.RecoveryCodes)

	clock.add(time.Hour)
	renewed, err := service.RenewRecovery(t.Context(), who, password, auth.Proof{Code: code(t, clock, app.secret, 0)})
	require.NoError(t, err)
	require.Len(t, renewed, 10)
	require.ErrorIs(t, show(t, service, challenge(t, service), auth.Proof{Recovery: app.recovery[1]}), auth.ErrSignInCode, "of before")
	require.NoError(t, show(t, service, challenge(t, service), auth.Proof{Recovery: renewed[0]}))
	seen := map[string]bool{}
	for _, one := range append(renewed, app.recovery...) {
		require.Regexp(t, `^(?:[0-9a-hjkmnp-tv-z]{5}-){3}[0-9a-hjkmnp-tv-z]{5}$`, one)
		require.False(t, seen[one])
		seen[one] = true
	}
}

func TestTheDatabaseTellsNeitherSecretsNorCodes(t *testing.T) {
	t.Parallel()
	service, db, clock, _, app := setupFactor(t)
	one := challenge(t, service)
	var dump string
	require.NoError(t, db.QueryRow(t.Context(), `SELECT concat(
		(SELECT string_agg(f::text || encode(f.secret, 'escape'), '') FROM second_factors f),
		(SELECT string_agg(c::text || encode(c.code_hash, 'escape'), '') FROM recovery_codes c),
		(SELECT string_agg(c::text, '') FROM sign_in_challenges c),
		(SELECT string_agg(l::text, '') FROM letters l), (SELECT string_agg(j.args::text, '') FROM river_job j))`).Scan(&dump))
	for _, hidden := range append([]string{app.secret, one, code(t, clock, app.secret, 0)}, app.recovery...) {
		require.NotContains(t, dump, hidden)
	}
}

func TestAFactorIsActiveOnceItWasConfirmed(t *testing.T) {
	t.Parallel()
	service, db, clock := setup(t)
	here, elsewhere := holderOf(t, service, login(t, service)), login(t, service)
	_, err := service.ConfirmFactor(t.Context(), here, "000000")
	require.ErrorIs(t, err, auth.ErrNoEnrolment)
	_, err = service.BeginFactor(t.Context(), here, "not it")
	require.ErrorIs(t, err, auth.ErrPassword)
	first, err := service.BeginFactor(t.Context(), here, password)
	require.NoError(t, err)
	require.Contains(t, first.URI, "otpauth://totp/")
	require.Contains(t, first.URI, first.Secret)
	login(t, service) // with the password alone, as before
	require.ErrorIs(t, service.DisableFactor(t.Context(), here, password, auth.Proof{Code: code(t, clock, first.Secret, 0)}), auth.ErrNoFactor)

	second, err := service.BeginFactor(t.Context(), here, password)
	require.NoError(t, err)
	require.NotEqual(t, first.Secret, second.Secret)
	_, err = service.ConfirmFactor(t.Context(), here, code(t, clock, first.Secret, 0))
	require.ErrorIs(t, err, auth.ErrCode, "it was begun anew")
	clock.add(time.Hour)
	_, err = service.ConfirmFactor(t.Context(), here, code(t, clock, second.Secret, 0))
	require.ErrorIs(t, err, auth.ErrNoEnrolment, "too late")
	second, err = service.BeginFactor(t.Context(), here, password)
	require.NoError(t, err)
	_, err = service.ConfirmFactor(t.Context(), here, code(t, clock, second.Secret, 0))
	require.NoError(t, err)
	require.Equal(t, email, last(t, service, db, auth.FactorAdded).Email)
	_, err = service.Refresh(t.Context(), elsewhere.RefreshToken)
	require.ErrorIs(t, err, auth.ErrToken, "sessions of the password alone end")
	_, err = service.BeginFactor(t.Context(), here, password)
	require.ErrorIs(t, err, auth.ErrFactorActive)
	_, err = service.ConfirmFactor(t.Context(), here, code(t, clock, second.Secret, 30*time.Second))
	require.ErrorIs(t, err, auth.ErrFactorActive)

	_, err = db.Exec(t.Context(), `UPDATE second_factors SET confirmed_at = NULL`)
	require.NoError(t, err)
	clock.add(25 * time.Hour)
	require.NoError(t, service.Prune(t.Context(), auth.Prune{}))
	var left int
	require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM second_factors`).Scan(&left))
	require.Zero(t, left, "what nobody finished is forgotten")
}

func TestAWrongPasswordDoesNotTellOfAFactor(t *testing.T) {
	t.Parallel()
	service, db, clock, _, app := setupFactor(t)
	before := service.PasswordHashes()
	_, wrong := service.Login(t.Context(), auth.Login{Email: email, Password: "not it"})
	_, right := service.Login(t.Context(), auth.Login{Email: email, Password: "not it", Code: code(t, clock, app.secret, 0)})
	_, unknown := service.Login(t.Context(), auth.Login{Email: "nobody@example.com", Password: "not it", Code: "000000"})
	for _, err := range []error{wrong, right, unknown} {
		require.ErrorIs(t, err, auth.ErrCredentials)
		require.Equal(t, told(t, auth.ErrCredentials), told(t, err))
	}
	require.EqualValues(t, 3, service.PasswordHashes()-before)
	var kept int
	require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM sign_in_challenges`).Scan(&kept))
	require.Zero(t, kept)
	var until time.Time
	require.NoError(t, db.QueryRow(t.Context(), `SELECT tries_until FROM second_factors`).Scan(&until))
	require.True(t, until.Before(clock.Now()), "no try was counted")
}

func TestFactorsOutliveTheSecretsThatSealThem(t *testing.T) {
	t.Parallel()
	next := []byte("the secret that follows, 0123456789")
	after := []byte("the secret after that one, 0123456789")
	t.Run("when they are used meanwhile", func(t *testing.T) {
		t.Parallel()
		_, db, clock, _, app := setupFactor(t)
		rotated := with(t, db, clock, next, secret)
		require.NoError(t, show(t, rotated, challenge(t, rotated), auth.Proof{Code: code(t, clock, app.secret, 0)}))
		clock.add(time.Minute)
		done := with(t, db, clock, after, next)
		require.NoError(t, show(t, done, challenge(t, done), auth.Proof{Code: code(t, clock, app.secret, 0)}))
	})
	t.Run("and when they are not", func(t *testing.T) {
		t.Parallel()
		_, db, clock, _, app := setupFactor(t)
		lost := with(t, db, clock, next)
		require.NoError(t, lost.Reseal(t.Context(), auth.Reseal{}), "what cannot be read stays")
		one := challenge(t, lost)
		require.ErrorIs(t, show(t, lost, one, auth.Proof{Code: code(t, clock, app.secret, 0)}), auth.ErrSignInCode)
		require.NoError(t, show(t, lost, one, auth.Proof{Recovery: app.recovery[0]}), "recovery codes need no secret")

		rotated := with(t, db, clock, next, secret)
		require.NoError(t, rotated.Reseal(t.Context(), auth.Reseal{}))
		require.NoError(t, show(t, lost, challenge(t, lost), auth.Proof{Code: code(t, clock, app.secret, 0)}))
	})
}

func TestAFactorIsTakenAwayByItsOwnerOrByThoseWhoMay(t *testing.T) {
	t.Parallel()
	service, db, clock, who, app := setupFactor(t)
	require.ErrorIs(t, service.DisableFactor(t.Context(), who, "not it", auth.Proof{Code: code(t, clock, app.secret, 0)}), auth.ErrPassword)
	require.ErrorIs(t, service.DisableFactor(t.Context(), who, password, auth.Proof{Code: "000000"}), auth.ErrCode)
	require.NoError(t, service.DisableFactor(t.Context(), who, password, auth.Proof{Recovery: app.recovery[3]}))
	require.Equal(t, email, last(t, service, db, auth.FactorRemoved).Email)
	login(t, service) // the password alone
	require.ErrorIs(t, service.DisableFactor(t.Context(), who, password, auth.Proof{Code: "000000"}), auth.ErrNoFactor)

	enrol(t, service, clock, who)
	admin := user(t, service, "chief@example.com", auth.Admin)
	require.ErrorIs(t, service.ResetFactor(t.Context(), who, who.UserID), auth.ErrOwnFactor)
	require.ErrorIs(t, service.ResetFactor(t.Context(), admin, uuid.New()), auth.ErrFactorGone)
	require.NoError(t, service.ResetFactor(t.Context(), admin, who.UserID))
	require.Equal(t, email, last(t, service, db, auth.FactorRemoved).Email)
	require.ErrorIs(t, service.ResetFactor(t.Context(), admin, who.UserID), auth.ErrFactorGone)
	var lasting int
	require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM sessions WHERE ended_at IS NULL AND user_id = $1`, who.UserID).Scan(&lasting))
	require.Zero(t, lasting, "its sessions end")

	who = holderOf(t, service, login(t, service))
	enrol(t, service, clock, who)
	_, err := db.Exec(t.Context(), `UPDATE users SET role = 'admin'`)
	require.NoError(t, err)
	staff := auth.Principal{UserID: uuid.New(), Role: auth.Staff, Permissions: []auth.Permission{auth.StaffManage}}
	require.ErrorIs(t, service.ResetFactor(t.Context(), staff, who.UserID), auth.ErrForbidden)
	require.ErrorIs(t, service.ResetFactorByEmail(t.Context(), "nobody@example.com"), auth.ErrFactorGone)
	require.NoError(t, service.ResetFactorByEmail(t.Context(), strings.ToUpper(email)))
	login(t, service)
}

func TestWhoIsAskedForAFactorMayDoLittleWithoutOne(t *testing.T) {
	t.Parallel()
	_, db, clock := setup(t)
	for _, asking := range []auth.Requirement{"", auth.OfNobody, auth.OfAdmins, auth.OfStaff} {
		service := with(t, db, clock, secret)
		service.Require = asking
		for _, role := range []auth.Role{auth.Customer, auth.Staff, auth.Admin} {
			_, err := db.Exec(t.Context(), `DELETE FROM second_factors`)
			require.NoError(t, err)
			_, err = db.Exec(t.Context(), `UPDATE users SET role = $1`, role)
			require.NoError(t, err)
			asked := asking == auth.OfStaff && role != auth.Customer || asking == auth.OfAdmins && role == auth.Admin
			pair := login(t, service)
			who := holderOf(t, service, pair)
			require.Equal(t, asked, who.FactorMissing, "%s %s", asking, role)
			begun, err := service.BeginFactor(t.Context(), who, password)
			require.NoError(t, err)
			require.Equal(t, asked, holderOf(t, service, pair).FactorMissing, "begun is not confirmed")
			_, err = service.ConfirmFactor(t.Context(), who, code(t, clock, begun.Secret, 0))
			require.NoError(t, err)
			require.False(t, holderOf(t, service, pair).FactorMissing, "at once")
		}
	}
}
