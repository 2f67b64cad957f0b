package api

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/labstack/echo/v4"
	"github.com/oapi-codegen/runtime"

	"cartwright/internal/errs"
)

var uuidFormat = openapi3.WithStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator(
	`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`))

// KeepValidatedValue leaves what was validated on the body, and binder takes just that: a second,
// case-insensitive decode would let {"name":"a","NAME":"b"} pass as "a" and arrive as "b".
var validation = &openapi3filter.Options{
	MultiError:              true,
	KeepValidatedValue:      true,
	SkipSettingDefaults:     false,
	AuthenticationFunc:      openapi3filter.NoopAuthenticationFunc, // authenticate did that
	SchemaValidationOptions: []openapi3.SchemaValidationOption{uuidFormat},
}

// validate holds the request to the spec and names everything that is wrong with it at once.
func (s *contract) validate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		names, values := c.ParamNames(), c.ParamValues()
		params := make(map[string]string, len(names))
		for i, name := range names {
			params[name] = values[i]
		}
		input := &openapi3filter.RequestValidationInput{
			Request: c.Request(), PathParams: params, Route: operation(c).route, Options: validation,
		}
		if fields := unstorable(params, c.QueryParams()); len(fields) > 0 {
			return errs.InvalidFields(fields...)
		}
		if err := openapi3filter.ValidateRequest(c.Request().Context(), input); err != nil {
			return toInvalid(err)
		}
		if value, ok := validated(c); ok {
			if fields := zeroBytes(nil, "", value); len(fields) > 0 {
				return errs.InvalidFields(fields...)
			}
		}
		return next(c)
	}
}

// validated is the body as it was validated.
func validated(c echo.Context) (any, bool) {
	holder, ok := c.Request().Body.(interface{ ValidatedValue() any })
	if !ok {
		return nil, false
	}
	return holder.ValidatedValue(), true
}

// binder gives the handler the validated value and nothing else.
type binder struct{}

// Bind fills target from the validated body.
func (binder) Bind(target any, c echo.Context) error {
	value, ok := validated(c)
	if !ok {
		return nil // no body, and the spec does not ask for one
	}
	if err := runtime.BindJSONValue(value, target); err != nil {
		return errs.InvalidFields(errs.Field{Code: "unreadable", Message: "A value is out of range."}).Wrap(err)
	}
	return nil
}

// unstorable finds parameters that no database text can hold: a NUL or bytes that are not UTF-8.
func unstorable(path map[string]string, query map[string][]string) []errs.Field {
	var fields []errs.Field
	check := func(in, name, value string) {
		if strings.ContainsRune(value, 0) || !utf8.ValidString(value) {
			fields = append(fields, errs.Field{In: in, Name: name, Code: "invalid_text", Message: "This is not text."})
		}
	}
	for name, value := range path {
		check("PATH", name, value)
	}
	for name, values := range query {
		for _, value := range values {
			check("QUERY", name, value)
		}
	}
	return fields
}

// zeroBytes finds text of the body that holds a NUL.
func zeroBytes(fields []errs.Field, at string, value any) []errs.Field {
	switch value := value.(type) {
	case string:
		if strings.ContainsRune(value, 0) {
			fields = append(fields, errs.Field{Name: at, Code: "invalid_text", Message: "Text cannot hold a NUL character."})
		}
	case map[string]any:
		for name, member := range value {
			if strings.ContainsRune(name, 0) {
				fields = zeroBytes(fields, at, name)
			}
			fields = zeroBytes(fields, strings.TrimPrefix(at+"."+name, "."), member)
		}
	case []any:
		for i, member := range value {
			fields = zeroBytes(fields, fmt.Sprintf("%s[%d]", at, i), member)
		}
	}
	return fields
}

// toInvalid turns what the validator found into one error. Its own text is never sent: it repeats
// the value and the schema.
func toInvalid(err error) error {
	var fields []errs.Field
	for _, single := range flatten(err) {
		var request *openapi3filter.RequestError
		if !errors.As(single, &request) {
			return fmt.Errorf("validate the request: %w", single)
		}
		if request.RequestBody != nil {
			if unreadable := bodyError(request); unreadable != nil {
				return unreadable
			}
		}
		fields = append(fields, toFields(request)...)
	}
	return errs.InvalidFields(fields...)
}

func flatten(err error) []error {
	var many openapi3.MultiError
	if errors.As(err, &many) && !isRequestError(err) {
		var all []error
		for _, one := range many {
			all = append(all, flatten(one)...)
		}
		return all
	}
	return []error{err}
}

func isRequestError(err error) bool {
	_, ok := err.(*openapi3filter.RequestError) //nolint:errorlint // the outermost error is meant
	return ok
}

// bodyError is the answer to a body that could not be read as JSON at all.
func bodyError(request *openapi3filter.RequestError) error {
	var parse *openapi3filter.ParseError
	switch {
	case errors.Is(request.Err, openapi3filter.ErrInvalidRequired):
		return errs.InvalidFields(errs.Field{Code: "required", Message: "The request needs a body."})
	case errors.As(request.Err, &parse):
		return errMalformed.Wrap(parse)
	case request.Err == nil:
		return errMediaType
	}
	return nil
}

func toFields(request *openapi3filter.RequestError) []errs.Field {
	in, name := "BODY", ""
	if parameter := request.Parameter; parameter != nil {
		in, name = strings.ToUpper(parameter.In), parameter.Name
	}
	var fields []errs.Field
	for _, single := range flatten(request.Err) {
		var schema *openapi3.SchemaError
		switch {
		case errors.As(single, &schema):
			field, message := toField(schema)
			if name != "" {
				field = name
			}
			fields = append(fields, errs.Field{In: in, Name: field, Code: schemaCode(schema), Message: message})
		case errors.Is(single, openapi3filter.ErrInvalidRequired), errors.Is(single, openapi3filter.ErrInvalidEmptyValue):
			fields = append(fields, errs.Field{In: in, Name: name, Code: "required", Message: "This is required."})
		default:
			fields = append(fields, errs.Field{In: in, Name: name, Code: "type", Message: "This cannot be read."})
		}
	}
	return fields
}

// toField names the value as a path such as items[1].quantity and says what is wrong with it.
func toField(schema *openapi3.SchemaError) (field, message string) {
	var path strings.Builder
	for _, step := range schema.JSONPointer() {
		switch {
		case step != "" && strings.Trim(step, "0123456789") == "":
			path.WriteString("[" + step + "]")
		case path.Len() == 0:
			path.WriteString(step)
		default:
			path.WriteString("." + step)
		}
	}
	return path.String(), capitalise(schema.Reason)
}

// codes gives what a schema asks for a name in the API's own terms.
var codes = map[string]string{
	"minimum": "too_small", "maximum": "too_large", "exclusiveMinimum": "too_small", "exclusiveMaximum": "too_large",
	"minLength": "too_short", "maxLength": "too_long", "minItems": "too_few", "maxItems": "too_many",
	"minProperties": "too_few", "maxProperties": "too_many", "required": "required", "properties": "unknown_field",
	"enum": "unknown_value", "pattern": "pattern", "format": "format", "type": "type", "nullable": "not_nullable",
}

func schemaCode(schema *openapi3.SchemaError) string {
	if code := codes[schema.SchemaField]; code != "" {
		return code
	}
	return "invalid"
}

func capitalise(reason string) string {
	if reason == "" {
		return "This value is not valid."
	}
	return strings.ToUpper(reason[:1]) + reason[1:] + "."
}
