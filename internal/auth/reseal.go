package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Reseal is the job of sealing anew what former secrets of the shop have sealed, so that those can be forgotten.
type Reseal struct{}

// Kind names the job.
func (Reseal) Kind() string { return "auth_reseal" }

// resealAtOnce is how many factors are read at a time.
const resealAtOnce = 100

// Reseal works the job. What no known secret opens stays as it is: the former secret may come back.
func (s *Service) Reseal(ctx context.Context, _ Reseal) error {
	closed, after := 0, uuid.Nil
	for {
		users, err := s.q.FactorListStale(ctx, s.db, db.FactorListStaleParams{After: after, Mark: s.box.Mark(), PageLimit: resealAtOnce})
		if err != nil {
			return fmt.Errorf("find what former secrets sealed: %w", err)
		}
		for _, user := range users {
			opened, err := s.reseal(ctx, user)
			if err != nil {
				return err
			}
			if !opened {
				closed++
			}
			after = user
		}
		if len(users) < resealAtOnce {
			break
		}
	}
	if closed > 0 {
		s.Logger.ErrorContext(ctx, "second factors cannot be read: set JWT_SECRET_PREVIOUS to the secret that sealed them, or reset them", "count", closed)
	}
	return nil
}

// reseal seals a factor anew; opened is false when no known secret opens it.
func (s *Service) reseal(ctx context.Context, user uuid.UUID) (opened bool, err error) {
	opened = true
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		factor, err := s.q.FactorGetForUpdate(ctx, tx, user)
		if postgres.IsMissing(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the second factor: %w", err)
		}
		secret, err := s.openSecret(user, factor.Secret)
		if err != nil {
			opened = false
			return nil
		}
		sealed, err := s.sealSecret(user, secret)
		if err != nil {
			return err
		}
		return s.q.FactorReseal(ctx, tx, db.FactorResealParams{UserID: user, Secret: sealed})
	})
	return opened, err
}
