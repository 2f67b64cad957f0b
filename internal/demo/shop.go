package demo

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"

	"cartwright/internal/money"
)

//go:embed shop.json
var shopJSON []byte

// goods is shop.json. Parents stand before their children; the last product is the newest, so lists show it first.
type goods struct {
	Categories []category `json:"categories"`
	Products   []product  `json:"products"`
}

type category struct {
	Slug        string `json:"slug"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Image       string `json:"image"`  // a file of images/, without ".svg"
	Parent      string `json:"parent"` // a slug
}

// product has the field names of the API's ProductCreate where it means the same.
type product struct {
	item
	Slug              string    `json:"slug"`
	Name              string    `json:"name"`
	Category          string    `json:"category"` // a slug
	Description       string    `json:"description"`
	ShortDescription  string    `json:"shortDescription"`
	Status            string    `json:"status"`            // ACTIVE when absent
	TrackInventory    *bool     `json:"trackInventory"`    // true when absent
	LowStockThreshold *int32    `json:"lowStockThreshold"` // 5 when absent
	IsFeatured        bool      `json:"isFeatured"`
	Dimensions        string    `json:"dimensions"`
	SEOTitle          string    `json:"seoTitle"`
	SEODescription    string    `json:"seoDescription"`
	Images            []picture `json:"images"`
	Variant           string    `json:"variant"` // what the default variant is called; the product's name when absent
	Variants          []variant `json:"variants"`
}

type picture struct {
	File    string `json:"file"` // a file of images/, without ".svg"
	AltText string `json:"altText"`
}

// variant is one beside the default one. Without a price it follows the product's, and has its other prices, too.
type variant struct {
	item
	Name         string `json:"name"`
	followsPrice bool
}

// item is what can be said of the default variant and of the others alike. An absent figure is "".
type item struct {
	SKU               string            `json:"sku"`
	Price             money.Number      `json:"price"`
	ComparePrice      money.Number      `json:"comparePrice"`
	CostPrice         money.Number      `json:"costPrice"`
	InventoryQuantity int32             `json:"inventoryQuantity"`
	Weight            *float64          `json:"weight"` // kilograms
	Options           map[string]string `json:"options"`
}

func readGoods() (goods, error) {
	var all goods
	decoder := json.NewDecoder(bytes.NewReader(shopJSON))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&all); err != nil {
		return goods{}, fmt.Errorf("read shop.json: %w", err)
	}
	return all, nil
}
