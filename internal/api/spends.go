package api

import (
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"cartwright/internal/budget"
)

// signedOperation is the one operation that spends a shared budget without a limit: it does so only for bodies that the
// payment provider has signed, and an event that is refused comes late or never.
const signedOperation = "receiveStripeWebhook"

// spendsOf are the shared budgets that an operation may spend (x-spends). One that spends any has a limit of its own
// (x-rate-limit), else a single caller could use up what all need.
func spendsOf(described *openapi3.Operation, limit string) ([]budget.Name, error) {
	listed, _ := described.Extensions["x-spends"].([]any)
	var spends []budget.Name
	for _, value := range listed {
		name, _ := value.(string)
		if !slices.Contains(budget.Names, budget.Name(name)) {
			return nil, fmt.Errorf("operation %s has the x-spends %v, which there is not", described.OperationID, value)
		}
		spends = append(spends, budget.Name(name))
	}
	declares := func(name budget.Name, is bool) error {
		if is != slices.Contains(spends, name) {
			return fmt.Errorf("operation %s must list %q in x-spends exactly where it spends it", described.OperationID, name)
		}
		return nil
	}
	if err := declares(budget.Stream, described.Extensions["x-streams"] == true); err != nil {
		return nil, err
	}
	if err := declares(budget.Body, bodyBound(described) > usualBody || formOf(described) != nil); err != nil {
		return nil, err
	}
	if len(spends) > 0 && (limit == "" || limit == unlimited) && described.OperationID != signedOperation {
		return nil, fmt.Errorf("operation %s spends %v and has no x-rate-limit", described.OperationID, spends)
	}
	return spends, nil
}
