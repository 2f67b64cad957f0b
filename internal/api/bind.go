package api

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/oapi-codegen/runtime"

	"cartwright/internal/errs"
)

// binder gives the handler the validated value and nothing else: a second, case-insensitive decode
// would let {"name":"a","NAME":"b"} pass as "a" and arrive as "b".
type binder struct{}

// Bind fills target from the validated body.
func (binder) Bind(target any, c echo.Context) error {
	value, ok := validated(c)
	if !ok {
		return nil // no body, and the spec does not ask for one
	}
	err := runtime.BindJSONValue(value, target)
	if err == nil {
		return nil
	}
	fits := func(value any) bool {
		return runtime.BindJSONValue(value, reflect.New(reflect.TypeOf(target).Elem()).Interface()) == nil
	}
	return invalidFields(misfits("", value, fits)).Wrap(err)
}

// validated is the body as it was validated.
func validated(c echo.Context) (any, bool) {
	holder, ok := c.Request().Body.(interface{ ValidatedValue() any })
	if !ok {
		return nil, false
	}
	return holder.ValidatedValue(), true
}

// misfits names the values that the schema allows and the program cannot hold, such as the integer
// 1.0 or an amount of 1e-99999. It offers each member alone to find out.
func misfits(at string, value any, fits func(any) bool) (fields []errs.Field) {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			alone := func(v any) bool { return fits(map[string]any{name: v}) }
			if !alone(member) {
				fields = append(fields, misfits(memberOf(at, name), member, alone)...)
			}
		}
	case []any:
		alone := func(v any) bool { return fits([]any{v}) }
		for i, element := range value {
			if !alone(element) {
				fields = append(fields, misfits(elementOf(at, i), element, alone)...)
			}
		}
	default:
		fields = append(fields, errs.Field{
			Name: at, Code: "unreadable", Message: "Write this number plainly, within the range of its kind.",
		})
	}
	return fields
}

// memberOf and elementOf name a part of the body, such as items[1].quantity.
func memberOf(at, name string) string { return strings.TrimPrefix(at+"."+name, ".") }

func elementOf(at string, i int) string { return fmt.Sprintf("%s[%d]", at, i) }
