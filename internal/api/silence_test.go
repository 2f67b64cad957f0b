package api_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

const (
	samples = 40   // of each kind, in no order
	rounds  = 6    // a busy machine gets several chances; what tells addresses apart does so every time
	apart   = 0.05 // how far the medians may be
)

// Whatever is asked for by an address alone: the same for one that has an account and one that has none.
func TestNothingTellsWhetherAnAddressHasAnAccount(t *testing.T) {
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithHashing(auth.HashCost{})) // which takes most of the time
	enrolled(t, shop, shop.User("known@example.com", auth.Customer))                       // which nothing shall tell, either
	fresh := 0
	for name, body := range map[string]func(address string) string{
		"/auth/login":          func(address string) string { return `{"email":"` + address + `","password":"a wrong password"}` },
		"/auth/register":       func(address string) string { return `{"email":"` + address + `","password":"a password of tests"}` },
		"/auth/password-reset": func(address string) string { return `{"email":"` + address + `"}` },
	} {
		t.Run(name, func(t *testing.T) {
			ask := func(address string) (answer, time.Duration) {
				start := time.Now()
				got := send(t, shop, call{method: http.MethodPost, path: name, body: body(address)})
				return got, time.Since(start)
			}
			unknown := func() string {
				fresh++
				return fmt.Sprintf("unknown-%d@example.com", fresh)
			}
			known, _ := ask("known@example.com")
			none, _ := ask(unknown())
			require.Equal(t, known.status, none.status)
			for _, a := range []answer{known, none} {
				a.header.Del("Date")
				a.header.Del("X-Request-Id")
			}
			require.Equal(t, known.header, none.header)
			require.Equal(t, known.problem.Code, none.problem.Code)
			require.Equal(t, known.problem.Detail, none.problem.Detail)

			var gap float64
			for range rounds {
				var of [2][]time.Duration
				for _, i := range rand.Perm(2 * samples) { // strict turns would fall in step with the garbage collector
					address := "known@example.com"
					if i%2 == 1 {
						address = unknown()
					}
					_, took := ask(address)
					of[i%2] = append(of[i%2], took)
				}
				if gap = math.Abs(float64(median(of[0]))/float64(median(of[1])) - 1); gap <= apart {
					return
				}
				t.Logf("medians %v and %v", median(of[0]), median(of[1]))
			}
			require.LessOrEqual(t, gap, apart, "the medians are apart every time")
		})
	}
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}
