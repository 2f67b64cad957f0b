// Package idempotency makes commands repeatable: the same key answers the same, byte for byte.
//
// Owns: the stored replies and the locks on keys.
// Does not own: what a command does, nor which replies are worth keeping (package api decides).
//
// Invariants: the reply of an atomic command commits with its effect, so that a crash leaves both
// or neither. A staged command, which speaks to the outside, is claimed first and may be resumed
// when its claim runs out; it must therefore be safe to resume. What was answered is stored sealed, because it may hold
// what opens an order.
//
// Words: a scope is who asks and what for; a key is unique within it.
package idempotency

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/crash"
	"cartwright/internal/errs"
	"cartwright/internal/postgres"
	"cartwright/internal/seal"
)

// What a caller may react to.
var (
	ErrReused = errs.New(errs.Invalid, "idempotency_key_reused",
		"This Idempotency-Key was used with another request. Use a new key for a new request.")
	ErrInUse = errs.New(errs.Conflict, "idempotency_key_in_use",
		"A request with this Idempotency-Key is still running.").After(time.Second)
	ErrLost = errs.New(errs.Conflict, "idempotency_reply_lost",
		"This was done already, and what it was answered cannot be read any more.")
)

// claimFor is how long a staged command owns its key: longer than it may run.
const claimFor = 90 * time.Second

// recordTime is how long recording the outcome of a staged command may take. What could not be
// recorded is taken up again when its claim runs out.
const recordTime = 5 * time.Second

// Command is one use of a key.
type Command struct {
	Scope string
	Key   string
	Hash  []byte // of the request; another request under the same key is refused
}

// about is what its reply is sealed about.
func (c Command) about() string { return c.Scope + "\x1f" + c.Key }

var id = regexp.MustCompile(`[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`)

// named are the ids that the scope names, by which the reply is found when somebody is to be forgotten.
func (c Command) named() []uuid.UUID {
	named := []uuid.UUID{}
	for _, text := range id.FindAllString(c.Scope, -1) {
		if one, err := uuid.Parse(text); err == nil {
			named = append(named, one)
		}
	}
	return named
}

// Reply is what the command answered.
type Reply struct {
	Status      int
	ContentType string
	Headers     map[string]string
	Body        []byte
	Discard     bool // not worth keeping: the command had no effect and may be tried again
}

// Run does the command. In atomic mode its context carries the transaction.
type Run func(context.Context) (Reply, error)

// Store keeps replies.
type Store struct {
	db  *postgres.DB
	q   *db.Queries
	box *seal.Box // of what was answered
	now func() time.Time
}

// New makes a store. The first secret seals what it keeps; all of them open it.
func New(database *postgres.DB, secrets [][]byte, now func() time.Time) (*Store, error) {
	box, err := seal.New("replies", secrets)
	if err != nil {
		return nil, err
	}
	return &Store{db: database, q: db.New(), box: box, now: now}, nil
}

var errDiscard = errors.New("reply not kept")

// Do runs an atomic command once per key and answers what it answered then. replayed tells which.
func (s *Store) Do(ctx context.Context, command Command, run Run) (reply Reply, replayed bool, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		stored, err := s.lockTx(ctx, tx, command)
		if err != nil {
			return err
		}
		if stored != nil {
			reply, replayed = *stored, true
			return nil
		}
		if reply, err = s.runTx(ctx, run); err != nil {
			return err
		}
		if reply.Discard {
			return errDiscard
		}
		crash.Point("reply.unsaved")
		return s.saveTx(ctx, tx, command, reply)
	})
	if errors.Is(err, errDiscard) {
		err = nil
	}
	return reply, replayed, err
}

// Known tells whether the command has its reply already; ErrReused when its key belongs to another.
// What must be made ready before a command runs need not be made for one that will not. It promises
// nothing about the next moment.
func (s *Store) Known(ctx context.Context, command Command) (bool, error) {
	row, err := s.q.IdempotencyGet(ctx, s.db, db.IdempotencyGetParams{Scope: command.Scope, Key: command.Key})
	switch {
	case postgres.IsMissing(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look for the stored reply: %w", err)
	case !bytes.Equal(row.RequestHash, command.Hash):
		return false, ErrReused
	}
	return row.Status != nil, nil
}

// errRefused makes a savepoint roll back.
var errRefused = errors.New("the command was refused")

// runTx runs the command in a savepoint, so that the reply of one that was refused half way can
// still be kept.
func (s *Store) runTx(ctx context.Context, run Run) (reply Reply, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, _ pgx.Tx) error {
		if reply, err = run(ctx); err == nil && reply.Status >= 400 {
			return errRefused
		}
		return err
	})
	if errors.Is(err, errRefused) {
		err = nil
	}
	return reply, err
}

