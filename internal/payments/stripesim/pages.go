package stripesim

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
)

// pageSecurity allows no script and no request to anywhere. It leaves form-action open
// because a finished authentication redirects to the shop.
const pageSecurity = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"

var overviewPage = template.Must(template.New("overview").Parse(`<!doctype html><html lang="en"><meta charset="utf-8">
<title>Stripe stand-in</title><style>body{font:15px system-ui;margin:2rem}td,th{padding:.3rem .8rem;text-align:left}</style>
<h1>Stripe stand-in</h1><p>No money moves here. The latest PaymentIntents and SetupIntents:</p>
<table><tr><th>id<th>what<th>status<th>what next</tr>
{{range .}}<tr><td>{{.ID}}<td>{{.Display}}<td>{{.Status}}<td>{{if .Token}}<a href="sim/intents/{{.ID}}/{{.Token}}">decide</a>{{end}}</tr>
{{else}}<tr><td colspan="4">none yet</tr>{{end}}</table></html>`))

var decidePage = template.Must(template.New("decide").Parse(`<!doctype html><html lang="en"><meta charset="utf-8">
<title>Test payment</title><style>body{font:15px system-ui;margin:2rem}button{font:inherit;padding:.4rem 1rem}</style>
<h1>{{.Question}}</h1><p>Test of {{.Display}} ({{.ID}}).</p>
<form method="post"><button name="outcome" value="complete">Complete</button> <button name="outcome" value="fail">Fail</button></form></html>`))

// pageIntent is what the pages show of an intent, of either kind.
type pageIntent struct{ ID, Display, Status, Token, Question string }

func (s *Server) overview(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	var rows []pageIntent
	items := s.state.Intents.items
	for _, in := range slices.Backward(items[max(0, len(items)-100):]) {
		rows = append(rows, in.page())
	}
	setups := s.state.Setups.items
	for _, si := range slices.Backward(setups[max(0, len(setups)-100):]) {
		rows = append(rows, si.page())
	}
	s.mu.Unlock()
	show(w, overviewPage, rows)
}

func (in *intent) page() pageIntent {
	p := pageIntent{ID: in.ID, Display: "a payment of " + display(in.Amount, in.Currency), Status: in.Status, Token: in.ActionToken}
	switch in.Status {
	case statusRequiresAction:
		p.Question = "Authenticate this payment?"
	case statusProcessing:
		p.Question = "Does the bank pay?"
	}
	return p
}

func (s *Server) actionPage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	waits := s.waiting(r)
	var p pageIntent
	if waits != nil {
		p = waits.page()
	}
	s.mu.Unlock()
	if waits == nil {
		http.Error(w, "This payment waits for nothing here.", http.StatusNotFound)
		return
	}
	show(w, decidePage, p)
}

// waiter is an intent, of either kind, on which somebody decides.
type waiter interface {
	page() pageIntent
	// back leads to the shop, and is empty when it said not where to.
	back(passed bool) string
	decide(s *Server, passed bool)
}

// waiting finds what a page's link is about; its token is the right to decide.
func (s *Server) waiting(r *http.Request) waiter {
	id, token := r.PathValue("id"), r.PathValue("token")
	if token == "" {
		return nil
	}
	if in := s.state.Intents.get(id); in != nil && in.ActionToken == token {
		return in
	}
	if si := s.state.Setups.get(id); si != nil && si.ActionToken == token {
		return si
	}
	return nil
}

func (in *intent) decide(s *Server, passed bool) {
	if in.Status == statusProcessing {
		s.finishProcessing(in, passed)
		return
	}
	s.authenticate(in, passed)
}

// actionDone takes the customer's or the bank's decision and leads back to the shop.
func (s *Server) actionDone(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	outcome := r.PostFormValue("outcome")
	if outcome != "complete" && outcome != "fail" {
		http.Error(w, "outcome must be complete or fail", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	waits := s.waiting(r)
	if waits == nil {
		s.mu.Unlock()
		http.Error(w, "This payment waits for nothing here.", http.StatusNotFound)
		return
	}
	back := waits.back(outcome == "complete")
	waits.decide(s, outcome == "complete")
	p := waits.page()
	s.mu.Unlock()
	if back != "" {
		http.Redirect(w, r, back, http.StatusSeeOther)
		return
	}
	p.Question, p.Token = "Done.", ""
	show(w, overviewPage, []pageIntent{p})
}

func (in *intent) back(passed bool) string {
	return in.NextAction.back("payment_intent", in.ID, in.ClientSecret, passed)
}

// back is the shop's return_url with what Stripe appends to it of an intent of the kind, or empty.
func (action *NextAction) back(kind, id, secret string, passed bool) string {
	if action == nil || action.RedirectToURL == nil {
		return ""
	}
	u, err := url.Parse(*action.RedirectToURL.ReturnURL)
	if err != nil { // checked when it was given
		return ""
	}
	status := "failed"
	if passed {
		status = "succeeded"
	}
	query := u.Query()
	query.Set(kind, id)
	query.Set(kind+"_client_secret", secret)
	query.Set("redirect_status", status)
	u.RawQuery = query.Encode()
	return u.String()
}

func show(w http.ResponseWriter, page *template.Template, data any) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", pageSecurity)
	h.Set("Cache-Control", "no-store")
	_ = page.Execute(w, data) // the browser left
}
