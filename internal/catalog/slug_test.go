package catalog

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

func TestADerivedSlugIsOneOrNothing(t *testing.T) {
	t.Parallel()
	slug := regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)*$`)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		if got := slugOf(name); got != "" && (!slug.MatchString(got) || len(got) > maxSlug) {
			t.Fatalf("%q gives %q", name, got)
		}
	})
}
