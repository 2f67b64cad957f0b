package emails_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cartwright/internal/emails"
)

func TestParse_ReturnsWhatMailReaches(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"customer@example.com":                "customer@example.com",
		"First.Last+shop@Example.COM":         "First.Last+shop@Example.COM",
		"o'neil_{1}@sub.example.co.uk":        "o'neil_{1}@sub.example.co.uk",
		"user@münchen.example":                "user@xn--mnchen-3ya.example",
		"user@mu\u0308nchen.example":          "user@xn--mnchen-3ya.example", // decomposed
		"user@MÜNCHEN.EXAMPLE":                "user@xn--mnchen-3ya.example",
		"user@XN--MNCHEN-3YA.example":         "user@XN--MNCHEN-3YA.example",
		"user@例え.テスト":                         "user@xn--r8jz45g.xn--zckzah",
		"user@例え。テスト":                         "user@xn--r8jz45g.xn--zckzah", // an ideographic full stop
		"user@ｅｘａｍｐｌｅ.com":                    "user@example.com",            // full width
		"user@\u212aelvin.example":            "user@kelvin.example",         // the Kelvin sign
		"user@straſse.example":                "user@strasse.example",
		"user@github\u200b-shop.example":      "user@github-shop.example", // zero width
		"victim@g\u0130thub-shop.com":         "victim@xn--github-shop-5lg.com",
		"user@1and1.com":                      "user@1and1.com",
		strings.Repeat("a", 64) + "@a.museum": strings.Repeat("a", 64) + "@a.museum",
	} {
		got, err := emails.Parse(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
}

func TestParse_RefusesWhatNoMailReaches(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "a", "@", "a@", "@example.com", "a@localhost", "a@b..com", "a@.com", "a@b.", "a@b.com.", "a@b.c", "a@-b.com", "a@b-.com",
		"a@1.2.3.4", "a@[1.2.3.4]", "a@b.123", "a@b_c.com", "a@b c.com", "a@xn--.com", "a@xn--a.com", "a@b.com\n", "a@b.com\x00",
		".a@b.com", "a.@b.com", "a..b@b.com", `"a"@b.com`, `"a b"@b.com`, "a b@b.com", "a@b@c.com", "a,b@b.com", "a;b@b.com",
		"Name <a@b.com>", "<a@b.com>", "a(b)@b.com", "a\\b@b.com", "a\x00@b.com", "a\x7f@b.com",
		"jürgen@example.com", "\u0130@example.com", "\u212a@example.com", "ſ@example.com", "ａ@example.com", "a\u200b@example.com",
		"a\u00ad@example.com", "a\u202e@example.com", "a＠example.com", "a@\u200b.com", "a@\xff.com", "\xff@b.com",
		"a@" + strings.Repeat("b", 64) + ".com", strings.Repeat("a", 65) + "@b.com", "a@" + strings.Repeat("b.", 127) + "com",
	} {
		_, err := emails.Parse(text)
		require.ErrorIs(t, err, emails.ErrAddress, "%q", text)
	}
}

func TestKey_TakesAllSpellingsOfAnAddressForOne(t *testing.T) {
	t.Parallel()
	for _, group := range [][]string{
		{"victim@github-shop.com", "VICTIM@GitHub-Shop.COM", "victim@ｇithub-shop.com"},
		{"user@xn--mnchen-3ya.example", "User@münchen.example", "user@mu\u0308nchen.example", "USER@MÜNCHEN.example", "user@XN--MNCHEN-3YA.example"},
		{"jürgen@example.com", "ju\u0308rgen@example.com", "Jürgen@EXAMPLE.com"},
		{"user@kelvin.example", "user@\u212aelvin.example"},
	} {
		for _, text := range group {
			require.Equal(t, emails.Key(group[0]), emails.Key(text), "%q", text)
			require.True(t, emails.Same(group[0], text))
		}
	}
}

func TestKey_TellsLookAlikesApart(t *testing.T) {
	t.Parallel()
	victim := "victim.k.s@github-shop.com"
	for _, text := range []string{
		"victim.k.s@g\u0130thub-shop.com", "v\u0130ctim.k.s@github-shop.com", "vıctim.k.s@github-shop.com", "victim.k.ſ@github-shop.com",
		"ｖictim.k.s@github-shop.com", "victim\u200b.k.s@github-shop.com", "victim.k.s@gıthub-shop.com", "victim.k.s@github-shop.com\u0000",
		"vi\u0307ctim.k.s@github-shop.com", "victim.k.s@github-shop.com.", "victim.k.s @github-shop.com", "",
	} {
		require.NotEqual(t, emails.Key(victim), emails.Key(text), "%q", text)
	}
}

// An address is stored as Parse returns it, and the database's key of that is its ASCII lower case.
func TestKey_OfAStoredAddressIsItsLowerCase(t *testing.T) {
	t.Parallel()
	letter := rapid.SampledFrom([]rune("aAzZkKiIsS09.-@+üÜßſ\u0130\u0131\u0307\u0308\u212aａＡ。例\u200b\u00ad_\"xn"))
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(letter).Draw(t, "local") + "@" + rapid.StringOf(letter).Draw(t, "domain") + "." + rapid.StringOf(letter).Draw(t, "top")
		stored, err := emails.Parse(text)
		if err != nil {
			return
		}
		require.Equal(t, strings.ToLower(stored), emails.Key(stored))
		require.Equal(t, emails.Key(text), emails.Key(stored))
		again, err := emails.Parse(stored)
		require.NoError(t, err)
		require.Equal(t, stored, again)
	})
}
