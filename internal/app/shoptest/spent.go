package shoptest

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"cartwright/internal/postgres/pgtest"
	"cartwright/openapi"
)

// What this process has made and hashed.
var shops, hashes, costlyHashes atomic.Int64

// Spent counts what tests of a process take that is costly. No count depends on the machine.
type Spent struct {
	Shops        int64 // made by New
	Databases    int64 // copied from the template
	Servers      int64 // PostgreSQL servers started
	Specs        int64 // times the spec was parsed
	Hashes       int64 // passwords hashed at CheapHash
	CostlyHashes int64 // passwords hashed at another cost
}

// Spending returns what this process has spent until now.
func Spending() Spent {
	return Spent{
		Shops: shops.Load(), Databases: pgtest.Databases(), Servers: pgtest.Servers(), Specs: openapi.Parsed(),
		Hashes: hashes.Load(), CostlyHashes: costlyHashes.Load(),
	}
}

// Bounds of what a process may spend.
const (
	mostServers      = 1
	mostSpecs        = 2    // the shops' and the clients', which is stricter
	mostHashes       = 20   // for each shop, one with another
	mostCostlyHashes = 1100 // where what tells addresses apart is measured in all its rounds
	mostDatabases    = 50   // of no shop's own
)

// Excess lists what was spent beyond the bounds.
func (s Spent) Excess() []string {
	var excess []string
	for _, one := range []struct {
		name        string
		count, most int64
	}{
		{"PostgreSQL servers started", s.Servers, mostServers},
		{"specs parsed", s.Specs, mostSpecs},
		{"databases made", s.Databases, s.Shops + mostDatabases},
		{"passwords hashed", s.Hashes, mostHashes * s.Shops},
		{"passwords hashed at full cost", s.CostlyHashes, mostCostlyHashes},
	} {
		if one.count > one.most {
			excess = append(excess, fmt.Sprintf("%s: %d, where %d are enough", one.name, one.count, one.most))
		}
	}
	return excess
}

// Run runs a package's tests for its TestMain and returns its exit code. Tests that pass and spend too much fail.
func Run(m *testing.M) int {
	code := m.Run()
	spent := Spending()
	if testing.Verbose() {
		fmt.Printf("spent: %+v\n", spent)
	}
	for _, one := range spent.Excess() {
		fmt.Fprintln(os.Stderr, "FAIL:", one)
		code = max(code, 1)
	}
	return code
}
