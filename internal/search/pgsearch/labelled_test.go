package pgsearch_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A catalogue and what shoppers of it mean, both made for this test. Each line: SKU, category, name,
// description; then below it queries with what is asked of them.
//
//	= finds it first: its name or most of it, in any order, form or case, or its SKU
//	~ finds it among the first ten, first preferably: one typo
//	- is among the first ten: two typos, or words of its description
//
//nolint:misspell // that is what it is for
const labelled = `
AU-100|Audio|Wireless Headphones|Over-ear, with noise cancellation and thirty hours of battery
	= wireless headphones | = headphones wireless | = WIRELESS headphone | = wireless headph | = AU-100 | = au100 | = au 100
	~ wireles headphones | ~ wireless haedphones | ~ wirless headphones | ~ wireless headphnes | ~ wireless headphoness
	- wirelss haedphones | - noise cancelling headphones
AU-200|Audio|Compact Earbuds|Small in-ear buds in a charging case
	= compact earbuds | = earbuds | = earbud | = au200 | ~ earbds | ~ eabruds | ~ compact earbuts | - compct erbuds | - buds charging
AU-300|Audio|Bookshelf Speaker|A pair of two-way loudspeakers in walnut
	= bookshelf speaker | = bookshelf speakers | = speaker books | ~ bookshelf speeker | ~ bokshelf speaker | ~ speakr | - walnut loudspeaker
KI-100|Kitchen|Gooseneck Kettle|Pours slowly and exactly, for filter coffee
	= gooseneck kettle | = kettle | = goosen | = kettle gooseneck | ~ gooseneck ketle | ~ goosneck kettle | ~ kettel | - filter coffee kettle
KI-200|Kitchen|Stoneware Mug|Glazed by hand, holds 350 ml
	= stoneware mug | = stoneware mugs | = mug stone | ~ stonware mug | ~ stoneware mgu | ~ stonewear mug | - glazed mug
KI-300|Kitchen|Cast Iron Skillet|Heavy pan, pre-seasoned, for stove and oven
	= cast iron skillet | = skillet | = iron skillet cast | = skill | ~ cast iron skilet | ~ skillett | ~ cast irno skillet | - heavy pan
KI-400|Kitchen|Chef's Knife 20 cm|Forged blade with an ash handle
	= chef's knife | = chefs knife 20 cm | = chef knife | = knife | ~ chef knive | ~ cheff knife | ~ kinfe | - forged blade
HO-100|Home|Arched Desk Lamp|Brass light with a linen shade, dimmable
	= arched desk lamp | = desk lamp | = desk lamps | = lamp arched | ~ arced desk lamp | ~ desk lmap | ~ desk lampp | - brass lamp | - dimmable light
HO-200|Home|Lambswool Throw|A woven blanket for the sofa
	= lambswool throw | = lambswool | = throw lambs | ~ lambswol throw | ~ lamswool throw | ~ lambswool trow | - sofa blanket
HO-300|Home|Walnut Wall Clock|Silent movement, thirty centimetres across
	= walnut wall clock | = wall clock | = wall clocks | = clock | ~ walnut wal clock | ~ wall clok | ~ wallnut wall clock | - silent clock
HO-400|Home|Terracotta Planter|A pot with a saucer for herbs and houseplants
	= terracotta planter | = planter | = terracotta | = terrac | ~ teracotta planter | ~ terracota planter | ~ terracotta plantr | - pot herbs
FA-100|Fashion|Cotton T-Shirt|Heavy organic jersey with a ribbed collar
	= cotton t-shirt | = cotton t shirt | = t-shirt cotton | = cotton shirt | ~ coton t-shirt | ~ cotton t-shrit | ~ cottn shirt | - organic jersey
FA-200|Fashion|Merino Running Socks|Thin wool that dries quickly, two pairs
	= merino running socks | = running socks | = run socks | = merino sock | ~ merino runing socks | ~ marino running socks | ~ merino running scoks | - wool socks
FA-300|Fashion|Waterproof Rain Jacket|Taped seams and a hood that folds away
	= waterproof rain jacket | = rain jacket | = jackets rain | = waterpr | ~ waterprof rain jacket | ~ rain jaket | ~ rian jacket | - hood jacket
OF-100|Office|Mechanical Keyboard|Tactile switches and an aluminium case
	= mechanical keyboard | = keyboard | = keyboards | = mechan keyb | ~ mechanicl keyboard | ~ mechanical keybord | ~ keybaord | - aluminium keyboard
OF-200|Office|Dot Grid Notebook|A5, 192 pages that lie flat
	= dot grid notebook | = notebook | = dot notebook | = notebooks | ~ dot grid notbook | ~ dot gird notebook | ~ notebok | - a5 notebook
MO-1|Möbel|Höhenverstellbarer Schreibtisch|Elektrisch, mit Speicher für vier Höhen
	= höhenverstellbarer schreibtisch | = hohenverstellbarer schreibtisch | = schreibtisch | = Schreibti | ~ schreibtish | ~ schriebtisch | ~ höhenverstelbarer schreibtisch | - schreibtisch elektrisch
MO-2|Möbel|Gemütliches Fußkissen|Gefüllt mit Dinkel, waschbar
	= gemütliches fußkissen | = gemutliches fusskissen | = fusskissen | = FUSSKISSEN | ~ fusskisen | ~ fußkisssen | ~ gemütlches fußkissen | - kissen dinkel waschbar fußkissen
MO-3|Möbel|Gläserne Überkopfleuchte|Mundgeblasen, für hohe Räume
	= gläserne überkopfleuchte | = uberkopfleuchte | = überkopf | ~ überkopfleuhcte | ~ überkopfleucte | ~ gläsrne überkopfleuchte | - mundgeblasen überkopfleuchte
FR-1|Épicerie|Crème Brûlée à la Vanille|Dessert en pot de verre
	= crème brûlée | = creme brulee | = CREME BRULEE vanille | = brûl | ~ creme brule | ~ crème brulée vanile | ~ creme bruleé vanille | - dessert vanille
FR-2|Épicerie|Huile d'Olive Fruitée|Première pression à froid
	= huile d'olive | = huile olive | = huile d’olive fruitée | = fruitee | ~ huille d'olive | ~ huile d'olvie | ~ huile fruite | - pression froid huile
FR-3|Épicerie|Confiture d'Abricots Rôtis|Cuite au chaudron
	= confiture d'abricots | = confiture abricots rotis | = confit | ~ confitrue d'abricots | ~ confiture d'abriccots | ~ confiure abricots | - chaudron confiture
ES-1|Despensa|Jamón Ibérico de Bellota|Curado treinta y seis meses
	= jamón ibérico | = jamon iberico | = iberico bellota | = bello | ~ jamon iberco | ~ jamón ibérico belota | ~ jammon iberico | - curado jamon
ES-2|Despensa|Piñones Tostados|Bolsa pequeña de doscientos gramos
	= piñones tostados | = pinones | = PIÑONES | = tostad | ~ pinnones tostados | ~ piñones tosatdos | ~ piñnes tostados | - piñones bolsa
ES-3|Despensa|Azafrán de La Mancha|Hebras enteras
	= azafrán | = azafran mancha | = azafr | ~ azafrn | ~ azarfán mancha | ~ azafran manhca | - hebras azafran
JA-1|日本|ワイヤレスイヤホン|ノイズキャンセリング搭載、防水
	= ワイヤレスイヤホン | = イヤホン | = ワイヤレス | - 防水 | - ノイズキャンセリング
JA-2|日本|抹茶茶碗|手作りの陶器
	= 抹茶茶碗 | = 茶碗 | = 抹茶 | - 陶器 | - 手作り
JA-3|日本|檜のまな板|キッチン用の木製カッティングボード
	= 檜のまな板 | = まな板 | = 檜 | - カッティングボード
ZH-1|中文|紫砂茶壶|宜兴手工制作
	= 紫砂茶壶 | = 茶壶 | = 紫砂 | - 宜兴
ZH-2|中文|羊毛围巾|柔软保暖，冬季必备
	= 羊毛围巾 | = 围巾 | = 羊毛 | - 保暖
KO-1|한국|무선 헤드폰|소음 제거 기능
	= 무선 헤드폰 | = 헤드폰 | = 무선 | - 소음 제거
KO-2|한국|도자기 찻잔 세트|손으로 만든 두 개
	= 도자기 찻잔 | = 찻잔 세트 | = 도자기 | - 손으로
`

