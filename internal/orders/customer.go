package orders

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/emails"
)

// ErasedEmail stands where a customer's address was. Nobody can have it (RFC 2606).
const ErasedEmail = "erased@erased.invalid"

// JoinCustomerTx hands every order that a guest placed with the e-mail address to the customer whose it is: the
// caller has verified that. Tokens that were handed out with them work until they end, so that a guest who verifies
// their address in the middle of a checkout finishes it. An order of somebody's account stays where it is. Joining again changes nothing.
func (s *Service) JoinCustomerTx(ctx context.Context, tx pgx.Tx, email string, customer uuid.UUID) error {
	if emails.Same(email, ErasedEmail) {
		return nil
	}
	err := s.q.OrderJoinCustomer(ctx, tx, db.OrderJoinCustomerParams{EmailKey: emails.Key(email), CustomerID: customer})
	if err != nil {
		return fmt.Errorf("hand a guest's orders to their account: %w", err)
	}
	return nil
}

// EraseCustomerTx takes what is personal off a customer's orders: the e-mail address becomes ErasedEmail, of an
// address only the country stays, notes go, what staff noted and what was written with returns too, and so does what would
// lead to their parcels. What was sold, at what price, and what became of it stays, and so does whose it was while the
// account exists. An order that was not sent yet can no longer be: see to those before.
func (s *Service) EraseCustomerTx(ctx context.Context, tx pgx.Tx, customer uuid.UUID) error {
	blank, err := json.Marshal(Address{})
	if err != nil {
		return fmt.Errorf("write an empty address: %w", err)
	}
	err = s.q.OrderEraseCustomer(ctx, tx, db.OrderEraseCustomerParams{
		CustomerID: customer, Email: ErasedEmail, BlankAddress: blank,
	})
	if err != nil {
		return fmt.Errorf("erase a customer from their orders: %w", err)
	}
	if err := s.q.FulfillmentEraseCustomer(ctx, tx, customer); err != nil {
		return fmt.Errorf("erase where a customer's parcels went: %w", err)
	}
	if err := s.q.ReturnEraseCustomer(ctx, tx, customer); err != nil {
		return fmt.Errorf("erase what was written with a customer's returns: %w", err)
	}
	if err := s.q.OrderNoteEraseCustomer(ctx, tx, customer); err != nil {
		return fmt.Errorf("erase what was noted of a customer: %w", err)
	}
	return nil
}

// LeavingTx locks a customer's orders, before they are erased, and answers what names them elsewhere: their ids and those
// of their carts. ErrUnderWay while one still needs its address, because it is neither sent nor cancelled.
func (s *Service) LeavingTx(ctx context.Context, tx pgx.Tx, customer uuid.UUID) (named []uuid.UUID, err error) {
	rows, err := s.q.OrderListToErase(ctx, tx, customer)
	if err != nil {
		return nil, fmt.Errorf("read a customer's orders: %w", err)
	}
	for _, row := range rows {
		switch Status(row.Status) {
		case Pending, Confirmed, Processing:
			return nil, ErrUnderWay
		}
		named = append(named, row.ID, row.CartID)
	}
	return named, nil
}
