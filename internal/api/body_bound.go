package api

import (
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Bounds of a body that is read whole.
const (
	usualBody = 64 << 10 // of most operations: more than any storefront sends
	maxBody   = 1 << 20  // of any
)

// Sizes of what a schema does not bound, in bytes of JSON.
const (
	textSize    = 1 << 10 // a text without maxLength
	scalarSize  = 64      // a number, an id, a time
	listLength  = 100     // a list without maxItems
	letterSize  = 6       // a letter, escaped
	schemaDepth = 8
)

// bodyBound is how many bytes an operation reads: what its schema can need, or its x-max-body.
func bodyBound(described *openapi3.Operation) int64 {
	if given, ok := described.Extensions["x-max-body"].(float64); ok {
		return int64(given)
	}
	if described.RequestBody == nil {
		return usualBody
	}
	var size int64
	for name, media := range described.RequestBody.Value.Content {
		if strings.HasSuffix(name, "json") && media.Schema != nil {
			size = max(size, largest(media.Schema.Value, schemaDepth))
		}
	}
	return min(max(size+size/4, usualBody), maxBody) // with blanks between
}

// largest is about the length of the longest JSON text that a schema allows and that somebody has a use for.
func largest(schema *openapi3.Schema, depth int) (size int64) {
	if depth == 0 {
		return textSize
	}
	for _, part := range schema.AllOf {
		size += largest(part.Value, depth)
	}
	var either int64
	for _, part := range append(append(openapi3.SchemaRefs{}, schema.OneOf...), schema.AnyOf...) {
		either = max(either, largest(part.Value, depth))
	}
	switch size += either; {
	case schema.Type.Includes("object"):
		return size + largestObject(schema, depth)
	case schema.Type.Includes("array"):
		length := int64(listLength)
		if schema.MaxItems != nil {
			length = int64(*schema.MaxItems)
		}
		return size + length*(largest(schema.Items.Value, depth-1)+1)
	case schema.Type.Includes("string"):
		return size + largestText(schema)
	}
	return size + scalarSize
}

func largestObject(schema *openapi3.Schema, depth int) (size int64) {
	for name, property := range schema.Properties {
		size += int64(len(name)) + 4 + largest(property.Value, depth-1)
	}
	if more := schema.AdditionalProperties.Schema; more != nil {
		most := int64(listLength)
		if schema.MaxProps != nil {
			most = int64(*schema.MaxProps)
		}
		size += most * (scalarSize + largest(more.Value, depth-1))
	}
	return size
}

func largestText(schema *openapi3.Schema) int64 {
	switch {
	case schema.MaxLength != nil:
		return int64(*schema.MaxLength)*letterSize + 2
	case schema.Format != "" || len(schema.Enum) > 0:
		return scalarSize
	}
	return textSize
}

// isSigned reports whether an operation's body is verified by a signature before anything reads its JSON (x-signed). Its
// value is the header that holds the signature.
func isSigned(described *openapi3.Operation) string {
	name, _ := described.Extensions["x-signed"].(string)
	return name
}
