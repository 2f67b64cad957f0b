package attention

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/money"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

// Kind is what an item is.
type Kind string

// The kinds of what waits for a person.
const (
	RefundFailed   Kind = "REFUND_FAILED"
	DisputeOpen    Kind = "DISPUTE_TO_ANSWER"
	OrderHeld      Kind = "ORDER_ON_HOLD"
	PaymentFinding Kind = "PAYMENT_FINDING"
	ReturnOpen     Kind = "RETURN_REQUESTED"
	EventSetAside  Kind = "STRIPE_EVENT_SET_ASIDE"
)

// Kinds are all of them.
var Kinds = []Kind{RefundFailed, DisputeOpen, OrderHeld, PaymentFinding, ReturnOpen, EventSetAside}

// Item is one thing that waits for a person.
type Item struct {
	Kind        Kind
	ID          string    // of the refund, dispute, order, finding or return, or Stripe's name of the event
	Order       uuid.UUID // Nil where it is about none
	OrderNumber string
	Since       time.Time
	DueBy       *time.Time
	Amount      money.Amount // the zero Amount where it is about none
	Reason      string
}

// Service reads what waits for a person.
type Service struct {
	db    *postgres.DB
	q     *db.Queries
	pages page.Codec
}

// New makes a service.
func New(database *postgres.DB, pages page.Codec) *Service {
	return &Service{db: database, q: db.New(), pages: pages}
}

// position is where a page ended.
type position struct {
	ID    string    `json:"i"`
	Since time.Time `json:"t"`
}

// List is one page of what waits, of one kind or of all where it is "", what has waited longest first.
func (s *Service) List(ctx context.Context, kind Kind, request page.Request) (page.Of[Item], error) {
	list, after := fmt.Sprintf("attention %q", kind), position{Since: time.Unix(0, 0)}
	if request.Cursor != "" {
		if err := s.pages.Decode(list, request.Cursor, &after); err != nil {
			return page.Of[Item]{}, err
		}
	}
	size, params := request.Size(), db.AttentionListParams{AfterTime: after.Since, AfterID: after.ID}
	params.PageLimit = int32(size) + 1
	if kind != "" {
		params.Kind = (*string)(&kind)
	}
	rows, err := s.q.AttentionList(ctx, s.db, params)
	if err != nil {
		return page.Of[Item]{}, fmt.Errorf("list what needs attention: %w", err)
	}
	items := make([]Item, len(rows))
	for i, row := range rows {
		items[i] = toItem(row)
	}
	return page.Cut(s.pages, list, items, size, func(i Item) any { return position{i.ID, i.Since} })
}

// Counts are how many items of each kind there are.
func (s *Service) Counts(ctx context.Context) (map[Kind]int64, error) {
	rows, err := s.q.AttentionCount(ctx, s.db)
	if err != nil {
		return nil, fmt.Errorf("count what needs attention: %w", err)
	}
	counts := map[Kind]int64{}
	for _, row := range rows {
		counts[Kind(row.Kind)] = row.Items
	}
	return counts, nil
}

func toItem(row db.AttentionListRow) Item {
	item := Item{
		Kind: Kind(row.Kind), ID: row.ID, Order: row.OrderID, OrderNumber: row.OrderNumber, Since: row.Since, DueBy: row.DueBy, Reason: row.Reason,
	}
	if row.Currency != "" {
		item.Amount = money.New(row.AmountMinor, money.Currency(row.Currency))
	}
	return item
}
