//go:build crashpoints

package crash

import (
	"net/http"
	"os"
	"path"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

var (
	armed, left = arm()
	how         = os.Getenv("CRASH_HOW")
)

// arm reads what the environment asks for.
func arm() (string, *atomic.Int64) {
	name, times, _ := strings.Cut(os.Getenv("CRASH_AT"), "#")
	n, err := strconv.ParseInt(times, 10, 64)
	if err != nil {
		n = 1
	}
	left := new(atomic.Int64)
	left.Store(n)
	return name, left
}

// Point ends the process, or has it stand still, if that is what was asked for here.
func Point(name string) {
	if name != armed || left.Add(-1) != 0 {
		return
	}
	if how == "stop" {
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // until the signal has arrived
}

// Commit has points on both sides of what ends a transaction, named after the function that asked for the transaction.
func Commit(commit func() error) error {
	if !strings.HasPrefix(armed, "commit.") {
		return commit()
	}
	name := asking()
	Point("commit.before " + name)
	err := commit()
	if err == nil {
		Point("commit.after " + name)
	}
	return err
}

// asking is the function that called package postgres, such as "checkout.Place".
func asking() string {
	callers := make([]uintptr, 16)
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)])
	for {
		frame, more := frames.Next()
		name := path.Base(frame.Function) // "checkout.(*Service).Place"
		if !strings.HasPrefix(name, "postgres.") {
			pkg, rest, _ := strings.Cut(name, ".")
			rest = rest[strings.Index(rest, ")")+1:]
			return pkg + "." + strings.TrimPrefix(rest, ".")
		}
		if !more {
			return ""
		}
	}
}

// Calls has points on both sides of each request, such as "stripe.before confirm".
func Calls(base http.RoundTripper) http.RoundTripper { return calls{base} }

type calls struct{ base http.RoundTripper }

// RoundTrip sends the request.
func (c calls) RoundTrip(request *http.Request) (*http.Response, error) {
	what := path.Base(request.URL.Path) // confirm, cancel, payment_intents, refunds
	if request.Method == http.MethodGet {
		what = "read"
	}
	Point("stripe.before " + what)
	response, err := c.base.RoundTrip(request)
	if err == nil {
		Point("stripe.after " + what)
	}
	return response, err
}
