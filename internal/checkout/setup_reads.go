package checkout

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"

	"cartwright/internal/payments"
)

// How often the provider is asked about one setup that is read again and again, and how many setups that is remembered of.
const (
	setupReadEvery = 2 * time.Second
	setupReadBurst = 3
	maxSetupReads  = 4096
)

// setupReads keeps readers of unfinished setups from asking the provider each time: one question is in flight per setup,
// and a setup that was asked about lately is answered from its row and what the provider returned last. Each process
// keeps its own.
type setupReads struct {
	flight singleflight.Group
	mu     sync.Mutex // of what follows; held for no call
	of     map[uuid.UUID]*setupRead
}

// setupRead is one setup's allowance and what the provider returned last.
type setupRead struct {
	allowance *rate.Limiter
	known     bool
	secret    string
	action    map[string]any
}

// recent is what the provider returned last of a setup, where it is not to be asked again yet.
func (r *setupReads) recent(setup payments.CardSetup, now time.Time) (CardSetup, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	read := r.of[setup.ID]
	if read == nil {
		read = &setupRead{allowance: rate.NewLimiter(rate.Every(setupReadEvery), setupReadBurst)}
		r.make(now)
		r.of[setup.ID] = read
	}
	if read.allowance.AllowN(now, 1) || !read.known {
		return CardSetup{}, false
	}
	return CardSetup{CardSetup: setup, ClientSecret: read.secret, NextAction: read.action}, true
}

// make makes room: setups that were not asked about lately need not be remembered.
func (r *setupReads) make(now time.Time) {
	if r.of == nil {
		r.of = map[uuid.UUID]*setupRead{}
	}
	if len(r.of) < maxSetupReads {
		return
	}
	for id, read := range r.of {
		if read.allowance.TokensAt(now) >= setupReadBurst {
			delete(r.of, id)
		}
	}
	for id := range r.of {
		if len(r.of) < maxSetupReads {
			return
		}
		delete(r.of, id)
	}
}

// keep remembers what the provider returned.
func (r *setupReads) keep(id uuid.UUID, setup CardSetup) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if read := r.of[id]; read != nil {
		read.known, read.secret, read.action = true, setup.ClientSecret, setup.NextAction
	}
}

// once runs fetch for all who read the setup meanwhile. It goes on when one of them leaves.
func (r *setupReads) once(ctx context.Context, id uuid.UUID, fetch func(context.Context) (CardSetup, error)) (CardSetup, error) {
	result := r.flight.DoChan(id.String(), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), payments.AskFor)
		defer cancel()
		fetched, err := fetch(ctx)
		if err == nil {
			r.keep(id, fetched)
		}
		return fetched, err
	})
	select {
	case done := <-result:
		fetched, _ := done.Val.(CardSetup)
		return fetched, done.Err
	case <-ctx.Done():
		return CardSetup{}, ctx.Err()
	}
}
