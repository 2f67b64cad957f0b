package stripesim

// PaymentMethod has Stripe's fields in Stripe's shape.
type PaymentMethod struct {
	ID             string            `json:"id"`
	Object         string            `json:"object"`
	BillingDetails BillingDetails    `json:"billing_details"`
	Card           *Card             `json:"card,omitempty"`
	Created        int64             `json:"created"`
	Customer       *string           `json:"customer"`
	Livemode       bool              `json:"livemode"`
	Metadata       map[string]string `json:"metadata"`
	Type           string            `json:"type"`
	USBankAccount  *BankAccount      `json:"us_bank_account,omitempty"`
}

// BillingDetails belong to the owner of a method.
type BillingDetails struct {
	Address Address `json:"address"`
	Email   *string `json:"email"`
	Name    *string `json:"name"`
	Phone   *string `json:"phone"`
}

// Card is what Stripe lets a merchant see of one.
type Card struct {
	Brand       string     `json:"brand"`
	Checks      CardChecks `json:"checks"`
	Country     string     `json:"country"`
	ExpMonth    int64      `json:"exp_month"`
	ExpYear     int64      `json:"exp_year"`
	Fingerprint string     `json:"fingerprint"`
	Funding     string     `json:"funding"`
	Last4       string     `json:"last4"`
	Wallet      *struct{}  `json:"wallet"`
}

// CardChecks are the issuer's answers about what the customer typed.
type CardChecks struct {
	AddressLine1Check      *string `json:"address_line1_check"`
	AddressPostalCodeCheck *string `json:"address_postal_code_check"`
	CVCCheck               *string `json:"cvc_check"`
}

// BankAccount is a US bank account paid by debit.
type BankAccount struct {
	AccountHolderType string `json:"account_holder_type"`
	AccountType       string `json:"account_type"`
	BankName          string `json:"bank_name"`
	Fingerprint       string `json:"fingerprint"`
	Last4             string `json:"last4"`
	RoutingNumber     string `json:"routing_number"`
}
