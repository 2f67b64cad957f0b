package notify

import (
	"context"
	"errors"
	"net/mail"
)

// Message is a mail as it goes out.
type Message struct {
	ID      string // of its Message-ID header, without the angle brackets
	From    mail.Address
	To      mail.Address
	Subject string
	HTML    string
	Text    string
}

// Sender hands a message to whoever delivers it. Its errors may be logged and kept: they contain
// nothing of the message and nothing that an answer repeats of it. Refused marks an answer that
// trying again would not change.
type Sender interface {
	Send(ctx context.Context, message Message) error
}

// Refused is the error of a message that will never be taken, for this reason.
func Refused(reason string) error { return &refusal{reason} }

type refusal struct{ reason string }

func (r *refusal) Error() string { return "refused: " + r.reason }

// isRefusal tells a refusal and its reason.
func isRefusal(err error) (reason string, refused bool) {
	var r *refusal
	if errors.As(err, &r) {
		return r.reason, true
	}
	return "", false
}
