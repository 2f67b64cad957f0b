package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

// Entry is an action that was recorded.
type Entry struct {
	ID        uuid.UUID
	Operation string
	Target    string
	Actor     string
	UserID    *uuid.UUID
	Address   *string
	RequestID *uuid.UUID
	At        time.Time
	Changes   []Change // the first of them, see maxChanges
	Count     int64    // of all
}

// Change is what became of a thing. Was is nil of what was made, Became of what is gone; else both hold what differs.
// Numbers are json.Number: they are as exact as they are stored.
type Change struct {
	Thing       string // its table
	ThingID     string
	Was, Became map[string]any
}

// maxChanges is how many changes of an entry are listed.
const maxChanges = 100

// Filter narrows the log; what is zero narrows nothing.
type Filter struct {
	UserID    uuid.UUID
	Operation string
	ThingID   string
	Address   string
	RequestID uuid.UUID
	From      time.Time // inclusive
	To        time.Time // exclusive
}

// Log reads what was recorded.
type Log struct {
	db    *postgres.DB
	q     *db.Queries
	pages page.Codec
}

// New makes a log.
func New(database *postgres.DB, pages page.Codec) *Log {
	return &Log{db: database, q: db.New(), pages: pages}
}

// position is where a page ends.
type position struct {
	ID uuid.UUID
	At time.Time
}

// List is one page of the entries that the filter leaves, the newest first.
func (l *Log) List(ctx context.Context, filter Filter, request page.Request) (found page.Of[Entry], err error) {
	list := fmt.Sprintf("audit %+v", filter)
	before := position{ID: uuid.Max, At: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	if !filter.To.IsZero() {
		before = position{ID: uuid.Nil, At: filter.To} // before everything of that moment
	}
	if request.Cursor != "" {
		if err := l.pages.Decode(list, request.Cursor, &before); err != nil {
			return found, err
		}
	}
	err = l.db.Read(ctx, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := l.entries(ctx, tx, filter, before, request.Size()+1)
		if err != nil {
			return fmt.Errorf("list the audit log: %w", err)
		}
		found, err = page.Cut(l.pages, list, rows, request.Size(), func(e Entry) any { return position{e.ID, e.At} })
		if err != nil {
			return err
		}
		return l.addChanges(ctx, tx, found.Items)
	})
	return found, err
}

// entries are those that the filter leaves before a position, without their changes.
func (l *Log) entries(ctx context.Context, tx pgx.Tx, filter Filter, before position, limit int) ([]Entry, error) {
	if err := l.q.AuditListSettings(ctx, tx); err != nil {
		return nil, err
	}
	params := db.AuditEntryListParams{
		UserID: optionalID(filter.UserID), Operation: optional(filter.Operation), Address: optional(filter.Address),
		RequestID: optionalID(filter.RequestID), Since: filter.From, BeforeTime: before.At, BeforeID: before.ID,
		PageLimit: int32(limit),
	}
	var rows []db.AuditEntry
	var err error
	if filter.ThingID == "" {
		rows, err = l.q.AuditEntryList(ctx, tx, params)
	} else {
		rows, err = l.q.AuditEntryListOfThing(ctx, tx, db.AuditEntryListOfThingParams{
			ThingID: filter.ThingID,
			UserID:  params.UserID, Operation: params.Operation, Address: params.Address, RequestID: params.RequestID,
			Since: params.Since, BeforeTime: params.BeforeTime, BeforeID: params.BeforeID, PageLimit: params.PageLimit,
		})
	}
	entries := make([]Entry, len(rows))
	for i, row := range rows {
		entries[i] = Entry{
			ID: row.ID, Operation: row.Operation, Target: row.Target, Actor: row.Actor, UserID: row.UserID,
			Address: row.Address, RequestID: row.RequestID, At: row.CreatedAt,
		}
	}
	return entries, err
}

// addChanges reads what the entries changed.
func (l *Log) addChanges(ctx context.Context, tx pgx.Tx, entries []Entry) error {
	ids, at := make([]uuid.UUID, len(entries)), map[uuid.UUID]*Entry{}
	for i := range entries {
		ids[i], at[entries[i].ID] = entries[i].ID, &entries[i]
	}
	counts, err := l.q.AuditChangeCount(ctx, tx, ids)
	if err != nil {
		return fmt.Errorf("count the changes: %w", err)
	}
	for _, count := range counts {
		at[count.EntryID].Count = count.Changes
	}
	rows, err := l.q.AuditChangeList(ctx, tx, db.AuditChangeListParams{Entries: ids, AtMost: maxChanges})
	if err != nil {
		return fmt.Errorf("list the changes: %w", err)
	}
	for _, row := range rows {
		change := Change{Thing: row.Thing, ThingID: row.ThingID}
		if change.Was, err = values(row.Was); err != nil {
			return err
		}
		if change.Became, err = values(row.Became); err != nil {
			return err
		}
		entry := at[row.EntryID]
		entry.Changes = append(entry.Changes, change)
	}
	return nil
}

// values reads one side of a change; nil where there is none.
func values(side []byte) (read map[string]any, err error) {
	if side == nil {
		return nil, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(side))
	decoder.UseNumber()
	if err := decoder.Decode(&read); err != nil {
		return nil, fmt.Errorf("read a change: %w", err)
	}
	return read, nil
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func optionalID(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
