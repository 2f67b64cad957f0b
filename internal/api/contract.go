package api

import (
	"fmt"
	"regexp"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"cartwright/internal/auth"
)

// contract is the published spec, looked up by the routes that Echo matches.
type contract struct {
	document   *openapi3.T
	operations map[string]*contractOperation // by method and Echo path
}

// contractOperation is one operation of the spec.
type contractOperation struct {
	id         string
	permission auth.Permission
	route      *routers.Route
}

var pathParameter = regexp.MustCompile(`\{([^}]+)\}`)

func loadContract(yaml []byte) (*contract, error) {
	document, err := openapi3.NewLoader().LoadFromData(yaml)
	if err != nil {
		return nil, fmt.Errorf("read the spec: %w", err)
	}
	loaded := &contract{document: document, operations: map[string]*contractOperation{}}
	for path, item := range document.Paths.Map() {
		for method, described := range item.Operations() {
			permission, ok := described.Extensions["x-permission"].(string)
			if !ok {
				return nil, fmt.Errorf("operation %s declares no x-permission", described.OperationID)
			}
			loaded.operations[method+" "+basePath+pathParameter.ReplaceAllString(path, ":$1")] = &contractOperation{
				id:         described.OperationID,
				permission: auth.Permission(permission),
				route: &routers.Route{
					Spec: document, Path: path, PathItem: item, Method: method, Operation: described,
				},
			}
		}
	}
	return loaded, nil
}

const operationKey = "operation"

// operation is the spec's operation that the request is for.
func operation(c echo.Context) *contractOperation {
	found, _ := c.Get(operationKey).(*contractOperation)
	return found
}

// identify finds the request's operation. A route that the spec does not know cannot be reached.
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
