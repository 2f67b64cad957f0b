package checkout_test

import (
	"flag"
	"os"
	"testing"

	"cartwright/internal/app/shoptest"
)

// Most of these tests wait for jobs and webhooks rather than for a processor, so more of them run at once.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	os.Exit(shoptest.Run(m))
}
