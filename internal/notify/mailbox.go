package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Mailbox is the sender of dev mode: it keeps the newest messages instead of sending them, and shows
// them at MailboxPath.
type Mailbox struct {
	db  *postgres.DB
	q   *db.Queries
	now func() time.Time
}

// NewMailbox makes one. Its mails outlive the process.
func NewMailbox(database *postgres.DB, now func() time.Time) *Mailbox {
	return &Mailbox{db: database, q: db.New(), now: now}
}

// mailboxSize is how many mails stay.
const mailboxSize = 200

// Send keeps the message, once however often it comes.
func (m *Mailbox) Send(ctx context.Context, message Message) error {
	return m.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		err := m.q.DevMailCreate(ctx, tx, db.DevMailCreateParams{
			ID: uuid.Must(uuid.NewV7()), MessageID: message.ID, Sender: shown(message.From), Recipient: shown(message.To),
			Subject: message.Subject, HTML: message.HTML, Text: message.Text, Now: m.now(),
		})
		if err != nil {
			return fmt.Errorf("keep the mail: %w", err)
		}
		if err := m.q.DevMailTrim(ctx, tx, mailboxSize); err != nil {
			return fmt.Errorf("let old mails go: %w", err)
		}
		return nil
	})
}
