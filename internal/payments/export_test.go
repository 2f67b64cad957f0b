package payments

// Follows tells whether a refund may come to have a status after another.
func Follows(status, other RefundStatus) bool { return status.follows(other) }

// FirstOf is before every name that was given at a time or later.
var FirstOf = firstOf

// DisputeFollows tells whether a dispute may come to have a status after another, or have it still.
func DisputeFollows(status, other DisputeStatus) bool { return status.follows(other) }

// After is the status that an intent's status leads a payment to.
func After(payment Payment, intent Intent) Status { return payment.after(intent) }

// ThroughAll goes through pages of payments; AtOnce is how many a page has.
var ThroughAll = throughAll

// AtOnce is how many payments are read at once.
const AtOnce = comparedAtOnce
