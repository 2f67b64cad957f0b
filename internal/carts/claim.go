package carts

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Claim makes a guest's cart the customer's own, or merges it into the open one they have, and answers what it
// became. From then on its id alone opens nothing. Claiming again answers the same cart as it is then.
// ErrNotFound, also for what is another's; ErrConverted for a cart that a guest bought; ErrTooLong when both carts
// together have too many lines.
func (s *Service) Claim(ctx context.Context, key Key) (cart Cart, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := s.q.CartLockCustomer(ctx, tx, key.Customer.String()); err != nil {
			return fmt.Errorf("take the customer's turn: %w", err)
		}
		rows, err := s.q.CartListForClaim(ctx, tx, db.CartListForClaimParams{ID: key.Cart, CustomerID: key.Customer})
		if err != nil {
			return fmt.Errorf("lock the carts: %w", err)
		}
		became, err := s.claimTx(ctx, tx, key, rows)
		if err != nil {
			return err
		}
		cart, err = s.Get(ctx, Key{Cart: became, Customer: key.Customer})
		return err
	})
	return cart, err
}

// claimTx claims one of the locked carts and answers which cart it became.
func (s *Service) claimTx(ctx context.Context, tx pgx.Tx, key Key, rows []db.Cart) (uuid.UUID, error) {
	var wanted, own *db.Cart
	for i, row := range rows {
		if row.ID == key.Cart {
			wanted = &rows[i]
		} else {
			own = &rows[i]
		}
	}
	switch {
	case wanted == nil:
		return uuid.Nil, ErrNotFound
	case wanted.MergedInto != nil: // by this customer, before
		return *wanted.MergedInto, nil
	case wanted.UserID != nil:
		return wanted.ID, nil
	case wanted.OrderID != nil:
		return uuid.Nil, ErrConverted
	case own == nil:
		err := s.q.CartClaim(ctx, tx, db.CartClaimParams{ID: wanted.ID, CustomerID: key.Customer, Now: s.now()})
		if err != nil {
			return uuid.Nil, fmt.Errorf("claim the cart: %w", ofCustomer(err))
		}
		return wanted.ID, nil
	}
	return own.ID, s.mergeTx(ctx, tx, wanted.ID, *own)
}

// mergeTx moves the lines of a locked guest's cart into a customer's, and leaves the guest's empty for good.
func (s *Service) mergeTx(ctx context.Context, tx pgx.Tx, from uuid.UUID, into db.Cart) error {
	theirs, err := s.q.CartLineList(ctx, tx, into.ID)
	if err != nil {
		return fmt.Errorf("read the customer's lines: %w", err)
	}
	more, err := s.q.CartLineList(ctx, tx, from)
	if err != nil {
		return fmt.Errorf("read the guest's lines: %w", err)
	}
	merged, err := s.mergedLines(into.ID, theirs, more)
	if err != nil {
		return err
	}
	err = s.q.CartDeletedItemsMove(ctx, tx, db.CartDeletedItemsMoveParams{CartID: from, Target: into.ID})
	if err != nil {
		return fmt.Errorf("move the deleted lines: %w", err)
	}
	if err := postgres.BatchError(s.q.CartItemPut(ctx, tx, merged).Exec); err != nil {
		return fmt.Errorf("merge the lines: %w", err)
	}
	if err := s.q.CartItemsRemove(ctx, tx, from); err != nil {
		return fmt.Errorf("empty the guest's cart: %w", err)
	}
	if err := s.q.CartTouch(ctx, tx, db.CartTouchParams{ID: into.ID, Now: s.now()}); err != nil {
		return fmt.Errorf("touch the cart: %w", err)
	}
	err = s.q.CartMerge(ctx, tx, db.CartMergeParams{ID: from, CustomerID: *into.UserID, Target: into.ID, Now: s.now()})
	if err != nil {
		return fmt.Errorf("mark the merged cart: %w", ofCustomer(err))
	}
	return nil
}

// mergedLines are the lines of the customer's cart that the guest's add or raise; ErrTooLong.
func (s *Service) mergedLines(into uuid.UUID, theirs, more []db.CartLineListRow) ([]db.CartItemPutParams, error) {
	had := make(map[uuid.UUID]int32, len(theirs))
	for _, line := range theirs {
		had[line.VariantID] = line.Quantity
	}
	merged, lines := make([]db.CartItemPutParams, 0, len(more)), len(theirs)
	for _, line := range more {
		if had[line.VariantID] == 0 {
			lines++
		}
		if line.IsDeleted {
			continue
		}
		merged = append(merged, db.CartItemPutParams{
			ID: uuid.Must(uuid.NewV7()), CartID: into, VariantID: line.VariantID, SeenPriceMinor: line.SeenPriceMinor,
			Quantity: capped(line, had[line.VariantID]+line.Quantity), Now: s.now(),
		})
	}
	if lines > MaxLines {
		return nil, ErrTooLong
	}
	return merged, nil
}

// capped is how many of the wanted units a merged line takes: no more than there are, where that matters. A line
// that can have none stays with one, for its owner to see that it is not available. What is not for sale is not
// sold by the unit and keeps its sum.
func capped(line db.CartLineListRow, wanted int32) int32 {
	wanted = min(wanted, MaxQuantity)
	if !line.TrackInventory || line.AllowBackorder || !forSale(line.ProductStatus, line.IsActive) {
		return wanted
	}
	return max(min(wanted, line.Available), 1)
}