// asked is one line's query.
type asked struct {
	kind, text string
	want       uuid.UUID
	name       string
}

func TestALabelledSetOfQueriesFindsWhatIsMeant(t *testing.T) {
	t.Parallel()
	s := setup(t, 0)
	queries := s.labelledCatalogue()
	require.GreaterOrEqual(t, len(queries), 150)
	s.keep()
	require.Eventually(t, func() bool {
		var waiting int
		err := s.db.QueryRow(t.Context(), `SELECT count(*) FROM search_words_new`).Scan(&waiting)
		return err == nil && waiting == 0
	}, soon, soon/1000)
	type tally struct{ asked, first, found int }
	tallies := map[string]*tally{"=": {}, "~": {}, "-": {}}
	for _, q := range queries {
		got := s.text(q.text)
		one := tallies[q.kind]
		one.asked++
		if len(got) > 0 && got[0] == q.name {
			one.first++
		} else if q.kind != "-" {
			t.Logf("%s %q finds %q rather than %q", q.kind, q.text, got[:min(3, len(got))], q.name)
		}
		if slices.Contains(got[:min(10, len(got))], q.name) {
			one.found++
		} else {
			t.Logf("%s %q does not find %q but %q", q.kind, q.text, q.name, got[:min(3, len(got))])
		}
	}
	share := func(part, of int) float64 { return float64(part) / float64(of) }
	exact, typos, rest := tallies["="], tallies["~"], tallies["-"]
	t.Logf("%d queries: as named %d, first %.3f · one typo %d, recall@10 %.3f, first %.3f · the rest %d, recall@10 %.3f",
		len(queries), exact.asked, share(exact.first, exact.asked), typos.asked, share(typos.found, typos.asked),
		share(typos.first, typos.asked), rest.asked, share(rest.found, rest.asked))
	require.GreaterOrEqual(t, share(typos.found, typos.asked), 0.95, "recall@10 with one typo")
	require.GreaterOrEqual(t, share(exact.first+typos.first, exact.asked+typos.asked), 0.9, "the product that is meant comes first")
	require.GreaterOrEqual(t, share(exact.found, exact.asked), 0.98)
	require.GreaterOrEqual(t, share(rest.found, rest.asked), 0.8)
}

