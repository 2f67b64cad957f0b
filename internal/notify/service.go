package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/auth"
	"cartwright/internal/jobs"
	"cartwright/internal/orders"
	"cartwright/internal/postgres"
)

// Config is what notify works with.
type Config struct {
	DB     *postgres.DB
	Auth   *auth.Service
	Orders *orders.Service
	Jobs   *jobs.Queue
	// Sender delivers; nil sends nothing.
	Sender Sender
	// From is whom mails come from. Its name is the shop's.
	From mail.Address
	// Storefront is the address of the pages that mails lead to.
	Storefront string
	Now        func() time.Time
	Logger     *slog.Logger
}

// Service writes mails and sends them.
type Service struct {
	Config
	q         *db.Queries
	templates *templates
}

// New makes a service and registers its jobs with the queue.
func New(config Config) (*Service, error) {
	templates, err := newTemplates(config.Storefront)
	if err != nil {
		return nil, err
	}
	if config.From.Name == "" {
		_, config.From.Name, _ = strings.Cut(config.From.Address, "@")
	}
	s := &Service{Config: config, q: db.New(), templates: templates}
	jobs.Handle(config.Jobs, s.confirmOrder)
	jobs.Handle(config.Jobs, s.linkOrder)
	jobs.Handle(config.Jobs, s.sendLetter)
	jobs.Handle(config.Jobs, s.prune)
	return s, nil
}

// outcome is what became of a mail.
type outcome string

const (
	sent    outcome = "SENT"
	refused outcome = "REFUSED"
	gaveUp  outcome = "GIVEN_UP" // its job's last attempt failed
	unsent  outcome = "UNSENT"   // nothing is configured that sends
)

// Send writes to one person, and is called by a job: its error is the job's. A mail that an earlier
// attempt is known to have sent is not sent again. One that is refused, or that there is no sender
// for, is not tried again. The error contains nothing personal.
func (s *Service) Send(ctx context.Context, mail Mail) error {
	message := Message{ID: s.messageID(ctx), From: s.From}
	done, err := s.q.MailWasSent(ctx, s.DB, message.ID)
	if err != nil {
		return fmt.Errorf("look whether the mail was sent: %w", err)
	}
	if done {
		return nil
	}
	if err = s.address(&message, mail.To); err == nil {
		err = s.deliver(ctx, message, mail.Content)
	}
	return s.conclude(ctx, message, mail, err)
}

// messageID is the same at each attempt of a job.
func (s *Service) messageID(ctx context.Context) string {
	attempt, ok := jobs.AttemptOf(ctx)
	if !ok {
		attempt.Job = uuid.NewString()
	}
	sum := sha256.Sum256([]byte(attempt.Job))
	_, domain, _ := strings.Cut(s.From.Address, "@")
	return hex.EncodeToString(sum[:16]) + "@" + domain
}

// address says who the message goes to.
func (s *Service) address(message *Message, to Recipient) error {
	to, ok := to.clean()
	if !ok {
		return Refused("the recipient's address is not one")
	}
	message.To = mail.Address{Name: to.Name, Address: to.Address}
	return nil
}

// errNoSender tells that mails go nowhere.
var errNoSender = errors.New("no sender is configured")

func (s *Service) deliver(ctx context.Context, message Message, content Content) error {
	if s.Sender == nil {
		return errNoSender
	}
	words, err := s.templates.write(s.From.Name, content)
	if err != nil {
		return err
	}
	message.Subject, message.HTML, message.Text = words.subject, words.html, words.text
	return s.Sender.Send(ctx, message)
}

// conclude says whether the job ends, and keeps what became of the mail when it does. That the record
// fails does not have a mail sent twice.
func (s *Service) conclude(ctx context.Context, message Message, mail Mail, err error) error {
	attempt, _ := jobs.AttemptOf(ctx)
	reason, isRefused := isRefusal(err)
	became := sent
	switch {
	case err == nil:
	case errors.Is(err, errNoSender):
		became, err = unsent, nil
	case isRefused:
		became, err = refused, jobs.Final(err)
	case attempt.Last:
		became, reason = gaveUp, err.Error()
	default:
		return err
	}
	if err != nil {
		s.Logger.ErrorContext(ctx, "mail not delivered", "template", mail.Content.Template(), "about", mail.About,
			"outcome", became, "reason", reason)
	}
	s.record(ctx, db.MailRecordParams{
		MessageID: message.ID, Template: string(mail.Content.Template()), About: mail.About,
		Outcome: string(became), Reason: reason, Now: s.Now(),
	})
	return err
}

// record keeps what became of a mail. The attempt's time may be over, which is no reason not to.
func (s *Service) record(ctx context.Context, became db.MailRecordParams) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	if err := s.q.MailRecord(ctx, s.DB, became); err != nil {
		s.Logger.WarnContext(ctx, "what became of a mail is not recorded", "about", became.About,
			"outcome", became.Outcome, "error", err)
	}
}

const recordTimeout = 5 * time.Second
