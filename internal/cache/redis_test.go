package cache

import (
	"context"
	"log/slog"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func redisServer(t *testing.T) *miniredis.Miniredis {
	t.Helper()
	return miniredis.RunT(t)
}

func TestAProcessFindsInRedisWhatAnotherRead(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	redis := redisServer(t)
	one, other := start(t, url, redis), start(t, url, redis)
	one.catchUpWith(other)
	require.Equal(t, "old", one.name(product))
	require.Equal(t, "old", other.name(product))
	require.Zero(t, other.reads)

	_, err := one.db.Exec(t.Context(), rename, product, "new")
	require.NoError(t, err)
	other.look()
	require.Equal(t, "new", other.name(product), "a copy in Redis from before the change is not believed")
	one.look()
	require.Equal(t, "new", one.name(product))
}

func TestACopyPutIntoRedisTooLateIsNotBelieved(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	redis := redisServer(t)
	slow, other := start(t, url, redis), start(t, url, redis)
	slow.catchUpWith(other)
	_, err := slow.names.Load(t.Context(), []uuid.UUID{product}, func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
		found, err := slow.read(ctx, ids)
		require.NoError(t, err)
		_, err = other.db.Exec(ctx, rename, product, "new")
		require.NoError(t, err)
		other.look()
		return found, err // and now the old value is put into Redis
	})
	require.NoError(t, err)
	require.Equal(t, "new", other.name(product))
}

func TestWithoutRedisTheDatabaseIsAsked(t *testing.T) {
	t.Parallel()
	url, product := setup(t)
	redis := redisServer(t)
	p := start(t, url, redis)
	redis.Close()
	require.Equal(t, "old", p.name(product))
	require.NoError(t, redis.Restart())
	for _, key := range []string{p.names.shared.prefix + product.String()} {
		require.NoError(t, redis.Set(key, "{not JSON"))
	}
	other := start(t, url, redis)
	require.Equal(t, "old", other.name(product), "rubbish is no copy")
}

func TestReleasesWithOtherShapesDoNotReadEachOther(t *testing.T) {
	t.Parallel()
	redis, err := NewRedis("redis://localhost:1", slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	type older struct{ Name string }
	type newer struct {
		Name    string
		Version int64
	}
	require.NotEqual(t, newShared[older](redis).prefix, newShared[newer](redis).prefix)
	require.Equal(t, newShared[older](redis).prefix, newShared[older](redis).prefix)
}
