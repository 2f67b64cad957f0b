// Package embedded runs a private PostgreSQL for dev mode and for tests, so that nobody has to install, start or
// clean up a server by hand.
//
// It owns the data folder (DataDir) and the server process on it:
//
//	DataDir/pg<major>/          the database; pg18 belongs to PostgreSQL 18 and to no other version
//	DataDir/postgres.password   made at the first start, readable by its owner only
//	DataDir/postgres.json       port and starter of the server that runs now; gone when none does
//	DataDir/postgres.log        what the server said since its last start
//	DataDir/postgres.lock       flock, held by the server itself for as long as one of its processes lives
//
// It does not own schema, pools or transactions: that is package postgres.
//
// What stays true:
//   - Data is never deleted or replaced. A folder of another major version is refused with the way out. A first start
//     that breaks off leaves nothing behind that a later start would take for a database.
//   - The server listens on 127.0.0.1 only and asks for the password; there is no socket file and no trust.
//   - It ends with the process that started it, also after kill -9. A small shell (the leash, see leash.go) waits for
//     the end of a pipe whose other side only the starter holds; this works alike on Linux and macOS, where Linux'
//     Pdeathsig would be tied to one thread of the starter and macOS has none.
//   - Two processes on one folder share one server: the first starts it, the others attach. An attached server ends
//     with its starter; Done tells.
//   - Left-over files of dead processes never block a start.
//   - PostgreSQL refuses to run as root. When the caller is root, initdb and postgres run as the owner of the data
//     folder, or as postgres or nobody when it is new. On Linux that user reaches the folder through an inherited
//     descriptor (/proc/self/fd/5), so parents may be closed to it, for example a checkout in root's home.
//
// Programs come from the machine (see programs.go), else from a pinned, checksummed download (see download.go).
//
// Words: programs are one bin folder with initdb and postgres; data is one pg<major> folder; identity is the user the
// server runs as; the starter is the process that holds the leash.
package embedded
