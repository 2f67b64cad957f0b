package notify

import (
	"context"
	"fmt"

	"cartwright/internal/auth"
)

// sendLetter sends what auth owes to an address, unless it is not owed any more.
func (s *Service) sendLetter(ctx context.Context, job auth.SendLetter) error {
	letter, owed, err := s.Auth.Write(ctx, job.LetterID)
	if err != nil || !owed {
		return err
	}
	content, err := toContent(letter)
	if err != nil {
		return err
	}
	if err := s.Send(ctx, Mail{To: Recipient{Address: letter.Email}, About: letter.ID, Content: content}); err != nil {
		return err
	}
	return s.Auth.Sent(ctx, letter)
}

// toContent says what a letter says.
func toContent(letter auth.Letter) (Content, error) {
	lasts := letter.Purpose.Lasts()
	switch letter.Purpose {
	case auth.VerifyAddress:
		return VerifyEmail{Token: letter.Token, ExpiresIn: lasts}, nil
	case auth.AccountExists:
		return AccountExists{}, nil
	case auth.ResetForgotten:
		return ResetPassword{Token: letter.Token, ExpiresIn: lasts}, nil
	case auth.ChangeAddress:
		return EmailChange{Token: letter.Token, ExpiresIn: lasts}, nil
	case auth.NewPassword:
		return PasswordChanged{}, nil
	case auth.AddressChanged:
		return EmailChanged{}, nil
	case auth.InviteToStaff:
		return Invitation{Token: letter.Token, ExpiresIn: lasts}, nil
	case auth.FactorAdded:
		return SecondFactorAdded{}, nil
	case auth.FactorRemoved:
		return SecondFactorRemoved{}, nil
	case auth.RecoveryUsed:
		return RecoveryCodeUsed{}, nil
	}
	return nil, fmt.Errorf("a letter of purpose %s has no template", letter.Purpose)
}
