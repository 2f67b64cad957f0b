// Command standin is the Stripe stand-in as a process of its own: money's oracle for `make torture`. It is told what to
// do, and asked what was really charged, on a second address.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"cartwright/internal/payments/stripesim"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}

func run() error {
	api := flag.String("api", "", "the address of Stripe's API")
	control := flag.String("control", "", "the address to be told and asked at")
	webhook := flag.String("webhook", "", "where events go")
	secret := flag.String("secret", "", "what signs them")
	seed := flag.Uint64("seed", 0, "what chance follows from")
	flag.Parse()

	chaos := stripesim.NewChaos(*seed)
	sim, err := stripesim.New(stripesim.Config{
		WebhookURL: *webhook, WebhookSecret: *secret, Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Intercept: chaos.Intercept, InterceptReads: true,
		// A receiver that is down for a while is tried for longer than that.
		Delivery: stripesim.Delivery{
			Attempts: 400, MaxBackoff: time.Second, Timeout: 5 * time.Second, Queue: 1_000_000,
			Workers: 6, Shuffle: 12, Jitter: 40 * time.Millisecond, Twice: 0.2, Seed: *seed,
		},
	})
	if err != nil {
		return err
	}
	ended := make(chan error, 2)
	for address, handler := range map[string]http.Handler{*api: sim, *control: controls(sim, chaos)} {
		listener, err := net.Listen("tcp", address) //nolint:noctx // for as long as the process lives
		if err != nil {
			return err
		}
		server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
		go func() { ended <- server.Serve(listener) }()
	}
	return <-ended
}

// controls are what the harness does with the stand-in.
func controls(sim *stripesim.Server, chaos *stripesim.Chaos) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /books", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{
			"intents": sim.Intents(), "charges": sim.Charges(), "refunds": sim.Refunds(), "totals": sim.Totals(), "faults": chaos.Counts(),
		})
	})
	mux.HandleFunc("POST /intents/{id}/{step}", func(w http.ResponseWriter, r *http.Request) {
		finish := sim.FinishProcessing
		if r.PathValue("step") == "authenticate" {
			finish = sim.Authenticate
		}
		said(w, finish(r.PathValue("id"), r.FormValue("passed") == "true"))
	})
	mux.HandleFunc("POST /chaos", func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Share  float64
			Delay  time.Duration
			Faults []stripesim.Fault
		}
		err := json.NewDecoder(r.Body).Decode(&asked)
		if err == nil {
			chaos.Set(asked.Share, asked.Delay, asked.Faults...)
		}
		said(w, err)
	})
	mux.HandleFunc("POST /version", func(_ http.ResponseWriter, r *http.Request) { sim.SetEventVersion(r.FormValue("version")) })
	mux.HandleFunc("POST /forget", func(http.ResponseWriter, *http.Request) { sim.ForgetKeys() })
	mux.HandleFunc("POST /drain", func(w http.ResponseWriter, r *http.Request) { said(w, sim.Drain(r.Context())) })
	return mux
}

func said(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
	}
}
