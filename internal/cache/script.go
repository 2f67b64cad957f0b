package cache

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// Script is a Lua program that Redis runs as one step, on one key.
type Script struct{ script *redis.Script }

// NewScript takes the text of a script that returns a list of integers.
func NewScript(text string) Script { return Script{redis.NewScript(text)} }

// Run runs the script on the key; it fails when Redis does not answer within a tenth of a second.
func (r *Redis) Run(ctx context.Context, script Script, key string, arguments ...any) ([]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTime)
	defer cancel()
	answer, err := script.script.Run(ctx, r.client, []string{key}, arguments...).Int64Slice()
	if err != nil {
		return nil, fmt.Errorf("run a script in redis: %w", err)
	}
	return answer, nil
}
