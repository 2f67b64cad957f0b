package notify

import (
	"context"
	"fmt"
	"time"
)

// keepFor is how long it is known what became of a mail.
const keepFor = 90 * 24 * time.Hour

// Prune forgets what became of old mails.
type Prune struct{}

// Kind names the job.
func (Prune) Kind() string { return "mail_prune" }

func (s *Service) prune(ctx context.Context, _ Prune) error {
	if _, err := s.q.MailDeleteOlder(ctx, s.DB, s.Now().Add(-keepFor)); err != nil {
		return fmt.Errorf("forget what became of old mails: %w", err)
	}
	return nil
}
