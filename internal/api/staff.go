package api

import (
	"context"
	"strings"

	"cartwright/gen/oapi"
	"cartwright/internal/auth"
)

// staffing is who works for the shop.
type staffing struct{ auth *auth.Service }

// ListStaff pages through those who work for the shop or did, who joined last first.
func (s staffing) ListStaff(ctx context.Context, request oapi.ListStaffRequestObject) (oapi.ListStaffResponseObject, error) {
	found, err := s.auth.ListStaff(ctx, fromPage(request.Params.Limit, request.Params.Cursor))
	if err != nil {
		return nil, err
	}
	return oapi.ListStaff200JSONResponse{Data: toSlice(found.Items, toStaffMember), NextCursor: optionalText(found.Next)}, nil
}

// GetStaffMember reads one of them.
func (s staffing) GetStaffMember(
	ctx context.Context, request oapi.GetStaffMemberRequestObject,
) (oapi.GetStaffMemberResponseObject, error) {
	member, err := s.auth.StaffMember(ctx, request.StaffID)
	if err != nil {
		return nil, err
	}
	return oapi.GetStaffMember200JSONResponse(toStaffMember(member)), nil
}

// UpdateStaffMember changes what one may do.
func (s staffing) UpdateStaffMember(
	ctx context.Context, request oapi.UpdateStaffMemberRequestObject,
) (oapi.UpdateStaffMemberResponseObject, error) {
	var change auth.MemberChange
	if role := request.Body.Role; role != nil {
		wanted := fromStaffRole(*role)
		change.Role = &wanted
	}
	if given := request.Body.Permissions; given != nil {
		wanted := fromStaffPermissions(given)
		change.Permissions = &wanted
	}
	member, err := s.auth.UpdateStaffMember(ctx, principal(ctx), request.StaffID, change)
	if err != nil {
		return nil, err
	}
	return oapi.UpdateStaffMember200JSONResponse(toStaffMember(member)), nil
}

// DeactivateStaffMember shuts one out.
func (s staffing) DeactivateStaffMember(
	ctx context.Context, request oapi.DeactivateStaffMemberRequestObject,
) (oapi.DeactivateStaffMemberResponseObject, error) {
	member, err := s.auth.DeactivateStaffMember(ctx, principal(ctx), request.StaffID)
	if err != nil {
		return nil, err
	}
	return oapi.DeactivateStaffMember200JSONResponse(toStaffMember(member)), nil
}

// ReactivateStaffMember lets one in again.
func (s staffing) ReactivateStaffMember(
	ctx context.Context, request oapi.ReactivateStaffMemberRequestObject,
) (oapi.ReactivateStaffMemberResponseObject, error) {
	member, err := s.auth.ReactivateStaffMember(ctx, principal(ctx), request.StaffID)
	if err != nil {
		return nil, err
	}
	return oapi.ReactivateStaffMember200JSONResponse(toStaffMember(member)), nil
}

func toStaffMember(m auth.Member) oapi.StaffMember {
	return oapi.StaffMember{
		ID:          m.ID,
		Email:       m.Email,
		FirstName:   m.FirstName,
		LastName:    m.LastName,
		Role:        toStaffRole(m.Role),
		Permissions: toSlice(m.Permissions, toStaffPermission),
		IsActive:    m.IsActive,
		CreatedAt:   m.CreatedAt.UTC(),
		UpdatedAt:   m.UpdatedAt.UTC(),
	}
}

func fromStaffRole(role oapi.StaffRole) auth.Role { return auth.Role(strings.ToLower(string(role))) }

func toStaffRole(role auth.Role) oapi.StaffRole { return oapi.StaffRole(strings.ToUpper(string(role))) }

func fromStaffPermissions(given []oapi.StaffPermission) []auth.Permission {
	return toSlice(given, func(p oapi.StaffPermission) auth.Permission { return auth.Permission(p) })
}

func toStaffPermission(p auth.Permission) oapi.StaffPermission { return oapi.StaffPermission(p) }
