package app

import (
	"errors"
	"net"
	"slices"
)

// started is what a command started; stop ends it in the opposite order.
type started struct{ stops []func() error }

func (s *started) onStop(stop func() error) { s.stops = append(s.stops, stop) }

func (s *started) stop() error {
	var all []error
	for _, stop := range slices.Backward(s.stops) {
		all = append(all, stop())
	}
	return errors.Join(all...)
}

// closing runs a deferred stop and keeps its error beside the one there is.
func closing(err *error, stop func() error) { *err = errors.Join(*err, stop()) }

// closeListener gives a port back, unless the server that used it has done so already.
func closeListener(listener net.Listener) func() error {
	return func() error {
		if err := listener.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	}
}
