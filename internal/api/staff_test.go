package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

// permit sets what a member of staff may do, past the API.
func permit(t *testing.T, shop *shoptest.Shop, email string, permissions ...string) {
	t.Helper()
	_, err := shop.DB.Exec(t.Context(), "UPDATE users SET permissions = $2::text[] WHERE email = $1", email, append([]string{}, permissions...))
	require.NoError(t, err)
}

// invite asks somebody to look after orders.
func invite(t *testing.T, shop *shoptest.Shop, email string) client.Invitation {
	t.Helper()
	got, err := shop.Admin.InviteStaffWithResponse(t.Context(), client.StaffInvite{
		Email: email, Role: client.StaffRoleSTAFF, Permissions: []client.StaffPermission{client.StaffPermissionOrdersRead},
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, got.StatusCode(), string(got.Body))
	return *got.JSON201
}

// accepted is the answer to whoever accepts an invitation.
func accepted(t *testing.T, shop *shoptest.Shop, token string) *client.AcceptInvitationResponse {
	t.Helper()
	got, err := shop.Guest.AcceptInvitationWithResponse(t.Context(), client.InvitationAccept{
		Token: token, Password: shoptest.Password, FirstName: "Jane", LastName: "Roe",
	})
	require.NoError(t, err)
	return got
}

const inviteSubject = "You are invited to work at Demo shop"

func TestStaffAreInvitedManagedAndShutOut(t *testing.T) {
	t.Parallel()
	const email = "clerk@example.com"
	shop := shoptest.New(t)
	invitation := invite(t, shop, email)
	listed, err := shop.Admin.ListInvitationsWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, []client.Invitation{invitation}, listed.JSON200.Data)
	token := mailed(t, shop, email, inviteSubject)
	require.Equal(t, http.StatusNoContent, accepted(t, shop, token).StatusCode())
	require.Equal(t, "link_expired", accepted(t, shop, token).ApplicationProblemJSON422.Code)
	again, err := shop.Admin.InviteStaffWithResponse(t.Context(), client.StaffInvite{Email: email, Role: client.StaffRoleSTAFF})
	require.NoError(t, err)
	require.Equal(t, "already_staff", again.ApplicationProblemJSON409.Code)

	clerk := shop.As(shop.Login(email).AccessToken)
	orders := func() int {
		got, err := clerk.ListOrdersWithResponse(t.Context(), nil)
		require.NoError(t, err)
		return got.StatusCode()
	}
	require.Equal(t, http.StatusOK, orders())
	staff, err := shop.Admin.ListStaffWithResponse(t.Context(), &client.ListStaffParams{Limit: ptr[int32](1)})
	require.NoError(t, err)
	require.Len(t, staff.JSON200.Data, 1)
	require.NotNil(t, staff.JSON200.NextCursor)
	member := staff.JSON200.Data[0]
	require.Equal(t, email, member.Email)
	require.Equal(t, "Jane", member.FirstName)
	read, err := shop.Admin.GetStaffMemberWithResponse(t.Context(), member.ID)
	require.NoError(t, err)
	require.Equal(t, member, *read.JSON200)

	changed, err := shop.Admin.UpdateStaffMemberWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), member.ID, nil, client.StaffMemberPatch{
		Permissions: []client.StaffPermission{client.StaffPermissionReportsRead, client.StaffPermissionCatalogueRead},
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, changed.StatusCode(), string(changed.Body))
	require.Equal(t, []client.StaffPermission{client.StaffPermissionCatalogueRead, client.StaffPermissionReportsRead}, changed.JSON200.Permissions)
	require.Equal(t, http.StatusForbidden, orders(), "from the next request on, in the same session")
	none := send(t, shop, call{
		method: http.MethodPatch, path: "/staff/" + member.ID.String(), media: mergePatch, body: `{"permissions":[]}`,
		token: shop.Login("admin@example.com").AccessToken,
	})
	require.Equal(t, http.StatusOK, none.status, none.body)
	require.Contains(t, none.body, `"permissions":[]`)
	out, err := shop.Admin.DeactivateStaffMemberWithResponse(t.Context(), member.ID, nil)
	require.NoError(t, err)
	require.False(t, out.JSON200.IsActive)
	require.Equal(t, http.StatusUnauthorized, orders())
	in, err := shop.Admin.ReactivateStaffMemberWithResponse(t.Context(), member.ID, nil)
	require.NoError(t, err)
	require.True(t, in.JSON200.IsActive)
	require.Equal(t, http.StatusUnauthorized, orders(), "the session has ended")
	shop.Login(email)
}

func TestAnAdminCannotLeaveTheShopAlone(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	me, err := shop.Admin.GetProfileWithResponse(t.Context())
	require.NoError(t, err)
	changed, err := shop.Admin.UpdateStaffMemberWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), me.JSON200.ID, nil, client.StaffMemberPatch{Role: ptr(client.StaffRoleSTAFF)})
	require.NoError(t, err)
	require.Equal(t, "own_account", changed.ApplicationProblemJSON409.Code)
	out, err := shop.Admin.DeactivateStaffMemberWithResponse(t.Context(), me.JSON200.ID, nil)
	require.NoError(t, err)
	require.Equal(t, "own_account", out.ApplicationProblemJSON409.Code)
	all, err := shop.Admin.UpdateStaffMemberWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), me.JSON200.ID, nil, client.StaffMemberPatch{Permissions: []client.StaffPermission{client.StaffPermissionOrdersRead}})
	require.NoError(t, err)
	require.Equal(t, "not_for_admins", all.ApplicationProblemJSON422.Errors[0].Code)
}

func TestARevokedInvitationOpensNothing(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t)
	invitation := invite(t, shop, "clerk@example.com")
	token := mailed(t, shop, "clerk@example.com", inviteSubject)
	revoke := func() int {
		got, err := shop.Admin.RevokeInvitationWithResponse(t.Context(), invitation.ID, nil)
		require.NoError(t, err)
		return got.StatusCode()
	}
	require.Equal(t, http.StatusNoContent, revoke())
	require.Equal(t, http.StatusNotFound, revoke())
	require.Equal(t, http.StatusUnprocessableEntity, accepted(t, shop, token).StatusCode())
}

func TestWhoMayNotRefundCancelsOnlyWhatIsNotPaid(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	product := shop.Product(10)
	clerk := shop.User("clerk@example.com", auth.Staff)
	cancel := func(order client.Order) *client.CancelOrderResponse {
		got, err := clerk.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
		require.NoError(t, err)
		return got
	}
	unpaid, paid := shop.Order(1, product), shop.Order(1, product)
	_, err := shop.Pay(t.Context(), paid.ID, "pm_card_visa")
	require.NoError(t, err)
	permit(t, shop, "clerk@example.com", "orders:write")
	require.Equal(t, http.StatusOK, cancel(unpaid).StatusCode())
	require.Equal(t, http.StatusOK, cancel(unpaid).StatusCode(), "again changes nothing")
	before := contents(t, shop)
	require.Equal(t, "refund_forbidden", cancel(paid).ApplicationProblemJSON403.Code)
	require.Equal(t, before, contents(t, shop))
	require.Equal(t, client.OrderStatusCONFIRMED, shop.ReadOrder(paid.ID).Status)
	permit(t, shop, "clerk@example.com", "refunds:write")
	require.Equal(t, http.StatusNotFound, cancel(paid).StatusCode(), "it takes both: without orders:write an order is its shopper's alone")
	permit(t, shop, "clerk@example.com", "orders:write", "refunds:write")
	require.Equal(t, http.StatusOK, cancel(paid).StatusCode())
}
