package stripesim

import (
	"encoding/json"
	"strings"
)

// expandable says which property of which kind of object names what.
var expandable = map[string]map[string]string{
	"payment_intent":      {"customer": "customer", "latest_charge": "charge", "payment_method": "payment_method"},
	"setup_intent":        {"customer": "customer", "payment_method": "payment_method"},
	"payment_method":      {"customer": "customer"},
	"charge":              {"customer": "customer", "payment_intent": "payment_intent", "refunds": "refund list"},
	"dispute":             {"charge": "charge", "payment_intent": "payment_intent"},
	"refund":              {"charge": "charge", "payment_intent": "payment_intent"},
	"payment_intent list": {"data": "payment_intent"},
	"refund list":         {"data": "refund"},
	"dispute list":        {"data": "dispute"},
	"payment_method list": {"data": "payment_method"},
}

// checkExpand refuses paths that lead nowhere before anything happens.
func checkExpand(kind string, paths []string) *apiError {
	for _, path := range paths {
		at := kind
		for name := range strings.SplitSeq(path, ".") {
			if at = expandable[at][name]; at == "" {
				return refuse("", "expand", "This property cannot be expanded (%s).", path)
			}
		}
	}
	return nil
}

// expand replaces ids by the objects they name, along paths like "latest_charge" or
// "data.payment_method", which checkExpand has allowed.
func (s *Server) expand(object any, paths []string) any {
	if len(paths) == 0 {
		return object
	}
	tree := jsonTree(object)
	for _, path := range paths {
		s.expandIn(tree, strings.Split(path, "."))
	}
	return tree
}

func (s *Server) expandIn(node any, path []string) {
	if items, ok := node.([]any); ok {
		for _, item := range items {
			s.expandIn(item, path)
		}
		return
	}
	fields, ok := node.(map[string]any)
	if !ok || len(path) == 0 {
		return // an absent object has nothing to expand
	}
	name := path[0]
	value := fields[name]
	if id, isText := value.(string); isText {
		value = jsonTree(s.object(id))
	}
	if name == "refunds" && value == nil {
		value = jsonTree(s.refundsOf(fields["id"]))
	}
	fields[name] = value
	s.expandIn(value, path[1:])
}

// object finds whatever has the id, or nil.
func (s *Server) object(id string) any {
	switch prefix, _, _ := strings.Cut(id, "_"); prefix {
	case "pi":
		if in := s.state.Intents.get(id); in != nil {
			return in.PaymentIntent
		}
	case "seti":
		if si := s.state.Setups.get(id); si != nil {
			return si.SetupIntent
		}
	case "cus":
		if cu := s.state.Customers.get(id); cu != nil {
			return cu.wire()
		}
	case "ch":
		if ch := s.state.Charges.get(id); ch != nil {
			return *ch
		}
	case "re":
		if re := s.state.Refunds.get(id); re != nil {
			return re.Refund
		}
	case "dp":
		if d := s.state.Disputes.get(id); d != nil {
			return *d
		}
	case "pm":
		if m := s.state.Methods.get(id); m != nil {
			return m.PaymentMethod
		}
	}
	return nil
}

// jsonTree is the object as its JSON reads, numbers untouched.
func jsonTree(object any) any {
	data, err := json.Marshal(object)
	if err != nil {
		return nil
	}
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	var tree any
	if decoder.Decode(&tree) != nil {
		return nil
	}
	return tree
}

// publicFields are what a publishable key may see of an intent, of either kind.
var publicFields = wordSet(`id object amount amount_details automatic_payment_methods canceled_at
cancellation_reason capture_method client_secret confirmation_method created currency description
last_payment_error last_setup_error livemode next_action payment_method payment_method_types processing receipt_email
setup_future_usage shipping status usage`)

// publicView hides the rest of an intent, alone or within an error.
func publicView(object any) any {
	tree, ok := jsonTree(object).(map[string]any)
	if !ok {
		return object
	}
	fields := tree
	if refusal, failed := tree["error"].(map[string]any); failed {
		fields, _ = refusal["payment_intent"].(map[string]any)
		if fields == nil {
			fields, _ = refusal["setup_intent"].(map[string]any)
		}
	}
	for name := range fields {
		if !publicFields[name] {
			delete(fields, name)
		}
	}
	return tree
}
