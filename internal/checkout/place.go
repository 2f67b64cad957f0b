package checkout

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/carts"
	"cartwright/internal/crash"
	"cartwright/internal/emails"
	"cartwright/internal/inventory"
	"cartwright/internal/money"
	"cartwright/internal/orders"
	"cartwright/internal/postgres"
)

// Place says which cart to buy, for whom.
type Place struct {
	Cart            carts.Key
	Email           string
	ShippingAddress orders.Address
	BillingAddress  orders.Address
	Notes           *string
	ExpectedTotal   *money.Amount // what the shopper was shown; nil to accept any total
	Network         string        // that the shopper asks from; "" when it says nothing of them
}

// Place makes an order of a cart at today's prices and holds its stock. The order is the customer's
// who places it; a guest's comes with the token that opens it. A cart becomes one order: placing it
// again answers that order with created = false and no token, and takes nothing more. Of a guest it
// wants the same e-mail address again, or carts.ErrConverted: the cart's id tells nobody's address.
//
// Errors: ErrEmail, carts.ErrNotFound, ErrCartEmpty, carts.ErrUnavailable, carts.ErrInsufficient, ErrTotalChanged,
// payments.ErrNotChargeable, ErrTooManyUnits, ErrHeldTooMuch.
func (s *Service) Place(ctx context.Context, place Place) (order orders.Order, created bool, err error) {
	if place.Email, err = emails.Parse(place.Email); err != nil {
		return orders.Order{}, false, ErrEmail.Wrap(err)
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		cart, err := s.Carts.LockTx(ctx, tx, place.Cart)
		if err != nil {
			return err
		}
		if cart.OrderID != nil {
			order, err = s.placed(ctx, cart, place)
			created = false
			return err
		}
		if err := s.buyable(cart); err != nil {
			return err
		}
		if place.ExpectedTotal != nil && *place.ExpectedTotal != cart.Totals.Total {
			return totalChanged(cart)
		}
		created = true
		order, err = s.placeTx(ctx, tx, cart, place)
		return err
	})
	return order, created, err
}

// placed is the order that a cart became, for who places the cart again.
func (s *Service) placed(ctx context.Context, cart carts.Cart, place Place) (orders.Order, error) {
	order, err := s.Orders.Get(ctx, *cart.OrderID)
	switch {
	case err != nil:
		return orders.Order{}, err
	case cart.Customer != uuid.Nil && order.Customer == cart.Customer:
		return order, nil
	case order.Customer != uuid.Nil || order.Erased() || !emails.Same(order.Email, place.Email):
		return orders.Order{}, carts.ErrConverted
	}
	return order, nil
}

// buyable refuses a cart that no order can be made of, naming its lines.
func (s *Service) buyable(cart carts.Cart) error {
	var unavailable []int
	for i, item := range cart.Items {
		if !item.ForSale {
			unavailable = append(unavailable, i)
		}
	}
	switch {
	case len(cart.Items) == 0:
		return ErrCartEmpty
	case len(unavailable) > 0:
		return notForSale(unavailable)
	}
	if err := s.tooManyUnits(cart); err != nil {
		return err
	}
	return s.Provider.Chargeable(cart.Totals.Total)
}

// placeTx writes the order of a locked cart. Stock comes last, so that its rows are held shortest.
func (s *Service) placeTx(ctx context.Context, tx pgx.Tx, cart carts.Cart, place Place) (orders.Order, error) {
	order, err := s.Orders.CreateTx(ctx, tx, orders.Order{
		ID:              uuid.Must(uuid.NewV7()),
		CartID:          cart.ID,
		Customer:        place.Cart.Customer,
		Email:           place.Email,
		Subtotal:        cart.Totals.Subtotal,
		Discount:        cart.Totals.Discount,
		Shipping:        cart.Totals.Shipping,
		Tax:             cart.Totals.Tax,
		Total:           cart.Totals.Total,
		ShippingAddress: place.ShippingAddress,
		BillingAddress:  place.BillingAddress,
		Notes:           place.Notes,
		Items:           toItems(cart.Items),
		ExpiresAt:       s.Now().Add(s.holdTTL()),
	}, orders.Cause{Type: "placed", Actor: byCustomer})
	switch postgres.Constraint(err) {
	case "order_items_product_id_fkey", "order_items_variant_id_fkey": // deleted since the cart was read
		return orders.Order{}, carts.ErrUnavailable.Wrap(err)
	}
	if err != nil {
		return orders.Order{}, err
	}
	if err := s.Carts.ConvertTx(ctx, tx, place.Cart, order.ID); err != nil {
		return orders.Order{}, err
	}
	crash.Point("place.written")
	return order, s.reserveTx(ctx, tx, order.ID, place, cart)
}

func (s *Service) reserveTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, place Place, cart carts.Cart) error {
	var wanted []inventory.Units
	for _, item := range cart.Items {
		if item.Tracked {
			wanted = append(wanted, inventory.Units{VariantID: item.VariantID, Quantity: item.Quantity})
		}
	}
	holder := s.holder(place.Network)
	short, err := s.Inventory.ReserveForTx(ctx, tx, order, wanted, holder)
	if err != nil {
		return fmt.Errorf("hold the order's stock: %w", err)
	}
	if len(short) == 0 {
		return s.heldTooMuchTx(ctx, tx, order, wanted, holder, cart)
	}
	if cart, err = s.Carts.LockTx(ctx, tx, place.Cart); err != nil { // stock as it is now
		return err
	}
	return insufficient(linesOf(cart, short), cart)
}

// linesOf are the positions of the lines of these variants.
func linesOf(cart carts.Cart, variants []uuid.UUID) (lines []int) {
	for i, item := range cart.Items {
		if slices.Contains(variants, item.VariantID) {
			lines = append(lines, i)
		}
	}
	return lines
}

func toItems(lines []carts.Item) []orders.Item {
	items := make([]orders.Item, len(lines))
	for i, line := range lines {
		items[i] = orders.Item{
			ID:        uuid.Must(uuid.NewV7()),
			ProductID: line.ProductID,
			VariantID: line.VariantID,
			Quantity:  line.Quantity,
			Price:     line.Price,
			LineTotal: line.LineTotal,
			Snapshot: orders.Snapshot{
				Name: line.Name, VariantName: line.VariantName, SKU: line.SKU, Image: line.Image, Options: line.Options,
			},
		}
	}
	return items
}
