package notify

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/mail"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/jobs"
	"cartwright/internal/orders"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

// tell is a job as packages enqueue them: it names an account by its id.
type tell struct {
	AccountID uuid.UUID `json:"accountId"`
}

func (tell) Kind() string        { return "tell" }
func (tell) Limits() jobs.Limits { return jobs.ForMail() }

// soon is how long a test waits for a job.
const soon = time.Minute

// office is a service whose jobs tests watch. What it must not give away contains "canary".
type office struct {
	db      *postgres.DB
	queue   *jobs.Queue
	service *Service
	log     *syncBuffer
}

// open is an office with a sender, which tells an account at an address.
func open(t *testing.T, sender Sender, address string) *office {
	t.Helper()
	o := &office{db: pgtest.New(t), log: &syncBuffer{}}
	logger := slog.New(slog.NewTextHandler(o.log, nil))
	var err error
	o.queue, err = jobs.New(o.db, logger)
	require.NoError(t, err)
	now := func() time.Time { return time.Now().UTC() }
	o.service, err = New(Config{
		DB: o.db, Orders: orders.New(o.db, page.NewCodec([]byte("secret")), now), Jobs: o.queue, Sender: sender,
		From: mail.Address{Name: "Shop", Address: "shop@example.com"}, Storefront: storefront, Now: now, Logger: logger,
	})
	require.NoError(t, err)
	jobs.Handle(o.queue, func(ctx context.Context, job tell) error {
		return o.service.Send(ctx, Mail{
			To: Recipient{Address: address, Name: "Canary canary-name"}, About: job.AccountID,
			Content: ResetPassword{Token: "canary-token", ExpiresIn: time.Hour},
		})
	})
	return o
}

// enqueue adds the job, and start works it.
func (o *office) enqueue(t *testing.T) {
	t.Helper()
	require.NoError(t, o.db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		return o.queue.EnqueueTx(ctx, tx, tell{uuid.Must(uuid.NewV7())}, time.Now())
	}))
}

func (o *office) start(t *testing.T) {
	t.Helper()
	require.NoError(t, o.queue.Start(context.WithoutCancel(t.Context())))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), soon)
		defer cancel()
		require.NoError(t, o.queue.Stop(ctx))
	})
}

// becomes waits for the state of the job.
func (o *office) becomes(t *testing.T, state string) {
	t.Helper()
	require.Eventually(t, func() bool {
		var now string
		err := o.db.QueryRow(context.Background(), "SELECT state FROM river_job WHERE kind = 'tell'").Scan(&now)
		return err == nil && now == state
	}, soon, 20*time.Millisecond, "the job is not %s", state)
}

// outcomes is what is recorded.
func (o *office) outcomes(t *testing.T) []string {
	t.Helper()
	rows, err := o.db.Query(t.Context(), "SELECT outcome FROM mails")
	require.NoError(t, err)
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return found
}

// keepsQuiet fails when anything personal stands in a job, a record or the log.
func (o *office) keepsQuiet(t *testing.T) {
	t.Helper()
	var kept string
	require.NoError(t, o.db.QueryRow(t.Context(), `SELECT concat(
		(SELECT string_agg(j::text, ' ') FROM river_job j), (SELECT string_agg(m::text, ' ') FROM mails m))`).Scan(&kept))
	require.NotEmpty(t, kept)
	require.NotContains(t, kept, "canary")
	require.NotContains(t, o.log.String(), "canary")
}

// post is a sender that answers the next of some errors, and after them that all is well.
type post struct {
	mu   sync.Mutex
	errs []error
	sent []Message
}

func (p *post) Send(_ context.Context, message Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, message)
	if len(p.errs) == 0 {
		return nil
	}
	err := p.errs[0]
	p.errs = p.errs[1:]
	return err
}

func (p *post) got() []Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sent
}

func TestAMailThatFailsIsTriedAgainUnderTheSameMessageID(t *testing.T) {
	t.Parallel()
	sender := &post{errs: []error{errors.New("no luck")}}
	o := open(t, sender, "canary@example.com")
	o.enqueue(t)
	o.start(t)
	o.becomes(t, "completed")
	got := sender.got()
	require.Len(t, got, 2)
	require.Regexp(t, `^[0-9a-f]{32}@example\.com$`, got[0].ID)
	require.Equal(t, got[0].ID, got[1].ID)
	require.Equal(t, "canary@example.com", got[0].To.Address)
	require.Contains(t, got[0].Text, "canary-token")
	require.Equal(t, []string{"SENT"}, o.outcomes(t))
	o.keepsQuiet(t)
}

func TestTwoJobsAreTwoMessages(t *testing.T) {
	t.Parallel()
	sender := &post{}
	o := open(t, sender, "canary@example.com")
	o.enqueue(t)
	o.enqueue(t)
	o.start(t)
	require.Eventually(t, func() bool { return len(sender.got()) == 2 }, soon, 20*time.Millisecond)
	require.NotEqual(t, sender.got()[0].ID, sender.got()[1].ID)
}

func TestAJobThatRunsAgainDoesNotSendAgain(t *testing.T) {
	t.Parallel()
	sender := &post{}
	o := open(t, sender, "canary@example.com")
	o.enqueue(t)
	o.start(t)
	o.becomes(t, "completed")
	_, err := o.db.Exec(t.Context(), "UPDATE river_job SET state = 'available', finalized_at = NULL, max_attempts = 20")
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		var again bool
		err := o.db.QueryRow(context.Background(), "SELECT attempt = 2 AND state = 'completed' FROM river_job WHERE kind = 'tell'").Scan(&again)
		return err == nil && again
	}, soon, 20*time.Millisecond)
	require.Len(t, sender.got(), 1)
}

func TestARefusedMailIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		address string
		tried   int
	}{"by the server": {"canary@example.com", 1}, "for its address": {"canary@example.com\r\nBcc: all@example.com", 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sender := &post{errs: []error{Refused("there is no such mailbox")}}
			o := open(t, sender, c.address)
			o.enqueue(t)
			o.start(t)
			o.becomes(t, "cancelled")
			require.Len(t, sender.got(), c.tried)
			require.Equal(t, []string{"REFUSED"}, o.outcomes(t))
			require.Contains(t, o.log.String(), "mail not delivered")
			o.keepsQuiet(t)
		})
	}
}

func TestTheLastFailureIsRecorded(t *testing.T) {
	t.Parallel()
	o := open(t, &post{errs: []error{errors.New("no luck")}}, "canary@example.com")
	o.enqueue(t)
	_, err := o.db.Exec(t.Context(), "UPDATE river_job SET max_attempts = 1")
	require.NoError(t, err)
	o.start(t)
	o.becomes(t, "discarded")
	require.Equal(t, []string{"GIVEN_UP"}, o.outcomes(t))
	require.Contains(t, o.log.String(), "mail not delivered")
	o.keepsQuiet(t)
}

func TestWithoutASenderNothingIsSentAndNothingWaits(t *testing.T) {
	t.Parallel()
	o := open(t, nil, "canary@example.com")
	o.enqueue(t)
	o.start(t)
	o.becomes(t, "completed")
	require.Equal(t, []string{"UNSENT"}, o.outcomes(t))
	o.keepsQuiet(t)
}

// syncBuffer is a log that many write.
type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
