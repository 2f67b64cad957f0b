package stripesim

// Dispute has Stripe's fields in Stripe's shape.
type Dispute struct {
	ID                   string               `json:"id"`
	Object               string               `json:"object"`
	Amount               int64                `json:"amount"`
	BalanceTransactions  []BalanceTransaction `json:"balance_transactions"`
	Charge               string               `json:"charge"`
	Created              int64                `json:"created"`
	Currency             string               `json:"currency"`
	Evidence             map[string]*string   `json:"evidence"`
	EvidenceDetails      EvidenceDetails      `json:"evidence_details"`
	IsChargeRefundable   bool                 `json:"is_charge_refundable"`
	Livemode             bool                 `json:"livemode"`
	Metadata             map[string]string    `json:"metadata"`
	PaymentIntent        *string              `json:"payment_intent"`
	PaymentMethodDetails DisputedMethod       `json:"payment_method_details"`
	Reason               string               `json:"reason"`
	Status               string               `json:"status"`
}

// EvidenceDetails say until when the merchant may answer, and whether they did.
type EvidenceDetails struct {
	DueBy           *int64 `json:"due_by"`
	HasEvidence     bool   `json:"has_evidence"`
	PastDue         bool   `json:"past_due"`
	SubmissionCount int64  `json:"submission_count"`
}

// DisputedMethod is the card whose owner disputes.
type DisputedMethod struct {
	Card DisputedCard `json:"card"`
	Type string       `json:"type"`
}

// DisputedCard says by which of the network's rules.
type DisputedCard struct {
	Brand             string  `json:"brand"`
	NetworkReasonCode *string `json:"network_reason_code"`
}

// BalanceTransaction is money that a dispute moved: negative when it left the account.
type BalanceTransaction struct {
	ID                string     `json:"id"`
	Object            string     `json:"object"`
	Amount            int64      `json:"amount"`
	AvailableOn       int64      `json:"available_on"`
	Created           int64      `json:"created"`
	Currency          string     `json:"currency"`
	Description       *string    `json:"description"`
	ExchangeRate      *float64   `json:"exchange_rate"`
	Fee               int64      `json:"fee"`
	FeeDetails        []struct{} `json:"fee_details"`
	Net               int64      `json:"net"`
	ReportingCategory string     `json:"reporting_category"`
	Source            *string    `json:"source"`
	Status            string     `json:"status"`
	Type              string     `json:"type"`
}
