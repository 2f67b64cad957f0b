package payments

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
)

// comparison names the comparison of payments with the provider's intents.
const comparison = "payments"

// ComparedUntil is until when every payment was compared. Before the first comparison that is when the first was made,
// or now when there is none yet.
func (s *Service) ComparedUntil(ctx context.Context) (time.Time, error) {
	return s.goneThrough(ctx, comparison)
}

// Compared records that every payment that was made until then was compared.
func (s *Service) Compared(ctx context.Context, until time.Time) error {
	return s.goThrough(ctx, comparison, until)
}

// comparedAtOnce is how many payments are read at once.
const comparedAtOnce = 100

// Named are the payments that intents belong to, by the names of both.
func (s *Service) Named(ctx context.Context, intents []Intent) (byIntent map[string]Payment, byID map[uuid.UUID]Payment, err error) {
	names, ids := make([]string, len(intents)), make([]uuid.UUID, len(intents))
	for i, intent := range intents {
		names[i], ids[i] = intent.ID, intent.PaymentID
	}
	rows, err := s.q.PaymentListNamed(ctx, s.db, db.PaymentListNamedParams{IntentIds: names, Ids: ids})
	if err != nil {
		return nil, nil, fmt.Errorf("read the payments of intents: %w", err)
	}
	byIntent, byID = map[string]Payment{}, map[uuid.UUID]Payment{}
	for _, row := range rows {
		payment := toPayment(row)
		byIntent[payment.IntentID], byID[payment.ID] = payment, payment
	}
	return byIntent, byID, nil
}

// MadeWithin goes through the payments that were made in a span of time and have an intent.
func (s *Service) MadeWithin(ctx context.Context, span Span, each func(Payment) error) error {
	return throughAll(firstOf(span.From), firstOf(span.Until), each, func(after, before uuid.UUID) ([]db.Payment, error) {
		return s.q.PaymentListMade(ctx, s.db, db.PaymentListMadeParams{After: after, Before: before, AtOnce: comparedAtOnce})
	})
}

// UnsettledBefore goes through the payments that were made before a time, have an intent and may still come to something.
func (s *Service) UnsettledBefore(ctx context.Context, until time.Time, each func(Payment) error) error {
	return throughAll(uuid.Nil, firstOf(until), each, func(after, before uuid.UUID) ([]db.Payment, error) {
		return s.q.PaymentListUnsettled(ctx, s.db, db.PaymentListUnsettledParams{After: after, Before: before, AtOnce: comparedAtOnce})
	})
}

// throughAll goes through pages of payments in the order of their names.
func throughAll(after, before uuid.UUID, each func(Payment) error, read func(after, before uuid.UUID) ([]db.Payment, error)) error {
	for {
		rows, err := read(after, before)
		if err != nil {
			return fmt.Errorf("read payments to compare: %w", err)
		}
		for _, row := range rows {
			if err := each(toPayment(row)); err != nil {
				return err
			}
			after = row.ID
		}
		if len(rows) < comparedAtOnce {
			return nil
		}
	}
}

// firstOf is before every name that was given at a time or later: the names of payments begin with it (RFC 9562, 5.7).
func firstOf(at time.Time) (id uuid.UUID) {
	var milliseconds [8]byte
	binary.BigEndian.PutUint64(milliseconds[:], uint64(max(0, at.UnixMilli())))
	copy(id[:6], milliseconds[2:])
	return id
}

// Suspect names an intent and the payment that it may belong to.
type Suspect struct {
	IntentID  string
	PaymentID uuid.UUID
}

// Unresolved are the intents of open findings, those that were looked at longest ago first, and of many not all.
func (s *Service) Unresolved(ctx context.Context) ([]Suspect, error) {
	rows, err := s.q.FindingListOpen(ctx, s.db, comparedAtOnce)
	if err != nil {
		return nil, fmt.Errorf("read the open findings: %w", err)
	}
	suspects := make([]Suspect, len(rows))
	for i, row := range rows {
		suspects[i] = Suspect{IntentID: row.IntentID}
		if row.PaymentID != nil {
			suspects[i].PaymentID = *row.PaymentID
		}
	}
	return suspects, nil
}
