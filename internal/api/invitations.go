package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/auth"
)

// ListInvitations lists those that wait for an answer, the newest first.
func (s staffing) ListInvitations(
	ctx context.Context, _ oapi.ListInvitationsRequestObject,
) (oapi.ListInvitationsResponseObject, error) {
	invitations, err := s.auth.ListInvitations(ctx)
	if err != nil {
		return nil, err
	}
	return oapi.ListInvitations200JSONResponse{Data: toSlice(invitations, toInvitation)}, nil
}

// InviteStaff mails somebody an invitation.
func (s staffing) InviteStaff(
	ctx context.Context, request oapi.InviteStaffRequestObject,
) (oapi.InviteStaffResponseObject, error) {
	invitation, err := s.auth.InviteStaff(ctx, principal(ctx), auth.Invite{
		Email: request.Body.Email, Role: fromStaffRole(request.Body.Role), Permissions: fromStaffPermissions(request.Body.Permissions),
	})
	if err != nil {
		return nil, err
	}
	return oapi.InviteStaff201JSONResponse(toInvitation(invitation)), nil
}

// RevokeInvitation takes one back.
func (s staffing) RevokeInvitation(
	ctx context.Context, request oapi.RevokeInvitationRequestObject,
) (oapi.RevokeInvitationResponseObject, error) {
	if err := s.auth.RevokeInvitation(ctx, principal(ctx), request.InvitationID); err != nil {
		return nil, err
	}
	return oapi.RevokeInvitation204Response{}, nil
}

// AcceptInvitation has whoever got one join the staff.
func (s staffing) AcceptInvitation(
	ctx context.Context, request oapi.AcceptInvitationRequestObject,
) (oapi.AcceptInvitationResponseObject, error) {
	err := s.auth.AcceptInvitation(ctx, auth.Accept{
		Token: request.Body.Token, Password: request.Body.Password,
		FirstName: request.Body.FirstName, LastName: request.Body.LastName,
	})
	if err != nil {
		return nil, err
	}
	return oapi.AcceptInvitation204Response{}, nil
}

func toInvitation(i auth.Invitation) oapi.Invitation {
	return oapi.Invitation{
		ID:          i.ID,
		Email:       i.Email,
		Role:        toStaffRole(i.Role),
		Permissions: toSlice(i.Permissions, toStaffPermission),
		InvitedBy:   i.InvitedBy,
		CreatedAt:   i.CreatedAt.UTC(),
		ExpiresAt:   i.ExpiresAt.UTC(),
	}
}
