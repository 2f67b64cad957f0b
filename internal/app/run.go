package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// Limits on clients, so that none can hold a connection for nothing.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
	stopTimeout       = 35 * time.Second // longer than a payment under way (payments.AskFor)
)

// listen takes the port, or says in one sentence why it cannot.
func listen(ctx context.Context, host string, port int) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port %d is in use: stop the program that has it, or choose another with PORT=%d", port, port+1)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("port %d needs privileges: choose one above 1023 with PORT", port)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("LISTEN_ADDRESS is %s, which is no address of this machine", host)
	case err != nil:
		return nil, fmt.Errorf("listen on port %d: %w", port, err)
	}
	return listener, nil
}

// run serves requests and works jobs until ctx ends or the database goes, and then stops
// gracefully: it says so at /readyz, lets requests and jobs end, and closes.
func (s *Shop) run(ctx context.Context, listener net.Listener, database *database, logger *slog.Logger) error {
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	closeMetrics, err := s.serveMetrics(ctx)
	if err != nil {
		return err
	}
	defer closeMetrics()
	// Jobs outlive ctx, so that they can end by themselves.
	if err := s.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(bounded(listener, s.bounds)) }()

	var failure error
	select {
	case <-ctx.Done():
	case failure = <-served:
	case <-database.gone():
		failure = database.lost()
	}
	s.draining.Store(true)
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		logger.Warn("requests were cut off", "error", err)
		_ = server.Close() // else their connections to the database are waited for
	}
	if err := s.Stop(stopping); err != nil && failure == nil {
		logger.Warn("jobs were cut off; they run again at the next start", "error", err)
	}
	return failure
}
