package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"cartwright/gen/oapi"
	"cartwright/internal/accounts"
	"cartwright/internal/assortment"
	"cartwright/internal/attention"
	"cartwright/internal/audit"
	"cartwright/internal/auth"
	"cartwright/internal/bulk"
	"cartwright/internal/carts"
	"cartwright/internal/catalog"
	"cartwright/internal/checkout"
	"cartwright/internal/customers"
	"cartwright/internal/idempotency"
	"cartwright/internal/inventory"
	"cartwright/internal/media"
	"cartwright/internal/metrics"
	"cartwright/internal/money"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
	"cartwright/internal/ratelimit"
	"cartwright/internal/search"
)

// Services is what the operations call.
type Services struct {
	Accounts    *accounts.Service
	Assortment  *assortment.Service
	Audit       *audit.Log
	Attention   *attention.Service
	Auth        *auth.Service
	Browsers    Browsers
	Bulk        *bulk.Service
	Carts       *carts.Service
	Catalog     *catalog.Service
	Checkout    *checkout.Service
	Customers   *customers.Service
	Idempotency *idempotency.Store
	Inventory   *inventory.Service
	Media       *media.Library
	Orders      *orders.Service
	Payments    *payments.Service
	Provider    payments.Provider
	Search      *search.Service
	Currency    money.Currency
	// Demo serves the demo shop's pictures below /demo/images/; it may be nil.
	Demo http.Handler
	// Mailbox shows dev mode's mails at /dev/mail; it is nil in production.
	Mailbox http.Handler
	// Ready is nil while the process can serve.
	Ready   func(context.Context) error
	Logger  *slog.Logger
	Metrics *metrics.Metrics
	Edge    Edge
}

// Edge is how the shop faces the network.
type Edge struct {
	PublicURL      string         // by which clients know it
	TrustedProxies []netip.Prefix // whose word on a client's address counts
	Origins        []string       // whose scripts may read what it answers: exact, such as https://shop.example.com, or *
	Limiter        *ratelimit.Limiter
	// RateLimitMax is how often one may ask in RateLimitWindow, whatever for; 0 is no such limit. Without a Limiter
	// there are no limits at all.
	RateLimitMax    int
	RateLimitWindow time.Duration
	// BodyMemory is how many bytes the bodies under way may take together; 0 is the default. One network has a quarter.
	BodyMemory int64
}

// server is the generated interface, put together of a struct per tag.
type server struct {
	authentication
	owning
	factors
	categories
	products
	stocking
	images
	searching
	bulkFiles
	shoppingCarts
	placing
	paying
	saving
	ordering
	staffing
	keeping
	auditing
	attending
	webhooks
}

var _ oapi.StrictServerInterface = server{}

func newServer(s Services, limits limits) server {
	return server{
		authentication: authentication{service: s.Auth, browsers: s.Browsers, refreshes: limits.named["refresh"].account},
		owning: owning{
			accounts: s.Accounts, auth: s.Auth, browsers: s.Browsers, customers: s.Customers, orders: s.Orders, payments: s.Payments,
			stock: s.Inventory,
		},
		factors:       factors{s.Auth},
		categories:    categories{s.Catalog},
		products:      products{catalog: s.Catalog, assortment: s.Assortment, currency: s.Currency},
		stocking:      stocking{assortment: s.Assortment, inventory: s.Inventory},
		images:        images{s.Catalog},
		searching:     searching{search: s.Search, currency: s.Currency},
		bulkFiles:     bulkFiles{s.Bulk},
		shoppingCarts: shoppingCarts{s.Carts},
		placing:       placing{checkout: s.Checkout, payments: s.Payments, currency: s.Currency},
		paying:        paying{checkout: s.Checkout, payments: s.Payments},
		saving:        saving{checkout: s.Checkout, payments: s.Payments},
		ordering:      ordering{orders: s.Orders, checkout: s.Checkout, payments: s.Payments, stock: s.Inventory, currency: s.Currency},
		staffing:      staffing{s.Auth},
		keeping:       keeping{s.Auth},
		auditing:      auditing{s.Audit},
		attending:     attending{s.Attention},
		webhooks:      webhooks{checkout: s.Checkout, payments: s.Payments, provider: s.Provider},
	}
}
