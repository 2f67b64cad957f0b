//go:build linux || darwin

package embedded

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"
)

// postmaster is the server's main process, our child.
type postmaster struct {
	cmd       *exec.Cmd
	at        address
	log       string
	folder    string
	temporary bool

	exited  chan struct{} // closed when it has been waited for
	exitErr error         // written before exited is closed
}

func (l *launch) postmaster(at address) (*postmaster, error) {
	work, err := openWorkplace(l.data.path, l.who)
	if err != nil {
		return nil, err
	}
	defer work.close()
	log, err := l.openLog()
	if err != nil {
		return nil, err
	}
	defer log.Close()
	program := l.program(work, "postgres", append([]string{"-D", work.path}, l.settings(at)...)...)
	// The server outlives the context of the call that starts it.
	cmd := program.command(context.Background())
	cmd.Stdout, cmd.Stderr = log, log
	leash, err := program.startLeashed(cmd)
	if err != nil {
		return nil, err
	}
	p := &postmaster{
		cmd: cmd, at: at, log: log.Name(), folder: l.dir.path, temporary: l.Temporary,
		exited: make(chan struct{}),
	}
	go func() {
		p.exitErr = cmd.Wait()
		leash.release()
		close(p.exited)
	}()
	return p, nil
}

// awaitReady returns when database cartwright accepts us.
func (p *postmaster) awaitReady(ctx context.Context) error {
	for {
		err := p.at.ensureDatabase(ctx)
		if err == nil || errors.Is(err, errWrongPassword) {
			return err
		}
		select {
		case <-p.exited:
			log := tail(p.log)
			if portTaken(log) {
				return errPortTaken
			}
			return explainExit(p.exitErr, log, p.folder)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pollEvery / 2):
		}
	}
}

// stop asks for a fast shutdown (SIGINT); what is temporary needs none and is told to drop everything (SIGQUIT).
func (p *postmaster) stop(ctx context.Context) error {
	first := syscall.SIGINT
	if p.temporary {
		first = syscall.SIGQUIT
	}
	if p.signal(ctx, first) {
		return nil
	}
	// PostgreSQL's own immediate shutdown, which kills what does not follow within 5 s.
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 6*time.Second)
	defer cancel()
	if !p.signal(patience, syscall.SIGQUIT) {
		p.signal(context.WithoutCancel(ctx), syscall.SIGKILL)
	}
	return fmt.Errorf("it was cut off: %w", context.Cause(ctx))
}

// signal tells whether the process ended before the context did.
func (p *postmaster) signal(ctx context.Context, sig syscall.Signal) bool {
	_ = p.cmd.Process.Signal(sig) // fails only when it has ended
	select {
	case <-p.exited:
		return true
	case <-ctx.Done():
		return false
	}
}

// abort ends a server that nobody has seen yet.
func (p *postmaster) abort() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = p.stop(ctx)
}
