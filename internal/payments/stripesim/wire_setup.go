package stripesim

// SetupIntent has Stripe's fields in Stripe's shape. What a field points to is
// replaced and never changed in place, so a copy stays what it was.
type SetupIntent struct {
	ID                      string                   `json:"id"`
	Object                  string                   `json:"object"`
	Application             *string                  `json:"application"`
	AutomaticPaymentMethods *AutomaticPaymentMethods `json:"automatic_payment_methods"`
	CancellationReason      *string                  `json:"cancellation_reason"`
	ClientSecret            string                   `json:"client_secret"`
	Created                 int64                    `json:"created"`
	Customer                *string                  `json:"customer"`
	Description             *string                  `json:"description"`
	FlowDirections          []string                 `json:"flow_directions"`
	LastSetupError          *ErrorBody               `json:"last_setup_error"`
	LatestAttempt           *string                  `json:"latest_attempt"`
	Livemode                bool                     `json:"livemode"`
	Mandate                 *string                  `json:"mandate"`
	Metadata                map[string]string        `json:"metadata"`
	NextAction              *NextAction              `json:"next_action"`
	OnBehalfOf              *string                  `json:"on_behalf_of"`
	PaymentMethod           *string                  `json:"payment_method"`
	PaymentMethodOptions    map[string]any           `json:"payment_method_options"`
	PaymentMethodTypes      []string                 `json:"payment_method_types"`
	SingleUseMandate        *string                  `json:"single_use_mandate"`
	Status                  string                   `json:"status"`
	Usage                   string                   `json:"usage"`
}
