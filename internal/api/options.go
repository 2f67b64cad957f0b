package api

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"cartwright/internal/errs"
)

// Limits of option filters; the spec states them too.
const (
	maxOptionFilters = 20
	maxOptionText    = 100
)

type optionsKey struct{}

// optionFilters are those of the request, by name.
func optionFilters(ctx context.Context) map[string][]string {
	filters, _ := ctx.Value(optionsKey{}).(map[string][]string)
	return filters
}

// readOptions takes the filters by option out of the query of a search. No one way of writing them is
// both what shops write by hand, option.color=red, and what generated clients write,
// option[color]=red or option[color][0]=red: all are read here, so that nothing behind must.
func readOptions(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if operation(c).id != "searchProducts" {
			return next(c)
		}
		query, err := url.ParseQuery(c.Request().URL.RawQuery)
		if err != nil {
			return errQuery.Wrap(err)
		}
		filters, fields := map[string][]string{}, unstorable(nil, query)
		for key, values := range query {
			name, is := optionName(key)
			if !is {
				continue
			}
			delete(query, key)
			if name == "" || len([]rune(name)) > maxOptionText {
				fields = append(fields, optionProblem(key, "too_long", "The name of an option has 1 to 100 characters."))
				continue
			}
			filters[name] = append(filters[name], values...)
		}
		if fields = append(fields, tooManyOptions(filters)...); len(fields) > 0 {
			return invalidFields(fields)
		}
		request := c.Request().WithContext(context.WithValue(c.Request().Context(), optionsKey{}, filters))
		address := *request.URL
		address.RawQuery = query.Encode()
		request.URL = &address
		c.SetRequest(request)
		return next(c)
	}
}

// optionName is the name in option.name, option[name], option[name][] or option[name][0].
func optionName(key string) (name string, is bool) {
	if name, is = strings.CutPrefix(key, "option."); is {
		return name, true
	}
	rest, is := strings.CutPrefix(key, "option[")
	if !is {
		return "", key == "option"
	}
	name, rest, closed := strings.Cut(rest, "]")
	if index := strings.Trim(rest, "0123456789"); !closed || index != "" && index != "[]" && !isIndex(rest) {
		return "", true
	}
	return name, true
}

func isIndex(text string) bool {
	inner, begins := strings.CutPrefix(text, "[")
	inner, ends := strings.CutSuffix(inner, "]")
	return begins && ends && strings.Trim(inner, "0123456789") == ""
}

func tooManyOptions(filters map[string][]string) (fields []errs.Field) {
	if len(filters) > maxOptionFilters {
		fields = append(fields, optionProblem("option", "too_many", fmt.Sprintf("At most %d options.", maxOptionFilters)))
	}
	for name, values := range filters {
		if len(values) > maxOptionFilters {
			fields = append(fields, optionProblem("option."+name, "too_many", fmt.Sprintf("At most %d values.", maxOptionFilters)))
		}
		if slices.ContainsFunc(values, func(value string) bool { return len([]rune(value)) > maxOptionText }) {
			fields = append(fields, optionProblem("option."+name, "too_long", fmt.Sprintf("At most %d characters.", maxOptionText)))
		}
	}
	return fields
}

func optionProblem(name, code, message string) errs.Field {
	return errs.Field{In: "QUERY", Name: name, Code: code, Message: message}
}
