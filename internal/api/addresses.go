package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/customers"
)

// ListAddresses reads one's address book.
func (o owning) ListAddresses(
	ctx context.Context, _ oapi.ListAddressesRequestObject,
) (oapi.ListAddressesResponseObject, error) {
	book, err := o.customers.Addresses(ctx, principal(ctx).UserID)
	if err != nil {
		return nil, err
	}
	return oapi.ListAddresses200JSONResponse{Data: toSlice(book, toCustomerAddress)}, nil
}

// CreateAddress adds one to it.
func (o owning) CreateAddress(
	ctx context.Context, request oapi.CreateAddressRequestObject,
) (oapi.CreateAddressResponseObject, error) {
	body := request.Body
	added, err := o.customers.AddAddress(ctx, principal(ctx).UserID, customers.Address{
		Type:       customers.AddressType(body.Type),
		FirstName:  body.FirstName,
		LastName:   body.LastName,
		Company:    body.Company,
		Street1:    body.Street1,
		Street2:    body.Street2,
		City:       body.City,
		State:      body.State,
		PostalCode: body.PostalCode,
		Country:    body.Country,
	}, body.IsDefault)
	if err != nil {
		return nil, err
	}
	return oapi.CreateAddress201JSONResponse{
		Body:    toCustomerAddress(added),
		Headers: oapi.CreateAddress201ResponseHeaders{Location: basePath + "/account/addresses/" + added.ID.String()},
	}, nil
}

// UpdateAddress changes one of it.
func (o owning) UpdateAddress(
	ctx context.Context, request oapi.UpdateAddressRequestObject,
) (oapi.UpdateAddressResponseObject, error) {
	patch := *request.Body
	changed, err := o.customers.UpdateAddress(ctx, principal(ctx).UserID, request.AddressID, func(a *customers.Address) {
		set(&a.Type, (*customers.AddressType)(patch.Type))
		set(&a.IsDefault, patch.IsDefault)
		set(&a.FirstName, patch.FirstName)
		set(&a.LastName, patch.LastName)
		setOrClear(&a.Company, patch.Company)
		set(&a.Street1, patch.Street1)
		setOrClear(&a.Street2, patch.Street2)
		set(&a.City, patch.City)
		set(&a.State, patch.State)
		set(&a.PostalCode, patch.PostalCode)
		set(&a.Country, patch.Country)
	})
	if err != nil {
		return nil, err
	}
	return oapi.UpdateAddress200JSONResponse(toCustomerAddress(changed)), nil
}

// DeleteAddress takes one out of it.
func (o owning) DeleteAddress(
	ctx context.Context, request oapi.DeleteAddressRequestObject,
) (oapi.DeleteAddressResponseObject, error) {
	if err := o.customers.DeleteAddress(ctx, principal(ctx).UserID, request.AddressID); err != nil {
		return nil, err
	}
	return oapi.DeleteAddress204Response{}, nil
}

func toCustomerAddress(a customers.Address) oapi.CustomerAddress {
	return oapi.CustomerAddress{
		ID:         a.ID,
		Type:       oapi.AddressType(a.Type),
		IsDefault:  a.IsDefault,
		FirstName:  a.FirstName,
		LastName:   a.LastName,
		Company:    a.Company,
		Street1:    a.Street1,
		Street2:    a.Street2,
		City:       a.City,
		State:      a.State,
		PostalCode: a.PostalCode,
		Country:    a.Country,
		CreatedAt:  a.CreatedAt.UTC(),
		UpdatedAt:  a.UpdatedAt.UTC(),
	}
}
