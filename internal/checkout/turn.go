package checkout

import (
	"context"
	"time"
)

// How long a shopper waits while others from their network pay, and how often it is looked whether they did. Whoever tries
// out cards is found out meanwhile, by the outcome of the first ones.
const (
	turnTime  = 6 * time.Second
	firstLook = 50 * time.Millisecond
	lastLook  = 500 * time.Millisecond
)

// beginInTurn is begin, after those whose payments are under way from the same network where there are many: honest ones
// end soon, and count no more. A shopper who waited in vain is let through with a challenge, or refused.
func (s *Service) beginInTurn(ctx context.Context, pay Pay) (begun try, err error) {
	err = s.inTurn(ctx, func(waited bool) (crowded bool, err error) {
		begun, err = s.begin(ctx, pay, waited)
		return begun.crowded, err
	})
	return begun, err
}

// inTurn repeats an attempt, which is made outside of transactions, while it is crowded out; the last time it has waited.
func (s *Service) inTurn(ctx context.Context, attempt func(waited bool) (crowded bool, err error)) error {
	deadline, pause := time.Now().Add(turnTime), firstLook
	for {
		waited := !time.Now().Before(deadline)
		crowded, err := attempt(waited)
		if err != nil || !crowded {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause = min(lastLook, pause*3/2)
	}
}
