package carts

import (
	"encoding/json"
	"fmt"

	"cartwright/gen/db"
	"cartwright/internal/media"
	"cartwright/internal/money"
	"cartwright/internal/pricing"
)

// price puts a cart together and adds it up.
func (s *Service) price(row db.Cart, lines []db.CartLineListRow) (Cart, error) {
	cart := Cart{
		ID:        row.ID,
		SessionID: row.SessionID,
		Currency:  money.Currency(row.Currency),
		OrderID:   row.OrderID,
		Items:     make([]Item, len(lines)),
		CreatedAt: row.CreatedAt,
		UpdatedAt: row.UpdatedAt,
	}
	if row.UserID != nil {
		cart.Customer = *row.UserID
	}
	priced := make([]pricing.Line, len(lines))
	for i, line := range lines {
		item, err := s.toItem(line)
		if err != nil {
			return Cart{}, err
		}
		cart.Items[i] = item
		priced[i] = pricing.Line{Price: item.Price, Quantity: item.Quantity}
	}
	totals, err := s.pricing.Price(priced)
	if err != nil {
		return Cart{}, fmt.Errorf("price cart %s: %w", row.ID, err)
	}
	for i, amount := range totals.Lines {
		cart.Items[i].LineTotal = amount
	}
	cart.Totals = totals
	return cart, nil
}

func (s *Service) toItem(line db.CartLineListRow) (Item, error) {
	var options map[string]string
	if err := json.Unmarshal(line.Options, &options); err != nil {
		return Item{}, fmt.Errorf("read the options of variant %s: %w", line.VariantID, err)
	}
	price := money.New(line.PriceMinor, money.Currency(line.Currency))
	seen := price
	if line.SeenPriceMinor != nil {
		seen.Minor = *line.SeenPriceMinor
	}
	return Item{
		ID:          line.ID,
		ProductID:   line.ProductID,
		VariantID:   line.VariantID,
		Name:        line.ProductName,
		VariantName: line.VariantName,
		SKU:         line.SKU,
		Image:       s.image(line),
		Options:     options,
		Quantity:    line.Quantity,
		Price:       price,
		SeenPrice:   seen,
		ForSale:     forSale(line.ProductStatus, line.IsActive),
		Tracked:     line.TrackInventory,
		InStock:     !line.TrackInventory || line.AllowBackorder || line.Available >= line.Quantity,
		Left:        line.Available,
	}, nil
}

// image is the address of a picture of the product; "" when it has none. Of an upload a thumbnail is
// enough for a line.
func (s *Service) image(line db.CartLineListRow) string {
	switch {
	case line.ImageURL != nil:
		return *line.ImageURL
	case line.ImageKey != nil:
		return s.pictures.Of(media.Picture{
			Key: *line.ImageKey, Format: media.Format(*line.ImageFormat), ThumbnailFormat: media.Format(*line.ImageThumbnailFormat),
		}, media.Medium)
	}
	return ""
}
