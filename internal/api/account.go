package api

import (
	"context"
	"strings"
	"time"

	"github.com/oapi-codegen/nullable"
	"github.com/oapi-codegen/runtime/types"

	"cartwright/gen/oapi"
	"cartwright/internal/accounts"
	"cartwright/internal/auth"
	"cartwright/internal/customers"
	"cartwright/internal/inventory"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// owning is what belongs to whoever is signed in.
type owning struct {
	accounts  *accounts.Service
	auth      *auth.Service
	browsers  Browsers
	customers *customers.Service
	orders    *orders.Service
	payments  *payments.Service
	stock     *inventory.Service
}

// GetProfile reads one's own.
func (o owning) GetProfile(ctx context.Context, _ oapi.GetProfileRequestObject) (oapi.GetProfileResponseObject, error) {
	profile, err := o.customers.Profile(ctx, principal(ctx).UserID)
	if err != nil {
		return nil, err
	}
	return oapi.GetProfile200JSONResponse(toProfile(profile)), nil
}

// UpdateProfile changes one's own.
func (o owning) UpdateProfile(
	ctx context.Context, request oapi.UpdateProfileRequestObject,
) (oapi.UpdateProfileResponseObject, error) {
	patch := *request.Body
	born, err := fromDay(patch.DateOfBirth)
	if err != nil {
		return nil, err
	}
	profile, err := o.customers.UpdateProfile(ctx, principal(ctx).UserID, func(profile *customers.Profile) {
		set(&profile.FirstName, patch.FirstName)
		set(&profile.LastName, patch.LastName)
		setOrClear(&profile.Phone, patch.Phone)
		setOrClear(&profile.DateOfBirth, born)
	})
	if err != nil {
		return nil, err
	}
	return oapi.UpdateProfile200JSONResponse(toProfile(profile)), nil
}

// fromDay reads a day that may be cleared.
func fromDay(text nullable.Nullable[string]) (nullable.Nullable[time.Time], error) {
	given, err := text.Get()
	switch {
	case text.IsNull():
		return nullable.NewNullNullable[time.Time](), nil
	case err != nil:
		return nil, nil
	}
	day, err := time.Parse(time.DateOnly, given)
	if err != nil {
		return nil, customers.ErrBirth.Wrap(err)
	}
	return nullable.NewNullableWithValue(day), nil
}

// ExportAccount answers everything that the shop keeps about somebody.
func (o owning) ExportAccount(
	ctx context.Context, _ oapi.ExportAccountRequestObject,
) (oapi.ExportAccountResponseObject, error) {
	export, err := o.accounts.Export(ctx, principal(ctx))
	if err != nil {
		return nil, err
	}
	bought, err := withPayments(ctx, o.payments, export.Orders)
	if err != nil {
		return nil, err
	}
	return oapi.ExportAccount200JSONResponse{
		ExportedAt:   export.At,
		Profile:      toProfile(export.Profile),
		SecondFactor: toSecondFactor(export.Factor),
		Addresses:    toSlice(export.Addresses, toCustomerAddress),
		Cards:        toSlice(export.Cards, toCard),
		Sessions:     toSlice(export.Sessions, toSession(principal(ctx))),
		Orders:       bought,
	}, nil
}

// DeleteAccount erases one's own account.
func (o owning) DeleteAccount(
	ctx context.Context, request oapi.DeleteAccountRequestObject,
) (oapi.DeleteAccountResponseObject, error) {
	if err := o.accounts.Delete(ctx, principal(ctx), request.Body.Password); err != nil {
		return nil, err
	}
	o.browsers.signOut(ctx)
	return oapi.DeleteAccount204Response{}, nil
}

// ChangePassword sets another password.
func (o owning) ChangePassword(
	ctx context.Context, request oapi.ChangePasswordRequestObject,
) (oapi.ChangePasswordResponseObject, error) {
	err := o.auth.ChangePassword(ctx, principal(ctx), request.Body.CurrentPassword, request.Body.Password)
	if err != nil {
		return nil, err
	}
	return oapi.ChangePassword204Response{}, nil
}

// ChangeEmail asks for another address.
func (o owning) ChangeEmail(
	ctx context.Context, request oapi.ChangeEmailRequestObject,
) (oapi.ChangeEmailResponseObject, error) {
	if err := o.auth.RequestEmail(ctx, principal(ctx), request.Body.Email, request.Body.Password); err != nil {
		return nil, err
	}
	return oapi.ChangeEmail202Response{}, nil
}

// ConfirmEmail gives the account the address that was asked for.
func (o owning) ConfirmEmail(
	ctx context.Context, request oapi.ConfirmEmailRequestObject,
) (oapi.ConfirmEmailResponseObject, error) {
	if err := o.auth.ConfirmEmail(ctx, principal(ctx), request.Body.Token); err != nil {
		return nil, err
	}
	profile, err := o.customers.Profile(ctx, principal(ctx).UserID)
	if err != nil {
		return nil, err
	}
	return oapi.ConfirmEmail200JSONResponse(toProfile(profile)), nil
}

// ListAccountOrders pages through one's own orders, newest first.
func (o owning) ListAccountOrders(
	ctx context.Context, request oapi.ListAccountOrdersRequestObject,
) (oapi.ListAccountOrdersResponseObject, error) {
	found, err := o.orders.ListByCustomer(ctx, principal(ctx).UserID, fromPage(request.Params.Limit, request.Params.Cursor))
	if err != nil {
		return nil, err
	}
	data, err := withPayments(ctx, o.payments, found.Items)
	if err != nil {
		return nil, err
	}
	if err := addBackordered(ctx, o.stock, found.Items, data); err != nil {
		return nil, err
	}
	return oapi.ListAccountOrders200JSONResponse{Data: data, NextCursor: optionalText(found.Next)}, nil
}

func toProfile(p customers.Profile) oapi.Profile {
	profile := oapi.Profile{
		ID:            p.ID,
		Email:         p.Email,
		EmailVerified: p.EmailVerified,
		Role:          oapi.AccountRole(strings.ToUpper(p.Role)),
		FirstName:     p.FirstName,
		LastName:      p.LastName,
		Phone:         p.Phone,
		CreatedAt:     p.CreatedAt.UTC(),
	}
	if p.DateOfBirth != nil {
		profile.DateOfBirth = &types.Date{Time: *p.DateOfBirth}
	}
	return profile
}
