package payments

// Follows tells whether a refund may come to have a status after another.
func Follows(status, other RefundStatus) bool { return status.follows(other) }
