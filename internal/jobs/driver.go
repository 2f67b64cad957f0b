package jobs

import (
	"context"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// driver is river's for PostgreSQL without LISTEN and NOTIFY: a NOTIFY in a request's transaction takes a lock of the
// whole cluster at its commit. What this process enqueues it hears of by itself, after the commit; the pulse of the
// database finds the rest.
type driver struct {
	*riverpgxv5.Driver
	inserted chan *riverdriver.Notification
}

// insertTopic is river's name for notifications of jobs that became available.
const insertTopic = "river_insert"

func newDriver(of *riverpgxv5.Driver) *driver {
	return &driver{Driver: of, inserted: make(chan *riverdriver.Notification, 64)}
}

// wake has the workers of a queue look for jobs. When many wake-ups wait already, another one adds nothing.
func (d *driver) wake(queue string) {
	select {
	case d.inserted <- &riverdriver.Notification{Topic: insertTopic, Payload: `{"queue":"` + queue + `"}`}:
	default:
	}
}

// SupportsListener has river take notifications from GetListener.
func (d *driver) SupportsListener() bool { return true }

// SupportsListenNotify keeps river from sending NOTIFY.
func (d *driver) SupportsListenNotify() bool { return false }

// GetListener returns one that is notified in this process.
func (d *driver) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener {
	return &listener{inserted: d.inserted}
}

// listener hands on what this process notifies itself of.
type listener struct {
	inserted chan *riverdriver.Notification
}

// Close does nothing: there is no connection.
func (l *listener) Close(context.Context) error { return nil }

// Connect does nothing.
func (l *listener) Connect(context.Context) error { return nil }

// Listen does nothing.
func (l *listener) Listen(context.Context, string) error { return nil }

// Unlisten does nothing.
func (l *listener) Unlisten(context.Context, string) error { return nil }

// Ping does nothing.
func (l *listener) Ping(context.Context) error { return nil }

// Schema is the connection's own.
func (l *listener) Schema() string { return "" }

// SetAfterConnectExec is for river's tests.
func (l *listener) SetAfterConnectExec(string) {}

// WaitForNotification waits for the next one, or for ctx.
func (l *listener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case notification := <-l.inserted:
		return notification, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
