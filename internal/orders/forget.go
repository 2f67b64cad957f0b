package orders

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cartwright/gen/db"
)

// forgetAtOnce is how many orders are changed in one statement, so that none holds its locks for long.
const forgetAtOnce = 500

// Forget is the job that takes what is personal off orders that were never paid.
type Forget struct{}

// Kind names the job.
func (Forget) Kind() string { return "orders_forget" }

// ForgetUnpaid takes e-mail address, name, address and notes off orders that ended unpaid, so long after their last
// change. What was to be bought stays: an order is never deleted.
func (s *Service) ForgetUnpaid(ctx context.Context, after time.Duration) error {
	blank, err := json.Marshal(Address{})
	if err != nil {
		return fmt.Errorf("write an empty address: %w", err)
	}
	for {
		changed, err := s.q.OrderForgetUnpaid(ctx, s.db, db.OrderForgetUnpaidParams{
			Erased: ErasedEmail, BlankAddress: blank, Before: s.now().Add(-after), AtOnce: forgetAtOnce,
		})
		if err != nil {
			return fmt.Errorf("forget who placed unpaid orders: %w", err)
		}
		if changed < forgetAtOnce {
			return nil
		}
	}
}
