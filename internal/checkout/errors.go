package checkout

import (
	"fmt"

	"cartwright/internal/carts"
	"cartwright/internal/emails"
	"cartwright/internal/errs"
	"cartwright/internal/orders"
)

// What a caller may react to.
var (
	ErrEmail       = errs.InvalidFields(errs.Field{Name: "email", Code: "format", Message: "This is " + emails.ErrAddress.Error() + "."})
	ErrCartEmpty   = errs.New(errs.Conflict, "cart_empty", "The cart is empty.")
	ErrAlreadyPaid = errs.New(errs.Conflict, "order_already_paid", "This order is paid.")
	// ErrAlreadyAuthorized has the code of ErrAlreadyPaid: for who pays it is the same.
	ErrAlreadyAuthorized = errs.New(errs.Conflict, "order_already_paid", "The money for this order is authorized already.")

	ErrNotPayable = errs.New(errs.Conflict, "order_not_payable", "This order can no longer be paid.")

	ErrNotAuthorized = errs.New(errs.Conflict, "order_not_authorized", "No money is authorized for this order, so there is nothing to take.")
	// ErrAuthorizationEnded tells of an order that has just ended because of it.
	ErrAuthorizationEnded = errs.New(errs.Conflict, "authorization_ended",
		"The money that was authorized for this order was let go, so the order is cancelled.")
	ErrNotCaptured = errs.New(errs.Conflict, "payment_not_captured",
		"The money for this order is authorized and was not taken, so there is nothing to give back. Cancel the order instead.")

	ErrNotPaid         = errs.New(errs.Conflict, "order_not_paid", "The order is not paid, so there is nothing to give back.")
	ErrNothingToRefund = errs.New(errs.Conflict, "nothing_to_refund", "There is nothing left to give back.")
	ErrRefundItems     = errs.New(errs.Conflict, "refund_exceeds_order", "That is more than is left of the order to refund.")

	ErrRestock = errs.New(errs.Conflict, "restock_exceeds_order", "That is more of a line than can be restocked.")

	ErrReturnWorth = errs.New(errs.Conflict, "return_worth_exceeded", "That is more than what came is worth.")

	ErrCardUnknown = errs.InvalidFields(errs.Field{
		Name: "cardId", Code: "unknown_card", Message: "There is no such saved card, or none any more.",
	})
	ErrGuestsCard = errs.InvalidFields(errs.Field{
		Name: "cardId", Code: "not_a_customer", Message: "Sign in to pay an order of your own with a saved card.",
	})
	ErrGuestsSaving = errs.InvalidFields(errs.Field{
		Name: "saveCard", Code: "not_a_customer", Message: "Sign in to save the card that pays an order of your own.",
	})

	ErrRefundForbidden = errs.New(errs.Forbidden, "refund_forbidden",
		"The order is paid. Cancelling it gives money back, which you may not do.")
)

// alreadyPaid tells that nothing more is to be paid for an order.
func alreadyPaid(order orders.Order) error {
	if order.Authorized() {
		return ErrAlreadyAuthorized
	}
	return ErrAlreadyPaid
}

// ErrTotalChanged comes with the new total, and with the lines whose price changed since the shopper added them.
var ErrTotalChanged = errs.New(errs.Conflict, "total_changed", "The order would not cost what the shopper was shown.")

// totalChanged describes how a cart differs from what its shopper was shown.
func totalChanged(cart carts.Cart) error {
	total := cart.Totals.Total
	err := ErrTotalChanged.WithTotal(string(total.Number())).With(errs.Field{
		Name: "expectedTotal", Code: ErrTotalChanged.Code, Message: fmt.Sprintf("The total is %s.", total),
	})
	for i, item := range cart.Items {
		if item.SeenPrice != item.Price {
			err = err.With(errs.Field{
				Name: fmt.Sprintf("items[%d].price", i), Code: "price_changed",
				Message: fmt.Sprintf("The price of %s is %s. It was %s when it was added.", item.Name, item.Price, item.SeenPrice),
			})
		}
	}
	return err
}

// itemField names a line of the cart in an error.
func itemField(i int) string { return fmt.Sprintf("items[%d].quantity", i) }

// notForSale is the cart's error for lines that are not for sale.
func notForSale(lines []int) error {
	err := carts.ErrUnavailable
	for _, line := range lines {
		err = err.With(carts.Unavailable(itemField(line)).Fields...)
	}
	return err
}

// insufficient is the cart's error for lines with fewer units available than wanted.
func insufficient(lines []int, cart carts.Cart) error {
	err := carts.ErrInsufficient
	for _, line := range lines {
		err = err.With(carts.Insufficient(itemField(line), cart.Items[line].Left).Fields...)
	}
	return err
}
