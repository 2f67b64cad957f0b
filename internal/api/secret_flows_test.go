package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
	"cartwright/internal/payments/stripesim"
)

// keeper is somebody who goes through a shop with secrets, and remembers them and every refusal.
type keeper struct {
	t       *testing.T
	shop    *shoptest.Shop
	secrets map[string]string
	calls   []call
	refused []answer
}

// ask sends a body, and reads of the answer what into wants.
func (k *keeper) ask(c call, status int, into any) answer {
	k.t.Helper()
	got := send(k.t, k.shop, c)
	require.Equal(k.t, status, got.status, "%s: %s", c.path, got.body)
	if into != nil {
		require.NoError(k.t, json.Unmarshal([]byte(got.body), into), got.body)
	}
	if got.status >= http.StatusBadRequest && got.problem.Challenge == nil { // that is for whoever gets it
		k.calls, k.refused = append(k.calls, c), append(k.refused, got)
	}
	return got
}

func (k *keeper) post(path, token string, body map[string]any, status int, into any) answer {
	k.t.Helper()
	return k.ask(call{method: http.MethodPost, path: path, token: token, body: toJSON(k.t, body)}, status, into)
}

// keep has a secret be one.
func (k *keeper) keep(name, secret string) string {
	k.t.Helper()
	require.NotEmpty(k.t, secret, name)
	k.secrets[name] = secret
	return secret
}

func (k *keeper) keepPair(name string, pair client.TokenPair) client.TokenPair {
	k.t.Helper()
	k.keep(name+" access token", pair.AccessToken)
	k.keep(name+" refresh token", pair.RefreshToken)
	return pair
}

// requireKept holds when nothing that was secret got anywhere.
func (k *keeper) requireKept(log *heard) {
	k.t.Helper()
	for i, got := range k.refused {
		requireUnechoed(k.t, k.calls[i], got, k.secrets)
	}
	requireUnsaid(k.t, k.shop, log, k.secrets)
}

func newKeeper(t *testing.T, options ...shoptest.Option) (*keeper, *heard) {
	t.Helper()
	log := &heard{}
	return &keeper{t: t, shop: shoptest.New(t, append(options, log.listening())...), secrets: map[string]string{}}, log
}

// join registers, verifies and signs in, with a wrong password and a used link on the way.
func (k *keeper) join() (email, password string, pair client.TokenPair) {
	email, password = k.keep("e-mail", "johanna-zq7391xk@example.com"), k.keep("password", "quince zq7391xk lane")
	k.post("/auth/register", "", map[string]any{"email": email, "password": password, "firstName": "Johanna"}, http.StatusAccepted, nil)
	k.post("/auth/register", "", map[string]any{"email": email, "password": email}, http.StatusUnprocessableEntity, nil)
	token := k.keep("verification token", mailed(k.t, k.shop, email, verifySubject))
	k.post("/auth/verify-email", "", map[string]any{"token": token, "password": "wrong"}, http.StatusUnauthorized, nil)
	k.post("/auth/verify-email", "", map[string]any{"token": token, "password": password}, http.StatusOK, &pair)
	k.keepPair("first", pair)
	k.post("/auth/verify-email", "", map[string]any{"token": token, "password": password}, http.StatusUnprocessableEntity, nil)
	k.post("/auth/register", "", map[string]any{"email": email, "password": password}, http.StatusAccepted, nil)
	k.post("/auth/login", "", map[string]any{"email": email, "password": password + " wrong"}, http.StatusUnauthorized, nil)
	k.post("/auth/login", "", map[string]any{"email": email, "password": password}, http.StatusOK, &pair)
	return email, password, k.keepPair("second", pair)
}

