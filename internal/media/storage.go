package media

import (
	"context"
	"io"
)

// Storage keeps files by their names. A file is written once and never changed: whoever writes it
// again writes the same. Disk and Bucket are its two kinds.
type Storage interface {
	// Put stores a file whole or not at all.
	Put(ctx context.Context, name string, content []byte) error
	// Open reads a file; fs.ErrNotExist when there is none.
	Open(ctx context.Context, name string) (io.ReadSeekCloser, error)
	// Delete removes files; those that are not there are no mistake.
	Delete(ctx context.Context, names ...string) error
}

// cacheForever is what caches hear of a file that never changes.
const cacheForever = "public, max-age=31536000, immutable"
