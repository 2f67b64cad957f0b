// Package openapi holds the published contract. src/ is where it is written, openapi.yaml what `make generate` bundles
// from it; the overlays add what only Go has to know.
package openapi

import _ "embed"

// YAML is the published document, byte for byte the committed file.
//
//go:embed openapi.yaml
var YAML []byte
