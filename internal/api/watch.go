package api

import (
	"context"
	"errors"
	"time"

	"github.com/labstack/echo/v4"

	"cartwright/internal/auth"
)

// watchPause is after how long it is asked again whether whoever streams may still do so. What they have lost is lost
// within it, and within what a statement takes that is under way.
const watchPause = 2 * time.Second

// partingTime is what whoever is ended has to be told so.
const partingTime = time.Second

// watched ends an operation that streams once whoever asked may not do it any more: their session has ended, their key
// is revoked, or they lost the permission. Any other operation is over before that matters.
func watched(service *auth.Service, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, known, opened := c.Request().Context(), operation(c), streaming(c.Request().Context())
		watching, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			defer close(done)
			opened.watch(watching, func() error { return stillAllowed(watching, service, known) })
		}()
		err := func() error {
			defer func() { stop(); <-done }() // also when a file breaks off
			return next(c)
		}()
		if refused := opened.refusal(); refused != nil && err != nil {
			return refused
		}
		return err
	}
}

// stillAllowed is why whoever asks may not go on; nil also when that cannot be found out now.
func stillAllowed(ctx context.Context, service *auth.Service, known *contractOperation) error {
	who, err := service.Again(ctx, principal(ctx))
	switch {
	case errors.Is(err, auth.ErrToken):
		return err
	case err != nil:
		return nil
	}
	return known.allows(who)
}

// watch asks now and then until ctx ends or the answer is no.
func (s *stream) watch(ctx context.Context, allowed func() error) {
	ticker := time.NewTicker(watchPause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := allowed(); err != nil {
				s.end(err)
				return
			}
		}
	}
}

// end breaks the stream off, whatever it waits for: the database, or a client that sends or reads slowly.
func (s *stream) end(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = why
	s.cancel()
	_ = errors.Join(s.control.SetReadDeadline(time.Now()), s.control.SetWriteDeadline(time.Now().Add(partingTime)))
}

// refusal is why the stream was ended; nil while it was not.
func (s *stream) refusal() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}
