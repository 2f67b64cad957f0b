// Package openapi holds the published contract. src/ is where it is written, openapi.yaml and openapi.json are what
// `make generate` bundles from it; the overlays add what only Go has to know.
package openapi

import (
	_ "embed"
	"sync"
	"sync/atomic"

	"github.com/getkin/kin-openapi/openapi3"
)

// YAML is the published document, byte for byte the committed file.
//
//go:embed openapi.yaml
var YAML []byte

// JSON is the same document as JSON.
//
//go:embed openapi.json
var JSON []byte

// Document returns the parsed document. It is parsed once per process and shared: nothing may change it.
var Document = sync.OnceValues(Parse)

var parsed atomic.Int64

// Parse parses the document into a copy of the caller's own.
func Parse() (*openapi3.T, error) {
	parsed.Add(1)
	return openapi3.NewLoader().LoadFromData(JSON)
}

// Parsed returns how often this process has parsed the document.
func Parsed() int64 { return parsed.Load() }