func TestTheSecretsOfAnAccountAreSaidNowhere(t *testing.T) {
	t.Parallel()
	k, log := newKeeper(t)
	email, password, pair := k.join()

	used, next := pair.RefreshToken, client.TokenPair{}
	k.post("/auth/refresh", "", map[string]any{"refreshToken": used}, http.StatusOK, &next)
	k.keepPair("next", next)
	k.post("/auth/refresh", "", map[string]any{"refreshToken": used}, http.StatusUnauthorized, nil)
	k.ask(call{method: http.MethodGet, path: "/account", token: next.AccessToken}, http.StatusUnauthorized, nil)

	k.post("/auth/password-reset", "", map[string]any{"email": email}, http.StatusAccepted, nil)
	token := k.keep("reset token", mailed(t, k.shop, email, "Choose a new password"))
	k.post("/auth/password-reset/confirm", "", map[string]any{"token": token, "password": email}, http.StatusUnprocessableEntity, nil)
	k.post("/auth/password-reset/confirm", "", map[string]any{"token": token, "password": password}, http.StatusNoContent, nil)
	k.post("/auth/password-reset/confirm", "", map[string]any{"token": token, "password": password}, http.StatusUnprocessableEntity, nil)
	k.post("/auth/login", "", map[string]any{"email": email, "password": password}, http.StatusOK, &pair)
	k.keepPair("third", pair)

	another := k.keep("new e-mail", "quince-zq7391xk@example.org")
	k.post("/account/email", pair.AccessToken, map[string]any{"email": another, "password": "wrong"}, http.StatusForbidden, nil)
	k.post("/account/email", pair.AccessToken, map[string]any{"email": another, "password": password}, http.StatusAccepted, nil)
	k.keep("token of the new e-mail", mailed(t, k.shop, another, changeSubject))

	var begun struct{ Secret string }
	k.post("/account/second-factor", pair.AccessToken, map[string]any{"password": password}, http.StatusOK, &begun)
	app := authenticator{secret: k.keep("secret of the second factor", begun.Secret)}
	k.post("/account/second-factor/confirm", pair.AccessToken, map[string]any{"code": "000000"}, http.StatusForbidden, nil)
	var codes struct{ RecoveryCodes []string }
	k.post("/account/second-factor/confirm", pair.AccessToken, map[string]any{"code": app.code(t, 0)}, http.StatusOK, &codes)
	recovery := k.keep("recovery code", codes.RecoveryCodes[0])
	k.keep("other recovery code", codes.RecoveryCodes[1])
	k.post("/auth/login", "", map[string]any{"email": email, "password": password, "code": "000000"}, http.StatusUnauthorized, nil)
	got := k.post("/auth/login", "", map[string]any{"email": email, "password": password}, http.StatusUnauthorized, nil)
	challenge := k.keep("challenge", *got.problem.Challenge)
	k.post("/auth/login/second-factor", "", map[string]any{"challenge": challenge, "recoveryCode": recovery + "x"}, http.StatusUnauthorized, nil)
	k.post("/auth/login/second-factor", "", map[string]any{"challenge": challenge, "recoveryCode": recovery}, http.StatusOK, &pair)
	k.keepPair("fourth", pair)
	k.post("/auth/login/second-factor", "", map[string]any{"challenge": challenge, "recoveryCode": recovery}, http.StatusUnauthorized, nil)
	k.shop.AwaitMail(email, recoverySubject)

	made := keyOf(t, k.shop.Admin, client.StaffPermissionOrdersRead)
	key := k.keep("API key", *made.Key)
	k.ask(call{method: http.MethodGet, path: "/orders", token: key}, http.StatusOK, nil)
	k.ask(call{method: http.MethodGet, path: "/staff", token: key}, http.StatusUnauthorized, nil)
	_, err := k.shop.Admin.RevokeAPIKeyWithResponse(t.Context(), made.ID, nil)
	require.NoError(t, err)
	k.ask(call{method: http.MethodGet, path: "/orders", token: key}, http.StatusUnauthorized, nil)
	k.requireKept(log)
	k.requireUnreadable("dev_mails", "users", "letters")
}

