package fraud

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of the query that looks for a surge.
const (
	surgeEvery   = 10 * time.Second // how long its result is used
	surgeTimeout = time.Second      // how long the one caller that refreshes it waits
)

// surges is the last known state of the whole shop. Transactions read it without waiting.
type surges struct {
	active     atomic.Bool
	refreshed  atomic.Int64 // Unix nanoseconds; 0 is never
	refreshing sync.Mutex   // held by the one caller that queries; others never wait for it
}

// now reports whether many of the whole shop's payments were declined lately.
func (s *surges) now() bool { return s.active.Load() }

// RefreshSurge looks for a surge of declines where the last look is too old. It must be called outside of transactions:
// the query it makes may be slow, and a caller that holds rows would pass the delay on. One caller queries at a time, the
// others go on with what is known. A failed query leaves the known state in place until the next look.
func (s *Service) RefreshSurge(ctx context.Context) error {
	rule, now := s.Rules.Surge, s.Now()
	if rule.Share == 0 || now.UnixNano()-s.surges.refreshed.Load() < int64(surgeEvery) || !s.surges.refreshing.TryLock() {
		return nil
	}
	defer s.surges.refreshing.Unlock()
	s.surges.refreshed.Store(now.UnixNano())
	ctx, cancel := context.WithTimeout(ctx, surgeTimeout)
	defer cancel()
	share, err := s.q.TryShare(ctx, s.DB, now.Add(-rule.Window))
	if err != nil {
		return fmt.Errorf("look for a surge of declines: %w", err)
	}
	s.surges.active.Store(share.Ended >= int64(rule.Tries) && share.Declined*100 >= share.Ended*int64(rule.Share))
	return nil
}
