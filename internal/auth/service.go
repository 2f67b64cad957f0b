package auth

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/emails"
	"cartwright/internal/jobs"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
	"cartwright/internal/seal"
)

// Config is what auth works with.
type Config struct {
	DB *postgres.DB
	// Secrets sign the access tokens: the first signs, and what the others signed is good until it expires.
	Secrets [][]byte
	Jobs    *jobs.Queue
	// LiveKeys has API keys begin with ck_live_, and those that begin with ck_test_ be worth nothing; else the other way
	// round. A shop is live when its payments are, which its Stripe key tells; dev mode never is.
	LiveKeys bool
	// HashCost is what hashing a password takes; the zero value is what passwords deserve, tests take less.
	HashCost HashCost
	// Issuer names the shop in the app that makes the codes of a second factor.
	Issuer string
	// Require says who may do little without a second factor; the zero value asks nobody.
	Require Requirement
	Logger  *slog.Logger // nil says nothing
	// OnStaffSignIn joins the transaction in which somebody who works for the shop signs in; it may be nil.
	OnStaffSignIn func(ctx context.Context, tx pgx.Tx, user uuid.UUID) error
	// OnVerified joins the transaction in which somebody proves that an address is theirs; it may be nil.
	OnVerified func(ctx context.Context, tx pgx.Tx, email string, user uuid.UUID) error
	Now        func() time.Time
}

// Service signs users in.
type Service struct {
	Config
	db     *postgres.DB
	q      *db.Queries
	hasher *hasher
	signer signer
	pages  page.Codec
	box    *seal.Box // of the secrets of second factors
	now    func() time.Time
}

// New makes a service.
func New(config Config) (*Service, error) {
	hasher, err := newHasher(config.HashCost)
	if err != nil {
		return nil, err
	}
	box, err := seal.New("second factors", config.Secrets)
	if err != nil {
		return nil, err
	}
	config.Issuer = cmp.Or(config.Issuer, issuer)
	config.Logger = cmp.Or(config.Logger, slog.New(slog.DiscardHandler))
	return &Service{
		Config: config, db: config.DB, q: db.New(), hasher: hasher, box: box, now: config.Now,
		signer: newSigner(config.Now, config.Secrets), pages: page.NewCodec(config.Secrets...),
	}, nil
}

// PasswordHashes is how many passwords were hashed or compared since the start.
func (s *Service) PasswordHashes() int64 { return s.hasher.turns.Load() }

// Login says who wants to sign in.
type Login struct {
	Email, Password string
	Code            string // of the second factor; may be empty, also where there is one
	Device          string // what the program says of itself; kept for the session's owner
	Network         string // where it asks from, to be known there; may be empty
}

// Login signs a user in; ErrCredentials whatever is wrong with them, ErrBusy when too many sign in at once. Who has not
// verified their address yet cannot sign in, in the same words: else registering and signing in would tell whether an
// address had an account before. Whether an account has a second factor is asked once its password was right, and not
// before: ErrSecondFactor, ErrSignInCode, ErrTries.
func (s *Service) Login(ctx context.Context, login Login) (pair TokenPair, err error) {
	user, err := s.q.UserGetByEmail(ctx, s.db, emails.Key(login.Email))
	if err != nil && !postgres.IsMissing(err) {
		return TokenPair{}, fmt.Errorf("find the user: %w", err)
	}
	matches, err := s.hasher.matches(ctx, login.Password, user.PasswordHash)
	if err != nil {
		return TokenPair{}, fmt.Errorf("compare the password: %w", err)
	}
	if !matches || !user.IsActive || !user.EmailVerified {
		return TokenPair{}, ErrCredentials.Wrap(&Attempt{User: user.ID})
	}
	compared := user.PasswordHash
	if s.hasher.outdated(compared) {
		if compared, err = s.rehash(ctx, user.ID, login.Password, compared); err != nil {
			return TokenPair{}, err
		}
	}
	return s.admit(ctx, opening{user: user.ID, compared: compared, device: login.Device, network: login.Network, proof: Proof{Code: login.Code}})
}

// rehash stores a password that was right with today's parameters, and answers the hash that stands now: another
// sign-in may have been faster, or a change of the password, which openSessionTx notices.
func (s *Service) rehash(ctx context.Context, user uuid.UUID, password, old string) (string, error) {
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return "", fmt.Errorf("hash the password anew: %w", err)
	}
	changed, err := s.q.UserSetPassword(ctx, s.db, db.UserSetPasswordParams{ID: user, PasswordHash: hash, OldHash: old, Now: s.now()})
	if err != nil {
		return "", fmt.Errorf("store the password anew: %w", err)
	}
	if changed > 0 {
		return hash, nil
	}
	now, err := s.q.UserGet(ctx, s.db, user)
	if err != nil {
		return "", fmt.Errorf("read the user: %w", err)
	}
	matches, err := s.hasher.matches(ctx, password, now.PasswordHash)
	if err == nil && !matches {
		err = ErrCredentials
	}
	return now.PasswordHash, err
}

