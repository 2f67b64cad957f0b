package notify

import (
	"fmt"
	"net/mail"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/postgres/pgtest"
)

func TestWhatBecameOfAMailIsForgottenInTime(t *testing.T) {
	t.Parallel()
	o := open(t, nil, "canary@example.com")
	for id, age := range map[string]time.Duration{"old": keepFor + time.Hour, "young": keepFor - time.Hour} {
		_, err := o.db.Exec(t.Context(), `INSERT INTO mails (message_id, template, about, outcome, created_at)
			VALUES ($1, 'order_confirmation', $2, 'SENT', $3)`, id, uuid.New(), time.Now().Add(-age))
		require.NoError(t, err)
	}
	require.NoError(t, o.service.prune(t.Context(), Prune{}))
	var left string
	require.NoError(t, o.db.QueryRow(t.Context(), "SELECT string_agg(message_id, ' ') FROM mails").Scan(&left))
	require.Equal(t, "young", left)
}

func TestTheMailboxKeepsTheNewestMailsOnceEach(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	box := NewMailbox(db, time.Now)
	for i := range mailboxSize + 5 {
		message := Message{ID: fmt.Sprint(i), To: mail.Address{Address: "ada@example.com"}}
		require.NoError(t, box.Send(t.Context(), message))
		require.NoError(t, box.Send(t.Context(), message), "a job may run twice")
	}
	var count, oldest int
	require.NoError(t, db.QueryRow(t.Context(), "SELECT count(*), min(message_id::int) FROM dev_mails").Scan(&count, &oldest))
	require.Equal(t, mailboxSize, count)
	require.Equal(t, 5, oldest)
}
