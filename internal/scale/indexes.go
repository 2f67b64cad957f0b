package scale

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// definitions are what was dropped: how to make it anew, in the database's own words.
type definitions struct {
	Drop, Create []string // statements, in order
}

// Foreign keys of these tables, unique constraints that no foreign key relies on, and indexes that are no constraint's.
// Primary keys stay: others refer to them, and ascending ids cost them little. What is not valid, or belongs to an
// extension, is left alone.
const describe = `
WITH loaded AS (
    SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name, n.nspname AS schema
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = ANY(SELECT t::regclass FROM unnest($1::text[]) t)
), constraints AS (
    SELECT k.contype, k.conname, k.oid, k.conindid,
        format('ALTER TABLE %s DROP CONSTRAINT %I', l.name, k.conname) AS removal,
        format('ALTER TABLE %s ADD CONSTRAINT %I %s', l.name, k.conname, pg_get_constraintdef(k.oid)) AS creation
    FROM pg_constraint k
    JOIN loaded l ON l.oid = k.conrelid
    WHERE k.convalidated
      AND (
          k.contype = 'f'
          OR k.contype = 'u' AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = k.conindid)
      )
), indexes AS (
    SELECT
        format('DROP INDEX %I.%I', l.schema, c.relname) AS removal,
        pg_get_indexdef(i.indexrelid) AS creation,
        c.relname
    FROM pg_index i
    JOIN loaded l ON l.oid = i.indrelid
    JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indisvalid
      AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
)
SELECT 3 AS place, conname::text AS name, removal, creation FROM constraints WHERE contype = 'f'
UNION ALL SELECT 2, conname::text, removal, creation FROM constraints WHERE contype = 'u'
UNION ALL SELECT 1, relname::text, removal, creation FROM indexes
ORDER BY place, name`

// dropTx takes the indexes and constraints of these tables away until restoreTx, in the same transaction. Nobody else
// may read the tables until it ends. ErrBusy when they cannot be had to ourselves.
func dropTx(ctx context.Context, tx pgx.Tx, tables []string) (*definitions, error) {
	if err := lockTx(ctx, tx, tables); err != nil {
		return nil, err
	}
	found, err := tx.Query(ctx, describe, tables)
	if err != nil {
		return nil, fmt.Errorf("describe the indexes: %w", err)
	}
	d := &definitions{}
	var place int
	var name, drop, create string
	_, err = pgx.ForEachRow(found, []any{&place, &name, &drop, &create}, func() error {
		d.Drop, d.Create = append(d.Drop, drop), append(d.Create, create)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("describe the indexes: %w", err)
	}
	slices.Reverse(d.Drop) // foreign keys first
	for _, statement := range d.Drop {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return nil, fmt.Errorf("%s: %w", strings.ToLower(statement), err)
		}
	}
	return d, nil
}

// lockTx has the tables, and those that their foreign keys lead to, for this transaction alone. In one statement and
// order, so that it waits for others in no circle.
func lockTx(ctx context.Context, tx pgx.Tx, tables []string) error {
	_, err := tx.Exec(ctx, "LOCK TABLE categories, "+strings.Join(tables, ", ")+" IN ACCESS EXCLUSIVE MODE")
	if busy(err) {
		return ErrBusy
	}
	if err != nil {
		return fmt.Errorf("lock the tables: %w", err)
	}
	return nil
}

func (d *definitions) restoreTx(ctx context.Context, tx pgx.Tx, report func(done, total int)) error {
	for i, statement := range d.Create {
		report(i, len(d.Create))
		if _, err := tx.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", strings.ToLower(statement), err)
		}
	}
	report(len(d.Create), len(d.Create))
	return nil
}

// busy holds when a lock was waited for too long.
func busy(err error) bool {
	var refusal *pgconn.PgError
	return errors.As(err, &refusal) && refusal.Code == "55P03" // lock_not_available
}
