// Package pgtest gives every test a real PostgreSQL database of its own: migrated, empty, dropped at the end, and so
// cheap (well under 0.1 s) that none has to share or fake one. All of it is safe under t.Parallel and across processes.
//
// The server is the one that CARTWRIGHT_TEST_DATABASE_URL names, an administrator's connection URL; `make test` sets
// it by way of the command withpg, so that all packages share one server. Without it each test process starts a
// server in a temporary folder, in memory where possible, which ends with the process and takes the folder along.
//
// Databases are copies of a template that is migrated once per server and version of the schema. Templates of other
// versions, and databases of tests that were killed more than a day ago, are dropped when a new template is made.
//
// The default time zone of every database is Pacific/Chatham (+12:45, +13:45 in summer), so that whatever counts on a
// session in UTC without asking for it is found out.
//
// It does not own the schema (package migrations) nor the server's mechanics (package embedded). Tests inside package
// postgres itself belong in postgres_test, because this package imports postgres.
package pgtest
