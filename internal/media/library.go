package media

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/semaphore"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Config is what a library needs.
type Config struct {
	DB        *postgres.DB
	Storage   Storage
	MaxBytes  int64 // of an upload
	MaxPixels int64 // of a picture
	Now       func() time.Time
	Logger    *slog.Logger
}

// Library takes uploads in and keeps the pictures that become of them.
type Library struct {
	db        *postgres.DB
	q         *db.Queries
	storage   Storage
	maxBytes  int64
	maxPixels int64
	memory    *semaphore.Weighted // in pixels: as many are decoded at once as the largest picture has
	now       func() time.Time
	logger    *slog.Logger
}

// New makes a library.
func New(config Config) *Library {
	return &Library{
		db: config.DB, q: db.New(), storage: config.Storage, maxBytes: config.MaxBytes, maxPixels: config.MaxPixels,
		memory: semaphore.NewWeighted(config.MaxPixels), now: config.Now, logger: config.Logger,
	}
}

// MaxBytes is how large an upload may be.
func (l *Library) MaxBytes() int64 { return l.maxBytes }

// Add makes a picture of an upload and stores it. The same upload on the same day is stored once.
// An Invalid error for one that cannot be decoded or would be too large; ErrStorage when it cannot be
// stored. It talks to the storage, so no transaction may be open around it.
func (l *Library) Add(ctx context.Context, upload *Upload) (Picture, error) {
	key := keyOf(upload, l.now())
	row, err := l.q.MediaFileGet(ctx, l.db, key)
	switch {
	case err == nil:
		return toPicture(row), nil
	case !postgres.IsMissing(err):
		return Picture{}, fmt.Errorf("look for the picture: %w", err)
	}
	made, err := l.render(ctx, upload)
	if err != nil {
		return Picture{}, err
	}
	picture := Picture{
		Key: key, Format: made.format, ThumbnailFormat: made.thumbnailFormat, Width: int32(made.width), Height: int32(made.height),
	}
	return picture, l.store(ctx, picture, made)
}

// keyOf is where an upload of today is kept. The day keeps a file that is being swept apart from the
// same one arriving anew.
func keyOf(upload *Upload, now time.Time) string {
	return now.UTC().Format("20060102") + "/" + hex.EncodeToString(upload.Digest())
}

// render makes the picture's files, when there is memory for it.
func (l *Library) render(ctx context.Context, upload *Upload) (*rendered, error) {
	pixels, err := measure(upload.format, upload.reader(), l.maxPixels)
	if err != nil {
		return nil, err
	}
	if err := l.memory.Acquire(ctx, pixels); err != nil {
		return nil, err
	}
	defer l.memory.Release(pixels)
	content, err := upload.content()
	if err != nil {
		return nil, err
	}
	stripped, told, err := strip(upload.format, content)
	if err != nil {
		return nil, err
	}
	// Once more, because this is what will be decoded: it must not turn out larger than it seemed.
	if _, err := measure(upload.format, bytes.NewReader(stripped), pixels); err != nil {
		return nil, err
	}
	return render(ctx, upload.format, stripped, told)
}

// store records the picture, stores its files and says so: whatever comes between leaves a record
// that Sweep finds.
func (l *Library) store(ctx context.Context, picture Picture, made *rendered) error {
	err := l.q.MediaFileCreate(ctx, l.db, db.MediaFileCreateParams{
		Key: picture.Key, Format: string(picture.Format), ThumbnailFormat: string(picture.ThumbnailFormat),
		Width: picture.Width, Height: picture.Height, Now: l.now(),
	})
	if err != nil {
		return fmt.Errorf("record the picture: %w", err)
	}
	for size, content := range made.files {
		if err := l.storage.Put(ctx, picture.name(size), content); err != nil {
			return ErrStorage.Wrap(err)
		}
	}
	if err := l.q.MediaFileStored(ctx, l.db, db.MediaFileStoredParams{Key: picture.Key, Now: l.now()}); err != nil {
		return fmt.Errorf("record that the picture is stored: %w", err)
	}
	return nil
}

func toPicture(row db.MediaFile) Picture {
	return Picture{
		Key: row.Key, Format: Format(row.Format), ThumbnailFormat: Format(row.ThumbnailFormat), Width: row.Width, Height: row.Height,
	}
}
