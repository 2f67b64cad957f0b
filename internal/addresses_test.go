package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// comparesAddresses is code or SQL that folds the letters of an address by itself. Package emails does that alone: what
// two foldings take for the same differs, and so does whose account is found.
var comparesAddresses = regexp.MustCompile(`(?i)(\b(lower|upper|unaccent|search_fold)\s*\([^)]*e?mail|e?mail\w*\s*(COLLATE|ILIKE|~\*)|(EqualFold|ToLower|ToUpper|ToTitle|FoldCase)\([^)]*e?mail)`)

// beforeKeys are the migrations from before addresses had keys.
const beforeKeys = "00050"

func TestAddressesAreComparedByTheirKeyAlone(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{".", "../cmd", "../sql", "../migrations"} {
		require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			name := filepath.Base(path)
			switch {
			case err != nil || entry.IsDir():
				return err
			case !strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".sql"), strings.HasSuffix(name, "_test.go"),
				strings.HasPrefix(path, "emails/"), folder == "../migrations" && name[:5] <= beforeKeys:
				return nil
			}
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			for i, line := range strings.Split(string(text), "\n") {
				if found := comparesAddresses.FindString(line); found != "" && !strings.Contains(line, "email_key = lower($2 COLLATE") {
					t.Errorf("%s:%d: %s: compare addresses by emails.Key and email_key", path, i+1, found)
				}
			}
			return nil
		}))
	}
}

func TestFoldedAddressesAreFound(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"WHERE lower(email) = lower(@email)", "lower(u.email)", "upper(email)", "email ILIKE @email", `email COLLATE "x"`, "email ~* @email",
		"strings.EqualFold(order.Email, place.Email)", "strings.ToLower(strings.TrimSpace(who.Email))", "strings.ToLower(email)",
	} {
		require.Regexp(t, comparesAddresses, line)
	}
	for _, line := range []string{"WHERE email_key = @email_key", "emails.Same(order.Email, place.Email)", "lower(sku)", "strings.ToLower(name)"} {
		require.NotRegexp(t, comparesAddresses, line)
	}
}
