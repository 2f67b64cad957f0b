package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"cartwright/internal/errs"
	"cartwright/internal/idempotency"
)

// Operations that speak to the payment provider: no transaction may be open around them.
var staged = map[string]bool{
	"payOrder": true, "cancelOrder": true, "captureOrder": true, "refundOrder": true, "refundReturn": true,
	"replayStripeEvent": true, "createCardSetup": true, "getCardSetup": true, "deleteCard": true,
}

const (
	keyHeader        = "Idempotency-Key"
	orderTokenHeader = "X-Order-Token"
)

var errEmptyKey = errs.InvalidFields(errs.Field{
	In: "HEADER", Name: keyHeader, Code: "too_short", Message: "There is nothing between the quotes.",
})

// minGuestKey is how long a guest's key is at least where nothing else of the command is secret.
const minGuestKey = 16

var errGuessableKey = errs.InvalidFields(errs.Field{
	In: "HEADER", Name: keyHeader, Code: "too_short",
	Message: fmt.Sprintf("A guest without a sessionId needs a key of at least %d characters. Use a random UUID.", minGuestKey),
})

// Headers of a reply that are kept with it.
var keptHeaders = []string{"Location", "ETag", "WWW-Authenticate"}

// idempotent answers a repeated Idempotency-Key with the stored reply, and stores the reply of a
// new one together with its effect.
func idempotent(store *idempotency.Store, problems problemWriter) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			command, err := commandOf(c)
			if err != nil {
				return err
			}
			if command == nil {
				return next(c)
			}
			do := store.Do
			if staged[operation(c).id] {
				do = store.DoStaged
			}
			run := func(ctx context.Context) (idempotency.Reply, error) { return record(ctx, c, next, problems), nil }
			reply, replayed, err := do(c.Request().Context(), *command, run)
			if err != nil {
				return err
			}
			return send(c, reply, replayed)
		}
	}
}

// commandOf is the request as a use of its key; nil when it has none that means something.
func commandOf(c echo.Context) (*idempotency.Command, error) {
	key, err := keyOf(c)
	if key == "" || err != nil {
		return nil, err
	}
	scope, guarded := scopeOf(c)
	if !guarded && len(key) < minGuestKey {
		return nil, errGuessableKey
	}
	return &idempotency.Command{Scope: scope, Key: key, Hash: hashOf(c)}, nil
}

// keyOf is the key of the request; "" when it has none that means something.
func keyOf(c echo.Context) (string, error) {
	sent := c.Request().Header.Get(keyHeader)
	if sent == "" || !takes(operation(c), keyHeader) {
		return "", nil
	}
	key := strings.Trim(sent, `"`) // also as a structured-field string
	if key == "" {
		return "", errEmptyKey
	}
	return key, nil
}

// takes tells whether the spec offers a header on this operation.
func takes(operation *contractOperation, header string) bool {
	return operation.route.Operation.Parameters.GetByInAndName("header", header) != nil
}

// scopeOf is who asks and for what, so that a user is never answered another's reply. Guests are all
// called the same; what keeps them apart is the capability that a command names: the token of an order, an
// id in its path, or a cart or session in its body. Where guarded is false it names none, and the key alone
// is the secret.
func scopeOf(c echo.Context) (scope string, guarded bool) {
	request := c.Request()
	who := principal(request.Context())
	scope = who.String() + " " + request.Method + " " + request.URL.Path
	if !who.IsGuest() {
		return scope, true
	}
	capability := capabilityOf(c)
	if capability == "" {
		return scope, len(c.ParamNames()) > 0
	}
	return scope + " " + capability, true
}

// capabilityOf is the secret that the command shows, or "". Of a token only its hash goes on.
func capabilityOf(c echo.Context) string {
	if token := c.Request().Header.Get(orderTokenHeader); token != "" && takes(operation(c), orderTokenHeader) {
		return fmt.Sprintf("%x", sha256.Sum256([]byte(token)))
	}
	value, _ := validated(c)
	members, _ := value.(map[string]any)
	for _, name := range []string{"cartId", "sessionId"} {
		if capability, ok := members[name].(string); ok {
			return capability
		}
	}
	return ""
}

// hashOf tells one request from another.
func hashOf(c echo.Context) []byte {
	request := c.Request()
	hash := sha256.New()
	hash.Write([]byte(request.Method + " " + request.URL.RequestURI() + "\n"))
	hash.Write(body(c))
	if form := formIn(request.Context()); form != nil {
		hash.Write(form.digest())
	}
	return hash.Sum(nil)
}

// record runs the operation and keeps what it would have answered.
func record(ctx context.Context, c echo.Context, next echo.HandlerFunc, problems problemWriter) idempotency.Reply {
	request, response := c.Request(), c.Response()
	recorder := &recorder{header: http.Header{}}
	c.SetRequest(request.WithContext(ctx))
	c.SetResponse(echo.NewResponse(recorder, c.Echo()))
	if err := recoverPanics(next)(c); err != nil { // here, or its answer would be written into the void
		problems.write(err, c)
	}
	c.SetRequest(request)
	c.SetResponse(response)

	reply := idempotency.Reply{
		Status: recorder.status, ContentType: recorder.header.Get(echo.HeaderContentType),
		Headers: map[string]string{}, Body: append([]byte{}, recorder.body.Bytes()...),
	}
	for _, name := range keptHeaders {
		if value := recorder.header.Get(name); value != "" {
			reply.Headers[name] = value
		}
	}
	retry := recorder.header.Get("Retry-After")
	if reply.Discard = !worthKeeping(recorder.status) || retry != ""; retry != "" {
		reply.Headers["Retry-After"] = retry
	}
	return reply
}

// worthKeeping holds for what an operation decided; a request that was refused at the door, or that
// failed on our side, may be tried again under the same key.
func worthKeeping(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity,
		http.StatusPreconditionFailed:
		return false
	}
	return status < http.StatusInternalServerError
}

func send(c echo.Context, reply idempotency.Reply, replayed bool) error {
	header := c.Response().Header()
	for name, value := range reply.Headers {
		header.Set(name, value)
	}
	if replayed {
		header.Set("Idempotency-Replayed", "true")
	}
	if reply.Status == http.StatusNoContent {
		return c.NoContent(reply.Status)
	}
	return c.Blob(reply.Status, reply.ContentType, reply.Body)
}

// recorder is an http.ResponseWriter that keeps what is written.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header is the answer's header.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader keeps the status.
func (r *recorder) WriteHeader(status int) { r.status = status }

// Write keeps the body.
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }

// requestKey is what the key names the request by, as rows remember it that were made for it; "" without one.
func requestKey(header *string) string { return strings.Trim(or(header, ""), `"`) }
