package stripesim

// Charge has Stripe's fields in Stripe's shape.
type Charge struct {
	ID                            string               `json:"id"`
	Object                        string               `json:"object"`
	Amount                        int64                `json:"amount"`
	AmountCaptured                int64                `json:"amount_captured"`
	AmountRefunded                int64                `json:"amount_refunded"`
	Application                   *string              `json:"application"`
	ApplicationFee                *string              `json:"application_fee"`
	ApplicationFeeAmount          *int64               `json:"application_fee_amount"`
	BalanceTransaction            *string              `json:"balance_transaction"`
	BillingDetails                BillingDetails       `json:"billing_details"`
	CalculatedStatementDescriptor *string              `json:"calculated_statement_descriptor"`
	Captured                      bool                 `json:"captured"`
	Created                       int64                `json:"created"`
	Currency                      string               `json:"currency"`
	Customer                      *string              `json:"customer"`
	Description                   *string              `json:"description"`
	Disputed                      bool                 `json:"disputed"`
	FailureBalanceTransaction     *string              `json:"failure_balance_transaction"`
	FailureCode                   *string              `json:"failure_code"`
	FailureMessage                *string              `json:"failure_message"`
	FraudDetails                  struct{}             `json:"fraud_details"`
	Invoice                       *string              `json:"invoice"`
	Livemode                      bool                 `json:"livemode"`
	Metadata                      map[string]string    `json:"metadata"`
	OnBehalfOf                    *string              `json:"on_behalf_of"`
	Outcome                       *Outcome             `json:"outcome"`
	Paid                          bool                 `json:"paid"`
	PaymentIntent                 *string              `json:"payment_intent"`
	PaymentMethod                 *string              `json:"payment_method"`
	PaymentMethodDetails          PaymentMethodDetails `json:"payment_method_details"`
	ReceiptEmail                  *string              `json:"receipt_email"`
	ReceiptNumber                 *string              `json:"receipt_number"`
	ReceiptURL                    *string              `json:"receipt_url"`
	Refunded                      bool                 `json:"refunded"`
	Review                        *string              `json:"review"`
	Shipping                      *Shipping            `json:"shipping"`
	SourceTransfer                *string              `json:"source_transfer"`
	StatementDescriptor           *string              `json:"statement_descriptor"`
	StatementDescriptorSuffix     *string              `json:"statement_descriptor_suffix"`
	Status                        string               `json:"status"`
	TransferData                  *struct{}            `json:"transfer_data"`
	TransferGroup                 *string              `json:"transfer_group"`
}

// Outcome is what the network and the risk engine made of a charge.
type Outcome struct {
	NetworkStatus *string `json:"network_status"`
	Reason        *string `json:"reason"`
	RiskLevel     string  `json:"risk_level"`
	SellerMessage *string `json:"seller_message"`
	Type          string  `json:"type"`
}

// PaymentMethodDetails is the method as it was at the time of the charge.
type PaymentMethodDetails struct {
	Card          *Card        `json:"card,omitempty"`
	Type          string       `json:"type"`
	USBankAccount *BankAccount `json:"us_bank_account,omitempty"`
}

// Refund has Stripe's fields in Stripe's shape. Status is pending, requires_action, succeeded, failed or canceled.
type Refund struct {
	ID                     string            `json:"id"`
	Object                 string            `json:"object"`
	Amount                 int64             `json:"amount"`
	BalanceTransaction     *string           `json:"balance_transaction"`
	Charge                 *string           `json:"charge"`
	Created                int64             `json:"created"`
	Currency               string            `json:"currency"`
	FailureReason          string            `json:"failure_reason,omitempty"`
	Metadata               map[string]string `json:"metadata"`
	NextAction             *RefundAction     `json:"next_action,omitempty"`
	PaymentIntent          *string           `json:"payment_intent"`
	Reason                 *string           `json:"reason"`
	ReceiptNumber          *string           `json:"receipt_number"`
	SourceTransferReversal *string           `json:"source_transfer_reversal"`
	Status                 string            `json:"status"`
	TransferReversal       *string           `json:"transfer_reversal"`
}

// RefundAction says what a refund waits for: the customer was asked where their money goes.
type RefundAction struct {
	DisplayDetails RefundDetails `json:"display_details"`
	Type           string        `json:"type"`
}

// RefundDetails say until when, and how the customer was asked.
type RefundDetails struct {
	EmailSent RefundEmail `json:"email_sent"`
	ExpiresAt int64       `json:"expires_at"`
}

// RefundEmail is the letter that asks.
type RefundEmail struct {
	EmailSentAt int64  `json:"email_sent_at"`
	EmailSentTo string `json:"email_sent_to"`
}
