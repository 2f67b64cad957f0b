package cache

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"log/slog"
	"reflect"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

const (
	// redisTTL, with the longest reading before it, stays below what is remembered as forgotten.
	redisTTL  = 30 * time.Second
	redisTime = 100 * time.Millisecond
)

// Redis is a server that several processes share. It is never asked for more than copies and counts.
type Redis struct {
	client redis.UniversalClient
	logger *slog.Logger
}

// NewRedis reads a redis:// or rediss:// address. It connects when it is first used.
func NewRedis(address string, logger *slog.Logger) (*Redis, error) {
	options, err := redis.ParseURL(address)
	if err != nil {
		return nil, err
	}
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = redisTime, redisTime, redisTime
	options.MaxRetries, options.DialerRetries = -1, 1 // the database is the second try
	options.ContextTimeoutEnabled = true
	redis.SetLogger(asDebug{logger})
	return &Redis{client: redis.NewClient(options), logger: logger}, nil
}

// asDebug gives the log what the library would print by itself.
type asDebug struct{ *slog.Logger }

// Printf logs a line.
func (l asDebug) Printf(ctx context.Context, format string, values ...any) {
	l.DebugContext(ctx, "redis", "said", fmt.Sprintf(format, values...))
}

// Close ends the connections.
func (r *Redis) Close() error { return r.client.Close() }

// shared keeps values in Redis.
type shared[V any] struct {
	*Redis
	prefix string
}

// entry is a copy in Redis: the value, and the transaction number below which it knows every change.
type entry[V any] struct {
	From  uint64
	Value V
}

// newShared names the keys after the shape of what they hold, so that releases with other shapes, which
// run side by side during an upgrade, do not read each other's.
func newShared[V any](redis *Redis) *shared[V] {
	hash := fnv.New64a()
	describe(hash, reflect.TypeFor[V](), map[reflect.Type]bool{})
	return &shared[V]{Redis: redis, prefix: "cartwright:" + strconv.FormatUint(hash.Sum64(), 36) + ":"}
}

// get answers what Redis has of these ids. It has nothing when it does not answer.
func (s *shared[V]) get(ctx context.Context, ids []uuid.UUID) map[uuid.UUID]entry[V] {
	ctx, cancel := context.WithTimeout(ctx, redisTime)
	defer cancel()
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = s.prefix + id.String()
	}
	texts, err := s.client.MGet(ctx, keys...).Result()
	if err != nil {
		s.logger.DebugContext(ctx, "redis not read", "error", err)
		return nil
	}
	entries := make(map[uuid.UUID]entry[V], len(ids))
	for i, text := range texts {
		text, ok := text.(string)
		var one entry[V]
		if ok && json.Unmarshal([]byte(text), &one) == nil {
			entries[ids[i]] = one
		}
	}
	return entries
}

// put gives Redis what was read at that position.
func (s *shared[V]) put(ctx context.Context, values map[uuid.UUID]V, at position) {
	ctx, cancel := context.WithTimeout(ctx, redisTime)
	defer cancel()
	_, err := s.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for id, value := range values {
			text, err := json.Marshal(entry[V]{From: at.from, Value: value})
			if err != nil {
				return err
			}
			pipe.Set(ctx, s.prefix+id.String(), text, redisTTL)
		}
		return nil
	})
	if err != nil {
		s.logger.DebugContext(ctx, "redis not written", "error", err)
	}
}

// describe writes the shape of a type: names and types of its fields, all the way down.
func describe(to interface{ Write([]byte) (int, error) }, t reflect.Type, seen map[reflect.Type]bool) {
	_, _ = fmt.Fprintf(to, "%s %s;", t.Kind(), t)
	if seen[t] {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			field := t.Field(i)
			_, _ = fmt.Fprintf(to, "%s ", field.Name)
			describe(to, field.Type, seen)
		}
	case reflect.Map:
		describe(to, t.Key(), seen)
		describe(to, t.Elem(), seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		describe(to, t.Elem(), seen)
	}
}
