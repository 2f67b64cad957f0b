package inventory_test

import (
	"os"
	"testing"

	"cartwright/internal/app/shoptest"
)

func TestMain(m *testing.M) { os.Exit(shoptest.Run(m)) }
