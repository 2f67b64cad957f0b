package api

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/labstack/echo/v4"

	"cartwright/internal/catalog"
	"cartwright/internal/emails"
	"cartwright/internal/errs"
)

var uuidFormat = openapi3.WithStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator(
	`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`))

// emailFormat is the rule that addresses are stored by, so that what no mail reaches is named beside the other problems.
var emailFormat = openapi3.WithStringFormatValidator("email", openapi3.NewCallbackValidator(func(text string) error {
	_, err := emails.Parse(text)
	return err
}))

// uriFormat holds addresses to what a browser can open: the pattern of their schemas looks at their beginning alone.
var uriFormat = openapi3.WithStringFormatValidator("uri", openapi3.NewCallbackValidator(func(address string) error {
	if problem := catalog.CheckAddress(address); problem != "" {
		return errors.New(problem)
	}
	return nil
}))

// KeepValidatedValue leaves what was validated on the body, for binder to take.
var validation = &openapi3filter.Options{
	MultiError:              true,
	KeepValidatedValue:      true,
	SkipSettingDefaults:     false,
	AuthenticationFunc:      openapi3filter.NoopAuthenticationFunc, // authenticate did that
	SchemaValidationOptions: []openapi3.SchemaValidationOption{uuidFormat, emailFormat, uriFormat},
}

// withoutBody leaves the body to an operation that reads it by itself.
var withoutBody = func() *openapi3filter.Options {
	options := *validation
	options.ExcludeRequestBody = true
	return &options
}()

// bodiless is the request without its body, which the validator would read even where it must not judge it.
func bodiless(request *http.Request) *http.Request {
	bare := *request
	bare.Body, bare.ContentLength = http.NoBody, 0
	return &bare
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
		if operation(c).streams || operation(c).form != nil || operation(c).signed != "" {
			input.Options, input.Request = withoutBody, bodiless(c.Request())
		}
		query, err := url.ParseQuery(c.Request().URL.RawQuery)
		if err != nil {
			return errQuery.Wrap(err) // whoever reads it later would leave out what it cannot read
		}
		if fields := unstorable(params, query); len(fields) > 0 {
			return invalidFields(fields)
		}
		if err := openapi3filter.ValidateRequest(c.Request().Context(), input); err != nil {
			return toInvalid(err)
		}
		if value, ok := validated(c); ok {
			if fields := zeroBytes(nil, "", value); len(fields) > 0 {
				return invalidFields(fields)
			}
		}
		return next(c)
	}
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
			fields = zeroBytes(fields, memberOf(at, name), member)
		}
	case []any:
		for i, member := range value {
			fields = zeroBytes(fields, elementOf(at, i), member)
		}
	}
	return fields
}
