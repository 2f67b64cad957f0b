package auth_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cartwright/internal/auth"
	"cartwright/internal/errs"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

// user adds one and signs in.
func user(t *testing.T, service *auth.Service, email string, role auth.Role) auth.Principal {
	t.Helper()
	require.NoError(t, service.CreateUser(t.Context(), email, password, role))
	return signedIn(t, service, email, password)
}

// told is what an error says to whom it is answered.
func told(t *testing.T, err error) [2]string {
	t.Helper()
	var refused *errs.Error
	require.ErrorAs(t, err, &refused)
	return [2]string{refused.Code, refused.Message}
}

func signedIn(t *testing.T, service *auth.Service, email, password string) auth.Principal {
	t.Helper()
	pair, err := service.Login(t.Context(), auth.Login{Email: email, Password: password})
	require.NoError(t, err)
	who, err := service.Authenticate(t.Context(), pair.AccessToken)
	require.NoError(t, err)
	return who
}

func admins(t *testing.T, db *postgres.DB) (count int) {
	t.Helper()
	require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM users WHERE role = 'admin' AND is_active`).Scan(&count))
	return count
}

func roleOf(role auth.Role) auth.MemberChange { return auth.MemberChange{Role: &role} }

func permitted(permissions ...auth.Permission) auth.MemberChange {
	return auth.MemberChange{Permissions: &permissions}
}

func TestWhatStaffMayDoChangesAtOnce(t *testing.T) {
	t.Parallel()
	service, _, clock := setup(t)
	admin := user(t, service, "admin@example.com", auth.Admin)
	require.NoError(t, service.CreateUser(t.Context(), "staff@example.com", password, auth.Staff))
	pair, err := service.Login(t.Context(), auth.Login{Email: "staff@example.com", Password: password})
	require.NoError(t, err)
	now := func() auth.Principal {
		who, err := service.Authenticate(t.Context(), pair.AccessToken)
		require.NoError(t, err)
		return who
	}
	clock.add(time.Minute)
	member, err := service.UpdateStaffMember(t.Context(), admin, now().UserID,
		permitted(auth.ReportsRead, auth.RefundsWrite, auth.ReportsRead, auth.StaffManage, "nonsense"))
	require.NoError(t, err)
	require.Equal(t, []auth.Permission{auth.RefundsWrite, auth.ReportsRead}, member.Permissions, "each once, and only those there are")
	require.Equal(t, clock.Now(), member.UpdatedAt.UTC())
	require.NoError(t, now().Allow(auth.RefundsWrite))
	require.ErrorIs(t, now().Allow(auth.OrdersRead), auth.ErrForbidden)

	member, err = service.UpdateStaffMember(t.Context(), admin, member.ID, roleOf(auth.Admin))
	require.NoError(t, err)
	require.Equal(t, auth.Permissions, member.Permissions)
	require.NoError(t, now().Allow(auth.StaffManage))
	_, err = service.UpdateStaffMember(t.Context(), admin, member.ID, permitted(auth.OrdersRead))
	require.ErrorIs(t, err, auth.ErrAdminHasAll)

	member, err = service.UpdateStaffMember(t.Context(), admin, member.ID, roleOf(auth.Staff))
	require.NoError(t, err)
	require.Empty(t, member.Permissions, "what came with the role goes with it")
	require.ErrorIs(t, now().Allow(auth.SettingsWrite), auth.ErrForbidden)
	require.ErrorIs(t, now().Allow(auth.StaffManage), auth.ErrForbidden)
}

func TestManagingStaffCannotBeGivenToAnybody(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	user(t, service, "staff@example.com", auth.Staff)
	_, err := db.Exec(t.Context(), `UPDATE users SET permissions = '{staff:manage}' WHERE role = 'staff'`)
	require.NoError(t, err)
	staff := signedIn(t, service, "staff@example.com", password)
	require.ErrorIs(t, staff.Allow(auth.StaffManage), auth.ErrForbidden)
	_, err = service.UpdateStaffMember(t.Context(), staff, staff.UserID, roleOf(auth.Admin))
	require.ErrorIs(t, err, auth.ErrForbidden, "nor does the service believe who asks")
}

func TestADeactivatedMemberIsOutAtOnceAndForGood(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	admin := user(t, service, "admin@example.com", auth.Admin)
	require.NoError(t, service.CreateUser(t.Context(), "staff@example.com", password, auth.Staff))
	pair, err := service.Login(t.Context(), auth.Login{Email: "staff@example.com", Password: password})
	require.NoError(t, err)
	staff, err := service.Authenticate(t.Context(), pair.AccessToken)
	require.NoError(t, err)
	require.NoError(t, service.RequestReset(t.Context(), "staff@example.com"))
	reset := last(t, service, db, auth.ResetForgotten)

	for range 2 {
		member, err := service.DeactivateStaffMember(t.Context(), admin, staff.UserID)
		require.NoError(t, err)
		require.False(t, member.IsActive)
	}
	refused := func(why string) {
		t.Helper()
		_, err := service.Authenticate(t.Context(), pair.AccessToken)
		require.ErrorIs(t, err, auth.ErrToken, why)
		_, err = service.Refresh(t.Context(), pair.RefreshToken)
		require.ErrorIs(t, err, auth.ErrToken, why)
		require.ErrorIs(t, service.ResetPassword(t.Context(), auth.Reset{Token: reset.Token, Password: other}), auth.ErrLink, why)
	}
	refused("deactivated")
	_, err = service.Login(t.Context(), auth.Login{Email: "staff@example.com", Password: password})
	require.ErrorIs(t, err, auth.ErrCredentials)

	member, err := service.ReactivateStaffMember(t.Context(), admin, staff.UserID)
	require.NoError(t, err)
	require.True(t, member.IsActive)
	refused("what was ended stays so")
	signedIn(t, service, "staff@example.com", password)
}

func TestNobodyChangesWhatTheyMayDoThemselves(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	admin := user(t, service, "admin@example.com", auth.Admin)
	_, err := service.DeactivateStaffMember(t.Context(), admin, admin.UserID)
	require.ErrorIs(t, err, auth.ErrOwnAccount)
	_, err = service.UpdateStaffMember(t.Context(), admin, admin.UserID, roleOf(auth.Staff))
	require.ErrorIs(t, err, auth.ErrOwnAccount)
	_, err = service.UpdateStaffMember(t.Context(), admin, admin.UserID, roleOf(auth.Admin))
	require.NoError(t, err, "it changes nothing")
	require.Equal(t, 1, admins(t, db))
	for name, id := range map[string]uuid.UUID{"nobody": uuid.New(), "a customer": me(t, service).UserID} {
		_, err = service.DeactivateStaffMember(t.Context(), admin, id)
		require.ErrorIs(t, err, auth.ErrNoMember, name)
		_, err = service.StaffMember(t.Context(), id)
		require.ErrorIs(t, err, auth.ErrNoMember, name)
	}
}

func TestTwoAdminsCannotRemoveEachOther(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	ctx := context.WithoutCancel(t.Context())
	for round := range 10 {
		var all []auth.Principal
		for i := range 4 {
			all = append(all, user(t, service, fmt.Sprintf("admin-%d-%d@example.com", round, i), auth.Admin))
		}
		var removed atomic.Int32
		together(len(all), func(i int) {
			target := all[(i+1)%len(all)].UserID
			var err error
			if i%2 == 0 {
				_, err = service.DeactivateStaffMember(ctx, all[i], target)
			} else {
				_, err = service.UpdateStaffMember(ctx, all[i], target, roleOf(auth.Staff))
			}
			if err == nil {
				removed.Add(1)
				return
			}
			assert.True(t, errors.Is(err, auth.ErrToken) || errors.Is(err, auth.ErrForbidden), "%v", err)
		})
		require.Equal(t, len(all)-int(removed.Load()), admins(t, db))
		require.Positive(t, admins(t, db))
		_, err := db.Exec(t.Context(), `UPDATE users SET is_active = false WHERE role = 'admin'`)
		require.NoError(t, err)
	}
}

func TestStaffAreListedOnceNewestFirst(t *testing.T) {
	t.Parallel()
	service, _, clock := setup(t)
	var want []string
	for i := range 7 {
		clock.add(time.Duration(i%2) * time.Second) // two at one time
		email := fmt.Sprintf("staff-%d@example.com", i)
		require.NoError(t, service.CreateUser(t.Context(), email, password, auth.Staff))
		want = append(want, email)
	}
	var got []string
	for request := (page.Request{Limit: 3}); ; {
		found, err := service.ListStaff(t.Context(), request)
		require.NoError(t, err)
		for _, member := range found.Items {
			got = append(got, member.Email)
		}
		if request.Cursor = found.Next; found.Next == "" {
			break
		}
	}
	require.ElementsMatch(t, want, got, "each once, and no customer")
	require.Contains(t, want[5:], got[0])
	_, err := service.ListStaff(t.Context(), page.Request{Cursor: "nonsense"})
	require.ErrorIs(t, err, page.ErrCursor)
}
