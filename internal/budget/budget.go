// Package budget names what all callers share and one of them could use up, and keeps what spends it to what the spec
// declares.
//
// Owns: the names of the shared budgets, and the check that an operation spends what it declares with x-spends.
// Does not own: how much of a budget there is, nor the limits of callers; docs/budgets.md lists both.
//
// Invariants: a request of an operation that does not declare a budget cannot spend it: the call fails as an internal
// error, which any test of that path shows. The spec in turn may declare a budget only together with a limit (package
// api). Jobs and commands, which no caller starts, are not bound.
package budget

import (
	"context"
	"fmt"
	"slices"
)

// Name is a shared budget's name, as x-spends has it.
type Name string

// The shared budgets that calls spend.
const (
	Stripe Name = "stripe" // calls to the payment provider
	Hash   Name = "hash"   // password hashes
	Stock  Name = "stock"  // units held unpaid
	Stream Name = "stream" // files that are read or written bit by bit, each with a database connection
	Body   Name = "body"   // bytes of a body beyond the usual bound
)

// Names are all of them.
var Names = []Name{Stripe, Hash, Stock, Stream, Body}

type declaredKey struct{}

// Declare binds what is done with ctx to these budgets.
func Declare(ctx context.Context, names []Name) context.Context {
	return context.WithValue(ctx, declaredKey{}, names)
}

// Check is nil where ctx may spend the budget.
func Check(ctx context.Context, name Name) error {
	declared, bound := ctx.Value(declaredKey{}).([]Name)
	if bound && !slices.Contains(declared, name) {
		return fmt.Errorf("the operation does not declare in the spec that it spends %q", name)
	}
	return nil
}
