package catalog

import "slices"

// Match says which versions of a product or category a command is meant for. The zero Match means
// whichever there is.
type Match struct {
	versions []int64
	only     bool
}

// OnlyVersions is a Match for these; without any, nothing matches.
func OnlyVersions(versions ...int64) Match { return Match{versions: versions, only: true} }

// check is ErrStale when the command is not meant for this version.
func (m Match) check(version int64) error {
	if m.only && !slices.Contains(m.versions, version) {
		return ErrStale
	}
	return nil
}
