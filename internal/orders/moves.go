package orders

import "slices"

// Moves are all steps that the statuses of an order may take, axis by axis, such as "PENDING CONFIRMED": for whoever
// examines histories without being able to change one.
type Moves struct{ Status, Payment, Fulfillment, Review []string }

// AllMoves reads the transition tables.
func AllMoves() Moves {
	return Moves{
		Status: moves(statusTransitions), Payment: moves(paymentTransitions),
		Fulfillment: moves(fulfillmentTransitions), Review: moves(reviewTransitions),
	}
}

func moves[S ~string](table map[S][]S) (all []string) {
	for from, next := range table {
		for _, to := range next {
			all = append(all, string(from)+" "+string(to))
		}
	}
	slices.Sort(all)
	return all
}
