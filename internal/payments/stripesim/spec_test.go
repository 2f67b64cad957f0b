package stripesim_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cartwright/internal/payments/stripesim/stripemock"
)

var (
	specOnce sync.Once
	spec     openapi3.Schemas
)

// schemas are Stripe's own of 2023-10-16, closed: a field Stripe does not publish fails.
func schemas(t *testing.T) openapi3.Schemas {
	t.Helper()
	specOnce.Do(func() {
		data, err := os.ReadFile(stripemock.SpecPath(t))
		require.NoError(t, err)
		var doc map[string]any
		require.NoError(t, json.Unmarshal(data, &doc))
		require.Equal(t, "2023-10-16", doc["info"].(map[string]any)["version"])
		doc["paths"] = map[string]any{} // operations are most of the document and not needed
		closeObjects(doc["components"])
		data, err = json.Marshal(doc)
		require.NoError(t, err)
		loaded, err := openapi3.NewLoader().LoadFromData(data)
		require.NoError(t, err)
		spec = loaded.Components.Schemas
	})
	require.NotEmpty(t, spec)
	return spec
}

// closeObjects forbids properties beyond those listed, everywhere below node.
func closeObjects(node any) {
	switch v := node.(type) {
	case map[string]any:
		properties, listed := v["properties"].(map[string]any)
		if _, open := v["additionalProperties"]; listed && len(properties) > 0 && !open && v["type"] == "object" {
			v["additionalProperties"] = false
		}
		for _, child := range v {
			closeObjects(child)
		}
	case []any:
		for _, child := range v {
			closeObjects(child)
		}
	}
}

// conforms checks a JSON text against one of Stripe's schemas.
func conforms(t *testing.T, schema, body string) {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal([]byte(body), &value))
	ref := schemas(t)[schema]
	require.NotNil(t, ref, schema)
	err := ref.Value.VisitJSON(value)
	var schemaErr *openapi3.SchemaError
	if errors.As(err, &schemaErr) {
		t.Errorf("%s at /%s: %s\n%s", schema, strings.Join(schemaErr.JSONPointer(), "/"), schemaErr.Reason, body)
		return
	}
	assert.NoError(t, err, schema)
}
