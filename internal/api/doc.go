// Package api is the shop as HTTP, exactly as openapi.yaml says.
//
// Owns: the router, the checks every request passes, the mapping between the generated types and
// the services, and the one place that knows status codes (problem.go). It is the only importer of
// Echo and gen/oapi.
// Does not own: any rule of the shop. An operation reads the request, calls one service method and
// maps the result.
//
// A request passes, in this order: request id and log (observe.go) → time limit (deadline.go) →
// body limit (body.go) → who asks and whether they may (auth.go) → what staff do is recorded (audit.go) → the spec
// (validate.go) → the stream of an operation that reads by itself (stream.go) or an upload's file (form.go, pictures.go)
// → what the client has of the answer already (conditional.go) → the idempotency key (idempotent.go) → the operation, one
// file per tag.
//
// Invariants: a handler gets exactly the validated value; every error is a Problem; toX builds an
// API value and fromX reads one.
package api
