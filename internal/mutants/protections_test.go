package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// `make mutants` takes minutes and is no part of `make test`; that it still fits the code is.
func TestEveryProtectionCanBeSwitchedOffAndHasItsTests(t *testing.T) {
	t.Chdir("../..")
	assert.GreaterOrEqual(t, len(protections), 12)
	for _, p := range protections {
		_, err := p.overlay(t.TempDir())
		require.NoError(t, err, p.name)
		for _, name := range p.tests.names {
			assert.Contains(t, testsOf(t, p.tests.room.path), "func "+name+"(t *testing.T)", p.name)
		}
	}
}

func testsOf(t *testing.T, room string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(room, "*_test.go"))
	require.NoError(t, err)
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all.Write(text)
	}
	return all.String()
}

func TestATestThatFailedIsToldFromItsParts(t *testing.T) {
	out := "--- FAIL: TestOne (0.01s)\n    --- FAIL: TestOne/part (0.00s)\n--- PASS: TestTwo (0.00s)\nFAIL\n"
	assert.Equal(t, []string{"TestOne"}, failed(out))
	assert.Empty(t, failed("panic: no test failed\n"))
}

func TestProtectionsAreChosenByName(t *testing.T) {
	assert.Len(t, chosen(regexp.MustCompile("")), len(protections))
	assert.Len(t, chosen(regexp.MustCompile("^a cart becomes one order$")), 1)
}
