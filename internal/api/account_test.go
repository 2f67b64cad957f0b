package api_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/oapi-codegen/nullable"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

// Subjects of the mails that accounts are about.
const (
	verifySubject  = "Confirm your e-mail address"
	changeSubject  = "Confirm your new address"
	changedSubject = "Your account has another address now"
)

var tokenInLink = regexp.MustCompile(`[?#&]token=([A-Za-z0-9_-]+)`)

// mailed is the token of the newest mail to an address with this subject.
func mailed(t *testing.T, shop *shoptest.Shop, address, subject string) string {
	t.Helper()
	found := tokenInLink.FindStringSubmatch(shop.AwaitMail(address, subject).Text)
	require.Len(t, found, 2)
	return found[1]
}

// registered is a customer who has registered and verified their address.
func registered(t *testing.T, shop *shoptest.Shop, email string) *client.ClientWithResponses {
	t.Helper()
	asked, err := shop.Guest.RegisterUserWithResponse(t.Context(), client.UserRegister{
		Email: email, Password: shoptest.Password, FirstName: ptr("Johanna"), LastName: ptr("Doehring"),
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, asked.StatusCode(), string(asked.Body))
	require.Empty(t, asked.Body)
	proof := client.EmailVerification{Token: mailed(t, shop, email, verifySubject), Password: shoptest.Password}
	verified, err := shop.Guest.VerifyEmailWithResponse(t.Context(), proof)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, verified.StatusCode(), string(verified.Body))
	return shop.As(verified.JSON200.AccessToken)
}

// address adds one to a customer's book.
func address(t *testing.T, customer *client.ClientWithResponses, kind client.AddressType) client.CustomerAddress {
	t.Helper()
	added, err := customer.CreateAddressWithResponse(t.Context(), nil, client.CustomerAddressCreate{
		Type: kind, FirstName: "Johanna", LastName: "Doehring", Street1: "7 Quince Lane", City: "Albany", State: "NY", PostalCode: "12207-0042", Country: "US",
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, added.StatusCode(), string(added.Body))
	require.Equal(t, "/api/v1/account/addresses/"+added.JSON201.ID.String(), added.HTTPResponse.Header.Get("Location"))
	return *added.JSON201
}

// orderOf is an order of a guest with this address.
func orderOf(t *testing.T, shop *shoptest.Shop, email string, product client.Product) client.Order {
	t.Helper()
	placed, err := shop.Guest.PlaceOrderWithResponse(t.Context(), &client.PlaceOrderParams{IdempotencyKey: ptr(uuid.NewString())}, client.OrderPlace{
		CartID: shop.Cart(1, product).ID, Email: email, Notes: ptr("for Johanna Doehring"),
		ShippingAddress: client.AddressInput{
			FirstName: "Johanna", LastName: "Doehring", Street1: "7 Quince Lane", City: "Albany", State: "NY", PostalCode: "12207-0042", Country: "US",
		},
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, placed.StatusCode(), string(placed.Body))
	return *placed.JSON201
}

func history(t *testing.T, customer *client.ClientWithResponses) (ids []uuid.UUID) {
	t.Helper()
	params := &client.ListAccountOrdersParams{Limit: ptr[int32](2)}
	for {
		list, err := customer.ListAccountOrdersWithResponse(t.Context(), params)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, list.StatusCode(), string(list.Body))
		for _, order := range list.JSON200.Data {
			ids = append(ids, order.ID)
		}
		if params.Cursor = list.JSON200.NextCursor; params.Cursor == nil {
			return ids
		}
	}
}

func TestAGuestsOrdersJoinTheAccountOfAProvenAddress(t *testing.T) {
	t.Parallel()
	const email = "johanna@example.com"
	shop := shoptest.New(t)
	product := shop.Product(50)
	var mine []uuid.UUID
	for range 3 {
		mine = append([]uuid.UUID{orderOf(t, shop, "Johanna@Example.com", product).ID}, mine...)
	}
	orderOf(t, shop, "somebody.else@example.com", product)
	stranger := shop.User("stranger@example.com", auth.Customer)

	asked, err := shop.Guest.RegisterUserWithResponse(t.Context(), client.UserRegister{Email: email, Password: shoptest.Password})
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, asked.StatusCode())
	token := mailed(t, shop, email, verifySubject)
	login := func() int {
		got, err := shop.Guest.LoginUserWithResponse(t.Context(), client.UserLogin{Email: email, Password: shoptest.Password})
		require.NoError(t, err)
		return got.StatusCode()
	}
	verify := func(password string) *client.VerifyEmailResponse {
		got, err := shop.Guest.VerifyEmailWithResponse(t.Context(), client.EmailVerification{Token: token, Password: password})
		require.NoError(t, err)
		return got
	}
	require.Equal(t, http.StatusUnauthorized, login(), "before the address is proven")
	require.Equal(t, "invalid_credentials", verify("a click is no password").ApplicationProblemJSON401.Code)
	verified := verify(shoptest.Password)
	require.Equal(t, http.StatusOK, verified.StatusCode(), string(verified.Body))
	require.Equal(t, "link_expired", verify(shoptest.Password).ApplicationProblemJSON422.Code)
	require.Equal(t, http.StatusOK, login())
	require.Equal(t, mine, history(t, shop.As(verified.JSON200.AccessToken)), "newest first, page by page")
	require.Empty(t, history(t, stranger))
}

