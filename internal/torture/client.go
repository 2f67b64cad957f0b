package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// client asks the servers over HTTP, each request one of them by chance.
type client struct {
	addresses []string
	http      *http.Client
	token     string // of the admin
}

// patience is how long a buyer waits for an answer while something is harmed, and longest how long when nothing is: the
// shop ends whatever it does before that, also on a machine that has other things to do.
const (
	patience = 8 * time.Second
	longest  = time.Minute
)

func newClient(addresses []string) *client {
	return &client{addresses: addresses, http: &http.Client{
		Timeout:   longest,
		Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 5 * time.Second},
	}}
}

// forget ends connections that are kept, some of which lead to processes that are gone.
func (c *client) forget() { c.http.CloseIdleConnections() }

// request is one question.
type request struct {
	method, path, body string
	key                string // Idempotency-Key
	order              string // X-Order-Token
	admin              bool
}

// answer is what came back. lost says that nothing did.
type answer struct {
	status   int
	body     []byte
	lost     error
	replayed bool
}

// is tells whether the answer has one of these statuses.
func (a answer) is(statuses ...int) bool {
	for _, status := range statuses {
		if a.lost == nil && a.status == status {
			return true
		}
	}
	return false
}

// code is that of a problem.
func (a answer) code() string {
	var problem struct{ Code string }
	_ = json.Unmarshal(a.body, &problem) // no problem has no code
	return problem.Code
}

// into reads the answer's body.
func (a answer) into(v any) error { return json.Unmarshal(a.body, v) }

// ask sends a question once.
func (c *client) ask(ctx context.Context, chance *rand.Rand, r request) answer {
	address := c.addresses[chance.IntN(len(c.addresses))]
	asked, err := http.NewRequestWithContext(ctx, r.method, "http://"+address+"/api/v1"+r.path, strings.NewReader(r.body))
	if err != nil {
		return answer{lost: err}
	}
	asked.Header.Set("Content-Type", "application/json")
	// Buyers live in many places; what limits one address is not what is looked at.
	asked.Header.Set("X-Forwarded-For", fmt.Sprintf("198.18.%d.%d", chance.IntN(256), chance.IntN(256)))
	for name, value := range map[string]string{"Idempotency-Key": r.key, "X-Order-Token": r.order} {
		if value != "" {
			asked.Header.Set(name, value)
		}
	}
	if r.admin {
		asked.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(asked)
	if err != nil {
		return answer{lost: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{lost: err}
	}
	return answer{status: response.StatusCode, body: body, replayed: response.Header.Get("Idempotency-Replayed") == "true"}
}
