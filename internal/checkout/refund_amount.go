package checkout

import (
	"fmt"

	"github.com/google/uuid"

	"cartwright/internal/errs"
	"cartwright/internal/money"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// Refund is what to give back of an order: an amount, so many of its lines, or else all that is left.
type Refund struct {
	Order   uuid.UUID
	Amount  *money.Amount
	Items   []payments.RefundItem // their amounts are computed
	Restock bool                  // the items are on the shelf again
	Return  uuid.UUID             // the return whose items these are, of which Amount or a Fee may be named, too; Nil for none
	Fee     *money.Amount         // what is kept of the items' value
	Reason  string                // one of the provider's, or ""
	Note    string
	Actor   string
	Key     string // the request's Idempotency-Key, or ""
}

// of writes into refund the amount that is to be given back, and what of it is for which line. before is what was
// refunded of each.
func (r *Refund) of(order orders.Order, before map[uuid.UUID]payments.RefundItem, refund *payments.Refund) (err error) {
	refund.Amount, refund.Items = refund.Payment.Left(), r.Items
	switch {
	case len(r.Items) > 0:
		if refund.Items, err = r.dues(order, before); err != nil {
			return err
		}
		left := refund.Amount.Minor
		refund.Amount.Minor = 0
		for i := range refund.Items { // no more than is left after what was given back as goodwill
			due := &refund.Items[i].Amount
			due.Minor = min(due.Minor, left-refund.Amount.Minor)
			refund.Amount.Minor += due.Minor
		}
		if err := r.keep(refund); err != nil {
			return err
		}
	case r.Amount != nil:
		refund.Amount = *r.Amount
	}
	if refund.Amount.Minor <= 0 {
		return ErrNothingToRefund
	}
	return nil
}

// keep takes off what the items are worth what is not given back: the fee, or what is above the amount.
func (r *Refund) keep(refund *payments.Refund) error {
	worth := refund.Amount
	switch {
	case r.Amount != nil:
		refund.Amount = *r.Amount
	case r.Fee != nil:
		refund.Amount.Minor -= r.Fee.Minor
	}
	if refund.Fee = worth; refund.Amount.Minor > worth.Minor || worth.Minor > 0 && refund.Amount.Minor <= 0 {
		refused := *ErrReturnWorth
		refused.Message = fmt.Sprintf("What came is worth %s.", worth)
		return &refused
	}
	refund.Fee.Minor -= refund.Amount.Minor
	return nil
}

// dues are the items with what they give back. Each is the order's, once, and not refunded yet.
func (r *Refund) dues(order orders.Order, before map[uuid.UUID]payments.RefundItem) ([]payments.RefundItem, error) {
	paid, err := paidByLine(order)
	if err != nil {
		return nil, err
	}
	lines := map[uuid.UUID]orders.Item{}
	for _, line := range order.Items {
		lines[line.ID] = line
	}
	var unknown, tooMany []errs.Field
	items, seen := make([]payments.RefundItem, len(r.Items)), map[uuid.UUID]bool{}
	for i, item := range r.Items {
		name := fmt.Sprintf("items[%d].", i)
		switch line, known := lines[item.ItemID]; {
		case !known:
			unknown = append(unknown, errs.Field{Name: name + "orderItemId", Code: "unknown", Message: "The order has no such line."})
		case seen[item.ItemID]:
			unknown = append(unknown, errs.Field{Name: name + "orderItemId", Code: "duplicate", Message: "This line is named twice."})
		case item.Quantity > line.Quantity-before[item.ItemID].Quantity:
			left := line.Quantity - before[item.ItemID].Quantity
			tooMany = append(tooMany, errs.Field{
				Name: name + "quantity", Code: ErrRefundItems.Code, Message: fmt.Sprintf("Only %d of this line are left to refund.", left),
			})
		default:
			if item.Amount, err = due(paid[item.ItemID], line.Quantity, item.Quantity, before[item.ItemID]); err != nil {
				return nil, err
			}
		}
		items[i], seen[item.ItemID] = item, true
	}
	switch {
	case len(unknown) > 0:
		return nil, errs.InvalidFields(unknown...)
	case len(tooMany) > 0:
		return nil, ErrRefundItems.With(tooMany...)
	}
	return items, nil
}

// paidByLine is what was paid for each line of an order: its share of the total, and so of discount, shipping and tax,
// by what it cost. The shares add up to the total, and each can be charged, and so refunded.
func paidByLine(order orders.Order) (map[uuid.UUID]money.Amount, error) {
	weights := make([]int64, len(order.Items))
	for i, item := range order.Items {
		weights[i] = item.LineTotal.Minor
	}
	paid := map[uuid.UUID]money.Amount{}
	if order.Subtotal.Minor == 0 {
		return paid, nil
	}
	shares, err := allocate(order.Total, weights)
	if err != nil {
		return nil, err
	}
	for i, item := range order.Items {
		paid[item.ID] = shares[i]
	}
	return paid, nil
}

// due is what so many more of a line give back: what as many as are refunded then have cost, less what was given back for
// them before. All of a line so give back all that was paid for it, in however many parts.
func due(paid money.Amount, of, more int32, before payments.RefundItem) (money.Amount, error) {
	if paid.Minor == 0 {
		return paid, nil
	}
	refunded := int64(before.Quantity) + int64(more)
	shares, err := allocate(paid, []int64{refunded, int64(of) - refunded})
	if err != nil {
		return paid, err
	}
	paid.Minor = max(0, shares[0].Minor-before.Amount.Minor)
	return paid, nil
}

// allocate splits an amount into parts that can be charged each.
func allocate(amount money.Amount, weights []int64) ([]money.Amount, error) {
	step := amount.Currency.Increment()
	parts, err := money.New(amount.Minor/step, amount.Currency).Allocate(weights)
	if err != nil {
		return nil, fmt.Errorf("split %s: %w", amount, err)
	}
	for i := range parts {
		parts[i].Minor *= step
	}
	return parts, nil
}
