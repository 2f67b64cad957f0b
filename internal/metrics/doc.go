// Package metrics counts what whoever runs the shop watches, in the format of Prometheus.
//
// Owns: the names of the metrics, their labels, and the page they are read from. It is the only importer of
// Prometheus.
// Does not own: what is counted, nor where the page is served.
//
// Invariants: a label has few values, whatever clients send: an operation of the spec, a type of event that we act
// on, a state. Nothing in a metric names a person, an order or an address. A nil *Metrics counts nothing, so
// that a package can be used without it.
//
// Words follow Prometheus' (https://prometheus.io/docs/practices/naming): times are seconds, counts end in _total.
package metrics
