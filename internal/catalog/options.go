package catalog

import (
	"encoding/json"
	"fmt"

	"cartwright/internal/errs"
)

// maxOptions is how many choices a variant makes at most.
const maxOptions = 10

// TidyOptions are the options with tidy names and values: without spaces around them and what else nobody sees and would
// let one choice be two. The problem it may have is one of the field options.
func TidyOptions(options map[string]string) (map[string]string, error) {
	tidy, keys := make(map[string]string, len(options)), make(map[string]bool, len(options))
	for name, value := range options {
		name, value = Tidy(name), Tidy(value)
		key := Key(name)
		twice := keys[key]
		keys[key] = true
		switch {
		case name == "" || value == "":
			return nil, badOptions("too_short", "An option has a name and a value.")
		case len(name) > 400:
			return nil, badOptions("too_long", "The name of an option is too long.")
		case twice:
			return nil, badOptions("twice", "Two options have the same name.")
		}
		tidy[name] = value
	}
	if len(tidy) > maxOptions {
		return nil, badOptions("too_many", fmt.Sprintf("A variant has at most %d options.", maxOptions))
	}
	return tidy, nil
}

func badOptions(code, message string) error {
	return errs.InvalidFields(errs.Field{Name: "options", Code: code, Message: message})
}

func fromOptions(options map[string]string) ([]byte, error) {
	tidy, err := TidyOptions(options)
	if err != nil {
		return nil, err
	}
	encoded, err := json.Marshal(tidy)
	if err != nil {
		return nil, fmt.Errorf("write options: %w", err)
	}
	return encoded, nil
}
