package catalog_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cartwright/internal/catalog"
)

func TestPlainText_IsWhatABrowserShows(t *testing.T) {
	t.Parallel()
	for markup, want := range map[string]string{
		"":                          "",
		"plain":                     "plain",
		"<p>One</p><p>two</p>":      "One two",
		"one<br>two<br/>three":      "one two three",
		"<ul><li>a<li>b</ul>":       "a b",
		"caf&eacute;&nbsp;&amp; co": "café & co",
		"&#116;ea &#x74;ea":         "tea tea",
		"5 mm < 6 mm & so on":       "5 mm < 6 mm & so on",
		"a<b":                       "a",
		"ma<b>chine</b> wash":       "machine wash ma chine",
		"long&shy;word wo<wbr>rd":   "longword word",
		"<style>p{color:red}</style><script>var a='<b>';</script>x": "x",
		"<STYLE>p</STYLE ><Script>q</SCRIPT>x":                      "x",
		"<!-- note -->x<!DOCTYPE html>":                             "x",
		"<img src=a.png alt='not shown'>x":                          "x",
		"<a href='https://example.com'>chart</a>":                   "chart",
		"<head><title>t</title><body>x":                             "x",
		"&lt;b&gt;literal&lt;/b&gt;":                                "<b>literal</b>",
		"<svg><style>a</style></svg>b<style>never ended":            "b",
		"<td>1</td><td>2</td>":                                      "1 2",
	} {
		require.Equal(t, want, catalog.PlainText(markup), markup)
	}
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringMatching(`[ -~é<>&;/"'!-]{0,60}`).Draw(r, "markup")
		require.Less(r, len(catalog.PlainText(text)), 3*len(text)+3, "it ends, and is not much longer")
	})
	require.Empty(t, catalog.PlainText(strings.Repeat("<b>", 20_000)))
}
