package pgsearch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/money"
	"cartwright/internal/search"
)

const markedUp = `<div class="zorgclass"><!-- hintcomment --><strong>Organic</strong> cotton&nbsp;tee, caf&eacute; style &bull; soft<br>Machine<b>wash</b>
<a href="https://example.com/?q=blorptoken" title='bigtitle > smalltitle'>size chart</a></div><style>.zorgstyle{color:red}</style><script>if (a<b) zorgscript()</script>`

// Search reads what shoppers see of a description.
func TestHTML_IsSearchedAsTheTextThatItShows(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	shirts := s.category("Shirts", nil)
	id := s.product(product{name: "Quillfeather Tee", category: shirts.ID, description: markedUp, price: 100})
	requireShown := func() {
		t.Helper()
		for _, q := range []string{"organic", "cotton tee", "café", "cafe style", "soft", "machine", "machinewash", "wash", "size chart", "cha"} {
			require.Equal(t, []string{"Quillfeather Tee"}, s.text(q), q)
		}
		for _, q := range []string{
			"strong", "div", "br", "nbsp", "eacute", "bull", "class", "rte", "zorgclass", "hintcomment", "href", "https", "example", "blorptoken",
			"bigtitle", "smalltitle", "style zorgstyle", "zorgstyle", "zorgscript", "script", "zorg", "blorp",
		} {
			found := s.find(search.Query{Text: q})
			require.Empty(t, found.Items, "%s: %s", q, found.CorrectedQuery)
			suggested, err := s.search.Suggest(t.Context(), q, 10)
			require.NoError(t, err)
			require.Empty(t, suggested.Queries, q)
		}
	}
	requireShown()

	s.exec(`TRUNCATE search_texts`)
	s.exec(`UPDATE products SET short_description = '<em>Zippy</em>' WHERE id = $1`, id)
	require.Equal(t, []string{"Quillfeather Tee"}, s.text("quillfeather"), "it is found by its name before anybody has read its texts")
	s.keep()
	require.Eventually(t, func() bool { return len(s.text("zippy")) == 1 }, soon, 10*time.Millisecond)
	requireShown()

	s.exec(`UPDATE products SET short_description = NULL, description = 'if a < b then <5 mm & more: strong' WHERE id = $1`, id)
	require.Eventually(t, func() bool { return len(s.text("strong")) == 1 }, soon, 10*time.Millisecond, "what is no tag is text")
	require.Empty(t, s.text("zippy"))
	s.exec(`UPDATE products SET description = 'plainly said' WHERE id = $1`, id)
	require.Equal(t, []string{"Quillfeather Tee"}, s.text("plainly"))
	require.Empty(t, s.text("strong"))
}

// Words that a language leaves out are the names of goods, too.
func TestStopWords_FindWhatIsCalledByThem(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	home, bands := s.category("Home", nil), s.category("The The", nil)
	for _, name := range []string{"Goose down pillow", "OFF! insect repellent", "Trash can 30 L", "Under Armour cap", "AT&T prepaid SIM", "The Who live LP", "Candle"} {
		s.product(product{name: name, category: home.ID, price: 100, description: "This is all you can do with it, and more than you should"})
	}
	s.product(product{name: "Soul mining", category: bands.ID, price: 100, variants: []variant{{price: 1, options: map[string]string{"Switch": "Off"}}}})
	for q, want := range map[string][]string{
		"down": {"Goose down pillow"}, "can": {"Trash can 30 L", "Candle"}, "at&t": {"AT&T prepaid SIM"}, "AT&T": {"AT&T prepaid SIM"},
		"under": {"Under Armour cap"}, "the who": {"The Who live LP"}, "who": {"The Who live LP"}, "off": {"OFF! insect repellent", "Soul mining"},
		"trash can": {"Trash can 30 L"}, "goose down": {"Goose down pillow"}, "pillow of down": {"Goose down pillow"}, "a pillow": {"Goose down pillow"},
		"down jacket": {}, "goose dow": {"Goose down pillow"}, "dow": {"Goose down pillow"}, "un": {"Under Armour cap"}, "should": {}, "more": {},
		"the the": {"The Who live LP", "Soul mining"},
	} {
		require.ElementsMatch(t, want, s.text(q), q)
	}
	require.Equal(t, "Trash can 30 L", s.text("can")[0], "the word itself comes before those that begin so")
	suggested, err := s.search.Suggest(t.Context(), "the wh", 10)
	require.NoError(t, err)
	require.Len(t, suggested.Products, 1)
}

// Parts, sizes and models are found while they are typed.
func TestUnfinishedWords_WithADigitAreCompleted(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	home := s.category("Home", nil)
	for _, name := range []string{
		"Hex bolt M10x12 zinc plated", "Drill bit 5mm HSS", "Cable 2.5mm² 3-core", "Wi-Fi router AX3000", "iPhone 15 Pro Max case", "Disc 1234567890123",
	} {
		s.product(product{name: name, category: home.ID, price: 100, description: "Box of 98765x"})
	}
	s.product(product{name: "Tablet", category: home.ID, price: 100, variants: []variant{{price: 1, options: map[string]string{"Storage": "256GB"}}}})
	for q, want := range map[string]string{
		"AX30": "Wi-Fi router AX3000", "router ax3": "Wi-Fi router AX3000", "iphone 1": "iPhone 15 Pro Max case", "m10": "Hex bolt M10x12 zinc plated",
		"bolt m10x1": "Hex bolt M10x12 zinc plated", "drill 5": "Drill bit 5mm HSS", "drill 5m": "Drill bit 5mm HSS", "cable 2.5m": "Cable 2.5mm² 3-core",
		"256": "Tablet", "tablet 256g": "Tablet",
	} {
		require.Equal(t, []string{want}, s.text(q), q)
	}
}

