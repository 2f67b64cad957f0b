package auth_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cartwright/internal/auth"
	"cartwright/internal/page"
)

// key makes one of somebody for these scopes.
func key(t *testing.T, service *auth.Service, who auth.Principal, scopes ...auth.Permission) (auth.APIKey, string) {
	t.Helper()
	made, secret, err := service.CreateAPIKey(t.Context(), who, auth.APIKeyCreate{Name: "warehouse", Scopes: scopes})
	require.NoError(t, err)
	return made, secret
}

func TestAKeyIsKeptAsAHashAndFoundByNothingElse(t *testing.T) {
	t.Parallel()
	service, db, _, admin := office(t)
	made, secret := key(t, service, admin, auth.OrdersRead)
	require.Regexp(t, `^ck_test_[A-Za-z0-9_-]{43}$`, secret, "256 random bits")
	require.Equal(t, secret[:14], made.Prefix)
	_, another := key(t, service, admin, auth.OrdersRead)
	require.NotEqual(t, secret, another)
	var row string
	var hash []byte
	require.NoError(t, db.QueryRow(t.Context(), `SELECT k::text, key_hash FROM api_keys k WHERE id = $1`, made.ID).Scan(&row, &hash))
	require.NotContains(t, row, secret[:20])
	sum := sha256.Sum256([]byte(secret))
	require.Equal(t, sum[:], hash)

	who, err := service.AuthenticateKey(t.Context(), secret)
	require.NoError(t, err)
	require.Equal(t, "key:"+made.ID.String(), who.String(), "it is told from who made it")
	require.Equal(t, admin.UserID, who.UserID)
	require.Equal(t, uuid.Nil, who.Customer())
	require.ErrorIs(t, who.Allow(auth.SignedIn), auth.ErrForbidden)
	last := "A"
	if strings.HasSuffix(secret, "A") {
		last = "Q"
	}
	for name, wrong := range map[string]string{
		"one letter off": secret[:len(secret)-1] + last, "cut": secret[:len(secret)-1], "longer": secret + "A", "its prefix": made.Prefix,
		"in another mode": "ck_live_" + secret[len("ck_test_"):], "bare": secret[len("ck_test_"):], "none": "", "its hash": string(hash),
		"an access token": login(t, service).AccessToken,
	} {
		_, err := service.AuthenticateKey(t.Context(), wrong)
		require.ErrorIs(t, err, auth.ErrToken, name)
	}
	_, err = service.Authenticate(t.Context(), secret)
	require.ErrorIs(t, err, auth.ErrToken, "it is no access token")
}

func TestAKeyOfAShopThatTriesThingsOutIsWorthNothingOnceItIsLive(t *testing.T) {
	t.Parallel()
	service, _, _, admin := office(t)
	_, tried := key(t, service, admin, auth.OrdersRead)
	live := *service
	live.LiveKeys = true
	_, secret := key(t, &live, admin, auth.OrdersRead)
	require.True(t, strings.HasPrefix(secret, "ck_live_"), secret[:8])
	_, err := live.AuthenticateKey(t.Context(), secret)
	require.NoError(t, err)
	_, err = live.AuthenticateKey(t.Context(), tried)
	require.ErrorIs(t, err, auth.ErrToken)
}

func TestAKeyEnds(t *testing.T) {
	t.Parallel()
	service, db, clock, admin := office(t)
	works := func(secret string) error {
		_, err := service.AuthenticateKey(t.Context(), secret)
		return err
	}
	made, secret := key(t, service, admin, auth.OrdersRead)
	require.NoError(t, works(secret))
	require.NoError(t, service.RevokeAPIKey(t.Context(), made.ID))
	require.ErrorIs(t, works(secret), auth.ErrToken, "revoked")
	require.ErrorIs(t, service.RevokeAPIKey(t.Context(), made.ID), auth.ErrNoKey)
	require.ErrorIs(t, service.RevokeAPIKey(t.Context(), uuid.New()), auth.ErrNoKey)

	at := clock.Now().Add(time.Hour)
	_, short, err := service.CreateAPIKey(t.Context(), admin, auth.APIKeyCreate{Name: "short", Scopes: []auth.Permission{auth.OrdersRead}, ExpiresAt: &at})
	require.NoError(t, err)
	clock.add(time.Hour - time.Second)
	require.NoError(t, works(short))
	clock.add(time.Second)
	require.ErrorIs(t, works(short), auth.ErrToken, "expired")
	_, _, err = service.CreateAPIKey(t.Context(), admin, auth.APIKeyCreate{Name: "late", Scopes: []auth.Permission{auth.OrdersRead}, ExpiresAt: &at})
	require.ErrorIs(t, err, auth.ErrKeyExpiry)

	chief := user(t, service, "chief@example.com", auth.Admin)
	_, theirs := key(t, service, signedIn(t, service, "admin@example.com", password), auth.OrdersRead)
	_, err = db.Exec(t.Context(), `UPDATE users SET is_active = false WHERE id = $1`, admin.UserID)
	require.NoError(t, err)
	require.ErrorIs(t, works(theirs), auth.ErrToken, "of somebody who is shut out")
	_, err = db.Exec(t.Context(), `UPDATE users SET is_active = true, role = 'customer' WHERE id = $1`, admin.UserID)
	require.NoError(t, err)
	require.ErrorIs(t, works(theirs), auth.ErrToken, "of somebody who works for the shop no longer")
	_, err = db.Exec(t.Context(), `UPDATE users SET role = 'admin' WHERE id = $1`, admin.UserID)
	require.NoError(t, err)
	require.NoError(t, works(theirs))
	_, err = service.DeactivateStaffMember(t.Context(), chief, admin.UserID)
	require.NoError(t, err)
	_, err = service.ReactivateStaffMember(t.Context(), chief, admin.UserID)
	require.NoError(t, err)
	require.ErrorIs(t, works(theirs), auth.ErrToken, "for good")
}

