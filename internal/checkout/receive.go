package checkout

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/inventory"
	"cartwright/internal/orders"
)

// Receive counts what came of an approved return, and puts on the shelf again what may be sold; the rest of it is written
// off, and nothing is counted twice. orders.ErrNoReturn, orders.ErrTransition, orders.ErrReturnCame, ErrRestock where more came than was sent,
// and an errs.Invalid that names lines which the return does not have, or says that nothing came.
func (s *Service) Receive(ctx context.Context, id uuid.UUID, came []orders.ReturnItem, actor string) (received orders.Return, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, one, err := s.Orders.LockReturnTx(ctx, tx, id)
		if err != nil {
			return err
		}
		received, err = s.Orders.ReceiveReturnTx(ctx, tx, order, one, came, actor)
		switch {
		case errors.Is(err, orders.ErrTooMany):
			return ErrRestock
		case err != nil:
			return err
		}
		why := inventory.Why{Note: "Return " + one.Number, Actor: actor}
		return s.Inventory.TakeBackTx(ctx, tx, order.ID, onShelf(order, received), why)
	})
	return received, err
}

// onShelf are the units of a return that may be sold again.
func onShelf(order orders.Order, one orders.Return) (units []inventory.Units) {
	back := map[uuid.UUID]int32{}
	for _, item := range one.Items {
		back[item.ItemID] = item.Restocked
	}
	for _, item := range order.Items {
		if back[item.ID] > 0 {
			units = append(units, inventory.Units{VariantID: item.VariantID, Quantity: back[item.ID]})
		}
	}
	return units
}