func TestTheSecretsOfAPurchaseAreSaidNowhere(t *testing.T) {
	t.Parallel()
	k, log := newKeeper(t)
	email, card := k.keep("e-mail", "johanna-zq7391xk@example.com"), k.keep("card", canaryCard)
	once := k.keep("idempotency key", "once-zq7391xk")
	cart := k.shop.Cart(1, k.shop.Product(5)).ID
	placing := func(notes string) call {
		return call{method: http.MethodPost, path: "/orders/from-cart", header: map[string]string{"Idempotency-Key": once}, body: toJSON(t, map[string]any{
			"cartId": cart, "email": email, "notes": notes, "shippingAddress": shoptest.Address(),
		})}
	}
	var order client.Order
	first := placing("")
	k.ask(first, http.StatusCreated, &order)
	k.ask(first, http.StatusCreated, nil)
	k.ask(placing("another"), http.StatusUnprocessableEntity, nil)
	token := k.keep("order token", *order.OrderToken)
	k.keep("street", shoptest.Address().Street1)
	pay := func(method string, status int, into any) {
		t.Helper()
		k.ask(call{
			method: http.MethodPost, path: "/orders/" + order.ID.String() + "/payment", body: toJSON(t, map[string]any{"paymentMethodId": method}),
			header: map[string]string{shoptest.OrderTokenHeader: token},
		}, status, into)
	}
	pay("pm_card_chargeDeclined", http.StatusPaymentRequired, nil)
	pay("pm_"+card, http.StatusUnprocessableEntity, nil) // a front end that gets it wrong
	pay(card, http.StatusUnprocessableEntity, nil)
	pay("pm_card_visa", http.StatusOK, nil)
	k.ask(call{method: http.MethodGet, path: "/orders/" + uuid.NewString(), header: map[string]string{shoptest.OrderTokenHeader: token}}, http.StatusNotFound, nil)
	k.post("/orders/lookup", "", map[string]any{"orderNumber": order.OrderNumber, "email": "x" + email}, http.StatusAccepted, nil)

	asked, err := k.shop.Guest.PayOrderWithResponse(t.Context(), k.shop.Order(1, k.shop.Product(5)).ID, nil, client.PaymentCreate{})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, asked.StatusCode(), string(asked.Body))
	k.keep("client secret", *asked.JSON200.PaymentIntent.ClientSecret)
	for _, event := range []string{
		`{"id":"evt_1","object":"event","type":"payment_intent.succeeded","api_version":"2023-10-16","livemode":false,"data":{"object":` +
			`{"id":"pi_unknown","object":"payment_intent","amount":1,"currency":"usd","status":"succeeded","receipt_email":%q,"description":%q}}}`,
		`{"id":"evt_2","object":"event","type":"charge.refunded","api_version":"2023-10-16","livemode":false,"data":{"object":` +
			`{"id":"ch_unknown","object":"charge","payment_intent":%q,"billing_details":{"email":%q}}}}`,
		`{"id":%q,"receipt_email":%q`,
	} {
		payload := []byte(fmt.Sprintf(event, email, card))
		for _, signature := range []string{stripesim.Signature(payload, shoptest.WebhookSecret, time.Now()), "t=1,v1=" + card} {
			k.calls = append(k.calls, call{path: "/webhooks/stripe"})
			k.refused = append(k.refused, send(t, k.shop, call{
				method: http.MethodPost, path: "/webhooks/stripe", body: string(payload), header: map[string]string{"Stripe-Signature": signature},
			}))
		}
	}
	k.shop.AwaitMail(email, "Your order "+order.OrderNumber)
	k.requireKept(log)
}

// A mail provider may answer with all that it was sent.
func TestAMailThatFailsSaysNothingOfItself(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"for now": http.StatusInternalServerError, "for good": http.StatusBadRequest} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				sent, _ := io.ReadAll(r.Body)
				quoted, _ := json.Marshal(string(sent))
				w.WriteHeader(status)
				_, _ = fmt.Fprintf(w, `{"errors":[{"message":%s,"field":%s}]}`, quoted, quoted)
			}))
			t.Cleanup(provider.Close)
			k, log := newKeeper(t, shoptest.WithSendGrid(provider.URL))
			shop := k.shop
			email := k.keep("e-mail", "johanna-zq7391xk@example.com")
			shop.User(email, auth.Customer)
			k.post("/auth/password-reset", "", map[string]any{"email": email}, http.StatusAccepted, nil)
			k.post("/auth/register", "", map[string]any{"email": "x" + email, "password": shoptest.Password}, http.StatusAccepted, nil)
			require.Eventually(t, func() bool {
				var failed int
				err := shop.DB.QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'auth_send_letter' AND errors <> '{}'`).Scan(&failed)
				return err == nil && failed == 2
			}, time.Minute, 20*time.Millisecond)
			for range 25 { // something to have been logged
				send(t, shop, call{method: http.MethodGet, path: "/categories"})
			}
			k.requireKept(log)
		})
	}
}

// requireUnreadable holds when none of the shop's tables tells a secret, but for those that are meant to.
func (k *keeper) requireUnreadable(but ...string) {
	k.t.Helper()
	rows, err := k.shop.DB.Query(k.t.Context(), `
		SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND NOT table_name = ANY($1)`, but)
	require.NoError(k.t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(k.t, err)
	for _, table := range tables {
		var text string
		require.NoError(k.t, k.shop.DB.QueryRow(k.t.Context(),
			"SELECT coalesce(string_agg(t::text, ' '), '') FROM "+pgx.Identifier{table}.Sanitize()+" t").Scan(&text))
		for name, secret := range k.secrets {
			require.False(k.t, finds(text, secret), "%s is in %s", name, table)
		}
	}
}
