package orders

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

// Note is what somebody of the staff noted on an order, for staff alone.
type Note struct {
	ID        uuid.UUID
	Author    string // as an actor
	Text      string // "" once the customer whom it may speak of is erased
	CreatedAt time.Time
}

// AddNote adds a note, which is neither changed nor deleted. ErrNotFound.
func (s *Service) AddNote(ctx context.Context, order uuid.UUID, author, text string) (Note, error) {
	row, err := s.q.OrderNoteCreate(ctx, s.db, db.OrderNoteCreateParams{
		ID: uuid.Must(uuid.NewV7()), OrderID: order, Author: author, Text: &text, Now: s.now(),
	})
	if postgres.Constraint(err) == "order_notes_order_known" {
		return Note{}, ErrNotFound
	}
	if err != nil {
		return Note{}, fmt.Errorf("add a note to the order: %w", err)
	}
	return toNote(row), nil
}

// Notes is one page of an order's, newest first. ErrNotFound.
func (s *Service) Notes(ctx context.Context, order uuid.UUID, request page.Request) (page.Of[Note], error) {
	if err := s.admit(ctx, Key{Order: order, Staff: true}); err != nil {
		return page.Of[Note]{}, err
	}
	list, before := "notes on order "+order.String(), newest
	if err := s.after(list, request, &before); err != nil {
		return page.Of[Note]{}, err
	}
	size := request.Size()
	rows, err := s.q.OrderNoteList(ctx, s.db, db.OrderNoteListParams{
		OrderID: order, BeforeTime: before.CreatedAt, BeforeID: before.ID, PageLimit: int32(size) + 1,
	})
	if err != nil {
		return page.Of[Note]{}, fmt.Errorf("list the order's notes: %w", err)
	}
	notes := make([]Note, len(rows))
	for i, row := range rows {
		notes[i] = toNote(row)
	}
	return page.Cut(s.pages, list, notes, size, func(n Note) any { return position{n.ID, n.CreatedAt} })
}

func toNote(row db.OrderNote) Note {
	return Note{ID: row.ID, Author: row.Author, Text: text(row.Text), CreatedAt: row.CreatedAt}
}

// text is "" where there is none.
func text(stored *string) string {
	if stored == nil {
		return ""
	}
	return *stored
}
