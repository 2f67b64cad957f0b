package stripesim

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Delivery says how webhooks travel. Zero fields take the defaults named.
type Delivery struct {
	// Attempts per event before it is given up (12).
	Attempts int
	// Backoff is the pause after the first failure; it doubles up to MaxBackoff (100ms, 5s).
	Backoff, MaxBackoff time.Duration
	// Timeout of one attempt (10s).
	Timeout time.Duration
	// Queue bounds the events waiting; later ones are only recorded (10,000).
	Queue int
	// Delay is the pause before each event's first attempt.
	Delay time.Duration
	// Duplicates is how often a delivered event is delivered again.
	Duplicates int
	// Workers deliver at once (1). With several, an event that has to be tried again is overtaken.
	Workers int
	// Shuffle takes the next event from among so many that wait instead of the first, by chance (1).
	Shuffle int
	// Jitter adds up to so much to Delay, by chance.
	Jitter time.Duration
	// Twice is the share of events, from 0 to 1, that are delivered twice beside Duplicates, by chance.
	Twice float64
	// Seed is what chance follows from. It is one course of chance for all events in the order in which they travel.
	Seed uint64
}

func (d Delivery) withDefaults() Delivery {
	set := func(field *time.Duration, value time.Duration) {
		if *field <= 0 {
			*field = value
		}
	}
	set(&d.Backoff, 100*time.Millisecond)
	set(&d.MaxBackoff, 5*time.Second)
	set(&d.Timeout, 10*time.Second)
	if d.Attempts <= 0 {
		d.Attempts = 12
	}
	if d.Queue <= 0 {
		d.Queue = 10_000
	}
	d.Workers, d.Shuffle = max(1, d.Workers), max(1, d.Shuffle)
	return d
}

// outbox delivers events in order, one at a time, from one goroutine, unless its policy says otherwise.
type outbox struct {
	policy    Delivery
	client    *http.Client
	now       func() time.Time
	log       *slog.Logger
	delivered func(eventID string)
	ctx       context.Context
	cancel    context.CancelFunc
	stopped   chan struct{}

	mu     sync.Mutex
	wake   *sync.Cond
	chance *rand.Rand
	url    string
	secret string
	queue  []Event
	busy   int           // workers that deliver
	idle   chan struct{} // closed when nothing waits or travels; nil until asked for
}

func newOutbox(cfg Config, now func() time.Time, log *slog.Logger, delivered func(string)) *outbox {
	client := http.Client{}
	if cfg.HTTPClient != nil {
		client = *cfg.HTTPClient
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	o := &outbox{
		policy: cfg.Delivery.withDefaults(), client: &client, now: now, log: log, delivered: delivered,
		url: cfg.WebhookURL, secret: cfg.WebhookSecret, stopped: make(chan struct{}),
	}
	o.wake = sync.NewCond(&o.mu)
	o.chance = rand.New(rand.NewPCG(cfg.Delivery.Seed, 0))
	o.ctx, o.cancel = context.WithCancel(context.Background())
	var workers sync.WaitGroup
	for range o.policy.Workers {
		workers.Go(o.run)
	}
	go func() { workers.Wait(); close(o.stopped) }()
	return o
}

func (o *outbox) setTarget(url, secret string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.url, o.secret = url, secret
}

func (o *outbox) target() (url, secret string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.url, o.secret
}

func (o *outbox) listening() bool {
	url, _ := o.target()
	return url != ""
}

// add queues an event, unless nobody listens or the queue is full.
func (o *outbox) add(ev Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.url == "" || o.ctx.Err() != nil:
		return
	case len(o.queue) >= o.policy.Queue:
		o.log.Warn("stripe stand-in drops a webhook: the queue is full", "event", ev.ID, "type", ev.Type)
		return
	}
	o.queue = append(o.queue, ev)
	o.wake.Signal()
}

func (o *outbox) run() {
	for {
		next, ok := o.next()
		if !ok {
			return
		}
		o.deliver(next)
		o.rest()
	}
}

// rest says that a worker delivers no more.
func (o *outbox) rest() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy--; o.busy == 0 && len(o.queue) == 0 && o.idle != nil {
		close(o.idle)
		o.idle = nil
	}
}

// travel is an event on its way, with what chance decided of it.
type travel struct {
	Event
	delay  time.Duration
	copies int
}

// next waits for an event; it is false once the outbox is closed.
func (o *outbox) next() (travel, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.queue) == 0 && o.ctx.Err() == nil {
		o.wake.Wait()
	}
	if o.ctx.Err() != nil {
		return travel{}, false
	}
	at := o.chance.IntN(min(o.policy.Shuffle, len(o.queue)))
	next := travel{Event: o.queue[at], delay: o.policy.Delay, copies: o.policy.Duplicates}
	o.queue = slices.Delete(o.queue, at, at+1)
	if o.policy.Jitter > 0 {
		next.delay += time.Duration(o.chance.Int64N(int64(o.policy.Jitter)))
	}
	if o.chance.Float64() < o.policy.Twice {
		next.copies++
	}
	o.busy++
	return next, true
}

// drain waits until nothing waits or travels.
func (o *outbox) drain(ctx context.Context) error {
	o.mu.Lock()
	if len(o.queue) == 0 && o.busy == 0 || o.ctx.Err() != nil {
		o.mu.Unlock()
		return nil
	}
	if o.idle == nil {
		o.idle = make(chan struct{})
	}
	idle := o.idle
	o.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-o.stopped:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (o *outbox) close() {
	o.cancel()
	o.mu.Lock()
	o.wake.Broadcast()
	o.mu.Unlock()
	<-o.stopped
	o.client.CloseIdleConnections()
}
