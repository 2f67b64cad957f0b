//go:build !crashpoints

package crash

import "net/http"

// Point is a place where the process may end.
func Point(string) {}

// Commit is a pair of points around what ends a transaction: "commit.before <function>" and "commit.after <function>",
// where the function is the one that asked for the transaction.
func Commit(commit func() error) error { return commit() }

// Calls is a transport with a pair of points around each request.
func Calls(base http.RoundTripper) http.RoundTripper { return base }
