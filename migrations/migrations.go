// Package migrations embeds the goose migrations, so that the binary carries its own schema.
//
// A migration is one change with a working Down and is never edited once merged.
package migrations

import "embed"

// FS holds every migration file by name.
//
//go:embed *.sql
var FS embed.FS
