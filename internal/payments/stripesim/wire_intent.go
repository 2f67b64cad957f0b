package stripesim

// Status of a PaymentIntent.
const (
	statusRequiresPaymentMethod = "requires_payment_method"
	statusRequiresConfirmation  = "requires_confirmation"
	statusRequiresAction        = "requires_action"
	statusProcessing            = "processing"
	statusRequiresCapture       = "requires_capture"
	statusSucceeded             = "succeeded"
	statusCanceled              = "canceled"
)

// PaymentIntent has Stripe's fields in Stripe's shape. What a field points to is
// replaced and never changed in place, so a copy stays what it was.
type PaymentIntent struct {
	ID                        string                   `json:"id"`
	Object                    string                   `json:"object"`
	Amount                    int64                    `json:"amount"`
	AmountCapturable          int64                    `json:"amount_capturable"`
	AmountDetails             AmountDetails            `json:"amount_details"`
	AmountReceived            int64                    `json:"amount_received"`
	Application               *string                  `json:"application"`
	ApplicationFeeAmount      *int64                   `json:"application_fee_amount"`
	AutomaticPaymentMethods   *AutomaticPaymentMethods `json:"automatic_payment_methods"`
	CanceledAt                *int64                   `json:"canceled_at"`
	CancellationReason        *string                  `json:"cancellation_reason"`
	CaptureMethod             string                   `json:"capture_method"`
	ClientSecret              string                   `json:"client_secret"`
	ConfirmationMethod        string                   `json:"confirmation_method"`
	Created                   int64                    `json:"created"`
	Currency                  string                   `json:"currency"`
	Customer                  *string                  `json:"customer"`
	Description               *string                  `json:"description"`
	Invoice                   *string                  `json:"invoice"`
	LastPaymentError          *ErrorBody               `json:"last_payment_error"`
	LatestCharge              *string                  `json:"latest_charge"`
	Livemode                  bool                     `json:"livemode"`
	Metadata                  map[string]string        `json:"metadata"`
	NextAction                *NextAction              `json:"next_action"`
	OnBehalfOf                *string                  `json:"on_behalf_of"`
	PaymentMethod             *string                  `json:"payment_method"`
	PaymentMethodOptions      map[string]any           `json:"payment_method_options"`
	PaymentMethodTypes        []string                 `json:"payment_method_types"`
	Processing                *struct{}                `json:"processing"`
	ReceiptEmail              *string                  `json:"receipt_email"`
	Review                    *string                  `json:"review"`
	SetupFutureUsage          *string                  `json:"setup_future_usage"`
	Shipping                  *Shipping                `json:"shipping"`
	StatementDescriptor       *string                  `json:"statement_descriptor"`
	StatementDescriptorSuffix *string                  `json:"statement_descriptor_suffix"`
	Status                    string                   `json:"status"`
	TransferData              *struct{}                `json:"transfer_data"`
	TransferGroup             *string                  `json:"transfer_group"`
}

// AmountDetails is empty until tips are simulated.
type AmountDetails struct {
	Tip struct{} `json:"tip"`
}

// AutomaticPaymentMethods says the Dashboard decides which methods are accepted.
type AutomaticPaymentMethods struct {
	AllowRedirects string `json:"allow_redirects"`
	Enabled        bool   `json:"enabled"`
}

// NextAction is what the customer has to do before the payment can go on.
type NextAction struct {
	Type          string            `json:"type"`
	RedirectToURL *RedirectToURL    `json:"redirect_to_url,omitempty"`
	UseStripeSDK  map[string]string `json:"use_stripe_sdk,omitempty"`
}

// RedirectToURL sends the customer to URL, and from there back to ReturnURL.
type RedirectToURL struct {
	ReturnURL *string `json:"return_url"`
	URL       *string `json:"url"`
}

// Shipping is where the goods go.
type Shipping struct {
	Address        Address `json:"address"`
	Carrier        *string `json:"carrier"`
	Name           string  `json:"name"`
	Phone          *string `json:"phone"`
	TrackingNumber *string `json:"tracking_number"`
}

// Address is a postal address.
type Address struct {
	City       *string `json:"city"`
	Country    *string `json:"country"`
	Line1      *string `json:"line1"`
	Line2      *string `json:"line2"`
	PostalCode *string `json:"postal_code"`
	State      *string `json:"state"`
}
