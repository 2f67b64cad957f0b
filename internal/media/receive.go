package media

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
)

// Upload is a file that arrived, kept on the disk until Close: a crowd of them must not fill the memory.
type Upload struct {
	file   *os.File
	gone   bool // from its folder
	size   int64
	digest [sha256.Size]byte
	format Format
}

// Receive takes a file from a client, as far as it is small enough. ErrTooLarge, or an Invalid error
// for what is no picture by its first bytes. What goes wrong with reading is the reader's own error.
func (l *Library) Receive(from io.Reader) (*Upload, error) {
	file, err := os.CreateTemp("", "cartwright-upload-*")
	if err != nil {
		return nil, ErrStorage.Wrap(fmt.Errorf("keep an upload: %w", err))
	}
	upload := &Upload{file: file}
	if err := upload.receive(from, l.maxBytes); err != nil {
		upload.Close()
		return nil, err
	}
	return upload, nil
}

func (u *Upload) receive(from io.Reader, most int64) (err error) {
	u.gone = os.Remove(u.file.Name()) == nil // where that works, it lives on while it is open and ends with the process
	hash, begin := sha256.New(), &beginning{}
	source := &source{reader: io.LimitReader(from, most+1)}
	u.size, err = io.Copy(io.MultiWriter(u.file, hash, begin), source)
	switch {
	case source.err != nil:
		return source.err
	case err != nil:
		return ErrStorage.Wrap(fmt.Errorf("keep an upload: %w", err))
	case u.size > most:
		return ErrTooLarge
	case u.size == 0:
		return errEmpty
	}
	if u.format = sniff(begin.bytes); u.format == "" {
		return errType
	}
	u.digest = [sha256.Size]byte(hash.Sum(nil))
	return nil
}

// Digest tells one upload from another.
func (u *Upload) Digest() []byte { return u.digest[:] }

// Close lets go of the file.
func (u *Upload) Close() {
	_ = u.file.Close()
	if !u.gone {
		_ = os.Remove(u.file.Name())
	}
}

func (u *Upload) reader() io.Reader { return io.NewSectionReader(u.file, 0, u.size) }

// content is the whole file, in memory.
func (u *Upload) content() ([]byte, error) {
	content := make([]byte, u.size)
	if _, err := u.file.ReadAt(content, 0); err != nil {
		return nil, fmt.Errorf("read an upload: %w", err)
	}
	return content, nil
}

// source tells an error of reading from one of writing.
type source struct {
	reader io.Reader
	err    error
}

// Read reads and remembers what went wrong.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// beginning keeps the first bytes of what is written.
type beginning struct{ bytes []byte }

// Write keeps what is still wanted.
func (b *beginning) Write(p []byte) (int, error) {
	if missing := sniffed - len(b.bytes); missing > 0 {
		b.bytes = append(b.bytes, p[:min(missing, len(p))]...)
	}
	return len(p), nil
}
