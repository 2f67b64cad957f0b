package ratelimit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"cartwright/internal/cache"
)

// Config is what a limiter is made of.
type Config struct {
	Redis  *cache.Redis // nil counts in the process alone
	Secret []byte       // hides the keys; the same on all instances that share a Redis
	Now    func() time.Time
	Logger *slog.Logger
}

// Limiter makes limits.
type Limiter struct {
	secret []byte
	shared *shared // nil without Redis
	now    func() time.Time
	start  time.Time
}

// New makes a limiter.
func New(config Config) *Limiter {
	l := &Limiter{secret: append([]byte("ratelimit "), config.Secret...), now: config.Now, start: config.Now()}
	if config.Redis != nil {
		l.shared = &shared{redis: config.Redis, logger: config.Logger}
	}
	return l
}

// Limit is a quota in a window, counted for each key by itself.
type Limit struct {
	Name    string
	Quota   int
	Window  time.Duration
	bucket  bucket
	own     func() *table // made when first needed: a limit that nobody meets costs nothing
	limiter *Limiter
	prefix  string // of its keys in Redis
}

// Limit makes a limit: at most quota in any stretch of the window, which is at least a millisecond. Limits of one name
// share their counts across instances as long as they agree on both.
func (l *Limiter) Limit(name string, quota int, window time.Duration) *Limit {
	return &Limit{
		Name: name, Quota: quota, Window: window, bucket: newBucket(quota, window), own: sync.OnceValue(func() *table { return new(table) }), limiter: l,
		prefix: fmt.Sprintf("cartwright:limit:%s:%d:%d:", name, quota, window.Milliseconds()),
	}
}

// Verdict is whether one more was allowed.
type Verdict struct {
	Allowed   bool
	Remaining int           // how many more are allowed now
	Reset     time.Duration // after which Remaining grows by one; for a refused one, when to try again
}

// Take takes one out of the key's bucket. What this process knows to be empty is refused without asking Redis, and
// what Redis tells is remembered, so that its loss forgives nobody.
func (l *Limit) Take(ctx context.Context, key string) Verdict {
	now := l.limiter.now().Sub(l.limiter.start).Microseconds() + 1
	d := l.limiter.digest(key)
	if l.limiter.shared != nil {
		if fullIn, ok := l.own().look(d, l.bucket, now); !ok {
			return l.bucket.verdict(false, fullIn)
		}
		if fullIn, ok, known := l.limiter.shared.take(ctx, l, d, now); known {
			l.own().learn(d, now+fullIn)
			return l.bucket.verdict(ok, fullIn)
		}
	}
	fullIn, ok := l.own().take(d, l.bucket, now)
	return l.bucket.verdict(ok, fullIn)
}

// digest hides a key, and spreads keys evenly.
func (l *Limiter) digest(key string) (d digest) {
	mac := hmac.New(sha256.New, l.secret)
	mac.Write([]byte(key))
	copy(d[:], mac.Sum(nil))
	return d
}
