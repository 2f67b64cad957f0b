package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// standin is the process that plays Stripe.
type standin struct {
	api, control string
	cmd          *exec.Cmd
	log          *os.File
}

// webhookSecret signs what it tells.
const webhookSecret = "whsec_torture_0123456789abcdefghijklmnop"

func startStandin(ctx context.Context, binary, dir, webhooks string, seed uint64) (*standin, error) {
	api, err := freePort()
	if err != nil {
		return nil, err
	}
	control, err := freePort()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "standin.log"))
	if err != nil {
		return nil, err
	}
	s := &standin{api: fmt.Sprintf("127.0.0.1:%d", api), control: fmt.Sprintf("127.0.0.1:%d", control), log: log}
	s.cmd = exec.Command(binary, "-api", s.api, "-control", s.control, "-webhook", webhooks, //nolint:noctx // it is killed at the end
		"-secret", webhookSecret, "-seed", strconv.FormatUint(seed, 10))
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the stand-in: %w", err)
	}
	for range 500 {
		if _, err = s.books(ctx); err == nil {
			return s, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil, fmt.Errorf("the stand-in does not answer: %w", err)
}

func (s *standin) close() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	_ = s.log.Close()
}

// ask speaks to the stand-in's control.
func (s *standin) ask(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://"+s.control+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s answered %d: %s", method, path, response.StatusCode, answer)
	}
	return answer, err
}

// intent, charge and refund are what the oracle says of them.
type intent struct {
	ID       string
	Status   string
	Amount   int64
	Metadata struct {
		Order string `json:"order_id"`
	}
}

type charge struct {
	Intent   string `json:"payment_intent"`
	Status   string
	Captured int64 `json:"amount_captured"`
}

type refund struct {
	Intent string `json:"payment_intent"`
	Status string
	Amount int64
}

// books are all that the oracle knows.
type books struct {
	Intents []intent
	Charges []charge
	Refunds []refund
	Faults  map[int]int
}

func (s *standin) books(ctx context.Context) (b books, err error) {
	answer, err := s.ask(ctx, http.MethodGet, "/books", nil)
	if err != nil {
		return b, err
	}
	return b, json.Unmarshal(answer, &b)
}

// finish is a customer's or a bank's answer: of "authenticate" or "finish". One that nobody waits for is no error.
func (s *standin) finish(ctx context.Context, id, step string, passed bool) {
	_, _ = s.ask(ctx, http.MethodPost, "/intents/"+id+"/"+step+"?passed="+strconv.FormatBool(passed), nil)
}

// chaos lets a share of Stripe's answers go wrong.
func (s *standin) chaos(ctx context.Context, share float64, delay time.Duration, faults ...int) error {
	body, err := json.Marshal(map[string]any{"Share": share, "Delay": delay, "Faults": faults})
	if err != nil {
		return err
	}
	_, err = s.ask(ctx, http.MethodPost, "/chaos", body)
	return err
}

// version has its events written for another API version; "" is the usual one.
func (s *standin) version(ctx context.Context, version string) error {
	_, err := s.ask(ctx, http.MethodPost, "/version?version="+url.QueryEscape(version), nil)
	return err
}

// forget lets the day pass after which Stripe knows no key any more.
func (s *standin) forget(ctx context.Context) error {
	_, err := s.ask(ctx, http.MethodPost, "/forget", nil)
	return err
}

// drain waits until all that happened was told.
func (s *standin) drain(ctx context.Context) error {
	_, err := s.ask(ctx, http.MethodPost, "/drain", nil)
	return err
}
