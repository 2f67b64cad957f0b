package auth

import (
	"slices"

	"github.com/google/uuid"
)

// Role is what a user may do in general.
type Role string

// The roles.
const (
	Customer Role = "customer"
	Staff    Role = "staff"
	Admin    Role = "admin"
)

// Permission is what an operation asks for, in the words of the spec's x-permission.
type Permission string

// Public operations are open to everybody.
const Public Permission = "public"

// permissions of the roles that have any.
var permissions = map[Role][]Permission{
	Staff: {"catalogue:read", "inventory:read", "inventory:write", "orders:read", "orders:write"},
	Admin: {"catalogue:read", "catalogue:write", "inventory:read", "inventory:write", "orders:read", "orders:write"},
}

// Principal is who asks. The zero Principal is a guest.
type Principal struct {
	UserID uuid.UUID
	Role   Role
}

// IsGuest tells whether the principal is not signed in.
func (p Principal) IsGuest() bool { return p.UserID == uuid.Nil }

// IsStaff tells whether the principal works for the shop.
func (p Principal) IsStaff() bool { return p.Role == Staff || p.Role == Admin }

// Allow is nil when the principal has the permission, else ErrAnonymous or ErrForbidden.
func (p Principal) Allow(permission Permission) error {
	switch {
	case permission == Public || slices.Contains(permissions[p.Role], permission):
		return nil
	case p.IsGuest():
		return ErrAnonymous
	}
	return ErrForbidden
}

// String names the principal as the actor of what it does, without personal data.
func (p Principal) String() string {
	if p.IsGuest() {
		return "guest"
	}
	return "user:" + p.UserID.String()
}