func TestAForgottenPasswordIsReplacedByMail(t *testing.T) {
	t.Parallel()
	const email, next = "forgetful@example.com", "correct donkey battery clip"
	shop := shoptest.New(t)
	shop.User(email, auth.Customer)
	before := shop.Login(email)
	asked, err := shop.Guest.RequestPasswordResetWithResponse(t.Context(), client.PasswordResetRequest{Email: email})
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, asked.StatusCode())
	token := ""
	require.Eventually(t, func() bool {
		for _, mail := range shop.Mails(email) {
			if found := tokenInLink.FindStringSubmatch(mail.Text); found != nil {
				token = found[1]
			}
		}
		return token != ""
	}, time.Minute, 20*time.Millisecond)
	confirm := func(password string) *client.ConfirmPasswordResetResponse {
		got, err := shop.Guest.ConfirmPasswordResetWithResponse(t.Context(), client.PasswordReset{Token: token, Password: password})
		require.NoError(t, err)
		return got
	}
	weak := confirm("password123")
	require.Equal(t, "weak_password", weak.ApplicationProblemJSON422.Code)
	require.Equal(t, "password", weak.ApplicationProblemJSON422.Errors[0].Field)
	require.Equal(t, http.StatusNoContent, confirm(next).StatusCode())
	require.Equal(t, "link_expired", confirm(next).ApplicationProblemJSON422.Code)
	profile, err := shop.As(before.AccessToken).GetProfileWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, profile.StatusCode(), "its sessions have ended")
	login, err := shop.Guest.LoginUserWithResponse(t.Context(), client.UserLogin{Email: email, Password: next})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, login.StatusCode())
}

func TestThePasswordIsAskedForWhatMattersMost(t *testing.T) {
	t.Parallel()
	const email, next = "careful@example.com", "correct donkey battery clip"
	shop := shoptest.New(t)
	here, elsewhere := shop.User(email, auth.Customer), shop.Login(email)
	shop.User("taken@example.com", auth.Customer)
	change := func(current, password string) *client.ChangePasswordResponse {
		got, err := here.ChangePasswordWithResponse(t.Context(), client.PasswordChange{CurrentPassword: current, Password: password})
		require.NoError(t, err)
		return got
	}
	require.Equal(t, "wrong_password", change("not it", next).ApplicationProblemJSON403.Code)
	require.Equal(t, "weak_password", change(shoptest.Password, "qwertyuiop").ApplicationProblemJSON422.Code)
	require.Equal(t, http.StatusNoContent, change(shoptest.Password, next).StatusCode())
	gone, err := shop.As(elsewhere.AccessToken).GetProfileWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, gone.StatusCode(), "other sessions end")

	move := func(to, password string) *client.ChangeEmailResponse {
		got, err := here.ChangeEmailWithResponse(t.Context(), client.EmailChange{Email: to, Password: password})
		require.NoError(t, err)
		return got
	}
	confirm := func(token string) *client.ConfirmEmailResponse {
		got, err := here.ConfirmEmailWithResponse(t.Context(), client.EmailConfirmation{Token: token})
		require.NoError(t, err)
		return got
	}
	require.Equal(t, "wrong_password", move("moved@example.com", shoptest.Password).ApplicationProblemJSON403.Code)
	require.Equal(t, http.StatusAccepted, move("taken@example.com", next).StatusCode(), "as if it were free")
	require.Equal(t, http.StatusAccepted, move("moved@example.com", next).StatusCode())
	token := mailed(t, shop, "moved@example.com", changeSubject)
	moved := confirm(token)
	require.Equal(t, http.StatusOK, moved.StatusCode(), string(moved.Body))
	require.Equal(t, "moved@example.com", moved.JSON200.Email)
	require.Equal(t, "link_expired", confirm(token).ApplicationProblemJSON422.Code)
	require.NotContains(t, shop.AwaitMail(email, changedSubject).Text, "moved@example.com", "the old address is told, and not where to")

	require.Equal(t, http.StatusAccepted, move("wanted@example.com", next).StatusCode())
	token = mailed(t, shop, "wanted@example.com", changeSubject)
	shop.User("wanted@example.com", auth.Customer)
	require.Equal(t, "email_taken", confirm(token).ApplicationProblemJSON409.Code)
}