// DoStaged runs a command that speaks to the outside: no transaction is open while it does.
func (s *Store) DoStaged(ctx context.Context, command Command, run Run) (reply Reply, replayed bool, err error) {
	var stored *Reply
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		if stored, err = s.lockTx(ctx, tx, command); err != nil || stored != nil {
			return err
		}
		return s.q.IdempotencyClaim(ctx, tx, db.IdempotencyClaimParams{
			Scope: command.Scope, Named: command.named(), Key: command.Key, RequestHash: command.Hash,
			LockedUntil: s.now().Add(claimFor), Now: s.now(),
		})
	})
	if err != nil || stored != nil {
		return deref(stored), stored != nil, err
	}
	crash.Point("staged.claimed")
	reply, err = run(ctx)
	crash.Point("staged.done")
	// The outcome must be recorded although the client may have left or its time be up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	if err != nil || reply.Discard {
		return reply, false, errors.Join(err, s.q.IdempotencyRelease(ctx, s.db, db.IdempotencyReleaseParams{Scope: command.Scope, Key: command.Key}))
	}
	return reply, false, s.saveTx(ctx, s.db, command, reply)
}

// lockTx takes the key for this transaction and returns the stored reply, if there is one.
func (s *Store) lockTx(ctx context.Context, tx pgx.Tx, command Command) (*Reply, error) {
	acquired, err := s.q.IdempotencyTryLock(ctx, tx, db.IdempotencyTryLockParams{Scope: command.Scope, Key: command.Key})
	if err != nil {
		return nil, fmt.Errorf("lock the idempotency key: %w", err)
	}
	if !acquired {
		return nil, ErrInUse
	}
	row, err := s.q.IdempotencyGet(ctx, tx, db.IdempotencyGetParams{Scope: command.Scope, Key: command.Key})
	switch {
	case postgres.IsMissing(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read the stored reply: %w", err)
	case !bytes.Equal(row.RequestHash, command.Hash):
		return nil, ErrReused
	case row.Status != nil:
		return s.toReply(row)
	case row.LockedUntil.After(s.now()):
		return nil, ErrInUse
	}
	return nil, nil
}

func (s *Store) saveTx(ctx context.Context, tx db.DBTX, command Command, reply Reply) error {
	headers, err := json.Marshal(reply.Headers)
	if err != nil {
		return fmt.Errorf("keep the reply's headers: %w", err)
	}
	body, err := s.box.Seal(reply.Body, command.about())
	if err != nil {
		return fmt.Errorf("seal the reply: %w", err)
	}
	status := int32(reply.Status)
	err = s.q.IdempotencySave(ctx, tx, db.IdempotencySaveParams{
		Scope: command.Scope, Named: command.named(), Key: command.Key, RequestHash: command.Hash, Status: &status,
		ContentType: reply.ContentType, Headers: headers, Body: body, Now: s.now(),
	})
	if err != nil {
		return fmt.Errorf("keep the reply: %w", err)
	}
	return nil
}

// toReply reads a stored reply; ErrLost when the secret that sealed it is gone. One that was stored before replies were
// sealed is read as it stands.
func (s *Store) toReply(row db.IdempotencyKey) (*Reply, error) {
	body := row.Body
	if row.Sealed {
		var err error
		if body, _, err = s.box.Open(row.Body, Command{Scope: row.Scope, Key: row.Key}.about()); err != nil {
			return nil, ErrLost.Wrap(err)
		}
	}
	reply := &Reply{Status: int(*row.Status), ContentType: row.ContentType, Body: body}
	if err := json.Unmarshal(row.Headers, &reply.Headers); err != nil {
		return nil, fmt.Errorf("read the stored reply's headers: %w", err)
	}
	return reply, nil
}

func deref(reply *Reply) Reply {
	if reply == nil {
		return Reply{}
	}
	return *reply
}
