// Package accounts does what moves a whole account: exporting what the shop keeps about a customer, and erasing it.
//
// Owns: the order of these steps.
// Does not own: any table. Credentials are in package auth, profiles and addresses in customers, orders in orders,
// carts in carts, saved cards in payments.
//
// Invariants: an erasure is one transaction, and after it no row of the shop says who the customer was; orders stay, for
// the books. The payment provider forgets them by a job that commits with it.
package accounts
