package customers

import (
	"github.com/google/uuid"

	"cartwright/gen/db"
)

func toAddress(row db.CustomerAddress) Address {
	return Address{
		ID:         row.ID,
		Type:       AddressType(row.Type),
		IsDefault:  row.IsDefault,
		FirstName:  row.FirstName,
		LastName:   row.LastName,
		Company:    row.Company,
		Street1:    row.Street1,
		Street2:    row.Street2,
		City:       row.City,
		State:      row.State,
		PostalCode: row.PostalCode,
		Country:    row.Country,
		CreatedAt:  row.CreatedAt,
		UpdatedAt:  row.UpdatedAt,
	}
}

func fromAddress(customer uuid.UUID, a Address) db.AddressCreateParams {
	return db.AddressCreateParams{
		ID:         a.ID,
		UserID:     customer,
		Type:       string(a.Type),
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
		Now:        a.CreatedAt,
	}
}

func fromChange(customer uuid.UUID, a Address) db.AddressUpdateParams {
	return db.AddressUpdateParams{
		ID:         a.ID,
		UserID:     customer,
		Type:       string(a.Type),
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
		Now:        a.UpdatedAt,
	}
}
