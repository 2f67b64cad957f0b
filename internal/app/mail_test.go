package app

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/notify"
)

func TestWhatAMailProviderLacksIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config Config
		says   string // "" when it is complete
	}{
		"nothing":              {Config{}, ""},
		"dev":                  {Config{EmailProvider: "dev"}, ""},
		"unknown":              {Config{EmailProvider: "pigeon"}, "EMAIL_PROVIDER is not one of gmail, smtp, sendgrid and dev"},
		"gmail":                {Config{EmailProvider: "gmail", GmailUser: "shop@gmail.com", GmailAppPassword: "abcd efgh"}, ""},
		"bare gmail":           {Config{EmailProvider: "gmail"}, "GMAIL_APP_PASSWORD, GMAIL_USER are not set: EMAIL_PROVIDER is gmail"},
		"gmail of nobody":      {Config{EmailProvider: "gmail", GmailUser: "shop", GmailAppPassword: "abcd"}, "GMAIL_USER is not an e-mail address, such as shop@gmail.com"},
		"smtp":                 {Config{EmailProvider: "smtp", SMTPHost: "mail.example.com", EmailFrom: "Shop <shop@example.com>"}, ""},
		"smtp from nobody":     {Config{EmailProvider: "smtp", SMTPHost: "mail.example.com"}, "EMAIL_FROM is not set: EMAIL_PROVIDER is smtp"},
		"bare sendgrid":        {Config{EmailProvider: "sendgrid", EmailFrom: "shop@example.com"}, "SENDGRID_API_KEY is not set: EMAIL_PROVIDER is sendgrid"},
		"a header in the name": {Config{EmailFrom: "Shop\r\nBcc: all@example.com <shop@example.com>"}, "EMAIL_FROM is not an address, such as shop@example.com or Shop <shop@example.com>"},
		"half a sign-in":       {Config{SMTPUsername: "shop"}, "SMTP_USERNAME and SMTP_PASSWORD need each other: set both or none"},
		"a readable password": {Config{SMTPTLS: "none", SMTPUsername: "shop", SMTPPassword: "secret"},
			"SMTP_TLS is none, and SMTP_PASSWORD would travel readable: use starttls or tls, or a server that asks for no password"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := errors.Join(c.config.mailProblems()...)
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, c.says)
		})
	}
}

func TestTheMailServerIsWhatTheEnvironmentSays(t *testing.T) {
	t.Parallel()
	require.Equal(t,
		notify.SMTPConfig{Host: "smtp.gmail.com", Port: 587, Username: "shop@gmail.com", Password: "abcdefgh", Security: notify.StartTLS},
		Config{EmailProvider: "gmail", GmailUser: "shop@gmail.com", GmailAppPassword: "abcd efgh", SMTPHost: "mail.example.com"}.smtp())
	for kind, port := range map[string]int{"": 587, "starttls": 587, "tls": 465, "none": 25} {
		require.Equal(t, port, Config{EmailProvider: "smtp", SMTPTLS: kind}.smtp().Port, kind)
	}
	require.Equal(t, 2525, Config{EmailProvider: "smtp", SMTPPort: "2525"}.smtp().Port)
	require.Equal(t, "shop@gmail.com", Config{EmailProvider: "gmail", GmailUser: "shop@gmail.com"}.from())
}

func TestProductionHasNoMailboxThatEverybodyCanRead(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, Config{EmailProvider: "dev"}.production(), "EMAIL_PROVIDER is dev")
	require.NotContains(t, Config{}.production().Error(), "EMAIL_PROVIDER")
}
