package notify

// SecondFactorAdded tells the owner of an account that it has a second factor now.
type SecondFactorAdded struct{}

// SecondFactorRemoved tells the owner of an account that the password alone opens it again.
type SecondFactorRemoved struct{}

// RecoveryCodeUsed tells the owner of an account that a recovery code took the place of the second factor.
type RecoveryCodeUsed struct{}

// Template names the content's template.
func (SecondFactorAdded) Template() Template { return TemplateSecondFactorAdded }

// Template names the content's template.
func (SecondFactorRemoved) Template() Template { return TemplateSecondFactorRemoved }

// Template names the content's template.
func (RecoveryCodeUsed) Template() Template { return TemplateRecoveryCodeUsed }