func TestAKeyMayWhatItsMakerStillMay(t *testing.T) {
	t.Parallel()
	service, _, _, admin := office(t)
	staff := user(t, service, "staff@example.com", auth.Staff)
	permit := func(permissions ...auth.Permission) {
		_, err := service.UpdateStaffMember(t.Context(), admin, staff.UserID, permitted(permissions...))
		require.NoError(t, err)
	}
	create := func(scopes ...auth.Permission) error {
		_, _, err := service.CreateAPIKey(t.Context(), staff, auth.APIKeyCreate{Name: "warehouse", Scopes: scopes})
		return err
	}
	require.ErrorIs(t, create(auth.OrdersRead), auth.ErrForbidden, "who may not make keys, whatever they were let in with")
	permit(auth.SettingsWrite, auth.OrdersRead, auth.OrdersWrite, auth.InventoryRead)
	require.ErrorIs(t, create(auth.OrdersRead, auth.RefundsWrite), auth.ErrScope)
	_, secret := key(t, service, staff, auth.OrdersRead, auth.OrdersWrite, auth.StaffManage)
	may := func(permission auth.Permission) error {
		who, err := service.AuthenticateKey(t.Context(), secret)
		require.NoError(t, err)
		return who.Allow(permission)
	}
	require.NoError(t, may(auth.OrdersWrite))
	require.ErrorIs(t, may(auth.InventoryRead), auth.ErrForbidden, "not all that who made it may")
	require.ErrorIs(t, may(auth.SettingsWrite), auth.ErrForbidden)
	require.ErrorIs(t, may(auth.StaffManage), auth.ErrForbidden)
	permit(auth.OrdersRead)
	require.NoError(t, may(auth.OrdersRead))
	require.ErrorIs(t, may(auth.OrdersWrite), auth.ErrForbidden, "what is left")

	_, secret = key(t, service, admin, append([]auth.Permission{auth.StaffManage}, auth.Permissions...)...)
	require.NoError(t, may(auth.SettingsWrite))
	require.ErrorIs(t, may(auth.StaffManage), auth.ErrForbidden, "an admin's key is no admin")
	who, err := service.AuthenticateKey(t.Context(), secret)
	require.NoError(t, err)
	_, _, err = service.CreateAPIKey(t.Context(), who, auth.APIKeyCreate{Name: "heir", Scopes: []auth.Permission{auth.OrdersRead}})
	require.ErrorIs(t, err, auth.ErrForbidden, "a key makes no keys")
	_, err = service.DeactivateStaffMember(t.Context(), admin, staff.UserID)
	require.NoError(t, err)
	require.ErrorIs(t, create(auth.OrdersRead), auth.ErrToken)
}

func TestTheUseOfAKeyIsWrittenOnceAMinute(t *testing.T) {
	t.Parallel()
	service, db, clock, admin := office(t)
	made, secret := key(t, service, admin, auth.OrdersRead)
	_, err := db.Exec(t.Context(), `
		CREATE TABLE written (at timestamptz);
		CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO written VALUES (NEW.last_used_at); RETURN NEW; END $$;
		CREATE TRIGGER note AFTER UPDATE ON api_keys FOR EACH ROW EXECUTE FUNCTION note()`)
	require.NoError(t, err)
	written := func() (count int) {
		require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM written`).Scan(&count))
		return count
	}
	ctx := context.WithoutCancel(t.Context())
	use := func() {
		together(10, func(int) {
			_, err := service.AuthenticateKey(ctx, secret)
			assert.NoError(t, err)
		})
	}
	use()
	require.Equal(t, 1, written())
	clock.add(59 * time.Second)
	use()
	require.Equal(t, 1, written())
	clock.add(time.Second)
	use()
	require.Equal(t, 2, written())
	listed, err := service.ListAPIKeys(t.Context(), page.Request{})
	require.NoError(t, err)
	require.Equal(t, made.ID, listed.Items[0].ID)
	require.Equal(t, clock.Now(), listed.Items[0].LastUsedAt.UTC())
}

func TestKeysAreListedAndHaveAnEnd(t *testing.T) {
	t.Parallel()
	service, _, clock, admin := office(t)
	var want []uuid.UUID
	for i := range 50 {
		if i%2 == 0 {
			clock.add(time.Second)
		}
		made, _ := key(t, service, admin, auth.OrdersRead)
		want = append(want, made.ID)
	}
	_, _, err := service.CreateAPIKey(t.Context(), admin, auth.APIKeyCreate{Name: "one more", Scopes: []auth.Permission{auth.OrdersRead}})
	require.ErrorIs(t, err, auth.ErrTooManyKeys)
	require.NoError(t, service.RevokeAPIKey(t.Context(), want[0]))
	made, _ := key(t, service, admin, auth.OrdersRead)
	want = append(want, made.ID)
	var got []uuid.UUID
	for request := (page.Request{Limit: 20}); ; {
		found, err := service.ListAPIKeys(t.Context(), request)
		require.NoError(t, err)
		for _, key := range found.Items {
			got = append(got, key.ID)
			require.Equal(t, key.ID == want[0], key.RevokedAt != nil, fmt.Sprint(key))
		}
		if request.Cursor = found.Next; found.Next == "" {
			break
		}
	}
	require.ElementsMatch(t, want, got, "each once, the revoked too")
}
