// Package crash names the places where a process may end, so that a test can have it end there.
//
// Owns: the points, and what arms one: in builds with the tag crashpoints, the variable CRASH_AT names a point, and the
// process kills itself there, as kill -9 would. In every other build a point is nothing: no call and no variable is left.
// Does not own: what must hold after a crash, which is proved by `make torture`.
//
// Words: CRASH_AT is `<point>#<n>`, for the n-th time that the process comes by; CRASH_HOW=stop has it stand still
// instead, as SIGSTOP does, until somebody lets it go on.
package crash