// opening is what a session stands on: the user, the password hash that theirs was compared with, and what shows their
// second factor.
type opening struct {
	user     uuid.UUID
	compared string
	device   string
	network  string // to be known from now on; "" where it is not known which
	proof    Proof
}

// openSessionTx opens a session; ErrCredentials when the password has changed since it was compared, or the account was
// deactivated: whoever ended its sessions meant this one, too. ErrSecondFactor, ErrSignInCode where the account has a
// second factor that the proof does not show: there is no other way into an account.
func (s *Service) openSessionTx(ctx context.Context, tx pgx.Tx, o opening) (TokenPair, error) {
	user, err := s.q.UserGetForShare(ctx, tx, o.user)
	switch {
	case postgres.IsMissing(err), err == nil && (user.PasswordHash != o.compared || !user.IsActive):
		return TokenPair{}, ErrCredentials
	case err != nil:
		return TokenPair{}, fmt.Errorf("read the user: %w", err)
	}
	if err := s.factorShownTx(ctx, tx, o); err != nil {
		return TokenPair{}, err
	}
	session := uuid.Must(uuid.NewV7())
	err = s.q.SessionCreate(ctx, tx, db.SessionCreateParams{
		ID: session, UserID: o.user, Device: cut(o.device), Network: o.network, Now: s.now(), ExpiresAt: s.now().Add(refreshTTL),
	})
	if err != nil {
		return TokenPair{}, fmt.Errorf("open the session: %w", err)
	}
	if err := s.knowTx(ctx, tx, o.user, o.network); err != nil {
		return TokenPair{}, err
	}
	if s.OnStaffSignIn != nil && Role(user.Role) != Customer {
		if err := s.OnStaffSignIn(ctx, tx, o.user); err != nil {
			return TokenPair{}, err
		}
	}
	return s.issue(ctx, tx, bearer{o.user, session})
}

// maxDevice is how much is kept of what a program says of itself.
const maxDevice = 200

// cut is what can be stored of a text that anybody may have written.
func cut(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "")
	if len(text) > maxDevice {
		text = strings.ToValidUTF8(text[:maxDevice], "")
	}
	return text
}

// Refresh exchanges a refresh token for a new pair; ErrToken when it is not valid. One that was
// used before ends its whole family: either its owner or a thief holds a copy.
func (s *Service) Refresh(ctx context.Context, token string) (TokenPair, error) {
	return s.refresh(ctx, token, func(uuid.UUID) error { return nil })
}

// RefreshCookie is Refresh for a token that a browser sent by itself: the page proves with the session's CSRF token that
// it asked for that. ErrCSRF leaves the refresh token as it was.
func (s *Service) RefreshCookie(ctx context.Context, token, csrf string) (TokenPair, error) {
	return s.refresh(ctx, token, func(session uuid.UUID) error { return s.CheckCSRF(session, csrf) })
}

func (s *Service) refresh(ctx context.Context, token string, may func(session uuid.UUID) error) (pair TokenPair, err error) {
	var reused *Attempt
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		row, err := s.q.RefreshTokenGetForUpdate(ctx, tx, hashToken(token))
		if postgres.IsMissing(err) {
			return ErrToken
		}
		if err != nil {
			return fmt.Errorf("read the refresh token: %w", err)
		}
		if err := may(row.FamilyID); err != nil {
			return err
		}
		if reused = nil; row.UsedAt != nil {
			reused = &Attempt{User: row.UserID, Reused: true}
			return s.endSessionTx(ctx, tx, row.FamilyID)
		}
		user, err := s.q.UserGet(ctx, tx, row.UserID)
		if err != nil {
			return fmt.Errorf("read the user: %w", err)
		}
		if row.RevokedAt != nil || !row.ExpiresAt.After(s.now()) || !user.IsActive {
			return ErrToken
		}
		if err := s.q.RefreshTokenMarkUsed(ctx, tx, db.RefreshTokenMarkUsedParams{ID: row.ID, Now: s.now()}); err != nil {
			return fmt.Errorf("use the refresh token: %w", err)
		}
		lasts, err := s.q.SessionExtend(ctx, tx, db.SessionExtendParams{
			ID: row.FamilyID, Now: s.now(), ExpiresAt: s.now().Add(refreshTTL), OpenedAfter: s.now().Add(-sessionTTL),
		})
		if err != nil {
			return fmt.Errorf("extend the session: %w", err)
		}
		if lasts == 0 {
			return ErrToken
		}
		pair, err = s.issue(ctx, tx, bearer{user.ID, row.FamilyID})
		return err
	})
	if err == nil && reused != nil {
		err = ErrToken.Wrap(reused)
	}
	return pair, err
}

// endSessionTx ends a session and its refresh tokens.
func (s *Service) endSessionTx(ctx context.Context, tx pgx.Tx, session uuid.UUID) error {
	if err := s.q.SessionEnd(ctx, tx, db.SessionEndParams{ID: session, Now: s.now()}); err != nil {
		return fmt.Errorf("end the session: %w", err)
	}
	err := s.q.RefreshFamilyRevoke(ctx, tx, db.RefreshFamilyRevokeParams{FamilyID: session, Now: s.now()})
	if err != nil {
		return fmt.Errorf("revoke the refresh tokens: %w", err)
	}
	return nil
}

