package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Actors that have no account.
const (
	ByCLI    = "cli"    // whoever has a shell where the shop runs
	BySystem = "system" // the shop itself, as it is configured
)

// Action is something that somebody does. As JSON it is a row of audit_entries, which its first change writes.
type Action struct {
	ID        uuid.UUID  `json:"id"`        // made by Record where it is Nil
	Operation string     `json:"operation"` // such as "updateProduct"
	Target    string     `json:"target"`    // what was asked: a path with its ids, or a command
	Actor     string     `json:"actor"`     // such as "user:…", without personal data
	UserID    uuid.UUID  `json:"user_id,omitzero"`
	Address   netip.Addr `json:"address,omitzero"`
	RequestID uuid.UUID  `json:"request_id,omitzero"`
	At        time.Time  `json:"created_at"`
}

// Record has every change that is made with this context recorded as part of the action. Only changes within InTx are:
// a statement that stands alone must be put into one.
func Record(ctx context.Context, action Action) context.Context {
	return action.begins(ctx, func(ctx context.Context, tx pgx.Tx, action []byte) error {
		return db.New().AuditBegin(ctx, tx, string(action))
	})
}

// RecordWhole records an action as a whole, without its changes, because there may be any number: the first transaction
// that it commits writes its entry.
func RecordWhole(ctx context.Context, action Action) context.Context {
	return action.begins(ctx, func(ctx context.Context, tx pgx.Tx, action []byte) error {
		return db.New().AuditEnter(ctx, tx, action)
	})
}

// EnterTx records an action as a whole in a transaction that has begun already.
func EnterTx(ctx context.Context, tx pgx.Tx, action Action) error {
	action.ID = uuid.Must(uuid.NewV7())
	text, err := json.Marshal(action)
	if err == nil {
		err = db.New().AuditEnter(ctx, tx, text)
	}
	if err != nil {
		return fmt.Errorf("record the action %s: %w", action.Operation, err)
	}
	return nil
}

// begins has the action written down, one way or the other, as each transaction begins.
func (a Action) begins(ctx context.Context, write func(ctx context.Context, tx pgx.Tx, action []byte) error) context.Context {
	if a.ID == uuid.Nil {
		a.ID = uuid.Must(uuid.NewV7())
	}
	return postgres.AtBegin(ctx, func(ctx context.Context, tx pgx.Tx) error {
		text, err := json.Marshal(a)
		if err == nil {
			err = write(ctx, tx, text)
		}
		if err != nil {
			return fmt.Errorf("name the action %s: %w", a.Operation, err)
		}
		return nil
	})
}
