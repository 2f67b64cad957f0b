package shoptest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"cartwright/openapi"
)

// HTTP is a client whose every exchange is held to the published spec.
func (s *Shop) HTTP() *http.Client {
	return &http.Client{Transport: contractTransport{t: s.t, tokens: s.tokens}}
}

func init() {
	openapi3filter.RegisterBodyDecoder("application/x-ndjson", openapi3filter.FileBodyDecoder)
}

// strict is the spec with its objects closed: what it does not document may not be answered.
var strict = sync.OnceValues(func() (routers.Router, error) {
	document, err := openapi.Parse() // a copy of its own, for it is changed
	if err != nil {
		return nil, err
	}
	closed := false
	for _, schema := range document.Components.Schemas {
		additional := &schema.Value.AdditionalProperties
		if schema.Value.Type.Is("object") && additional.Schema == nil && additional.Has == nil {
			additional.Has = &closed
		}
	}
	return gorillamux.NewRouter(document)
})

// contractTransport fails the test when an answer is not what the spec says. Requests may be wrong:
// that is what many tests are about.
type contractTransport struct {
	t      testing.TB
	tokens *sync.Map
}

// RoundTrip sends the request and checks the answer.
func (c contractTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	keepOrderToken(c.tokens, body)
	if err := check(request, response, body); err != nil {
		c.t.Errorf("%s %s answered %d against the spec: %v\n%s", request.Method, request.URL.Path, response.StatusCode, err, body)
	}
	return response, nil
}

// met holds what the tests of this process have been answered, such as "createCart 201".
var met sync.Map

// Unmet names every status that the spec documents and no exchange of this process has met, in the
// form "createCart 409". A package that promises to meet all of them asks in its TestMain.
func Unmet() ([]string, error) {
	document, err := openapi.Document()
	if err != nil {
		return nil, err
	}
	var unmet []string
	for _, item := range document.Paths.Map() {
		for _, operation := range item.Operations() {
			for status := range operation.Responses.Map() {
				name := operation.OperationID + " " + status
				if _, ok := met.Load(name); !ok && status != "default" {
					unmet = append(unmet, name)
				}
			}
		}
	}
	slices.Sort(unmet)
	return unmet, nil
}

func check(request *http.Request, response *http.Response, body []byte) error {
	router, err := strict()
	if err != nil {
		return err
	}
	relative := request.Clone(request.Context())
	relative.URL.Scheme, relative.URL.Host = "", ""
	route, params, err := router.FindRoute(relative)
	if err != nil {
		return fmt.Errorf("not an operation of the spec: %w", err)
	}
	if route.Operation.Responses.Status(response.StatusCode) == nil {
		return fmt.Errorf("status %d is not documented for %s", response.StatusCode, route.Operation.OperationID)
	}
	met.Store(fmt.Sprintf("%s %d", route.Operation.OperationID, response.StatusCode), true)
	return openapi3filter.ValidateResponse(request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, PathParams: params, Route: route},
		Status:                 response.StatusCode,
		Header:                 response.Header,
		Body:                   io.NopCloser(bytes.NewReader(body)),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
}
