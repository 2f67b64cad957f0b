package errs_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/errs"
)

var errSample = errs.New(errs.Conflict, "sample", "A sample.")

func TestCopiesEqualTheVariableTheyCameFrom(t *testing.T) {
	t.Parallel()
	cause := errors.New("private")
	wrapped := fmt.Errorf("outer: %w", errSample.Wrap(cause).With(errs.Field{Name: "a"}))
	require.ErrorIs(t, wrapped, errSample)
	require.ErrorIs(t, wrapped, cause)
	require.NotErrorIs(t, wrapped, errs.New(errs.Conflict, "other", ""))
}

func TestWithLeavesTheVariableAlone(t *testing.T) {
	t.Parallel()
	_ = errSample.With(errs.Field{Name: "a"})
	require.Empty(t, errSample.Fields)
}
