package stripesim

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Chaos is an interceptor that lets requests go wrong by chance: [Chaos.Intercept] is one for [Config.Intercept]. What
// becomes of the n-th request follows from the seed. It is safe for concurrent use.
type Chaos struct {
	mu     sync.Mutex
	chance *rand.Rand
	share  float64
	delay  time.Duration
	faults []Fault
	counts map[Fault]int
}

// AllFaults are all that can go wrong with a request.
var AllFaults = []Fault{FailBefore, LoseAnswer, RateLimit, FailAfter, BreakBefore, HangBefore, HangAfter}

// NewChaos lets nothing go wrong until Set.
func NewChaos(seed uint64) *Chaos {
	return &Chaos{chance: rand.New(rand.NewPCG(seed, 1)), counts: map[Fault]int{}}
}

// Set lets this share of requests, from 0 to 1, meet one of the faults, and every request wait up to delay before.
func (c *Chaos) Set(share float64, delay time.Duration, faults ...Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.share, c.delay, c.faults = share, delay, faults
}

// Counts is how many requests met each fault so far; those that met none are under [Proceed].
func (c *Chaos) Counts() map[Fault]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := make(map[Fault]int, len(c.counts))
	for fault, n := range c.counts {
		counts[fault] = n
	}
	return counts
}

// Intercept decides about one request.
func (c *Chaos) Intercept(Call) Fault {
	fault, delay := c.decide()
	if delay > 0 {
		time.Sleep(delay)
	}
	return fault
}

func (c *Chaos) decide() (fault Fault, delay time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.delay > 0 {
		delay = time.Duration(c.chance.Int64N(int64(c.delay)))
	}
	if c.chance.Float64() < c.share && len(c.faults) > 0 {
		fault = c.faults[c.chance.IntN(len(c.faults))]
	}
	c.counts[fault]++
	return fault, delay
}
