package stripesim

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxBody bounds what a request may send.
const maxBody = 1 << 20

// operation is one endpoint. check sees only the request and runs before anything is
// stored; run changes the state under the server's lock.
type operation struct {
	params params
	// kind is what the answer holds, for expanding.
	kind string
	// client lets a publishable key in, given the intent's client_secret.
	client bool
	check  func(*call) *apiError
	run    func(*Server, *call) (any, *apiError)
}

// call is one request on its way through an operation.
type call struct {
	now         time.Time
	method      string
	path        string
	id          string // of the object in the path
	part        string // of what is the object's, in the path
	requestID   string
	key         string // Idempotency-Key
	publishable bool
	baseURL     string
	form        url.Values
	args        args
}

// Call describes a request to an interceptor.
type Call struct {
	Method, Path, IdempotencyKey string
	// Form is the request's parameters; do not change it.
	Form url.Values
}

// read authenticates and validates a request without touching the state.
func (s *Server) read(w http.ResponseWriter, r *http.Request, op operation, requestID string) (*call, *apiError) {
	c := &call{
		now: s.now(), method: r.Method, path: r.URL.Path, id: r.PathValue("id"), part: r.PathValue("part"),
		requestID: requestID, baseURL: s.publicURL,
	}
	if c.baseURL == "" {
		c.baseURL = "http://" + r.Host
	}
	var err *apiError
	if c.form, err = formOf(w, r); err != nil {
		return c, err
	}
	if c.publishable, err = authenticate(r, c.form, op.client); err != nil {
		return c, err
	}
	if version := r.Header.Get("Stripe-Version"); version != "" && version != APIVersion {
		return c, refuse("", "", "Invalid Stripe API version: %s. The stand-in speaks %s.", version, APIVersion)
	}
	if r.Method == http.MethodPost {
		c.key = r.Header.Get("Idempotency-Key")
	}
	if len(c.key) > 255 {
		return c, refuse("", "", "Idempotency keys can be up to 255 characters long.")
	}
	if c.args, err = parseArgs(c.form, op.params); err != nil {
		return c, err
	}
	if err = checkExpand(op.kind, c.args.list("expand")); err != nil || op.check == nil {
		return c, err
	}
	return c, op.check(c)
}

// formOf reads the query of a GET and the form body of anything else.
func formOf(w http.ResponseWriter, r *http.Request) (url.Values, *apiError) {
	form := r.URL.Query()
	if r.Method != http.MethodPost {
		return form, nil
	}
	kind := r.Header.Get("Content-Type")
	if kind != "" && !strings.HasPrefix(kind, "application/x-www-form-urlencoded") {
		return nil, refuse("", "", "Invalid request (check that your POST content type is application/x-www-form-urlencoded).")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		return nil, refuse("", "", "Invalid request: the body is not a form.")
	}
	return r.Form, nil
}

// authenticate tells a secret test key from a publishable one. The key may also travel
// as Basic user name or, from Stripe.js, in the form.
func authenticate(r *http.Request, form url.Values, client bool) (publishable bool, err *apiError) {
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		key, _, _ = r.BasicAuth()
	}
	if key == "" && strings.HasPrefix(form.Get("key"), "pk_") {
		key = form.Get("key")
		delete(form, "key")
	}
	switch {
	case key == "":
		return false, unauthorized("", "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').")
	case secretKey(key):
		return false, nil
	case !strings.HasPrefix(key, "pk_test_"):
		return false, unauthorized("", "Invalid API Key provided: "+masked(key))
	case !client:
		return true, unauthorized("secret_key_required", "This API call cannot be made with a publishable API key. Please use a secret API key.")
	}
	return true, nil
}

func secretKey(key string) bool {
	return strings.HasPrefix(key, "sk_test_") || strings.HasPrefix(key, "rk_test_")
}

func unauthorized(code, message string) *apiError {
	return refuse(code, "", "%s", message).withStatus(http.StatusUnauthorized)
}

// masked keeps a mistaken live key out of logs.
func masked(key string) string {
	return key[:min(len(key), 8)] + "****"
}