// However many words begin so, one that is in a product that has the rest is found.
func TestUnfinishedWords_AreFoundAmongAnyNumber(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	home := s.category("Home", nil)
	made := s.product(product{name: "Sprocket", category: home.ID, price: 100})
	s.exec(`INSERT INTO search_words (word, documents, deletes) SELECT 'q' || n || x, 1000, '{}' FROM generate_series(10, 99) AS n, (VALUES ('a'), ('b')) AS v (x)`)
	s.exec(`UPDATE products SET name = 'Sprocket Q777' WHERE id = $1`, made)
	require.Equal(t, []string{"Sprocket Q777"}, s.text("sprocket q"))
	require.Equal(t, []string{"Sprocket Q777"}, s.text("sprocket q7"))
	require.Empty(t, s.text("sprocket z"))
}

// A product costs what can be bought of it costs.
func TestPrices_AreThoseOfActiveVariants(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	clothing := s.category("Clothing", nil)
	dear := s.product(product{name: "Zephyr parka", category: clothing.ID, price: 99900, variants: []variant{{price: 2000, stock: 5}, {price: 2500, stock: 5}}})
	s.product(product{name: "Plain coat", category: clothing.ID, price: 3000, stock: 1})
	s.exec(`UPDATE product_variants SET is_active = false WHERE is_default AND product_id = $1`, dear)
	between := func(from, to int64) []string {
		low, high := money.New(from, "USD"), money.New(to, "USD")
		return names(s.find(search.Query{Text: "parka", MinPrice: &low, MaxPrice: &high}))
	}
	require.Empty(t, between(50000, 100000))
	require.Equal(t, []string{"Zephyr parka"}, between(0, 2000))
	require.Equal(t, []string{"Zephyr parka", "Plain coat"}, names(s.find(search.Query{Sort: search.PriceUp})))
	require.Equal(t, []string{"Plain coat", "Zephyr parka"}, names(s.find(search.Query{Sort: search.PriceDown})))
}

// SKUs are found as they look, whatever was copied with them.
func TestSKUs_AreFoundAsTheyLook(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	home := s.category("Home", nil)
	s.product(product{name: "Hook", sku: "DÜP-17", category: home.ID, price: 100})
	s.product(product{name: "Nail", sku: "KLX-9", category: home.ID, price: 100})
	for q, want := range map[string]string{
		"DÜP-17": "Hook", "düp-17": "Hook", "du\u0308p17": "Hook", "DÜP\u200b-17": "Hook", "\u00a0DÜP 17 ": "Hook", "\ufeffklx\u00ad-9": "Nail", "KLX\u200b9": "Nail",
	} {
		require.Equal(t, []string{want}, s.text(q), "%q", q)
	}
}

// A word that the shop knows is meant, and a correction says what was found.
func TestCorrection_AnswersWhatItSays(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	home := s.category("Home", nil)
	for name, description := range map[string]string{
		"Red bed": "Oak", "Blue desk": "Beech", "Desk lamp": "Brass", "Lamb figure": "Felt", "Sock": "Soft wool", "Bench": "Red"} {
		s.product(product{name: name, category: home.ID, price: 100, description: description})
	}
	s.keep()
	require.Eventually(t, func() bool { return s.find(search.Query{Text: "benhc"}).CorrectedQuery == "bench" }, soon, 10*time.Millisecond)
	for q, want := range map[string]struct{ corrected, first string }{
		"red desk":   {"", ""}, // all known, together nowhere
		"blue bed":   {"", ""},
		"lamp oak":   {"", ""},
		"desk lanp":  {"desk lamp", "Desk lamp"},
		"desk lamc":  {"desk lamp", "Desk lamp"}, // lamb is as near, but no desk
		"felt lamc":  {"felt lamb", "Lamb figure"},
		"xqzzy desk": {"", ""},
		"sofa":       {"", ""}, // soft is another word
	} {
		found := s.find(search.Query{Text: q})
		require.Equal(t, want.corrected, found.CorrectedQuery, q)
		if want.first == "" {
			require.Empty(t, found.Items, q)
			continue
		}
		require.Equal(t, []string{want.first}, names(found), q)
	}
}

func TestCategory_ThatIsNotThereIsRefused(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	shown, hidden := s.category("Shown", nil), s.category("Hidden", nil)
	s.exec(`UPDATE categories SET is_active = false WHERE id = $1`, hidden.ID)
	require.Empty(t, s.find(search.Query{Category: shown.Slug}).Items)
	for _, slug := range []string{"no-such", hidden.Slug} {
		_, err := s.search.Find(t.Context(), search.Query{Category: slug})
		require.ErrorIs(t, err, search.ErrCategory, slug)
	}
}
