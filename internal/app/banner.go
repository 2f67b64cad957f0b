package app

import (
	"fmt"
	"io"

	"cartwright/internal/notify"
)

// printBanner tells a developer where things are and what to try.
func printBanner(out io.Writer, d *development) {
	config := d.config
	base := config.PublicURL
	where := "DATABASE_URL"
	if d.database.server != nil {
		where = fmt.Sprintf("PostgreSQL %d in %s", d.database.server.Major(), config.DataDir)
	}
	stripe := "your account; its events need STRIPE_WEBHOOK_SECRET"
	if len(config.StripeWebhookSecrets) > 0 {
		stripe = "your account"
	}
	if d.standIn.sim != nil {
		stripe = "a stand-in, because STRIPE_SECRET_KEY is not set; its payments: " + d.standIn.url
	}
	_, _ = fmt.Fprintf(out, `
Cartwright is ready.

  API       %[1]s/api/v1
  Docs      %[1]s/docs   (the spec: %[1]s/openapi.yaml)
  Sign-in   %[2]s
  Database  %[3]s
  Stripe    %[4]s
  Mail      %[6]s

Try:
  curl "%[1]s/api/v1/products/search?q=headphones"
  curl -X POST %[1]s/api/v1/carts -H "Content-Type: application/json" -d '{"sessionId":"session_123"}'
  curl -X POST %[1]s/api/v1/auth/login -H "Content-Type: application/json" -d '%[5]s'

Ctrl-C stops everything.
`, base, signIn(config), where, stripe, loginExample(config), mails(config))
}

func mails(config Config) string {
	if config.EmailProvider == mailByDev {
		return config.PublicURL + notify.MailboxPath + " shows what would have been sent"
	}
	return "is sent, because EMAIL_PROVIDER is " + config.EmailProvider
}

func signIn(config Config) string {
	if config.BootstrapAdminEmail == devAdminEmail {
		return devAdminEmail + " / " + devAdminPassword
	}
	return config.BootstrapAdminEmail + " with BOOTSTRAP_ADMIN_PASSWORD"
}

func loginExample(config Config) string {
	password := "…"
	if config.BootstrapAdminEmail == devAdminEmail {
		password = devAdminPassword
	}
	return fmt.Sprintf(`{"email":%q,"password":%q}`, config.BootstrapAdminEmail, password)
}
