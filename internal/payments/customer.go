package payments

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Customer is whom the provider keeps cards for.
type Customer struct {
	UserID    uuid.UUID
	RequestID uuid.UUID // under which the provider is asked to make them
	ID        string    // the provider's name of them; "" until it answered
}

// Customer is who the provider keeps a user's cards for; found is false where nobody asked for that yet.
func (s *Service) Customer(ctx context.Context, user uuid.UUID) (customer Customer, found bool, err error) {
	row, err := s.q.PaymentCustomerGet(ctx, s.db, user)
	return foundCustomer(row, err)
}

// CustomerTx is the same, made when there is none, and keeps others from changing the customer's cards until tx ends.
// ErrNoCustomer when the user is gone.
func (s *Service) CustomerTx(ctx context.Context, tx pgx.Tx, user uuid.UUID) (Customer, error) {
	err := s.q.PaymentCustomerCreate(ctx, tx, db.PaymentCustomerCreateParams{
		UserID: user, RequestID: uuid.Must(uuid.NewV7()), Now: s.now(),
	})
	if postgres.Constraint(err) == "payment_customers_user_id_fkey" {
		return Customer{}, ErrNoCustomer.Wrap(err)
	}
	if err != nil {
		return Customer{}, fmt.Errorf("make a customer: %w", err)
	}
	return s.lockCustomerTx(ctx, tx, user)
}

// lockCustomerTx keeps others from changing a customer's cards until tx ends; ErrNoCustomer.
func (s *Service) lockCustomerTx(ctx context.Context, tx pgx.Tx, user uuid.UUID) (Customer, error) {
	row, err := s.q.PaymentCustomerGetForUpdate(ctx, tx, user)
	if postgres.IsMissing(err) {
		return Customer{}, ErrNoCustomer
	}
	if err != nil {
		return Customer{}, fmt.Errorf("lock the customer: %w", err)
	}
	return toCustomer(row), nil
}

// CustomerNamed is whom the provider calls this; found is false when it is nobody here.
func (s *Service) CustomerNamed(ctx context.Context, id string) (customer Customer, found bool, err error) {
	row, err := s.q.PaymentCustomerGetByCustomer(ctx, s.db, id)
	return foundCustomer(row, err)
}

// LockCustomerNamedTx is the same, and keeps others from changing the customer's cards until tx ends.
func (s *Service) LockCustomerNamedTx(ctx context.Context, tx pgx.Tx, id string) (customer Customer, found bool, err error) {
	row, err := s.q.PaymentCustomerGetByCustomerForUpdate(ctx, tx, id)
	return foundCustomer(row, err)
}

// HolderOf is whose card the provider calls this; found is false when it is nobody's here.
func (s *Service) HolderOf(ctx context.Context, method string) (customer Customer, found bool, err error) {
	row, err := s.q.PaymentCustomerGetByMethod(ctx, s.db, method)
	return foundCustomer(row, err)
}

func foundCustomer(row db.PaymentCustomer, err error) (customer Customer, found bool, _ error) {
	if postgres.IsMissing(err) {
		return Customer{}, false, nil
	}
	if err != nil {
		return Customer{}, false, fmt.Errorf("look for the customer: %w", err)
	}
	return toCustomer(row), true, nil
}

// NameCustomer writes down what the provider calls a customer, and answers who they are since: ErrNoCustomer when they
// have left meanwhile, ErrUnavailable when it is asked again under another id.
func (s *Service) NameCustomer(ctx context.Context, customer Customer, id string) (Customer, error) {
	err := s.q.PaymentCustomerSet(ctx, s.db, db.PaymentCustomerSetParams{
		UserID: customer.UserID, RequestID: customer.RequestID, CustomerID: id, Now: s.now(),
	})
	if err != nil {
		return Customer{}, fmt.Errorf("write down what the provider calls a customer: %w", err)
	}
	named, found, err := s.Customer(ctx, customer.UserID)
	switch {
	case err != nil:
		return Customer{}, err
	case !found:
		return Customer{}, ErrNoCustomer
	case named.ID == "":
		return Customer{}, ErrUnavailable
	}
	return named, nil
}

// RenewCustomer has the provider asked for the customer anew: it cannot answer under the old id, or has lost them, and
// their cards with them.
func (s *Service) RenewCustomer(ctx context.Context, customer Customer) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		now, err := s.lockCustomerTx(ctx, tx, customer.UserID)
		if err != nil || now != customer {
			return err // somebody else had that done
		}
		cards, err := s.cards(ctx, tx, customer.UserID)
		if err != nil {
			return err
		}
		for _, card := range cards {
			if err := s.RemoveCardTx(ctx, tx, card.MethodID); err != nil {
				return err
			}
		}
		err = s.q.PaymentCustomerRenew(ctx, tx, db.PaymentCustomerRenewParams{
			UserID: customer.UserID, RequestID: uuid.Must(uuid.NewV7()), Now: s.now(),
		})
		if err != nil {
			return fmt.Errorf("have a customer made anew: %w", err)
		}
		return nil
	})
}

// ForgetCustomer is the job of having the provider forget a customer who has left.
type ForgetCustomer struct {
	RequestID  uuid.UUID `json:"requestId"`
	CustomerID string    `json:"customerId"` // "" when its answer never came
}

// Kind names the job.
func (ForgetCustomer) Kind() string { return "payment_customer_forget" }

// EraseCustomerTx removes a customer with their cards and setups, and answers who they were; found is false when there
// was none.
func (s *Service) EraseCustomerTx(ctx context.Context, tx pgx.Tx, user uuid.UUID) (customer Customer, found bool, err error) {
	row, err := s.q.PaymentCustomerGetForUpdate(ctx, tx, user)
	if customer, found, err = foundCustomer(row, err); err != nil || !found {
		return Customer{}, false, err
	}
	if err := s.q.PaymentCustomerDelete(ctx, tx, user); err != nil {
		return Customer{}, false, fmt.Errorf("erase the customer: %w", err)
	}
	return customer, true, nil
}

func toCustomer(row db.PaymentCustomer) Customer {
	return Customer{UserID: row.UserID, RequestID: row.RequestID, ID: text(row.CustomerID)}
}
