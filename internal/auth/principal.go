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

// What is asked for where no permission of an area is.
const (
	Public   Permission = "public"    // everybody
	SignedIn Permission = "signed-in" // whoever has an account, for what is theirs
)

// The permissions of the shop's areas.
const (
	CatalogueRead  Permission = "catalogue:read"
	CatalogueWrite Permission = "catalogue:write"
	InventoryRead  Permission = "inventory:read"
	InventoryWrite Permission = "inventory:write"
	OrdersRead     Permission = "orders:read"
	OrdersWrite    Permission = "orders:write"
	RefundsWrite   Permission = "refunds:write"
	CustomersRead  Permission = "customers:read"
	CustomersWrite Permission = "customers:write"
	ReportsRead    Permission = "reports:read"
	SettingsRead   Permission = "settings:read"
	SettingsWrite  Permission = "settings:write"
)

// StaffManage is what admins alone may do: it cannot be given to anybody.
const StaffManage Permission = "staff:manage"

// Permissions are all that can be given to somebody, in the order in which they are listed.
var Permissions = []Permission{
	CatalogueRead, CatalogueWrite, InventoryRead, InventoryWrite, OrdersRead, OrdersWrite, RefundsWrite,
	CustomersRead, CustomersWrite, ReportsRead, SettingsRead, SettingsWrite,
}

// usual are the permissions of staff of whom nothing else was said.
var usual = []Permission{CatalogueRead, InventoryRead, InventoryWrite, OrdersRead, OrdersWrite, RefundsWrite}

// of are those of the permissions that can be given, each once and in the order in which they are listed.
func of(permissions []Permission) []Permission {
	return slices.DeleteFunc(slices.Clone(Permissions), func(p Permission) bool { return !slices.Contains(permissions, p) })
}

// Principal is who asks. The zero Principal is a guest.
type Principal struct {
	UserID      uuid.UUID
	Role        Role
	SessionID   uuid.UUID    // the one it asks in
	KeyID       uuid.UUID    // of the API key that asks in the user's name, where one does
	Permissions []Permission // of staff; an admin has all
	// FactorMissing holds for somebody who may do nothing but see to a second factor, because it is required of them.
	FactorMissing bool
}

// IsGuest tells whether the principal is not signed in.
func (p Principal) IsGuest() bool { return p.UserID == uuid.Nil }

// Customer is whose carts and orders are the principal's own; nobody's for an API key, which asks for the shop.
func (p Principal) Customer() uuid.UUID {
	if p.KeyID != uuid.Nil {
		return uuid.Nil
	}
	return p.UserID
}

// IsStaff tells whether the principal works for the shop.
func (p Principal) IsStaff() bool { return p.Role == Staff || p.Role == Admin }

// Allow is nil when the principal has the permission, else ErrAnonymous or ErrForbidden.
func (p Principal) Allow(permission Permission) error {
	switch {
	case permission == Public:
		return nil
	case p.IsGuest():
		return ErrAnonymous
	case permission == SignedIn && p.KeyID == uuid.Nil, p.Role == Admin:
		return nil
	case permission != StaffManage && p.Role == Staff && slices.Contains(p.Permissions, permission):
		return nil
	}
	return ErrForbidden
}

// String names the principal as the actor of what it does, without personal data.
func (p Principal) String() string {
	switch {
	case p.IsGuest():
		return "guest"
	case p.KeyID != uuid.Nil:
		return "key:" + p.KeyID.String()
	}
	return "user:" + p.UserID.String()
}
