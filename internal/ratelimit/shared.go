package ratelimit

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"sync/atomic"

	"cartwright/internal/cache"
)

// pause is how long a Redis that did not answer is not asked again, in microseconds. Else each request would wait
// for it in vain.
const pause = 1_000_000

// taking is bucket.take as one step of Redis, by its clock, for those of the instances differ. It answers
// whether one was taken, and after how many microseconds the bucket is full again.
var taking = cache.NewScript(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = tonumber(redis.call('GET', KEYS[1]) or '') or now
full = math.min(math.max(full, now), now + most)
local after = full + interval
if after - now > most then
	return {0, full - now}
end
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
return {1, after - now}
`)

// shared counts in Redis.
type shared struct {
	redis  *cache.Redis
	logger *slog.Logger
	away   atomic.Int64 // the moment at which it is asked again; 0 while it answers
}

// take takes one out of the bucket that all instances share; known is false when Redis does not tell.
func (s *shared) take(ctx context.Context, l *Limit, d digest, now int64) (fullIn int64, ok, known bool) {
	if !s.asks(now) {
		return 0, false, false
	}
	// Not given up with the request: a client that leaves early must not make it look as if Redis had gone.
	answer, err := s.redis.Run(context.WithoutCancel(ctx), taking, l.prefix+hex.EncodeToString(d[:]),
		l.bucket.interval, l.bucket.burst*l.bucket.interval)
	if err == nil && len(answer) != 2 {
		err = fmt.Errorf("%d numbers", len(answer))
	}
	if err != nil {
		if s.away.Swap(now+pause) == 0 {
			s.logger.WarnContext(ctx, "rate limits are counted by each instance alone: redis does not answer", "error", err)
		}
		return 0, false, false
	}
	if s.away.Swap(0) != 0 {
		s.logger.InfoContext(ctx, "rate limits are shared again")
	}
	return answer[1], answer[0] == 1, true
}

// asks tells whether to ask Redis. After a pause one request finds out, and the others do not wait for it.
func (s *shared) asks(now int64) bool {
	away := s.away.Load()
	return away == 0 || now >= away && s.away.CompareAndSwap(away, now+pause)
}
