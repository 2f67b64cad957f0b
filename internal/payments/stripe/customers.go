package stripe

import (
	"context"
	"errors"

	"github.com/google/uuid"
	stripego "github.com/stripe/stripe-go/v76"

	"cartwright/internal/payments"
)

// metaCustomer ties a customer to our row, for those who look at Stripe's dashboard.
const metaCustomer = "customer_id"

// CreateCustomer makes a customer of whom Stripe is told our id and nothing else: no name and no e-mail address. Where
// Stripe keeps a failure under the key, another key asks once more: a customer too many, who has no card, does no harm.
func (p *Provider) CreateCustomer(ctx context.Context, customer uuid.UUID) (id string, err error) {
	for _, key := range []string{"customer:", "customer-again:"} {
		if id, err = p.createCustomer(ctx, key+customer.String(), customer); !errors.Is(err, payments.ErrKeySpent) {
			break
		}
	}
	return id, err
}

func (p *Provider) createCustomer(ctx context.Context, key string, customer uuid.UUID) (string, error) {
	prepared, cancel, err := params(ctx, key)
	if err != nil {
		return "", err
	}
	defer cancel()
	made, err := p.api.Customers.New(&stripego.CustomerParams{
		Params: prepared, Metadata: map[string]string{metaCustomer: customer.String()},
	})
	if err != nil {
		return "", toError("create the customer", err)
	}
	return made.ID, nil
}

// DeleteCustomer has Stripe forget a customer. Their cards are detached, so none is charged again.
func (p *Provider) DeleteCustomer(ctx context.Context, id string) error {
	prepared, cancel, err := params(ctx, "")
	if err != nil {
		return err
	}
	defer cancel()
	_, err = p.api.Customers.Del(id, &stripego.CustomerParams{Params: prepared})
	if err = toErrorOf(payments.ErrUnknownCustomer, "delete the customer", err); errors.Is(err, payments.ErrUnknownCustomer) {
		return nil
	}
	return err
}
