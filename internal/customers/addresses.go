package customers

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// AddressType is what an address is for.
type AddressType string

// The types of addresses.
const (
	Shipping AddressType = "SHIPPING"
	Billing  AddressType = "BILLING"
)

// Address is one of an address book.
type Address struct {
	ID         uuid.UUID
	Type       AddressType
	IsDefault  bool
	FirstName  string
	LastName   string
	Company    *string
	Street1    string
	Street2    *string
	City       string
	State      string
	PostalCode string
	Country    string
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// maxAddresses is how many an address book has.
const maxAddresses = 50

// Addresses is a customer's address book, in the order it was written.
func (s *Service) Addresses(ctx context.Context, customer uuid.UUID) ([]Address, error) {
	rows, err := s.q.AddressList(ctx, s.db, customer)
	if err != nil {
		return nil, fmt.Errorf("list the addresses: %w", err)
	}
	addresses := make([]Address, len(rows))
	for i, row := range rows {
		addresses[i] = toAddress(row)
	}
	return addresses, nil
}

// AddAddress writes another address into the book; isDefault nil means the first of its type. ErrTooMany, ErrNotFound.
func (s *Service) AddAddress(ctx context.Context, customer uuid.UUID, address Address, isDefault *bool) (Address, error) {
	address.ID, address.CreatedAt, address.UpdatedAt = uuid.Must(uuid.NewV7()), s.now(), s.now()
	err := s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := s.lockTx(ctx, tx, customer); err != nil {
			return err
		}
		book, err := s.Addresses(ctx, customer)
		switch {
		case err != nil:
			return err
		case len(book) >= maxAddresses:
			return ErrTooMany
		}
		if isDefault != nil {
			address.IsDefault = *isDefault
		} else {
			address.IsDefault = !slices.ContainsFunc(book, func(a Address) bool { return a.Type == address.Type })
		}
		if err := s.makeRoomTx(ctx, tx, customer, address); err != nil {
			return err
		}
		if err := s.q.AddressCreate(ctx, tx, fromAddress(customer, address)); err != nil {
			return fmt.Errorf("add the address: %w", err)
		}
		return nil
	})
	return address, err
}

// UpdateAddress changes an address of a customer's book; ErrAddress. change may run more than once.
func (s *Service) UpdateAddress(ctx context.Context, customer, id uuid.UUID, change func(*Address)) (address Address, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := s.lockTx(ctx, tx, customer); err != nil {
			return err
		}
		row, err := s.q.AddressGet(ctx, tx, db.AddressGetParams{ID: id, UserID: customer})
		switch {
		case postgres.IsMissing(err):
			return ErrAddress
		case err != nil:
			return fmt.Errorf("read the address: %w", err)
		}
		address = toAddress(row)
		if change(&address); reflect.DeepEqual(address, toAddress(row)) {
			return nil
		}
		address.UpdatedAt = s.now()
		if err := s.makeRoomTx(ctx, tx, customer, address); err != nil {
			return err
		}
		if err := s.q.AddressUpdate(ctx, tx, fromChange(customer, address)); err != nil {
			return fmt.Errorf("change the address: %w", err)
		}
		return nil
	})
	return address, err
}

// makeRoomTx takes the default from another address of the type when this one shall have it.
func (s *Service) makeRoomTx(ctx context.Context, tx pgx.Tx, customer uuid.UUID, address Address) error {
	if !address.IsDefault {
		return nil
	}
	err := s.q.AddressClearDefault(ctx, tx, db.AddressClearDefaultParams{
		UserID: customer, Type: string(address.Type), Spared: address.ID, Now: s.now(),
	})
	if err != nil {
		return fmt.Errorf("clear the default address: %w", err)
	}
	return nil
}

// DeleteAddress takes an address out of a customer's book; ErrAddress.
func (s *Service) DeleteAddress(ctx context.Context, customer, id uuid.UUID) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		deleted, err := s.q.AddressDelete(ctx, tx, db.AddressDeleteParams{ID: id, UserID: customer})
		switch {
		case err != nil:
			return fmt.Errorf("delete the address: %w", err)
		case deleted == 0:
			return ErrAddress
		}
		return nil
	})
}
