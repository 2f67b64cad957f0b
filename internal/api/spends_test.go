package api

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"cartwright/internal/budget"
	"cartwright/openapi"
)

// The shop does not start with a spec in which an operation spends what all share and has no limit.
func TestSpec_WhatSpendsASharedBudgetHasALimit(t *testing.T) {
	t.Parallel()
	document, err := openapi.Document()
	require.NoError(t, err)
	published, err := loadContract(document)
	require.NoError(t, err)
	spent := map[budget.Name]int{}
	for _, operation := range published.operations {
		for _, name := range operation.spends {
			spent[name]++
		}
		if len(operation.spends) == 0 {
			continue
		}
		t.Run(operation.id, func(t *testing.T) {
			t.Parallel()
			if operation.id == signedOperation {
				require.NotEmpty(t, operation.signed)
				return
			}
			described := *operation.route.Operation
			described.Extensions = map[string]any{}
			for name, value := range operation.route.Operation.Extensions {
				described.Extensions[name] = value
			}
			for _, limit := range []string{"", unlimited} {
				_, err := spendsOf(&described, limit)
				require.ErrorContains(t, err, "has no x-rate-limit")
			}
			delete(described.Extensions, "x-spends")
			if _, derived := described.Extensions["x-streams"]; derived || formOf(&described) != nil || bodyBound(&described) > usualBody {
				_, err := spendsOf(&described, operation.limit)
				require.ErrorContains(t, err, "x-spends")
			}
		})
	}
	for _, name := range budget.Names {
		require.Positive(t, spent[name], name)
	}
	for change, with := range map[string]string{
		"x-rate-limit: poll": "x-nothing: poll", "x-spends: [stock]": "x-spends: [gold]", "x-rate-limit: stream": "x-rate-limit: none",
	} {
		changed := regexp.MustCompile(regexp.QuoteMeta(change)).ReplaceAll(openapi.YAML, []byte(with))
		require.False(t, bytes.Equal(changed, openapi.YAML), change)
		document, err := openapi3.NewLoader().LoadFromData(changed)
		require.NoError(t, err, with)
		_, err = loadContract(document)
		require.Error(t, err, with)
	}
}

// Every public operation reads a small body alone, but for the one whose bodies are signed.
func TestSpec_WhoIsUnknownSendsLittle(t *testing.T) {
	t.Parallel()
	document, err := openapi.Document()
	require.NoError(t, err)
	for _, item := range document.Paths.Map() {
		for _, described := range item.Operations() {
			if described.Extensions["x-permission"] == "public" && described.OperationID != signedOperation {
				require.LessOrEqual(t, bodyBound(described), int64(usualBody), described.OperationID)
			}
		}
	}
}
