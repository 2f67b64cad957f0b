package api_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/app/shoptest"
)

// coveted are members that are worth sending to a shop that would take them.
var coveted = []string{
	"id", "userId", "customerId", "role", "permissions", "isAdmin", "emailVerified", "passwordHash", "status", "paymentStatus",
	"fulfillmentStatus", "price", "unitPrice", "totalAmount", "discount", "taxAmount", "currency", "sku", "inventoryQuantity",
	"reserved", "version", "createdAt",
}

// grafts are copies of a body, each with a member more than its schema lists, in the body itself or in what it holds.
func grafts(schema *openapi3.Schema, value any) (all []any) {
	switch value := value.(type) {
	case map[string]any:
		for _, name := range coveted {
			if schema.Properties[name] != nil || len(schema.Properties) == 0 { // the latter takes any name, such as an option's
				continue
			}
			for _, spelled := range []string{name, strings.ToUpper(name)} {
				graft := maps.Clone(value)
				graft[spelled] = "1"
				all = append(all, graft)
			}
		}
		for name, inner := range value {
			if schema.Properties[name] == nil {
				continue
			}
			for _, other := range grafts(schema.Properties[name].Value, inner) {
				graft := maps.Clone(value)
				graft[name] = other
				all = append(all, graft)
			}
		}
	case []any:
		if len(value) > 0 && schema.Items != nil {
			for _, other := range grafts(schema.Items.Value, value[0]) {
				all = append(all, []any{other})
			}
		}
	}
	return all
}

func TestAMemberThatIsNotListedIsRefused(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	admin, held, tried := shop.Login("admin@example.com").AccessToken, contents(t, shop), 0
	for _, o := range operations(t) {
		example := o.example(t)
		if len(example) == 0 || o.streams() || o.id == "receiveStripeWebhook" {
			continue
		}
		schema := o.described.RequestBody.Value.Content[o.media()].Schema.Value
		for _, body := range grafts(schema, example) {
			got := send(t, shop, o.as(admin, o.address("", uuid.NewString()), toJSON(t, body)))
			require.Equal(t, http.StatusUnprocessableEntity, got.status, "%s %s: %s", o.id, toJSON(t, body), got.body)
			tried++
		}
	}
	t.Logf("%d bodies", tried)
	require.Greater(t, tried, 1000)
	require.Equal(t, held, contents(t, shop))
}
