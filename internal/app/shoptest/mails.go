package shoptest

import (
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// Mail is what a person would have been sent.
type Mail struct{ Subject, Text, HTML string }

// Mails are those to an address, newest first. Jobs write them: see AwaitMail.
func (s *Shop) Mails(address string) []Mail {
	s.t.Helper()
	rows, err := s.DB.Query(s.t.Context(),
		"SELECT subject, text, html FROM dev_mails WHERE recipient = $1 ORDER BY id DESC", address)
	require.NoError(s.t, err)
	mails, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Mail])
	require.NoError(s.t, err)
	return mails
}

// mailTime is how long a mail may take.
const mailTime = 20 * time.Second

// AwaitMail is the newest mail to an address with this subject, once a job has written it.
func (s *Shop) AwaitMail(address, subject string) Mail {
	s.t.Helper()
	for deadline := time.Now().Add(mailTime); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for _, mail := range s.Mails(address) {
			if mail.Subject == subject {
				return mail
			}
		}
	}
	s.t.Fatalf("no mail %q came", subject)
	return Mail{}
}
