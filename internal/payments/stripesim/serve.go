package stripesim

import (
	"encoding/json"
	"net/http"
)

// answer is what goes back to the client and, under a key, is kept.
type answer struct {
	Status int    `json:"status"`
	Body   []byte `json:"body"`
}

// Fault is an interceptor's verdict about one request.
type Fault int

const (
	// Proceed lets the request take effect and its answer arrive.
	Proceed Fault = iota
	// FailBefore answers 500 and changes nothing; a key keeps that answer, as Stripe's do.
	FailBefore
	// LoseAnswer lets the request take effect and breaks the connection.
	LoseAnswer
	// RateLimit answers 429 before anything happens; nothing is kept.
	RateLimit
	// FailAfter lets the request take effect and answers 500 all the same; a key keeps that answer.
	FailAfter
	// BreakBefore breaks the connection before anything happens; nothing is kept.
	BreakBefore
	// HangBefore answers nothing and changes nothing, until the client gives up; nothing is kept.
	HangBefore
	// HangAfter lets the request take effect and answers nothing, until the client gives up.
	HangAfter
)

// serve takes one request through validation, idempotency and its effect.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, op operation) {
	requestID := newID("req_")
	setHeaders(w, requestID)
	c, refused := s.read(w, r, op, requestID)
	if refused != nil {
		write(w, answerOf(refused))
		return
	}
	if c.key != "" {
		w.Header().Set("Idempotency-Key", c.key)
	}
	held, stored, refused := s.claim(c)
	if refused != nil {
		write(w, answerOf(refused))
		return
	}
	if stored != nil {
		w.Header().Set("Idempotent-Replayed", "true")
		w.Header().Set("Original-Request", stored.RequestID)
		write(w, stored.answer())
		return
	}
	if held {
		defer s.release(c.key)
	}
	fault := s.ask(c)
	switch fault {
	case RateLimit:
		write(w, answerOf(rateLimited()))
		return
	case HangBefore:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case BreakBefore:
		panic(http.ErrAbortHandler)
	}
	result := s.execute(c, op, fault)
	switch fault {
	case HangAfter:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case LoseAnswer:
		panic(http.ErrAbortHandler)
	}
	write(w, result)
}

func (s *Server) ask(c *call) Fault {
	if s.intercept == nil || c.method == http.MethodGet && !s.interceptReads {
		return Proceed
	}
	return s.intercept(Call{Method: c.method, Path: c.path, IdempotencyKey: c.key, Form: c.form})
}

// execute runs the operation and keeps its answer in the same step.
func (s *Server) execute(c *call, op operation, fault Fault) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	var result answer
	if fault == FailBefore {
		result = answerOf(internalError())
	} else {
		object, err := op.run(s, c)
		if result = s.render(c, object, err); fault == FailAfter && err == nil {
			result = answerOf(internalError())
		}
	}
	s.keep(c, result)
	if c.method != http.MethodGet {
		s.snapshots.changed()
	}
	return result
}

// render turns an operation's outcome into an answer, expanded as the call asked and
// reduced to what its key may see.
func (s *Server) render(c *call, object any, err *apiError) answer {
	status := http.StatusOK
	if err != nil {
		status, object = err.status, map[string]any{"error": err.body}
	} else {
		object = s.expand(object, c.args.list("expand"))
	}
	if c.publishable {
		object = publicView(object)
	}
	return answerWith(status, object)
}

func answerOf(err *apiError) answer {
	return answerWith(err.status, map[string]any{"error": err.body})
}

func answerWith(status int, object any) answer {
	body, err := json.MarshalIndent(object, "", "  ")
	if err != nil { // our own types always encode
		return answer{Status: http.StatusInternalServerError, Body: []byte(`{"error":{"type":"api_error","message":"unencodable"}}`)}
	}
	return answer{Status: status, Body: body}
}

func setHeaders(w http.ResponseWriter, requestID string) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-cache, no-store")
	h.Set("Request-Id", requestID)
	h.Set("Stripe-Version", APIVersion)
	h.Set("X-Content-Type-Options", "nosniff")
}

func write(w http.ResponseWriter, a answer) {
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // a client that left needs no answer
}

func internalError() *apiError {
	return &apiError{http.StatusInternalServerError, ErrorBody{
		Type: typeAPI, Message: "An unknown error occurred.",
	}}
}

func rateLimited() *apiError {
	return refuse("rate_limit", "", "Too many requests hit the API too quickly.").withStatus(http.StatusTooManyRequests)
}
