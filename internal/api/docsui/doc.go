// Package docsui serves the documentation page: Scalar, from the binary, reading the published document.
//
// The page works under a strict Content-Security-Policy and asks no other origin for anything. It does not serve the
// document itself, which it expects beside it as openapi.yaml.
//
// Scalar is vendored compressed: assets/manifest.json says which release, vendor.sh fetches it.
package docsui
