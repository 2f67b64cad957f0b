package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"github.com/pressly/goose/v3"

	"cartwright/internal/emails"
)

// inGo are the migrations that SQL alone cannot do.
var inGo = []*goose.Migration{
	goose.NewGoMigration(51, &goose.GoFunc{RunTx: canonicalAddresses}, &goose.GoFunc{RunTx: keepAddresses}),
}

// addressed are the tables whose rows have an address that is compared, and which of two rows of one mailbox has it.
var addressed = []struct{ table, first string }{
	{"users", "email_verified DESC, created_at, id"}, {"invitations", "created_at, id"}, {"orders", "created_at, id"},
}

// stored is an address of a row.
type stored struct{ id, email string }

// canonicalAddresses rewrites stored addresses that are not ASCII to today's form, in which mail reaches them: the domain in
// punycode. An address whose form another row of the table has is left as it is, for two accounts never become one: it is
// found by its own spelling no more, and the log names its row.
func canonicalAddresses(ctx context.Context, tx *sql.Tx) error {
	for _, of := range addressed {
		rows, err := beyondASCII(ctx, tx, of.table, of.first)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := rewriteAddress(ctx, tx, of.table, row); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepAddresses is the way back: an older version reads today's form as well.
func keepAddresses(context.Context, *sql.Tx) error { return nil }

// beyondASCII reads the addresses of a table that are not ASCII.
func beyondASCII(ctx context.Context, tx *sql.Tx, table, order string) (found []stored, err error) {
	query := "SELECT id::text, email FROM " + table + " WHERE octet_length(email) <> char_length(email) ORDER BY " + order //nolint:gosec // of addressed alone
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("read the addresses of %s: %w", table, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var row stored
		if err := rows.Scan(&row.id, &row.email); err != nil {
			return nil, fmt.Errorf("read an address of %s: %w", table, err)
		}
		found = append(found, row)
	}
	return found, rows.Err()
}

// rewriteAddress stores an address in today's form.
func rewriteAddress(ctx context.Context, tx *sql.Tx, table string, row stored) error {
	form := emails.Canonical(row.email)
	if form == row.email {
		return nil
	}
	statement := "UPDATE " + table + " SET email = $2 WHERE id = $1" //nolint:gosec // of addressed alone
	if table != "orders" {
		statement += " AND NOT EXISTS (SELECT FROM " + table + " WHERE email_key = lower($2 COLLATE \"C\") AND id <> $1)"
	}
	result, err := tx.ExecContext(ctx, statement, row.id, form)
	if err != nil {
		return fmt.Errorf("rewrite an address of %s: %w", table, err)
	}
	if changed, err := result.RowsAffected(); err == nil && changed == 0 {
		slog.WarnContext(ctx, "duplicate address: the row keeps an address that is the same mailbox as another row's", "table", table, "id", row.id)
	}
	return nil
}
