package postgres

import (
	"errors"
	"io"
	"net"
)

// isBrokenPipe tells that the connection went away under a statement.
func isBrokenPipe(err error) bool {
	var netErr *net.OpError
	return errors.As(err, &netErr) || errors.Is(err, io.ErrUnexpectedEOF)
}
