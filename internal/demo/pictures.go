package demo

import (
	"maps"
	"slices"
)

// Pictures are the paths of all pictures, for whoever needs some for goods of its own.
func Pictures() []string {
	all := images()
	paths := make([]string, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		paths = append(paths, all[name].path())
	}
	return paths
}
