package app_test

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/app"
	"cartwright/internal/postgres/pgtest"
)

// openTables are those that the public can add to, whoever they are: each is forgotten, or only keeps what follows.
var openTables = map[string]string{
	"carts": "CART_RETENTION", "cart_items": "with their cart",
	"orders": "UNPAID_ORDER_RETENTION", "order_items": "with their order", "order_events": "with their order",
	"stock_reservations": "with their order", "payments": "with their order", "payment_attempts": "with their order",
	"payment_tries": "FRAUD_WINDOW", "idempotency_keys": "72 hours", "users": "7 days unverified", "letters": "their expiry",
	"sessions": "30 days after their end", "refresh_tokens": "their expiry", "sign_in_challenges": "their expiry",
	"second_factors": "24 hours unconfirmed", "recovery_codes": "with their second factor", "known_networks": "90 days",
	"customer_addresses": "with their account", "payment_customers": "with their account", "cards": "with their account",
	"card_setups": "with their account", "mails": "90 days", "webhook_events": "30 days, without what they said",
	"returns": "with their order", "return_items": "with their return", "catalogue_changes": "until caches have read them",
	"search_words_new": "the next index", "search_stale": "the next index",
}

// closedTables are added to by staff, by the payment provider or by jobs alone.
var closedTables = regexp.MustCompile(`^(river_|goose_|search_|api_keys$|audit_|categories$|dev_mails$|disputes$|fulfillment|` +
	`invitations$|media_files$|order_notes$|payment_findings$|product|refund|stock_|sweeps$)`)

func TestRetention_EveryTableOpenToThePublicIsForgotten(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	rows, err := db.Query(t.Context(), `
		SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace`)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	page, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	for _, table := range tables {
		if openTables[table] == "" {
			require.Regexp(t, closedTables, table, "say who forgets what the public adds to this table, and describe it")
			continue
		}
		require.Contains(t, string(page), "`"+table+"`", "docs/operations.md describes it")
	}
	for table := range openTables {
		require.Contains(t, tables, table)
	}
}

func TestBudgets_ThePageTellsTheDefaults(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/budgets.md")
	require.NoError(t, err)
	rules := app.FraudDefaults()
	for _, fact := range []string{
		fmt.Sprintf("`FRAUD_ORDER_SHARE` (%d %%)", rules.OrderShare), fmt.Sprintf("`FRAUD_HELD_SHARE` (%d %%)", app.DefaultHeldShare),
		fmt.Sprintf("`FRAUD_HELD_ALWAYS` (%d)", rules.HeldAlways), "`MAX_CONNECTIONS_PER_ADDRESS` (2500)",
	} {
		require.Contains(t, string(page), fact)
	}
}