func TestSessionsAreSeenAndEnded(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	stranger := shop.User("stranger@example.com", auth.Customer)
	shop.User("customer@example.com", auth.Customer)
	first, second, third := shop.Login("customer@example.com"), shop.Login("customer@example.com"), shop.Login("customer@example.com")
	here := shop.As(third.AccessToken)
	list := func(who *client.ClientWithResponses) []client.Session {
		got, err := who.ListSessionsWithResponse(t.Context())
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		return got.JSON200.Data
	}
	alive := func(pair client.TokenPair) bool {
		got, err := shop.As(pair.AccessToken).GetProfileWithResponse(t.Context())
		require.NoError(t, err)
		return got.StatusCode() == http.StatusOK
	}
	all := list(here)
	require.Len(t, all, 4)
	require.True(t, all[0].Current)
	require.Contains(t, *all[0].Device, "Go-http-client")
	require.Equal(t, list(shop.As(second.AccessToken))[1].ID, all[1].ID)

	end := func(who *client.ClientWithResponses, id uuid.UUID) int {
		got, err := who.EndSessionWithResponse(t.Context(), id, nil)
		require.NoError(t, err)
		return got.StatusCode()
	}
	require.Equal(t, http.StatusNotFound, end(stranger, all[1].ID))
	require.True(t, alive(second))
	require.Equal(t, http.StatusNoContent, end(here, all[1].ID))
	require.False(t, alive(second), "at once")
	require.Equal(t, http.StatusNotFound, end(here, all[1].ID))

	out, err := here.LogoutUserWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, out.StatusCode())
	require.False(t, alive(third))
	refreshed, err := shop.Guest.RefreshTokensWithResponse(t.Context(), nil, client.TokenRefresh{RefreshToken: third.RefreshToken})
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, refreshed.StatusCode())
	require.True(t, alive(first))
	everywhere, err := shop.As(first.AccessToken).LogoutEverywhereWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, everywhere.StatusCode())
	require.False(t, alive(first))
	require.NotEmpty(t, list(stranger))
}

func TestAProfileIsChangedInWhatIsItsOwnersToChange(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	shop.User("customer@example.com", auth.Customer)
	token := shop.Login("customer@example.com").AccessToken
	customer := shop.As(token)
	read := func() client.Profile {
		got, err := customer.GetProfileWithResponse(t.Context())
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		return *got.JSON200
	}
	before := contents(t, shop)
	for field, value := range map[string]any{
		"role": "ADMIN", "userId": uuid.NewString(), "id": uuid.NewString(), "emailVerified": true, "email": "a@example.com",
		"permissions": []string{"orders:read"}, "isActive": true, "passwordHash": "x", "FIRSTNAME": "x", "createdAt": "2020-01-01T00:00:00Z",
	} {
		got := send(t, shop, call{
			method: http.MethodPatch, path: "/account", token: token, media: mergePatch, body: toJSON(t, map[string]any{field: value}),
		})
		requireField(t, got, client.FieldLocationBODY, field)
	}
	for _, born := range []string{"1899-12-31", "2023-02-31", time.Now().AddDate(0, 0, 2).Format(time.DateOnly), "2000-13-01"} {
		got := send(t, shop, call{method: http.MethodPatch, path: "/account", token: token, media: mergePatch, body: `{"dateOfBirth":"` + born + `"}`})
		requireField(t, got, client.FieldLocationBODY, "dateOfBirth")
	}
	require.Equal(t, before, contents(t, shop))
	changed, err := customer.UpdateProfileWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), nil, client.ProfilePatch{
		FirstName: ptr("Johanna"), DateOfBirth: nullable.NewNullableWithValue("1990-05-17"),
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, changed.StatusCode(), string(changed.Body))
	require.Equal(t, *changed.JSON200, read())
	require.Equal(t, "Johanna", read().FirstName)
	require.Equal(t, "1990-05-17", read().DateOfBirth.String())
	require.Equal(t, client.AccountRoleCUSTOMER, read().Role)
}

func TestAnAddressBookIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	mine, stranger := shop.User("customer@example.com", auth.Customer), shop.User("stranger@example.com", auth.Customer)
	list := func(who *client.ClientWithResponses) []client.CustomerAddress {
		got, err := who.ListAddressesWithResponse(t.Context())
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		return got.JSON200.Data
	}
	change := func(who *client.ClientWithResponses, id uuid.UUID, patch client.CustomerAddressPatch) int {
		got, err := who.UpdateAddressWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), id, nil, patch)
		require.NoError(t, err)
		return got.StatusCode()
	}
	remove := func(who *client.ClientWithResponses, id uuid.UUID) int {
		got, err := who.DeleteAddressWithResponse(t.Context(), id, nil)
		require.NoError(t, err)
		return got.StatusCode()
	}
	defaults := func() (ids []uuid.UUID) {
		for _, a := range list(mine) {
			if a.IsDefault {
				ids = append(ids, a.ID)
			}
		}
		return ids
	}
	home, work, bill := address(t, mine, client.AddressTypeSHIPPING), address(t, mine, client.AddressTypeSHIPPING), address(t, mine, client.AddressTypeBILLING)
	require.Equal(t, []uuid.UUID{home.ID, bill.ID}, defaults(), "the first of each type")
	require.Equal(t, http.StatusOK, change(mine, work.ID, client.CustomerAddressPatch{IsDefault: ptr(true)}))
	require.Equal(t, []uuid.UUID{work.ID, bill.ID}, defaults())
	require.Equal(t, http.StatusOK, change(mine, work.ID, client.CustomerAddressPatch{Type: ptr(client.AddressTypeBILLING)}))
	require.Equal(t, []uuid.UUID{work.ID}, defaults(), "one default of each type, also by a change of type")

	before := contents(t, shop)
	require.Equal(t, http.StatusNotFound, change(stranger, home.ID, client.CustomerAddressPatch{City: ptr("Elsewhere")}))
	require.Equal(t, http.StatusNotFound, change(mine, uuid.New(), client.CustomerAddressPatch{City: ptr("Elsewhere")}))
	require.Equal(t, http.StatusNotFound, remove(stranger, home.ID))
	require.Empty(t, list(stranger))
	require.Equal(t, before, contents(t, shop), "nothing of it was touched")
	require.Equal(t, http.StatusNoContent, remove(mine, home.ID))
	require.Equal(t, http.StatusNotFound, remove(mine, home.ID))

	for range 48 {
		address(t, mine, client.AddressTypeSHIPPING)
	}
	full, err := mine.CreateAddressWithResponse(t.Context(), nil, client.CustomerAddressCreate{
		Type: client.AddressTypeSHIPPING, FirstName: "J", LastName: "D", Street1: "1", City: "A", State: "NY", PostalCode: "1", Country: "US",
	})
	require.NoError(t, err)
	require.Equal(t, "too_many_addresses", full.ApplicationProblemJSON409.Code)
}

func TestOfTwentyDefaultsAtOnceOneIs(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	mine := shop.User("customer@example.com", auth.Customer)
	ctx := context.WithoutCancel(t.Context())
	shoptest.Together(20, func(int) {
		added, err := mine.CreateAddressWithResponse(ctx, nil, client.CustomerAddressCreate{
			Type: client.AddressTypeSHIPPING, IsDefault: ptr(true), FirstName: "J", LastName: "D", Street1: "1", City: "A", State: "NY", PostalCode: "1", Country: "US",
		})
		if err != nil || added.StatusCode() != http.StatusCreated {
			t.Error(err, string(added.Body))
		}
	})
	var defaults, all int
	require.NoError(t, shop.DB.QueryRow(ctx, `SELECT count(*) FILTER (WHERE is_default), count(*) FROM customer_addresses`).Scan(&defaults, &all))
	require.Equal(t, []int{1, 20}, []int{defaults, all})
}

// traces are the tables in which a text stands, also in columns of bytes.
func traces(t *testing.T, shop *shoptest.Shop, text string) (tables []string) {
	t.Helper()
	rows, err := shop.DB.Query(t.Context(), `
		SELECT table_name FROM information_schema.tables
		WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'dev_mails'`) // that is the world outside
	require.NoError(t, err)
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	for _, table := range all {
		var found int
		require.NoError(t, shop.DB.QueryRow(t.Context(),
			`SELECT count(*) FROM `+pgx.Identifier{table}.Sanitize()+` t WHERE t::text ILIKE $1 OR t::text LIKE $2`,
			"%"+text+"%", "%"+hex.EncodeToString([]byte(text))+"%").Scan(&found))
		if found > 0 {
			tables = append(tables, fmt.Sprintf("%s %d", table, found))
		}
	}
	return tables
}

