package embedded

import (
	"context"
	"fmt"
	"sync"
)

// Server is a running PostgreSQL, started by this process or attached to.
type Server struct {
	url      string
	dataDir  string
	major    int
	attached bool

	stopOnce sync.Once
	stopping chan struct{}                   // closed by the first Stop
	end      func(ctx context.Context) error // ends the server, or only our attachment to it
	endErr   error

	done chan struct{} // closed when the server is gone or, attached, when Stop was called
	err  error         // why it is gone; written before done is closed
}

// URL is the connection URL of database cartwright for its superuser cartwright. It contains the password.
func (s *Server) URL() string { return s.url }

// DataDir is the folder the server keeps its data in.
func (s *Server) DataDir() string { return s.dataDir }

// Major is PostgreSQL's major version.
func (s *Server) Major() int { return s.major }

// Attached tells that another process started the server, so that Stop leaves it running.
func (s *Server) Attached() bool { return s.attached }

// Done is closed when the server has ended, whoever ended it. Err then tells why.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err is nil while the server runs and after Stop; otherwise one sentence on why the server is gone.
func (s *Server) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// Stop ends what this process started: clients are disconnected, data is flushed. When ctx ends first the server is
// cut off, which loses no committed transaction but makes the next start recover. Further calls wait for the first
// and return its result.
func (s *Server) Stop(ctx context.Context) error {
	s.stopOnce.Do(func() {
		close(s.stopping)
		if err := s.end(ctx); err != nil {
			s.endErr = fmt.Errorf("stop PostgreSQL: %w", err)
		}
	})
	return s.endErr
}

func (s *Server) stopped() bool {
	select {
	case <-s.stopping:
		return true
	default:
		return false
	}
}
