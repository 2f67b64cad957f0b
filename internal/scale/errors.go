package scale

import "errors"

// ErrBaseURL reports a Shop whose pictures would have no address: the spec asks for absolute ones.
var ErrBaseURL = errors.New("seeding needs the http or https address of the server for the products' pictures")

// ErrProducts reports a number of products that nobody can want.
var ErrProducts = errors.New("the number of products is between 1 and 10,000,000")

// ErrBusy reports that somebody works on the catalogue all the time, so that its indexes cannot be dropped, or that
// another seeding takes long.
var ErrBusy = errors.New("the catalogue is in use, by a running shop or another seeding: stop it, or wait for its end, and try again")
