package bulk

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"cartwright/internal/money"
)

// kind says how a value was written.
type kind int

const (
	cell kind = iota // of CSV: whatever its column makes of it
	text
	number
	boolean
	null
	composite
)

// value is one field as it stands in the file.
type value struct {
	kind kind
	text string
	raw  json.RawMessage // of a composite
}

// absent holds for what has no value: null, and an empty cell.
func (v value) absent() bool { return v.kind == null || (v.kind == cell && v.text == "") }

// check reads the values of one row and collects every problem.
type check struct {
	currency money.Currency
	column   string // the one that is being read
	problems []RowError
}

func (c *check) problem(code, message string) {
	c.problems = append(c.problems, RowError{Column: c.column, Code: code, Message: message})
}

// missing is the field that an absent value means: an empty cell leaves alone what cannot be cleared.
func missing[T any](c *check, v value, nullable bool) field[T] {
	switch {
	case nullable:
		return cleared[T]()
	case v.kind == null:
		c.problem("not_nullable", "This cannot be null: leave it out.")
	}
	return field[T]{}
}

// textRule is what a text must be.
type textRule struct {
	min, max int // characters
	pattern  *regexp.Regexp
	says     string // the pattern, in words
	nullable bool
}

var (
	notBlank = regexp.MustCompile(`\S`)
	slugForm = regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)*$`)
	address  = regexp.MustCompile(`^https?://[^\s/?#]`)
)

// in reads a text.
func (r textRule) in(c *check, v value) field[string] {
	if v.absent() {
		return missing[string](c, v, r.nullable)
	}
	if v.kind != cell && v.kind != text {
		c.problem("type", "This must be a text.")
		return field[string]{}
	}
	r.hold(c, v.text)
	return given(v.text)
}

// bounds is the rule without its pattern.
func (r textRule) bounds() textRule { return textRule{min: r.min, max: r.max} }

// hold says what is wrong with a text.
func (r textRule) hold(c *check, s string) {
	length := utf8.RuneCountInString(s)
	switch {
	case strings.ContainsRune(s, 0):
		c.problem("invalid_text", "Text cannot hold a NUL character.")
	case !utf8.ValidString(s):
		c.problem("invalid_text", notUTF8)
	case length < r.min:
		c.problem("too_short", "This cannot be empty.")
	case length > r.max:
		c.problem("too_long", fmt.Sprintf("This has more than %d characters.", r.max))
	case r.pattern != nil && !r.pattern.MatchString(s):
		c.problem("pattern", r.says)
	}
}

// flag reads a boolean; a cell may shout, as spreadsheets do.
func (c *check) flag(v value) field[bool] {
	if v.absent() {
		return missing[bool](c, v, false)
	}
	switch {
	case v.kind == boolean, v.kind == cell && (strings.EqualFold(v.text, "true") || strings.EqualFold(v.text, "false")):
		return given(strings.EqualFold(v.text, "true"))
	}
	c.problem("type", "This must be true or false.")
	return field[bool]{}
}

func (c *check) status(v value) field[string] {
	if v.absent() {
		return missing[string](c, v, false)
	}
	switch v.text {
	case "DRAFT", "ACTIVE", "ARCHIVED":
		if v.kind == cell || v.kind == text {
			return given(v.text)
		}
	}
	c.problem("unknown_value", "This must be DRAFT, ACTIVE or ARCHIVED.")
	return field[string]{}
}

const (
	maxImages  = 20
	maxOptions = 10
)

var (
	imageURL     = textRule{min: 1, max: 2000, pattern: address, says: "This must begin with http:// or https:// and a host."}
	imageAltText = textRule{max: 500}
	optionValue  = textRule{max: 100}
	optionName   = textRule{min: 1, max: 400} // in bytes, as the catalogue finds out
)

// images reads a list of addresses, or one of pictures.
func (c *check) images(v value) field[[]picture] {
	if v.absent() {
		return cleared[[]picture]()
	}
	pictures := []picture{}
	switch v.kind {
	case cell:
		for _, one := range addressList(v.text) {
			pictures = append(pictures, picture{URL: one})
		}
	case composite:
		if err := strictly(v.raw, &pictures); err != nil {
			c.problem("type", `This must be a list of pictures, each {"url": …, "altText": …}.`)
			return field[[]picture]{}
		}
	default:
		c.problem("type", "This must be a list of pictures.")
		return field[[]picture]{}
	}
	if len(pictures) > maxImages {
		c.problem("too_many", fmt.Sprintf("A product has at most %d images, and these are %d.", maxImages, len(pictures)))
		return field[[]picture]{}
	}
	for _, one := range pictures {
		imageURL.bounds().hold(c, one.URL)
		imageAltText.hold(c, one.AltText.value)
	}
	return given(pictures)
}

// altTexts reads a cell with a JSON list, of a text or null for each image.
func (c *check) altTexts(v value) field[[]field[string]] {
	if v.absent() {
		return cleared[[]field[string]]()
	}
	var alts []field[string]
	switch err := json.Unmarshal([]byte(v.text), &alts); {
	case !utf8.ValidString(v.text): // which JSON would mend
		c.problem("invalid_text", notUTF8)
		return field[[]field[string]]{}
	case err != nil || alts == nil:
		c.problem("type", `This must be a JSON list with a text or null for each image: ["A lamp", null].`)
		return field[[]field[string]]{}
	}
	for _, one := range alts {
		imageAltText.hold(c, one.value)
	}
	return given(alts)
}

// options reads an object of texts.
func (c *check) options(v value) field[map[string]string] {
	if v.absent() {
		return cleared[map[string]string]()
	}
	var options map[string]string
	if v.kind != composite || json.Unmarshal(v.raw, &options) != nil {
		c.problem("type", "This must be an object of texts.")
		return field[map[string]string]{}
	}
	if len(options) > maxOptions {
		c.problem("too_many", fmt.Sprintf("A variant has at most %d options.", maxOptions))
	}
	for name, chosen := range options {
		optionName.hold(c, name)
		optionValue.hold(c, chosen)
	}
	return given(options)
}
