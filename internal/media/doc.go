// Package media keeps the pictures that people upload, and serves them.
//
// Owns: the table media_files; what an upload may be, what becomes of it, and where it is stored: on
// this machine's disk or in a bucket that speaks S3.
// Does not own: what a picture shows or where it stands. Whoever uses one keeps its key, with a
// foreign key to media_files.
//
// Invariants: what an upload is, is read from its bytes and never from what a client calls it; what
// is served carries no metadata (a photo tells where it was taken) and stands upright; a file's
// address holds the digest of its content, so that it never changes and may be cached for ever; a
// file is recorded before it is stored and stored before it is used, so that whatever a crash leaves
// behind is known, and swept away.
//
// Words: an upload is what arrived; a picture is what became of it: the original and its thumbnails,
// stored below one key.
package media
