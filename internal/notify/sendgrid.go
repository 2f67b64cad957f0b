package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sendgrid/rest"
	"github.com/sendgrid/sendgrid-go"
	sgmail "github.com/sendgrid/sendgrid-go/helpers/mail"
)

// SendGrid sends through SendGrid's API.
type SendGrid struct {
	key, base string
	client    rest.Client
}

// sendGridTimeout bounds one request. It fits into an attempt of a job.
const sendGridTimeout = 20 * time.Second

// NewSendGrid makes a sender; base "" means SendGrid's own address.
func NewSendGrid(key, base string) *SendGrid {
	return &SendGrid{key: key, base: strings.TrimSuffix(base, "/"), client: rest.Client{HTTPClient: &http.Client{
		Timeout:       sendGridTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}}
}

// Send hands the message to SendGrid, which delivers it later.
func (s *SendGrid) Send(ctx context.Context, message Message) error {
	request := sendgrid.GetRequest(s.key, "/v3/mail/send", s.base)
	request.Method = rest.Post
	request.Body = sgmail.GetRequestBody(toSendGrid(message))
	answer, err := s.client.SendWithContext(ctx, request)
	if err != nil {
		return fmt.Errorf("ask SendGrid: %w", err)
	}
	return sendGridError(answer)
}

// toSendGrid writes the message. Links are not followed: they carry tokens, which are nobody else's.
func toSendGrid(message Message) *sgmail.SGMailV3 {
	written := sgmail.NewV3Mail()
	written.SetFrom(sgmail.NewEmail(message.From.Name, message.From.Address))
	written.Subject = message.Subject
	to := sgmail.NewPersonalization()
	to.AddTos(sgmail.NewEmail(message.To.Name, message.To.Address))
	written.AddPersonalizations(to)
	written.AddContent(sgmail.NewContent("text/plain", message.Text), sgmail.NewContent("text/html", message.HTML))
	written.SetHeader("Message-ID", "<"+message.ID+">")
	written.SetHeader("Auto-Submitted", "auto-generated") // RFC 3834: no machine answers
	written.SetCustomArg("message_id", message.ID)
	off := false
	tracking := sgmail.NewTrackingSettings()
	tracking.ClickTracking = &sgmail.ClickTrackingSetting{Enable: &off, EnableText: &off}
	tracking.OpenTracking = &sgmail.OpenTrackingSetting{Enable: &off}
	written.SetTrackingSettings(tracking)
	return written
}

// later are answers that another attempt may better: too many requests or too slow a one, and a key
// that whoever set up the shop may put right in time.
var later = []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusTooManyRequests}

// sendGridError is what the answer means, without SendGrid's words, which may repeat an address.
func sendGridError(answer *rest.Response) error {
	said := fmt.Sprintf("SendGrid answered %d%s", answer.StatusCode, blamed(answer.Body))
	switch {
	case answer.StatusCode >= 200 && answer.StatusCode < 300:
		return nil
	case answer.StatusCode >= 400 && answer.StatusCode < 500 && !slices.Contains(later, answer.StatusCode):
		return Refused(said)
	}
	return fmt.Errorf("%s", said)
}

// fieldName is a name such as personalizations.0.to.0.email.
var fieldName = regexp.MustCompile(`^[a-z0-9_.]{1,80}$`)

// blamed names the fields that SendGrid finds fault with.
func blamed(body string) (names string) {
	var answer struct {
		Errors []struct {
			Field string `json:"field"`
		} `json:"errors"`
	}
	_ = json.Unmarshal([]byte(body), &answer) // whatever it is, the status says enough
	for _, one := range answer.Errors {
		if fieldName.MatchString(one.Field) {
			names += " " + one.Field
		}
	}
	return names
}
