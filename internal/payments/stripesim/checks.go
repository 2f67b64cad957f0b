package stripesim

import (
	"net/mail"
	"net/url"
	"strings"
	"unicode/utf8"
)

var (
	addressParams = func(prefix string) params {
		p := params{}
		for _, name := range []string{"city", "country", "line1", "line2", "postal_code", "state"} {
			p[prefix+"["+name+"]"] = text
		}
		return p
	}
	metadataParams = params{"metadata": text, "metadata[*]": text}
	expandParams   = params{"expand[]": text}
	shippingParams = addressParams("shipping[address]").with(params{
		"shipping[carrier]": text, "shipping[name]": text, "shipping[phone]": text,
		"shipping[tracking_number]": text,
	})
	listParams = expandParams.with(params{
		"limit": integer, "starting_after": text, "ending_before": text, "created": integer,
		"created[gt]": integer, "created[gte]": integer, "created[lt]": integer, "created[lte]": integer,
	})
)

// checkMetadata applies the limits of docs.stripe.com/api/metadata.
func checkMetadata(a args) *apiError {
	if a.has("metadata") && a.text("metadata") != "" {
		return refuse("", "metadata", "Invalid object")
	}
	entries := a.under("metadata")
	if len(entries) > 50 {
		return refuse("", "metadata", "Metadata can have up to 50 keys.")
	}
	for key, value := range entries {
		param := "metadata[" + key + "]"
		if key == "" || utf8.RuneCountInString(key) > 40 {
			return refuse("", param, "Metadata keys can be up to 40 characters long.")
		}
		if utf8.RuneCountInString(value) > 500 {
			return refuse("", param, "Metadata values can be up to 500 characters long.")
		}
	}
	return nil
}

// mergeMetadata sets what was given, unsets what was given empty, keeps the rest.
func mergeMetadata(old map[string]string, a args) map[string]string {
	merged := map[string]string{}
	if !a.has("metadata") {
		for key, value := range old {
			merged[key] = value
		}
	}
	for key, value := range a.under("metadata") {
		if value == "" {
			delete(merged, key)
			continue
		}
		merged[key] = value
	}
	return merged
}

func checkEmail(a args, name string) *apiError {
	value := a.text(name)
	if value == "" {
		return nil
	}
	if addr, err := mail.ParseAddress(value); err != nil || addr.Address != value {
		return refuse("email_invalid", name, "Invalid email address: %s", value)
	}
	return nil
}

// checkURL wants an absolute URL a browser may be sent to; app links have schemes of
// their own.
func checkURL(a args, name string) *apiError {
	value := a.text(name)
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	scheme := ""
	if err == nil {
		scheme = strings.ToLower(u.Scheme)
	}
	switch scheme {
	case "", "javascript", "data", "vbscript", "file":
		return refuse("url_invalid", name, "Not a valid URL")
	case "http", "https":
		if u.Host == "" {
			return refuse("url_invalid", name, "Not a valid URL")
		}
	}
	return nil
}

func checkShipping(a args) *apiError {
	given := a.under("shipping")
	if len(given) == 0 {
		return nil
	}
	if a.text("shipping[name]") == "" {
		return missingParam("shipping[name]")
	}
	for name := range given {
		if strings.HasPrefix(name, "address][") {
			return nil
		}
	}
	return missingParam("shipping[address]")
}

func shippingFrom(a args) *Shipping {
	return &Shipping{
		Address: addressFrom(a, "shipping[address]"),
		Carrier: a.optional("shipping[carrier]"), Name: a.text("shipping[name]"),
		Phone:          a.optional("shipping[phone]"),
		TrackingNumber: a.optional("shipping[tracking_number]"),
	}
}

func addressFrom(a args, prefix string) Address {
	field := func(name string) *string { return a.optional(prefix + "[" + name + "]") }
	return Address{
		City: field("city"), Country: field("country"), Line1: field("line1"),
		Line2: field("line2"), PostalCode: field("postal_code"), State: field("state"),
	}
}

// firstOf returns the first refusal.
func firstOf(errs ...*apiError) *apiError {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
