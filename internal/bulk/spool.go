package bulk

import (
	"fmt"
	"io"
	"os"
)

// rewindable is the file itself if it can be rewound, else a copy of it on disk, which done removes.
func rewindable(file io.Reader) (source io.ReadSeeker, done func(), err error) {
	if seeker, ok := file.(io.ReadSeeker); ok {
		if _, err := seeker.Seek(0, io.SeekStart); err == nil { // a pipe cannot, whatever its type
			return seeker, func() {}, nil
		}
	}
	spool, err := os.CreateTemp("", "cartwright-import-*")
	if err != nil {
		return nil, nil, fmt.Errorf("copy the file: %w", err)
	}
	_ = os.Remove(spool.Name()) // it lives as long as it is open, and no crash leaves it behind
	done = func() { _ = spool.Close() }
	if _, err := io.Copy(spool, file); err != nil {
		done()
		return nil, nil, err
	}
	return spool, done, nil
}
