package ratelimit

import "time"

// bucket is a limit as it is counted: burst at once, and one more with every interval, in microseconds. What is kept
// of a key is one number, the moment at which its bucket is full again (GCRA, the generic cell rate algorithm of
// ATM networks: ITU-T I.371).
type bucket struct {
	burst    int64
	interval int64
}

// newBucket makes half of the quota the burst. In a window, its end excluded, fit the burst and what drips in after:
// with quota-burst+1 intervals to a window, that is the quota and no more.
func newBucket(quota int, window time.Duration) bucket {
	burst := int64(quota+1) / 2
	drops := int64(quota) - burst + 1
	return bucket{burst: burst, interval: (window.Microseconds() + drops - 1) / drops}
}

// take is the moment at which the bucket is full again once one more is out of it, unless it is empty.
func (b bucket) take(full, now int64) (after int64, ok bool) {
	after = max(full, now) + b.interval
	return after, after-now <= b.burst*b.interval
}

// verdict tells what a bucket holds that is full again after this time.
func (b bucket) verdict(allowed bool, fullIn int64) Verdict {
	left := max(0, (b.burst*b.interval-fullIn)/b.interval)
	next := fullIn - (b.burst-left-1)*b.interval
	return Verdict{Allowed: allowed, Remaining: int(left), Reset: time.Duration(max(0, next)) * time.Microsecond}
}
