package payments

import "context"

type priorityKey struct{}

// WithPriority marks calls to the provider that take a shopper's payment. A part of what may be sent is reserved for
// them; reads, polls and jobs go without.
func WithPriority(ctx context.Context) context.Context {
	return context.WithValue(ctx, priorityKey{}, true)
}

// HasPriority reports whether a call to the provider takes a shopper's payment.
func HasPriority(ctx context.Context) bool {
	return ctx.Value(priorityKey{}) == true
}