// issue makes a pair of tokens of a session.
func (s *Service) issue(ctx context.Context, tx pgx.Tx, b bearer) (TokenPair, error) {
	access, err := s.signer.sign(b)
	if err != nil {
		return TokenPair{}, fmt.Errorf("sign the access token: %w", err)
	}
	refresh, hash := newToken()
	err = s.q.RefreshTokenCreate(ctx, tx, db.RefreshTokenCreateParams{
		ID: uuid.Must(uuid.NewV7()), UserID: b.user, FamilyID: b.session, TokenHash: hash,
		Now: s.now(), ExpiresAt: s.now().Add(refreshTTL),
	})
	if err != nil {
		return TokenPair{}, fmt.Errorf("store the refresh token: %w", err)
	}
	return TokenPair{
		AccessToken: access, RefreshToken: refresh, ExpiresIn: accessTTL, RefreshIn: refreshTTL,
		CSRFToken: csrfOf(s.signer.keys[0], b.session),
	}, nil
}

// Authenticate reads an access token and asks what its bearer may do now; ErrToken, also once the session has ended
// or the account is not active any more.
func (s *Service) Authenticate(ctx context.Context, token string) (Principal, error) {
	b, err := s.signer.parse(token)
	if err != nil {
		return Principal{}, err
	}
	return s.inSession(ctx, b)
}

// Again asks what somebody who asked before may do by now; ErrToken once their session has ended, their key is revoked or
// expired, or the account is not active any more.
func (s *Service) Again(ctx context.Context, who Principal) (Principal, error) {
	switch {
	case who.IsGuest():
		return who, nil
	case who.KeyID != uuid.Nil:
		row, err := s.q.APIKeyUserByID(ctx, s.db, db.APIKeyUserByIDParams{ID: who.KeyID, Now: s.now()})
		return byKey(db.APIKeyUserRow(row), err)
	}
	return s.inSession(ctx, bearer{who.UserID, who.SessionID})
}

// inSession is whom a session speaks for, while it lasts.
func (s *Service) inSession(ctx context.Context, b bearer) (Principal, error) {
	user, err := s.q.SessionUser(ctx, s.db, db.SessionUserParams{ID: b.session, Now: s.now()})
	switch {
	case postgres.IsMissing(err), err == nil && user.ID != b.user:
		return Principal{}, ErrToken
	case err != nil:
		return Principal{}, fmt.Errorf("read the session: %w", err)
	}
	return Principal{
		UserID: user.ID, Role: Role(user.Role), SessionID: b.session, Permissions: fromNames(user.Permissions),
		FactorMissing: user.WithoutFactor && s.Require.of(Role(user.Role)),
	}, nil
}

// fromNames reads permissions as they are stored.
func fromNames(names []string) []Permission {
	permissions := make([]Permission, len(names))
	for i, name := range names {
		permissions[i] = Permission(name)
	}
	return permissions
}

// toNames is how permissions are stored.
func toNames(permissions []Permission) []string {
	names := make([]string, len(permissions))
	for i, permission := range permissions {
		names[i] = string(permission)
	}
	return names
}

// CreateUser adds a user with a role, staff with the usual permissions, whose address counts as proven; ErrEmailTaken,
// ErrEmail, ErrWeak, ErrBusy. A registration of the address that was never verified gives way.
func (s *Service) CreateUser(ctx context.Context, email, password string, role Role) error {
	email, err := parse(email)
	if err != nil {
		return err
	}
	if err := acceptable(password, email); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	var permissions []Permission
	if role == Staff {
		permissions = usual
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		user, err := s.q.UserCreate(ctx, tx, db.UserCreateParams{
			ID: uuid.Must(uuid.NewV7()), Email: email, PasswordHash: hash, Role: string(role),
			Permissions: toNames(permissions), Now: s.now(),
		})
		switch {
		case postgres.IsMissing(err):
			return ErrEmailTaken
		case err != nil:
			return fmt.Errorf("create the user: %w", err)
		}
		return s.forgetLettersTx(ctx, tx, user, "") // of whoever registered with the address
	})
}

// IsAdmin tells whether an admin has proven to have this address, and may sign in.
func (s *Service) IsAdmin(ctx context.Context, email string) (bool, error) {
	user, err := s.q.UserGetByEmail(ctx, s.db, emails.Key(email))
	if postgres.IsMissing(err) {
		return false, nil
	}
	return err == nil && user.EmailVerified && user.IsActive && Role(user.Role) == Admin, err
}

// HasUser tells whether somebody has proven to have this address: who only registered with it is nobody yet.
func (s *Service) HasUser(ctx context.Context, email string) (bool, error) {
	user, err := s.q.UserGetByEmail(ctx, s.db, emails.Key(email))
	if postgres.IsMissing(err) {
		return false, nil
	}
	return err == nil && user.EmailVerified, err
}
