package payments

import (
	"context"
	"fmt"
	"time"

	"cartwright/gen/db"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

// InboxFilter narrows a list of events. What is zero or nil does not.
type InboxFilter struct {
	Type           string
	Outcome        Outcome
	IntentID       string
	ReceivedFrom   *time.Time
	ReceivedBefore *time.Time
}

// name tells the filter's list from others.
func (f InboxFilter) name() string {
	return fmt.Sprintf("inbox %q %q %q %v %v", f.Type, f.Outcome, f.IntentID, f.ReceivedFrom, f.ReceivedBefore)
}

// received is where a page of the inbox ends.
type received struct {
	ID string
	At time.Time
}

// Inbox is one page of the events that came, the newest first, without what they said.
func (s *Service) Inbox(ctx context.Context, filter InboxFilter, request page.Request) (page.Of[Received], error) {
	list, before := filter.name(), received{At: future}
	if filter.ReceivedBefore != nil {
		before.At = *filter.ReceivedBefore
	}
	if request.Cursor != "" {
		if err := s.pages.Decode(list, request.Cursor, &before); err != nil {
			return page.Of[Received]{}, err
		}
	}
	size := request.Size()
	rows, err := s.q.WebhookEventList(ctx, postgres.PlannedAnew{DB: s.db}, db.WebhookEventListParams{
		Type: optional(filter.Type), Outcome: optional(string(filter.Outcome)), IntentID: optional(filter.IntentID),
		ReceivedFrom: filter.ReceivedFrom, BeforeTime: before.At, BeforeID: before.ID, PageLimit: int32(size) + 1,
	})
	if err != nil {
		return page.Of[Received]{}, fmt.Errorf("list the inbox: %w", err)
	}
	events := make([]Received, len(rows))
	for i, row := range rows {
		events[i] = Received{
			ID: row.ID, Type: row.Type, APIVersion: row.APIVersion, Source: Source(row.Source), Outcome: Outcome(row.Outcome),
			Reason: row.Reason, IntentID: text(row.IntentID), ReceivedAt: row.ReceivedAt, Replays: int(row.Replays),
			ReplayedAt: row.ReplayedAt,
		}
	}
	return page.Cut(s.pages, list, events, size, func(r Received) any { return received{r.ID, r.ReceivedAt} })
}
