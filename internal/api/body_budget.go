package api

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"cartwright/internal/errs"
)

// How much the bodies under way may take together where nothing else is configured, and the share of it that one network
// may take.
const (
	defaultBodyMemory = 64 << 20
	networkShare      = 4 // a quarter
)

// How fast a body has to come: it may stand still for so long, and beyond the grace it comes at this rate at least.
const (
	bodyPause = 10 * time.Second
	bodyGrace = 10 * time.Second
	bodyRate  = 8 << 10 // bytes a second
	bodyTime  = 30 * time.Second
)

var (
	errBodies = errs.New(errs.Unavailable, "busy", "As many requests as can be are being read already. Try again.").After(2 * time.Second)
	errSlow   = errs.New(errs.Malformed, "body_too_slow", "The body came too slowly and was not read to its end. Send it again.")
)

// bodies is the memory for the bodies that are being read or worked on, and who has how much of it.
type bodies struct {
	total, perNetwork int64
	pause             time.Duration

	mu   sync.Mutex
	used int64
	of   map[string]int64
}

func newBodies(total int64) *bodies {
	if total <= 0 {
		total = defaultBodyMemory
	}
	return &bodies{pause: bodyPause, total: total, perNetwork: max(total/networkShare, maxBody+1), of: map[string]int64{}}
}

// lease is the memory of one body.
type lease struct {
	from     *bodies
	networks []string // the narrowest first
	bytes    int64
}

// grow takes so many bytes in all.
// Errors: errBodies.
func (l *lease) grow(bytes int64) error {
	b, more := l.from, bytes-l.bytes
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used+more > b.total {
		return errBodies
	}
	for level, network := range l.networks {
		if b.of[network]+more > b.perNetwork*int64(2+level)/2 { // half as much again with each that is wider
			return errBodies
		}
	}
	b.used += more
	for _, network := range l.networks {
		b.of[network] += more
	}
	l.bytes = bytes
	return nil
}

// end releases all of it.
func (l *lease) end() {
	b := l.from
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= l.bytes
	for _, network := range l.networks {
		if b.of[network] -= l.bytes; b.of[network] <= 0 {
			delete(b.of, network)
		}
	}
	l.bytes = 0
}

// incoming is a body as it comes.
type incoming struct {
	io.Reader
	control *http.ResponseController
	start   time.Time
	pause   time.Duration
	length  int64 // as announced; -1 when unknown
	bound   int64
}

// read is the whole body, for which it leases memory bit by bit: what is only announced takes none.
// Errors: errTooLarge, errBodies, errSlow, errMalformed.
func (in incoming) read(lease *lease) ([]byte, error) {
	most := in.bound + 1 // the one tells that it is too large
	if in.length >= 0 {
		most = min(most, in.length+1) // the one lets the end be read
	}
	size := min(most, 1<<10)
	if err := lease.grow(size); err != nil {
		return nil, err
	}
	text := make([]byte, 0, size)
	for {
		in.wait(len(text))
		n, err := in.Read(text[len(text):cap(text)])
		text = text[:len(text)+n]
		switch {
		case int64(len(text)) > in.bound:
			return nil, errTooLarge
		case errors.Is(err, io.EOF):
			_ = in.control.SetReadDeadline(time.Time{})
			return text, nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, errSlow.Wrap(err)
		case err != nil:
			return nil, errMalformed.Wrap(err)
		}
		if len(text) == cap(text) {
			size = min(2*size, most)
			if err := lease.grow(size); err != nil {
				return nil, err
			}
			text = append(make([]byte, 0, size), text...)
		}
	}
}

// wait bounds how long the next bytes may take. A connection without deadlines, as in some tests, has no bound.
func (in incoming) wait(received int) {
	paced := in.start.Add(min(bodyTime, bodyGrace+time.Duration(received)*time.Second/bodyRate))
	if still := time.Now().Add(in.pause); still.Before(paced) {
		paced = still
	}
	_ = in.control.SetReadDeadline(paced)
}
