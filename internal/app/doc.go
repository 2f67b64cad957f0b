// Package app puts the shop together and runs it: configuration, wiring in plain Go, the commands,
// start and graceful stop.
//
// Owns: the environment (nothing else reads it) and the life of the process.
// Does not own: any rule of the shop.
//
// Invariants: production is refused everything that only dev mode has (the Stripe stand-in, the
// mailbox, the known admin, secrets made up at start); what was started is stopped, in the opposite
// order.
package app
