// Package cache keeps what was read for as long as it is true.
//
// Owns: the table catalogue_changes, which triggers fill, the reader that follows it, and the copies in
// the process and, where one is configured, in Redis; and the connection to Redis, on which other
// mechanics run their scripts.
// Does not own: what is kept, nor how it is read.
//
// Invariants: a change that has committed is forgotten by every process within Lag; where the changes
// cannot be followed for that long, nothing is answered from a copy. A transaction never reads a copy,
// and neither do the commands of carts and checkout, which ask the database themselves. What was read
// before a change is not kept after it, whichever of the two arrives first. Redis may be away, slow,
// or full of another release's values: then it is as if it were empty.
//
// Words: a feed follows the changes; a position is how far a feed has followed them.
package cache
