package notify

import (
	"time"

	"github.com/google/uuid"

	"cartwright/internal/orders"
)

// Template names a mail's template: templates/<name>.html and templates/<name>.txt.
type Template string

// The templates.
const (
	TemplateVerifyEmail       Template = "verify_email"
	TemplateAccountExists     Template = "account_exists"
	TemplateResetPassword     Template = "reset_password"
	TemplateInvitation        Template = "invitation"
	TemplateEmailChange       Template = "email_change"
	TemplateEmailChanged      Template = "email_changed"
	TemplateOrderConfirmation Template = "order_confirmation"
	TemplateOrderFound        Template = "order_found"
	TemplatePasswordChanged   Template = "password_changed"

	TemplateSecondFactorAdded   Template = "second_factor_added"
	TemplateSecondFactorRemoved Template = "second_factor_removed"
	TemplateRecoveryCodeUsed    Template = "recovery_code_used"
)

// Content is what a mail says: the data of one template.
type Content interface{ Template() Template }

// VerifyEmail asks whoever registered to confirm that the address is theirs.
type VerifyEmail struct {
	Token     string
	ExpiresIn time.Duration
}

// AccountExists tells the owner of an account that somebody tried to register its address again.
type AccountExists struct{}

// ResetPassword lets the owner of an account choose a new password.
type ResetPassword struct {
	Token     string
	ExpiresIn time.Duration
}

// Invitation asks somebody to join the shop's staff.
type Invitation struct {
	Token     string
	ExpiresIn time.Duration
}

// EmailChange asks, at the new address, to confirm that an account moves there.
type EmailChange struct {
	Token     string
	ExpiresIn time.Duration
}

// EmailChanged tells, at the old address, that the account has moved away from it.
type EmailChanged struct{}

// PasswordChanged tells the owner of an account that its password is another.
type PasswordChanged struct{}

// OrderFound leads a guest to their order.
type OrderFound struct {
	ID        uuid.UUID
	Number    string
	Token     string
	ExpiresIn time.Duration
}

// OrderConfirmation tells what was bought, and whether it is paid.
type OrderConfirmation struct{ Order orders.Order }

// Template names the content's template.
func (VerifyEmail) Template() Template { return TemplateVerifyEmail }

// Template names the content's template.
func (AccountExists) Template() Template { return TemplateAccountExists }

// Template names the content's template.
func (ResetPassword) Template() Template { return TemplateResetPassword }

// Template names the content's template.
func (Invitation) Template() Template { return TemplateInvitation }

// Template names the content's template.
func (EmailChange) Template() Template { return TemplateEmailChange }

// Template names the content's template.
func (EmailChanged) Template() Template { return TemplateEmailChanged }

// Template names the content's template.
func (PasswordChanged) Template() Template { return TemplatePasswordChanged }

// Template names the content's template.
func (OrderFound) Template() Template { return TemplateOrderFound }

// Template names the content's template.
func (OrderConfirmation) Template() Template { return TemplateOrderConfirmation }
