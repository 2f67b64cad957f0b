package auth

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"cartwright/internal/budget"
)

// HashCost is what hashing a password with argon2id takes. The zero value is OWASP's first choice: m=19 MiB, t=2, p=1
// (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html).
type HashCost struct {
	Memory     uint32 // in KiB
	Iterations uint32
}

// params completes the cost with the defaults.
func (c HashCost) params() *argon2id.Params {
	return &argon2id.Params{
		Memory: cmp.Or(c.Memory, 19*1024), Iterations: cmp.Or(c.Iterations, 2), Parallelism: 1, SaltLength: 16, KeyLength: 32,
	}
}

// patience is how long a password waits for its turn. Whoever cannot be served by then is sent away:
// a queue without an end would hold the memory and connections of everybody in it.
const patience = 2 * time.Second

// hasher hashes a few passwords at a time, so that a crowd at the door costs neither memory nor the shop.
type hasher struct {
	params *argon2id.Params
	slots  chan struct{}
	turns  atomic.Int64 // how many passwords were hashed or compared
	decoy  string       // compared against when there is no account, so that both cases take the same time
}

func newHasher(cost HashCost) (*hasher, error) {
	params := cost.params()
	decoy, err := argon2id.CreateHash("no account has this password", params)
	if err != nil {
		return nil, fmt.Errorf("hash the decoy: %w", err)
	}
	return &hasher{params: params, slots: make(chan struct{}, max(2, runtime.NumCPU())), decoy: decoy}, nil
}

// hash hashes the composed form of a password: keyboards differ in which form they send.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	return argon2id.CreateHash(norm.NFC.String(password), h.params)
}

// matches compares against the stored hash, or against the decoy when there is none.
func (h *hasher) matches(ctx context.Context, password, stored string) (bool, error) {
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	known := stored != ""
	if !known {
		stored = h.decoy
	}
	composed := norm.NFC.String(password)
	equal, err := argon2id.ComparePasswordAndHash(composed, stored)
	if err == nil && !equal && composed != password {
		equal, err = argon2id.ComparePasswordAndHash(password, stored) // of before passwords were composed
	}
	return equal && known, err
}

// outdated reports whether a hash was made with other parameters than today's.
func (h *hasher) outdated(stored string) bool {
	params, _, _, err := argon2id.DecodeHash(stored)
	return err != nil || *params != *h.params
}

// enter waits for a turn; ErrBusy when none comes.
func (h *hasher) enter(ctx context.Context) error {
	if err := budget.Check(ctx, budget.Hash); err != nil {
		return err
	}
	tired := time.NewTimer(patience)
	defer tired.Stop()
	select {
	case h.slots <- struct{}{}:
		h.turns.Add(1)
		return nil
	case <-tired.C:
		return ErrBusy
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hasher) leave() { <-h.slots }
