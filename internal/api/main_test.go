package api_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"

	"cartwright/internal/app/shoptest"
)

// Statuses that the spec documents and no test can meet yet, each with its reason.
var unreachable = map[string]string{}

// TestMain fails the package when an operation documents a status that no test has met: such a
// status is either not true or not proven. It judges only a run of all tests.
func TestMain(m *testing.M) {
	code := shoptest.Run(m)
	if code == 0 && everything() {
		code = judge()
	}
	os.Exit(code)
}

func everything() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if flag.Lookup(name).Value.String() != "" {
			return false
		}
	}
	return true
}

func judge() int {
	unmet, err := shoptest.Unmet()
	if err != nil {
		fmt.Println("FAIL: read the spec:", err)
		return 1
	}
	code := 0
	for _, name := range unmet {
		if unreachable[name] == "" {
			fmt.Println("FAIL: documented, but met by no test:", name)
			code = 1
		}
	}
	for name := range unreachable {
		if !slices.Contains(unmet, name) {
			fmt.Println("FAIL: listed as unreachable, but met:", name)
			code = 1
		}
	}
	return code
}
