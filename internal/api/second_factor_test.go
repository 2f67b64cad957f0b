package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

// Subjects of the mails that second factors are about.
const (
	addedSubject    = "Your account has a second factor now"
	removedSubject  = "Your account has no second factor any more"
	recoverySubject = "A recovery code of your account was used"
)

// authenticator is an app that makes codes, and the recovery codes that came with it.
type authenticator struct {
	secret   string
	recovery []string
}

// code is the one that the app shows so many steps of time from now.
func (a authenticator) code(t *testing.T, steps int) string {
	t.Helper()
	shown, err := totp.GenerateCode(a.secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	require.NoError(t, err)
	return shown
}

// enrolled gives somebody a second factor. The code before the present one is used up, so that the present one is not.
func enrolled(t *testing.T, shop *shoptest.Shop, somebody *client.ClientWithResponses) authenticator {
	t.Helper()
	begun, err := somebody.BeginSecondFactorWithResponse(t.Context(), client.SecondFactorBegin{Password: shoptest.Password})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, begun.StatusCode(), string(begun.Body))
	require.Contains(t, begun.JSON200.URI, begun.JSON200.Secret)
	a := authenticator{secret: begun.JSON200.Secret}
	confirmed, err := somebody.ConfirmSecondFactorWithResponse(t.Context(), client.SecondFactorConfirm{Code: a.code(t, -1)})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, confirmed.StatusCode(), string(confirmed.Body))
	a.recovery = confirmed.JSON200.RecoveryCodes
	require.Len(t, a.recovery, 10)
	fresh(t, shop)
	return a
}

// fresh gives every try back, and lets codes of the present work again.
func fresh(t *testing.T, shop *shoptest.Shop) {
	t.Helper()
	_, err := shop.DB.Exec(t.Context(), `UPDATE second_factors SET tries_until = created_at, last_step = 0`)
	require.NoError(t, err)
}

// challenged is the challenge that a right password is answered with.
func challenged(t *testing.T, shop *shoptest.Shop, email string) string {
	t.Helper()
	got, err := shop.Guest.LoginUserWithResponse(t.Context(), client.UserLogin{Email: email, Password: shoptest.Password})
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, got.StatusCode(), string(got.Body))
	require.Equal(t, "second_factor_required", got.ApplicationProblemJSON401.Code)
	require.NotNil(t, got.ApplicationProblemJSON401.Challenge)
	return *got.ApplicationProblemJSON401.Challenge
}

func TestSigningInTakesBothFactors(t *testing.T) {
	t.Parallel()
	const email = "careful@example.com"
	shop := shoptest.New(t)
	owner := shop.User(email, auth.Customer)
	app := enrolled(t, shop, owner)
	shop.AwaitMail(email, addedSubject)
	show := func(body client.SecondFactorLogin) *client.LoginSecondFactorResponse {
		got, err := shop.Guest.LoginSecondFactorWithResponse(t.Context(), body)
		require.NoError(t, err)
		return got
	}
	challenge := challenged(t, shop, email)
	for name, body := range map[string]client.SecondFactorLogin{
		"neither": {Challenge: challenge},
		"both":    {Challenge: challenge, Code: ptr("000000"), RecoveryCode: &app.recovery[0]},
	} {
		got := show(body)
		require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode(), name)
		require.Equal(t, "code", got.ApplicationProblemJSON422.Errors[0].Field, name)
	}
	require.Equal(t, "invalid_code", show(client.SecondFactorLogin{Challenge: challenge, Code: ptr("000000")}).ApplicationProblemJSON401.Code)
	shown := app.code(t, 0)
	signed := show(client.SecondFactorLogin{Challenge: challenge, Code: &shown})
	require.Equal(t, http.StatusOK, signed.StatusCode(), string(signed.Body))
	profile, err := shop.As(signed.JSON200.AccessToken).GetProfileWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, email, profile.JSON200.Email)
	require.Equal(t, "challenge_expired", show(client.SecondFactorLogin{Challenge: challenge, Code: ptr(app.code(t, 1))}).ApplicationProblemJSON401.Code)

	recovered := show(client.SecondFactorLogin{Challenge: challenged(t, shop, email), RecoveryCode: &app.recovery[0]})
	require.Equal(t, http.StatusOK, recovered.StatusCode(), string(recovered.Body))
	shop.AwaitMail(email, recoverySubject)

	fresh(t, shop)
	t.Run("also at once", func(t *testing.T) {
		login := func(code string) *client.LoginUserResponse {
			got, err := shop.Guest.LoginUserWithResponse(t.Context(), client.UserLogin{Email: email, Password: shoptest.Password, Code: &code})
			require.NoError(t, err)
			return got
		}
		require.Equal(t, "invalid_code", login("000000").ApplicationProblemJSON401.Code)
		require.Equal(t, http.StatusOK, login(app.code(t, 0)).StatusCode())
	})
	t.Run("and not for long by guessing", func(t *testing.T) {
		fresh(t, shop)
		challenge := challenged(t, shop, email)
		for range 5 {
			require.Equal(t, http.StatusUnauthorized, show(client.SecondFactorLogin{Challenge: challenge, Code: ptr("000000")}).StatusCode())
		}
		limited := show(client.SecondFactorLogin{Challenge: challenge, Code: ptr(app.code(t, 1))})
		require.Equal(t, http.StatusTooManyRequests, limited.StatusCode(), string(limited.Body))
		require.Equal(t, "rate_limited", limited.ApplicationProblemJSON429.Code)
		require.Equal(t, "150", limited.HTTPResponse.Header.Get("Retry-After"))
	})
}

