package payments

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

// RecordTx writes down a finding that is open, or was resolved as soon as it was found. What staff have dismissed is
// not opened again.
func (s *Service) RecordTx(ctx context.Context, tx pgx.Tx, found Finding) error {
	here, err := found.Here.row()
	if err != nil {
		return err
	}
	there, err := found.There.row()
	if err != nil {
		return err
	}
	var payment *uuid.UUID
	if found.PaymentID != uuid.Nil {
		payment = &found.PaymentID
	}
	id := uuid.Must(uuid.NewV7())
	if found.Status == FindingResolved {
		err = s.q.FindingCreateResolved(ctx, tx, db.FindingCreateResolvedParams{
			ID: id, Kind: string(found.Kind), IntentID: found.IntentID, PaymentID: payment, Here: here, There: there, Now: s.now(),
		})
		if err != nil {
			return fmt.Errorf("record a finding: %w", err)
		}
		return nil
	}
	dismissed, err := s.q.FindingDismissed(ctx, tx, db.FindingDismissedParams{
		IntentID: found.IntentID, Kind: string(found.Kind), Here: here, There: there,
	})
	if err != nil {
		return fmt.Errorf("look for a dismissed finding: %w", err)
	}
	if dismissed {
		return nil
	}
	err = s.q.FindingOpen(ctx, tx, db.FindingOpenParams{
		ID: id, Kind: string(found.Kind), IntentID: found.IntentID, PaymentID: payment, Here: here, There: there, Now: s.now(),
	})
	if err != nil {
		return fmt.Errorf("record a finding: %w", err)
	}
	return nil
}

// ResolveTx resolves an intent's open finding, and tells whether there was one.
func (s *Service) ResolveTx(ctx context.Context, tx pgx.Tx, intent string) (bool, error) {
	rows, err := s.q.FindingResolve(ctx, tx, db.FindingResolveParams{IntentID: intent, Now: s.now()})
	if err != nil {
		return false, fmt.Errorf("resolve a finding: %w", err)
	}
	return rows > 0, nil
}

// Dismiss has staff say that nothing is to be done about a finding. ErrNoFinding, ErrFindingNotOpen.
func (s *Service) Dismiss(ctx context.Context, id uuid.UUID, note string) (Finding, error) {
	var dismissed bool
	err := s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		now := s.now()
		rows, err := s.q.FindingDismiss(ctx, tx, db.FindingDismissParams{ID: id, Note: &note, Now: &now})
		dismissed = rows == 1
		return err
	})
	if err != nil {
		return Finding{}, fmt.Errorf("dismiss a finding: %w", err)
	}
	found, err := s.Finding(ctx, id)
	if err == nil && !dismissed {
		err = ErrFindingNotOpen
	}
	return found, err
}

// Finding reads one; ErrNoFinding.
func (s *Service) Finding(ctx context.Context, id uuid.UUID) (Finding, error) {
	row, err := s.q.FindingGet(ctx, s.db, id)
	if postgres.IsMissing(err) {
		return Finding{}, ErrNoFinding
	}
	if err != nil {
		return Finding{}, fmt.Errorf("read a finding: %w", err)
	}
	return toFinding(db.FindingListRow(row))
}

// FindingFilter narrows a list of findings. What is "" does not.
type FindingFilter struct {
	Status FindingStatus
	Kind   FindingKind
}

// Findings is one page of them, the newest first.
func (s *Service) Findings(ctx context.Context, filter FindingFilter, request page.Request) (page.Of[Finding], error) {
	list, before := fmt.Sprintf("findings %q %q", filter.Status, filter.Kind), position{ID: uuid.Max, CreatedAt: future}
	if request.Cursor != "" {
		if err := s.pages.Decode(list, request.Cursor, &before); err != nil {
			return page.Of[Finding]{}, err
		}
	}
	size := request.Size()
	rows, err := s.q.FindingList(ctx, postgres.PlannedAnew{DB: s.db}, db.FindingListParams{
		Status: optional(string(filter.Status)), Kind: optional(string(filter.Kind)),
		BeforeTime: before.CreatedAt, BeforeID: before.ID, PageLimit: int32(size) + 1,
	})
	if err != nil {
		return page.Of[Finding]{}, fmt.Errorf("list the findings: %w", err)
	}
	found := make([]Finding, len(rows))
	for i, row := range rows {
		if found[i], err = toFinding(row); err != nil {
			return page.Of[Finding]{}, err
		}
	}
	return page.Cut(s.pages, list, found, size, func(f Finding) any { return position{f.ID, f.FoundAt} })
}

// CountOpen is how many findings wait for a person.
func (s *Service) CountOpen(ctx context.Context) (int64, error) {
	count, err := s.q.FindingCountOpen(ctx, s.db)
	if err != nil {
		return 0, fmt.Errorf("count the findings: %w", err)
	}
	return count, nil
}

func toFinding(row db.FindingListRow) (Finding, error) {
	found := Finding{
		ID: row.ID, Kind: FindingKind(row.Kind), Status: FindingStatus(row.Status), IntentID: row.IntentID, Note: text(row.Note),
		FoundAt: row.FoundAt, SeenAt: row.SeenAt, ResolvedAt: row.ResolvedAt,
	}
	if row.PaymentID != nil {
		found.PaymentID = *row.PaymentID
	}
	if row.OrderID != nil {
		found.OrderID = *row.OrderID
	}
	var err error
	if found.Here, err = toSide(row.Here); err != nil {
		return Finding{}, err
	}
	found.There, err = toSide(row.There)
	return found, err
}
