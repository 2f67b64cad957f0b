package payments_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/page"
	"cartwright/internal/payments"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

// holder is a customer whose cards are kept, at a time that the test sets.
func holder(t *testing.T, now *time.Time) (*postgres.DB, *payments.Service, payments.Customer) {
	t.Helper()
	db := pgtest.New(t)
	service := payments.New(db, page.NewCodec([]byte("secret")), func() time.Time { return *now })
	user := uuid.New()
	_, err := db.Exec(t.Context(), `INSERT INTO users (id, email, password_hash, role, is_active, created_at, updated_at)
		VALUES ($1, 'customer@example.com', '', 'customer', true, now(), now())`, user)
	require.NoError(t, err)
	var customer payments.Customer
	inTx(t, db, func(ctx context.Context, tx pgx.Tx) (err error) {
		customer, err = service.CustomerTx(ctx, tx, user)
		return err
	})
	customer, err = service.NameCustomer(t.Context(), customer, "cus_1")
	require.NoError(t, err)
	return db, service, customer
}

func inTx(t *testing.T, db *postgres.DB, fn postgres.Func) {
	t.Helper()
	require.NoError(t, db.InTx(t.Context(), fn))
}

func visa(method string) payments.Card {
	return payments.Card{ID: method, Brand: "visa", Last4: "4242", ExpMonth: 12, ExpYear: 2040}
}

// Whoever saves a card may have read it before it was removed, and be heard after that.
func TestACardThatWasRemovedIsNotSavedByWhoReadItBefore(t *testing.T) {
	t.Parallel()
	now := time.Now()
	db, service, customer := holder(t, &now)
	removed := make(chan error, 1)
	inTx(t, db, func(ctx context.Context, tx pgx.Tx) error {
		saved, _, err := service.SaveCardTx(ctx, tx, customer, visa("pm_1"))
		require.NotNil(t, saved)
		go func() { // which has to wait, and must not miss what is being saved
			removed <- db.InTx(context.WithoutCancel(t.Context()), func(ctx context.Context, tx pgx.Tx) error {
				return service.RemoveCardTx(ctx, tx, "pm_1")
			})
		}()
		require.Eventually(t, func() bool {
			var waits bool
			err := db.Pool().QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity
				WHERE datname = current_database() AND wait_event_type = 'Lock')`).Scan(&waits)
			return err == nil && waits
		}, time.Minute, time.Millisecond)
		return err
	})
	require.NoError(t, <-removed)
	inTx(t, db, func(ctx context.Context, tx pgx.Tx) error {
		require.NoError(t, service.RemoveCardTx(ctx, tx, "pm_2"), "before it was told")
		for _, method := range []string{"pm_1", "pm_2"} {
			saved, excess, err := service.SaveCardTx(ctx, tx, customer, visa(method))
			require.NoError(t, err)
			require.Nil(t, saved)
			require.False(t, excess)
		}
		return nil
	})
	cards, err := service.Cards(t.Context(), customer.UserID)
	require.NoError(t, err)
	require.Empty(t, cards)
}

func TestOldSetupsAndRemovedCardsAreForgotten(t *testing.T) {
	t.Parallel()
	start := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	now := start
	db, service, customer := holder(t, &now)
	inTx(t, db, func(ctx context.Context, tx pgx.Tx) error {
		for _, method := range []string{"pm_1", "pm_2"} {
			_, _, err := service.BeginSetupTx(ctx, tx, customer, payments.BeginSetup{})
			require.NoError(t, err)
			_, _, err = service.SaveCardTx(ctx, tx, customer, visa(method))
			require.NoError(t, err)
		}
		return service.RemoveCardTx(ctx, tx, "pm_1")
	})
	count := func() (setups, cards int) {
		require.NoError(t, service.Forget(t.Context(), payments.Forget{}))
		require.NoError(t, db.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM card_setups), count(*) FROM cards").Scan(&setups, &cards))
		return setups, cards
	}
	now = start.Add(29 * 24 * time.Hour)
	setups, cards := count()
	require.Equal(t, []int{2, 2}, []int{setups, cards})
	now = start.Add(31 * 24 * time.Hour)
	setups, cards = count()
	require.Equal(t, []int{0, 1}, []int{setups, cards}, "a card stays that is there")
}
