package stripesim

import (
	"fmt"
	"net/http"
	"strings"
)

// ErrorBody is the object under "error" in Stripe's answers, and a PaymentIntent's
// last_payment_error.
type ErrorBody struct {
	Charge        string         `json:"charge,omitempty"`
	Code          string         `json:"code,omitempty"`
	DeclineCode   string         `json:"decline_code,omitempty"`
	DocURL        string         `json:"doc_url,omitempty"`
	Message       string         `json:"message"`
	Param         string         `json:"param,omitempty"`
	PaymentIntent *PaymentIntent `json:"payment_intent,omitempty"`
	PaymentMethod *PaymentMethod `json:"payment_method,omitempty"`
	SetupIntent   *SetupIntent   `json:"setup_intent,omitempty"`
	Type          string         `json:"type"`
}

// apiError is a refusal on its way to the client.
type apiError struct {
	status int
	body   ErrorBody
}

const (
	typeInvalidRequest = "invalid_request_error"
	typeCard           = "card_error"
	typeIdempotency    = "idempotency_error"
	typeAPI            = "api_error"
)

// refuse is a 400 invalid_request_error; code and param may be empty.
func refuse(code, param, format string, args ...any) *apiError {
	return &apiError{http.StatusBadRequest, ErrorBody{
		Type: typeInvalidRequest, Code: code, DocURL: docURL(code), Param: param,
		Message: fmt.Sprintf(format, args...),
	}}
}

func (e *apiError) withStatus(status int) *apiError {
	e.status = status
	return e
}

// noSuch says an id is unknown. Stripe answers 404 when the id stands in the path and
// 400 when it is a parameter.
func noSuch(kind, param, id string) *apiError {
	return refuse("resource_missing", param, "No such %s: '%s'", kind, id)
}

// unexpectedState refuses a step the intent's status does not allow.
func unexpectedState(in *intent, format string, args ...any) *apiError {
	e := refuse("payment_intent_unexpected_state", "", format, args...)
	e.body.PaymentIntent = in.copy()
	return e
}

func docURL(code string) string {
	if code == "" {
		return ""
	}
	return "https://stripe.com/docs/error-codes/" + strings.ReplaceAll(code, "_", "-")
}
