package fraud

import "cartwright/internal/errs"

// ErrRefused tells a shopper that a payment was not let through, in the same words whichever rule it was: whoever
// tries out cards learns nothing from it.
var ErrRefused = errs.New(errs.Limited, "payment_refused",
	"This payment cannot be taken. Try again later, or ask the shop.")
