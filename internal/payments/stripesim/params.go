package stripesim

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// kind is how a parameter's text is read.
type kind int

const (
	text kind = iota
	integer
	boolean
	// unsimulated marks what Stripe takes and the stand-in cannot honour.
	unsimulated
)

// params lists what an operation accepts, in bracket notation: "shipping[address][city]",
// "expand[]" for lists, "metadata[*]" for maps. Anything else is unknown.
type params map[string]kind

func (p params) with(more ...params) params {
	all := params{}
	for _, set := range append([]params{p}, more...) {
		for name, k := range set {
			all[name] = k
		}
	}
	return all
}

// args are the accepted parameters of one call.
type args struct {
	values map[string]string
	lists  map[string][]string
}

var listIndex = regexp.MustCompile(`\[\d+\]`)

// parseArgs checks every name and type, the way Stripe does before it does anything.
func parseArgs(form url.Values, accepted params) (args, *apiError) {
	a := args{values: map[string]string{}, lists: map[string][]string{}}
	for _, name := range sortedKeys(form) {
		known := listIndex.ReplaceAllString(name, "[]")
		k, ok := accepted[known]
		if !ok {
			k, ok = accepted[mapPattern(known)]
		}
		if !ok {
			return a, unknownParam(name, accepted)
		}
		value := form[name][len(form[name])-1]
		if err := checkKind(k, name, value); err != nil {
			return a, err
		}
		if strings.HasSuffix(known, "[]") {
			a.lists[known] = append(a.lists[known], form[name]...)
			continue
		}
		a.values[known] = value
	}
	return a, nil
}

// mapPattern turns "metadata[order]" into "metadata[*]".
func mapPattern(name string) string {
	open := strings.LastIndexByte(name, '[')
	if open < 1 || !strings.HasSuffix(name, "]") {
		return ""
	}
	return name[:open] + "[*]"
}

func unknownParam(name string, accepted params) *apiError {
	root, _, _ := strings.Cut(name, "[")
	if accepted[root] == unsimulated {
		return checkKind(unsimulated, root, "")
	}
	return refuse("parameter_unknown", name, "Received unknown parameter: %s", name)
}

func checkKind(k kind, name, value string) *apiError {
	switch k {
	case integer:
		if value == "" {
			return emptyParam(name)
		}
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return refuse("parameter_invalid_integer", name, "Invalid integer: %s", value)
		}
	case boolean:
		if value == "" {
			return emptyParam(name)
		}
		if value != "true" && value != "false" {
			return refuse("", name, "Invalid boolean: %s", value)
		}
	case unsimulated:
		return refuse("", name, "The Stripe stand-in does not simulate the parameter: %s", name)
	case text:
	}
	return nil
}

func emptyParam(name string) *apiError {
	return refuse("parameter_invalid_empty", name,
		"You passed an empty string for '%s'. We assume empty values are an attempt to unset a parameter; however '%s' cannot be unset. You should remove '%s' from your request or supply a non-empty value.",
		name, name, name)
}

func missingParam(name string) *apiError {
	return refuse("parameter_missing", name, "Missing required param: %s.", name)
}

func (a args) has(name string) bool { _, ok := a.values[name]; return ok }

func (a args) text(name string) string { return a.values[name] }

// optional is nil when the parameter is absent or empty, which is how one unsets it.
func (a args) optional(name string) *string {
	if v := a.values[name]; v != "" {
		return &v
	}
	return nil
}

func (a args) integer(name string) int64 {
	n, _ := strconv.ParseInt(a.values[name], 10, 64) // checked by parseArgs
	return n
}

func (a args) boolean(name string) bool { return a.values[name] == "true" }

// list keeps the order of the client's indices.
func (a args) list(name string) []string { return a.lists[name+"[]"] }

// under returns the entries of a map parameter.
func (a args) under(name string) map[string]string {
	entries := map[string]string{}
	for full, value := range a.values {
		if rest, ok := strings.CutPrefix(full, name+"["); ok {
			entries[strings.TrimSuffix(rest, "]")] = value
		}
	}
	return entries
}

// oneOf checks an enumerated parameter when it was given.
func (a args) oneOf(name string, allowed ...string) *apiError {
	if value, ok := a.values[name]; ok && !slices.Contains(allowed, value) {
		last := len(allowed) - 1
		choice := allowed[last]
		if last > 0 {
			choice = strings.Join(allowed[:last], ", ") + ", or " + choice
		}
		return refuse("", name, "Invalid %s: must be one of %s", name, choice)
	}
	return nil
}

// sortedKeys orders names so that errors are the same each time and list indices count up.
func sortedKeys(form url.Values) []string {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.SortFunc(names, func(x, y string) int {
		if len(x) != len(y) {
			return len(x) - len(y)
		}
		return strings.Compare(x, y)
	})
	return names
}
