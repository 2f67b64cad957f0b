package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/mail"
	"strings"

	"cartwright/internal/notify"
	"cartwright/internal/orders"
)

// The ways to send mail. "" sends nothing; dev mode takes its mailbox instead.
const (
	mailByDev = "dev"
)

// devFrom is whom mails come from in dev mode.
const devFrom = "Demo shop <shop@example.com>"

// mailProblems are what no mode can send mail with.
func (c Config) mailProblems() (problems []error) {
	unless := func(fine bool, problem string) {
		if !fine {
			problems = append(problems, errors.New(problem))
		}
	}
	unless(c.EmailProvider == "" || c.EmailProvider == mailByDev, "EMAIL_PROVIDER is not dev")
	unless(c.EmailFrom == "" || isSender(c.EmailFrom),
		"EMAIL_FROM is not an address, such as shop@example.com or Shop <shop@example.com>")
	return problems
}

// isSender holds for an address with or without a name.
func isSender(text string) bool {
	_, err := mail.ParseAddress(text)
	return err == nil && !strings.ContainsAny(text, "\r\n")
}

// wireMail has the shop write mails. The mailbox is where dev mode shows them, else nil.
func (s *Shop) wireMail(config Config, orders *orders.Service, logger *slog.Logger) (mailbox http.Handler, err error) {
	from, err := mail.ParseAddress(from(config))
	if err != nil {
		return nil, fmt.Errorf("read EMAIL_FROM: %w", err)
	}
	settings := notify.Config{
		DB: s.db, Orders: orders, Jobs: s.queue, From: *from, Storefront: config.StorefrontURL, Now: clock, Logger: logger,
	}
	if config.EmailProvider == mailByDev {
		box := notify.NewMailbox(s.db, clock)
		settings.Sender, mailbox = box, box
	}
	_, err = notify.New(settings)
	return mailbox, err
}

// from is whom mails come from.
func from(config Config) string {
	if config.EmailFrom == "" {
		return devFrom
	}
	return config.EmailFrom
}
