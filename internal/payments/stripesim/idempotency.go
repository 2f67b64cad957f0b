package stripesim

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
)

// storedAnswer is the result of the first request that carried a key.
type storedAnswer struct {
	Key         string `json:"key"`
	Path        string `json:"path"`
	Fingerprint string `json:"fingerprint"`
	RequestID   string `json:"request_id"`
	Created     int64  `json:"created"`
	Status      int    `json:"status"`
	Body        []byte `json:"body"`
}

func (a *storedAnswer) answer() answer { return answer{Status: a.Status, Body: a.Body} }

// claim takes the call's key, or finds what it led to before. It refuses a key that is
// in use or was used for something else (docs.stripe.com/api/idempotent_requests).
func (s *Server) claim(c *call) (held bool, stored *storedAnswer, err *apiError) {
	if c.key == "" {
		return false, nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.prune(c.now)
	if s.inFlight[c.key] {
		return false, nil, keyInUse(c.key)
	}
	if stored = s.state.Answers.get(c.key); stored == nil {
		s.inFlight[c.key] = true
		return true, nil, nil
	}
	if stored.Path != c.path {
		return false, nil, keyReused(c.key, "for the same endpoint they were first used for ('"+stored.Path+"' vs '"+c.path+"')")
	}
	if stored.Fingerprint != fingerprintOf(c) {
		return false, nil, keyReused(c.key, "with the same parameters they were first used with")
	}
	return false, stored, nil
}

func (s *Server) release(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.inFlight, key)
}

// keep stores the answer under the call's key. The caller holds the lock.
func (s *Server) keep(c *call, a answer) {
	if c.key == "" {
		return
	}
	s.state.Answers.add(&storedAnswer{
		Key: c.key, Path: c.path, Fingerprint: fingerprintOf(c), RequestID: c.requestID,
		Created: c.now.Unix(), Status: a.Status, Body: a.Body,
	})
}

// ForgetKeys forgets what keys led to, as Stripe does after a day (docs.stripe.com/api/idempotent_requests).
func (s *Server) ForgetKeys() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Answers.dropOldest(func(*storedAnswer) bool { return true })
}

// fingerprintOf identifies the parameters whatever their order, without keeping them.
func fingerprintOf(c *call) string {
	sum := sha256.Sum256([]byte(c.form.Encode()))
	return hex.EncodeToString(sum[:])
}

// fingerprint is stable per test card, as Stripe's is per card number.
func fingerprint(name string) string {
	sum := sha256.Sum256([]byte("fingerprint:" + name))
	return hex.EncodeToString(sum[:8])
}

func keyInUse(key string) *apiError {
	return refuse("idempotency_key_in_use", "",
		"There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): %s. Please try again later.", key,
	).withStatus(http.StatusConflict)
}

func keyReused(key, how string) *apiError {
	e := refuse("", "", "Keys for idempotent requests can only be used %s. Try using a key other than '%s' if you meant to execute a different request.", how, key)
	e.body.Type = typeIdempotency
	return e
}
