package checkout

import (
	"log/slog"
	"time"

	"github.com/google/uuid"

	"cartwright/internal/carts"
	"cartwright/internal/customers"
	"cartwright/internal/fraud"
	"cartwright/internal/inventory"
	"cartwright/internal/jobs"
	"cartwright/internal/metrics"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
	"cartwright/internal/postgres"
)

// Config is what checkout works with.
type Config struct {
	DB        *postgres.DB
	Carts     *carts.Service
	Orders    *orders.Service
	Inventory *inventory.Service
	Payments  *payments.Service
	Customers *customers.Service
	Provider  payments.Provider
	Fraud     *fraud.Service
	Jobs      *jobs.Queue
	// CaptureMethod is how new payments are asked for.
	CaptureMethod payments.CaptureMethod
	// HoldTTL is how long an order holds its stock before its payment begins; 0 is as long as ReservationTTL.
	HoldTTL time.Duration
	// ReservationTTL is how long it does from then on.
	ReservationTTL time.Duration
	// SweepEvery is how often the provider is asked for what it has told nobody here; 0 is never.
	SweepEvery time.Duration
	// CompareEvery is how often payments are compared with the provider's; 0 is never.
	CompareEvery time.Duration
	// ReturnURL is where a bank's page sends the shopper when the request names no address.
	ReturnURL string
	// ReturnOrigins are those of the pages that a bank may send shoppers to, such as https://shop.example.com. Pages of the
	// shopper's own machine are among them where LocalReturns is set. None means any.
	ReturnOrigins []string
	LocalReturns  bool
	Now           func() time.Time
	Logger        *slog.Logger
	Metrics       *metrics.Metrics
}

// Service moves order, payment and stock together.
type Service struct {
	Config
	reads setupReads
}

// New makes a service and registers its jobs with the queue.
func New(config Config) *Service {
	s := &Service{Config: config}
	jobs.Handle(config.Jobs, s.expireDue)
	config.Jobs.EveryWhen(sweepEvery, anyDue, expireDue{})
	jobs.Handle(config.Jobs, s.expire)
	jobs.Handle(config.Jobs, s.sweepEvents)
	if config.SweepEvery > 0 {
		config.Jobs.Every(config.SweepEvery, sweepEvents{})
	}
	jobs.Handle(config.Jobs, s.comparePayments)
	jobs.Handle(config.Jobs, s.comparePayment)
	if config.CompareEvery > 0 {
		config.Jobs.Every(config.CompareEvery, comparePayments{})
	}
	jobs.Handle(config.Jobs, s.refund)
	jobs.Handle(config.Jobs, s.stopPayment)
	jobs.Handle(config.Jobs, s.stopSetup)
	jobs.Handle(config.Jobs, s.stopOldSetups)
	config.Jobs.EveryWhen(time.Minute, anySetups, stopOldSetups{})
	jobs.Handle(config.Jobs, s.detachCard)
	jobs.Handle(config.Jobs, s.forgetCustomer)
	jobs.Handle(config.Jobs, s.voidPayment)
	return s
}

// refundPayment gives money back that was decided to be given back.
type refundPayment struct {
	RefundID uuid.UUID `json:"refundId"`
}

// Kind names the job.
func (refundPayment) Kind() string { return "payment_refund" }

// Actors of orders' events.
const (
	byCustomer = "customer"
	byProvider = "stripe"
	bySystem   = "system"
)
