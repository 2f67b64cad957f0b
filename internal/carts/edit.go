package carts

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/catalog"
	"cartwright/internal/postgres"
)

// AddItem is so many of a product's variant to put into a cart.
type AddItem struct {
	ProductID uuid.UUID
	VariantID *uuid.UUID // nil means the product's default variant
	Quantity  int32
}

// AddItem puts units into the cart; of a variant that is in it already, more. The sum is checked
// against stock. ErrNotFound, ErrConverted, ErrUnavailable, ErrInsufficient, ErrTooMany, ErrTooLong.
func (s *Service) AddItem(ctx context.Context, key Key, item AddItem) (Cart, error) {
	return s.edit(ctx, key, func(ctx context.Context, tx pgx.Tx) error {
		sellable, err := s.sellableTx(ctx, tx, item.ProductID, item.VariantID)
		if err != nil {
			return err
		}
		quantity, err := s.q.CartItemAdd(ctx, tx, db.CartItemAddParams{
			ID: uuid.Must(uuid.NewV7()), CartID: key.Cart, VariantID: sellable.VariantID,
			Quantity: item.Quantity, SeenPriceMinor: sellable.PriceMinor, Now: s.now(),
		})
		if postgres.Constraint(err) == "cart_items_variant_id_fkey" { // deleted at this moment
			return Unavailable("productId").Wrap(err)
		}
		if err != nil {
			return fmt.Errorf("add the item: %w", err)
		}
		return enough(sellable, quantity)
	})
}

// SetQuantity changes one line. The errors are those of AddItem and ErrItemNotFound.
func (s *Service) SetQuantity(ctx context.Context, key Key, item uuid.UUID, quantity int32) (Cart, error) {
	return s.edit(ctx, key, func(ctx context.Context, tx pgx.Tx) error {
		row, err := s.q.CartItemGet(ctx, tx, db.CartItemGetParams{ID: item, CartID: key.Cart})
		if postgres.IsMissing(err) {
			return ErrItemNotFound
		}
		if err != nil {
			return fmt.Errorf("read the item: %w", err)
		}
		if row.ProductID == nil { // deleted
			return Unavailable("quantity")
		}
		sellable, err := s.sellableTx(ctx, tx, *row.ProductID, row.VariantID)
		if errors.Is(err, ErrUnavailable) {
			return Unavailable("quantity").Wrap(err)
		}
		if err != nil {
			return err
		}
		if err := enough(sellable, quantity); err != nil {
			return err
		}
		return s.q.CartItemSetQuantity(ctx, tx, db.CartItemSetQuantityParams{
			ID: item, CartID: key.Cart, Quantity: quantity, SeenPriceMinor: sellable.PriceMinor,
		})
	})
}

// RemoveItem takes one line out; ErrItemNotFound.
func (s *Service) RemoveItem(ctx context.Context, key Key, item uuid.UUID) (Cart, error) {
	return s.edit(ctx, key, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := s.q.CartItemRemove(ctx, tx, db.CartItemRemoveParams{ID: item, CartID: key.Cart})
		if err == nil && rows == 0 {
			return ErrItemNotFound
		}
		return err
	})
}

// edit locks an open cart, changes it and answers how it stands now.
func (s *Service) edit(ctx context.Context, key Key, change postgres.Func) (cart Cart, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		row, err := s.lockTx(ctx, tx, key)
		if postgres.IsMissing(err) {
			return ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("lock the cart: %w", err)
		}
		if row.OrderID != nil {
			return ErrConverted
		}
		if err := change(ctx, tx); err != nil {
			return err
		}
		row.UpdatedAt = s.now()
		if err := s.q.CartTouch(ctx, tx, db.CartTouchParams{ID: key.Cart, Now: row.UpdatedAt}); err != nil {
			return fmt.Errorf("touch the cart: %w", err)
		}
		if cart, err = s.load(ctx, row, nil); err == nil && len(cart.Items) > MaxLines {
			return ErrTooLong
		}
		return err
	})
	return cart, err
}

// sellableTx finds the variant and makes sure that it is for sale.
func (s *Service) sellableTx(ctx context.Context, tx pgx.Tx, product uuid.UUID, variant *uuid.UUID) (db.CartSellableGetRow, error) {
	row, err := s.q.CartSellableGet(ctx, tx, db.CartSellableGetParams{ProductID: product, VariantID: variant})
	switch {
	case postgres.IsMissing(err) && variant != nil:
		return row, errUnknownVariant
	case postgres.IsMissing(err):
		return row, errUnknownProduct
	case err != nil:
		return row, fmt.Errorf("read the variant: %w", err)
	case !forSale(row.ProductStatus, row.IsActive) || row.Currency != string(s.pricing.Currency()):
		return row, Unavailable("productId")
	}
	return row, nil
}

func enough(sellable db.CartSellableGetRow, quantity int32) error {
	switch {
	case quantity > MaxQuantity:
		return ErrTooMany
	case sellable.TrackInventory && !sellable.AllowBackorder && quantity > sellable.Available:
		return Insufficient("quantity", sellable.Available)
	}
	return nil
}

func forSale(productStatus string, variantActive bool) bool {
	return variantActive && catalog.Status(productStatus) == catalog.Active
}
