package accounts

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/auth"
	"cartwright/internal/carts"
	"cartwright/internal/customers"
	"cartwright/internal/errs"
	"cartwright/internal/idempotency"
	"cartwright/internal/jobs"
	"cartwright/internal/orders"
	"cartwright/internal/page"
	"cartwright/internal/payments"
	"cartwright/internal/postgres"
)

// ErrStaff refuses what only customers can do by themselves.
var ErrStaff = errs.New(errs.Conflict, "staff_account", "An admin removes the accounts of staff.")

// Config is what accounts works with.
type Config struct {
	DB        *postgres.DB
	Auth      *auth.Service
	Carts     *carts.Service
	Customers *customers.Service
	Orders    *orders.Service
	Payments  *payments.Service
	Jobs      *jobs.Queue
	Replies   *idempotency.Store
	Now       func() time.Time
}

// Service exports and erases accounts.
type Service struct{ Config }

// New makes a service.
func New(config Config) *Service { return &Service{config} }

// Export is what the shop keeps about a customer.
type Export struct {
	At        time.Time
	Profile   customers.Profile
	Factor    auth.Factor
	Addresses []customers.Address
	Cards     []payments.SavedCard
	Sessions  []auth.Session
	Orders    []orders.Order
}

// maxOrders is how many orders are exported at most, so that there is an end to the work.
const maxOrders = 1000

// Export gathers what the shop keeps about whoever asks.
func (s *Service) Export(ctx context.Context, who auth.Principal) (export Export, err error) {
	customer := who.UserID
	export.At = s.Now()
	if export.Profile, err = s.Customers.Profile(ctx, customer); err != nil {
		return Export{}, err
	}
	if export.Addresses, err = s.Customers.Addresses(ctx, customer); err != nil {
		return Export{}, err
	}
	if export.Cards, err = s.Payments.Cards(ctx, customer); err != nil {
		return Export{}, err
	}
	if export.Factor, err = s.Auth.Factor(ctx, who); err != nil {
		return Export{}, err
	}
	if export.Sessions, err = s.Auth.Sessions(ctx, customer); err != nil {
		return Export{}, err
	}
	request := page.Request{Limit: page.MaxLimit}
	for {
		found, err := s.Orders.ListByCustomer(ctx, customer, request)
		if err != nil {
			return Export{}, err
		}
		export.Orders = append(export.Orders, found.Items...)
		if request.Cursor = found.Next; found.Next == "" || len(export.Orders) >= maxOrders {
			return export, nil
		}
	}
}

// Delete erases an account once its owner has said the password again: orders stay without the person, all else goes.
// Orders that a guest placed with the address since it was verified are the owner's, too. auth.ErrPassword, ErrStaff,
// orders.ErrUnderWay.
func (s *Service) Delete(ctx context.Context, who auth.Principal, password string) error {
	if who.IsStaff() {
		return ErrStaff
	}
	if err := s.Auth.Confirm(ctx, who, password); err != nil {
		return err
	}
	profile, err := s.Customers.Profile(ctx, who.UserID)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error { return s.eraseTx(ctx, tx, profile) })
}

// eraseTx erases an account. Its addresses, sessions and second factor go with the user.
func (s *Service) eraseTx(ctx context.Context, tx pgx.Tx, profile customers.Profile) error {
	if err := s.Auth.LockTx(ctx, tx, profile.ID); err != nil {
		return err
	}
	if err := s.Orders.JoinCustomerTx(ctx, tx, profile.Email, profile.ID); err != nil {
		return err
	}
	named, err := s.Orders.LeavingTx(ctx, tx, profile.ID)
	if err != nil {
		return err
	}
	if err := s.Orders.EraseCustomerTx(ctx, tx, profile.ID); err != nil {
		return err
	}
	if err := s.Payments.EraseTx(ctx, tx, named); err != nil {
		return err
	}
	if err := s.eraseCardsTx(ctx, tx, profile.ID); err != nil {
		return err
	}
	if err := s.Carts.EraseTx(ctx, tx, profile.ID, named); err != nil {
		return err
	}
	if err := s.Replies.ForgetTx(ctx, tx, append(named, profile.ID)); err != nil {
		return err
	}
	return s.Auth.DeleteTx(ctx, tx, profile.ID, profile.Email)
}

// eraseCardsTx erases a customer's cards, and has the payment provider forget them and their holder once tx commits. It may
// be away, so that this takes as long as it takes.
func (s *Service) eraseCardsTx(ctx context.Context, tx pgx.Tx, customer uuid.UUID) error {
	known, found, err := s.Payments.EraseCustomerTx(ctx, tx, customer)
	if err != nil || !found {
		return err
	}
	return s.Jobs.EnqueueTx(ctx, tx, payments.ForgetCustomer{RequestID: known.RequestID, CustomerID: known.ID}, s.Now())
}