func TestADeletedAccountLeavesOrdersAndNoPerson(t *testing.T) {
	t.Parallel()
	const email = "johanna@example.com"
	shop := shoptest.New(t)
	product := shop.Product(10)
	before := orderOf(t, shop, email, product)
	customer := registered(t, shop, email)
	address(t, customer, client.AddressTypeSHIPPING)
	after := orderOf(t, shop, "JOHANNA@example.com", product)
	asked, err := customer.ChangeEmailWithResponse(t.Context(), client.EmailChange{Email: "doehring@example.com", Password: shoptest.Password})
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, asked.StatusCode())
	forgot, err := shop.Guest.RequestPasswordResetWithResponse(t.Context(), client.PasswordResetRequest{Email: email})
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, forgot.StatusCode())

	invite(t, shop, email)

	exported, err := customer.ExportAccountWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, exported.StatusCode(), string(exported.Body))
	require.Equal(t, "Johanna", exported.JSON200.Profile.FirstName)
	require.Len(t, exported.JSON200.Addresses, 1)
	require.Len(t, exported.JSON200.Sessions, 1)
	require.Equal(t, before.ID, exported.JSON200.Orders[0].ID)

	remove := func(who *client.ClientWithResponses, password string) *client.DeleteAccountResponse {
		got, err := who.DeleteAccountWithResponse(t.Context(), client.AccountDelete{Password: password})
		require.NoError(t, err)
		return got
	}
	require.Equal(t, "wrong_password", remove(customer, "not it").ApplicationProblemJSON403.Code)
	require.Equal(t, "staff_account", remove(shop.Admin, shoptest.Password).ApplicationProblemJSON409.Code)
	require.Equal(t, "order_under_way", remove(customer, shoptest.Password).ApplicationProblemJSON409.Code)
	for _, order := range []client.Order{before, after} {
		cancelled, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, cancelled.StatusCode(), string(cancelled.Body))
	}
	for _, person := range []string{email, "Doehring", "Quince"} {
		require.NotEmpty(t, traces(t, shop, person), person)
	}
	done := remove(customer, shoptest.Password)
	require.Equal(t, http.StatusNoContent, done.StatusCode(), string(done.Body))
	for _, person := range []string{email, "Johanna", "Doehring", "Quince", "Albany", "12207-0042"} {
		require.Empty(t, traces(t, shop, person), person)
	}
	var carts, replies int
	require.NoError(t, shop.DB.QueryRow(t.Context(), `SELECT
		(SELECT count(*) FROM carts WHERE order_id IS NOT NULL), (SELECT count(*) FROM idempotency_keys)`).Scan(&carts, &replies))
	require.Zero(t, carts, "also those bought as a guest")
	require.Zero(t, replies)
	profile, err := customer.GetProfileWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, profile.StatusCode())
	for _, order := range []client.Order{before, after} {
		read, err := shop.Staff.GetOrderWithResponse(t.Context(), order.ID, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, read.StatusCode(), string(read.Body))
		left := read.JSON200
		require.Equal(t, order.TotalAmount, left.TotalAmount)
		require.Equal(t, order.Items, left.Items)
		require.Equal(t, client.Address{Country: "US"}, left.ShippingAddress)
	}
	_, err = shop.DB.Exec(t.Context(), `DELETE FROM dev_mails`)
	require.NoError(t, err)
	again := registered(t, shop, email)
	require.Empty(t, history(t, again), "the address is free, and what was erased is nobody's")
}

func TestNoJobAndNoLogTellsWhatALetterDoes(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t)
	registered(t, shop, "canary@example.com")
	var args string
	require.NoError(t, shop.DB.QueryRow(t.Context(), `SELECT string_agg(j::text, ' ') FROM river_job j`).Scan(&args))
	require.Contains(t, args, "auth_send_letter")
	for _, mail := range shop.Mails("canary@example.com") {
		require.NotContains(t, args, tokenInLink.FindStringSubmatch(mail.Text)[1])
	}
	require.NotContains(t, strings.ToLower(args), "canary")
	require.NotContains(t, args, "Doehring")
}
