package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"cartwright/internal/notify"
	"cartwright/internal/orders"
)

// The ways to send mail. "" sends nothing; dev mode keeps its mails in a mailbox then.
const (
	mailByGmail    = "gmail"
	mailBySMTP     = "smtp"
	mailBySendGrid = "sendgrid"
	mailByDev      = "dev"
)

// devFrom is whom mails come from where none is sent.
const devFrom = "Demo shop <shop@example.com>"

// Gmail's server; source: https://support.google.com/a/answer/176600.
const (
	gmailHost = "smtp.gmail.com"
	gmailPort = 587
)

// smtpPorts are where mail servers listen for each kind of SMTP_TLS (RFC 6409, RFC 8314, RFC 5321).
var smtpPorts = map[notify.Security]int{notify.StartTLS: 587, notify.ImplicitTLS: 465, notify.Readable: 25}

// mailProblems are what no mode can send mail with.
func (c Config) mailProblems() (problems []error) {
	unless := func(fine bool, problem string) {
		if !fine {
			problems = append(problems, errors.New(problem))
		}
	}
	unless(slices.Contains([]string{"", mailByGmail, mailBySMTP, mailBySendGrid, mailByDev}, c.EmailProvider),
		"EMAIL_PROVIDER is not one of gmail, smtp, sendgrid and dev")
	if missing := c.missingForMail(); len(missing) > 0 {
		problems = append(problems, fmt.Errorf("%s not set: EMAIL_PROVIDER is %s", isOrAre(missing), c.EmailProvider))
	}
	unless(c.EmailFrom == "" || isSender(c.EmailFrom),
		"EMAIL_FROM is not an address, such as shop@example.com or Shop <shop@example.com>")
	unless(c.EmailProvider != mailByGmail || c.GmailUser == "" || isEmail(c.GmailUser),
		"GMAIL_USER is not an e-mail address, such as shop@gmail.com")
	unless(c.SendGridAPIBase == "" || isOrigin(c.SendGridAPIBase),
		"SENDGRID_API_BASE is not the address of a service without a path, such as https://api.eu.sendgrid.com")
	unless(c.SMTPPort == "" || isPort(c.SMTPPort), "SMTP_PORT is not a port between 1 and 65535")
	unless(c.SMTPTLS == "" || smtpPorts[notify.Security(c.SMTPTLS)] != 0, "SMTP_TLS is not one of starttls, tls and none")
	unless((c.SMTPUsername == "") == (c.SMTPPassword == ""), "SMTP_USERNAME and SMTP_PASSWORD need each other: set both or none")
	unless(c.SMTPPassword == "" || notify.Security(c.SMTPTLS) != notify.Readable,
		"SMTP_TLS is none, and SMTP_PASSWORD would travel readable: use starttls or tls, or a server that asks for no password")
	return problems
}

// missingForMail names what the chosen provider lacks.
func (c Config) missingForMail() (missing []string) {
	need := map[string]string{}
	switch c.EmailProvider {
	case mailByGmail:
		need["GMAIL_USER"], need["GMAIL_APP_PASSWORD"] = c.GmailUser, c.GmailAppPassword
	case mailBySMTP:
		need["SMTP_HOST"], need["EMAIL_FROM"] = c.SMTPHost, c.EmailFrom
	case mailBySendGrid:
		need["SENDGRID_API_KEY"], need["EMAIL_FROM"] = c.SendGridAPIKey, c.EmailFrom
	}
	for name, value := range need {
		if value == "" {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	return missing
}

// isSender holds for an address with or without a name.
func isSender(text string) bool {
	_, err := mail.ParseAddress(text)
	return err == nil && !strings.ContainsAny(text, "\r\n")
}

func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}

// from is whom mails come from.
func (c Config) from() string {
	switch {
	case c.EmailFrom != "":
		return c.EmailFrom
	case c.EmailProvider == mailByGmail:
		return c.GmailUser
	}
	return devFrom
}

// shopName is what people know the shop by: the name that its mails give it, else where it is.
func shopName(c Config) string {
	if from, err := mail.ParseAddress(c.EmailFrom); err == nil && from.Name != "" {
		return from.Name
	}
	address, err := url.Parse(c.PublicURL)
	if err != nil {
		return ""
	}
	return address.Hostname()
}

// smtp is the configured mail server.
func (c Config) smtp() notify.SMTPConfig {
	if c.EmailProvider == mailByGmail {
		// Google shows app passwords in groups of four letters, and takes them without the spaces.
		password := strings.ReplaceAll(c.GmailAppPassword, " ", "")
		return notify.SMTPConfig{Host: gmailHost, Port: gmailPort, Username: c.GmailUser, Password: password, Security: notify.StartTLS}
	}
	security := notify.Security(c.SMTPTLS)
	if security == "" {
		security = notify.StartTLS
	}
	port, err := strconv.Atoi(c.SMTPPort)
	if err != nil {
		port = smtpPorts[security]
	}
	return notify.SMTPConfig{Host: c.SMTPHost, Port: port, Username: c.SMTPUsername, Password: c.SMTPPassword, Security: security}
}

// wireMail has the shop write mails. The mailbox is where dev mode shows them, else nil.
func (s *Shop) wireMail(config Config, orders *orders.Service, logger *slog.Logger) (mailbox http.Handler, err error) {
	from, err := mail.ParseAddress(config.from())
	if err != nil {
		return nil, fmt.Errorf("read EMAIL_FROM: %w", err)
	}
	settings := notify.Config{
		DB: s.db, Auth: s.auth, Orders: orders, Jobs: s.queue, From: *from, Storefront: config.StorefrontURL, Now: clock, Logger: logger,
	}
	switch config.EmailProvider {
	case mailByDev:
		box := notify.NewMailbox(s.db, clock)
		settings.Sender, mailbox = box, box
	case mailBySendGrid:
		settings.Sender = notify.NewSendGrid(config.SendGridAPIKey, config.SendGridAPIBase)
	case mailByGmail, mailBySMTP:
		if settings.Sender, err = notify.NewSMTP(config.smtp()); err != nil {
			return nil, err
		}
	}
	_, err = notify.New(settings)
	return mailbox, err
}
