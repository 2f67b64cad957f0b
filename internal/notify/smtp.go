package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/textproto"
	"slices"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Security is how the way to a mail server is kept private.
type Security string

// The kinds of security.
const (
	StartTLS    Security = "starttls" // begins readable and must then be encrypted
	ImplicitTLS Security = "tls"      // encrypted from the first byte
	Readable    Security = "none"     // for a relay on the same machine or network
)

// SMTPConfig says which mail server takes the mails. Without a username nobody signs in.
type SMTPConfig struct {
	Host               string
	Port               int
	Username, Password string
	Security           Security
	// Roots vouch for the server's certificate; nil means those of the system.
	Roots *x509.CertPool
}

// SMTP sends through a mail server, on a connection for each mail.
type SMTP struct{ config SMTPConfig }

// NewSMTP makes a sender. It connects to nothing yet.
func NewSMTP(config SMTPConfig) (*SMTP, error) {
	s := &SMTP{config}
	_, err := s.client(smtpTimeout)
	return s, err
}

// smtpTimeout bounds connecting, and after that sending. Both fit into an attempt of a job.
const smtpTimeout = 12 * time.Second

// Send delivers the message to the mail server.
func (s *SMTP) Send(ctx context.Context, message Message) error {
	client, err := s.client(timeoutIn(ctx))
	if err != nil {
		return err
	}
	written, err := toSMTP(message)
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, written)
	if err == nil || written.IsDelivered() { // how they part does not matter
		return nil
	}
	return smtpError(err)
}

// timeoutIn is half of the time that is left, because connecting and sending are timed apart.
func timeoutIn(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return smtpTimeout
	}
	return max(min(time.Until(deadline)/2, smtpTimeout), time.Millisecond)
}

func (s *SMTP) client(timeout time.Duration) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(s.config.Port), gomail.WithTimeout(timeout), gomail.WithoutNoop(), gomail.WithoutRset(),
		gomail.WithTLSConfig(&tls.Config{ServerName: s.config.Host, RootCAs: s.config.Roots, MinVersion: tls.VersionTLS12}),
	}
	switch s.config.Security {
	case ImplicitTLS:
		options = append(options, gomail.WithSSL())
	case Readable:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.config.Username != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(s.config.Username), gomail.WithPassword(s.config.Password))
	}
	client, err := gomail.NewClient(s.config.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("set up the mail server: %w", err)
	}
	return client, nil
}

// toSMTP writes the message as its text, with the page as the alternative that mail programs prefer.
func toSMTP(message Message) (*gomail.Msg, error) {
	written := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	written.FromMailAddress(&message.From)
	written.ToMailAddress(&message.To)
	if len(written.GetFrom()) != 1 || len(written.GetTo()) != 1 {
		return nil, Refused("an address cannot be written")
	}
	written.Subject(message.Subject)
	written.SetMessageIDWithValue(message.ID)
	written.SetDate()
	written.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no machine answers
	written.SetBodyString(gomail.TypeTextPlain, message.Text)
	written.AddAlternativeString(gomail.TypeTextHTML, message.HTML)
	return written, nil
}

// ours are answers that blame the shop rather than the mail: it did not sign in as it must (RFC 4954, 6).
// Whoever set it up may put that right in time.
var ours = []int{530, 534, 535, 538}

// blamesUs tells answers that refuse the shop, and not the recipient or what is said to them: it has sent too much
// (5.4.5, as Gmail says of its daily quota), or the server does not relay for it or does not trust it (5.7.z when it
// names the recipient; RFC 3463, 3.8). Of a content 5.7.z is a verdict on that.
func blamesUs(answer *gomail.SendError) bool {
	status := answer.EnhancedStatusCode()
	return slices.Contains(ours, answer.ErrorCode()) || status == "5.4.5" ||
		answer.Reason == gomail.ErrSMTPRcptTo && strings.HasPrefix(status, "5.7.")
}

// smtpError is the error without the words of the server, which may repeat an address or a link. A
// lasting answer (5yz, RFC 5321, 4.2.1) to the recipient or the content is a refusal.
func smtpError(err error) error {
	var answer *gomail.SendError
	var reply *textproto.Error
	switch {
	case errors.As(err, &answer) && answer.ErrorCode() == 0:
		return fmt.Errorf("%s: the mail server did not answer", answer.Reason)
	case errors.As(err, &answer):
		said := fmt.Sprintf("%s: the mail server answered %d %s", answer.Reason, answer.ErrorCode(), answer.EnhancedStatusCode())
		blamed := []gomail.SendErrReason{gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose}
		if answer.ErrorCode() >= 500 && slices.Contains(blamed, answer.Reason) && !blamesUs(answer) {
			return Refused(said)
		}
		return errors.New(said)
	case errors.As(err, &reply):
		return fmt.Errorf("greet the mail server: it answered %d", reply.Code)
	}
	return fmt.Errorf("reach the mail server: %w", err) // nothing of the mail was said yet
}