func TestABrowserSignsInWithBothFactors(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	app := enrolled(t, shop, shop.User("browser@example.com", auth.Customer))
	w := &window{t: t, shop: shop, cookies: map[string]*http.Cookie{}}
	got := w.ask(logIn)
	require.Equal(t, "second_factor_required", requireProblem(t, got, http.StatusUnauthorized).Code)
	require.Empty(t, w.cookies)
	show := call{method: http.MethodPost, path: "/auth/login/second-factor", body: toJSON(t, map[string]string{
		"challenge": *got.problem.Challenge, "code": app.code(t, 0), "session": "cookie",
	})}
	require.Equal(t, "origin_not_allowed", requireProblem(t, w.ask(show, "Origin", "https://evil.example"), http.StatusForbidden).Code)
	require.Equal(t, http.StatusNoContent, w.ask(show).status)
	require.Len(t, w.cookies, 3)
	require.Contains(t, w.ask(readProfile).body, "browser@example.com")
	change := call{method: http.MethodPatch, path: "/account", media: mergePatch, body: `{"firstName":"Ada"}`}
	require.Equal(t, http.StatusOK, w.ask(change).status)
}

func TestASecondFactorIsItsOwnersToRenewAndRemove(t *testing.T) {
	t.Parallel()
	const email = "careful@example.com"
	shop := shoptest.New(t)
	owner := shop.User(email, auth.Customer)
	state := func() client.SecondFactor {
		got, err := owner.GetSecondFactorWithResponse(t.Context())
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		return *got.JSON200
	}
	confirm := func(code string) *client.ConfirmSecondFactorResponse {
		got, err := owner.ConfirmSecondFactorWithResponse(t.Context(), client.SecondFactorConfirm{Code: code})
		require.NoError(t, err)
		return got
	}
	renew := func(password, code string) *client.RegenerateRecoveryCodesResponse {
		got, err := owner.RegenerateRecoveryCodesWithResponse(t.Context(), client.RecoveryCodesRegenerate{Password: password, Code: code})
		require.NoError(t, err)
		return got
	}
	disable := func(body client.SecondFactorDisable) *client.DisableSecondFactorResponse {
		got, err := owner.DisableSecondFactorWithResponse(t.Context(), body)
		require.NoError(t, err)
		return got
	}
	require.Equal(t, client.SecondFactor{}, state())
	require.Equal(t, "second_factor_not_begun", confirm("000000").ApplicationProblemJSON409.Code)
	require.Equal(t, "second_factor_not_active", renew(shoptest.Password, "000000").ApplicationProblemJSON409.Code)
	require.Equal(t, "second_factor_not_active", disable(client.SecondFactorDisable{Password: shoptest.Password, Code: ptr("000000")}).ApplicationProblemJSON409.Code)
	begin := func(password string) *client.BeginSecondFactorResponse {
		got, err := owner.BeginSecondFactorWithResponse(t.Context(), client.SecondFactorBegin{Password: password})
		require.NoError(t, err)
		return got
	}
	require.Equal(t, "wrong_password", begin("not it").ApplicationProblemJSON403.Code)
	begun := begin(shoptest.Password)
	require.Equal(t, http.StatusOK, begun.StatusCode(), string(begun.Body))
	require.False(t, state().Active)
	require.Equal(t, "wrong_code", confirm("000000").ApplicationProblemJSON403.Code)
	app := enrolled(t, shop, owner)
	require.True(t, state().Active)
	require.WithinDuration(t, time.Now(), *state().Since, time.Minute)
	require.EqualValues(t, 10, state().RecoveryCodesLeft)
	require.Equal(t, "second_factor_active", begin(shoptest.Password).ApplicationProblemJSON409.Code)

	export, err := owner.ExportAccountWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, state(), export.JSON200.SecondFactor)
	require.NotContains(t, string(export.Body), app.secret)

	require.Equal(t, "wrong_password", renew("not it", app.code(t, 0)).ApplicationProblemJSON403.Code)
	require.Equal(t, "wrong_code", renew(shoptest.Password, "000000").ApplicationProblemJSON403.Code)
	renewed := renew(shoptest.Password, app.code(t, 0))
	require.Equal(t, http.StatusOK, renewed.StatusCode(), string(renewed.Body))
	require.NotContains(t, app.recovery, renewed.JSON200.RecoveryCodes[0])

	fresh(t, shop)
	require.Equal(t, http.StatusUnprocessableEntity, disable(client.SecondFactorDisable{Password: shoptest.Password}).StatusCode())
	require.Equal(t, "wrong_password", disable(client.SecondFactorDisable{Password: "not it", Code: ptr(app.code(t, 0))}).ApplicationProblemJSON403.Code)
	require.Equal(t, "wrong_code", disable(client.SecondFactorDisable{Password: shoptest.Password, RecoveryCode: &app.recovery[0]}).ApplicationProblemJSON403.Code)
	require.Equal(t, http.StatusNoContent, disable(client.SecondFactorDisable{Password: shoptest.Password, Code: ptr(app.code(t, 0))}).StatusCode())
	require.False(t, state().Active)
	shop.AwaitMail(email, removedSubject)
	shop.Login(email)

	enrolled(t, shop, owner)
	deleted, err := owner.DeleteAccountWithResponse(t.Context(), client.AccountDelete{Password: shoptest.Password})
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, deleted.StatusCode(), string(deleted.Body))
	var left int
	require.NoError(t, shop.DB.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM second_factors) + (SELECT count(*) FROM recovery_codes)`).Scan(&left))
	require.Zero(t, left)
}

func TestAnAdminHelpsWhoHasLostTheSecondFactor(t *testing.T) {
	t.Parallel()
	const email = "careless@example.com"
	shop := shoptest.New(t)
	owner := shop.User(email, auth.Staff)
	profile, err := owner.GetProfileWithResponse(t.Context())
	require.NoError(t, err)
	reset := func(by *client.ClientWithResponses, user uuid.UUID) *client.ResetSecondFactorResponse {
		got, err := by.ResetSecondFactorWithResponse(t.Context(), user, nil)
		require.NoError(t, err)
		return got
	}
	require.Equal(t, "second_factor_not_found", reset(shop.Admin, profile.JSON200.ID).ApplicationProblemJSON404.Code)
	enrolled(t, shop, owner)
	require.Equal(t, http.StatusForbidden, reset(shop.Staff, profile.JSON200.ID).StatusCode())
	admin, err := shop.Admin.GetProfileWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, "own_second_factor", reset(shop.Admin, admin.JSON200.ID).ApplicationProblemJSON409.Code)
	challenged(t, shop, email)
	require.Equal(t, http.StatusNoContent, reset(shop.Admin, profile.JSON200.ID).StatusCode())
	shop.AwaitMail(email, removedSubject)
	gone, err := owner.GetProfileWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, gone.StatusCode(), "its sessions have ended")
	shop.Login(email)
}

// openWithout is what those may do who lack a second factor that is required of them.
var openWithout = []string{"getProfile", "getSecondFactor", "beginSecondFactor", "confirmSecondFactor", "logoutUser", "logoutEverywhere"}

func TestWhoLacksARequiredFactorCanDoNothingButAddOne(t *testing.T) {
	t.Parallel()
	for whom, asked := range map[string][]string{"admins": {"admin@example.com"}, "staff": {"admin@example.com", "staff@example.com"}} {
		t.Run(whom, func(t *testing.T) {
			t.Parallel()
			shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithSecondFactorOf(whom))
			shop.User("customer@example.com", auth.Customer)
			held := contents(t, shop)
			for _, email := range asked {
				requireClosed(t, shop, email, true)
			}
			now := contents(t, shop)
			for _, signing := range []string{"sessions", "refresh_tokens", "known_networks", "audit_entries", "audit_changes"} {
				delete(held, signing)
				delete(now, signing)
			}
			require.Equal(t, held, now)
			for _, email := range []string{"staff@example.com", "customer@example.com"} {
				if !slices.Contains(asked, email) {
					requireClosed(t, shop, email, false)
				}
			}

			somebody := shop.As(shop.Login(asked[0]).AccessToken)
			state, err := somebody.GetSecondFactorWithResponse(t.Context())
			require.NoError(t, err)
			require.True(t, state.JSON200.Required)
			enrolled(t, shop, somebody)
			list, err := somebody.ListOrdersWithResponse(t.Context(), nil)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, list.StatusCode(), "at once: "+string(list.Body))
		})
	}
}

// requireClosed tries every operation that takes a token as somebody.
func requireClosed(t *testing.T, shop *shoptest.Shop, email string, closed bool) {
	t.Helper()
	tried, token := 0, ""
	for _, o := range operations(t) {
		if len(*o.described.Security) == 1 && o.permission == "public" {
			continue // it takes no token
		}
		if token == "" {
			token = shop.Login(email).AccessToken
		}
		got := send(t, shop, call{method: o.method, path: o.address("", ""), token: token, body: "{}", media: o.media()})
		if closed && !slices.Contains(openWithout, o.id) {
			require.Equal(t, "second_factor_missing", requireProblem(t, got, http.StatusForbidden).Code, o.id)
			tried++
			continue
		}
		require.NotEqual(t, "second_factor_missing", got.problem.Code, o.id)
		if o.id == "logoutUser" || o.id == "logoutEverywhere" {
			token = ""
		}
	}
	if closed {
		require.Greater(t, tried, 40)
	}
}
