package notify

import (
	"maps"
	"slices"
	"strings"

	"cartwright/internal/money"
	"cartwright/internal/orders"
)

// options says which variant was bought: "Black, Large"; "" when there is only one.
func options(sold orders.Snapshot) string {
	var chosen []string
	for _, name := range slices.Sorted(maps.Keys(sold.Options)) {
		chosen = append(chosen, name+": "+oneLine(sold.Options[name], maxName))
	}
	return strings.Join(chosen, ", ")
}

// sum is one line below an order's items.
type sum struct {
	Name   string
	Amount money.Amount
	Last   bool
}

// sums are what the total is made of, without what is nothing, and the total.
func sums(order orders.Order) []sum {
	all := []sum{{Name: "Subtotal", Amount: order.Subtotal}}
	discount := money.New(-order.Discount.Minor, order.Discount.Currency)
	for _, part := range []sum{{Name: "Discount", Amount: discount}, {Name: "Shipping", Amount: order.Shipping}, {Name: "Tax", Amount: order.Tax}} {
		if part.Amount.Minor != 0 {
			all = append(all, part)
		}
	}
	return append(all, sum{Name: "Total", Amount: order.Total, Last: true})
}

// lines are an address as it stands on a parcel. Each is one line, whatever was typed.
func lines(address orders.Address) (kept []string) {
	for _, line := range []string{
		address.FirstName + " " + address.LastName, address.Company, address.Street1, address.Street2,
		address.City + ", " + address.State + " " + address.PostalCode, address.Country,
	} {
		if line = strings.Trim(oneLine(line, maxLine), ", "); line != "" {
			kept = append(kept, line)
		}
	}
	return kept
}

// maxLine is how long a line of an address may be.
const maxLine = 300
