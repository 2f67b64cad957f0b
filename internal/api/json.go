package api

import (
	"encoding/json"

	"cartwright/internal/errs"
)

// maxDepth is how deep objects and arrays may lie in each other. The spec describes nothing below a tenth.
const maxDepth = 64

var (
	errTooDeep  = errs.New(errs.Malformed, "malformed_json", "The body is nested deeper than the server reads.")
	errRepeated = errs.New(errs.Malformed, "malformed_json", "The body names a member of an object twice.")
)

// plainJSON refuses what programs read differently, or at a cost: deep nesting, and members that stand twice in an
// object (RFC 8259, section 4), of which one program takes the first and another the last. The text is valid JSON.
// Members that differ in case are different members; of those that the spec does not name, the schema speaks.
func plainJSON(text []byte) error {
	var open []container
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			if len(open) == maxDepth {
				return errTooDeep
			}
			open = append(open, container{object: text[i] == '{', naming: text[i] == '{'})
		case '}', ']':
			open = open[:len(open)-1]
		case ':':
			open[len(open)-1].naming = false
		case ',':
			inside := &open[len(open)-1]
			inside.naming = inside.object
		case '"':
			end := stringEnd(text, i)
			if len(open) > 0 && open[len(open)-1].naming && !open[len(open)-1].name(text[i:end]) {
				return errRepeated
			}
			i = end - 1
		}
	}
	return nil
}

// container is an object or array that is open.
type container struct {
	object, naming bool // naming: the next string is a member's name
	names          []string
	known          map[string]bool // the same, once they are many
}

// few is up to how many names are compared one by one.
const few = 16

// name notes a member, unless it was there before.
func (o *container) name(quoted []byte) bool {
	name := string(quoted)
	if err := json.Unmarshal(quoted, &name); err != nil { // "\u0061" is "a"
		return false
	}
	if o.known != nil {
		fresh := !o.known[name]
		o.known[name] = true
		return fresh
	}
	for _, before := range o.names {
		if before == name {
			return false
		}
	}
	if o.names = append(o.names, name); len(o.names) > few {
		o.known = map[string]bool{}
		for _, before := range o.names {
			o.known[before] = true
		}
	}
	return true
}

// stringEnd is where the string ends that begins here.
func stringEnd(text []byte, begin int) int {
	for i := begin + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