// labelledCatalogue puts the products on sale, among others that resemble them.
func (s *shop) labelledCatalogue() (queries []asked) {
	s.t.Helper()
	categories := map[string]uuid.UUID{}
	var last product
	var id uuid.UUID
	for _, line := range strings.Split(strings.TrimSpace(labelled), "\n") {
		if queried, is := strings.CutPrefix(line, "\t"); is {
			for _, one := range strings.Split(queried, " | ") {
				kind, text, _ := strings.Cut(strings.TrimSpace(one), " ")
				queries = append(queries, asked{kind, text, id, last.name})
			}
			continue
		}
		fields := strings.Split(line, "|")
		if categories[fields[1]] == uuid.Nil {
			categories[fields[1]] = s.category(fields[1], nil).ID
		}
		last = product{sku: fields[0], category: categories[fields[1]], name: fields[2], description: fields[3], price: 1000, stock: 1}
		id = s.product(last)
	}
	for _, other := range []string{
		"Headphone Stand", "Desk Organiser", "Lamp Shade Linen", "Wall Shelf", "Kettle Descaler", "Keyboard Wrist Rest", "Iron Doorstop",
		"Knife Sharpener", "Mug Tree", "Speaker Cable 3 m", "Rain Barrel", "Cotton Tote", "Notebook Sleeve", "Running Belt", "Clock Battery",
		"Earring Holder", "Wool Wash", "Vanilla Pods", "Olive Bowl", "Jam Jar", "Teapot Warmer", "Phone Case", "Ribbed Socks",
	} {
		s.product(product{name: other, category: categories["Home"], price: 500, stock: 1, description: "For everyday use"})
	}
	return queries
}
