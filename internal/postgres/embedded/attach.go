//go:build linux || darwin

package embedded

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// attach joins the server that another process runs on the folder. It returns nil when there is none to join yet:
// the other is still starting it, or it is about to end because its starter is dead (unless orphans will do).
func attach(ctx context.Context, dir folder, orphans bool) (*Server, error) {
	now, err := dir.readState()
	if err != nil || (!orphans && !alive(now.Starter)) {
		return nil, nil
	}
	password, err := dir.readPassword()
	if errors.Is(err, errNoPassword) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	at := address{port: now.Port, password: password, instance: now.Instance}
	// A connection to a database that nobody drops or copies.
	conn, err := at.connect(ctx, "postgres")
	if err != nil {
		return nil, nil
	}
	s := &Server{
		url: at.url("cartwright"), dataDir: dir.path, major: now.Major, attached: true,
		stopping: make(chan struct{}), done: make(chan struct{}),
	}
	s.hold(conn, now.Starter)
	return s, nil
}

// hold keeps one idle connection, whose end is how we learn of the server's.
func (s *Server) hold(conn *pgx.Conn, starter int) {
	ctx, cancel := context.WithCancel(context.Background())
	s.end = func(context.Context) error {
		cancel()
		<-s.done
		return nil
	}
	go func() {
		defer cancel()
		_, err := conn.WaitForNotification(ctx)
		if !s.stopped() {
			s.err = fmt.Errorf("PostgreSQL, which process %d had started, has ended: %w", starter, err)
		}
		_ = conn.Close(ctx)
		close(s.done)
	}()
}
