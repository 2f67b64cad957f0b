package api

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"cartwright/internal/auth"
	"cartwright/internal/budget"
)

// contract is the published spec, looked up by the routes that Echo matches.
type contract struct {
	operations map[string]*contractOperation // by method and Echo path
}

// contractOperation is one operation of the spec.
type contractOperation struct {
	id         string
	permission auth.Permission
	takesToken bool // an Authorization header means something here
	takesKey   bool // and so does an API key
	takesJSON  bool
	streams    bool             // reads its body or writes its answer bit by bit (x-streams)
	tagged     bool             // a good answer has an ETag
	cacheable  bool             // x-cacheable: a good answer may be kept and asked after
	form       *openapi3.Schema // of a multipart body; nil where none is taken
	// withoutFactor is said by x-without-second-factor: it is open to those who lack a second factor that is required.
	withoutFactor bool
	maxBody       int64         // how many bytes of a body it reads
	signed        string        // x-signed: the header with the signature of its body; "" is none
	spends        []budget.Name // x-spends: what all callers share and it may use
	limit         string        // x-rate-limit: the limit it has beside the general one, or unlimited
	route         *routers.Route
}

var pathParameter = regexp.MustCompile(`\{([^}]+)\}`)

// loadContract reads a spec, which it leaves as it is.
func loadContract(document *openapi3.T) (*contract, error) {
	loaded := &contract{operations: map[string]*contractOperation{}}
	for path, item := range document.Paths.Map() {
		for method, described := range item.Operations() {
			permission, ok := described.Extensions["x-permission"].(string)
			if !ok {
				return nil, fmt.Errorf("operation %s declares no x-permission", described.OperationID)
			}
			limit, err := limitOf(described)
			if err != nil {
				return nil, err
			}
			spends, err := spendsOf(described, limit)
			if err != nil {
				return nil, err
			}
			loaded.operations[method+" "+basePath+pathParameter.ReplaceAllString(path, ":$1")] = &contractOperation{
				id:            described.OperationID,
				permission:    auth.Permission(permission),
				takesToken:    takesToken(described),
				takesKey:      takesKey(described),
				takesJSON:     takesJSON(described),
				streams:       described.Extensions["x-streams"] == true,
				tagged:        tagged(described),
				cacheable:     described.Extensions["x-cacheable"] == true,
				form:          formOf(described),
				withoutFactor: described.Extensions["x-without-second-factor"] == true,
				maxBody:       bodyBound(described),
				signed:        isSigned(described),
				spends:        spends,
				limit:         limit,
				route: &routers.Route{
					Spec: document, Path: path, PathItem: item, Method: method, Operation: described,
				},
			}
		}
	}
	return loaded, nil
}

func takesKey(described *openapi3.Operation) bool {
	return described.Security != nil && slices.ContainsFunc(*described.Security,
		func(way openapi3.SecurityRequirement) bool { return way["apiKey"] != nil })
}

func takesToken(described *openapi3.Operation) bool {
	return described.Security != nil && slices.ContainsFunc(*described.Security,
		func(way openapi3.SecurityRequirement) bool { return len(way) > 0 })
}

func takesJSON(described *openapi3.Operation) bool {
	if described.RequestBody == nil {
		return false
	}
	content := described.RequestBody.Value.Content
	return content[echo.MIMEApplicationJSON] != nil || content[mergePatch] != nil
}

// limitOf is the limit that the operation names; "" where it has the general one alone.
func limitOf(described *openapi3.Operation) (string, error) {
	value, named := described.Extensions["x-rate-limit"]
	if !named {
		return "", nil
	}
	name, _ := value.(string)
	if _, known := quotas[name]; !known && name != unlimited {
		return "", fmt.Errorf("operation %s has the x-rate-limit %v, which there is not", described.OperationID, value)
	}
	return name, nil
}

func tagged(described *openapi3.Operation) bool {
	for status, response := range described.Responses.Map() {
		if status[0] == '2' && response.Value.Headers["ETag"] != nil {
			return true
		}
	}
	return false
}

func formOf(described *openapi3.Operation) *openapi3.Schema {
	if described.RequestBody == nil {
		return nil
	}
	media := described.RequestBody.Value.Content[echo.MIMEMultipartForm]
	if media == nil {
		return nil
	}
	return media.Schema.Value
}

const operationKey = "operation"

// operation is the spec's operation that the request is for.
func operation(c echo.Context) *contractOperation {
	found, _ := c.Get(operationKey).(*contractOperation)
	return found
}

// onEach puts the checks before every operation.
func (s *contract) onEach(checks ...echo.MiddlewareFunc) map[string][]echo.MiddlewareFunc {
	each := map[string][]echo.MiddlewareFunc{}
	for _, known := range s.operations {
		each[known.id] = checks
	}
	return each
}

// covers makes sure that no route went past the checks: each is an operation of the spec.
func (s *contract) covers(routes []*echo.Route) error {
	for _, route := range routes {
		if s.operations[route.Method+" "+route.Path] == nil {
			return fmt.Errorf("route %s %s is not in the spec", route.Method, route.Path)
		}
	}
	return nil
}

// identify finds the request's operation.
func (s *contract) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		found := s.operations[c.Request().Method+" "+c.Path()]
		if found == nil {
			return echo.ErrNotFound
		}
		c.Set(operationKey, found)
		return next(c)
	}
}
