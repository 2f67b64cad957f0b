package api

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"cartwright/internal/emails"
	"cartwright/internal/errs"
)

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
	return invalidFields(fields)
}

// maxFields is how many field problems an answer names: more than any form has, fewer than fill a page.
const maxFields = 50

// invalidFields is one error of field problems in an order that does not change from try to try.
func invalidFields(fields []errs.Field) *errs.Error {
	slices.SortFunc(fields, func(a, b errs.Field) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.In, b.In), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	return errs.InvalidFields(fields[:min(len(fields), maxFields)]...)
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
	steps := schema.JSONPointer()
	// The validator points at the object that holds an unknown field and names the field in its text.
	if unknown := unknownField.FindStringSubmatch(schema.Reason); unknown != nil {
		if name, err := strconv.Unquote(unknown[1]); err == nil {
			steps = append(steps, name)
		}
	}
	var path strings.Builder
	for _, step := range steps {
		switch {
		case step != "" && strings.Trim(step, "0123456789") == "":
			path.WriteString("[" + step + "]")
		case path.Len() == 0:
			path.WriteString(step)
		default:
			path.WriteString("." + step)
		}
	}
	if schema.SchemaField == "format" && schema.Schema.Format == "email" {
		return path.String(), "This is " + emails.ErrAddress.Error() + "."
	}
	return path.String(), capitalise(schema.Reason)
}

var unknownField = regexp.MustCompile(`^property (".*") is unsupported$`)

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
